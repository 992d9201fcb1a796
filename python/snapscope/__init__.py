"""Consul snapshots as Arrow tables, and as answers.

    import polars as pl
    import snapscope

    s = snapscope.open("backup.snap")
    s.tables                      # the names of all tables
    pl.DataFrame(s["tokens"])     # or pyarrow.table(...), pandas.DataFrame.from_arrow(...), DuckDB
    pl.DataFrame(s["kv"].select(["key", "size"]))
    s.can("anonymous", "key", "read", "app/color")["Allow"]
    pl.DataFrame(s.sql("select policy, count(*) from token_permissions group by policy"))

Tables and results hand out Arrow's C stream (``__arrow_c_stream__``), so every library that takes it works, and none is
required. Rows are decoded while they are taken, on threads that do not hold the GIL. Secrets and the values of keys are
masked unless you pass ``show_secrets=True``.
"""

from snapscope._snapscope import (
    DamagedError,
    Query,
    QueryError,
    Snapshot,
    SnapscopeError,
    Table,
    TableSchema,
    __version__,
    diff,
    find,
    history,
    open,
    schema,
    sql,
)

__all__ = [
    "DamagedError",
    "Query",
    "QueryError",
    "Snapshot",
    "SnapscopeError",
    "Table",
    "TableSchema",
    "__version__",
    "diff",
    "find",
    "history",
    "open",
    "schema",
    "sql",
]

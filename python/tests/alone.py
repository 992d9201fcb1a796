"""Without any other library, the package opens snapshots and returns capsules."""

import importlib.util
import sys

import snapscope

for name in ("pyarrow", "polars", "duckdb", "pandas", "pyspark"):
    assert importlib.util.find_spec(name) is None, name
s = snapscope.open(sys.argv[1])
assert len(s.tables) > 30
assert s.damage == []
table = s["tokens"]
assert table.columns[:2] == ["id", "accessor"]
assert table.count() > 0
assert "arrow_array_stream" in repr(table.__arrow_c_stream__())
assert "arrow_schema" in repr(table.__arrow_c_schema__())
assert s.sql("select count(*) as n from kv").columns == ["n"]

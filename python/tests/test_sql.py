"""Results of SQL are those of `snapscope sql`, with types."""

import json
import pathlib

import polars as pl
import pyarrow as pa
import pytest
import snapscope
from conftest import FIXTURES, MADE, run

SMALL = FIXTURES / "consul-1.21.4/small-a.snap"


@pytest.mark.parametrize(
    "query",
    [
        "select type, records, bytes from record_types",
        "select policy, count(*) as tokens from token_permissions group by policy order by policy",
        "select rule, severity from findings order by rule limit 20",
        "select key, size, size * 1.5 as more, null as missing from kv where key like 'a%'",
        "select name from services where name = 'no such service'",
    ],
)
def test_results_are_those_of_the_command(query):
    rows = pa.table(snapscope.open(SMALL).sql(query)).to_pylist()
    assert rows == json.loads(run("sql", SMALL, query, "-o", "json"))


def test_types_follow_from_the_values():
    s = snapscope.open(MADE / "odd.snap", show_secrets=True)
    result = s.sql("select size, size * 1.5 as half, key, value, null as missing from kv")
    assert result.columns == ["size", "half", "key", "value", "missing"]
    # One of the keys is not UTF-8.
    types = [pa.int64(), pa.float64(), pa.binary(), pa.binary(), pa.string()]
    assert pa.schema(result).types == types
    assert b"a\xff/x" in pa.table(result)["key"].to_pylist()
    text = s.sql("select key from kv where typeof(key) = 'text' or key = x'6e756c006b6579'")
    assert pa.schema(text).types == [pa.string()] and "nul\0key" in pa.table(text)["key"].to_pylist()
    # The second stream runs the query again.
    assert pa.table(result) == pa.table(result)
    assert pl.DataFrame(result).height == 4


def test_no_value_is_changed_to_fit():
    s = snapscope.open(SMALL)
    counted = "with recursive n(x) as (select 1 union all select x + 1 from n where x < 40000)"
    late = pa.table(s.sql(f"{counted} select case when x > 39000 then x end as n from n"))
    assert late.schema.types == [pa.int64()] and late["n"].null_count == 39000
    for value, why in [("'text'", "after its first rows had integers"), ("x'ff'", "CAST(... AS BLOB)")]:
        first = "'a'" if why.startswith("CAST") else "1"
        result = s.sql(f"{counted} select case when x = 40000 then {value} else {first} end as mixed from n")
        with pytest.raises(Exception) as raised:
            pa.table(result)
        assert why in str(raised.value) and "mixed" in str(raised.value)


def test_several_snapshots_are_one_database():
    before = snapscope.open(FIXTURES / "consul-1.21.4/evolve.before.snap")
    after = snapscope.open(FIXTURES / "consul-1.21.4/evolve.after.snap")
    result = snapscope.sql("select snapshot, count(*) as keys from kv group by snapshot", before, after)
    rows = {pathlib.Path(row["snapshot"]).name: row["keys"] for row in pa.table(result).to_pylist()}
    assert rows == {"evolve.before.snap": before["kv"].count(), "evolve.after.snap": after["kv"].count()}


def test_errors_say_what_there_is():
    s = snapscope.open(SMALL)
    with pytest.raises(snapscope.QueryError, match='did you mean "tokens"'):
        s.sql("select * from tokns")
    with pytest.raises(snapscope.QueryError, match="columns of kv"):
        s.sql("select nonsense from kv")
    with pytest.raises(snapscope.QueryError, match="can only read"):
        s.sql("create table x (y)")
    with pytest.raises(snapscope.QueryError, match="no query"):
        s.sql("  ")

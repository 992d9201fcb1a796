"""Tables have the rows and values of `list -o json`, in every library."""

import concurrent.futures
import json

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import snapscope
from conftest import FIXTURES, MADE, key, kinds, listed, listed_key

SMALL = FIXTURES / "consul-1.21.4/small-a.snap"


def test_every_kind_has_the_objects_that_list_has(path):
    s = snapscope.open(path, show_secrets=True)
    names = kinds(s)
    assert len(names) > 20
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        expected = dict(zip(names, pool.map(lambda name: listed(name, path), names)))
    for name in names:
        table = pa.table(s[name])
        table.validate(full=True)
        rows = table.to_pylist()
        if name == "kv":
            assert [key(row) for row in rows] == [listed_key(one) for one in expected[name]]
            for row in rows:
                assert row["size"] == len(row["value"] or b"")
                # A malformed record may have text in this field.
                assert row["flags"] is None or row["flags"] % 2**64 == int(row["flags_text"])
        else:
            assert [json.loads(row["json"]) for row in rows] == expected[name], name
        count = len(expected[name])
        assert s[name].count() == count
        assert pl.DataFrame(s[name]).height == count
        assert len(pd.DataFrame.from_arrow(s[name].select([s[name].columns[0]]))) == count
        taken = s[name]
        assert duckdb.sql("select count(*) from taken").fetchall() == [(count,)]


def test_libraries_see_the_same_values():
    s = snapscope.open(SMALL, show_secrets=True)
    tokens, services = s["tokens"], s["services"]
    arrow = pa.table(tokens)
    polars = pl.DataFrame(tokens)
    for column in tokens.columns:
        assert polars[column].to_list() == arrow[column].to_pylist(), column
    rows = duckdb.sql("select accessor, description, created from tokens").fetchall()
    assert [row[0] for row in rows] == arrow["accessor"].to_pylist()
    assert pd.DataFrame.from_arrow(tokens)["accessor"].tolist() == arrow["accessor"].to_pylist()
    tags = pa.table(services.select(["name", "tags"]))
    assert tags.schema.field("tags").type == pa.list_(pa.string())


def test_keys_that_are_not_text_and_large_flags():
    s = snapscope.open(MADE / "odd.snap", show_secrets=True)
    rows = {key(row)[0]: row for row in pa.table(s["kv"]).to_pylist()}
    assert set(rows) == {b"a\xff/x", "app/\u00e9".encode(), b"app/color", b"nul\0key"}
    assert rows["app/\u00e9".encode()]["flags_text"] == str(2**64 - 1)
    assert rows["app/\u00e9".encode()]["flags"] == -1
    assert rows[b"nul\0key"]["flags_text"] == str(2**63)
    assert rows[b"app/color"]["value"] == b"blue"


def test_columns_are_projected_in_the_requested_order():
    s = snapscope.open(SMALL)
    table = s["kv"].select(["size", "key"])
    assert table.columns == ["size", "key"]
    assert pa.table(table).column_names == ["size", "key"]
    whole = pa.table(s["kv"])
    assert pa.table(table)["size"] == whole["size"]
    with pytest.raises(snapscope.QueryError, match='did you mean "key"'):
        s["kv"].select(["kee"])
    with pytest.raises(KeyError, match='did you mean "tokens"'):
        s["tokns"]


def test_rows_are_selected_by_id_prefix_and_filter():
    s = snapscope.open(SMALL)
    keys = pa.table(s["kv"].select(["key"]))["key"].to_pylist()
    prefix = "app/" if any(key.startswith("app/") for key in keys) else keys[0][:2]
    wanted = [key for key in keys if key.startswith(prefix)]
    assert pa.table(s["kv"].prefix(prefix).select(["key"]))["key"].to_pylist() == wanted
    assert pa.table(s["kv"].ids(wanted[:1]))["key"].to_pylist() == wanted[:1]
    names = pa.table(s["services"])["name"].to_pylist()
    one = s["services"].filter(f'Name == "{names[0]}"')
    assert pa.table(one)["name"].to_pylist() == [name for name in names if name == names[0]]
    with pytest.raises(snapscope.QueryError):
        s["services"].filter("Nonsense ==")


def test_the_common_columns_are_those_of_parquet_files():
    s = snapscope.open(SMALL)
    table = pa.table(s["nodes"].with_snapshot())
    assert table.column_names[:5] == ["cluster", "datacenter", "snapshot", "taken", "raft_index"]
    identity = s.identity
    assert table["cluster"].to_pylist()[0] == identity["cluster"]
    assert table["taken"].to_pylist()[0] == identity["taken"]
    assert identity["taken"].tzinfo is not None
    assert pa.schema(snapscope.schema("nodes")) == table.schema
    assert table.schema.metadata[b"snapscope.schema_version"] == b"1"
    alone = pa.table(s["nodes"].select(["raft_index"]))
    assert alone["raft_index"].to_pylist() == [identity["raft_index"]] * table.num_rows


def test_secrets_are_masked_unless_requested():
    masked, shown = snapscope.open(SMALL), snapscope.open(SMALL, show_secrets=True)
    secrets = pa.table(shown.sql("select json ->> 'SecretID' as secret from tokens"))["secret"].to_pylist()
    assert secrets and all(secrets)
    for name in kinds(masked):
        text = str(pa.table(masked[name]).to_pylist())
        assert not any(secret in text for secret in secrets), name
    assert {bytes(v)[:8] for v in pa.table(masked["kv"])["value"].to_pylist() if v} == {b"<masked "}


@pytest.mark.parametrize("name", ["truncated.snap", "broken.snap"])
def test_damaged_files_answer_with_what_there_is(name):
    s = snapscope.open(MADE / name)
    assert s.damage
    whole = snapscope.open(MADE / "odd.snap")
    assert whole.damage == []
    strict = snapscope.open(MADE / name, strict=True)
    with pytest.raises(Exception, match="damaged"):
        pa.table(strict["kv"])
    with pytest.raises(Exception, match="damaged"):
        pa.table(strict.sql("select key, flags from kv"))
    asked = [
        lambda: strict.audit(),
        lambda: strict.records,
        lambda: snapscope.diff(strict, whole),
        lambda: snapscope.diff(whole, strict),
    ]
    if name == "truncated.snap":
        # The other file has a malformed field, which these do not read.
        asked += [
            lambda: strict["kv"].count(),
            lambda: strict["kv"].prefix("a").count(),
            lambda: strict.inspect(),
            lambda: strict.can("anonymous", "key", "read", "a"),
            lambda: strict.identity,
        ]
    for ask in asked:
        with pytest.raises(snapscope.DamagedError, match="damaged") as raised:
            ask()
        assert isinstance(raised.value.offset, int)
    assert strict.damage == s.damage


def test_what_has_nothing_of_a_snapshot_is_not_opened(tmp_path):
    (tmp_path / "empty.snap").write_bytes(b"")
    (tmp_path / "short.snap").write_bytes(SMALL.read_bytes()[:10])
    for name in ("empty.snap", "short.snap"):
        with pytest.raises(snapscope.DamagedError, match=name):
            snapscope.open(tmp_path / name)
    with pytest.raises(ValueError, match="jobs"):
        snapscope.open(SMALL, jobs=0)


def test_a_snapshot_is_a_mapping_of_tables():
    s = snapscope.open(SMALL)
    assert list(s) == s.tables and len(s) == len(s.tables)
    assert "kv" in s and "kvs" not in s
    assert s["kv"].select("key").columns == ["key"]
    some = pa.table(s["kv"].select("key"))["key"][0].as_py()
    assert s["kv"].ids(some).count() == s["kv"].ids([some]).count() == 1


def test_errors_have_an_offset_or_none():
    with pytest.raises(FileNotFoundError, match="nothing-here"):
        snapscope.open(MADE / "nothing-here.snap")
    with pytest.raises(snapscope.DamagedError) as raised:
        snapscope.open(__file__)
    assert raised.value.offset == 0
    assert isinstance(raised.value, snapscope.SnapscopeError)
    assert snapscope.SnapscopeError.offset is None


def test_a_stream_can_be_dropped_at_its_start():
    s = snapscope.open(SMALL)
    for _ in range(20):
        reader = pa.RecordBatchReader.from_stream(s["kv"])
        reader.read_next_batch()
        del reader

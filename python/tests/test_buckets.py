"""Snapshots in a bucket of S3 are opened by their URLs. The test that runs this starts the server."""

import os

import duckdb
import pyarrow as pa
import pytest
import snapscope
from conftest import FIXTURES

BUCKET = os.environ["SNAPSCOPE_BUCKET"]
SMALL = FIXTURES / "consul-1.21.4/small-a.snap"


def test_a_snapshot_is_opened_by_its_url():
    here, there = snapscope.open(SMALL), snapscope.open(f"{BUCKET}/a.snap")
    assert there.name == f"{BUCKET}/a.snap"
    for table in ["kv", "tokens", "services"]:
        assert pa.table(there[table]) == pa.table(here[table])
    assert there.identity == here.identity
    assert there.damage == []
    assert there.inspect() == here.inspect()
    keys = there["kv"].select(["key"])
    assert duckdb.sql("select count(*) from keys").fetchall() == [(here["kv"].count(),)]
    assert pa.table(there.sql("select count(*) as n from tokens")) == pa.table(here.sql("select count(*) as n from tokens"))


def test_a_prefix_is_a_folder():
    names = [f"{BUCKET}/a.snap", f"{BUCKET}/b.snap"]
    assert snapscope.find(f"{BUCKET}/") == names
    assert snapscope.find(BUCKET) == names
    assert snapscope.find(names[0]) == names[:1]


def test_damage_and_what_is_not_there():
    damaged = snapscope.open(f"{BUCKET}/b.snap")
    assert damaged.damage and f"{BUCKET}/b.snap" not in damaged.damage[0]
    assert 0 < damaged["nodes"].count() <= snapscope.open(SMALL)["nodes"].count()
    with pytest.raises(snapscope.SnapscopeError, match="nothing-here"):
        snapscope.open(f"{BUCKET}/nothing-here.snap")


def test_a_snapshot_of_a_bucket_is_compared_with_a_file():
    there, here = snapscope.open(f"{BUCKET}/a.snap"), snapscope.open(SMALL)
    assert snapscope.diff(there, here)["differences"] == 0

"""Spark's data source has the rows that `list` prints, in one partition for each snapshot."""

import collections
import concurrent.futures
import json
import os
import re
import shutil

import pytest
import questions
import snapscope
from conftest import ALL, FIXTURES, MADE, ROOT, key, kinds, listed, listed_key, run
from pyspark.sql import functions as f
from snapscope.spark import register

SMALL = FIXTURES / "consul-1.21.4/small-a.snap"


@pytest.fixture(scope="module")
def spark():
    session = questions.spark_session()
    register(session)
    yield session
    session.stop()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """All recorded snapshots in one folder, with unique names, and a broken one."""
    folder = tmp_path_factory.mktemp("fleet")
    names = {}
    for path in ALL:
        if path.is_file():
            name = f"{len(names):02}-{path.parent.name}-{path.name}"
            shutil.copy(path, folder / name)
            names[name] = path
    (folder / "broken-start.snap").write_bytes(b"no snapshot at all")
    (folder / "notes.txt").write_text("not a snapshot, and not called like one")
    return folder, names


def load(spark, path, table, **options):
    reader = spark.read.format("snapscope").option("table", table)
    for name, value in options.items():
        reader = reader.option(name, value)
    return reader.load(str(path))


def test_every_kind_has_the_rows_of_list(spark, fleet):
    folder, names = fleet
    tables = kinds(snapscope.open(SMALL))
    assert len(tables) > 20
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wanted = [(table, name) for table in tables for name in names]
        lists = dict(zip(wanted, pool.map(lambda pair: listed(pair[0], names[pair[1]]), wanted)))
    for table in tables:
        # All columns of keys; others have whole objects.
        chosen = {} if table == "kv" else {"columns": "file,json"}
        found = collections.defaultdict(list)
        for row in load(spark, folder, table, show_secrets="true", **chosen).collect():
            found[os.path.basename(row.file)].append(row)
        for name in names:
            expected = lists[table, name]
            if table == "kv":
                assert [key(row.asDict()) for row in found[name]] == [listed_key(one) for one in expected], name
            else:
                assert [json.loads(row.json) for row in found[name]] == expected, (table, name)


def test_values_have_the_types_of_the_schema(spark):
    keys = load(spark, MADE / "odd.snap", "kv", show_secrets="true")
    assert dict(keys.dtypes)["taken"] == "timestamp"
    rows = {bytes(row.key_bytes) if row.key_bytes else row.key.encode(): row for row in keys.collect()}
    assert rows[b"nul\0key"].flags == -(2**63) and rows[b"nul\0key"].flags_text == str(2**63)
    assert bytes(rows[b"app/color"].value) == b"blue"
    nodes = load(spark, SMALL, "nodes")
    identity = snapscope.open(SMALL).identity
    row = nodes.first()
    assert row.cluster == identity["cluster"] and row.raft_index == identity["raft_index"]
    assert row.taken == identity["taken"].replace(tzinfo=None)
    assert row.meta is None or isinstance(row.meta, dict)
    services = load(spark, SMALL, "services", columns="name,tags").collect()
    assert all(isinstance(row.tags, list) for row in services if row.tags is not None)


def test_the_schema_is_known_without_a_file(spark):
    frame = load(spark, "/no/such/folder", "tokens")
    assert frame.columns[:8] == ["file", "date", "damaged", "cluster", "datacenter", "snapshot", "taken", "raft_index"]
    with pytest.raises(Exception, match="no column"):
        load(spark, SMALL, "tokens", columns="nonsense").schema


def test_a_schema_of_the_reader_chooses_columns(spark):
    reader = spark.read.format("snapscope").option("table", "kv")
    rows = reader.schema("size bigint, key string").load(str(SMALL)).collect()
    whole = load(spark, SMALL, "kv").select("size", "key").collect()
    assert rows and [tuple(row) for row in rows] == [tuple(row) for row in whole]
    with pytest.raises(Exception, match="column \"size\" is bigint, not string"):
        reader.schema("size string").load(str(SMALL)).collect()


def test_conditions_select_files_and_rows(spark, fleet):
    folder, names = fleet
    all_nodes = load(spark, folder, "nodes")
    rows = all_nodes.collect()
    cluster = next(row.cluster for row in rows if row.cluster)
    when = sorted(row.taken for row in rows if row.taken)[len(rows) // 2]
    conditions = [
        (f.col("cluster") == cluster, lambda r: r.cluster == cluster),
        (f.col("cluster") != cluster, lambda r: r.cluster is not None and r.cluster != cluster),
        (f.col("cluster").isNull(), lambda r: r.cluster is None),
        (f.col("raft_index") > 100, lambda r: r.raft_index is not None and r.raft_index > 100),
        (f.col("raft_index").isin(13, 959), lambda r: r.raft_index in (13, 959)),
        (f.col("date") >= "2026-01-01", lambda r: r.date >= "2026-01-01"),
        (f.col("taken") >= f.lit(when), lambda r: r.taken is not None and r.taken >= when),
        (f.col("file").endswith("small-a.snap"), lambda r: r.file.endswith("small-a.snap")),
        (~f.col("damaged"), lambda r: not r.damaged),
    ]
    for condition, holds in conditions:
        expected = sorted((r.file, r.node) for r in rows if holds(r))
        selecting = load(spark, folder, "nodes", pushdown="true").where(condition)
        for frame in (all_nodes.where(condition), selecting):
            assert sorted((r.file, r.node) for r in frame.collect()) == expected, condition
    # Spark keeps the plan of a DataFrame: conditions do not stay in it.
    assert all_nodes.where(conditions[0][0]).union(all_nodes).count() == len(rows) + sum(map(conditions[0][1], rows))
    assert all_nodes.count() == len(rows)
    plain = [r.key for r in load(spark, folder, "kv", columns="key").collect()]
    selecting = load(spark, folder, "kv", pushdown="true").where("key like 'app/%'")
    assert selecting.count() == sum(key.startswith("app/") for key in plain)
    selecting = load(spark, folder, "kv", pushdown="true").where(f.col("key") == plain[0])
    assert selecting.count() == plain.count(plain[0])
    selecting = load(spark, folder, "kv", pushdown="true").where(f.col("file").endswith("odd.snap"))
    assert selecting.rdd.getNumPartitions() == 1
    assert all_nodes.rdd.getNumPartitions() == len(names) + 1


def test_damaged_files_are_counted_or_fail(spark, fleet):
    folder, names = fleet
    files = load(spark, folder, "snapshots")
    assert files.count() == len(names) + 1
    damaged = {os.path.basename(row.file): row.damage for row in files.where("damaged").collect()}
    expected = {name for name, path in names.items() if snapscope.open(path).damage}
    assert set(damaged) == expected | {"broken-start.snap"}
    assert all(damaged.values())
    nodes = load(spark, folder, "nodes")
    assert nodes.where("damaged").count() == sum(
        snapscope.open(names[name])["nodes"].count() for name in expected
    )
    with pytest.raises(Exception, match="not a Consul snapshot|damaged|Damaged"):
        load(spark, folder, "nodes", damaged="fail").count()


def blocks(heading):
    """The Python in a section of the documentation of tables."""
    section = (ROOT / "docs/tables.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.S)


def test_ten_questions_have_the_answers_of_single_runs(spark, fleet, tmp_path, monkeypatch):
    folder, names = fleet
    (tmp_path / "backups").mkdir()
    for name in names:
        shutil.copy(folder / name, tmp_path / "backups" / name)
    monkeypatch.chdir(tmp_path)
    single = {}
    for block in blocks("Python")[1:]:
        exec("import polars as pl, snapscope\n" + block, single)
    # Spark's processes started in another folder.
    place, names_of_blocks = json.dumps(f"{tmp_path}/backups/"), {"spark": spark}
    for block in blocks("Spark"):
        exec(block.replace('"backups/"', place), names_of_blocks)
    asked = questions.spark_queries("1 MONTH")
    assert len(asked) == len(single["answers"]) == 10
    for query, (question, answer) in zip(asked, single["answers"].items()):
        expected = questions.ordered(answer.select(spark.sql(query).columns).rows())
        assert questions.ordered(spark.sql(query).collect()) == expected, question
        assert expected or question in ("expiring", "locks"), question


def test_ten_questions_to_a_generated_fleet_by_both_ways(spark, tmp_path):
    snapshots = MADE / "fleet"
    ones = [questions.single(path) for path in sorted(snapshots.glob("*.snap"))]
    assert len(ones) == 10 and sum(bool(one["kv"]) for one in ones) == 9
    answers = [questions.ordered(rows) for rows in questions.expected(ones)]
    run("export", snapshots, "--to", "parquet", "--partition", "cluster,date", "--out", tmp_path / "parquet")
    for answer in (
        questions.spark_over_parquet(tmp_path / "parquet", spark),
        questions.spark_over_snapshots(snapshots, spark),
    ):
        assert questions.compare(answer, questions.spark_queries(), answers) >= 9


@pytest.mark.skipif("SNAPSCOPE_BUCKET" not in os.environ, reason="no bucket")
def test_snapshots_of_a_bucket(spark):
    place = os.environ["SNAPSCOPE_BUCKET"]
    here = load(spark, SMALL, "nodes", columns="node,address")
    there = load(spark, f"{place}/", "nodes", columns="file,node,address", pushdown="true")
    whole = there.where(f.col("file") == f"{place}/a.snap").select("node", "address")
    assert whole.rdd.getNumPartitions() == 1
    assert sorted(whole.collect()) == sorted(here.collect()) != []
    files = load(spark, f"{place}/", "snapshots").collect()
    assert {(row.file, row.damaged) for row in files} == {(f"{place}/a.snap", False), (f"{place}/b.snap", True)}

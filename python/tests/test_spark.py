"""The data source of Spark has the rows that `list` prints, in one partition for each snapshot."""

import collections
import datetime
import json
import os
import re
import shutil
import sys

import pytest
import snapscope
from conftest import ALL, FIXTURES, MADE, ROOT, listed

os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ.setdefault("TZ", "UTC")

from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql import functions as f  # noqa: E402
from snapscope.spark import register  # noqa: E402

SMALL = FIXTURES / "consul-1.21.4/small-a.snap"


@pytest.fixture(scope="module")
def spark():
    builder = SparkSession.builder.master("local[2]").appName("snapscope")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    register(session)
    yield session
    session.stop()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """All recorded snapshots in one folder, with names of their own, and a broken one."""
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
    s = snapscope.open(SMALL)
    kinds = [name for name in s.tables if {"json", "more"} & set(s[name].columns)]
    for kind in kinds:
        column = "key" if kind == "kv" else "json"
        rows = load(spark, folder, kind, show_secrets="true").select("file", column).collect()
        found = collections.defaultdict(list)
        for file, value in rows:
            found[os.path.basename(file)].append(value)
        for name, path in names.items():
            expected = listed(kind, path)
            if kind == "kv":
                assert len(found[name]) == len(expected), (kind, name)
            else:
                assert [json.loads(value) for value in found[name]] == expected, (kind, name)


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
        found = sorted((r.file, r.node) for r in all_nodes.where(condition).collect())
        assert found == expected, condition
    keys = load(spark, folder, "kv")
    plain = [r.key for r in keys.collect()]
    assert keys.where("key like 'app/%'").count() == sum(key.startswith("app/") for key in plain)
    assert keys.where(f.col("key") == plain[0]).count() == plain.count(plain[0])
    one = keys.where(f.col("file").endswith("odd.snap"))
    assert one.rdd.getNumPartitions() == 1
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


def plain(value):
    """A value as both engines have it."""
    if isinstance(value, datetime.datetime):
        value = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        return value.astimezone(datetime.timezone.utc).isoformat()
    return value


def rows(answer):
    return sorted((tuple(map(plain, row)) for row in answer), key=repr)


def test_ten_questions_have_the_answers_of_single_runs(spark, fleet, tmp_path, monkeypatch):
    folder, names = fleet
    (tmp_path / "backups").mkdir()
    for name in names:
        shutil.copy(folder / name, tmp_path / "backups" / name)
    monkeypatch.chdir(tmp_path)
    single = {}
    for block in blocks("Python")[1:]:
        exec("import polars as pl, snapscope\n" + block, single)
    fleets = {"spark": spark}
    for block in blocks("Spark"):
        exec(block, fleets)
    assert list(fleets["questions"]) == list(single["answers"])
    for question, query in fleets["questions"].items():
        expected = rows(single["answers"][question].rows())
        assert rows(spark.sql(query).collect()) == expected, question
        assert expected or question in ("allow all", "free locks", "expiring"), question

"""The ten questions to a fleet that docs/tables.md asks: an engine has the answers of single runs of the program.

    questions.py single SNAPSHOTS ANSWERS          runs the program on each snapshot, and writes the answers
    questions.py duckdb FLEET ANSWERS              DuckDB over the Parquet files of `export --partition`
    questions.py spark-parquet FLEET ANSWERS       Spark over them
    questions.py spark SNAPSHOTS ANSWERS           Spark with the data source, over the snapshots

SNAPSHOTS and FLEET are folders, ANSWERS is a file of JSON. An engine fails at the first answer that differs, and otherwise
prints how many answers have rows. The environment variable SNAPSCOPE_BINARY names the program.
"""

import concurrent.futures
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import time

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/tables.md"
UTC = datetime.timezone.utc
# What the questions need of each table. An answer of the program to one of these is an array of JSON.
COLUMNS = {
    "tokens": ["accessor", "expires", "auth_method"],
    "token_permissions": ["token", "policy"],
    "kv": ["key", "size"],
    "ca_roots": ["id", "not_after"],
    "services": ["name", "instances", "passing", "critical"],
    "locks": ["key", "node", "session"],
    "policies": ["name", "rules"],
    "nodes": ["node"],
    "meta": ["name", "value"],
}
TABLES = ["tokens", "roles", "kv", "ca_roots", "services", "locks", "policies", "nodes"]


def queries(within="10 YEAR"):
    """The questions as DuckDB's SQL. No root certificate of the generated snapshots expires within a month, as the page asks."""
    text = PAGE.read_text().replace("INTERVAL 1 MONTH", f"INTERVAL {within}")
    return re.findall(r"```duckdb\n(.*?);?\n```", text, re.S)


def spark_queries(within="10 YEAR"):
    """The questions as Spark's SQL."""
    return [query.replace("unnest(string_split(", "explode(split(") for query in queries(within)]


# Single runs.


def run(*args):
    """What the program prints. A damaged snapshot is not a failure."""
    ran = subprocess.run([os.environ["SNAPSCOPE_BINARY"], *map(str, args)], capture_output=True, timeout=600)
    if ran.returncode not in (0, 3):
        raise RuntimeError(f"{args}: {ran.stderr.decode()}")
    return ran.stdout.decode()


def arrays(text):
    """Arrays of JSON, one after the other."""
    at, decoder = 0, json.JSONDecoder()
    while text[at:].strip():
        start = at + len(text[at:]) - len(text[at:].lstrip())
        array, at = decoder.raw_decode(text, start)
        yield [row for row in array if "incomplete" not in row]


def single(path):
    """A snapshot as the program shows it: the rows of its tables, and which snapshot of which cluster it is."""
    asked = "; ".join(f"SELECT {', '.join(columns)} FROM {table}" for table, columns in COLUMNS.items())
    found = arrays(run("sql", path, asked, "-o", "json"))
    one = {}
    for (table, columns), rows in zip(COLUMNS.items(), found, strict=True):
        interned = ((sys.intern(v) if isinstance(v, str) else v for v in map(row.get, columns)) for row in rows)
        one[table] = [tuple(row) for row in interned]
    one["snapshot"] = dict(one["meta"]).get("snapshot_id")
    one["taken"] = one["cluster"] = None
    if one["snapshot"]:
        ms = int(one["snapshot"].rsplit("-", 1)[1])
        one["taken"] = datetime.datetime.fromtimestamp(0, UTC) + datetime.timedelta(milliseconds=ms)
    for line in run("decode", "--type", "ConnectCAConfig", path).splitlines():
        one["cluster"] = json.loads(line).get("Data", {}).get("ClusterID") or one["cluster"]
    return one


def group(pairs):
    groups = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def instant(text):
    return None if text is None else datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def expected(ones):
    """The answers, in the order of the page."""

    def rows(table):
        return ((one, row) for one in ones for row in one[table])

    def policies_of_tokens():
        linked = ((policy, (one["snapshot"], token)) for one, (token, policy) in rows("token_permissions") if one["snapshot"])
        groups = ((policy, *map(set, zip(*all))) for policy, all in group(linked).items())
        return [(policy, len(snapshots), len(tokens)) for policy, snapshots, tokens in groups]

    def growth():
        sizes = (((one["cluster"], one["snapshot"], key.split("/")[0]), size) for one, (key, size) in rows("kv"))
        return [(*key, len(all), sum(all)) for key, all in group(sizes).items()]

    def first_seen():
        seen = group((key, (one["taken"], one["cluster"])) for one, (key, _) in rows("kv"))
        first = {key: min((taken for taken, _ in all if taken), default=None) for key, all in seen.items()}
        return [(key, first[key], len({c for _, c in all} - {None})) for key, all in seen.items()]

    def eternal_tokens():
        found = (((one["cluster"], t[0]), 1) for one, t in rows("tokens") if t[1] is None and t[2] is None)
        return [(*key, len(all)) for key, all in group(found).items()]

    def certificates():
        known = ((one["cluster"], id, instant(end), one["taken"]) for one, (id, end) in rows("ca_roots"))
        return {(c, id, end) for c, id, end, at in known if end and at and end < at.replace(year=at.year + 10)}

    def unhealthy():
        known = ((one["cluster"], one["snapshot"], *row) for one, row in rows("services"))
        return [(c, s, name, all, critical) for c, s, name, all, passing, critical in known if all > 0 and passing == 0]

    def locks():
        return [(one["cluster"], one["snapshot"], *row) for one, row in rows("locks")]

    def changed_policies():
        found = group(((one["cluster"], name), rules) for one, (name, rules) in rows("policies"))
        return [(*key, len(set(all) - {None})) for key, all in found.items()]

    def off_template():
        template = min((one["cluster"] for one in ones if one["cluster"] and one["policies"]), default=None)
        known = group((name, rules) for one, (name, rules) in rows("policies") if one["cluster"] == template)
        known = {name: set(all) for name, all in known.items()}
        mine = {(one["cluster"], name, rules) for one, (name, rules) in rows("policies")}
        return {(c, name) for c, name, rules in mine if known.get(name, set()) - {rules, None} and rules is not None}

    def sizes():
        found = group((one["snapshot"], (len(one["kv"]), len(one["nodes"]))) for one in ones if one["kv"] or one["nodes"])
        return [(snapshot, *map(sum, zip(*all))) for snapshot, all in found.items()]

    asked = [policies_of_tokens, growth, first_seen, eternal_tokens, certificates, unhealthy, locks, changed_policies]
    return [question() for question in (*asked, off_template, sizes)]


def plain(value):
    """A value as JSON has it. Spark's times have no zone; the session's is UTC."""
    if isinstance(value, datetime.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    return value


def ordered(rows):
    listed = [[plain(value) for value in row] for row in rows]
    return sorted(listed, key=lambda row: [(value is None, str(value)) for value in row])


# Engines. Each returns what answers a query.


def duckdb_over(fleet):
    import duckdb

    duckdb.sql("set TimeZone = 'UTC'")
    for table in TABLES:
        files = f"{fleet}/{table.replace('_', '-')}/**/*.parquet"
        duckdb.sql(f"create view {table} as from read_parquet('{files}', hive_partitioning = false)")
        # With the folders as columns there are the same rows.
        hive = duckdb.sql(f"select count(*) from read_parquet('{files}', hive_partitioning = true)").fetchall()
        assert duckdb.sql(f"select count(*) from {table}").fetchall() == hive, table
    return lambda query: duckdb.sql(query).fetchall()


def spark_session():
    """Spark on this machine, which takes Python and its packages from here."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["TZ"] = "UTC"
    time.tzset()
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("snapscope")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def end_spark():
    """Waits for the JVM, so that its time and memory count as this process's."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    java = SparkContext._gateway.proc
    SparkSession.active().stop()
    java.stdin.close()
    java.wait(60)


def spark_over_parquet(fleet, spark=None):
    spark = spark or spark_session()
    for table in TABLES:
        # Without this option Spark would add the folders' columns, of which `cluster` is in the files, too.
        frame = spark.read.option("recursiveFileLookup", "true").parquet(f"{fleet}/{table.replace('_', '-')}")
        frame.createOrReplaceTempView(table)
    return lambda query: spark.sql(query).collect()


def spark_over_snapshots(folder, spark=None):
    from snapscope.spark import register

    spark = spark or spark_session()
    register(spark)
    for table in TABLES:
        frame = spark.read.format("snapscope").option("table", table).load(str(folder))
        frame.createOrReplaceTempView(table)
    return lambda query: spark.sql(query).collect()


ENGINES = {
    "duckdb": (duckdb_over, queries),
    "spark-parquet": (spark_over_parquet, spark_queries),
    "spark": (spark_over_snapshots, spark_queries),
}


def compare(answer, asked, answers):
    """Asks the questions. Returns how many answers have rows."""
    assert len(asked) == len(answers) == 10
    found = 0
    for query, known in zip(asked, answers):
        rows = ordered(answer(query))
        differ = next((pair for pair in zip(rows, known) if pair[0] != pair[1]), None)
        assert rows == known, (query, len(rows), len(known), differ)
        found += bool(rows)
    return found


def main(engine, place, answers):
    if engine == "single":
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            ones = list(pool.map(single, sorted(pathlib.Path(place).glob("*.snap"))))
        pathlib.Path(answers).write_text(json.dumps([ordered(rows) for rows in expected(ones)]))
        print(len(ones))
        return
    start, asked = ENGINES[engine]
    known = json.loads(pathlib.Path(answers).read_text())
    print(compare(start(place), asked(), known))
    if engine != "duckdb":
        end_spark()


if __name__ == "__main__":
    main(*sys.argv[1:])

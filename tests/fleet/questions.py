"""Compares answers of DuckDB over the files of a fleet with those of `snapscope sql` to each snapshot.

Arguments: the folder of the export, the page with the questions, a JSON file with the rows of the tables in each snapshot.
"""
import datetime, glob, json, os, re, sys
import duckdb

fleet, page, single = sys.argv[1:]
singles = json.load(open(single))  # one for each snapshot: cluster, snapshot, taken, and rows by table

for kind in os.listdir(fleet):
    if kind != "_snapscope":
        files = f"{fleet}/{kind}/**/*.parquet"
        duckdb.sql(
            f"""create view "{kind.replace('-', '_')}" as from read_parquet('{files}', hive_partitioning = false)""")
        # With the folders as columns there are the same rows.
        plain, hive = (duckdb.sql(f"select count(*) from read_parquet('{files}', hive_partitioning = {how})").fetchall()
                       for how in ("false", "true"))
        assert plain == hive, (kind, plain, hive)


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    return value


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).isoformat() if text else None


def rows(table):
    """The rows of a table in all snapshots, each with its snapshot."""
    for one in singles:
        for row in one[table]:
            yield one, row


def count(pairs):
    sets = {}
    for key, *values in pairs:
        sets.setdefault(key, []).append(values)
    return sets


def tokens_by_policy():
    found = count((p, one["snapshot"]) for one, t in rows("tokens") if t["policies"] for p in t["policies"].split(", "))
    return [(p, len({s for s, in all}), len(all)) for p, all in found.items()]


def growth():
    found = count(((one["cluster"], one["snapshot"], k["key"].split("/")[0]), k["size"]) for one, k in rows("kv"))
    return [(*key, len(all), sum(size for size, in all)) for key, all in found.items()]


def first_seen():
    found = count((k["key"], one["taken"], one["cluster"]) for one, k in rows("kv"))
    return [(key, min(t for t, _ in all), len({c for _, c in all} - {None})) for key, all in found.items()]


def eternal_tokens():
    found = count(((one["cluster"], t["accessor"]), 1) for one, t in rows("tokens")
                  if t["expires"] is None and t["auth_method"] is None)
    return [(*key, len(all)) for key, all in found.items()]


def certificates():
    limit = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3652)).isoformat()
    return {(one["cluster"], c["id"], instant(c["not_after"])) for one, c in rows("ca_roots")
            if c["not_after"] and instant(c["not_after"]) < limit}


def unhealthy():
    return [(one["cluster"], one["snapshot"], s["name"], s["instances"], s["critical"]) for one, s in rows("services")
            if s["instances"] > 0 and s["passing"] == 0]


def locks():
    return [(one["cluster"], one["snapshot"], l["key"], l["node"], l["session"]) for one, l in rows("locks")]


def changed_policies():
    found = count(((one["cluster"], p["name"]), p["rules"]) for one, p in rows("policies"))
    return [(*key, len({r for r, in all})) for key, all in found.items()]


def off_template():
    template = min(one["cluster"] for one in singles if one["cluster"])
    known = {}
    for one, p in rows("policies"):
        if one["cluster"] == template:
            known.setdefault(p["name"], set()).add(p["rules"])
    return {(one["cluster"], p["name"]) for one, p in rows("policies")
            if any(rules != p["rules"] for rules in known.get(p["name"], ()))}


def sizes():
    return [(one["snapshot"], len(one["kv"]), len(one["nodes"])) for one in singles]


expected = [tokens_by_policy, growth, first_seen, eternal_tokens, certificates, unhealthy, locks, changed_policies,
            off_template, sizes]
questions = re.findall(r"```duckdb\n(.*?)```", open(page).read(), re.S)
assert len(questions) == len(expected), len(questions)
found = 0
for question, oracle in zip(questions, expected):
    answer = [tuple(plain(value) for value in row) for row in duckdb.sql(question).fetchall()]
    order = lambda row: tuple((value is None, str(value)) for value in row)
    answer, oracle_rows = sorted(answer, key=order), sorted((tuple(row) for row in oracle()), key=order)
    assert answer == oracle_rows, (question, answer[:3], oracle_rows[:3], len(answer), len(oracle_rows))
    found += len(answer) > 0
print(found)

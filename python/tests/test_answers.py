"""Answers equal the JSON that the command prints."""

import inspect
import json

import pytest
import snapscope
from conftest import FIXTURES, MADE, run

SMALL = FIXTURES / "consul-1.21.4/small-a.snap"
BEFORE, AFTER = (FIXTURES / f"consul-1.21.4/evolve.{side}.snap" for side in ("before", "after"))


def test_inspect(path):
    s = snapscope.open(path)
    assert s.inspect() == json.loads(run("inspect", path, "--format", "json"))
    keys = run("inspect", path, "--kvdetails", "--kvdepth", "1", "--kvfilter", "app", "--format", "json")
    assert s.inspect(kv_depth=1, kv_prefix="app") == json.loads(keys)


def test_audit(path):
    s = snapscope.open(path)
    if path.is_file():
        assert s.audit() == json.loads(run("audit", path, "-o", "json"))
    high = s.audit(min_severity="high")
    assert {finding["severity"] for finding in high["findings"]} <= {"high", "critical"}


@pytest.mark.parametrize("path", [FIXTURES / "consul-1.21.4/acl-extra.snap", SMALL], ids=["acl-extra", "small-a"])
def test_can(path):
    s = snapscope.open(path, show_secrets=True)
    tokens = [row["AccessorID"] for row in json.loads(run("list", "tokens", path, "-o", "json")) if row["AccessorID"]]
    for token in tokens[:12]:
        for resource, access, segment in (("key", "write", "app/x"), ("service", "read", "web"), ("operator", "read", "")):
            words = [token, resource, access] + ([segment] if segment else [])
            expected = json.loads(run("acl", "can", *words, path, "-o", "json"))
            assert s.can(token, resource, access, segment) == expected
    allowed = run("acl", "can", "anonymous", "key", "read", "x", path, "--default-policy", "allow", "-o", "json")
    assert s.can("anonymous", "key", "read", "x", default_policy="allow") == json.loads(allowed)
    secret = json.loads(run("list", "tokens", path, "-o", "json", "--show-secrets"))[-1]["SecretID"]
    assert s.can(secret, "key", "read", "x")["AccessorID"] in tokens
    with pytest.raises(snapscope.QueryError, match="no token has the accessor"):
        s.can("nobody", "key", "read", "x")
    with pytest.raises(snapscope.QueryError):
        s.can("anonymous", "nonsense", "read", "x")


@pytest.mark.parametrize("options", [{}, {"with_touched": True}, {"types": ["kv", "node"]}, {"prefix": "evolve/"}], ids=str)
def test_diff(options):
    before, after = snapscope.open(BEFORE), snapscope.open(AFTER)
    flags = {"with_touched": ["--with-touched"], "types": ["--type", "kv,node"], "prefix": ["--prefix", "evolve/"]}
    words = [word for option in options for word in flags[option]]
    found = snapscope.diff(before, after, **options)
    assert found == json.loads(run("diff", BEFORE, AFTER, "-o", "json", *words))
    assert found["differences"] > 0
    shown = snapscope.diff(snapscope.open(BEFORE, show_secrets=True), snapscope.open(AFTER, show_secrets=True))
    assert shown == json.loads(run("diff", BEFORE, AFTER, "-o", "json", "--show-secrets"))
    damaged = snapscope.diff(snapscope.open(SMALL), snapscope.open(MADE / "truncated.snap"))
    assert damaged == json.loads(run("diff", SMALL, MADE / "truncated.snap", "-o", "json"))


def test_history():
    changed = [change["id"] for change in snapscope.diff(snapscope.open(BEFORE), snapscope.open(AFTER), types=["kv"])["changes"]]
    for key in changed[:5]:
        expected = json.loads(run("history", "kv", key, BEFORE, AFTER, "-o", "json"))
        assert snapscope.history("kv", key, BEFORE, AFTER) == expected
    expected = json.loads(run("history", "kv", "--prefix", "", FIXTURES / "consul-1.21.4", "-o", "json"))
    assert snapscope.history("kv", "", FIXTURES / "consul-1.21.4", prefix=True) == expected
    expected = json.loads(run("history", "policies", "--prefix", "", BEFORE, AFTER, "-o", "json"))
    assert snapscope.history("policies", "", BEFORE, AFTER, prefix=True) == expected
    with pytest.raises(snapscope.QueryError, match="no snapshots given"):
        snapscope.history("kv", "a")


def test_everything_has_documentation():
    for name in snapscope.__all__:
        thing = getattr(snapscope, name)
        if name != "__version__":
            assert inspect.getdoc(thing), name
        if inspect.isclass(thing):
            for member, value in vars(thing).items():
                if not member.startswith("_") and member != "offset":
                    assert inspect.getdoc(value), f"{name}.{member}"

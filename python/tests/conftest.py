"""Shared by the tests: the program whose answers are the oracle, and the snapshots."""

import base64
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
BINARY = os.environ.get("SNAPSCOPE_BINARY", str(ROOT / "target/debug/snapscope"))
# Snapshots made for these tests: odd.snap, truncated.snap, broken.snap.
MADE = pathlib.Path(os.environ.get("SNAPSCOPE_MADE", ROOT / "target/python/made"))

RECORDED = sorted(FIXTURES.glob("**/*.snap")) + [FIXTURES / "consul-1.21.4/raft-dir"]
ALL = RECORDED + sorted(MADE.glob("*.snap"))


def run(*args):
    """Runs the program. A damaged file is not a failure."""
    ran = subprocess.run([BINARY, *map(str, args)], capture_output=True, timeout=120)
    assert ran.returncode in (0, 1, 3), ran.stderr.decode()
    return ran.stdout


# Whether objects of a type may be imported from peers, which `list` leaves out by default.
_BY_PEER = {}


def listed(kind, path):
    """The objects of a type, as `list -o json` prints them."""
    kind = kind.replace("_", "-")
    command = [BINARY, "list", kind, str(path), "-o", "json", "--show-secrets"]
    if _BY_PEER.get(kind, True):
        ran = subprocess.run([*command, "--peer", "all"], capture_output=True, timeout=120)
        _BY_PEER[kind] = b"never imported" not in ran.stderr
    out = ran.stdout if _BY_PEER[kind] else run(*command[1:])
    return [one for one in json.loads(out) if not (isinstance(one, dict) and one.get("Incomplete"))]


def kinds(s):
    """The tables of kinds: each has whole objects, or all fields of keys."""
    return [name for name in s.tables if {"json", "more"} & set(s[name].columns)]


def key(row):
    """A key as `list` shows it."""
    name = row["key_bytes"] if row["key_bytes"] is not None else row["key"].encode()
    value = row["value"]
    shown = {
        "LockIndex": row["lock_index"],
        "Flags": row["flags_text"],
        "CreateIndex": row["created"],
        "ModifyIndex": row["modified"],
        "Value": base64.b64encode(value).decode() if value else None,
        "Session": row["session"],
    }
    return name, shown


def listed_key(one):
    name = base64.b64decode(one["KeyBase64"]) if "KeyBase64" in one else one["Key"].encode()
    shown = {field: one.get(field) for field in ("LockIndex", "Flags", "CreateIndex", "ModifyIndex", "Value", "Session")}
    shown["Value"] = shown["Value"] or None
    shown["Flags"] = None if shown["Flags"] is None else str(shown["Flags"])
    return name, shown


@pytest.fixture(params=ALL, ids=lambda path: str(path.relative_to(path.parents[1])))
def path(request):
    return request.param

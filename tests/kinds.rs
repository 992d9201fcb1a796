//! The table of object kinds, through everything that reads it: what a row says holds in `list`,
//! `get`, `export` and `diff` alike.

use crate::support::{Fixture, run, write};
use serde_json::Value;
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::kinds::{KINDS, all};
use snapscope_testkit::SnapshotSpec;
use snapscope_testkit::records::kv;
use std::collections::BTreeMap;
use std::path::Path;

const FIXTURES: [&str; 3] =
    ["consul-1.8.7/small-a", "consul-1.17.3/resources-v2", "consul-1.21.4/small-a"];

/// All objects of a snapshot by the name of their kind: IDs and objects.
fn objects(path: &str) -> BTreeMap<String, Vec<(String, Value)>> {
    let ran = run(["export", path, "--to", "jsonl", "--out", "-"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let mut objects: BTreeMap<String, Vec<(String, Value)>> = BTreeMap::new();
    for mut line in ran.lines() {
        let id = line["ID"].as_str().unwrap().to_owned();
        let of = objects.entry(line["Type"].as_str().unwrap().to_owned()).or_default();
        of.push((id, line["Data"].take()));
    }
    objects
}

/// An ID that can be typed in a shell, of an object whose name no other one has.
fn typed(objects: &[(String, Value)]) -> Option<&(String, Value)> {
    let plain = |id: &str| !id.is_empty() && !id.contains(['\u{fffd}', '\0']);
    objects
        .iter()
        .filter(|(id, _)| plain(id) && !id.starts_with("peer:"))
        .max_by_key(|(id, _)| id.len())
}

#[test]
fn a_row_of_the_table_says_the_same_to_all() {
    let dir = tempfile::tempdir().unwrap();
    let empty = write(dir.path(), "empty.snap", &SnapshotSpec::new(Vec::new()).snap());
    let mut seen = Vec::new();
    for fixture in FIXTURES.map(Fixture::snap) {
        let path = fixture.path.to_str().unwrap();
        let objects = objects(path);
        let tables = dir.path().join(fixture.name.replace('/', "-"));
        let ran = run(["export", path, "--to", "csv", "--out", tables.to_str().unwrap()]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        let all_types: Vec<&str> = all().filter_map(|kind| kind.object).collect();
        let types = all_types.join(",");
        let ran = run(["diff", empty.to_str().unwrap(), path, "-o", "json", "--type", &types]);
        assert_eq!(ran.code(), 1, "{}", ran.stderr);
        let summary = ran.json()["summary"].take();
        for kind in KINDS.iter().copied() {
            let of_kind = objects.get(kind.name).map_or(&[][..], Vec::as_slice);
            let name = format!("{} {}", fixture.name, kind.name);
            // Excerpts are shown on request only.
            assert!(kind.traits.excerpt_of.is_none() || of_kind.is_empty(), "{name}");
            assert_eq!(
                tables.join(format!("{}.csv", kind.name)).exists(),
                kind.traits.excerpt_of.is_none()
            );
            if let Some(object) = kind.object {
                let added = summary[object]["added"].as_u64().unwrap_or(0);
                assert_eq!(added, of_kind.len() as u64, "{name}");
            }
            if let Some((id, object)) = typed(of_kind) {
                found(kind, path, id, object);
                seen.push(kind.name);
            }
            prefixes(kind, path, dir.path());
        }
    }
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() > 24, "{seen:?}");
}

/// `get` finds an object by its ID, and by the start of its ID unless that is a key.
fn found(kind: &ObjectKind, path: &str, id: &str, object: &Value) {
    let get = |id: &str| {
        let mut args = vec!["get", kind.name, path];
        if kind.traits.by_peer {
            args.extend(["--peer", "all"]);
        }
        args.extend(kind.traits.value.map(|_| "--json"));
        run(args.into_iter().chain(["--", id]))
    };
    let ran = get(id);
    assert_eq!(ran.code(), 0, "{} {id}: {}", kind.name, ran.stderr);
    assert_eq!(&ran.json(), object, "{} {id}", kind.name);
    let beginning: String = id.chars().take(id.chars().count() - 1).collect();
    if !beginning.is_empty() && kind.traits.keyed {
        let ran = get(&beginning);
        assert!(
            ran.code() == 1 || ran.json()["Key"] == beginning.as_str(),
            "{} {beginning}",
            kind.name
        );
    }
}

/// A prefix of keys applies to objects whose IDs are keys, and to no others.
fn prefixes(kind: &ObjectKind, path: &str, dir: &Path) {
    let out = dir.join("prefix");
    let args = ["export", path, "--to", "jsonl", "--type", kind.name, "--prefix", "a", "--force"];
    let ran = run(args.into_iter().chain(["--out", out.to_str().unwrap()]));
    assert_eq!(ran.code() == 0, kind.traits.keyed, "{}: {}", kind.name, ran.stderr);
}

#[test]
fn the_beginning_of_a_key_is_no_lock() {
    let dir = tempfile::tempdir().unwrap();
    let records = vec![
        kv::entry("locks/ads/release-1", "", 0, 20),
        kv::locked("locks/ads/release-10", "", 0, 21, "5f2f3f4e-0000-4000-8000-000000000001", 1),
    ];
    let path = write(dir.path(), "locks.snap", &SnapshotSpec::new(records).snap());
    let path = path.to_str().unwrap();
    let ran = run(["get", "lock", path, "locks/ads/release-1"]);
    assert_eq!((ran.code(), ran.text()), (1, ""), "{}", ran.stderr);
    let ran = run(["get", "lock", path, "locks/ads/release-10"]);
    assert_eq!(ran.json()["Key"], "locks/ads/release-10");
}

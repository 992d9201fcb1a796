//! `list` and `get` through the binary: counts and fields as in the API, filters as the server
//! understands them, and no claims about what was not read.

use crate::support::{Fixture, run};
use serde_json::Value;
use std::collections::BTreeSet;

const VERSIONS: [&str; 6] = [
    "consul-1.0.7",
    "consul-1.5.1",
    "consul-1.8.7",
    "consul-1.14.7",
    "consul-1.17.3",
    "consul-1.21.4",
];

fn small(version: &str) -> Fixture {
    let small = Fixture::snap(&format!("{version}/small-a"));
    if small.path.exists() { small } else { Fixture::snap(&format!("{version}/small-c")) }
}

fn list(fixture: &Fixture, args: &[&str]) -> Value {
    let path = fixture.path.to_str().unwrap();
    let mut all = vec!["list", args[0], path, "-o", "json"];
    all.extend(&args[1..]);
    let ran = run(&all);
    assert_eq!(ran.code(), 0, "{all:?}: {}", ran.stderr);
    ran.json()
}

fn ids(rows: &Value, field: &str) -> BTreeSet<String> {
    let text = |row: &Value| row[field].as_str().unwrap_or_default().to_owned();
    rows.as_array().unwrap().iter().map(text).collect()
}

#[test]
fn counts_and_names_are_the_api_s() {
    for version in VERSIONS {
        let fixture = small(version);
        for (kind, api, field) in [
            ("nodes", "catalog_nodes", "Node"),
            ("checks", "health_state_any", "CheckID"),
            ("sessions", "sessions", "ID"),
            ("queries", "queries", "ID"),
            ("policies", "acl_policies_each", "ID"),
            ("roles", "acl_roles", "ID"),
            ("binding-rules", "acl_binding_rules", "ID"),
            ("kv", "kv", "Key"),
            ("keys", "kv", "Key"),
        ] {
            let Some(expected) = fixture.api(api) else { continue };
            let rows = list(&fixture, &[kind]);
            let count = expected.as_array().unwrap().len();
            assert_eq!(rows.as_array().unwrap().len(), count, "{version} {kind}");
            assert_eq!(ids(&rows, field), ids(&expected, field), "{version} {kind}");
        }
    }
}

#[test]
fn every_kind_is_an_array_and_a_table() {
    let fixture = small("consul-1.21.4");
    let help = run(["list", "--help"]);
    let kinds: Vec<&str> = help
        .text()
        .lines()
        .skip_while(|line| *line != "Types:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // Descriptions of kinds continue further to the right.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(kinds.len(), 33, "{kinds:?}");
    for kind in kinds {
        let rows = list(&fixture, &[kind]).as_array().unwrap().len();
        let path = fixture.path.to_str().unwrap();
        let lines = run(["list", kind, path, "-o", "jsonl"]);
        assert_eq!(lines.lines().len(), rows, "{kind}");
        for wide in [&["list", kind, path][..], &["list", kind, path, "--wide"]] {
            let table = run(wide);
            assert_eq!(table.code(), 0, "{kind}: {}", table.stderr);
            assert_eq!(table.text().lines().count(), rows + 1, "{kind}: {}", table.text());
        }
        assert_eq!(
            run(["list", kind, path, "--jobs", "1"]).stdout,
            run(["list", kind, path, "--jobs", "4"]).stdout
        );
    }
}

#[test]
fn nothing_secret_is_listed_unasked() {
    for version in VERSIONS {
        let fixture = small(version);
        let secrets = ids(&fixture.api("acl_tokens_each").unwrap(), "SecretID");
        let path = fixture.path.to_str().unwrap();
        let ran = run(["list", "tokens", path, "-o", "json"]);
        let shown = run(["list", "tokens", path, "-o", "json", "--show-secrets"]);
        for secret in secrets.iter().filter(|s| !s.is_empty() && s.as_str() != "anonymous") {
            assert!(!ran.text().contains(secret.as_str()), "{version}");
            assert!(shown.text().contains(secret.as_str()), "{version}");
        }
        let values = run(["list", "kv", path, "--wide"]);
        assert!(values.text().contains("<masked "), "{version}");
    }
}

#[test]
fn a_filter_is_consul_s() {
    let fixture = small("consul-1.21.4");
    let nodes = list(&fixture, &["nodes"]);
    let zone = |row: &Value| row["Meta"]["zone"].as_str().map(str::to_owned);
    let some = nodes.as_array().unwrap().iter().find_map(zone).unwrap();
    let expected =
        nodes.as_array().unwrap().iter().filter(|n| zone(n).as_ref() == Some(&some)).count();
    let filter = format!("Meta.zone == \"{some}\"");
    assert_eq!(list(&fixture, &["nodes", "--filter", &filter]).as_array().unwrap().len(), expected);
    let path = fixture.path.to_str().unwrap();
    for (wrong, says) in
        [("Node = x", "^"), ("Colour == x", "Address"), ("Node matches \"(\"", "matches")]
    {
        let ran = run(["list", "nodes", path, "--filter", wrong]);
        assert_eq!(ran.code(), 2, "{wrong}");
        assert!(ran.stderr.contains(says), "{wrong}: {}", ran.stderr);
    }
    let entries = list(&fixture, &["config-entries", "--kind", "mesh"]);
    assert_eq!(entries.as_array().unwrap().len(), 1);
}

#[test]
fn a_limit_stops_and_says_so() {
    let fixture = small("consul-1.21.4");
    let path = fixture.path.to_str().unwrap();
    let ran = run(["list", "kv", path, "--limit", "3"]);
    assert_eq!((ran.code(), ran.text().lines().count()), (0, 4));
    assert!(ran.stderr.contains("not verified"), "{}", ran.stderr);
    let sorted = run(["list", "kv", path, "--sort", "-size", "--limit", "1", "--columns", "size"]);
    assert!(sorted.text().contains("204800"), "{}", sorted.text());
    assert!(!sorted.stderr.contains("not verified"));
}

#[test]
fn get_finds_one_or_says_why_not() {
    let fixture = small("consul-1.21.4");
    let path = fixture.path.to_str().unwrap();
    for pair in fixture.api("kv").unwrap().as_array().unwrap().iter().take(60) {
        let key = pair["Key"].as_str().unwrap();
        if key.contains('\u{fffd}') {
            continue;
        }
        let ran = run(["get", "kv", path, "--json", "--", key]);
        assert_eq!(ran.code(), 0, "{key}: {}", ran.stderr);
        assert_eq!(ran.json()["Value"], pair["Value"], "{key}");
    }
    let token = &fixture.api("acl_tokens_each").unwrap()[0];
    let accessor = token["AccessorID"].as_str().unwrap();
    let ran = run(["get", "token", path, &accessor[..9]]);
    assert_eq!(ran.json()["SecretID"], token["SecretID"]);
    let rules = run(["get", "policy", path, "global-management", "--rules"]);
    assert!(rules.text().contains("acl = \"write\""));
    assert_eq!(run(["get", "node", path, "there-is-none"]).code(), 1);
    assert_eq!(run(["get", "policies", path, "0"]).code(), 2);
    assert_eq!(run(["get", "nonsense", path, "0"]).code(), 2);
    // Damaged elsewhere: shown with a warning.
    let dir = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(&fixture.path).unwrap();
    let cut = dir.path().join("cut.snap");
    std::fs::write(&cut, &bytes[..bytes.len() - 8]).unwrap();
    let ran = run(["get", "policy", cut.to_str().unwrap(), "global-management"]);
    assert_eq!(ran.code(), 3);
    assert_eq!(ran.json()["Name"], "global-management");
}

#[test]
fn decode_takes_filters_too() {
    let fixture = small("consul-1.21.4");
    let path = fixture.path.to_str().unwrap();
    let ran = run(["decode", path, "--filter", "Type == KVS and Key matches \"^locks/\""]);
    let lines = ran.lines();
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|l| l["Data"]["Key"].as_str().unwrap().starts_with("locks/")));
    assert_eq!(run(["decode", path, "--filter", "Nope == 1"]).code(), 2);
}

//! `audit`: each rule with a snapshot that triggers it and one that does not, the secrets that were
//! planted in the fixtures, the forms of output, and that no secret is printed.

mod baseline;
mod corpus;
mod docs;
pub(crate) mod leaks;
mod log;
mod planted;
mod rules;
mod sarif;

use crate::support::{Fixture, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The findings on a file, with any flags.
fn findings(path: &Path, flags: &[&str]) -> Vec<Value> {
    let mut args = vec!["audit", "-o", "json"];
    args.extend(flags);
    args.push(path.to_str().unwrap());
    let ran = run(&args);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    ran.json()["findings"].as_array().unwrap().clone()
}

/// The worst severity of the findings about each key.
fn worst(findings: &[Value]) -> BTreeMap<(String, String), u8> {
    let mut worst = BTreeMap::new();
    for finding in findings {
        let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        let level = match &*text("severity") {
            "critical" => 5,
            "high" => 4,
            "medium" => 3,
            "low" => 2,
            _ => 1,
        };
        let slot = worst.entry((text("type"), text("id"))).or_insert(0);
        *slot = level.max(*slot);
    }
    worst
}

#[test]
fn planted_secrets_are_found_and_decoys_are_not() {
    for version in ["1.8.7", "1.14.7", "1.21.4"] {
        let fixture = Fixture::snap(&format!("consul-{version}/small-a"));
        let planted: Value =
            serde_json::from_slice(&fixture.beside(".planted.json").unwrap()).unwrap();
        let worst = worst(&findings(&fixture.path, &["--only", "SECRET"]));
        let level =
            |kind: &str, id: &str| *worst.get(&(kind.to_owned(), id.to_owned())).unwrap_or(&0);
        let mut keys = Vec::new();
        for row in planted.as_array().unwrap() {
            let text = |at: usize| row[at].as_str().unwrap();
            match text(0) {
                "service-meta" => {
                    let id = format!("{}/{}", text(1), text(2));
                    assert!(level("service", &id) >= 3, "{version}: {row}");
                }
                "kv" => {
                    keys.push(text(1));
                    if text(2) == "decoy" {
                        assert!(level("kv", text(1)) < 4, "{version}: {row}");
                    } else if !text(1).ends_with(".crt") {
                        assert!(level("kv", text(1)) >= 3, "{version}: {row}");
                    } else {
                        assert_eq!(level("kv", text(1)), 0, "{version}: {row}");
                    }
                }
                other => panic!("{other}"),
            }
        }
        let others = worst.iter().filter(|((kind, id), level)| {
            kind == "kv" && **level >= 3 && !keys.contains(&id.as_str())
        });
        assert_eq!(others.count(), 0, "{version}");
    }
}

#[test]
fn choices_and_exit_codes() {
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    let path = path.to_str().unwrap();
    assert_eq!(run(["audit", "--fail-on", "high", path]).code(), 1);
    assert_eq!(run(["audit", "--fail-on", "critical", "--only", "OPS", path]).code(), 0);
    assert_eq!(run(["audit", "--only", "NOSUCH", path]).code(), 2);
    let only = findings(Path::new(path), &["--only", "CA,OPS007"]);
    assert!(
        only.iter()
            .all(|f| f["rule"] == "OPS007" || f["rule"].as_str().unwrap().starts_with("CA0"))
    );
    assert!(only.iter().any(|f| f["rule"] == "OPS007"));
    let severe = findings(Path::new(path), &["--min-severity", "high", "--skip", "SECRET"]);
    assert!(!severe.is_empty());
    assert!(severe.iter().all(|f| f["severity"] == "high" || f["severity"] == "critical"));
    let one = run(["audit", "--jobs", "1", path]);
    assert_eq!(one.stdout, run(["audit", "--jobs", "3", path]).stdout);
    assert!(run(["audit", "--rules"]).text().contains("SECRET001 (critical)"));
}

#[test]
fn what_can_be_read_of_a_damaged_one_is_judged() {
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    let state = fixture.state();
    let dir = tempfile::tempdir().unwrap();
    let path = crate::support::write(dir.path(), "state.bin", &state[..state.len() / 2]);
    let ran = run(["audit", "-o", "json", path.to_str().unwrap()]);
    assert_eq!(ran.code(), 3);
    assert_eq!(ran.json()["incomplete"], true);
    assert!(!ran.json()["findings"].as_array().unwrap().is_empty());
    let ran = run(["audit", "--fail-on", "low", path.to_str().unwrap()]);
    assert_eq!(ran.code(), 3);
    assert!(ran.text().lines().last().unwrap().starts_with("Incomplete"));
}

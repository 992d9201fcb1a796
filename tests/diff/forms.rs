//! What is compared, and how it is printed.

use super::{changes, diff};
use crate::support::{Fixture, binary, finish, run, unpack_data_dir, write};
use serde_json::{Value, json};
use snapscope_testkit::SnapshotSpec;
use snapscope_testkit::records::{Record, kv};
use std::path::PathBuf;

fn evolve() -> (PathBuf, PathBuf) {
    let path = |when| Fixture::snap(&format!("consul-1.21.4/evolve.{when}")).path;
    (path("before"), path("after"))
}

fn ids(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["id"].as_str().unwrap()).collect()
}

#[test]
fn one_chooses_what_is_compared() {
    let (before, after) = evolve();
    let lines = changes(&before, &after, &["--type", "policy,roles"]);
    assert_eq!(lines.len(), 2);
    let lines = changes(&before, &after, &["--prefix", "evolve/"]);
    assert_eq!(ids(&lines), ["evolve/new/one", "evolve/new/two"]);
    let lines = changes(&before, &after, &["--type", "kv", "--filter", "Flags == 777"]);
    assert_eq!(ids(&lines), ["config/dev/payments/indexer/settings/144"]);
    // Only types that have such a field are compared.
    let filter = "Status == critical and Output contains evolved";
    let lines = changes(&before, &after, &["--filter", filter]);
    assert_eq!(ids(&lines), ["ap-south-1-node-05/service:catalog-frontend-5"]);
    let ignored = changes(&before, &after, &["--type", "check", "--ignore", "Status,Output"]);
    assert!(ignored.iter().all(|line| line["change"] == "removed"));
    // If only entries are requested, intentions are part of their entry.
    let entries = changes(&before, &after, &["--type", "config-entry"]);
    assert!(ids(&entries).contains(&"service-intentions/exact-b"));
    let all = changes(&before, &after, &[]);
    assert!(!ids(&all).contains(&"service-intentions/exact-b"));
    let touched = changes(&before, &after, &["--type", "kv", "--with-touched"]);
    assert!(touched.iter().any(|line| line["change"] == "touched"));
}

#[test]
fn wrong_questions_are_refused() {
    let (before, after) = evolve();
    for (args, says) in [
        (&["--type", "colour"][..], "unknown type \"colour\"; known types: "),
        (&["--type", "tokenx"], "unknown type \"tokenx\"; did you mean \"tokens\"?"),
        (&["--ignore", "Colour"], "no compared type has a field \"Colour\""),
        (&["--filter", "Colour == red"], "the filter is not valid for any type"),
        (&["--type", "kv", "--filter", "Status == critical"], "the filter is not valid for kv"),
        (&["-o", "patch"], "--out"),
        (&["--out", "somewhere"], "--out needs -o patch"),
    ] {
        let ran = diff(&before, &after, args);
        assert_eq!((ran.code(), ran.text()), (2, ""), "{args:?}");
        assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
    }
    assert_eq!(run(["diff", "-", "-"]).code(), 2);
}

#[test]
fn json_has_the_summary_and_the_changes() {
    let (before, after) = evolve();
    let json = diff(&before, &after, &["-o", "json"]).json();
    let lines = changes(&before, &after, &[]);
    assert_eq!(json["changes"], Value::Array(lines.clone()));
    assert_eq!(json["differences"], lines.len());
    let kv = json!({"added": 3, "removed": 2, "changed": 6, "recreated": 1});
    assert_eq!(json["summary"]["kv"], kv);
    assert_eq!(json["warnings"], json!([]));
    let stat = diff(&before, &after, &["--stat", "-o", "json"]).json();
    assert_eq!((&stat["summary"], &stat["changes"]), (&json["summary"], &Value::Null));
    let table = diff(&before, &after, &["--stat"]);
    assert_eq!(table.text().lines().count(), 2 + json["summary"].as_object().unwrap().len());
}

#[test]
fn a_table_says_what_it_leaves_out() {
    let (before, after) = evolve();
    let short = diff(&before, &after, &["--limit", "1"]);
    assert!(short.text().contains("... 11 more: --type kv --limit 0 shows all"));
    let long = diff(&before, &after, &["--limit", "0"]);
    assert!(!long.text().contains("shows all") && !long.text().contains("more lines"));
}

#[test]
fn clusters_versions_and_age_that_differ_are_warned_of() {
    let small = |version: &str| Fixture::snap(&format!("consul-{version}/small-a")).path;
    let ran = diff(&small("1.21.4"), &small("1.8.7"), &["--stat"]);
    for says in ["different clusters", "different versions of Consul: 1.21.4"] {
        assert!(ran.stderr.contains(says), "{says}: {}", ran.stderr);
    }
    let json = diff(&small("1.21.4"), &small("1.8.7"), &["--stat", "-o", "json"]).json();
    assert_eq!(json["warnings"].as_array().unwrap().len(), 2);
    let (before, after) = evolve();
    assert_eq!(diff(&before, &after, &[]).stderr, "");
    assert!(diff(&after, &before, &[]).stderr.contains("B is older than A"));
}

fn snapshot(dir: &std::path::Path, name: &str, records: Vec<Record>) -> PathBuf {
    write(dir, name, &SnapshotSpec::new(records).snap())
}

/// Values by their class: text by line, JSON by member, bytes by hash, secrets masked.
#[test]
fn values_are_told_by_what_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let states: [(&str, &[u8], &[u8]); 5] = [
        ("a.json", br#"{"a":1,"b":[2,3]}"#, br#"{"a":1,"b":[2,4]}"#),
        ("b.bin", b"\0\x01\x02", b"\0\x01\x02\x03"),
        ("c", b"blue", b"red"),
        ("db/password", b"FgzqXkNTq4wQ2OrV", b"Hp2xVn8KqTz4WmLd"),
        ("e", b"one\ntwo\nthree\n", b"one\n2\nthree\n"),
    ];
    let old = states.iter().map(|(key, old, _)| kv::entry(key, old, 0, 7)).collect();
    let new = states.iter().map(|(key, _, new)| kv::entry(key, new, 0, 7)).collect();
    let before = snapshot(dir.path(), "before.snap", old);
    let after = snapshot(dir.path(), "after.snap", new);
    let lines = changes(&before, &after, &[]);
    let value = |at: usize| lines[at]["fields"]["Value"].clone();
    let json = ["@ 2 unchanged lines", "   \"b\": [", "     2,", "-    3", "+    4", "   ]", " }"];
    assert_eq!(value(0), json!({ "lines": json }));
    assert_eq!(value(1)["before"]["bytes"], 3);
    assert_eq!(value(1)["after"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(value(2), json!({"before": "blue", "after": "red"}));
    let masked = json!({"before": "<masked 16 bytes>", "after": "<masked 16 bytes, changed>"});
    assert_eq!(value(3), masked);
    assert_eq!(lines[3]["after"]["Value"], "<masked 16 bytes, changed>");
    let text = [" one", "-two", "+2", " three"];
    assert_eq!(value(4), json!({ "lines": text }));
    let shown = changes(&before, &after, &["--show-secrets"]);
    assert_eq!(shown[3]["fields"]["Value"]["after"], "Hp2xVn8KqTz4WmLd");
    // A key that is not UTF-8 is printed unambiguously.
    let odd = snapshot(dir.path(), "odd.snap", vec![kv::entry(b"\xff\xfe", b"x", 0, 7)]);
    let none = snapshot(dir.path(), "none.snap", vec![]);
    assert_eq!(changes(&none, &odd, &[])[0]["id_base64"], "//4=");
}

/// Each example in the help runs as written.
#[test]
fn the_examples_in_the_help_run() {
    let dir = tempfile::tempdir().unwrap();
    let (before, after) = evolve();
    std::fs::copy(before, dir.path().join("yesterday.snap")).unwrap();
    std::fs::copy(after, dir.path().join("today.snap")).unwrap();
    unpack_data_dir("consul-1.21.4-wal", &dir.path().join("data"));
    let help = run(["diff", "--help"]);
    let examples = help.text().split_once("Examples:").expect("examples").1;
    let lines: Vec<&str> =
        examples.lines().map(str::trim).filter(|l| l.starts_with("snapscope ")).collect();
    assert!(lines.len() >= 3, "{examples}");
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        let ran = finish(binary().args(words).current_dir(dir.path()), b"");
        assert!(ran.code() <= 1, "{line}: {}", ran.stderr);
        assert!(!ran.stdout.is_empty() || dir.path().join("undo").is_dir() || ran.code() == 0);
    }
    assert!(dir.path().join("undo/config-entries/steps.txt").is_file());
}

/// An object that was recreated with another content is changed, and marked as recreated.
#[test]
fn what_was_made_anew_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let before = snapshot(dir.path(), "a.snap", vec![kv::entry("k", "1", 0, 7)]);
    let again = snapshot(dir.path(), "b.snap", vec![kv::entry("k", "2", 0, 9)]);
    let line = &changes(&before, &again, &[])[0];
    assert_eq!((&line["change"], &line["recreated"]), (&json!("changed"), &json!(true)));
}

//! `trend` through the binary: sums, compared with a plain count, and planted growth.

use crate::support::{DAY_MS, Fixture, run, taken_on, write};
use serde_json::{Value, json};
use snapscope_testkit::Record;
use snapscope_testkit::records::{cluster, kv};
use std::path::Path;

/// This number of keys below `app/`, and always one other key.
fn keys(count: u64) -> Vec<Record> {
    let mut records: Vec<Record> =
        (0..count).map(|n| kv::entry(format!("app/{n:05}"), [b'x'; 10], 0, 50)).collect();
    records.push(kv::entry("other/a", "", 0, 50));
    records.push(cluster::index("kvs", 50));
    records
}

/// Sizes of the records of `keys`, below `app/`.
fn app_bytes(count: u64) -> u64 {
    keys(count).iter().take(count as usize).map(|record| record.bytes().len() as u64).sum()
}

fn trend(dir: &Path, args: &[&str]) -> crate::support::Ran {
    run(["trend"].iter().chain(args).copied().chain([dir.to_str().unwrap()]))
}

fn group<'v>(json: &'v Value, by: &str, name: &str) -> &'v Value {
    let groups = json["clusters"][0]["groups"].as_array().unwrap();
    let is_it = |g: &&Value| g["by"] == by && g["name"] == name;
    groups.iter().find(is_it).unwrap_or_else(|| panic!("no {name} in {json}"))
}

fn grown(dir: &Path) {
    for (name, day, index, count) in
        [("c", 4, 300, 50), ("a", 0, 100, 10), ("b", 1, 200, 20), ("d", 6, 400, 40)]
    {
        write(dir, &format!("{name}.snap"), &taken_on(day, index, keys(count)).snap());
    }
}

/// The agent's files next to a snapshot are not mentioned.
#[test]
fn sidecars_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let snap = dir.path().join("consul-1.snap");
    std::fs::copy(Fixture::snap("consul-1.21.4/small-a").path, &snap).unwrap();
    std::fs::write(dir.path().join("consul-1.snap.json"), b"{}").unwrap();
    let (folder, pattern) = (dir.path().to_str().unwrap(), dir.path().join("*"));
    for place in [folder, pattern.to_str().unwrap()] {
        for args in [&["trend", place][..], &["history", "kv", "--prefix", "config/", place]] {
            let ran = run(args);
            assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{args:?}");
        }
    }
    std::fs::write(dir.path().join("notes.json"), b"{}").unwrap();
    let ran = run(["trend", folder]);
    assert!(
        ran.stderr.contains("not snapshots: ") && ran.stderr.contains("notes.json"),
        "{}",
        ran.stderr
    );
}

#[test]
fn growth_is_what_was_planted() {
    let dir = tempfile::tempdir().unwrap();
    grown(dir.path());
    let ran = trend(dir.path(), &["-o", "json"]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    let json = ran.json();
    let indexes: Vec<&Value> =
        json["clusters"][0]["snapshots"].as_array().unwrap().iter().map(|s| &s["index"]).collect();
    assert_eq!(indexes, [100, 200, 300, 400]);
    let app = group(&json, "prefix", "app");
    assert_eq!(app["count"], json!([10, 20, 50, 40]));
    assert_eq!(app["bytes"], json!([10, 20, 50, 40].map(app_bytes)));
    assert_eq!((&app["growth_count"], app["count_per_day"].as_f64()), (&json!(30), Some(5.0)));
    let growth = app_bytes(40) - app_bytes(10);
    assert_eq!(app["growth_bytes"], growth);
    assert_eq!(app["bytes_per_day"].as_f64().unwrap(), growth as f64 / 6.0);
    assert_eq!(group(&json, "prefix", "other")["growth_bytes"], 0);
    assert_eq!(group(&json, "type", "KVS")["count"], json!([11, 21, 51, 41]));
    assert_eq!(group(&json, "total", "Total")["count"], json!([12, 22, 52, 42]));
    // The group that grew fastest comes first.
    let names: Vec<&str> = json["clusters"][0]["groups"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|g| g["by"] == "prefix")
        .map(|g| g["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["app", "other"]);
    for jobs in ["1", "3"] {
        assert!(trend(dir.path(), &["-o", "json", "--jobs", jobs]).stdout == ran.stdout);
    }
    let text = trend(dir.path(), &["--by", "prefix"]);
    let line = text.text().lines().find(|line| line.starts_with("app")).unwrap();
    for word in ["+30", "▁▃█▆"] {
        assert!(line.contains(word), "{line}");
    }
    let csv = trend(dir.path(), &["--by", "prefix", "-o", "csv"]);
    let rows: Vec<&str> = csv.text().lines().collect();
    // The total and two groups in four snapshots, below a header.
    assert_eq!(rows.len(), 1 + 3 * 4);
    assert!(rows[5].contains(",100,2026-11-23T03:10:00Z,false,prefix,app,10,"), "{}", rows[5]);
    assert_eq!(trend(dir.path(), &["-o", "jsonl", "--limit", "1"]).lines().len(), 3);
}

/// The sums of each snapshot are those of `breakdown`.
#[test]
fn sums_are_those_of_one_snapshot() {
    let files =
        ["before", "after"].map(|end| Fixture::snap(&format!("consul-1.21.4/evolve.{end}")).path);
    let mut args = vec!["trend", "-o", "json", "--by", "type,prefix,service"];
    args.extend(files.iter().map(|path| path.to_str().unwrap()));
    let json = run(args).json();
    for (at, path) in files.iter().enumerate() {
        for by in ["type", "prefix", "service"] {
            let one = run(["breakdown", "--by", by, "-o", "json", path.to_str().unwrap()]).json();
            let groups = one["groups"].as_array().unwrap();
            assert!(!groups.is_empty());
            for expected in groups {
                let ours = group(&json, by, expected[by].as_str().unwrap());
                assert_eq!(ours["count"][at], expected["count"], "{expected}");
                assert_eq!(ours["bytes"][at], expected["bytes"], "{expected}");
            }
        }
    }
}

/// A truncated file does not count as shrinking, and one without a time does not affect growth per
/// day.
#[test]
fn damage_and_unknown_times_are_no_growth() {
    let dir = tempfile::tempdir().unwrap();
    grown(dir.path());
    write(dir.path(), "late.bin", &taken_on(0, 500, keys(80)).state());
    let mut cut = taken_on(9, 600, keys(100)).archive();
    let len = cut.members[1].1.len();
    cut.members[1].1.truncate(len / 2);
    write(dir.path(), "cut.snap", &cut.snap());
    let ran = trend(dir.path(), &["-o", "json"]);
    assert_eq!(ran.code(), 3);
    assert!(ran.stderr.contains("cut.snap: damaged"), "{}", ran.stderr);
    let json = ran.json();
    assert_eq!(json["incomplete"], true);
    let app = group(&json, "prefix", "app");
    assert_eq!(app["growth_count"], 70, "{app}");
    assert_eq!(app["count_per_day"].as_f64().unwrap(), 5.0);
    let snapshots = json["clusters"][0]["snapshots"].as_array().unwrap();
    assert_eq!((&snapshots[4]["taken"], &snapshots[5]["damaged"]), (&json!(null), &json!(true)));
    let text = trend(dir.path(), &[]);
    assert!(
        text.text().lines().last().unwrap().starts_with("Incomplete: 1 of 6"),
        "{}",
        text.text()
    );
}

/// No growth per day is calculated from minutes.
#[test]
fn a_short_span_has_no_growth_per_day() {
    let dir = tempfile::tempdir().unwrap();
    for (name, index, count) in [("a", 100, 10), ("b", 200, 20)] {
        let mut spec = taken_on(0, index, keys(count));
        let ms = snapscope_testkit::snapshot::TAKEN_MS + index * DAY_MS / 24 / 200;
        spec.meta.id = format!("2-{index}-{ms}");
        write(dir.path(), &format!("{name}.snap"), &spec.snap());
    }
    let json = trend(dir.path(), &["-o", "json"]).json();
    let app = group(&json, "prefix", "app");
    assert_eq!((&app["growth_count"], &app["count_per_day"]), (&json!(10), &json!(null)));
}

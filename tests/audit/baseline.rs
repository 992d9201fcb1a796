//! Known findings.

use crate::support::{Fixture, run, write};
use snapscope_testkit::SnapshotSpec;
use snapscope_testkit::records::kv;

#[test]
fn a_baseline_leaves_out_what_it_knows() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("known.json");
    let (file, path) = (file.to_str().unwrap(), Fixture::snap("consul-1.21.4/evolve.before").path);
    let ran = run(["audit", "--write-baseline", file, path.to_str().unwrap()]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let ran = run([
        "audit",
        "-o",
        "json",
        "--baseline",
        file,
        "--fail-on",
        "info",
        path.to_str().unwrap(),
    ]);
    assert_eq!((ran.code(), ran.json()["findings"].as_array().unwrap().len()), (0, 0));
    assert!(ran.json()["summary"]["known"].as_u64().unwrap() > 0);
    // The output of -o json is also a baseline.
    let after = Fixture::snap("consul-1.21.4/evolve.after").path;
    let all = run(["audit", "-o", "json", after.to_str().unwrap()]);
    std::fs::write(file, &all.stdout).unwrap();
    let ran = run(["audit", "-o", "jsonl", "--baseline", file, after.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.stdout.as_slice()), (0, &b""[..]));
    std::fs::write(file, "[]").unwrap();
    assert_eq!(run(["audit", "--baseline", file, path.to_str().unwrap()]).code(), 2);
}

/// Findings about the snapshot as a whole are known in the next one, also in SARIF.
#[test]
fn findings_about_a_whole_snapshot_last() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("known.json");
    let file = file.to_str().unwrap();
    let [before, after] = ["before", "after"]
        .map(|at| Fixture::snap(&format!("consul-1.21.4/evolve.{at}")).path)
        .map(|path| path.to_str().unwrap().to_owned());
    let whole = |path: &str, more: &[&str]| {
        let ran = run([&["audit", "--only", "OPS", "-o", "json", path][..], more].concat());
        let findings = ran.json()["findings"].as_array().unwrap().clone();
        findings.into_iter().filter(|finding| finding["type"] == "snapshot").count()
    };
    assert!(whole(&before, &[]) > 1);
    assert_eq!(whole(&before, &[]), whole(&after, &[]));
    assert_eq!(run(["audit", "--write-baseline", file, &before]).code(), 0);
    assert_eq!(whole(&after, &["--baseline", file]), 0);
    // The baselines of earlier versions, with the ID of that snapshot, are accepted too.
    let json = run(["audit", "--only", "OPS", "-o", "json", &before]);
    assert!(json.text().contains("\"type\":\"snapshot\",\"id\":\"2-"), "{}", json.text());
    std::fs::write(file, &json.stdout).unwrap();
    assert_eq!(whole(&after, &["--baseline", file]), 0);
    let prints = |path: &str| {
        let sarif = run(["audit", "--only", "OPS007,OPS012", "-o", "sarif", path]).json();
        let results = sarif["runs"][0]["results"].as_array().unwrap().clone();
        results.into_iter().map(|r| r["partialFingerprints"].to_string()).collect::<Vec<_>>()
    };
    assert!(!prints(&before).is_empty());
    assert_eq!(prints(&before), prints(&after));
}

/// Of each rule the first 10,000 findings are kept. Later ones were not compared with the baseline,
/// so they must not count as known.
#[test]
fn what_was_not_judged_does_not_pass() {
    let dir = tempfile::tempdir().unwrap();
    let value = "password: Xk7-Qm2vTz9pLw4R";
    let records = (0..10_007).map(|n| kv::entry(format!("c/{n:05}"), value, 0, 10));
    let state = SnapshotSpec::new(records.collect()).state();
    let path = write(dir.path(), "many.bin", &state);
    let (path, file) = (path.to_str().unwrap(), dir.path().join("known.json"));
    let file = file.to_str().unwrap();
    let ran = run(["audit", "--only", "SECRET", "-o", "json", "--write-baseline", file, path]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("7 more findings of SECRET"), "{}", ran.stderr);
    assert_eq!(ran.json()["summary"]["findings"], 10_007);
    let again = ["audit", "--only", "SECRET", "--baseline", file, "--fail-on", "medium", path];
    let ran = run(again);
    assert_eq!(ran.code(), 1);
    assert!(ran.text().starts_with("7 findings: "), "{}", ran.text());
    let ran = run(["audit", "--only", "SECRET", "--min-severity", "critical", path]);
    assert!(ran.text().starts_with("No findings"), "{}", ran.text());
    assert!(!ran.text().contains(" more findings of "), "{}", ran.text());
}

#[test]
fn a_baseline_takes_the_place_of_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = std::fs::read(Fixture::snap("consul-1.21.4/evolve.before").path).unwrap();
    let path = write(dir.path(), "s.snap", &snapshot);
    let path = path.to_str().unwrap();
    let ran = run(["audit", "--write-baseline", path, path]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("is not a baseline"), "{}", ran.stderr);
    let ran = run(["export", path, "--to", "kv-json", "--out", path, "--force"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("the snapshot itself"), "{}", ran.stderr);
    assert_eq!(std::fs::read(path).unwrap(), snapshot);
}

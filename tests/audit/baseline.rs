//! Findings that are known already.

use crate::support::{Fixture, run};

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
    // What -o json printed is a baseline too.
    let after = Fixture::snap("consul-1.21.4/evolve.after").path;
    let all = run(["audit", "-o", "json", after.to_str().unwrap()]);
    std::fs::write(file, &all.stdout).unwrap();
    let ran = run(["audit", "-o", "jsonl", "--baseline", file, after.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.stdout.as_slice()), (0, &b""[..]));
    std::fs::write(file, "[]").unwrap();
    assert_eq!(run(["audit", "--baseline", file, path.to_str().unwrap()]).code(), 2);
}

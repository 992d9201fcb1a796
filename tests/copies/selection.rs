//! A selection that matches nothing is reported; others are not.

use crate::support::{Fixture, run, write};
use snapscope_testkit::SnapshotSpec;
use snapscope_testkit::records::kv;

#[test]
fn what_matches_nothing_is_reported() {
    let file = Fixture::snap("consul-1.8.7/small-a").path;
    let file = file.to_str().unwrap();
    let extract = |args: &[&str]| {
        let ran = run([&["extract", file, "--dry-run"], args].concat());
        assert_eq!(ran.code(), 0, "{args:?}: {}", ran.stderr);
        ran.stderr
    };
    for (flag, value) in [
        ("--prefix", "nothing/"),
        ("--drop-prefix", "nothing/"),
        ("--only", "peerings"),
        ("--drop", "peerings"),
        ("--filter", "nodes=Node == \"nobody\""),
        ("--filter", "services=Name == \"nobody\""),
        ("--filter", "KVS=Key == \"nothing\""),
        ("--rename-prefix", "nothing/=other/"),
    ] {
        let said = extract(&[flag, value]);
        let named = format!("warning: {flag} {value:?} matches nothing in the snapshot");
        assert!(said.contains(&named), "{flag} {value}: {said}");
        // The other ones are not.
        let said = extract(&["--drop", "acl", flag, value]);
        assert_eq!(said.matches("warning: ").count(), 1, "{said}");
    }
    for args in [
        &["--only", "kv,acl"][..],
        &["--filter", "nodes=Node != \"nobody\""],
        &["--filter", "services=Name != \"nobody\""],
        &["--drop", "KVS"],
    ] {
        assert_eq!(extract(args), "", "{args:?}");
    }
}

#[test]
fn one_is_not_several() {
    let dir = tempfile::tempdir().unwrap();
    let records = vec![kv::entry("a/x", "1", 0, 5), kv::entry("c", "2", 0, 6)];
    let file = write(dir.path(), "two.snap", &SnapshotSpec::new(records).snap());
    let file = file.to_str().unwrap();
    for (rename, says) in [("a/=b/", "1 key renamed"), ("=b/", "2 keys renamed")] {
        let ran = run(["extract", file, "--dry-run", "--rename-prefix", rename]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        assert!(ran.text().contains(says), "{}", ran.text());
    }
}

//! Names that Consul defines belong to nobody, so a pseudonymised copy keeps them.

use crate::support::{run, write};
use snapscope_testkit::records::config;
use snapscope_testkit::shapes::ConsulVersion;
use snapscope_testkit::{ConsulServer, Record, SnapshotSpec};

#[test]
fn entries_keep_the_names_that_consul_requires() {
    let dir = tempfile::tempdir().unwrap();
    let version = ConsulVersion::V1_21_4;
    let entries =
        [("proxy-defaults", "global"), ("mesh", "mesh"), ("exported-services", "default")];
    let all: Vec<Record> =
        entries.iter().map(|(kind, name)| config::entry(version, kind, name, vec![], 5)).collect();
    let file = write(dir.path(), "entries.snap", &SnapshotSpec::new(all).snap());
    let out = dir.path().join("out.snap");
    let (file, out) = (file.to_str().unwrap(), out.to_str().unwrap());
    let ran = run(["redact", file, "--pseudonymise", "--out", out]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let listed = run(["list", "config-entries", "-o", "jsonl", out]).lines();
    let mut kept: Vec<String> =
        listed.iter().map(|entry| entry["Name"].as_str().unwrap_or("mesh").to_owned()).collect();
    kept.sort();
    assert_eq!(kept, ["default", "global", "mesh"]);
}

/// A server applies the defaults in the copy.
#[test]
fn a_server_finds_the_proxy_defaults_of_a_copy() {
    let Some(mut server) = ConsulServer::for_test("a_server_finds_the_proxy_defaults_of_a_copy")
    else {
        return;
    };
    let entry = r#"{"Kind": "proxy-defaults", "Name": "global", "Config": {"protocol": "http"}}"#;
    server.put("/v1/config", entry).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "a.snap", &server.snapshot_save().unwrap());
    let out = dir.path().join("out.snap");
    let (file, out) = (file.to_str().unwrap(), out.to_str().unwrap());
    let key = write(dir.path(), "key", &[7; 32]);
    let key = key.to_str().unwrap();
    let ran = run(["redact", file, "--pseudonymise", "--key-file", key, "--out", out]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    server.snapshot_restore(&std::fs::read(out).unwrap()).unwrap();
    let found = server.get_json("/v1/config/proxy-defaults/global").unwrap();
    assert_eq!(found["Name"], "global", "{found}");
}

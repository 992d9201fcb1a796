//! `-o patch`: applied to a real server that was restored to A, it gives B; the other way round it
//! undoes that.

use super::diff;
use crate::support::{Fixture, finish, run, write};
use serde_json::{Value, json};
use snapscope_testkit::consul::{self, ConsulServer};
use snapscope_testkit::fill::fill;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Keys with value and flags, and config entries, as far as a patch is to give them.
fn state_of(server: &ConsulServer, dir: &Path) -> (BTreeMap<String, Value>, Vec<Value>) {
    let snap = write(dir, "state.snap", &server.snapshot_save().unwrap());
    let list = |kind: &str| {
        let ran = run(["list", kind, "--show-secrets", "-o", "json", snap.to_str().unwrap()]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        ran.json().as_array().unwrap().clone()
    };
    let keys = list("kv").into_iter().map(|kv| {
        // Keys that are not UTF-8 no patch can carry.
        let key = kv["KeyBase64"].as_str().or(kv["Key"].as_str()).unwrap().to_owned();
        (key, json!([kv["Value"], kv["Flags"]]))
    });
    let mut entries = list("config-entries");
    for entry in &mut entries {
        let fields = entry.as_object_mut().unwrap();
        ["CreateIndex", "ModifyIndex"].iter().for_each(|name| drop(fields.remove(*name)));
    }
    (keys.collect(), entries)
}

fn apply(server: &ConsulServer, patch: &Path) {
    let consul = consul::binary().unwrap();
    let mut folders = vec![consul.parent().unwrap().to_owned()];
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let mut script = Command::new("sh");
    script
        .arg(patch.join("apply.sh"))
        .env("PATH", std::env::join_paths(folders).unwrap())
        .env("CONSUL_HTTP_ADDR", server.http_addr().to_string())
        .env("CONSUL_HTTP_TOKEN", server.token());
    let ran = finish(&mut script, b"");
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
}

/// Changes of every sort.
fn change(server: &ConsulServer) {
    for n in 0..150 {
        let value = if n == 7 { "x".repeat(500 << 10) } else { format!("value {n}") };
        server.put(&format!("/v1/kv/patch/{n:03}?flags={n}"), value).unwrap();
    }
    let keys = server.get_json("/v1/kv/?keys").unwrap();
    let keys: Vec<&str> = keys.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let plain =
        |key: &&&str| key.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.".contains(&b));
    let plain = |key: &&&str| plain(key) && !key.contains("//") && !key.starts_with('/');
    let plain: Vec<&&str> =
        keys.iter().filter(plain).filter(|k| !k.starts_with("patch/")).collect();
    for (n, key) in plain.iter().enumerate().take(60) {
        match n % 3 {
            0 => server.delete(&format!("/v1/kv/{key}")).map(drop).unwrap(),
            1 => server.put(&format!("/v1/kv/{key}?flags=9"), "other").map(drop).unwrap(),
            // The empty value.
            _ => server.put(&format!("/v1/kv/{key}"), "").map(drop).unwrap(),
        }
    }
    for key in ["//", "/lead", "line\nbreak", "<&>"] {
        let set = json!([{"KV": {"Verb": "set", "Key": key, "Value": "eA=="}}]);
        server.put("/v1/txn", set.to_string()).unwrap();
    }
    for entry in [
        json!({"Kind": "service-defaults", "Name": "patched", "Protocol": "http"}),
        json!({"Kind": "service-resolver", "Name": "patched",
               "Subsets": {"v1": {"Filter": "Service.Meta.v == 1"}}}),
        json!({"Kind": "service-splitter", "Name": "patched",
               "Splits": [{"Weight": 100, "ServiceSubset": "v1"}]}),
        json!({"Kind": "service-router", "Name": "patched",
               "Routes": [{"Match": {"HTTP": {"PathPrefix": "/v1"}},
                           "Destination": {"ServiceSubset": "v1"}}]}),
    ] {
        server.put("/v1/config", entry.to_string()).unwrap();
    }
}

#[test]
fn a_patch_applied_to_a_real_server_gives_the_other_state() {
    let test = "a_patch_applied_to_a_real_server_gives_the_other_state";
    let Some(mut server) = ConsulServer::for_test(test) else { return };
    fill(&server).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let a = write(dir.path(), "a.snap", &server.snapshot_save().unwrap());
    let state_a = state_of(&server, dir.path());
    change(&server);
    let b = write(dir.path(), "b.snap", &server.snapshot_save().unwrap());
    let state_b = state_of(&server, dir.path());
    assert!(state_a != state_b);

    let there = dir.path().join("there");
    let ran = diff(&a, &b, &["-o", "patch", "--out", there.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.text()), (1, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("it carries values, secrets included"), "{}", ran.stderr);
    let back = dir.path().join("back");
    assert_eq!(diff(&b, &a, &["-o", "patch", "--out", back.to_str().unwrap()]).code(), 1);

    server.snapshot_restore(&std::fs::read(&a).unwrap()).unwrap();
    apply(&server, &there);
    let now = state_of(&server, dir.path());
    assert_eq!(now.0, state_b.0, "keys");
    assert_eq!(now.1, state_b.1, "config entries");
    apply(&server, &back);
    let now = state_of(&server, dir.path());
    assert_eq!(now.0, state_a.0, "keys, undone");
    assert_eq!(now.1, state_a.1, "config entries, undone");
}

#[test]
fn what_a_patch_does_not_cover_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("patch");
    let path = |when| Fixture::snap(&format!("consul-1.21.4/evolve.{when}")).path;
    let args = ["-o", "patch", "--out", out.to_str().unwrap()];
    assert_eq!(diff(&path("before"), &path("after"), &args).code(), 1);
    let listed = std::fs::read(out.join("not-covered.jsonl")).unwrap();
    let listed = crate::support::json_lines(&listed);
    let has = |kind: &str, id: &str| listed.iter().any(|l| l["type"] == kind && l["id"] == id);
    assert!(has("node", "ap-south-1-node-11"));
    assert!(has("kv", "config/prod/billing/indexer/settings/96"), "a lock");
    // Its entry carries it.
    assert!(!has("intention", "exact-a=>exact-b"));
    assert!(out.join("config-entries/service-intentions__exact-b.json").exists());
    let body: Value =
        serde_json::from_slice(&std::fs::read(out.join("kv/00000001.json")).unwrap()).unwrap();
    assert!(body.as_array().unwrap().len() <= 64);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&out), mode(&out.join("kv/00000001.json"))), (0o700, 0o600));
    }
    // What stands there is kept unless forced.
    let again = diff(&path("before"), &path("after"), &args);
    assert_eq!(again.code(), 2);
    assert!(again.stderr.contains("--force replaces it"), "{}", again.stderr);
    assert_eq!(
        diff(&path("before"), &path("after"), &[&args[..], &["--force"]].concat()).code(),
        1
    );
}

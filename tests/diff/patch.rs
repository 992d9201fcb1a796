//! `-o patch`: applied to a real server that was restored to A, it results in B; in reverse it
//! undoes that.

use super::diff;
use crate::support::{Fixture, json_lines, run, write};
#[cfg(feature = "live")]
use crate::support::{Ran, binary, finish};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::fill::fill;
use snapscope_testkit::records::{config, kv};
use snapscope_testkit::shapes::ConsulVersion;
use snapscope_testkit::{Record, SnapshotSpec};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
#[cfg(feature = "live")]
use std::process::Command;

/// Keys with value and flags, and config entries, as far as patches cover them.
fn state_of(server: &ConsulServer, dir: &Path) -> (BTreeMap<String, Value>, Vec<Value>) {
    let snap = write(dir, "state.snap", &server.snapshot_save().unwrap());
    let list = |kind: &str| {
        let ran = run(["list", kind, "--show-secrets", "-o", "json", snap.to_str().unwrap()]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        ran.json().as_array().unwrap().clone()
    };
    let keys = list("kv").into_iter().map(|kv| {
        // No patch can cover keys that are not UTF-8.
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

/// The binary, with no variables of Consul in its environment except for the given address and
/// token.
#[cfg(feature = "live")]
fn applying(address: &str, patch: &Path, token: &str) -> Command {
    let mut command = binary();
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CONSUL_") {
            command.env_remove(name);
        }
    }
    command.env("CONSUL_HTTP_ADDR", address).env("CONSUL_HTTP_TOKEN", token);
    command.args(["apply", "-y", "--retries", "1"]).arg(patch);
    command
}

#[cfg(feature = "live")]
fn apply_as(server: &ConsulServer, patch: &Path, token: &str) -> Ran {
    finish(&mut applying(&server.http_addr().to_string(), patch, token), b"")
}

#[cfg(feature = "live")]
fn apply(server: &ConsulServer, patch: &Path) {
    let ran = apply_as(server, patch, server.token());
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{}", ran.text());
}

/// Makes the patch between two snapshots in a folder with that name.
fn patch(dir: &Path, a: &Path, b: &Path, name: &str) -> PathBuf {
    let out = dir.join(name);
    let ran = diff(a, b, &["-o", "patch", "--out", out.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.text()), (1, ""), "{}", ran.stderr);
    out
}

/// Type, ID and reason of the keys and entries that a patch lists as not covered.
fn not_covered(patch: &Path) -> Vec<(String, String, String)> {
    let lines = json_lines(&std::fs::read(patch.join("not-covered.jsonl")).unwrap());
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let lines = lines.iter().filter(|line| line["type"] == "kv" || line["type"] == "config-entry");
    lines.map(|line| (text(line, "type"), text(line, "id"), text(line, "why"))).collect()
}

/// Everything that does not change by itself: a server's own node returns some time after a
/// restore.
const LASTING: [&str; 2] = ["--type", "kv,token,policy,role,config-entry,query,session"];

fn saved(server: &ConsulServer, dir: &Path, name: &str) -> PathBuf {
    write(dir, name, &server.snapshot_save().unwrap())
}

/// The differences between two snapshots, without indexes.
fn differing(a: &Path, b: &Path) -> Vec<String> {
    let lines = diff(a, b, &[&LASTING[..], &["-o", "jsonl"]].concat()).lines();
    let real = lines.iter().filter(|line| line["change"] != "recreated");
    real.map(|line| line["id"].as_str().unwrap().to_owned()).collect()
}

fn set(server: &ConsulServer, key: &str, value: &[u8]) {
    let set = json!([{"KV": {"Verb": "set", "Key": key, "Value": STANDARD.encode(value)}}]);
    server.put("/v1/txn", set.to_string()).unwrap();
}

/// Changes of every kind.
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

#[cfg(feature = "live")]
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
    assert!(ran.stderr.contains("it contains values, secrets included"), "{}", ran.stderr);
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
    let listed = json_lines(&listed);
    let has = |kind: &str, id: &str| listed.iter().any(|l| l["type"] == kind && l["id"] == id);
    assert!(has("node", "ap-south-1-node-11"));
    assert!(has("kv", "config/prod/billing/indexer/settings/96"), "a lock");
    // Its entry contains it.
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
    // The existing folder is kept unless forced.
    let again = diff(&path("before"), &path("after"), &args);
    assert_eq!(again.code(), 2);
    assert!(again.stderr.contains("already exists; use --force"), "{}", again.stderr);
    assert_eq!(
        diff(&path("before"), &path("after"), &[&args[..], &["--force"]].concat()).code(),
        1
    );
}

/// Somebody who could write below `app/` wrote a key that is the ACL endpoint in a path. Its value,
/// too large for a transaction, is the body of a management token.
#[cfg(feature = "live")]
#[test]
fn a_key_is_never_another_endpoint() {
    let Some(mut server) = ConsulServer::for_test("a_key_is_never_another_endpoint") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let secret = "5ec5ec5e-c5ec-4ec5-8c5e-c5ec5ec5ec5e";
    let policies = json!([{"Name": "global-management"}]);
    let mut body = json!({"SecretID": secret, "Policies": policies}).to_string().into_bytes();
    body.resize(400_000, b' ');
    set(&server, "b1", b"mine");
    let a = saved(&server, dir.path(), "a.snap");
    let keys = ["app/../../acl/token", "a/../b1", "b1\0", "app//b1", "x/./y"];
    // A transaction takes them up to 384 KiB.
    keys.iter().for_each(|key| set(&server, key, &body[..390_000]));
    let b = saved(&server, dir.path(), "b.snap");
    let (larger, mut spec) = (body, SnapshotSpec::new(vec![]));
    for key in keys.iter().chain(&["ordinary/large", "with space/ç"]) {
        spec.push(kv::entry(key, &larger, 7, 40));
    }
    let empty = write(dir.path(), "empty.snap", &SnapshotSpec::new(vec![]).snap());
    let large = write(dir.path(), "large.snap", &spec.snap());

    let fits = patch(dir.path(), &a, &b, "fits");
    assert_eq!(not_covered(&fits), []);
    let too_large = patch(dir.path(), &empty, &large, "too large");
    let mut listed: Vec<_> = not_covered(&too_large).into_iter().map(|(_, id, _)| id).collect();
    let mut expected = keys.map(str::to_owned);
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);

    server.snapshot_restore(&std::fs::read(&a).unwrap()).unwrap();
    apply(&server, &fits);
    let now = saved(&server, dir.path(), "now.snap");
    assert_eq!(differing(&now, &b), [""; 0]);
    apply(&server, &too_large);
    let keys_now = server.get_json("/v1/kv/?keys").unwrap();
    let has = |key: &str| keys_now.as_array().unwrap().contains(&json!(key));
    assert!(has("ordinary/large") && has("with space/ç"), "{keys_now}");
    assert!(server.get("/v1/kv/ordinary/large?raw").unwrap() == larger);
    let stolen = server.get_json("/v1/acl/tokens").unwrap();
    assert_eq!(stolen.as_array().unwrap().len(), 2, "{stolen}");
    let end = saved(&server, dir.path(), "end.snap");
    assert_eq!(differing(&now, &end), ["ordinary/large", "with space/ç"]);
}

/// An entry is deleted by its path alone. One whose name is another endpoint stays.
#[cfg(feature = "live")]
#[test]
fn deleting_an_entry_deletes_nothing_else() {
    let Some(server) = ConsulServer::for_test("deleting_an_entry_deletes_nothing_else") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let entry = |name: &str| {
        let entry = json!({"Kind": "service-defaults", "Name": name, "Protocol": "http"});
        server.put("/v1/config", entry.to_string()).unwrap();
    };
    set(&server, "victim", b"mine");
    entry("stays");
    let empty = saved(&server, dir.path(), "empty.snap");
    for name in ["../../kv/victim", "stays/../stays", "a b;c", "%2e%2e/x"] {
        entry(name);
    }
    let full = saved(&server, dir.path(), "full.snap");
    let out = patch(dir.path(), &full, &empty, "out");
    let listed: Vec<_> = not_covered(&out).into_iter().map(|(_, id, _)| id).collect();
    assert_eq!(listed.len(), 3, "{listed:?}");
    apply(&server, &out);
    let now = saved(&server, dir.path(), "now.snap");
    assert_eq!(differing(&full, &now), ["service-defaults/a b;c"]);
    // Writing them uses the body.
    let back = patch(dir.path(), &empty, &full, "back");
    assert_eq!(not_covered(&back), []);
    apply(&server, &back);
    assert_eq!(differing(&full, &saved(&server, dir.path(), "end.snap")), [""; 0]);
}

#[cfg(feature = "live")]
#[test]
fn an_entry_whose_name_changed_its_case_is_there_once() {
    let Some(mut server) =
        ConsulServer::for_test("an_entry_whose_name_changed_its_case_is_there_once")
    else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let entry = |server: &ConsulServer, name: &str| {
        let entry = json!({"Kind": "service-defaults", "Name": name, "Protocol": "http"});
        server.put("/v1/config", entry.to_string()).unwrap();
    };
    entry(&server, "web");
    let a = saved(&server, dir.path(), "a.snap");
    entry(&server, "Web");
    let b = saved(&server, dir.path(), "b.snap");
    let out = patch(dir.path(), &a, &b, "out");
    server.snapshot_restore(&std::fs::read(&a).unwrap()).unwrap();
    apply(&server, &out);
    assert_eq!(differing(&b, &saved(&server, dir.path(), "now.snap")), [""; 0]);
}

/// What servers change, or panic over, is not sent to them.
#[test]
fn entries_that_servers_would_alter_are_listed() {
    let dir = tempfile::tempdir().unwrap();
    let version = ConsulVersion::V1_21_4;
    let proxy = |name: &str, config: Vec<(&str, snapscope_testkit::Val)>| -> Record {
        let config = config.into_iter().map(|(key, value)| (key.into(), value)).collect();
        let fields = vec![("Config", snapscope_testkit::Val::Map(config))];
        config::entry(version, "proxy-defaults", name, fields, 5)
    };
    let list = |items: Vec<snapscope_testkit::Val>| snapscope_testkit::Val::Array(items);
    let before = write(dir.path(), "a.snap", &SnapshotSpec::new(vec![]).snap());
    for (n, (record, covered)) in [
        (proxy("global", vec![("a", list(vec![1u64.into(), 2u64.into()]))]), true),
        (proxy("global", vec![("a", list(vec![1u64.into()]))]), false),
        (proxy("global", vec![("a", snapscope_testkit::Val::Nil)]), false),
        (proxy("global", vec![("a", list(vec![1u64.into(), snapscope_testkit::Val::Nil]))]), false),
        (proxy("global", vec![("a", u64::MAX.into())]), false),
        (proxy("other", vec![]), false),
        (config::example(version, "bound-api-gateway", "gw", 5), false),
        (config::example(version, "mesh", "mesh", 5), true),
        (config::example(version, "service-intentions", "web", 5), true),
    ]
    .into_iter()
    .enumerate()
    {
        let after = write(dir.path(), "b.snap", &SnapshotSpec::new(vec![record]).snap());
        let out = patch(dir.path(), &before, &after, &n.to_string());
        let listed = not_covered(&out).iter().any(|(kind, ..)| kind == "config-entry");
        let steps = std::fs::read_to_string(out.join("config-entries/steps.txt")).unwrap();
        assert_eq!(
            (listed, steps.lines().count()),
            (!covered, usize::from(covered)),
            "{n}: {steps}"
        );
        let files = std::fs::read_dir(out.join("config-entries")).unwrap().count();
        assert_eq!(files, 1 + usize::from(covered), "{n}");
    }
}

/// The metadata of an intention from before 1.9 cannot be written; the rest is.
#[test]
fn what_servers_refuse_of_an_entry_is_left_out_and_listed() {
    let dir = tempfile::tempdir().unwrap();
    let empty = write(dir.path(), "a.snap", &SnapshotSpec::new(vec![]).snap());
    let full = Fixture::snap("consul-1.21.4/small-a");
    let out = patch(dir.path(), &empty, &full.path, "out");
    let id = "service-intentions/payments-worker";
    let (_, _, why) = not_covered(&out).into_iter().find(|(_, listed, _)| listed == id).unwrap();
    assert!(why.contains("LegacyMeta"), "{why}");
    let file = out.join("config-entries/service-intentions__payments-worker.json");
    let body: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let sources = body["Sources"].as_array().unwrap();
    assert!(sources.iter().all(|source| source.get("LegacyMeta").is_none()), "{body}");
    assert!(sources.iter().any(|source| source.get("LegacyID").is_some()), "{body}");
    assert!(!out.join("config-entries/bound-api-gateway__gw-api-gateway.json").exists());
}

#[cfg(feature = "live")]
#[test]
fn what_the_server_refuses_is_said_with_its_reason() {
    let Some(server) = ConsulServer::for_test("what_the_server_refuses_is_said_with_its_reason")
    else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let empty = write(dir.path(), "a.snap", &SnapshotSpec::new(vec![]).snap());
    let version = ConsulVersion::V1_8_7;
    let full =
        |records: Vec<Record>| write(dir.path(), "b.snap", &SnapshotSpec::new(records).snap());
    let out = patch(dir.path(), &empty, &full(vec![kv::entry("a", "b", 0, 5)]), "key");
    let ran = apply_as(&server, &out, "00000000-0000-0000-0000-000000000002");
    assert_eq!(ran.code(), 2);
    let said = "nothing was written: ";
    assert!(ran.stderr.contains(said) && ran.stderr.contains("ACL not found"), "{}", ran.stderr);

    let defaults = vec![("Protocol", "http".into())];
    let records = vec![
        config::example(ConsulVersion::V1_21_4, "mesh", "mesh", 5),
        config::entry(version, "service-defaults", "web", defaults, 5),
    ];
    let out = patch(dir.path(), &empty, &full(records), "entries");
    let ran = apply_as(&server, &out, server.token());
    assert_eq!(ran.code(), 1, "{}", ran.stderr);
    let said = "cannot config-entry/mesh/mesh: these servers do not know entries of kind \"mesh\"";
    assert!(ran.text().contains(said), "{}", ran.text());
    assert!(server.get("/v1/config/service-defaults/web").is_ok(), "what isn't refused is written");

    let ran = finish(&mut applying("127.0.0.1:1", &out, "x"), b"");
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("no connection to"), "{}", ran.stderr);
    // A part of a patch is not applied.
    std::fs::remove_file(out.join("not-covered.jsonl")).unwrap();
    let ran = apply_as(&server, &out, server.token());
    assert_eq!(ran.code(), 2, "{}", ran.text());
}

/// Patches cover all keys, values and entries of real clusters, except for what is known to be
/// impossible.
#[test]
fn of_real_clusters_all_is_covered_but_what_can_not_be() {
    let dir = tempfile::tempdir().unwrap();
    let empty = write(dir.path(), "empty.snap", &SnapshotSpec::new(vec![]).snap());
    for fixture in crate::support::all() {
        for (name, a, b) in [("there", &empty, &fixture.path), ("back", &fixture.path, &empty)] {
            if diff(a, b, &["--stat"]).code() == 0 {
                continue;
            }
            let out = patch(dir.path(), a, b, name);
            for (kind, id, why) in not_covered(&out) {
                let known = match kind.as_str() {
                    "kv" => why.contains("not UTF-8") || why.contains("which session"),
                    "config-entry" => {
                        id.starts_with("bound-api-gateway/")
                            || why.contains("LegacyMeta")
                            || why.contains("null")
                            || why.contains("one element")
                    }
                    _ => true,
                };
                assert!(known, "{}: {kind} {id}: {why}", fixture.name);
            }
            std::fs::remove_dir_all(out).unwrap();
        }
    }
}

/// The variables of Consul's own commands: TLS, client certificates, a token file, another name.
#[cfg(feature = "live")]
#[test]
fn applying_follows_the_variables_of_consul() {
    use crate::live::ca::Ca;
    use snapscope_testkit::consul::{ServerOptions, TlsFiles};
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let ca = Ca::new(dir, "ca");
    let (cert, key) = ca.issue(dir, "server", &["server.dc1.consul"]);
    let tls = TlsFiles { ca: ca.file.clone(), cert, key };
    let options = ServerOptions { tls: Some(tls), unix_socket: true, ..ServerOptions::default() };
    let test = "applying_follows_the_variables_of_consul";
    let Some(server) = ConsulServer::for_test_with(test, &options) else { return };
    let (cert, key) = ca.issue(dir, "client", &["client"]);
    let empty = write(dir, "a.snap", &SnapshotSpec::new(vec![]).snap());
    let records = vec![kv::entry("a", "b", 0, 5), kv::entry("c", "d", 0, 6)];
    let full = write(dir, "b.snap", &SnapshotSpec::new(records).snap());
    let out = patch(dir, &empty, &full, "out");
    let token = write(dir, "the token", format!("{}\n", server.token()).as_bytes());
    let port = server.https_addr().port();
    let apply = || {
        let unknown = "00000000-0000-0000-0000-000000000002";
        let mut apply = applying(&format!("127.0.0.1:{port}"), &out, unknown);
        apply.env("CONSUL_CACERT", &ca.file).env("CONSUL_CLIENT_CERT", &cert);
        apply.env("CONSUL_CLIENT_KEY", &key).env("CONSUL_HTTP_TOKEN_FILE", &token);
        apply.env("CONSUL_TLS_SERVER_NAME", "server.dc1.consul");
        apply
    };
    // Never unencrypted if TLS is requested, nor to a server with another name.
    let mut other = apply();
    other.env("CONSUL_HTTP_SSL", "true").env("CONSUL_TLS_SERVER_NAME", "other.example");
    assert_eq!(finish(&mut other, b"").code(), 2);
    assert!(server.get("/v1/kv/a?raw").is_err());
    let ran = finish(apply().env("CONSUL_HTTP_SSL", "true"), b"");
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{}", ran.text());
    let text = ran.text();
    assert!(text.contains(&format!(" https://127.0.0.1:{port} ")), "{text}");
    assert!(text.contains("Applied 2 objects\n"), "{text}");
    assert_eq!(server.get("/v1/kv/a?raw").unwrap(), b"b");
    // Over a socket nothing is left to do.
    let socket = format!("unix://{}", server.unix_socket().display());
    let ran = finish(&mut applying(&socket, &out, server.token()), b"");
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    assert!(ran.text().contains("Nothing to write."), "{}", ran.text());
}

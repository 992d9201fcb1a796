//! Changes between the plan and the write are found, and never overwritten by default.

use super::hooked::{Fate, Hooked};
use super::{api_state, command, differing, fill_keys, saved, set, with};
use crate::support::{Ran, finish};
use serde_json::{Value, json};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::fill::fill;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Runs `apply`, and calls `change` between its plan and its first write.
fn apply_while(
    server: &Arc<ConsulServer>,
    from: &Path,
    more: &[&str],
    change: impl Fn(&ConsulServer) + Send + Sync + 'static,
) -> Ran {
    let (changed, shared) = (Mutex::new(false), server.clone());
    // The token's rights are requested after the cluster has been read, before anything is written.
    let hook = move |line: &str, _: &[u8]| {
        let mut changed = changed.lock().unwrap();
        if line.contains("/v1/internal/acl/authorize") && !*changed {
            *changed = true;
            change(&shared);
        }
        Fate::Pass
    };
    let proxy = Hooked::start(server.http_addr(), Box::new(hook));
    let mut command = command(&proxy.address(), server.token());
    command.args(["apply", from.to_str().unwrap(), "-y", "-o", "json"]).args(more);
    finish(&mut command, b"")
}

#[test]
fn keys_changed_meanwhile_are_not_overwritten() {
    let Some(server) = ConsulServer::for_test("keys_changed_meanwhile") else { return };
    let server = Arc::new(server);
    fill_keys(&server, "app/", 200);
    let dir = tempfile::tempdir().unwrap();
    let snap = saved(&server, dir.path(), "backup.snap");
    fill_keys(&server, "app/extra/", 3);
    let scramble = |server: &ConsulServer| {
        for n in 0..150 {
            set(server, &format!("app/{n:06}"), b"other");
        }
        for n in 150..200 {
            server.delete(&format!("/v1/kv/app/{n:06}")).unwrap();
        }
    };
    scramble(&server);
    let before = api_state(&server);
    let meanwhile = |server: &ConsulServer| {
        set(server, "app/000003", b"meanwhile");
        set(server, "app/000170", b"created meanwhile");
        server.delete("/v1/kv/app/000077").unwrap();
        set(server, "app/extra/000001", b"meanwhile");
        // Somebody made the same change.
        let same = json!([{"KV": {"Verb": "set", "Key": "app/000005", "Flags": 5, "Value": "dmFsdWUgNQ=="}}]);
        server.put("/v1/txn", same.to_string()).unwrap();
    };
    let undo = dir.path().join("undo");
    let flags = ["--prefix", "app/", "--delete-extra", "--undo", undo.to_str().unwrap()];
    let ran = apply_while(&server, &snap, &flags, meanwhile);
    let result = ran.json();
    assert_eq!(ran.code(), 1, "{}", ran.stderr);
    let mut conflicts = with(&result, "result", "conflict");
    conflicts.sort();
    let expected = ["kv/app/000003", "kv/app/000077", "kv/app/000170", "kv/app/extra/000001"];
    assert_eq!(conflicts, expected);
    assert_eq!(result["result"]["done"], 203 - 4);
    let now = api_state(&server);
    assert_eq!(now["kv/app/000003"]["Value"], "bWVhbndoaWxl");
    assert!(!now.contains_key("kv/app/000077") && now.contains_key("kv/app/extra/000001"));
    // The undo leaves them alone, too, because the apply did not write them.
    let ran = super::apply(&server, &undo, &[]);
    assert_eq!(ran.code(), 0, "{}\n{}", ran.stderr, ran.json());
    let after = api_state(&server);
    let differ = differing(&after, &before);
    assert_eq!(differ.len(), 4, "{differ:?}");

    // With --overwrite they are written.
    let again = dir.path().join("again");
    let flags = ["--prefix", "app/", "--overwrite", "--undo", again.to_str().unwrap()];
    let ran = apply_while(&server, &snap, &flags, |server| set(server, "app/000004", b"meanwhile"));
    assert_eq!(ran.code(), 0, "{}\n{}", ran.stderr, ran.json());
    assert_eq!(server.get("/v1/kv/app/000004?raw").unwrap(), b"value 4");
}

/// An undo takes back only what is still as it was written.
#[test]
fn what_was_changed_since_an_apply_is_not_taken_back() {
    let Some(server) = ConsulServer::for_test("changed_since_an_apply") else { return };
    fill_keys(&server, "app/", 10);
    let dir = tempfile::tempdir().unwrap();
    let snap = saved(&server, dir.path(), "backup.snap");
    server.delete("/v1/kv/app?recurse").unwrap();
    let undo = dir.path().join("undo");
    let ran = super::apply(&server, &snap, &["--prefix", "app/", "--undo", undo.to_str().unwrap()]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    set(&server, "app/000004", b"since");
    let redo = dir.path().join("redo");
    let ran = super::apply(&server, &undo, &["--undo", redo.to_str().unwrap()]);
    let result = ran.json();
    assert_eq!(ran.code(), 1, "{}", ran.stderr);
    assert_eq!(with(&result, "action", "conflict"), ["kv/app/000004"]);
    let keys = server.get_json("/v1/kv/?keys").unwrap();
    assert_eq!(keys, json!(["app/000004"]));
    let ran = super::apply(&server, &undo, &["--overwrite"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_eq!(server.get_json("/v1/kv/?keys").unwrap(), json!([]));
}

#[test]
fn objects_changed_meanwhile_are_not_overwritten() {
    let Some(server) = ConsulServer::for_test("objects_changed_meanwhile") else { return };
    let server = Arc::new(server);
    let filled = fill(&server).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let snap = saved(&server, dir.path(), "backup.snap");
    let (role, policy, node) =
        (filled.roles[0].clone(), filled.policies[0].clone(), filled.nodes[1].clone());
    let put = |server: &ConsulServer, path: String, body: Value| {
        server.put(&path, body.to_string()).map(drop).unwrap();
    };
    let defaults = |sni: &str| json!({"Kind": "service-defaults", "Name": "db", "Protocol": "tcp", "ExternalSNI": sni});
    let policy_of = |id: &str, text: &str| json!({"ID": id, "Name": "kv-read", "Description": text, "Rules": ""});
    let role_of =
        |id: &str, text: &str| json!({"ID": id, "Name": "role-policies", "Description": text});
    let node_of = move |node: &str, port: u16| {
        json!({"Node": node, "Address": "10.0.0.2", "SkipNodeUpdate": true,
               "Service": {"ID": "db-1", "Service": "db", "Port": port}})
    };
    put(&server, "/v1/config".to_owned(), defaults("a"));
    put(&server, format!("/v1/acl/policy/{policy}"), policy_of(&policy, "a"));
    put(&server, format!("/v1/acl/role/{role}"), role_of(&role, "a"));
    put(&server, "/v1/catalog/register".to_owned(), node_of(&node, 1));
    let ids = (policy.clone(), role.clone(), node.clone());
    let meanwhile = move |server: &ConsulServer| {
        let (policy, role, node) = &ids;
        put(server, "/v1/config".to_owned(), defaults("b"));
        put(server, format!("/v1/acl/policy/{policy}"), policy_of(policy, "b"));
        put(server, format!("/v1/acl/role/{role}"), role_of(role, "b"));
        put(server, "/v1/catalog/register".to_owned(), node_of(node, 2));
    };
    let undo = dir.path().join("undo");
    let flags = ["--type", "config-entries,policies,roles", "--undo", undo.to_str().unwrap()];
    let ran = apply_while(&server, &snap, &flags, meanwhile.clone());
    let result = ran.json();
    assert_eq!(ran.code(), 1, "{}\n{result}", ran.stderr);
    let expected = ["config-entry/service-defaults/db", "policy/kv-read", "role/role-policies"];
    assert_eq!(with(&result, "result", "conflict"), expected, "{result}");
    let db = server.get_json("/v1/config/service-defaults/db").unwrap();
    assert_eq!(db["ExternalSNI"], "b");
    let undo = dir.path().join("undo-node");
    let flags = [node.as_str(), "--type", "nodes", "--undo", undo.to_str().unwrap()];
    put(&server, "/v1/catalog/register".to_owned(), node_of(&node, 1));
    let ran = apply_while(&server, &snap, &flags, meanwhile);
    assert_eq!(with(&ran.json(), "result", "conflict"), [format!("node/{node}")], "{}", ran.json());
}

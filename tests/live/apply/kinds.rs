//! Objects of every kind that were deleted or changed in the cluster are restored, and the undo
//! takes that back.

use super::{api_state, apply, assert_same, saved, set, with};
use serde_json::{Value, json};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::fill::{Filled, fill};
use snapscope_testkit::http::percent_encode;
use std::path::Path;

const TYPES: &str =
    "kv,config-entries,intentions,policies,roles,auth-methods,binding-rules,tokens,queries";

/// Objects of the filled server that cannot be written: a key that is not UTF-8, and a query of a
/// session.
const NOT_WRITTEN: [&str; 2] = ["kv/odd/not-utf8-\u{fffd}\u{fffd}", "query/bound"];

/// Nodes that 1.8.7 can show: the first one has a null in the configuration of a proxy.
fn nodes(filled: &Filled) -> [&str; 2] {
    [&filled.nodes[1], &filled.nodes[2]]
}

/// Deletes everything that was filled in, except for what cannot be restored.
fn delete_all(server: &ConsulServer, filled: &Filled) {
    for key in filled.keys.iter().filter(|key| key.session.is_empty()) {
        let Ok(text) = std::str::from_utf8(&key.key) else { continue };
        let gone = json!([{"KV": {"Verb": "delete", "Key": text}}]);
        server.put("/v1/txn", gone.to_string()).unwrap();
    }
    for (accessor, _) in &filled.tokens {
        server.delete(&format!("/v1/acl/token/{accessor}")).unwrap();
    }
    for rule in &filled.binding_rules {
        server.delete(&format!("/v1/acl/binding-rule/{rule}")).unwrap();
    }
    for method in &filled.auth_methods {
        server.delete(&format!("/v1/acl/auth-method/{method}")).unwrap();
    }
    for role in &filled.roles {
        server.delete(&format!("/v1/acl/role/{role}")).unwrap();
    }
    for policy in &filled.policies {
        server.delete(&format!("/v1/acl/policy/{policy}")).unwrap();
    }
    for query in &filled.queries[..2] {
        server.delete(&format!("/v1/query/{query}")).unwrap();
    }
    let intentions = server.get_json("/v1/connect/intentions").unwrap();
    let is_filled = |intention: &&Value| intention["SourceName"] != "bystander";
    for intention in intentions.as_array().unwrap().iter().filter(is_filled) {
        let id = intention["ID"].as_str().unwrap();
        server.delete(&format!("/v1/connect/intentions/{id}")).unwrap();
    }
    for kind in [
        "terminating-gateway",
        "ingress-gateway",
        "service-router",
        "service-splitter",
        "service-resolver",
        "service-defaults",
        "proxy-defaults",
    ] {
        for (_, name) in filled.config_entries.iter().filter(|(of, _)| of == kind) {
            server.delete(&format!("/v1/config/{kind}/{name}")).unwrap();
        }
    }
    for node in nodes(filled) {
        server.put("/v1/catalog/deregister", json!({"Node": node}).to_string()).unwrap();
    }
}

/// What was not requested, and has to stay.
fn bystanders(server: &ConsulServer) {
    set(server, "bystander/key", b"stays");
    let policy = json!({"Name": "bystander", "Rules": "key \"x\" { policy = \"read\" }"});
    server.put("/v1/acl/policy", policy.to_string()).unwrap();
    let entry = json!({"Kind": "service-defaults", "Name": "bystander", "Protocol": "grpc"});
    server.put("/v1/config", entry.to_string()).unwrap();
    let intention = json!({"SourceName": "bystander", "DestinationName": "db", "Action": "deny"});
    server.post("/v1/connect/intentions", intention.to_string()).unwrap();
    let node = json!({"Node": "bystander", "Address": "10.9.9.9"});
    server.put("/v1/catalog/register", node.to_string()).unwrap();
}

/// Applies all types, and then the nodes that can be shown.
fn apply_all(
    server: &ConsulServer,
    filled: &Filled,
    snap: &Path,
    dir: &Path,
    name: &str,
) -> [std::path::PathBuf; 2] {
    let folders = [dir.join(format!("{name}-all")), dir.join(format!("{name}-nodes"))];
    let undo = |at: usize| folders[at].to_str().unwrap().to_owned();
    let ran = apply(server, snap, &["--type", TYPES, "--undo", &undo(0)]);
    let json = ran.json();
    assert_eq!(ran.code(), 1, "{}\n{json}", ran.stderr);
    assert_eq!(json["result"]["stopped"], Value::Null);
    assert_eq!(with(&json, "result", "refused"), [""; 0], "{json}");
    assert_eq!(with(&json, "result", "conflict"), [""; 0], "{json}");
    for left in with(&json, "action", "cannot") {
        assert!(NOT_WRITTEN.contains(&left.as_str()), "{left} in {json}");
    }
    let [a, b] = nodes(filled);
    let ran = apply(server, snap, &[a, b, "--type", "nodes", "--undo", &undo(1)]);
    assert_eq!(ran.code(), 0, "{}\n{}", ran.stderr, ran.json());
    folders
}

#[test]
fn what_was_deleted_comes_back_and_goes_again() {
    let Some(server) = ConsulServer::for_test("what_was_deleted_comes_back") else { return };
    let filled = fill(&server).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let snap = saved(&server, dir.path(), "backup.snap");
    bystanders(&server);
    let before = api_state(&server);
    delete_all(&server, &filled);
    let deleted = api_state(&server);
    assert!(deleted.len() + 60 < before.len(), "{} of {}", deleted.len(), before.len());

    let folders = apply_all(&server, &filled, &snap, dir.path(), "first");
    assert_same(&api_state(&server), &before);
    // Secrets are the same: the tokens work again.
    for (accessor, secret) in &filled.tokens {
        let token = server.get_json(&format!("/v1/acl/token/{accessor}")).unwrap();
        assert_eq!(token["SecretID"], **secret);
    }
    // The second time nothing is left to do, and no folder is created.
    let again = dir.path().join("again");
    let ran = apply(&server, &snap, &["--type", TYPES, "--undo", again.to_str().unwrap()]);
    let json = ran.json();
    assert_eq!(json["result"], Value::Null);
    for (kind, counts) in json["summary"].as_object().unwrap() {
        assert_eq!(
            (&counts["create"], &counts["change"]),
            (&json!(0), &json!(0)),
            "{kind} in {json}"
        );
    }
    assert!(!again.exists());

    for folder in folders.iter().rev() {
        let redo = folder.with_extension("redo");
        let ran = apply(&server, folder, &["--undo", redo.to_str().unwrap()]);
        assert_eq!(ran.code(), 0, "{}\n{}", ran.stderr, ran.json());
    }
    assert_same(&api_state(&server), &deleted);
    // An undo is an apply, so it can be undone, too.
    for folder in folders {
        let ran = apply(&server, &folder.with_extension("redo"), &[]);
        assert_eq!(ran.code(), 0, "{}\n{}", ran.stderr, ran.json());
    }
    assert_same(&api_state(&server), &before);
}

/// Changes one or more objects of each kind.
fn change(server: &ConsulServer, filled: &Filled) {
    for key in ["plain/key", "plain/binary", "many/007", "/leading/slash", "odd//double//slash"] {
        set(server, key, b"changed");
    }
    server.put(&format!("/v1/kv/{}?flags=9", percent_encode(b"many/008")), "other").unwrap();
    for entry in [
        json!({"Kind": "service-defaults", "Name": "db", "Protocol": "tcp", "ExternalSNI": "other"}),
        json!({"Kind": "service-resolver", "Name": "web", "DefaultSubset": "v2",
               "Subsets": {"v1": {"OnlyPassing": true}, "v2": {"OnlyPassing": true}}}),
        json!({"Kind": "terminating-gateway", "Name": "terminating", "Services": [{"Name": "x"}]}),
    ] {
        server.put("/v1/config", entry.to_string()).unwrap();
    }
    let put = |path: String, body: Value| server.put(&path, body.to_string()).map(drop).unwrap();
    let policy = json!({"ID": filled.policies[0], "Name": "kv-read", "Rules": "key \"\" { policy = \"deny\" }"});
    put(format!("/v1/acl/policy/{}", filled.policies[0]), policy);
    let role = json!({"ID": filled.roles[0], "Name": "role-policies", "Policies": [{"Name": "json-rules"}]});
    put(format!("/v1/acl/role/{}", filled.roles[0]), role);
    let (accessor, _) = &filled.tokens[0];
    let token = json!({"AccessorID": accessor, "Description": "changed", "Policies": []});
    put(format!("/v1/acl/token/{accessor}"), token);
    let rule = json!({"ID": filled.binding_rules[0], "AuthMethod": "minikube", "BindType": "service", "BindName": "x"});
    put(format!("/v1/acl/binding-rule/{}", filled.binding_rules[0]), rule);
    let mut method = server.get_json("/v1/acl/auth-method/minikube").unwrap();
    method["Description"] = json!("changed");
    ["CreateIndex", "ModifyIndex"]
        .iter()
        .for_each(|name| drop(method.as_object_mut().unwrap().remove(*name)));
    put("/v1/acl/auth-method/minikube".to_owned(), method);
    let query = json!({"Name": "failover", "Service": {"Service": "db"}});
    put(format!("/v1/query/{}", filled.queries[0]), query);
    let intentions = server.get_json("/v1/connect/intentions").unwrap();
    let is_filled = |intention: &&Value| intention["SourceName"] != "bystander";
    let first = intentions.as_array().unwrap().iter().find(is_filled).unwrap();
    let mut changed = first.clone();
    changed["Action"] = json!(if first["Action"] == "allow" { "deny" } else { "allow" });
    let fields = changed.as_object_mut().unwrap();
    fields.retain(|name, _| {
        ["SourceName", "DestinationName", "SourceType", "Action", "Description"]
            .contains(&name.as_str())
    });
    put(format!("/v1/connect/intentions/{}", first["ID"].as_str().unwrap()), changed);
    let node = nodes(filled)[0];
    let service = json!({"Node": node, "Address": "10.0.0.77", "SkipNodeUpdate": true,
        "Service": {"ID": "db-1", "Service": "db", "Port": 1}});
    put("/v1/catalog/register".to_owned(), service);
    put(
        "/v1/catalog/register".to_owned(),
        json!({"Node": node, "Address": "10.0.0.77", "SkipNodeUpdate": true,
        "Service": {"ID": "new", "Service": "new", "Port": 2}}),
    );
    put("/v1/catalog/deregister".to_owned(), json!({"Node": node, "ServiceID": "web-1"}));
}

#[test]
fn what_was_changed_comes_back_and_goes_again() {
    let Some(server) = ConsulServer::for_test("what_was_changed_comes_back") else { return };
    let filled = fill(&server).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let snap = saved(&server, dir.path(), "backup.snap");
    bystanders(&server);
    let before = api_state(&server);
    change(&server, &filled);
    let changed = api_state(&server);
    let folders = apply_all(&server, &filled, &snap, dir.path(), "first");
    assert_same(&api_state(&server), &before);
    // The previous state of the cluster is a snapshot, too.
    let kept = folders[0].join("before.snap");
    let ran = crate::support::run(["get", "kv", "plain/key", kept.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.text()), (0, "changed"), "{}", ran.stderr);
    let ran = crate::support::run(["list", "policies", "-o", "json", kept.to_str().unwrap()]);
    assert_eq!(ran.json().as_array().unwrap().len(), 1, "{}", ran.text());
    let ran = crate::support::run(["verify", kept.to_str().unwrap()]);
    assert_eq!(ran.code(), 0, "{}{}", ran.text(), ran.stderr);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for (path, mode) in
            [(folders[0].clone(), 0o700), (kept, 0o600), (folders[0].join("steps.jsonl"), 0o600)]
        {
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, mode);
        }
    }
    for folder in folders.iter().rev() {
        let ran = apply(&server, folder, &[]);
        assert_eq!(ran.code(), 0, "{}\n{}", ran.stderr, ran.json());
    }
    assert_same(&api_state(&server), &changed);
}

/// Only the named objects and those they need are written.
#[test]
fn what_an_object_needs_comes_with_it() {
    let Some(server) = ConsulServer::for_test("what_an_object_needs") else { return };
    let filled = fill(&server).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let snap = saved(&server, dir.path(), "backup.snap");
    delete_all(&server, &filled);
    let (accessor, secret) = &filled.tokens[1];
    let undo = dir.path().join("undo");
    let ran =
        apply(&server, &snap, &[accessor, "--type", "tokens", "--undo", undo.to_str().unwrap()]);
    let json = ran.json();
    assert_eq!(ran.code(), 0, "{}\n{json}", ran.stderr);
    let done =
        ["policy/kv-read", "policy/web-write", "role/role-policies", &format!("token/{accessor}")];
    assert_eq!(with(&json, "result", "done"), done);
    let warning = json["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("1 token becomes valid again") && warning.contains(accessor),
        "{warning}"
    );
    assert!(!ran.text().contains(secret), "a secret is printed");

    let ran = apply(
        &server,
        &snap,
        &[
            "web",
            "--type",
            "config-entries",
            "--filter",
            "Kind == \"service-router\"",
            "--undo",
            dir.path().join("router").to_str().unwrap(),
        ],
    );
    let json = ran.json();
    assert_eq!(ran.code(), 0, "{}\n{json}", ran.stderr);
    let done: Vec<String> = with(&json, "result", "done");
    let expected = [
        "proxy-defaults/global",
        "service-defaults/web",
        "service-resolver/web",
        "service-splitter/web",
        "service-router/web",
    ];
    assert_eq!(done, expected.map(|id| format!("config-entry/{id}")), "{json}");
    // Without them servers refuse it.
    delete_all_entries(&server);
    let ran = apply(
        &server,
        &snap,
        &[
            "web",
            "--type",
            "config-entries",
            "--filter",
            "Kind == \"service-splitter\"",
            "--no-deps",
            "--undo",
            dir.path().join("alone").to_str().unwrap(),
        ],
    );
    assert_eq!(ran.code(), 1, "{}", ran.stderr);
    assert_eq!(with(&ran.json(), "result", "refused"), ["config-entry/service-splitter/web"]);
}

fn delete_all_entries(server: &ConsulServer) {
    for path in [
        "service-router/web",
        "service-splitter/web",
        "service-resolver/web",
        "service-defaults/web",
        "proxy-defaults/global",
    ] {
        server.delete(&format!("/v1/config/{path}")).unwrap();
    }
}

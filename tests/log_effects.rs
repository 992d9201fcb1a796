//! What a real server refused only while applying it: its log must show the same.

use crate::rolled::records;
use crate::support::run;
use serde_json::{Value, json};
use snapscope_testkit::consul::ConsulServer;
use std::fs;

/// Whether a config entry is accepted.
fn is_accepted(server: &ConsulServer, entry: &Value) -> bool {
    server.put("/v1/config", entry.to_string()).is_ok()
}

/// A listener's protocol restricts its services; below TCP only those that are routed or split.
#[test]
fn listeners_bind_the_protocols_of_services() {
    let Some(server) = ConsulServer::for_test("listeners_bind_the_protocols") else { return };
    let dir = tempfile::tempdir().unwrap();
    let defaults = |name: &str, protocol: &str| {
        let entry = json!({"Kind": "service-defaults", "Name": name, "Protocol": protocol});
        is_accepted(&server, &entry)
    };
    let gateway = |name: &str, port: u16, protocol: &str, service: &str| {
        let listener = json!({"Port": port, "Protocol": protocol, "Services": [{"Name": service}]});
        let entry = json!({"Kind": "ingress-gateway", "Name": name, "Listeners": [listener]});
        is_accepted(&server, &entry)
    };
    let split = json!({"Kind": "service-splitter", "Name": "web", "Splits": [{"Weight": 100}]});
    let accepted = [
        gateway("tcp", 8080, "tcp", "web"),
        defaults("web", "http"),
        is_accepted(&server, &split),
        defaults("web", "http2"),
        gateway("tcp", 8081, "tcp", "web"),
        server.delete("/v1/config/ingress-gateway/tcp").is_ok(),
        is_accepted(&server, &split),
        defaults("api", "http"),
        gateway("http", 8082, "http", "api"),
        defaults("api", "grpc"),
    ];
    let expected = [true, true, false, true, false, true, true, true, true, false];
    assert_eq!(accepted, expected, "the server");
    let own = dir.path().join("own.snap");
    fs::write(&own, server.snapshot_save().unwrap()).unwrap();
    let meta = run(["inspect", own.to_str().unwrap(), "-format=json"]).json();
    let data = server.data_dir().to_str().unwrap().to_owned();
    let args = ["log", "-o", "jsonl", "--object", "config-entry", &data];
    let lines = run(args).lines();
    let effects = lines.iter().map(|line| line["effect"] == "changed");
    assert_eq!(effects.collect::<Vec<_>>(), expected, "{lines:?}");
    let (index, out) = (meta["Meta"]["Index"].to_string(), dir.path().join("out.snap"));
    let ran = run(["at", "--index", &index, "--out", out.to_str().unwrap(), &data]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_eq!(records(&out), records(&own));
}

/// A transaction that deletes a missing key, and sets another one.
#[test]
fn each_operation_of_a_transaction_has_its_own_effect() {
    let Some(server) = ConsulServer::for_test("each_operation_of_a_transaction") else { return };
    let operation =
        |verb: &str, key: &str| json!({"KV": {"Verb": verb, "Key": key, "Value": "eA=="}});
    let write = |operations: &[Value]| {
        server.put("/v1/txn", Value::from(operations).to_string()).unwrap();
    };
    write(&[operation("set", "there")]);
    write(&[operation("delete", "gone"), operation("set", "new"), operation("set", "there")]);
    write(&[operation("set", "twice"), operation("delete", "twice")]);
    let index = |key: &str| {
        let answer = server.get(&format!("/v1/kv/{key}")).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        answer[0]["ModifyIndex"].as_u64().unwrap()
    };
    // The server itself confirms it: what was equal before keeps its index.
    assert!(index("there") < index("new"));
    let data = server.data_dir().to_str().unwrap().to_owned();
    let lines = run(["log", "-o", "jsonl", "--filter", "type == Txn", &data]).lines();
    let effects: Vec<_> = lines
        .iter()
        .map(|line| (line["object"].as_str().unwrap(), line["effect"].as_str().unwrap()))
        .collect();
    let expected = [
        ("kv/there", "changed"),
        ("kv/gone", "none"),
        ("kv/new", "changed"),
        ("kv/there", "none"),
        ("kv/twice", "changed"),
        ("kv/twice", "changed"),
    ];
    assert_eq!(effects, expected, "{lines:?}");
}

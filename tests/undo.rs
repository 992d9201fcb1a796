//! `undo`: the patch takes back selected writes of a real server's log.

use crate::support::{binary, data_dir, finish, json_lines, run};
use serde_json::{Value, json};
use snapscope_testkit::consul::ConsulServer;
use std::fs;
use std::path::Path;

fn value(server: &ConsulServer, key: &str) -> Option<String> {
    let value = server.get(&format!("/v1/kv/{key}?raw")).ok()?;
    Some(String::from_utf8(value).unwrap())
}

/// The index of the last write to an object with this operation.
fn index_of(data: &str, op: &str, object: &str) -> String {
    let filter = format!("op == \"{op}\" and object == \"{object}\"");
    let lines = run(["log", data, "-o", "jsonl", "--filter", &filter]).lines();
    lines.last().unwrap_or_else(|| panic!("no {op} of {object}"))["index"].to_string()
}

fn apply(server: &ConsulServer, patch: &Path) {
    let mut apply = binary();
    apply.args(["apply", "-y"]).arg(patch);
    apply.env("CONSUL_HTTP_ADDR", server.http_addr().to_string());
    let ran = finish(apply.env("CONSUL_HTTP_TOKEN", server.token()), b"");
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{}", ran.text());
}

#[test]
fn chosen_writes_are_taken_back() {
    let Some(server) = ConsulServer::for_test("undo") else { return };
    let dir = tempfile::tempdir().unwrap();
    let data = server.data_dir().to_str().unwrap().to_owned();
    let put = |key: &str, value: &str| {
        server.put(&format!("/v1/kv/{key}"), value).unwrap();
        index_of(&data, "set", &format!("kv/{key}"))
    };
    let protocol = |protocol: &str| {
        let entry = json!({"Kind": "service-defaults", "Name": "web", "Protocol": protocol});
        server.put("/v1/config", entry.to_string()).unwrap();
    };
    for (key, value) in
        [("app/a", "1"), ("app/b", "1"), ("tree/x", "1"), ("tree/y", "2"), ("app/d", "1")]
    {
        put(key, value);
    }
    protocol("http");
    let mut chosen = vec![put("app/a", "2"), put("app/c", "new"), put("app/d", "2")];
    server.delete("/v1/kv/app/b").unwrap();
    chosen.push(index_of(&data, "delete", "kv/app/b"));
    server.delete("/v1/kv/tree/?recurse").unwrap();
    chosen.push(index_of(&data, "delete-tree", "kv/tree/"));
    protocol("grpc");
    chosen.push(index_of(&data, "upsert", "config-entry/service-defaults/web"));
    // A later write conflicts with one; other objects have changed too.
    let later = put("app/d", "3");
    put("other", "stays");

    let patch = dir.path().join("patch");
    let undo = |chosen: &[String], out: &Path| {
        let words = ["undo".to_owned()].into_iter().chain(chosen.iter().cloned());
        run(words.chain([data.clone(), "--out".to_owned(), out.display().to_string()]))
    };
    let ran = undo(&chosen, &patch);
    assert_eq!(ran.code(), 1, "{}", ran.stderr);
    let said = format!(
        "kv/app/d: the write at index {} is not taken back: the write at index {later} changed",
        chosen[2]
    );
    assert!(ran.stderr.contains(&said), "{}", ran.stderr);
    let left = json_lines(&fs::read(patch.join("not-covered.jsonl")).unwrap());
    assert_eq!(left, Vec::<Value>::new());
    apply(&server, &patch);
    for (key, expected) in [
        ("app/a", Some("1")),
        ("app/b", Some("1")),
        ("app/c", None),
        ("app/d", Some("3")),
        ("tree/x", Some("1")),
        ("tree/y", Some("2")),
        ("other", Some("stays")),
    ] {
        assert_eq!(value(&server, key).as_deref(), expected, "{key}");
    }
    let entry = server.get_json("/v1/config/service-defaults/web").unwrap();
    assert_eq!(entry["Protocol"], "http");

    // Together with the conflicting write, both are taken back; an object that was taken back
    // differs from its written state.
    let both = dir.path().join("both");
    let ran = undo(&[chosen[2].clone(), later], &both);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    apply(&server, &both);
    assert_eq!(value(&server, "app/d").as_deref(), Some("1"));
    let again = undo(&chosen[..1], &dir.path().join("again"));
    assert!(
        again.code() == 1 && again.stderr.contains("kv/app/a: the write at index"),
        "{}",
        again.stderr
    );

    let missing = undo(&["999999".to_owned()], &dir.path().join("missing"));
    assert!(
        missing.code() == 2 && missing.stderr.contains("no entry 999999"),
        "{}",
        missing.stderr
    );
    assert!(!dir.path().join("missing").exists());
    let exists = undo(&chosen[..1], &patch);
    assert!(exists.code() == 2 && exists.stderr.contains("already exists"), "{}", exists.stderr);
}

/// What no patch can take back is listed.
#[test]
fn other_objects_are_listed() {
    let Some(server) = ConsulServer::for_test("undo of others") else { return };
    let dir = tempfile::tempdir().unwrap();
    let data = server.data_dir().to_str().unwrap().to_owned();
    let node = json!({
        "Node": "edge",
        "Address": "10.0.0.9",
        "Service": {"ID": "web-1", "Service": "web", "Port": 80},
    });
    server.put("/v1/catalog/register", node.to_string()).unwrap();
    let leave = json!({"Node": "edge", "ServiceID": "web-1"});
    server.put("/v1/catalog/deregister", leave.to_string()).unwrap();
    let index = index_of(&data, "deregister", "service/edge/web-1");
    let out = dir.path().join("patch");
    let ran = run(["undo", &index, &data, "--out", out.to_str().unwrap()]);
    // It is not taken back.
    assert_eq!(ran.code(), 1, "{}", ran.stderr);
    let left = json_lines(&fs::read(out.join("not-covered.jsonl")).unwrap());
    let is_it = |line: &Value| line["id"].as_str().is_some_and(|id| id.contains("web-1"));
    assert!(left.iter().any(is_it), "{left:?}");
}

#[test]
fn what_was_on_a_node_that_is_gone_is_named() {
    let (dir, data) = data_dir("consul-1.21.4-wal");
    let out = dir.path().join("patch");
    let out = out.to_str().unwrap();
    let ran = run(["undo", "908", &data, "--out", out]);
    assert_eq!(ran.code(), 1, "{}", ran.stderr);
    let says = "service/tail-3/w0: the write at index 908 is not taken back: the write at index 929 removed its node";
    assert!(ran.stderr.contains(says), "{}", ran.stderr);
    // Together with the node it comes back.
    let ran = run(["undo", "908", "929", &data, "--out", out]);
    assert!(!ran.stderr.contains("removed its node"), "{}", ran.stderr);
    let left = fs::read_to_string(format!("{out}/not-covered.jsonl")).unwrap();
    assert!(left.contains("tail-3") && left.contains("w0"), "{left}");
    let ran = run(["undo", "908", &format!("{data}@957"), "--out", out, "--force"]);
    assert!(ran.code() == 2 && ran.stderr.contains("the end of the log"), "{}", ran.stderr);
}

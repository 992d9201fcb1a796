//! Keys and tokens of a real server, with snapshots between their changes, compared with the
//! indexes from its API after each step.

use super::{events, history, short, shorts};
use crate::support::write;
use serde_json::{Value, json};
use snapscope_testkit::ConsulServer;
use std::path::{Path, PathBuf};

struct Life<'s> {
    server: &'s ConsulServer,
    dir: &'s Path,
    files: Vec<PathBuf>,
}

impl Life<'_> {
    fn put(&self, key: &str, value: &str) -> u64 {
        self.server.put(&format!("/v1/kv/{key}"), value).unwrap();
        self.index(key)
    }

    /// `ModifyIndex` of a key from the API.
    fn index(&self, key: &str) -> u64 {
        self.server.get_json(&format!("/v1/kv/{key}")).unwrap()[0]["ModifyIndex"].as_u64().unwrap()
    }

    /// Deletes keys; returns the index of later queries for keys under `prefix`.
    fn delete(&self, path: &str, prefix: &str) -> u64 {
        self.server.delete(&format!("/v1/kv/{path}")).unwrap();
        let path = format!("/v1/kv/{prefix}?recurse");
        let answer = self.server.request("GET", &path, b"").unwrap();
        answer.header("X-Consul-Index").unwrap().parse().unwrap()
    }

    fn snapshot(&mut self) -> u64 {
        let name = format!("{}.snap", self.files.len());
        let path = write(self.dir, &name, &self.server.snapshot_save().unwrap());
        let inspected =
            crate::support::run(["inspect", "--format", "json", path.to_str().unwrap()]);
        self.files.push(path);
        inspected.json()["Meta"]["Index"].as_u64().unwrap()
    }
}

#[test]
fn a_life_on_a_server_is_told_with_its_indexes() {
    let Some(server) = ConsulServer::for_test("a_life_on_a_server_is_told_with_its_indexes") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let mut life = Life { server: &server, dir: dir.path(), files: Vec::new() };
    let s0 = life.snapshot();
    let created = life.put("app/color", "blue");
    life.put("app/tree/a", "1");
    life.put("app/tree/b", "1");
    let s1 = life.snapshot();
    life.put("app/color", "red");
    let changed = life.put("app/color", "green");
    let s2 = life.snapshot();
    let deleted = life.delete("app/color", "app/color");
    let tree = life.delete("app/tree/?recurse", "app/tree/");
    let s3 = life.snapshot();
    let again = life.put("app/color", "blue");
    let s4 = life.snapshot();
    let gone = life.delete("app/color", "app/color");
    let back = life.put("app/color", "blue");
    let token: Value = serde_json::from_slice(
        &server.put("/v1/acl/token", json!({"Description": "one"}).to_string()).unwrap(),
    )
    .unwrap();
    let s5 = life.snapshot();
    let accessor = token["AccessorID"].as_str().unwrap();
    let update = json!({"AccessorID": accessor, "Description": "two"}).to_string();
    let update = server.put(&format!("/v1/acl/token/{accessor}"), update).unwrap();
    let update: Value = serde_json::from_slice(&update).unwrap();
    let s6 = life.snapshot();

    let ran = history(&["kv", "app/color"], &life.files);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    let expected = [
        format!("created {created} {s0}..{s1}"),
        format!("changed {changed} {s1}..{s2}"),
        format!("deleted {deleted} {s2}..{s3}"),
        format!("created {again} {s3}..{s4}"),
        format!("recreated {back} {s4}..{s5}"),
    ];
    assert_eq!(shorts(&ran), expected);
    assert_eq!(events(&ran)[4]["deletion"], json!({"index": gone, "prefix": null}));

    // If a tree is deleted at once, only the prefix has a tombstone.
    let leaf = history(&["kv", "app/tree/a"], &life.files);
    let last = events(&leaf).pop().unwrap();
    assert_eq!(short(&last), format!("deleted {tree} {s2}..{s3}"));
    assert_eq!(last["deletion"], json!({"index": tree, "prefix": "app/tree/"}));

    let token_life = history(&["token", accessor], &life.files);
    let expected = [
        format!("created {} {s4}..{s5}", token["CreateIndex"]),
        format!("changed {} {s5}..{s6}", update["ModifyIndex"]),
    ];
    assert_eq!(shorts(&token_life), expected);
    let fields = &events(&token_life)[1]["fields"];
    assert_eq!(fields, &json!({"Description": {"before": "one", "after": "two"}}));
    let secret = token["SecretID"].as_str().unwrap();
    assert!(!token_life.text().contains(secret));
    let shown = history(&["--show-secrets", "token", accessor], &life.files);
    assert!(shown.text().contains(secret));
}

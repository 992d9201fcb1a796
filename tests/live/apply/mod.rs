//! `apply`: writes a part of a snapshot to a real cluster; everything that was not requested stays.

mod conflicts;
mod failures;
mod fixtures;
mod hooked;
mod kinds;
mod leaders;
mod log;
mod plan;
mod resume;
mod speed;

use super::{command, run_at};
use crate::support::{Ran, write};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::consul::NODE_NAME;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Fields that servers choose, or that change with every write.
const SERVERS_OWN: [&str; 8] = [
    "CreateIndex",
    "ModifyIndex",
    "Hash",
    "CreatedAt",
    "UpdatedAt",
    "CreateTime",
    "LockIndex",
    "Precedence",
];

/// A value without these fields; without IDs where servers choose them.
fn plain(value: &Value, with_ids: bool) -> Value {
    match value {
        Value::Object(members) => {
            let is_own = |name: &str| SERVERS_OWN.contains(&name) || (!with_ids && name == "ID");
            let members = members.iter().filter(|(name, _)| !is_own(name));
            // Some versions do not store empty lists.
            let is_empty =
                |member: &Value| member.is_null() || member.as_array().is_some_and(Vec::is_empty);
            let members = members.filter(|(_, member)| !is_empty(member));
            Value::Object(members.map(|(n, member)| (n.clone(), plain(member, with_ids))).collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| plain(item, with_ids)).collect();
            // Objects that are stored by ID are in the order of IDs.
            if !with_ids {
                items.sort_by_key(Value::to_string);
            }
            Value::Array(items)
        }
        value => value.clone(),
    }
}

/// What the API returns, path by path, except for the server's own registration.
fn api_state(server: &ConsulServer) -> BTreeMap<String, Value> {
    let mut state = BTreeMap::new();
    let get = |path: &str| server.get_json(path).unwrap_or(Value::Null);
    for path in [
        "/v1/query",
        "/v1/acl/policies",
        "/v1/acl/roles",
        "/v1/acl/auth-methods",
        "/v1/acl/binding-rules",
        "/v1/acl/tokens",
        "/v1/connect/intentions",
    ] {
        let list = get(path);
        for object in list.as_array().into_iter().flatten() {
            let one = match path {
                "/v1/acl/policies" => format!("/v1/acl/policy/{}", object["ID"].as_str().unwrap()),
                "/v1/acl/auth-methods" => {
                    format!("/v1/acl/auth-method/{}", object["Name"].as_str().unwrap())
                }
                "/v1/acl/tokens" => {
                    format!("/v1/acl/token/{}", object["AccessorID"].as_str().unwrap())
                }
                _ => continue,
            };
            let full = plain(&get(&one), false);
            let name = full["Name"].as_str().or(full["AccessorID"].as_str()).unwrap().to_owned();
            state.insert(format!("{path}/{name}"), full);
        }
        state.insert(path.to_owned(), plain(&list, false));
    }
    for kind in [
        "proxy-defaults",
        "service-defaults",
        "service-resolver",
        "service-router",
        "service-splitter",
        "ingress-gateway",
        "terminating-gateway",
    ] {
        let path = format!("/v1/config/{kind}");
        let entries = plain(&get(&path), true);
        state.insert(path, entries);
    }
    let keys = get("/v1/kv/?recurse");
    for key in keys.as_array().into_iter().flatten() {
        state.insert(format!("kv/{}", key["Key"].as_str().unwrap()), plain(key, true));
    }
    let nodes = get("/v1/catalog/nodes");
    for node in nodes.as_array().unwrap().iter().filter(|node| node["Node"] != NODE_NAME) {
        let name = node["Node"].as_str().unwrap();
        for path in [format!("/v1/catalog/node/{name}"), format!("/v1/health/node/{name}")] {
            let about = plain(&get(&path), true);
            state.insert(path, about);
        }
    }
    state
}

/// The paths at which two states differ.
fn differing(a: &BTreeMap<String, Value>, b: &BTreeMap<String, Value>) -> Vec<String> {
    let paths: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let differ = paths.into_iter().filter(|path| a.get(*path) != b.get(*path));
    differ
        .map(|path| {
            let of = |state: &BTreeMap<String, Value>| {
                state.get(path).map_or("-".to_owned(), Value::to_string)
            };
            format!("{path}:\n  {}\n  {}", of(a), of(b))
        })
        .collect()
}

fn assert_same(now: &BTreeMap<String, Value>, expected: &BTreeMap<String, Value>) {
    let differing = differing(now, expected);
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

fn saved(server: &ConsulServer, dir: &Path, name: &str) -> PathBuf {
    write(dir, name, &server.snapshot_save().unwrap())
}

/// Runs `apply -y -o json`, and returns the exit code and the output.
fn apply(server: &ConsulServer, from: &Path, more: &[&str]) -> Ran {
    let args = ["apply", from.to_str().unwrap(), "-y", "-o", "json"];
    run_at(server, args.iter().chain(more))
}

fn set(server: &ConsulServer, key: &str, value: &[u8]) {
    let set = json!([{"KV": {"Verb": "set", "Key": key, "Value": STANDARD.encode(value)}}]);
    server.put("/v1/txn", set.to_string()).unwrap();
}

/// Keys with their values.
fn fill_keys(server: &ConsulServer, prefix: &str, count: usize) {
    let keys: Vec<usize> = (0..count).collect();
    for part in keys.chunks(64) {
        let set = |n: &usize| {
            json!({"KV": {"Verb": "set", "Key": format!("{prefix}{n:06}"), "Flags": n,
                          "Value": STANDARD.encode(format!("value {n}"))}})
        };
        let body = Value::Array(part.iter().map(set).collect());
        server.put("/v1/txn", body.to_string()).unwrap();
    }
}

/// The objects of a plan or a result with a certain value of a field, by type and ID.
fn with(json: &Value, field: &str, word: &str) -> Vec<String> {
    let objects = json["objects"].as_array().unwrap();
    let found = objects.iter().filter(|object| object[field] == word);
    found
        .map(|one| format!("{}/{}", one["type"].as_str().unwrap(), one["id"].as_str().unwrap()))
        .collect()
}

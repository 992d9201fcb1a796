//! The content of a server by its HTTP API, to be compared with what a selection promises.

use serde_json::Value;
use snapscope_testkit::ConsulServer;
use std::collections::{BTreeMap, BTreeSet};

/// Paths that return objects of each kind.
const PATHS: [(&str, &str); 16] = [
    ("kv", "/v1/kv/?recurse"),
    ("sessions", "/v1/session/list"),
    ("queries", "/v1/query"),
    ("tokens", "/v1/acl/tokens"),
    ("policies", "/v1/acl/policies"),
    ("roles", "/v1/acl/roles"),
    ("auth-methods", "/v1/acl/auth-methods"),
    ("binding-rules", "/v1/acl/binding-rules"),
    ("intentions", "/v1/connect/intentions"),
    ("proxy-defaults", "/v1/config/proxy-defaults"),
    ("service-defaults", "/v1/config/service-defaults"),
    ("service-resolver", "/v1/config/service-resolver"),
    ("service-router", "/v1/config/service-router"),
    ("service-splitter", "/v1/config/service-splitter"),
    ("ingress-gateway", "/v1/config/ingress-gateway"),
    ("terminating-gateway", "/v1/config/terminating-gateway"),
];

/// Objects by kind, without those that a server creates itself.
pub(super) type Api = BTreeMap<&'static str, Vec<Value>>;

pub(super) fn api(server: &ConsulServer) -> Api {
    let mut api = Api::new();
    for (kind, path) in PATHS {
        // A path without objects may not be found.
        let objects = server.get_json(path).unwrap_or(Value::Null);
        let objects = objects.as_array().cloned().unwrap_or_default();
        api.insert(kind, objects.into_iter().filter(|object| !is_own(object)).collect());
    }
    let mut nodes = Vec::new();
    let mut health = Vec::new();
    for node in server.get_json("/v1/catalog/nodes").unwrap().as_array().unwrap() {
        let name = node["Node"].as_str().unwrap();
        if name == snapscope_testkit::consul::NODE_NAME {
            continue;
        }
        nodes.push(node.clone());
        health.push(server.get_json(&format!("/v1/health/node/{name}")).unwrap_or(Value::Null));
        health.push(server.get_json(&format!("/v1/catalog/node/{name}")).unwrap_or(Value::Null));
    }
    api.insert("nodes", nodes);
    api.insert("health", health);
    api
}

/// Every server with ACLs has a management token and policy, and the anonymous token.
fn is_own(object: &Value) -> bool {
    let text = |field: &str| object[field].as_str().unwrap_or_default();
    text("AccessorID").starts_with("00000000-0000-0000-0000")
        || text("Description") == "Master Token"
        || text("ID").starts_with("00000000-0000-0000-0000")
}

/// The errors in a server's log from a byte on, without the parts that vary.
pub(super) fn errors(server: &ConsulServer, from: usize) -> (BTreeSet<String>, usize) {
    let log = server.data_dir().parent().unwrap().join("log");
    let log = std::fs::read(log).unwrap();
    let text = String::from_utf8_lossy(&log[from..]).into_owned();
    let errors = text.lines().filter_map(|line| line.split_once("[ERROR]"));
    // What a leader was doing when its state was replaced.
    let errors = errors.filter(|(_, message)| !message.contains("context canceled"));
    let errors = errors
        .map(|(_, message)| message.chars().filter(|c| !c.is_ascii_hexdigit()).collect::<String>());
    (errors.collect(), log.len())
}

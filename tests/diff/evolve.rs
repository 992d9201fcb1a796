//! A real server before and after a known list of changes. Each is reported once, and everything
//! else that is reported is a consequence of one.

use super::{changes, name};
use crate::support::Fixture;
use serde_json::{Value, json};
use snapscope_testkit::fixtures;
use std::collections::BTreeMap;

const VERSIONS: [&str; 2] = ["1.14.7", "1.21.4"];

struct Evolved {
    mutations: Vec<Value>,
    /// The reported changes, by type and ID.
    found: BTreeMap<(String, String), Value>,
}

fn evolved(version: &str, more: &[&str]) -> Evolved {
    let folder = format!("consul-{version}");
    let mutations: Value =
        serde_json::from_slice(&fixtures::read(format!("{folder}/evolve.mutations.json"))).unwrap();
    let path = |when: &str| Fixture::snap(&format!("{folder}/evolve.{when}")).path;
    let mut found = BTreeMap::new();
    for line in changes(&path("before"), &path("after"), more) {
        let (kind, id, _) = name(&line);
        let twice = found.insert((kind, id), line);
        assert_eq!(twice, None, "an object is reported once");
    }
    Evolved { mutations: mutations["mutations"].as_array().unwrap().clone(), found }
}

/// Our name for a type in the list.
fn our_type(theirs: &str) -> &str {
    match theirs {
        "acl-token" => "token",
        "acl-policy" => "policy",
        "acl-role" => "role",
        "prepared-query" => "query",
        other => other,
    }
}

/// The name of a change in the list; `None` if the server did nothing.
fn class(op: &str) -> Option<&'static str> {
    Some(match op {
        "create" | "register" => "added",
        "delete" | "deregister" | "destroy" => "removed",
        "delete-and-recreate" => "recreated",
        "rewrite-same" => "touched",
        "rewrite-identical" => return None,
        "update" | "update-flags" | "lock" | "status" => "changed",
        other => panic!("{other} is no change that is known"),
    })
}

/// A state in the form of the list, made comparable with ours: names as in the catalog, links as
/// lists of names.
fn as_ours(kind: &str, state: &Value) -> Value {
    match (kind, state) {
        (_, Value::Null) => Value::Null,
        ("token" | "role", Value::Array(policies)) => json!({ "Policies": policies }),
        ("service", Value::Object(fields)) => {
            let mut out = serde_json::Map::new();
            for (name, value) in fields {
                let name = match name.as_str() {
                    "Service" => "ServiceName".to_owned(),
                    "CreateIndex" | "ModifyIndex" | "PeerName" => name.clone(),
                    other => format!("Service{other}"),
                };
                out.insert(name, value.clone());
            }
            Value::Object(out)
        }
        _ => state.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::Bool(true) => false,
    }
}

/// Where ours lacks something that is in the list.
fn lacks(theirs: &Value, ours: &Value, path: &str) -> Option<String> {
    match (theirs, ours) {
        (theirs, ours) if is_empty(theirs) && is_empty(ours) => None,
        (Value::Object(theirs), Value::Object(ours)) => theirs.iter().find_map(|(name, value)| {
            // The server's own notes about it, not a field.
            if name == "held_keys" {
                return None;
            }
            lacks(value, ours.get(name).unwrap_or(&Value::Null), &format!("{path}.{name}"))
        }),
        // A token is made with names of policies.
        (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => {
            theirs.iter().zip(ours).find_map(|(theirs, ours)| match theirs {
                Value::String(name) if ours.is_object() => {
                    (ours["Name"] != *name).then(|| format!("{path}: {ours} is not {name}"))
                }
                _ => lacks(theirs, ours, path),
            })
        }
        (theirs, ours) => (theirs != ours).then(|| format!("{path} is {ours}, not {theirs}")),
    }
}

#[test]
fn every_change_is_reported_once_with_what_was_before_and_after() {
    for version in VERSIONS {
        let Evolved { mutations, mut found } =
            evolved(version, &["--with-touched", "--show-secrets"]);
        let mut removed_sessions = Vec::new();
        let mut removed_nodes = Vec::new();
        let mut explained: Vec<(String, String)> = Vec::new();
        for mutation in &mutations {
            assert_eq!(mutation["ok"], true);
            let kind = our_type(mutation["type"].as_str().unwrap());
            let id = mutation["id"].as_str().unwrap();
            let op = mutation["op"].as_str().unwrap();
            let line = found.remove(&(kind.to_owned(), id.to_owned()));
            let Some(class) = class(op) else {
                assert_eq!(line, None, "{version}: nothing became of {kind} {id}");
                continue;
            };
            let line = line.unwrap_or_else(|| panic!("{version}: {op} {kind} {id} is missing"));
            assert_eq!(line["change"], class, "{version}: {op} {kind} {id}");
            for side in ["before", "after"] {
                let theirs = as_ours(kind, &mutation[side]);
                assert_eq!(theirs.is_null(), line[side].is_null(), "{version}: {kind} {id} {side}");
                let problem = lacks(&theirs, &line[side], "");
                assert_eq!(problem, None, "{version}: {op} {kind} {id} {side}");
            }
            let is_changed = class == "changed";
            assert_eq!(line["fields"].as_object().unwrap().is_empty(), !is_changed, "{line}");
            match (op, kind) {
                ("destroy", _) => removed_sessions.push(id.to_owned()),
                ("deregister", "node") => removed_nodes.push(id.to_owned()),
                _ => {}
            }
            let (node, _) = id.split_once('/').unwrap_or((id, ""));
            for check in mutation["checks_removed"].as_array().into_iter().flatten() {
                let check = check.as_str().unwrap();
                explained.push(("check".to_owned(), format!("{node}/{check}")));
            }
        }
        for ((kind, id), line) in found {
            let change = line["change"].as_str().unwrap();
            let before = &line["before"];
            let of_node = removed_nodes.iter().any(|node| before["Node"] == *node);
            let is_consequence = match kind.as_str() {
                _ if change == "touched" => true,
                // Bookkeeping of servers about the above.
                "tombstone" | "index" => true,
                "service" | "check" | "coordinate" | "session" if of_node => change == "removed",
                "check" => change == "removed" && explained.contains(&(kind, id.clone())),
                // Locks of ended sessions: released or deleted.
                "kv" => {
                    let held = removed_sessions.iter().any(|s| before["Session"] == *s);
                    held && matches!(change, "changed" | "removed")
                }
                // Its resolver was deleted.
                "virtual-ip" => before["Service"] == "redirected" && change == "changed",
                // It repeats the mesh gateways of the catalog.
                "federation-state" => change == "changed",
                _ => false,
            };
            assert!(is_consequence, "{version}: {change} {id} explains nothing: {line}");
        }
    }
}

/// Changed fields are printed in a readable form.
#[test]
fn fields_are_told_as_what_they_are() {
    for version in VERSIONS {
        let Evolved { found, .. } = evolved(version, &[]);
        let fields = |kind: &str, id: &str| {
            let mut lines = found.iter().filter(|((k, i), _)| k == kind && i.starts_with(id));
            let ((_, id), line) = lines.next().unwrap_or_else(|| panic!("{kind} {id}"));
            (id.clone(), line["fields"].clone())
        };
        let (_, kv) = fields("kv", "config/dev/payments/indexer/settings/144");
        assert_eq!(kv, json!({"Flags": {"before": 1, "after": 777}}));
        let (_, kv) = fields("kv", "config/dev/identity/gateway/settings/66");
        let lines = ["-[section]", "-key = value 66", "-; comment", "+updated value"];
        assert_eq!(kv, json!({"Value": {"lines": lines}}));
        let (_, service) = fields("service", "ap-south-1-node-05/catalog-frontend-5");
        assert_eq!(service, json!({"ServiceTags": {"removed": [], "added": ["evolved"]}}));
        let (_, intention) = fields("intention", "exact-a=>exact-b");
        assert_eq!(intention["Action"], json!({"before": "allow", "after": "deny"}));
        let policy = found.iter().find(|((kind, _), _)| kind == "policy").unwrap().1;
        let lines = [
            " key_prefix \"config/\" { policy = \"read\" }",
            "+key_prefix \"secrets/\" { policy = \"write\" }",
        ];
        assert_eq!(policy["fields"], json!({"Rules": {"lines": lines}}));
        // Secrets of a new token are masked.
        let token = found.values().find(|l| l["type"] == "token" && l["change"] == "added");
        assert_eq!(token.unwrap()["after"]["SecretID"], "<masked 36 bytes>");
        assert!(!found.keys().any(|(kind, _)| kind == "tombstone" || kind == "index"));
    }
}

//! Objects beside what the HTTP API showed of them.

use crate::rows::{records, rows};
use serde_json::{Map, Value};
use snapscope_objects::row::RowOptions;
use snapscope_testkit::fixtures;

const SNAPS: &[(&str, &[&str])] = &[
    ("1.8.7", &["small-a", "empty"]),
    ("1.14.7", &["small-a", "empty", "evolve.before", "evolve.after"]),
    ("1.21.4", &["small-a", "empty", "evolve.before", "evolve.after"]),
];

struct Case {
    version: &'static str,
    dir: String,
    records: Vec<u8>,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (version, snaps) in SNAPS {
        for snap in *snaps {
            let dir = format!("consul-{version}/{snap}");
            let records = records(&format!("{dir}.snap"));
            cases.push(Case { version, dir: format!("{dir}.api"), records });
        }
    }
    cases
}

impl Case {
    fn api(&self, file: &str) -> Option<Value> {
        let path = format!("{}/{file}", self.dir);
        fixtures::exists(&path).then(|| serde_json::from_slice(&fixtures::read(path)).unwrap())
    }

    fn objects(&self, kind: &str) -> Vec<Value> {
        rows(&self.records, kind, &RowOptions::default())
            .iter()
            .map(|row| serde_json::from_slice(&row.to_json()).unwrap())
            .collect()
    }

    /// Both sides sorted by these fields must be equal but for what `leave` takes away.
    fn compare(
        &self,
        kind: &str,
        file: &str,
        key: &[&str],
        leave: &dyn Fn(&mut Map<String, Value>),
    ) {
        let Some(api) = self.api(file) else { return };
        self.compare_with(kind, file, items(api), key, leave);
    }

    fn compare_with(
        &self,
        kind: &str,
        file: &str,
        mut theirs: Vec<Value>,
        key: &[&str],
        leave: &dyn Fn(&mut Map<String, Value>),
    ) {
        let mut ours = self.objects(kind);
        for object in ours.iter_mut().chain(&mut theirs) {
            leave(object.as_object_mut().unwrap());
        }
        let by = |object: &Value| key.iter().map(|k| object[*k].to_string()).collect::<Vec<_>>();
        ours.sort_by_key(by);
        theirs.sort_by_key(by);
        let context = format!("{}/{file}", self.dir);
        let ids = |all: &[Value]| all.iter().map(by).collect::<Vec<_>>();
        assert_eq!(ids(&ours), ids(&theirs), "{context}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(ours, theirs, "{context}");
        }
    }
}

fn items(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Object(object) => object.into_iter().map(|(_, value)| value).collect(),
        Value::Null => Vec::new(),
        other => panic!("{other}"),
    }
}

const NOTHING: &dyn Fn(&mut Map<String, Value>) = &|_| {};

#[test]
fn nodes_checks_sessions_coordinates() {
    for case in cases() {
        // A server that writes a snapshot forgets where its nodes are.
        case.compare("nodes", "catalog_nodes.json", &["Node"], &|node| {
            node.remove("Locality");
        });
        case.compare("checks", "health_state_any.json", &["Node", "CheckID"], NOTHING);
        case.compare("sessions", "sessions.json", &["ID"], NOTHING);
        case.compare("coordinates", "coordinate_nodes.json", &["Node", "Segment"], NOTHING);
    }
}

#[test]
fn kv_queries_and_federation() {
    for case in cases() {
        case.compare("kv", "kv.json", &["Key"], &|kv| {
            kv.remove("KeyBase64");
        });
        case.compare("queries", "queries.json", &["ID"], NOTHING);
        case.compare("federation", "federation_states.json", &["Datacenter"], NOTHING);
    }
}

#[test]
fn acl_objects() {
    for case in cases() {
        let old = case.version == "1.8.7";
        let policies: Vec<Value> =
            case.objects("policies").iter().map(|policy| policy["ID"].clone()).collect();
        // What the snapshot keeps and the API doesn't show, or the other way round.
        case.compare("tokens", "acl_tokens_each.json", &["AccessorID"], &|token| {
            for name in ["Rules", "Type", "Legacy"] {
                token.remove(name);
            }
            // Links to deleted policies are stored, but not shown.
            if let Some(Value::Array(links)) = token.get_mut("Policies") {
                links.retain(|link| policies.contains(&link["ID"]));
            }
        });
        case.compare("policies", "acl_policies_each.json", &["ID"], &|policy| {
            policy.remove("Syntax");
        });
        case.compare("roles", "acl_roles.json", &["ID"], NOTHING);
        case.compare("binding-rules", "acl_binding_rules.json", &["ID"], NOTHING);
        if !old {
            case.compare("auth-methods", "acl_auth_methods_each.json", &["Name"], NOTHING);
        }
    }
}

#[test]
fn intentions_in_the_order_of_the_api() {
    for case in cases() {
        let Some(api) = case.api("intentions.json") else { continue };
        assert_eq!(
            Value::Array(case.objects("intentions")),
            Value::Array(items(api)),
            "{}",
            case.dir
        );
    }
}

#[test]
fn config_entries_of_every_kind() {
    let mut compared = 0;
    for case in cases() {
        for kind in snapscope_decode::records::ENTRY_KINDS.iter().map(|kind| &kind.name) {
            let Some(api) = case.api(&format!("config/{kind}.json")) else { continue };
            let mut theirs = items(api);
            let mut ours = case.objects("config-entries");
            ours.retain(|entry| entry["Kind"] == *kind);
            let by = |entry: &Value| entry["Name"].to_string();
            ours.sort_by_key(by);
            theirs.sort_by_key(by);
            // Stored beside the configuration that it is taken from, and shown nowhere.
            for entry in ours.iter_mut().filter(|_| *kind == "proxy-defaults") {
                entry.as_object_mut().unwrap().remove("Protocol");
            }
            assert_eq!(ours, theirs, "{} {kind}", case.dir);
            compared += ours.len();
        }
    }
    assert!(compared > 150, "{compared}");
}

#[test]
fn roots_and_peerings() {
    for case in cases() {
        if let Some(roots) = case.api("ca_roots.json") {
            case.compare_with(
                "ca-roots",
                "ca_roots.json",
                items(roots["Roots"].clone()),
                &["ID"],
                &|root| {
                    // Signing keys are stored and never shown.
                    for name in ["SigningCert", "SigningKey", "RotatedOutAt"] {
                        root.remove(name);
                    }
                },
            );
        }
        case.compare("peerings", "peerings.json", &["ID"], &|peering| {
            // Both are known only while a server runs.
            peering.remove("StreamStatus");
            peering.remove("State");
        });
    }
}

#[test]
fn instances_are_the_services_of_all_nodes() {
    for case in cases() {
        let Some(Value::Object(nodes)) = case.api("catalog_node_each.json") else { continue };
        let mut theirs = Vec::new();
        for (_, node) in &nodes {
            for service in node["Services"].as_object().into_iter().flat_map(|s| s.values()) {
                theirs.push(service_node(&node["Node"], service, case.version != "1.8.7"));
            }
        }
        assert!(!theirs.is_empty());
        case.compare_with(
            "instances",
            "catalog_node_each.json",
            theirs,
            &["Node", "ServiceID"],
            NOTHING,
        );
    }
}

/// An instance as `catalog/service/NAME` shows it, out of what `catalog/node/NAME` shows.
fn service_node(node: &Value, service: &Value, socket_path: bool) -> Value {
    let mut out = Map::new();
    for (to, from) in [
        ("ID", "ID"),
        ("Node", "Node"),
        ("Address", "Address"),
        ("Datacenter", "Datacenter"),
        ("TaggedAddresses", "TaggedAddresses"),
        ("NodeMeta", "Meta"),
    ] {
        out.insert(to.to_owned(), node[from].clone());
    }
    out.insert("ServiceKind".to_owned(), Value::from(""));
    out.insert("ServicePort".to_owned(), Value::from(0));
    if socket_path {
        out.insert("ServiceSocketPath".to_owned(), Value::from(""));
    }
    for (name, value) in service.as_object().unwrap() {
        let name = match name.as_str() {
            "Service" => "ServiceName".to_owned(),
            "PeerName" if value == "" => continue,
            "PeerName" | "CreateIndex" | "ModifyIndex" => name.clone(),
            name => format!("Service{name}"),
        };
        out.insert(name, value.clone());
    }
    Value::Object(out)
}

#[test]
fn services_are_those_of_the_catalog() {
    for case in cases() {
        let Some(Value::Object(api)) = case.api("catalog_services.json") else { continue };
        let ours = case.objects("services");
        let names: Vec<&str> = ours.iter().map(|s| s["Name"].as_str().unwrap()).collect();
        let mut theirs: Vec<&str> = api.keys().map(String::as_str).collect();
        theirs.sort_unstable();
        assert_eq!(names, theirs, "{}", case.dir);
        for service in &ours {
            let sorted = |tags: &Value| {
                let mut tags: Vec<String> = tags
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|tag| tag.as_str().unwrap().to_owned())
                    .collect();
                tags.sort();
                tags
            };
            let name = service["Name"].as_str().unwrap();
            assert_eq!(sorted(&service["Tags"]), sorted(&api[name]), "{} {name}", case.dir);
        }
    }
}

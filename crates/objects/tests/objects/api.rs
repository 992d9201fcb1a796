//! Objects, compared with what the HTTP API returned for them.

use crate::rows::{records, rows};
use serde_json::{Map, Value};
use snapscope_objects::row::RowOptions;
use snapscope_testkit::fixtures;

const SNAPS: &[(&str, &[&str])] = &[
    ("1.0.7", &["small-c"]),
    ("1.5.1", &["small-c"]),
    ("1.8.7", &["small-a", "empty"]),
    ("1.14.7", &["small-a", "empty", "evolve.before", "evolve.after"]),
    ("1.17.3", &["small-c", "resources-v2"]),
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
    /// The minor version of Consul 1.
    fn minor(&self) -> u32 {
        self.version.split('.').nth(1).unwrap().parse().unwrap()
    }

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

    /// Removes what a server of that version omits about a node when it writes a snapshot.
    fn forget(&self, node: &mut Map<String, Value>, before_1_4: &[&str]) {
        node.remove("Locality");
        if self.minor() < 4 {
            for name in before_1_4 {
                node.remove(*name);
            }
        }
    }

    /// Both sides, sorted by these fields, must be equal except for what `leave` removes.
    fn compare(
        &self,
        kind: &str,
        file: &str,
        key: &[&str],
        leave: &dyn Fn(&mut Map<String, Value>),
    ) {
        let Some(api) = self.api(file) else { return };
        self.compare_with(self.objects(kind), file, items(api), key, leave);
    }

    fn compare_with(
        &self,
        mut ours: Vec<Value>,
        file: &str,
        mut theirs: Vec<Value>,
        key: &[&str],
        leave: &dyn Fn(&mut Map<String, Value>),
    ) {
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
        // A server with the second catalog returns nothing of the first.
        if case.dir.contains("resources-v2") {
            continue;
        }
        case.compare("nodes", "catalog_nodes.json", &["Node"], &|node| {
            case.forget(node, &["ID", "Datacenter", "Meta"]);
            if case.minor() < 7 {
                node.remove("CreateIndex");
                node.remove("ModifyIndex");
            }
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
        let policies: Vec<Value> =
            case.objects("policies").iter().map(|policy| policy["ID"].clone()).collect();
        // Fields that only the snapshot or only the API has.
        // The snapshot of 1.0.7 has no tokens of this system; see `legacy_tokens`.
        let legacy = case.minor() < 4;
        let file = if legacy { "none.json" } else { "acl_tokens_each.json" };
        case.compare("tokens", file, &["AccessorID"], &|token| {
            for name in ["Rules", "Type", "Legacy"] {
                token.remove(name);
            }
            // Links to deleted policies are stored, but not returned.
            if let Some(Value::Array(links)) = token.get_mut("Policies") {
                links.retain(|link| policies.contains(&link["ID"]));
            }
        });
        case.compare("policies", "acl_policies_each.json", &["ID"], &|policy| {
            policy.remove("Syntax");
        });
        case.compare("roles", "acl_roles.json", &["ID"], NOTHING);
        case.compare("binding-rules", "acl_binding_rules.json", &["ID"], NOTHING);
        // A bug of 1.8.7: of the methods of one type it stores only the last.
        if case.version != "1.8.7" {
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
                case.objects("ca-roots"),
                "ca_roots.json",
                items(roots["Roots"].clone()),
                &["ID"],
                &|root| {
                    // Signing keys are stored, but never returned.
                    for name in ["SigningCert", "SigningKey"] {
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
                theirs.push(service_node(&node["Node"], service, case.minor()));
            }
        }
        // 1.5.1 did not answer for all of them, and one with the second catalog for none.
        let answered = |instance: &Value| {
            nodes.get(instance["Node"].as_str().unwrap()).is_some_and(|node| !node.is_null())
        };
        let ours = case.objects("instances").into_iter().filter(answered).collect();
        case.compare_with(
            ours,
            "catalog_node_each.json",
            theirs,
            &["Node", "ServiceID"],
            &|instance| {
                case.forget(instance, &["ID", "Datacenter", "NodeMeta"]);
            },
        );
    }
}

/// An instance as `catalog/service/NAME` returns it, from the answer of `catalog/node/NAME`.
fn service_node(node: &Value, service: &Value, minor: u32) -> Value {
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
    if minor >= 2 {
        out.insert("ServiceKind".to_owned(), Value::from(""));
    }
    out.insert("ServicePort".to_owned(), Value::from(0));
    if minor >= 9 {
        out.insert("ServiceSocketPath".to_owned(), Value::from(""));
    }
    for (name, value) in service.as_object().unwrap() {
        let name = match name.as_str() {
            "Service" => "ServiceName".to_owned(),
            // The answer for one service names the destination of its proxy.
            "ProxyDestination" => {
                let of_proxy = &service["Proxy"]["DestinationServiceName"];
                let value = if of_proxy.is_null() { value } else { of_proxy };
                out.insert("ServiceProxyDestination".to_owned(), value.clone());
                continue;
            }
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

/// The answer of `acl/list` in the system before 1.4, and what later servers convert it to.
#[test]
fn legacy_tokens() {
    let mut compared = 0;
    for case in cases() {
        let Some(api) = case.api("acl_legacy_list.json") else { continue };
        let mut theirs: Vec<Value> = items(api);
        let mut ours: Vec<Value> = case
            .objects("tokens")
            .into_iter()
            .filter(|token| case.minor() < 4 || token.get("Type").is_some())
            .map(|token| {
                let text = |name: &str| token.get(name).cloned().unwrap_or_else(|| "".into());
                serde_json::json!({
                    "ID": text("SecretID"),
                    "Name": text("Description"),
                    "Type": text("Type"),
                    "Rules": text("Rules"),
                    "CreateIndex": token["CreateIndex"],
                    "ModifyIndex": token["ModifyIndex"],
                })
            })
            .collect();
        let by = |token: &Value| token["ID"].to_string();
        ours.sort_by_key(by);
        theirs.sort_by_key(by);
        assert_eq!(ours, theirs, "{}", case.dir);
        compared += ours.len();
    }
    assert!(compared >= 20, "{compared}");
}

/// The answer of `api/GROUP/VERSION/KIND` for each type of resource.
#[test]
fn resources_of_every_type() {
    let mut compared = 0;
    for case in cases() {
        let dir = fixtures::root().join(format!("{}/resources", case.dir));
        let Ok(files) = std::fs::read_dir(dir) else { continue };
        let objects = case.objects("resources");
        for file in files {
            let name = file.unwrap().file_name().into_string().unwrap();
            let api: Value =
                serde_json::from_slice(&fixtures::read(format!("{}/resources/{name}", case.dir)))
                    .unwrap();
            let of: Vec<&str> = name.trim_end_matches(".json").split("__").collect();
            let is = |object: &&Value, field: &str, at: usize| {
                object["id"]["type"][field].as_str().unwrap().eq_ignore_ascii_case(of[at])
            };
            let mut ours: Vec<&Value> = objects
                .iter()
                .filter(|o| is(o, "group", 0) && is(o, "groupVersion", 1) && is(o, "kind", 2))
                .collect();
            let mut theirs: Vec<&Value> = api["resources"].as_array().unwrap().iter().collect();
            // Lists are requested for a namespace, so they leave out objects without one.
            if theirs.is_empty() {
                let in_none = |object: &&Value| object["id"]["tenancy"]["namespace"].is_null();
                assert!(ours.iter().all(in_none), "{} {name}", case.dir);
                continue;
            }
            theirs.sort_by_key(|object| object["id"]["uid"].to_string());
            ours.sort_by_key(|object| object["id"]["uid"].to_string());
            assert_eq!(ours, theirs, "{} {name}", case.dir);
            compared += ours.len();
        }
    }
    assert!(compared >= 50, "{compared}");
}

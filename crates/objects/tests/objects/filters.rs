//! Every expression that a real server evaluated, compared with its answer.

use crate::rows::{kind, records, rows};
use serde_json::Value;
use snapscope_decode::frames_of;
use snapscope_decode::records::{CheckServiceNodeRef, NodeServiceRef};
use snapscope_decode::schema::WireStruct;
use snapscope_objects::filter::{Filter, RecordFilter, Shape};
use snapscope_objects::json::write_value;
use snapscope_objects::row::{Row, RowOptions};
use snapscope_objects::value::Tape;
use snapscope_testkit::fixtures;
use std::collections::BTreeMap;

/// Fields that servers hide from filters, unlike us.
const HIDDEN: &[&str] = &[
    "CreateIndex",
    "ModifyIndex",
    "Locality",
    "Definition",
    "Permissions",
    "JWT",
    "ServiceProxy.Config",
];

/// How the result of an expression compares with the server's answer.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Agreed,
    /// The server hides the field, or its version does not have it; here it can be selected.
    Selectable,
    /// The server did not answer.
    NoAnswer,
    /// About an endpoint that is not a list here.
    Skipped,
}

struct Endpoint {
    rows: Vec<Row>,
    shape: Shape,
}

fn endpoint(records: &[u8], path: &str) -> Option<Endpoint> {
    let parts: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
    let is = |row: &Row, field: &str, value: &str| row.text(field) == value.as_bytes();
    let made = |name: &str, keep: &dyn Fn(&Row) -> bool| {
        let mut found = rows(records, name, &RowOptions::default());
        found.retain(keep);
        Endpoint { rows: found, shape: kind(name).shape() }
    };
    Some(match parts.as_slice() {
        ["catalog", "nodes"] => made("nodes", &|_| true),
        ["catalog", "service", name] => made("instances", &|row| is(row, "ServiceName", name)),
        ["health", "state", "any"] => made("checks", &|_| true),
        ["health", "checks", name] => made("checks", &|row| is(row, "ServiceName", name)),
        ["health", "node", name] => made("checks", &|row| is(row, "Node", name)),
        ["connect", "intentions"] => made("intentions", &|_| true),
        ["config", name] => Endpoint {
            shape: Shape::config_entry(Some(name)),
            ..made("config-entries", &|row| is(row, "Kind", name))
        },
        _ => return None,
    })
}

fn id(path: &str, row: &Row) -> String {
    let id = row.id_text();
    match path {
        path if path.starts_with("/v1/config/") => id.split_once('/').unwrap().1.to_owned(),
        _ => id,
    }
}

fn verdict(path: &str, endpoint: &Endpoint, line: &Value) -> Verdict {
    let text = line["filter"].as_str().unwrap();
    let compiled = Filter::compile(text, &endpoint.shape);
    let context = format!("{path} {text}");
    if line["status"] == 0 || line["error"].as_str().is_some_and(|e| e.contains("not supported")) {
        assert!(compiled.is_ok(), "{context}: {compiled:?}");
        return Verdict::NoAnswer;
    }
    match (line["error"].as_str(), compiled) {
        (None, Ok(filter)) => {
            let mut ids: Vec<String> = endpoint
                .rows
                .iter()
                .filter(|row| filter.holds(row.object()))
                .map(|row| id(path, row))
                .collect();
            ids.sort();
            let expected: Vec<&str> =
                line["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
            assert_eq!(ids, expected, "{context}");
            Verdict::Agreed
        }
        (Some(_), Err(error)) => {
            assert!(error.to_string().contains('^'), "{context}");
            assert!(error.at.start <= text.len(), "{context}");
            Verdict::Agreed
        }
        (None, Err(error)) => panic!("{context}: {error}"),
        (Some(error), Ok(_)) => {
            let selector =
                error.split("Selector \"").nth(1).and_then(|rest| rest.split('"').next());
            let selector = selector.unwrap_or_else(|| panic!("{context}: {error}"));
            let hidden = HIDDEN.contains(&selector)
                || matches!(selector, "PeerName" | "SourcePeer" | "ServiceProxy.Mode");
            assert!(hidden, "{context}: {error}");
            Verdict::Selectable
        }
    }
}

/// The recorded snapshots, with the server's version.
fn asked() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for version in fixtures::versions() {
        for name in ["small-a", "small-c"] {
            let snap = format!("consul-{version}/{name}");
            if fixtures::exists(format!("{snap}.oracle/filter.jsonl")) {
                found.push((version.clone(), snap));
            }
        }
    }
    assert!(found.len() >= 4, "{found:?}");
    found
}

#[test]
fn rows_are_those_of_the_real_server() {
    let mut table: BTreeMap<(String, String, Verdict), u32> = BTreeMap::new();
    for (version, snap) in asked() {
        let oracle = fixtures::text(format!("{snap}.oracle/filter.jsonl"));
        let records = records(&format!("{snap}.snap"));
        let mut endpoints: BTreeMap<String, Option<Endpoint>> = BTreeMap::new();
        for line in oracle.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let path = line["endpoint"].as_str().unwrap().to_owned();
            let known = endpoints.entry(path.clone()).or_insert_with(|| endpoint(&records, &path));
            let verdict = match known {
                Some(known) => verdict(&path, known, &line),
                None => Verdict::Skipped,
            };
            *table.entry((version.clone(), path, verdict)).or_default() += 1;
        }
    }
    let agreed: u32 =
        table.iter().filter(|(key, _)| key.2 == Verdict::Agreed).map(|(_, n)| n).sum();
    assert!(agreed > 550, "{table:#?}");
}

#[test]
fn hidden_fields_can_be_selected() {
    for version in ["1.8.7", "1.14.7", "1.21.4"] {
        let records = records(&format!("consul-{version}/small-a.snap"));
        let count = |name: &str, text: &str| {
            let filter =
                Filter::compile(text, &kind(name).shape()).unwrap_or_else(|e| panic!("{e}"));
            let all = rows(&records, name, &RowOptions::default());
            all.iter().filter(|row| filter.holds(row.object())).count()
        };
        let all = count("nodes", "");
        assert_eq!(count("nodes", "CreateIndex != 0"), all);
        assert_eq!(count("nodes", "CreateIndex == 0"), 0);
        assert_eq!(
            count("nodes", "Locality.Region == \"\"") + count("nodes", "Locality.Region != \"\""),
            all
        );
        assert!(count("checks", "Definition.TLSSkipVerify == true") > 0);
        assert!(count("checks", "Definition.Header[\"X-Probe\"] contains two") > 0);
        assert!(count("instances", "ServiceProxy.Config.protocol == http") > 0);
        assert!(count("instances", "ServiceProxy.Config.nested.list contains 1") > 0);
        assert!(count("config-entries", "Kind == \"service-defaults\" and Protocol == http") > 0);
        assert!(count("kv", "Key matches \"^config/\" and Value is not empty") > 0);
        assert!(count("tokens", "Policies.Name == \"global-management\"") > 0);
        assert!(count("sessions", "LockDelay == 15000000000") > 0);
    }
}

#[test]
fn records_of_any_type_can_be_filtered() {
    let records = records("consul-1.21.4/small-a.snap");
    let found = |text: &str| {
        let mut filter = RecordFilter::compile(text, None).unwrap_or_else(|e| panic!("{e}"));
        let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
        for frame in frames_of(&records).map(Result::unwrap) {
            if filter.holds(&frame) {
                *kinds.entry(frame.kind.to_string()).or_default() += 1;
            }
        }
        kinds.into_iter().collect::<Vec<_>>()
    };
    let names = |found: &[(String, u32)]| found.iter().map(|(n, _)| n.clone()).collect::<Vec<_>>();
    assert_eq!(names(&found("Type == KVS")), ["KVS"]);
    assert_eq!(found("Data.Key matches \"^config/\" and Type == KVS"), [("KVS".to_owned(), 52)]);
    assert_eq!(names(&found("Key matches \"^config/\" or Type == Session")), ["KVS", "Session"]);
    assert_eq!(names(&found("Entry.Kind == mesh")), ["ConfigEntry"]);
    assert_eq!(names(&found("Service.Service == \"ads-api\" and Node != \"\"")), ["Register"]);
    assert_eq!(names(&found("Data.Type == kubernetes")), ["ACLAuthMethod"]);
    assert_eq!(names(&found("Coord.Height != 0")), ["CoordinateBatchUpdate"]);
    assert_eq!(names(&found("stream.ActiveSecretID != \"\"")), ["PeeringSecret"]);
    assert_eq!(found("").iter().map(|(_, n)| n).sum::<u32>() as usize, frames_of(&records).count());
    let kinds = [snapscope_decode::Kind::KVS];
    let error = RecordFilter::compile("Nope == 1", Some(&kinds)).unwrap_err();
    assert!(error.message.contains("LockIndex"), "{error}");
    assert!(RecordFilter::compile("Nope == 1", None).is_err());
    assert!(RecordFilter::compile("Flags == x", Some(&kinds)).is_err());
}

/// Expressions that the server evaluates for endpoints that are not lists here. The language is the
/// same.
#[test]
fn other_shapes_are_filtered_as_by_the_real_server() {
    for (_, snap) in asked() {
        let json = |file: &str| -> Value {
            serde_json::from_slice(&fixtures::read(format!("{snap}.api/{file}"))).unwrap()
        };
        let (nodes, checks) = (json("catalog_node_each.json"), json("health_node_each.json"));
        let oracle = fixtures::text(format!("{snap}.oracle/filter.jsonl"));
        let mut asked = 0;
        for line in oracle.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let path = line["endpoint"].as_str().unwrap();
            let parts: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
            let (shape, objects) = match parts.as_slice() {
                ["health", "service", name] => (health_shape(), health(&nodes, &checks, name)),
                ["catalog", "node-services" | "node", node] => {
                    let services = nodes[*node]["Services"].as_object().unwrap();
                    let objects = services.iter().map(|(id, s)| (id.clone(), s.clone())).collect();
                    (Shape::Struct(<NodeServiceRef<'_> as WireStruct<'_>>::schema()), objects)
                }
                _ => continue,
            };
            let text = line["filter"].as_str().unwrap();
            match (line["error"].as_str(), Filter::compile(text, &shape)) {
                (Some(_), Err(_)) => {}
                (None, Ok(filter)) => {
                    let mut ids: Vec<String> = objects
                        .iter()
                        .filter(|(_, object)| {
                            let mut tape = Tape::new();
                            write_value(object, &mut tape);
                            filter.holds(tape.root().unwrap())
                        })
                        .map(|(id, _)| id.clone())
                        .collect();
                    ids.sort();
                    assert_eq!(serde_json::to_value(ids).unwrap(), line["ids"], "{path} {text}");
                }
                (theirs, ours) => panic!("{path} {text}: {theirs:?} {ours:?}"),
            }
            asked += 1;
        }
        assert!(asked > 50, "{asked}");
    }
}

fn health_shape() -> Shape {
    Shape::Struct(<CheckServiceNodeRef<'_> as WireStruct<'_>>::schema())
}

/// The answer of `health/service/NAME`, composed of what is known about each node.
fn health(nodes: &Value, checks: &Value, name: &str) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    for (node, of) in nodes.as_object().unwrap() {
        for (id, service) in of["Services"].as_object().unwrap() {
            if service["Service"] != name {
                continue;
            }
            let mut own = checks[node].as_array().unwrap().clone();
            own.retain(|check| check["ServiceID"] == "" || check["ServiceID"] == id.as_str());
            let object = serde_json::json!({"Node": of["Node"], "Service": service, "Checks": own});
            out.push((format!("{node}/{id}"), object));
        }
    }
    out
}

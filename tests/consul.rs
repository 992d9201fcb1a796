//! A real Consul server is filled through its API, and its snapshot is compared with what the API
//! returns. A generated snapshot is restored into it.

use crate::support::{run, write};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::fill::{Filled, fill};
use snapscope_testkit::generate::{GenerateOptions, snap};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// The records of a decoded snapshot by their type.
type Decoded = BTreeMap<String, Vec<Value>>;

fn decode(path: &Path) -> Decoded {
    let ran = run([Path::new("decode"), path]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    let mut decoded = Decoded::new();
    for line in ran.lines() {
        let kind = line["Type"].as_str().unwrap().to_owned();
        decoded.entry(kind).or_default().push(line["Data"].clone());
    }
    decoded
}

/// Where `ours` lacks or changes something that the API returns.
fn lacks(api: &Value, ours: &Value, path: &str) -> Option<String> {
    match (api, ours) {
        (Value::Object(api), Value::Object(ours)) => api.iter().find_map(|(key, value)| {
            let path = format!("{path}.{key}");
            match ours.get(key) {
                Some(our) => lacks(value, our, &path),
                // 1.21 leaves out some empty fields that older servers return.
                None if value.is_null() => None,
                None => Some(format!("{path} is missing, the API has {value}")),
            }
        }),
        (Value::Array(api), Value::Array(ours)) if api.len() == ours.len() => api
            .iter()
            .zip(ours)
            .enumerate()
            .find_map(|(i, (a, b))| lacks(a, b, &format!("{path}[{i}]"))),
        // The health endpoints return a list that is not stored as empty, other endpoints as null.
        (Value::Array(api), Value::Null) if api.is_empty() => None,
        _ => (api != ours).then(|| format!("{path} is {ours}, the API has {api}")),
    }
}

/// Each object of the API is among ours, found by its key, and complete. We have no others.
fn same(kind: &str, api: &[Value], ours: &[Value], key: &dyn Fn(&Value) -> String) {
    let by_key: BTreeMap<String, &Value> = ours.iter().map(|v| (key(v), v)).collect();
    assert_eq!(by_key.len(), ours.len(), "{kind}: keys are unique");
    let expected: Vec<String> = {
        let mut keys: Vec<String> = api.iter().map(key).collect();
        keys.sort();
        keys
    };
    assert_eq!(by_key.keys().cloned().collect::<Vec<_>>(), expected, "{kind}");
    for object in api {
        let name = key(object);
        if let Some(found) = lacks(object, by_key[&name], "") {
            panic!("{kind} {name}: {found}");
        }
    }
}

fn field(name: &'static str) -> impl Fn(&Value) -> String {
    move |value| value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")).to_owned()
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

/// Coordinates arrive in batches, some seconds later.
fn with_coordinates(server: &ConsulServer, filled: &Filled) {
    for (i, node) in filled.nodes.iter().enumerate() {
        let at = 0.001 * (i + 1) as f64;
        let coord = json!({"Vec": [at, -at, 0.1, 0, 0, 0, 0, 1e-9], "Error": 1.5, "Adjustment": -at, "Height": 0.01});
        let body = json!({"Node": node, "Segment": "", "Coord": coord});
        server.put("/v1/coordinate/update", body.to_string()).unwrap();
    }
    let begin = Instant::now();
    while list(server.get_json("/v1/coordinate/nodes").unwrap()).len() < filled.nodes.len() {
        assert!(begin.elapsed() < Duration::from_secs(40), "coordinates don't arrive");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_server_s_snapshot_holds_what_its_api_says() {
    let Some(server) = ConsulServer::for_test("a_server_s_snapshot_holds_what_its_api_says") else {
        return;
    };
    let filled = fill(&server).unwrap();
    with_coordinates(&server, &filled);
    let bytes = server.snapshot_save().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "backup.snap", &bytes);
    let ours = decode(&path);
    let of = |kind: &str| ours.get(kind).cloned().unwrap_or_default();
    let api = |path: &str| list(server.get_json(path).unwrap());

    keys(&filled, &of("KVS"));
    let named = |v: &Value| v["Key"].as_str().unwrap().to_owned();
    same("KVS", &api("/v1/kv/?recurse"), &of("KVS"), &named);
    assert_eq!(of("Tombstone").len(), 1);
    assert_eq!(of("Tombstone")[0]["Key"], String::from_utf8_lossy(&filled.deleted_key).as_ref());
    same("Session", &api("/v1/session/list"), &of("Session"), &field("ID"));
    same("PreparedQuery", &api("/v1/query"), &of("PreparedQuery"), &field("ID"));
    let autopilot = api("/v1/operator/autopilot/configuration");
    same("Autopilot", &autopilot, &of("Autopilot"), &|_| String::new());
    let roots = list(server.get_json("/v1/connect/ca/roots").unwrap()["Roots"].clone());
    let mut stored = of("ConnectCA");
    // Whether a root is active depends on the API's request, so it is equal there; its signing key
    // is not returned.
    stored.iter_mut().for_each(|root| root["SigningKey"] = Value::Null);
    same("ConnectCA", &roots, &stored, &field("ID"));
    let intentions = api("/v1/connect/intentions");
    assert_eq!(intentions.len(), filled.intentions.len());
    same("Intention", &intentions, &of("Intention"), &field("ID"));
    same(
        "CoordinateBatchUpdate",
        &api("/v1/coordinate/nodes"),
        &coordinates(&of("CoordinateBatchUpdate")),
        &field("Node"),
    );
    catalog(&server, &of("Register"));
    acl(&server, &filled, &ours);
    config_entries(&server, &of("ConfigEntry"));

    // `inspect` counts the same records.
    let ran = run(["inspect", "-format=json", path.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    let counts: BTreeMap<String, usize> = ran.json()["Stats"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (row["Name"].as_str().unwrap().to_owned(), row["Count"].as_u64().unwrap() as usize)
        })
        .collect();
    let expected: BTreeMap<String, usize> = ours
        .iter()
        .filter(|(kind, _)| *kind != "SnapshotHeader")
        .map(|(kind, records)| (kind.clone(), records.len()))
        .collect();
    assert_eq!(counts, expected);
    let ran = run(["inspect", "--more", path.to_str().unwrap()]);
    let version = server.version();
    let version = format!("{}.{}.{}", version.0, version.1, version.2);
    for expected in ["dc1", "verified", &version] {
        assert!(ran.text().contains(expected), "no {expected}:\n{}", ran.text());
    }
}

/// Keys are byte for byte as they were stored.
fn keys(filled: &Filled, ours: &[Value]) {
    assert_eq!(ours.len(), filled.keys.len());
    for (ours, put) in ours.iter().zip(&filled.keys) {
        let key = match ours.get("KeyBase64") {
            Some(bytes) => BASE64.decode(bytes.as_str().unwrap()).unwrap(),
            None => ours["Key"].as_str().unwrap().as_bytes().to_vec(),
        };
        assert_eq!(key, put.key);
        let value = ours["Value"].as_str().map_or_else(Vec::new, |v| BASE64.decode(v).unwrap());
        assert!(value == put.value, "the value of {}", put.key.escape_ascii());
        assert_eq!(ours["Flags"].as_u64(), Some(put.flags));
        let session = ours.get("Session").and_then(Value::as_str).unwrap_or_default();
        assert_eq!(session, put.session);
    }
}

fn coordinates(batches: &[Value]) -> Vec<Value> {
    batches.iter().flat_map(|batch| list(batch.clone())).collect()
}

fn catalog(server: &ConsulServer, registers: &[Value]) {
    let (mut services, mut checks) = (0, 0);
    let about = |node: &str, part: &str| -> Vec<Value> {
        let records = registers.iter().filter(|r| r["Node"] == node);
        records.map(|r| r[part].clone()).filter(|v| !v.is_null()).collect()
    };
    let bare = |r: &&Value| r["Service"].is_null() && r["Check"].is_null();
    let nodes: Vec<Value> = registers
        .iter()
        .filter(bare)
        .map(|r| {
            let mut node = r.clone();
            node["Meta"] = r["NodeMeta"].clone();
            node
        })
        .collect();
    let api = list(server.get_json("/v1/catalog/nodes").unwrap());
    same("Register: nodes", &api, &nodes, &field("Node"));
    for node in &api {
        let name = node["Node"].as_str().unwrap();
        let mut ours = about(name, "Service");
        let stored = server.get_json(&format!("/v1/catalog/node/{name}"));
        let theirs: Vec<Value> = match stored {
            Ok(stored) => stored["Services"].as_object().unwrap().values().cloned().collect(),
            // This server breaks the connection instead of returning a null in a proxy's opaque
            // config. So the other services are compared, and what was stored of the proxy.
            Err(_) => {
                let null = |s: &Value| s["Proxy"]["Config"].get("nothing") == Some(&Value::Null);
                let proxies: Vec<Value> = ours.iter().filter(|s| null(s)).cloned().collect();
                assert_eq!(proxies.len(), 1, "{name}");
                let config =
                    json!({"protocol": "http", "list": [1, "two", 3.5, true], "nothing": null});
                assert_eq!(proxies[0]["Proxy"]["Config"], config);
                ours.retain(|s| !null(s));
                services += 1;
                let of = |service: &Value| {
                    let path =
                        format!("/v1/health/service/{}", service["Service"].as_str().unwrap());
                    let entries = list(server.get_json(&path).unwrap());
                    let here = entries.into_iter().find(|e| e["Node"]["Node"] == name);
                    here.unwrap()["Service"].clone()
                };
                ours.iter().map(of).collect()
            }
        };
        services += theirs.len();
        same("Register: services", &theirs, &ours, &field("ID"));
        let theirs = list(server.get_json(&format!("/v1/health/node/{name}")).unwrap());
        checks += theirs.len();
        same("Register: checks", &theirs, &about(name, "Check"), &field("CheckID"));
    }
    assert_eq!(registers.len(), api.len() + services + checks);
    assert!(services > 9 && checks > 6);
}

fn acl(server: &ConsulServer, filled: &Filled, ours: &Decoded) {
    let each = |list_path: &str, one_path: &str, id: &str| -> Vec<Value> {
        let all = list(server.get_json(list_path).unwrap());
        let one = |v: &Value| {
            let id = v[id].as_str().unwrap();
            server.get_json(&format!("{one_path}/{id}")).unwrap()
        };
        all.iter().map(one).collect()
    };
    let tokens = each("/v1/acl/tokens", "/v1/acl/token", "AccessorID");
    assert_eq!(tokens.len(), filled.tokens.len() + 2);
    same("ACLToken", &tokens, &ours["ACLToken"], &field("AccessorID"));
    let policies = each("/v1/acl/policies", "/v1/acl/policy", "ID");
    assert_eq!(policies.len(), filled.policies.len() + 1);
    same("ACLPolicy", &policies, &ours["ACLPolicy"], &field("ID"));
    let roles = list(server.get_json("/v1/acl/roles").unwrap());
    assert_eq!(roles.len(), filled.roles.len());
    same("ACLRole", &roles, &ours["ACLRole"], &field("ID"));
    let rules = list(server.get_json("/v1/acl/binding-rules").unwrap());
    assert_eq!(rules.len(), filled.binding_rules.len());
    same("ACLBindingRule", &rules, &ours["ACLBindingRule"], &field("ID"));
    let methods = each("/v1/acl/auth-methods", "/v1/acl/auth-method", "Name");
    assert_eq!(methods.len(), filled.auth_methods.len());
    same("ACLAuthMethod", &methods, &ours["ACLAuthMethod"], &field("Name"));
}

fn config_entries(server: &ConsulServer, records: &[Value]) {
    let entries: Vec<Value> = records.iter().map(|record| record["Entry"].clone()).collect();
    let mut api = Vec::new();
    for kind in [
        "proxy-defaults",
        "service-defaults",
        "service-resolver",
        "service-splitter",
        "service-router",
        "ingress-gateway",
        "terminating-gateway",
    ] {
        let found = list(server.get_json(&format!("/v1/config/{kind}")).unwrap());
        assert!(!found.is_empty(), "{kind}");
        api.extend(found);
    }
    let key =
        |v: &Value| format!("{}/{}", v["Kind"].as_str().unwrap(), v["Name"].as_str().unwrap());
    same("ConfigEntry", &api, &entries, &key);
}

/// A server accepts a generated snapshot, and then has what `inspect` counted.
#[test]
fn a_restored_snapshot_holds_what_inspect_counts() {
    let Some(mut server) = ConsulServer::for_test("a_restored_snapshot_holds_what_inspect_counts")
    else {
        return;
    };
    let options = GenerateOptions { bytes: 3 << 20, seed: 7, ..GenerateOptions::default() };
    let (bytes, made) = snap(&options);
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "generated.snap", &bytes);
    let ran = run(["inspect", "-format=json", path.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    let stats = ran.json()["Stats"].clone();
    let count = |kind: &str| {
        let rows = stats.as_array().unwrap();
        rows.iter().find(|row| row["Name"] == kind).map_or(0, |row| row["Count"].as_u64().unwrap())
    };
    assert_eq!(count("KVS"), made.kv);
    server.snapshot_restore(&bytes).unwrap();
    let api = |path: &str| list(server.get_json(path).unwrap()).len() as u64;
    assert_eq!(count("KVS"), api("/v1/kv/?keys"));
    assert_eq!(count("ACLToken"), api("/v1/acl/tokens"));
    assert_eq!(count("ACLPolicy"), api("/v1/acl/policies"));
    assert_eq!(count("Session"), api("/v1/session/list"));
    assert_eq!(count("PreparedQuery"), api("/v1/query"));
    assert_eq!(count("Register"), made.nodes + made.services + made.checks);

    // The server writes back the same keys and values, in the same order.
    let saved = write(dir.path(), "saved.snap", &server.snapshot_save().unwrap());
    let keys = |path: &Path| run([Path::new("decode"), Path::new("--type=KVS"), path]).stdout;
    assert!(keys(&saved) == keys(&path), "keys came back changed");

    // A restore leaves a snapshot in the server's own data directory, with a checksum.
    let ran = run([Path::new("inspect"), Path::new("--more"), &server.data_dir()]);
    // The server may have written to its log since then.
    let is_of_log = |line: &str| line.contains("note: the Raft log holds ");
    assert!(ran.code() == 0 && ran.stderr.lines().all(is_of_log), "{}{}", ran.stderr, ran.text());
    assert!(ran.text().contains("verified"), "{}", ran.text());
}

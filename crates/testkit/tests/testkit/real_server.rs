//! What real servers do with what is built here.

use std::collections::BTreeSet;

use rmpv::Value;
use snapscope_testkit::consul::{ConsulServer, NODE_NAME};
use snapscope_testkit::fill::fill;
use snapscope_testkit::generate::{GenerateOptions, snap};
use snapscope_testkit::msgpack::texts;
use snapscope_testkit::random::{SplitMix64, uuid};
use snapscope_testkit::records::{acl, catalog, cluster, config, connect, kind, kv};
use snapscope_testkit::{ConsulVersion, SnapshotSpec, fixtures};

#[test]
fn a_generated_snapshot_is_restored() {
    let Some(mut server) = ConsulServer::for_test("a_generated_snapshot_is_restored") else {
        return;
    };
    assert_eq!(server.token(), snapscope_testkit::generate::MANAGEMENT_SECRET);
    let (bytes, made) =
        snap(&GenerateOptions { bytes: 2_000_000, seed: 3, ..GenerateOptions::default() });
    server.snapshot_restore(&bytes).unwrap();
    let count = |path: &str| server.get_json(path).unwrap().as_array().unwrap().len() as u64;
    assert_eq!(count("/v1/kv/?keys"), made.kv);
    let nodes = server.get_json("/v1/catalog/nodes").unwrap();
    let nodes: Vec<&str> =
        nodes.as_array().unwrap().iter().filter_map(|n| n["Node"].as_str()).collect();
    assert_eq!(nodes.iter().filter(|n| **n != NODE_NAME).count() as u64, made.nodes);
    assert_eq!(count("/v1/acl/policies"), made.policies);
    assert_eq!(count("/v1/acl/tokens"), made.tokens);
    assert_eq!(count("/v1/session/list"), made.sessions);
    assert_eq!(count("/v1/query"), 10);
    let value = server.get_json("/v1/kv/?recurse").unwrap();
    assert!(value.as_array().unwrap().iter().any(|e| e["Session"].is_string()));
    // The server writes back the same keys in the same order.
    let saved = fixtures::state_of(&server.snapshot_save().unwrap());
    assert!(
        kv_section(&saved) == kv_section(&fixtures::state_of(&bytes)),
        "the KV section came back changed"
    );
}

/// The bytes from the first KV record to the end of the last.
fn kv_section(state: &[u8]) -> Vec<u8> {
    let mut rest = state;
    rmpv::decode::read_value(&mut rest).unwrap();
    let mut out = Vec::new();
    while let [kind, value @ ..] = rest {
        let mut after = value;
        rmpv::decode::read_value(&mut after).unwrap();
        if *kind == 2 {
            out.extend_from_slice(&rest[..rest.len() - after.len()]);
        }
        rest = after;
    }
    out
}

#[test]
fn a_filled_server_has_everything() {
    let Some(server) = ConsulServer::for_test("a_filled_server_has_everything") else { return };
    let filled = fill(&server).unwrap();
    let state = fixtures::state_of(&server.snapshot_save().unwrap());
    let mut rest = state.as_slice();
    rmpv::decode::read_value(&mut rest).unwrap();
    let mut counts = std::collections::BTreeMap::<u8, usize>::new();
    while let [kind, value @ ..] = rest {
        let mut after = value;
        rmpv::decode::read_value(&mut after).unwrap();
        *counts.entry(*kind).or_default() += 1;
        rest = after;
    }
    assert_eq!(counts[&2], filled.keys.len());
    assert_eq!(counts[&5], 1);
    assert_eq!(counts[&3], filled.sessions.len());
    assert_eq!(counts[&17], filled.tokens.len() + 2);
    assert_eq!(counts[&19], filled.policies.len() + 1);
    assert_eq!(counts[&23], filled.roles.len());
    assert_eq!(counts[&25], filled.binding_rules.len());
    assert_eq!(counts[&27], filled.auth_methods.len());
    assert_eq!(counts[&7], filled.queries.len());
    assert_eq!(counts[&22], filled.config_entries.len());
    assert_eq!(counts[&12], filled.intentions.len());
    assert!(filled.keys.is_sorted_by(|a, b| a.key < b.key));
}

#[test]
fn what_is_dropped_is_gone() {
    let Some(server) = ConsulServer::for_test("what_is_dropped_is_gone") else { return };
    let (address, folder) = (server.http_addr(), server.data_dir());
    assert!(folder.is_dir());
    drop(server);
    assert!(std::net::TcpStream::connect(address).is_err());
    assert!(!folder.exists());
}

/// A value with all maps sorted: servers write user maps in random order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Map(mut entries) => {
            entries.sort_by_key(|(k, _)| k.to_string());
            Value::Map(entries.into_iter().map(|(k, v)| (k, sorted(v))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// The content of a raw value, one msgpack value after the other.
fn held(raw: &Value) -> Vec<Value> {
    let bytes = match raw {
        Value::String(text) => text.as_bytes().to_vec(),
        Value::Binary(bytes) => bytes.clone(),
        other => panic!("no raw value: {other}"),
    };
    let mut rest = bytes.as_slice();
    let mut values = Vec::new();
    while !rest.is_empty() {
        values.push(rmpv::decode::read_value(&mut rest).unwrap());
    }
    values
}

/// A config entry with its encoded content decoded, so that its maps can be sorted too.
fn opened(body: &Value) -> Value {
    let mut values = held(body);
    if values[0].as_str() == Some("proxy-defaults")
        && let Value::Map(request) = &mut values[1]
    {
        for (key, value) in request {
            if key.as_str() == Some("Entry") {
                *value = Value::Array(held(value));
            }
        }
    }
    Value::Array(values)
}

/// The records of a state file as text, without those that a server creates or changes by itself
/// after a restore.
fn comparable(state: &[u8]) -> BTreeSet<String> {
    let mut rest = state;
    rmpv::decode::read_value(&mut rest).unwrap();
    let mut out = BTreeSet::new();
    while let [kind, value @ ..] = rest {
        rest = value;
        let mut read = rmpv::decode::read_value(&mut rest).unwrap();
        if *kind == kind::CONFIG_ENTRY {
            read = opened(&read);
        }
        if !matches!(*kind, kind::INDEX | kind::FEDERATION_STATE) {
            out.insert(format!("{kind} {}", sorted(read)));
        }
    }
    out
}

/// Each kind of record that 1.8.7 knows is restored, and written again by it.
#[test]
fn built_records_come_back_from_a_server() {
    let Some(mut server) = ConsulServer::for_test("built_records_come_back_from_a_server") else {
        return;
    };
    let v = ConsulVersion::V1_8_7;
    if server.version() != (1, 8, 7) {
        return;
    }
    let mut random = SplitMix64::new(1);
    let mut id = |head: u32| uuid(head, &mut random);
    let (policy, role, session) = (id(20), id(30), id(40));
    let mut node = catalog::Node::new("edge-1", &id(1), 20);
    node.meta.push(("external-node".into(), "true".into()));
    let service = catalog::Service::new("web-1", "web", 21);
    let mut proxy = catalog::Service::new("web-1-sidecar-proxy", "web-sidecar-proxy", 22);
    (proxy.kind, proxy.proxy_for) = ("connect-proxy".into(), "web".into());
    let check = catalog::Check::of_service(&service, "warning", 23);
    let records = vec![
        node.record(v),
        node.service_record(v, &service),
        node.service_record(v, &proxy),
        node.check_record(v, &check),
        catalog::coordinate(v, "edge-1", [0.001; 8], 0.002),
        catalog::session(v, &session, "lock", "edge-1", 24).with("NodeChecks", texts(&[])),
        acl::management_token(v, &id(50), server.token(), 5),
        acl::token(v, &id(51), &id(52), "a token", &[(&policy, "p")], &[(&role, "r")], 25),
        acl::anonymous_token(v, 6),
        acl::global_management(v, 4),
        acl::policy(v, &policy, "p", "key_prefix \"\" { policy = \"read\" }", 26),
        acl::role(v, &role, "r", &[(&policy, "p")], &["web"], 27),
        acl::binding_rule(v, &id(60), "minikube", ("service", "${serviceaccount.name}"), 28),
        acl::auth_method(v, "minikube", 29),
        kv::entry("a/key", "value", u64::MAX, 30),
        kv::entry(b"b/\xff\n", "", 0, 31),
        kv::locked("c/lock", "held", 0, 32, &session, 1),
        kv::tombstone("d/gone", 33),
        catalog::prepared_query(v, &id(70), "query", "web", 34),
        cluster::autopilot(v, 7),
        connect::ca_root(v, true, 44),
        connect::ca_provider_state(v, 43),
        connect::ca_config(v, 42),
        connect::intention(v, &id(80), "*", "web", "deny", 35),
        cluster::index("kvs", 33),
        cluster::index("nodes", 40),
        cluster::chunking_state_idle(),
    ];
    let mut spec = SnapshotSpec::new(records);
    for (i, config_kind) in config::KINDS_1_8_7.iter().enumerate() {
        let name = if *config_kind == "proxy-defaults" { "global" } else { "web" };
        spec.push(config::example(v, config_kind, name, 36 + i as u64));
    }
    let spec = spec.in_section_order();
    server.snapshot_restore(&spec.snap()).unwrap();
    let back = comparable(&fixtures::state_of(&server.snapshot_save().unwrap()));
    let missing: Vec<String> = comparable(&spec.state()).difference(&back).cloned().collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

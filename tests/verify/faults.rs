//! Faults planted into an intact snapshot: references, indexes, order, text.

use super::{ACCESSOR, NOBODY, NODE_ID, POLICY, SECRET, V, findings, sound, verify};
use crate::support::run_with;
use snapscope_testkit::SnapshotSpec;
use snapscope_testkit::msgpack::{Val, texts};
use snapscope_testkit::records::{Record, acl, catalog, config, connect, kv, peering, set};

/// A fault: the code and level of its finding, and the snapshot.
type Fault = (&'static str, &'static str, Vec<Record>);

/// The intact snapshot with another value in a field.
fn change(at: usize, field: &str, value: impl Into<Val>) -> Vec<Record> {
    let mut records = sound();
    records[at] = records[at].clone().with(field, value);
    records
}

/// The same for a field of a struct in a record.
fn change_in(at: usize, inside: &str, field: &str, value: impl Into<Val>) -> Vec<Record> {
    let mut inner = sound()[at].body.get(inside).unwrap().clone();
    set(&mut inner, field, value.into());
    change(at, inside, inner)
}

fn insert(at: usize, record: Record) -> Vec<Record> {
    let mut records = sound();
    records.insert(at, record);
    records
}

fn swap(a: usize, b: usize) -> Vec<Record> {
    let mut records = sound();
    records.swap(a, b);
    records
}

fn link(id: &str) -> Val {
    Val::Array(vec![Val::Map(vec![("ID".into(), id.into())])])
}

/// A config entry with one field, a list of one map.
fn entry(config_kind: &str, name: &str, list: &str, item: Val) -> Record {
    config::wrap(
        config_kind,
        &Val::Map(vec![
            ("CreateIndex".into(), 44u64.into()),
            ("Kind".into(), config_kind.into()),
            ("ModifyIndex".into(), 44u64.into()),
            ("Name".into(), name.into()),
            (list.into(), Val::Array(vec![item])),
        ]),
    )
}

fn one(field: &str, value: impl Into<Val>) -> Val {
    Val::Map(vec![(field.into(), value.into())])
}

/// Links to missing objects.
fn reference_faults() -> Vec<Fault> {
    let odd = |code, records| (code, "odd", records);
    let query = catalog::prepared_query(V, NOBODY, "q", "web", 50);
    let route =
        entry("service-router", "web", "Routes", one("Destination", one("ServiceSubset", "v2")));
    let exported = entry("exported-services", "default", "Services", {
        one("Consumers", Val::Array(vec![one("Peer", "gone")]))
    });
    let group = one("SamenessGroup", "gone");
    vec![
        odd("token-policy", change(4, "Policies", link(NOBODY))),
        odd("token-role", change(4, "Roles", link(NOBODY))),
        odd("token-auth-method", change(4, "AuthMethod", "gone")),
        odd("role-policy", change(6, "Policies", link(NOBODY))),
        odd("binding-rule-auth-method", change(7, "AuthMethod", "gone")),
        odd("binding-rule-target", change(7, "BindName", "gone")),
        odd("lock-session", change(10, "Session", NOBODY)),
        odd("session-node", change(3, "Node", "gone")),
        odd("session-check", change(3, "NodeChecks", texts(&["gone"]))),
        odd("query-session", insert(11, query.with("Session", SECRET))),
        odd("coordinate-node", insert(3, catalog::coordinate(V, "gone", [0.0; 8], 0.1))),
        odd("config-entry-subset", insert(14, route)),
        odd("config-entry-peer", insert(13, exported)),
        odd(
            "config-entry-sameness-group",
            insert(14, entry("service-intentions", "web", "Sources", group)),
        ),
        odd("peering-peer", insert(17, peering::trust_bundle("gone", 45))),
        odd("peering-peer", insert(17, peering::secret(NOBODY, SECRET))),
        odd("check-node-spelling", change_in(2, "Check", "Node", "WEB-1")),
        ("obstacle", "refused", change_in(2, "Check", "ServiceID", "gone")),
        ("obstacle", "refused", change_in(2, "Check", "Node", "other")),
    ]
}

/// Indexes that contradict each other.
fn index_faults() -> Vec<Fault> {
    let odd = |code, records| (code, "odd", records);
    vec![
        odd("index-above-meta", change(9, "ModifyIndex", 900u64)),
        odd("index-above-header", change(9, "ModifyIndex", 53u64)),
        odd("index-above-table", change(4, "ModifyIndex", 45u64)),
        odd("index-above-table", change(0, "ModifyIndex", 21u64)),
        odd("index-above-table", change_in(2, "Check", "ModifyIndex", 23u64)),
        odd("created-after-changed", change(9, "CreateIndex", 52u64)),
    ]
}

/// Records that are out of order or repeated.
fn order_faults() -> Vec<Fault> {
    let other = POLICY.replace("01", "02");
    let twin = catalog::Node::new("web-2", NODE_ID, 20);
    let config = connect::ca_config(V, 15);
    let mut configs = insert(13, config.clone());
    configs.insert(13, config);
    vec![
        ("record-order", "odd", swap(9, 10)),
        ("section-order", "odd", swap(8, 9)),
        ("repeated-object", "lost", insert(10, kv::entry("app/a", "2", 0, 50))),
        ("repeated-object", "lost", configs),
        ("repeated-name", "lost", insert(6, acl::policy(V, &other, "read", "", 38))),
        (
            "repeated-name",
            "lost",
            insert(5, acl::token(V, ACCESSOR, &SECRET.replace("01", "02"), "", &[], &[], 40)),
        ),
        ("node-id", "lost", insert(3, twin.record(V))),
    ]
}

/// Text, the CA, and what no server accepts.
fn other_faults() -> Vec<Fault> {
    let not_text = || Val::Raw(b"caf\xe9".to_vec());
    let second = connect::ca_root(V, true, 15).with("ID", "00");
    let mut query = catalog::prepared_query(V, NOBODY, "q", "web", 50);
    let mut service = query.body.get("Service").unwrap().clone();
    set(&mut service, "OnlyPassing", "yes".into());
    query = query.with("Service", service);
    vec![
        ("text", "odd", change(0, "Address", not_text())),
        ("text", "odd", change_in(1, "Service", "Service", not_text())),
        ("text", "odd", change_in(2, "Check", "Output", not_text())),
        ("text", "odd", change(4, "Description", not_text())),
        (
            "text",
            "odd",
            insert(
                14,
                config::entry(V, "service-defaults", "xx", vec![("Protocol", not_text())], 44),
            ),
        ),
        ("ca-root-none-active", "lost", change(11, "Active", false)),
        ("ca-root-several-active", "lost", insert(11, second)),
        ("obstacle", "refused", change(5, "ID", "")),
        // A field with the name of one of a registration.
        ("obstacle", "refused", insert(11, query)),
        ("obstacle", "refused", insert(0, Record::new(44, Val::Map(vec![])))),
    ]
}

/// Each fault, planted into the intact snapshot, is found at its level, and nothing else is.
#[test]
fn planted_faults_are_found_at_their_level() {
    let (code, report) = verify(&SnapshotSpec::new(sound()).snap(), &["--strict"]);
    assert_eq!((code, findings(&report)), (0, vec![]), "{report}");
    let faults = [reference_faults(), index_faults(), order_faults(), other_faults()].concat();
    assert!(faults.len() > 40);
    for (code, level, records) in faults {
        let (exit, report) = verify(&SnapshotSpec::new(records).snap(), &[]);
        let found = findings(&report);
        assert!(found.contains(&(code.to_owned(), level.to_owned())), "{code}: {report}");
        assert_eq!(exit, i32::from(level != "odd"), "{code}: {report}");
        assert_eq!(report["verdict"], level, "{code}: {report}");
        for finding in report["findings"].as_array().unwrap() {
            assert!(finding["record"].is_u64() || finding["code"] == "obstacle", "{finding}");
        }
    }
}

#[test]
fn an_object_that_is_there_twice_is_found_anywhere() {
    // In an unordered section this takes a second pass, or one that keeps names.
    let mut records = swap(9, 10);
    records.insert(11, kv::entry("zz", "1", 0, 50));
    records.insert(12, kv::entry("app/lock", "1", 0, 50));
    let snap = SnapshotSpec::new(records).snap();
    let (_, report) = verify(&snap, &[]);
    assert!(findings(&report).iter().any(|(code, _)| code == "repeated-object"), "{report}");
    let piped = run_with(["verify", "-o", "json", "-"], &snap).json();
    assert_eq!(piped["snapshots"][0]["findings"], report["findings"]);
}

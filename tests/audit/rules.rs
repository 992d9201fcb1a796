//! Each rule has a snapshot that triggers it and one that does not.

mod certificates;
mod mesh;
mod operations;
mod resources;
mod secrets;
mod services;
mod tokens;

use super::findings;
use crate::support::write;
use snapscope_analyze::audit::RULES;
use snapscope_testkit::msgpack::texts;
use snapscope_testkit::records::catalog::{self, Node, Service};
use snapscope_testkit::records::{Record, acl, config, kv};
use snapscope_testkit::snapshot::Server;
use snapscope_testkit::{ConsulVersion, SnapshotSpec, Val};
use std::collections::BTreeSet;

const V: ConsulVersion = ConsulVersion::V1_21_4;

/// What a rule examines.
#[derive(Clone)]
struct Shown {
    records: Vec<Record>,
    at: &'static str,
    voters: u64,
}

const READ: &str = "key_prefix \"app/\" { policy = \"read\" }";
const TODAY: &str = "2026-11-24";

fn of(records: Vec<Record>) -> Shown {
    Shown { records, at: TODAY, voters: 3 }
}

fn at(at: &'static str, records: Vec<Record>) -> Shown {
    Shown { at, ..of(records) }
}

fn voters(voters: u64) -> Shown {
    Shown { voters, ..of(vec![]) }
}

fn id(n: u64) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}

fn token(n: u64) -> Record {
    acl::token(V, &id(n), &id(n + 1000), "a token", &[], &[], 10)
}

fn linked(n: u64, policy: u64) -> Record {
    acl::token(V, &id(n), &id(n + 1000), "a token", &[(&id(policy), "p")], &[], 10)
}

fn policy(n: u64, rules: &str) -> Record {
    acl::policy(V, &id(n), &format!("policy-{n}"), rules, 10)
}

fn key(key: &str, value: &str) -> Record {
    kv::entry(key, value, 0, 10)
}

fn entry(kind: &str, fields: Vec<(&str, Val)>) -> Record {
    config::entry(V, kind, "web", fields, 10)
}

fn list(item: Val) -> Val {
    Val::Array(vec![item])
}

/// A rule, what triggers it, and something similar that does not.
type Case = (&'static str, Shown, Shown);

fn cases() -> Vec<Case> {
    [
        tokens::tokens(),
        tokens::policies(),
        tokens::logins(),
        secrets::cases(),
        certificates::cases(),
        mesh::cases(),
        services::cases(),
        operations::cases(),
    ]
    .concat()
}

fn found(rule: &str, shown: Shown) -> usize {
    let mut spec = SnapshotSpec::new(shown.records);
    let server = |n: u64| Server { suffrage: 0, id: id(n), address: format!("10.0.0.{n}:8300") };
    spec.meta.servers = (1..=shown.voters).map(server).collect();
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.snap", &spec.snap());
    let all = findings(&path, &["--at", shown.at]);
    all.iter().filter(|finding| finding["rule"] == rule).count()
}

#[test]
fn every_rule_is_triggered_and_not() {
    let cases = cases();
    let covered: BTreeSet<&str> = cases.iter().map(|(rule, ..)| *rule).collect();
    // Snapshots do not trigger those about logs; `log` tests them.
    let all: BTreeSet<&str> =
        RULES.iter().filter(|rule| rule.group() != "LOG").map(|rule| rule.id).collect();
    assert_eq!(covered, all);
    let mut wrong = Vec::new();
    for (rule, triggers, doesnt) in cases {
        if found(rule, triggers) == 0 {
            wrong.push(format!("{rule} is not triggered"));
        }
        if found(rule, doesnt) > 0 {
            wrong.push(format!("{rule} is triggered by what it should pass"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn server(node: &str, version: &str) -> Record {
    let mut service = Service::new("consul", "consul", 10);
    service.meta = vec![("version".into(), version.into())];
    Node::new(node, &id(6), 10).service_record(V, &service)
}

fn session(ttl: &str, checks: &[&str]) -> Record {
    catalog::session(V, &id(7), "s", "node-1", 10)
        .with("TTL", ttl)
        .with("NodeChecks", texts(checks))
}

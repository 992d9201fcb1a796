//! Keys, sessions, servers: what prevents a cluster from working well.

use super::resources::link;
use super::{Case, V, id, key, of, server, session, voters};
use snapscope_testkit::records::{Record, cluster, kv};

pub(super) fn cases() -> Vec<Case> {
    vec![
        (
            "OPS001",
            of(vec![key("a", &"x".repeat(524_289))]),
            of(vec![key("a", &"x".repeat(524_288))]),
        ),
        ("OPS002", of(folder(100_000)), of(folder(1_000))),
        ("OPS003", of(graves(10_000)), of(graves(1_000))),
        (
            "OPS004",
            of(vec![kv::locked("a", "", 0, 10, &id(7), 1)]),
            of(vec![kv::locked("a", "", 0, 10, &id(7), 1), session("10s", &["serfHealth"])]),
        ),
        (
            "OPS005",
            of(vec![session("", &["serfHealth"])]),
            of(vec![session("10s", &["serfHealth"])]),
        ),
        ("OPS006", of(vec![session("", &[])]), of(vec![session("", &["serfHealth"])])),
        ("OPS007", voters(1), voters(3)),
        ("OPS008", voters(4), voters(3)),
        (
            "OPS009",
            of(vec![cluster::chunking_state(7, 2, &[Some(b"x"), None])]),
            of(vec![cluster::chunking_state_idle()]),
        ),
        (
            "OPS010",
            of(vec![server("a", "1.21.4"), server("b", "1.20.1")]),
            of(vec![server("a", "1.21.4"), server("b", "1.21.4")]),
        ),
        (
            "OPS011",
            of(vec![cluster::autopilot(V, 10).with("CleanupDeadServers", false)]),
            of(vec![cluster::autopilot(V, 10)]),
        ),
        ("OPS016", of(vec![link(1)]), of(vec![link(2)])),
        ("OPS013", of(vec![kv::entry("", "x", 0, 9)]), of(vec![kv::entry("a", "x", 0, 9)])),
        ("OPS012", of(vec![server("a", "1.16.0")]), of(vec![server("a", "2.0.3+ent")])),
        (
            "OPS014",
            of(vec![key("up/..%2Fetc/foo", "")]),
            of(vec![key("a b", ""), key("con..fig", ""), key("50%", "")]),
        ),
        (
            "OPS015",
            of(vec![key("acme - host.example", "")]),
            of(vec![key("a/b-c_d.e,f?g&h=i", ""), key("trail ", "")]),
        ),
    ]
}

fn folder(count: usize) -> Vec<Record> {
    (0..count).map(|n| key(&format!("app/{n:07}"), "")).collect::<Vec<_>>()
}

fn graves(count: usize) -> Vec<Record> {
    (0..count).map(|n| kv::tombstone(format!("t/{n:07}"), 10)).collect::<Vec<_>>()
}

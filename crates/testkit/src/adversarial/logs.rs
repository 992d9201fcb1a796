//! Raft logs: each record is the type of a command and its request.

use super::record::{Take, VERSION, uuid};
use crate::msgpack::{Val, structure};
use crate::records::catalog::{Node, Service};
use crate::records::{Record, config, kind};
use std::io;

fn entry(key: &str, value: &str) -> Val {
    structure([
        ("Key", key.into()),
        ("Value", value.into()),
        ("Flags", 0u64.into()),
        ("Session", "".into()),
        ("CreateIndex", 0u64.into()),
        ("LockIndex", 0u64.into()),
        ("ModifyIndex", 0u64.into()),
    ])
}

/// One key written again and again.
pub(super) fn one_key(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| {
        let request = structure([
            ("Datacenter", "dc1".into()),
            ("DirEnt", entry("app/key", &format!("value {at}"))),
            ("Op", "set".into()),
            ("Token", uuid(1).into()),
        ]);
        take(Record::new(kind::KVS, request))
    })
}

/// One transaction with this number of operations, each on another key.
pub(super) fn transaction(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let operation = |at: u64| {
        let kv = structure([
            ("DirEnt", entry(&format!("app/{at:09}"), "value")),
            ("Verb", "set".into()),
        ]);
        structure([("KV", kv)])
    };
    let request = structure([
        ("Datacenter", "dc1".into()),
        ("Ops", Val::Array((0..n).map(operation).collect())),
        ("Token", uuid(1).into()),
    ]);
    take(Record::new(8, request))
}

/// One service registered on this number of nodes.
pub(super) fn registrations(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| {
        let node = Node::new(&format!("node-{at}"), &uuid(at), 0);
        take(node.service_record(VERSION, &Service::new("web", "web", 0)))
    })
}

/// Resolvers of different services that all redirect to one service.
pub(super) fn entries(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| {
        let redirect = structure([("Service", "web".into())]);
        let name = format!("web-{at}");
        let fields = vec![("Redirect", redirect)];
        take(config::entry(VERSION, "service-resolver", &name, fields, 0))
    })
}

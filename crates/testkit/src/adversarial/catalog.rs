//! Nodes, services and checks.

use super::record::{Take, VERSION, uuid};
use crate::msgpack::Val;
use crate::records::catalog::{Check, Node, Service};
use crate::records::set;
use std::io;

pub(super) fn instances(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    for at in 0..n {
        let node = Node::new(&format!("node-{at}"), &uuid(at), at + 1);
        take(node.service_record(VERSION, &Service::new("web", "web", at + 1)))?;
    }
    Ok(())
}

/// One instance with this number of tags and metadata keys.
pub(super) fn tags(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let node = Node::new("node", &uuid(1), 5);
    let mut record = node.service_record(VERSION, &Service::new("web", "web", 5));
    if let Val::Map(fields) = &mut record.body
        && let Some((_, service)) = fields.iter_mut().find(|(name, _)| *name == "Service".into())
    {
        let tags = (0..n).map(|at| format!("tag-{at}").into());
        set(service, "Tags", Val::Array(tags.collect()));
        let pairs = (0..n).map(|at| (format!("key-{at:09}").into(), "value".into()));
        set(service, "Meta", Val::Map(pairs.collect()));
    }
    take(record)
}

/// One name with changing IDs.
pub(super) fn nodes(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| take(Node::new("node", &uuid(at), at + 1).record(VERSION)))
}

pub(super) fn services(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let node = Node::new("node", &uuid(1), 5);
    (0..n)
        .try_for_each(|at| take(node.service_record(VERSION, &Service::new("web", "web", at + 1))))
}

/// A node with this number of services, each with a check.
pub(super) fn on_one_node(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let node = Node::new("node", &uuid(1), 5);
    take(node.record(VERSION))?;
    let service = |at: u64| Service::new(&format!("web-{at:09}"), &format!("web-{at:09}"), at + 1);
    (0..n).try_for_each(|at| take(node.service_record(VERSION, &service(at))))?;
    (0..n).try_for_each(|at| {
        let check = Check::of_service(&service(at), "critical", at + 1);
        take(node.check_record(VERSION, &check))
    })
}

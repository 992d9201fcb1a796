//! Instances of services on untouched nodes. If several look the same to other services, gateways
//! and addresses, only the one that changed last is held, and only the fields that matter to those:
//! its names, kind and upstreams.

use crate::document::{Doc, list};
use crate::table::{NODE, Table, connect_name, item_key, key_of, peer_key};
use crate::tables::Tables;
use std::collections::BTreeMap;

/// The held instances, by how they look to others.
#[derive(Debug, Default)]
pub(crate) struct Instances {
    last: BTreeMap<Vec<u8>, LastChange>,
}

/// When an instance changed last, and what distinguishes it from others that changed at the same
/// index.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct LastChange {
    index: u64,
    instance: Vec<u8>,
    key: Vec<u8>,
}

impl Instances {
    /// Adds an instance on a node.
    pub(crate) fn take(&mut self, node: &[u8], service: &Doc<'_>, tables: &mut Tables) {
        let peer = service.text("PeerName");
        let place = LastChange {
            index: service.uint("ModifyIndex"),
            instance: key_of(&[node, service.text("ID")]),
            key: item_key(peer, node, service.text("ID")),
        };
        let seen = seen(service);
        let signature = signature(service, &seen);
        match self.last.get(&signature) {
            Some(last) if *last > place => return,
            Some(last) => tables.delete(Table::Services, &last.key),
            None => {}
        }
        let mut row = seen;
        row.set_text("ID", service.text("ID"));
        row.set_uint("ModifyIndex", place.index);
        row.set_text(NODE, node);
        tables.put(Table::Services, &place.key, row.bytes().into());
        tables.begin();
        self.last.insert(signature, place);
    }
}

/// The fields that matter to others.
fn seen(service: &Doc<'_>) -> Doc<'static> {
    let mut row = Doc::default();
    for field in ["Kind", "PeerName", "Service"] {
        row.set_text(field, service.text(field));
    }
    if service.doc("Connect").is_ok_and(|connect| connect.is_true("Native")) {
        let mut connect = Doc::default();
        connect.set("Native", vec![0xc3]);
        row.set("Connect", connect.bytes());
    }
    if let Ok(proxy) = service.doc("Proxy") {
        let mut part = Doc::default();
        part.set_text("DestinationServiceName", proxy.text("DestinationServiceName"));
        let upstreams = proxy.items("Upstreams").into_iter().filter_map(|item| {
            let upstream = Doc::read(item).ok()?;
            let mut part = Doc::default();
            for field in ["DestinationName", "DestinationType"] {
                part.set_text(field, upstream.text(field));
            }
            Some(part.bytes())
        });
        part.set("Upstreams", list(&upstreams.collect::<Vec<_>>()));
        row.set("Proxy", part.bytes());
    }
    row
}

/// What distinguishes instances: names in the form in which they are compared, and other fields as
/// they are.
fn signature(service: &Doc<'_>, seen: &Doc<'_>) -> Vec<u8> {
    let peer = peer_key(service.text("PeerName"));
    let connect = connect_name(service).unwrap_or_default();
    let mut signature = key_of(&[peer, service.text("Service"), &connect]);
    signature.extend(seen.bytes());
    signature
}

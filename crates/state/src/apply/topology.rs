//! The upstreams of services, a table that servers derive from the catalog.

use crate::document::{Applied, Doc, lower};
use crate::machine::Machine;
use crate::rows::Body;
use crate::table::{Link, Table, key_of};
use std::collections::BTreeSet;

const INDEX: &[u8] = b"mesh-topology";

pub(super) fn upstreams(service: &Doc<'_>, with_queries: bool) -> BTreeSet<Vec<u8>> {
    let Ok(proxy) = service.doc("Proxy") else { return BTreeSet::new() };
    let mut names = BTreeSet::new();
    for upstream in proxy.items("Upstreams") {
        let Ok(upstream) = Doc::read(upstream) else { continue };
        if with_queries || upstream.text("DestinationType") != b"prepared_query" {
            names.insert(lower(upstream.text("DestinationName")));
        }
    }
    names
}

pub(super) fn downstream(service: &Doc<'_>) -> Vec<u8> {
    service
        .doc("Proxy")
        .map_or_else(|_| Vec::new(), |proxy| lower(proxy.text("DestinationServiceName")))
}

/// The identity of an instance among those with an upstream.
pub(super) fn instance(node: &[u8], service: &Doc<'_>) -> Vec<u8> {
    key_of(&[node, service.text("ID")])
}

/// Updates the rows of an instance in the mesh after its registration.
pub(super) fn update(
    machine: &mut Machine,
    node: &[u8],
    service: &Doc<'_>,
    existing: Option<&Doc<'_>>,
) -> Applied {
    let old = existing.map(|existing| upstreams(existing, true)).unwrap_or_default();
    let new = upstreams(service, false);
    let downstream = downstream(service);
    let instance = instance(node, service);
    for upstream in &new {
        // Servers remember the last of several instances.
        let key = key_of(&[upstream, &downstream]);
        machine.tables.put(Table::Topology, &key, instance.clone().into());
        machine.move_index(INDEX);
    }
    for upstream in old.difference(&new) {
        machine.tables.delete(Table::Topology, &key_of(&[upstream, &downstream]));
        machine.move_index(INDEX);
    }
    Ok(())
}

/// Removes the rows of a deleted instance.
pub(super) fn leave(machine: &mut Machine, node: &[u8], service: &Doc<'_>) {
    let is_proxy = service.text("Kind") == b"connect-proxy" && service.text("PeerName").is_empty();
    if !is_proxy || !machine.rules.topology() {
        return;
    }
    let instance = instance(node, service);
    for key in machine.tables.linked(Link::Downstream, &downstream(service)) {
        if machine.get(Table::Topology, &key).is_some_and(|body| *body == *instance) {
            machine.tables.delete(Table::Topology, &key);
            machine.move_index(INDEX);
        }
    }
}

/// Adds the row of an ingress gateway that leads to a service.
pub(super) fn gateway_leads_to(machine: &mut Machine, gateway: &[u8], service: &[u8]) {
    machine.tables.put(Table::Topology, &key_of(&[service, gateway]), Body::default());
    machine.move_index(INDEX);
}

pub(super) fn gateway_leads_no_more_to(machine: &mut Machine, gateway: &[u8], service: &[u8]) {
    machine.tables.delete(Table::Topology, &key_of(&[service, gateway]));
    machine.move_index(INDEX);
}

/// Removes the rows of an ingress gateway whose configuration is replaced or deleted.
pub(super) fn gateway_is_gone(machine: &mut Machine, gateway: &[u8]) {
    for key in machine.tables.linked(Link::Downstream, &lower(gateway)) {
        machine.tables.delete(Table::Topology, &key);
    }
    machine.move_index(INDEX);
}

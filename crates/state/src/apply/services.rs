//! Instances of services.

use super::catalog_indexes::{Indexes, differs};
use super::registered::{exists, is_in_mesh};
use crate::document::{Applied, Doc, refused};
use crate::machine::{Machine, is_current, unknown_operation};
use crate::same::same_but;
use crate::table::{NODE, Table, connect_name, item_key, node_key};
use crate::touched::SERVERS;
use snapscope_decode::wire::{Value, encode};

/// The fields that are ignored when instances are compared.
const NOT_COMPARED: &[&str] = &["CreateIndex", "ModifyIndex", "LocallyRegisteredAsSidecar", NODE];

pub(super) fn is_same(a: &Doc<'_>, b: &Doc<'_>) -> bool {
    same_but(a, b, NOT_COMPARED)
}

pub(super) fn ensure(machine: &mut Machine, node: &[u8], mut service: Doc<'_>) -> Applied {
    let peer = service.text("PeerName").to_vec();
    let name = service.text("Service").to_vec();
    let kind = service.text("Kind").to_vec();
    let key = item_key(&peer, node, service.text("ID"));
    let existing = machine.get(Table::Services, &key);
    let existing = existing.as_deref().map(Doc::read).transpose()?;
    if peer.is_empty() {
        if kind.is_empty() && name != SERVERS {
            super::gateways::service_is_there(machine, &name, Some(&service));
        }
        super::service_names::add(machine, &kind, &name);
    }
    if let Some(connect) = connect_name(&service) {
        enter_mesh(machine, node, &mut service, existing.as_ref(), &connect)?;
    }
    if peer.is_empty() && kind == b"terminating-gateway" {
        super::virtual_ips::tag_gateway(machine, &mut service, &name)?;
    }
    if !machine.tables.contains(Table::Nodes, &node_key(&peer, node)) {
        return refused("the service's node is not registered");
    }
    if !has_valid_weights(&service) {
        service.set("Weights", default_weights());
    }
    service.set("LocallyRegisteredAsSidecar", vec![0xc2]);
    if let Some(existing) = &existing
        && is_same(existing, &service)
    {
        return Ok(());
    }
    service.stamp_over(existing.as_ref(), machine.index);
    insert(machine, key, node, service);
    Ok(())
}

/// Stores an instance and moves the indexes of its tables.
pub(super) fn insert(machine: &mut Machine, key: Vec<u8>, node: &[u8], mut service: Doc<'_>) {
    let peer = service.text("PeerName").to_vec();
    service.set_text(NODE, node);
    machine.put(Table::Services, &key, &service);
    let mut indexes = Indexes::new(machine, &peer);
    indexes.services();
    indexes.service(service.text("Service"));
    indexes.service_kind(service.text("Kind"));
    if indexes_nodes(machine) {
        let mut indexes = Indexes::new(machine, &peer);
        indexes.nodes();
        indexes.node(node);
    }
}

/// Whether a node's index moves when its services change.
const fn indexes_nodes(machine: &Machine) -> bool {
    machine.rules.peered_indexes()
}

/// Updates upstreams and virtual IP of an instance in the mesh.
fn enter_mesh(
    machine: &mut Machine,
    node: &[u8],
    service: &mut Doc<'_>,
    existing: Option<&Doc<'_>>,
    connect: &[u8],
) -> Applied {
    if machine.rules.topology() {
        super::topology::update(machine, node, service, existing)?;
    }
    if !machine.rules.wildcards_cover_all() {
        super::gateways::wildcards(machine, connect, Some(service), b"service");
    }
    let peer = service.text("PeerName").to_vec();
    if peer.is_empty() && !connect.is_empty() {
        super::service_names::add(machine, b"connect-enabled", connect);
    }
    if !connect.is_empty() && super::virtual_ips::are_on(machine) {
        let ip = super::virtual_ips::assign(machine, &peer, connect)?;
        super::virtual_ips::tag(service, "consul-virtual", &ip, service_port(service))?;
    }
    Ok(())
}

fn service_port(service: &Doc<'_>) -> Vec<u8> {
    service.raw("Port").to_vec()
}

/// Invalid weights are ignored, like absent ones.
fn has_valid_weights(service: &Doc<'_>) -> bool {
    const MOST: u64 = 65_535;
    let Ok(weights) = service.doc("Weights") else { return false };
    let (passing, warning) = (weights.uint("Passing"), weights.uint("Warning"));
    // Negative ones read as 0, which is valid for warnings.
    let is_negative = matches!(weights.value("Warning"), Value::Int(_));
    (1..=MOST).contains(&passing) && warning <= MOST && !is_negative
}

fn default_weights() -> Vec<u8> {
    let mut out = Vec::new();
    encode::map_head(2, &mut out);
    for name in ["Passing", "Warning"] {
        encode::raw(name.as_bytes(), &mut out);
        encode::uint(1, &mut out);
    }
    out
}

pub(super) fn delete(machine: &mut Machine, peer: &[u8], node: &[u8], id: &[u8]) -> Applied {
    let key = item_key(peer, node, id);
    let Some(body) = machine.get(Table::Services, &key) else { return Ok(()) };
    let service = Doc::read(&body)?;
    let name = service.text("Service").to_vec();
    let kind = service.text("Kind").to_vec();
    super::checks::delete_of_service(machine, peer, node, service.text("ID"))?;
    machine.tables.delete(Table::Services, &key);
    let mut indexes = Indexes::new(machine, peer);
    indexes.checks();
    indexes.services();
    indexes.service_kind(&kind);
    if indexes_nodes(machine) {
        let mut indexes = Indexes::new(machine, peer);
        indexes.nodes();
        indexes.node(node);
    }
    super::topology::leave(machine, node, &service);
    if exists(machine, peer, &name) {
        Indexes::new(machine, peer).service(&name);
    } else {
        Indexes::new(machine, peer).service_is_gone(&name);
        super::virtual_ips::free(machine, peer, &name, None);
        if peer.is_empty() {
            super::service_names::remove(machine, &kind, &name);
        }
        if machine.rules.wildcards_cover_all() {
            super::gateways::service_is_gone(machine, &name);
        }
    }
    if let Some(connect) = connect_name(&service).filter(|_| peer.is_empty())
        && !is_in_mesh(machine, &connect)
    {
        super::service_names::remove(machine, b"connect-enabled", &connect);
    }
    if peer.is_empty() && !machine.rules.wildcards_cover_all() {
        super::gateways::clean_up(machine, &name, false);
    }
    Ok(())
}

/// A transaction's operation on an instance.
pub(super) fn operate(
    machine: &mut Machine,
    verb: &[u8],
    node: &[u8],
    service: Doc<'_>,
) -> Applied {
    let peer = service.text("PeerName").to_vec();
    let id = service.text("ID").to_vec();
    let found = machine.get(Table::Services, &item_key(&peer, node, &id));
    let found = found.as_deref().map(Doc::read).transpose()?;
    let at = found.map(|found| found.uint("ModifyIndex"));
    let asked = service.uint("ModifyIndex");
    match verb {
        b"get" if at.is_none() => refused("the service doesn't exist"),
        b"get" => Ok(()),
        b"set" => ensure(machine, node, service),
        b"cas" if !is_current(asked, at) => refused("the service's index differs"),
        b"cas" => ensure(machine, node, service),
        b"delete" => delete(machine, &peer, node, &id),
        b"delete-cas" if at != Some(asked) => refused("the service's index differs"),
        b"delete-cas" => delete(machine, &peer, node, &id),
        _ => unknown_operation(),
    }
}

/// Sets the tagged addresses of a stored instance if they differ.
pub(super) fn set_tagged_addresses(
    machine: &mut Machine,
    key: &[u8],
    addresses: Vec<u8>,
) -> Applied {
    let Some(body) = machine.get(Table::Services, key) else { return Ok(()) };
    let mut service = Doc::read(&body)?;
    if !differs(service.raw("TaggedAddresses"), &addresses) {
        return Ok(());
    }
    let node = service.text(NODE).to_vec();
    service.set("TaggedAddresses", addresses);
    // Servers change a copy, in which nil becomes an empty list or map.
    for (field, empty) in [("Tags", 0x90), ("Meta", 0x80)] {
        if service.is_nil(field) {
            service.set(field, vec![empty]);
        }
    }
    service.set_uint("ModifyIndex", machine.index);
    insert(machine, key.to_vec(), &node, service);
    Ok(())
}

//! Registrations.

use super::catalog_indexes::{is_same_node, same_name};
use crate::document::{Applied, Doc, refused};
use crate::machine::Machine;
use crate::table::{Table, item_key, node_key};

pub(super) fn register(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    let (peer, node) = (request.text("PeerName").to_vec(), request.text("Node").to_vec());
    let service = if request.is_nil("Service") { None } else { Some(request.doc("Service")?) };
    let mut checks = Vec::new();
    if !request.is_nil("Check") {
        checks.push(request.doc("Check")?);
    }
    for check in request.items("Checks") {
        checks.push(Doc::read(check)?);
    }
    let service = service.map(|service| with_peer(service, &peer)).transpose()?;
    let checks =
        checks.into_iter().map(|check| with_peer(check, &peer)).collect::<Result<Vec<_>, _>>()?;

    if changes_node(machine, &request, &peer, &node)? {
        super::nodes::ensure(machine, super::nodes::of_registration(&request))?;
    }
    if let Some(service) = service {
        let existing = machine.get(Table::Services, &item_key(&peer, &node, service.text("ID")));
        let existing = existing.as_deref().map(Doc::read).transpose()?;
        let is_same =
            existing.is_some_and(|existing| super::services::is_same(&existing, &service));
        if !is_same {
            super::services::ensure(machine, &node, service)?;
        }
    }
    for check in checks {
        if !same_name(check.text("Node"), &node) {
            return refused("a check belongs to another node");
        }
        super::checks::ensure(machine, check)?;
    }
    Ok(())
}

/// Sets the registration's peer on everything in it.
fn with_peer<'a>(mut part: Doc<'a>, peer: &[u8]) -> Result<Doc<'a>, crate::document::Refused> {
    if part.has("PeerName") && part.text("PeerName").is_empty() {
        part.set_text("PeerName", peer);
    }
    if part.text("PeerName") != peer {
        return refused("the registration contains several peers");
    }
    Ok(part)
}

fn changes_node(
    machine: &Machine,
    request: &Doc<'_>,
    peer: &[u8],
    node: &[u8],
) -> Result<bool, crate::document::Refused> {
    let Some(existing) = machine.get(Table::Nodes, &node_key(peer, node)) else { return Ok(true) };
    if request.is_true("SkipNodeUpdate") {
        return Ok(false);
    }
    let existing = Doc::read(&existing)?;
    Ok(!is_same_node(&existing, request))
}

pub(super) fn deregister(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    let (peer, node) = (request.text("PeerName").to_vec(), request.text("Node").to_vec());
    let (service, check) = (request.text("ServiceID"), request.text("CheckID"));
    if !service.is_empty() {
        return super::services::delete(machine, &peer, &node, service);
    }
    if !check.is_empty() {
        return super::checks::delete(machine, &peer, &node, check);
    }
    super::nodes::delete(machine, &peer, &node)
}

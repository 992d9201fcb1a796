//! Health checks.

use super::catalog_indexes::Indexes;
use crate::document::{Applied, Doc, lower, refused, text, values};
use crate::machine::{Machine, is_current, unknown_operation};
use crate::same::same_in;
use crate::table::{Table, item_key, node_key};

/// The fields that are compared. Node names are compared without case.
const COMPARED: &[&str] = &[
    "CheckID",
    "Name",
    "Status",
    "Notes",
    "Output",
    "ServiceID",
    "ServiceName",
    "ServiceTags",
    "Definition",
    "PeerName",
];

pub(super) fn ensure(machine: &mut Machine, mut check: Doc<'_>) -> Applied {
    let peer = check.text("PeerName").to_vec();
    let node = check.text("Node").to_vec();
    let id = check.text("CheckID").to_vec();
    let key = item_key(&peer, &node, &id);
    let existing = machine.get(Table::Checks, &key);
    let existing = existing.as_deref().map(Doc::read).transpose()?;
    if check.text("Status").is_empty() {
        check.set_text("Status", b"critical");
    }
    if !machine.tables.contains(Table::Nodes, &node_key(&peer, &node)) {
        return refused("the check's node is not registered");
    }
    let mut of_service = None;
    if !check.text("ServiceID").is_empty() {
        let service =
            machine.get(Table::Services, &item_key(&peer, &node, check.text("ServiceID")));
        let Some(service) = service else {
            return refused("the check's service is not registered");
        };
        let [name, kind, tags] = values(&service, ["Service", "Kind", "Tags"])?;
        check.set_text("ServiceName", text(name));
        check.set("ServiceTags", tags.to_vec());
        of_service = Some((text(name).to_vec(), text(kind).to_vec()));
    }
    let is_same = existing.as_ref().is_some_and(|existing| {
        lower(existing.text("Node")) == lower(&node) && same_in(existing, &check, COMPARED)
    });
    if !is_same {
        let mut indexes = Indexes::new(machine, &peer);
        match &of_service {
            Some((name, kind)) => {
                indexes.service(name);
                indexes.service_kind(kind);
            }
            // It applies to all services of the node.
            None => indexes.services_of_node(&node)?,
        }
    }
    if check.text("Status") == b"critical" && peer.is_empty() {
        super::sessions::destroy_of_check(machine, &node, &id)?;
    }
    let index = machine.index;
    let created = existing.as_ref().map_or(index, |existing| existing.uint("CreateIndex"));
    if is_same {
        if machine.rules.every_check_counts() {
            let at = existing.as_ref().map_or(index, |existing| existing.uint("ModifyIndex"));
            check.stamp(created, at);
            machine.put(Table::Checks, &key, &check);
            Indexes::new(machine, &peer).checks();
        }
        return Ok(());
    }
    check.stamp(created, index);
    machine.put(Table::Checks, &key, &check);
    Indexes::new(machine, &peer).checks();
    Ok(())
}

pub(super) fn delete(machine: &mut Machine, peer: &[u8], node: &[u8], id: &[u8]) -> Applied {
    let key = item_key(peer, node, id);
    let Some(body) = machine.get(Table::Checks, &key) else { return Ok(()) };
    let check = Doc::read(&body)?;
    let service = check.text("ServiceID");
    if service.is_empty() {
        let mut indexes = Indexes::new(machine, peer);
        indexes.services_of_node(node)?;
        indexes.services();
    } else {
        Indexes::new(machine, peer).service(check.text("ServiceName"));
        if let Some(service) = machine.get(Table::Services, &item_key(peer, node, service)) {
            let kind = Doc::read(&service)?.text("Kind").to_vec();
            Indexes::new(machine, peer).service_kind(&kind);
        }
    }
    machine.tables.delete(Table::Checks, &key);
    Indexes::new(machine, peer).checks();
    if peer.is_empty() {
        super::sessions::destroy_of_check(machine, node, check.text("CheckID"))?;
    }
    Ok(())
}

/// Deletes the checks of a service.
pub(super) fn delete_of_service(
    machine: &mut Machine,
    peer: &[u8],
    node: &[u8],
    service: &[u8],
) -> Applied {
    for (_, body) in machine.tables.below(Table::Checks, &node_key(peer, node)) {
        let check = Doc::read(&body)?;
        if lower(check.text("ServiceID")) == lower(service) {
            delete(machine, peer, node, check.text("CheckID"))?;
        }
    }
    Ok(())
}

/// A transaction's operation on a check.
pub(super) fn operate(machine: &mut Machine, verb: &[u8], check: Doc<'_>) -> Applied {
    let peer = check.text("PeerName").to_vec();
    let (node, id) = (check.text("Node").to_vec(), check.text("CheckID").to_vec());
    let found = machine.get(Table::Checks, &item_key(&peer, &node, &id));
    let found = found.as_deref().map(Doc::read).transpose()?;
    let at = found.map(|found| found.uint("ModifyIndex"));
    let asked = check.uint("ModifyIndex");
    match verb {
        b"get" if at.is_none() => refused("the check doesn't exist"),
        b"get" => Ok(()),
        b"set" => ensure(machine, check),
        b"cas" if !is_current(asked, at) => refused("the check's index differs"),
        b"cas" => ensure(machine, check),
        b"delete" => delete(machine, &peer, &node, &id),
        b"delete-cas" if at != Some(asked) => refused("the check's index differs"),
        b"delete-cas" => delete(machine, &peer, &node, &id),
        _ => unknown_operation(),
    }
}

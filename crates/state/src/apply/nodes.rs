//! Nodes.

use super::catalog_indexes::{Indexes, NODE_FIELDS, is_same_node};
use crate::document::{Applied, Doc, NIL, lower, raw, refused};
use crate::machine::Machine;
use crate::rows::{Body, Key};
use crate::table::{Link, Table, item_key, key_of, node_key, peer_key};

/// The check with the health that agents observe of each other.
const SERF: &[u8] = b"serfHealth";

/// A node's record: a registration with only the node in it.
pub(super) fn of_registration<'a>(request: &Doc<'a>) -> Doc<'a> {
    let mut record = request.clone();
    for field in ["Service", "Check", "Checks"] {
        record.set_nil(field);
    }
    // Snapshots omit it.
    if record.has("Locality") {
        record.set_nil("Locality");
    }
    record.set("SkipNodeUpdate", vec![0xc2]);
    record.set_text("Token", b"");
    record
}

/// The record of a node that a transaction sets; other records show the fields of a registration.
pub(super) fn of_node(
    machine: &Machine,
    node: &Doc<'_>,
) -> Result<Doc<'static>, crate::document::Refused> {
    let mut record = Doc::default();
    for field in ["Service", "Check", "Checks"] {
        record.set_nil(field);
    }
    record.set("SkipNodeUpdate", vec![0xc2]);
    record.set_text("Token", b"");
    for (name, stored) in NODE_FIELDS {
        if node.has(name) {
            record.set(stored, node.raw(name).to_vec());
        }
    }
    if let Some(like) = machine.tables.example(Table::Nodes) {
        for (name, value) in Doc::read(like)?.fields() {
            if let Ok(name) = std::str::from_utf8(name)
                && !record.has(name)
            {
                let empty = match snapscope_decode::wire::Value::read(value) {
                    Ok(snapscope_decode::wire::Value::Raw(_)) => raw(b""),
                    _ => NIL.to_vec(),
                };
                record.set(name, empty);
            }
        }
    }
    Ok(record)
}

/// Registers the node with the record `node`.
pub(super) fn ensure(machine: &mut Machine, mut node: Doc<'_>) -> Applied {
    let peer = node.text("PeerName").to_vec();
    let name = node.text("Node").to_vec();
    let key = node_key(&peer, &name);
    let mut before = None;
    if !node.text("ID").is_empty() {
        match by_id(machine, &peer, node.text("ID")) {
            Some((other, body)) => {
                if *other != *key {
                    has_free_name(machine, &node, false)?;
                    // The node is renamed.
                    let old = Doc::read(&body)?.text("Node").to_vec();
                    delete(machine, &peer, &old)?;
                }
                before = Some(body);
            }
            None => has_free_name(machine, &node, true)?,
        }
    }
    let before = before.or_else(|| machine.get(Table::Nodes, &key));
    let before = before.as_deref().map(Doc::read).transpose()?;
    if let Some(before) = &before
        && is_same_node(before, &node)
    {
        return Ok(());
    }
    node.stamp_over(before.as_ref(), machine.index);
    machine.put(Table::Nodes, &key, &node);
    let mut indexes = Indexes::new(machine, &peer);
    indexes.nodes();
    indexes.node(&name);
    indexes.services_of_node(&name)
}

fn by_id(machine: &Machine, peer: &[u8], id: &[u8]) -> Option<(Key, Body)> {
    let prefix = key_of(&[peer_key(peer)]);
    let keys = machine.tables.linked(Link::NodeId, &lower(id));
    let key = keys.into_iter().find(|key| key.starts_with(&prefix))?;
    let body = machine.get(Table::Nodes, &key)?;
    Some((key, body))
}

/// Another node with that name must be unhealthy. Where nodes without an ID are permitted, it may
/// also have none.
fn has_free_name(machine: &Machine, node: &Doc<'_>, without_id: bool) -> Applied {
    let (peer, name) = (node.text("PeerName"), node.text("Node"));
    let Some(other) = machine.get(Table::Nodes, &node_key(peer, name)) else { return Ok(()) };
    let other = Doc::read(&other)?;
    if other.text("ID") == node.text("ID") || (without_id && other.text("ID").is_empty()) {
        return Ok(());
    }
    let Some(serf) = machine.get(Table::Checks, &item_key(peer, name, SERF)) else { return Ok(()) };
    if Doc::read(&serf)?.text("Status") == b"critical" {
        return Ok(());
    }
    refused("another node has this name")
}

/// Deletes a node with its services, checks, coordinates and sessions.
pub(super) fn delete(machine: &mut Machine, peer: &[u8], name: &[u8]) -> Applied {
    let key = node_key(peer, name);
    if !machine.tables.contains(Table::Nodes, &key) {
        return Ok(());
    }
    let services = machine.tables.below(Table::Services, &key);
    Indexes::new(machine, peer).services_of_node(name)?;
    for (_, body) in services {
        let service = Doc::read(&body)?;
        super::services::delete(machine, peer, name, service.text("ID"))?;
    }
    for (_, body) in machine.tables.below(Table::Checks, &key) {
        let check = Doc::read(&body)?;
        super::checks::delete(machine, peer, name, check.text("CheckID"))?;
    }
    if peer.is_empty() {
        super::coordinates::delete_of_node(machine, name);
    }
    machine.tables.delete(Table::Nodes, &key);
    let mut indexes = Indexes::new(machine, peer);
    indexes.nodes();
    indexes.node_is_gone(name);
    if peer.is_empty() {
        super::sessions::destroy_of_node(machine, name)?;
    }
    Ok(())
}

/// A transaction's operation on a node.
pub(super) fn operate(machine: &mut Machine, verb: &[u8], node: &Doc<'_>) -> Applied {
    let (peer, name) = (node.text("PeerName"), node.text("Node"));
    let found = if verb == b"get" && !node.text("ID").is_empty() {
        by_id(machine, peer, node.text("ID")).map(|(_, body)| body)
    } else {
        machine.get(Table::Nodes, &node_key(peer, name))
    };
    let found = found.as_deref().map(Doc::read).transpose()?;
    let at = found.map(|found| found.uint("ModifyIndex"));
    let asked = node.uint("ModifyIndex");
    match verb {
        b"get" if at.is_none() => refused("the node doesn't exist"),
        b"get" => Ok(()),
        b"set" => ensure(machine, of_node(machine, node)?),
        b"cas" if !crate::machine::is_current(asked, at) => refused("the node's index differs"),
        b"cas" => ensure(machine, of_node(machine, node)?),
        b"delete" => delete(machine, peer, name),
        b"delete-cas" if at != Some(asked) => refused("the node's index differs"),
        b"delete-cas" => delete(machine, peer, name),
        _ => crate::machine::unknown_operation(),
    }
}

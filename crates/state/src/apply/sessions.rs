//! Sessions, and the objects that end with them.

use crate::document::{Applied, Doc, lower, refused};
use crate::machine::{Machine, unknown_operation};
use crate::table::{Link, Table, item_key, key_of, node_key, session_checks};

const INDEX: &[u8] = b"sessions";

fn key(id: &[u8]) -> Vec<u8> {
    key_of(&[id])
}

pub(super) fn apply(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    let session = request.doc("Session")?;
    match request.text("Op") {
        b"create" => create(machine, session),
        b"destroy" => destroy(machine, &key(session.text("ID"))),
        _ => unknown_operation(),
    }
}

fn create(machine: &mut Machine, mut session: Doc<'_>) -> Applied {
    if session.text("ID").is_empty() {
        return refused("the session has no ID");
    }
    match session.text("Behavior") {
        b"" => session.set_text("Behavior", b"release"),
        b"release" | b"delete" => {}
        _ => return refused("the session's behavior is unknown"),
    }
    let node = session.text("Node").to_vec();
    if !machine.tables.contains(Table::Nodes, &node_key(b"", &node)) {
        return refused("the session's node is not registered");
    }
    for id in session_checks(&session) {
        let Some(check) = machine.get(Table::Checks, &item_key(b"", &node, &id)) else {
            return refused("a check of the session is not registered");
        };
        if Doc::read(&check)?.text("Status") == b"critical" {
            return refused("a check of the session is critical");
        }
    }
    session.stamp(machine.index, machine.index);
    let key = key(session.text("ID"));
    machine.put(Table::Sessions, &key, &session);
    machine.move_index(INDEX);
    Ok(())
}

/// Ends a session: its keys are released or deleted, its prepared queries are deleted.
pub(super) fn destroy(machine: &mut Machine, key: &[u8]) -> Applied {
    let Some(body) = machine.get(Table::Sessions, key) else { return Ok(()) };
    let session = Doc::read(&body)?;
    machine.remove(Table::Sessions, key, INDEX);
    let id = lower(session.text("ID"));
    for held in machine.tables.linked(Link::KvSession, &id) {
        match session.text("Behavior") {
            b"delete" => super::kv::delete(machine, &held)?,
            _ => super::kv::release(machine, &held)?,
        }
    }
    for query in machine.tables.linked(Link::QuerySession, &id) {
        super::queries::delete(machine, &query);
    }
    Ok(())
}

/// Ends all sessions of a node.
pub(super) fn destroy_of_node(machine: &mut Machine, node: &[u8]) -> Applied {
    for key in machine.tables.linked(Link::SessionNode, &lower(node)) {
        destroy(machine, &key)?;
    }
    Ok(())
}

/// Ends all sessions that depend on a check.
pub(super) fn destroy_of_check(machine: &mut Machine, node: &[u8], check: &[u8]) -> Applied {
    for key in machine.tables.linked(Link::SessionCheck, &key_of(&[node, check])) {
        destroy(machine, &key)?;
    }
    Ok(())
}

/// Ends a session in a transaction: deletes the record, but keeps what the session held.
pub(super) fn delete_record(machine: &mut Machine, session: &Doc<'_>) -> Applied {
    let key = key(session.text("ID"));
    if !machine.tables.contains(Table::Sessions, &key) {
        return refused("the session doesn't exist");
    }
    machine.remove(Table::Sessions, &key, INDEX);
    Ok(())
}

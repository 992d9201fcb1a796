//! Transactions: all operations or none.

use super::kv::{Failure, STALE, operate};
use super::kv_entry::KvEntry;
use crate::document::{Applied, Doc, refused};
use crate::machine::{Machine, unknown_operation};
use crate::table::Table;

pub(super) fn apply(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    let mut outcome = Ok(());
    for (number, operation) in (1..).zip(request.items("Ops")) {
        // Servers run all operations even if one fails, and report the first failure.
        let done = operation_of(machine, &Doc::read(operation)?);
        machine.operations.push(machine.tables.journal().len());
        outcome = outcome.and(done.map_err(|failure| failure.of_operation(number)));
    }
    outcome
}

fn operation_of(machine: &mut Machine, operation: &Doc<'_>) -> Applied {
    let has = |field: &str| !operation.is_nil(field);
    if has("KV") {
        let kv = operation.doc("KV")?;
        return key(machine, kv.text("Verb"), kv.raw("DirEnt"));
    }
    if has("Node") {
        let node = operation.doc("Node")?;
        return super::nodes::operate(machine, node.text("Verb"), &node.doc("Node")?);
    }
    if has("Service") {
        let service = operation.doc("Service")?;
        let (verb, node) = (service.text("Verb"), service.text("Node"));
        return super::services::operate(machine, verb, node, service.doc("Service")?);
    }
    if has("Check") {
        let check = operation.doc("Check")?;
        return super::checks::operate(machine, check.text("Verb"), check.doc("Check")?);
    }
    if has("Session") {
        let session = operation.doc("Session")?;
        if session.text("Verb") != b"delete" {
            return unknown_operation();
        }
        return super::sessions::delete_record(machine, &session.doc("Session")?);
    }
    if has("Intention") {
        let intention = operation.doc("Intention")?;
        let op = intention.text("Op");
        if !matches!(op, b"create" | b"update" | b"delete") {
            return unknown_operation();
        }
        return super::legacy_intentions::apply(machine, op, intention.doc("Intention")?);
    }
    refused("the operation is empty")
}

/// An operation on a key. Reads can fail too.
fn key(machine: &mut Machine, verb: &[u8], bytes: &[u8]) -> Applied {
    let entry = KvEntry::read(bytes)?;
    let is_read = matches!(verb, b"get" | b"check-not-exists" | b"check-session" | b"check-index");
    let existing = if is_read { machine.get(Table::Kv, entry.key()) } else { None };
    let existing = existing.as_deref().map(KvEntry::read).transpose()?;
    match verb {
        b"get" if existing.is_none() => refused("the key doesn't exist"),
        b"get" | b"get-or-empty" | b"get-tree" => Ok(()),
        b"check-not-exists" if existing.is_some() => refused("the key exists"),
        b"check-not-exists" => Ok(()),
        b"check-session" => match existing {
            Some(existing) if existing.session() == entry.session() => Ok(()),
            _ => refused("the key is not held by this session"),
        },
        b"check-index" => match existing {
            Some(existing) if existing.kv.modify_index == entry.kv.modify_index => Ok(()),
            _ => refused("the key's index differs"),
        },
        _ => match operate(machine, verb, entry) {
            Ok(()) => Ok(()),
            Err(Failure::Stale) => refused(STALE),
            Err(Failure::Refused(e)) => Err(e),
        },
    }
}

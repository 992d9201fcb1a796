//! Autopilot, federation states, system metadata.

use crate::document::{Applied, Doc, refused};
use crate::machine::{Machine, is_current, unknown_operation};
use crate::table::{Table, key_of};

pub(super) fn autopilot(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    let mut config = request.doc("Config")?;
    if request.is_true("CAS") {
        let existing = machine.get(Table::Autopilot, &[]);
        let existing = existing.as_deref().map(Doc::read).transpose()?;
        let at = existing.map(|existing| existing.uint("ModifyIndex"));
        // A missing configuration has no index to compare with.
        if at.is_none() || !is_current(config.uint("ModifyIndex"), at) {
            return Ok(());
        }
    }
    machine.upsert(Table::Autopilot, &[], &mut config, b"")
}

pub(super) fn federation(machine: &mut Machine, request: &[u8]) -> Applied {
    const INDEX: &[u8] = b"federation-states";
    let mut request = Doc::read(request)?;
    let mut state = Doc::read(request.raw("State"))?;
    if state.text("Datacenter").is_empty() {
        return refused("the federation state names no datacenter");
    }
    let key = key_of(&[state.text("Datacenter")]);
    match request.text("Op") {
        b"upsert" => {
            let before = machine.get(Table::FederationStates, &key);
            let before = before.as_deref().map(Doc::read).transpose()?;
            let before = before.as_ref().map(|before| before.doc("State")).transpose()?;
            state.stamp_over(before.as_ref(), machine.index);
            // The primary datacenter has only this index.
            if state.uint("PrimaryModifyIndex") == 0 {
                state.set_uint("PrimaryModifyIndex", machine.index);
            }
            let state = state.bytes();
            request.set("State", state);
            for field in ["Datacenter", "Token"] {
                request.set_text(field, b"");
            }
            machine.put(Table::FederationStates, &key, &request);
            machine.move_index(INDEX);
            Ok(())
        }
        b"delete" => {
            machine.remove(Table::FederationStates, &key, INDEX);
            Ok(())
        }
        _ => unknown_operation(),
    }
}

pub(super) fn metadata(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    let mut entry = request.doc("Entry")?;
    if entry.text("Key").is_empty() {
        return refused("the metadata has no key");
    }
    let key = key_of(&[entry.text("Key")]);
    match request.text("Op") {
        b"upsert" => machine.upsert(Table::Metadata, &key, &mut entry, METADATA_INDEX),
        b"delete" => {
            machine.remove(Table::Metadata, &key, METADATA_INDEX);
            Ok(())
        }
        _ => unknown_operation(),
    }
}

/// The name of the index of system metadata.
pub(super) const METADATA_INDEX: &[u8] = b"system-metadata";

/// Checkpoints of log verification change nothing.
pub(super) fn nothing(_: &mut Machine, _: &[u8]) -> Applied {
    Ok(())
}

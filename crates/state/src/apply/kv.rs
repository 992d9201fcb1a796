//! Keys and values.

use crate::document::{Applied, Doc, refused};
use crate::machine::{Machine, is_current, unknown_operation};
use crate::same::same_in;
use crate::table::Table;

/// The fields that are compared to see whether a write changes a key.
const COMPARED: &[&str] = &["LockIndex", "Key", "Flags", "Value", "Session"];

/// Why a check-and-set, a lock or an unlock does nothing.
pub(super) const STALE: &str = "the key's index or lock differs";

pub(super) fn apply(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    match operate(machine, request.text("Op"), request.doc("DirEnt")?) {
        // Servers answer a write that comes too late with false.
        Err(Failure::Stale) => refused(STALE),
        Err(Failure::Refused(e)) => Err(e),
        Ok(()) => Ok(()),
    }
}

/// Why an operation on a key did nothing.
pub(super) enum Failure {
    /// Its condition does not hold (any more).
    Stale,
    Refused(crate::document::Refused),
}

impl From<crate::document::Refused> for Failure {
    fn from(e: crate::document::Refused) -> Self {
        Self::Refused(e)
    }
}

/// Applies one write.
pub(super) fn operate(machine: &mut Machine, op: &[u8], mut entry: Doc<'_>) -> Result<(), Failure> {
    let key = entry.text("Key").to_vec();
    let existing = machine.get(Table::Kv, &key);
    let existing = existing.as_deref().map(Doc::read).transpose()?;
    let at = existing.as_ref().map(|existing| existing.uint("ModifyIndex"));
    match op {
        b"set" => set(machine, entry, existing.as_ref(), false),
        b"cas" => {
            if !is_current(entry.uint("ModifyIndex"), at) {
                return Err(Failure::Stale);
            }
            set(machine, entry, existing.as_ref(), false);
        }
        b"delete" => delete(machine, &key),
        b"delete-cas" => match at {
            // Nothing to delete is success.
            None => {}
            Some(at) if at == entry.uint("ModifyIndex") => delete(machine, &key),
            Some(_) => return Err(Failure::Stale),
        },
        b"delete-tree" => delete_tree(machine, &key, &entry),
        b"lock" => {
            lock(machine, &mut entry, existing.as_ref())?;
            set(machine, entry, existing.as_ref(), true);
        }
        b"unlock" => {
            unlock(&mut entry, existing.as_ref())?;
            set(machine, entry, existing.as_ref(), true);
        }
        _ => unknown_operation()?,
    }
    Ok(())
}

/// Stores a key; it keeps its session unless the caller has set one.
fn set(machine: &mut Machine, mut entry: Doc<'_>, existing: Option<&Doc<'_>>, with_session: bool) {
    if !with_session {
        let session = existing.map_or(&[][..], |existing| existing.text("Session")).to_vec();
        entry.set_text("Session", &session);
    }
    if let Some(existing) = existing
        && same_in(existing, &entry, COMPARED)
    {
        return;
    }
    // No value and an empty one are stored alike.
    if entry.text("Value").is_empty() {
        entry.set_nil("Value");
    }
    entry.stamp_over(existing, machine.index);
    let key = entry.text("Key").to_vec();
    machine.put(Table::Kv, key, &entry);
    machine.move_index(b"kvs");
}

fn lock(machine: &Machine, entry: &mut Doc<'_>, existing: Option<&Doc<'_>>) -> Result<(), Failure> {
    let session = entry.text("Session").to_vec();
    if session.is_empty() {
        return Ok(refused("a lock needs a session")?);
    }
    if !machine.tables.contains(Table::Sessions, &crate::table::key_of(&[&session])) {
        return Ok(refused("the session doesn't exist")?);
    }
    let lock_index = match existing {
        None => 1,
        Some(existing) if existing.text("Session") == session => existing.uint("LockIndex"),
        Some(existing) if existing.text("Session").is_empty() => {
            existing.uint("LockIndex").saturating_add(1)
        }
        Some(_) => return Err(Failure::Stale),
    };
    entry.set_uint("LockIndex", lock_index);
    Ok(())
}

fn unlock(entry: &mut Doc<'_>, existing: Option<&Doc<'_>>) -> Result<(), Failure> {
    if entry.text("Session").is_empty() {
        return Ok(refused("an unlock needs a session")?);
    }
    let held = existing.filter(|existing| existing.text("Session") == entry.text("Session"));
    let Some(existing) = held else { return Err(Failure::Stale) };
    let lock_index = existing.uint("LockIndex");
    entry.set_text("Session", b"");
    entry.set_uint("LockIndex", lock_index);
    Ok(())
}

/// Releases a key that a session held.
pub(super) fn release(machine: &mut Machine, key: &[u8]) -> Applied {
    let Some(body) = machine.get(Table::Kv, key) else { return Ok(()) };
    let existing = Doc::read(&body)?;
    let mut entry = existing.clone();
    entry.set_text("Session", b"");
    set(machine, entry, Some(&existing), true);
    Ok(())
}

pub(super) fn delete(machine: &mut Machine, key: &[u8]) {
    let Some(body) = machine.get(Table::Kv, key) else { return };
    if let Ok(entry) = Doc::read(&body) {
        bury(machine, key, &entry);
    }
    machine.tables.delete(Table::Kv, key);
    machine.move_index(b"kvs");
}

/// Deletes all keys below a prefix; one tombstone remains.
fn delete_tree(machine: &mut Machine, prefix: &[u8], like: &Doc<'_>) {
    let keys = machine.tables.below(Table::Kv, prefix);
    if keys.is_empty() {
        return;
    }
    if !prefix.is_empty() {
        bury(machine, prefix, like);
    }
    for (key, _) in keys {
        machine.tables.delete(Table::Kv, &key);
    }
    machine.move_index(b"kvs");
}

/// Leaves a tombstone: an entry with only a key and an index. `like` provides the fields.
fn bury(machine: &mut Machine, key: &[u8], like: &Doc<'_>) {
    let mut stone = like.clone();
    for field in ["LockIndex", "Flags"] {
        stone.set_uint(field, 0);
    }
    stone.set_nil("Value");
    stone.set_text("Session", b"");
    stone.set_text("Key", key);
    stone.stamp(0, machine.index);
    machine.put(Table::Tombstones, key.to_vec(), &stone);
    machine.move_index(b"tombstones");
}

/// Removes tombstones up to an index.
pub(super) fn reap(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    if request.text("Op") != b"reap" {
        return unknown_operation();
    }
    let up_to = request.uint("ReapIndex");
    let is_due = |body: &[u8]| Doc::read(body).is_ok_and(|doc| doc.uint("ModifyIndex") <= up_to);
    let due: Vec<Vec<u8>> = machine
        .tables
        .rows(Table::Tombstones)
        .filter(|(_, body)| is_due(body))
        .map(|(key, _)| key.clone())
        .collect();
    for key in due {
        machine.tables.delete(Table::Tombstones, &key);
    }
    Ok(())
}

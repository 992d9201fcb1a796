//! Keys and values.

use super::kv_entry::KvEntry;
use crate::document::{Applied, Doc, Refused, refused};
use crate::kv_request::KvRequest;
use crate::machine::{Machine, is_current, unknown_operation};
use crate::rows::Key;
use crate::table::Table;

/// Why a check-and-set, a lock or an unlock does nothing.
pub(super) const STALE: &str = "the key's index or lock differs";

pub(super) fn apply(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = KvRequest::read(request)?;
    let entry = match request.kv {
        Some(kv) => KvEntry::of(request.entry, kv),
        None => KvEntry::read(request.entry)?,
    };
    match operate(machine, request.op, entry) {
        // The answer of servers to a write that comes too late is false.
        Err(Failure::Stale) => refused(STALE),
        Err(Failure::Refused(e)) => Err(e),
        Ok(()) => Ok(()),
    }
}

/// Why an operation on a key did nothing.
pub(super) enum Failure {
    /// Its condition does not hold, or no longer holds.
    Stale,
    Refused(Refused),
}

impl From<Refused> for Failure {
    fn from(e: Refused) -> Self {
        Self::Refused(e)
    }
}

/// Applies one write.
pub(super) fn operate(machine: &mut Machine, op: &[u8], entry: KvEntry<'_>) -> Result<(), Failure> {
    let existing = machine.get(Table::Kv, entry.key());
    let existing = existing.as_deref().map(KvEntry::read).transpose()?;
    let existing = existing.as_ref();
    let at = existing.map(|existing| existing.kv.modify_index);
    // A write that is not about the session leaves the key's session unchanged.
    let session = existing.map_or(&[][..], KvEntry::session);
    match op {
        b"set" => set(machine, entry.held_by(session), existing)?,
        b"cas" => {
            if !is_current(entry.kv.modify_index, at) {
                return Err(Failure::Stale);
            }
            set(machine, entry.held_by(session), existing)?;
        }
        b"delete" => delete(machine, entry.key())?,
        b"delete-cas" => match at {
            // Nothing to delete is success.
            None => {}
            Some(at) if at == entry.kv.modify_index => delete(machine, entry.key())?,
            Some(_) => return Err(Failure::Stale),
        },
        b"delete-tree" => delete_tree(machine, entry.key(), &entry)?,
        b"lock" => {
            let entry = lock(machine, entry, existing)?;
            set(machine, entry, existing)?;
        }
        b"unlock" => set(machine, unlock(entry, existing)?, existing)?,
        _ => unknown_operation()?,
    }
    Ok(())
}

/// Stores a key, unless nothing changes.
fn set(machine: &mut Machine, mut entry: KvEntry<'_>, existing: Option<&KvEntry<'_>>) -> Applied {
    if existing.is_some_and(|existing| existing.is_same(&entry)) {
        return Ok(());
    }
    entry.kv.create_index = existing.map_or(machine.index, |existing| existing.kv.create_index);
    entry.kv.modify_index = machine.index;
    let record = machine.body(|out| entry.write(out))?;
    let held = existing.map_or(&[][..], KvEntry::session);
    if held == entry.session() {
        machine.tables.put_unlinked(Table::Kv, entry.key(), record);
    } else {
        machine.tables.put(Table::Kv, entry.key(), record);
    }
    machine.move_index(b"kvs");
    Ok(())
}

fn lock<'a>(
    machine: &Machine,
    mut entry: KvEntry<'a>,
    existing: Option<&KvEntry<'_>>,
) -> Result<KvEntry<'a>, Failure> {
    let session = entry.session();
    if session.is_empty() {
        return Ok(refused("a lock needs a session")?);
    }
    if !machine.tables.contains(Table::Sessions, &crate::table::key_of(&[session])) {
        return Ok(refused("the session doesn't exist")?);
    }
    entry.kv.lock_index = match existing {
        None => 1,
        Some(existing) if existing.session() == session => existing.kv.lock_index,
        Some(existing) if existing.session().is_empty() => existing.kv.lock_index.saturating_add(1),
        Some(_) => return Err(Failure::Stale),
    };
    Ok(entry)
}

fn unlock<'a>(
    mut entry: KvEntry<'a>,
    existing: Option<&KvEntry<'_>>,
) -> Result<KvEntry<'a>, Failure> {
    if entry.session().is_empty() {
        return Ok(refused("an unlock needs a session")?);
    }
    let held = existing.filter(|existing| existing.session() == entry.session());
    let Some(existing) = held else { return Err(Failure::Stale) };
    entry.kv.lock_index = existing.kv.lock_index;
    Ok(entry.held_by(b""))
}

/// Releases a key that a session held.
pub(super) fn release(machine: &mut Machine, key: &[u8]) -> Applied {
    let Some(body) = machine.get(Table::Kv, key) else { return Ok(()) };
    let existing = KvEntry::read(&body)?;
    set(machine, existing.clone().held_by(b""), Some(&existing))
}

pub(super) fn delete(machine: &mut Machine, key: &[u8]) -> Applied {
    let Some(body) = machine.get(Table::Kv, key) else { return Ok(()) };
    bury(machine, key, &KvEntry::read(&body)?)?;
    machine.tables.delete(Table::Kv, key);
    machine.move_index(b"kvs");
    Ok(())
}

/// Deletes all keys below a prefix; one tombstone remains.
fn delete_tree(machine: &mut Machine, prefix: &[u8], like: &KvEntry<'_>) -> Applied {
    let keys = machine.tables.below(Table::Kv, prefix);
    if keys.is_empty() {
        return Ok(());
    }
    if !prefix.is_empty() {
        bury(machine, prefix, like)?;
    }
    for (key, _) in keys {
        machine.tables.delete(Table::Kv, &key);
    }
    machine.move_index(b"kvs");
    Ok(())
}

/// Leaves a tombstone: an entry with only a key and an index. `like` provides the fields.
fn bury<'a>(machine: &mut Machine, key: &'a [u8], like: &KvEntry<'a>) -> Applied {
    let tombstone = like.tombstone(key, machine.index);
    let record = machine.body(|out| tombstone.write(out))?;
    machine.tables.put(Table::Tombstones, key, record);
    machine.move_index(b"tombstones");
    Ok(())
}

/// Removes tombstones up to an index.
pub(super) fn reap(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    if request.text("Op") != b"reap" {
        return unknown_operation();
    }
    let up_to = request.uint("ReapIndex");
    let is_due = |body: &[u8]| Doc::read(body).is_ok_and(|doc| doc.uint("ModifyIndex") <= up_to);
    let due: Vec<Key> = machine
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

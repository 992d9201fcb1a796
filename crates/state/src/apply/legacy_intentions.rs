//! Intentions as separate records, before they became config entries.

use crate::document::{Applied, Doc, refused};
use crate::machine::{Machine, unknown_operation};
use crate::rows::{Body, Key};
use crate::table::{Table, key_of};

const INDEX: &[u8] = b"connect-intentions";

/// The identity of an intention besides its ID.
const NAME: &[&str] = &["SourceNS", "SourceName", "DestinationNS", "DestinationName"];

pub(super) fn apply(machine: &mut Machine, op: &[u8], intention: Doc<'_>) -> Applied {
    if machine.rules.intention_entries() && machine.has_metadata(b"intention-format") {
        return refused("intentions are config entries");
    }
    let key = key_of(&[intention.text("ID")]);
    match op {
        b"create" | b"update" => set(machine, key, intention),
        b"delete" => {
            machine.remove(Table::Intentions, &key, INDEX);
            Ok(())
        }
        _ => unknown_operation(),
    }
}

fn set(machine: &mut Machine, key: Vec<u8>, mut intention: Doc<'_>) -> Applied {
    if intention.text("ID").is_empty() {
        return refused("the intention has no ID");
    }
    let before = machine.get(Table::Intentions, &key);
    let before = before.as_deref().map(Doc::read).transpose()?;
    if let Some(before) = &before {
        let created = before.raw("CreatedAt").to_vec();
        intention.set("CreatedAt", created);
    }
    let is_duplicate = |(other, body): (&Key, &Body)| {
        **other != *key
            && Doc::read(body)
                .is_ok_and(|other| NAME.iter().all(|name| other.text(name) == intention.text(name)))
    };
    if machine.tables.rows(Table::Intentions).any(is_duplicate) {
        return refused("another intention between these services exists");
    }
    if intention.is_nil("Meta") {
        intention.set("Meta", vec![0x80]);
    }
    let precedence = precedence(&intention);
    intention.set_uint("Precedence", precedence);
    intention.stamp_over(before.as_ref(), machine.index);
    machine.put(Table::Intentions, &key, &intention);
    machine.move_index(INDEX);
    Ok(())
}

/// Exact names come before namespaces, namespaces before wildcards.
fn precedence(intention: &Doc<'_>) -> u64 {
    let exact = |namespace: &str, name: &str| {
        let is_any = |field: &str| intention.text(field) == b"*";
        match (is_any(namespace), is_any(name)) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => 2,
        }
    };
    let highest = [3, 6, 9];
    let destination = exact("DestinationNS", "DestinationName");
    let source = exact("SourceNS", "SourceName");
    highest.get(destination).copied().unwrap_or(0) - (2 - source as u64)
}

/// Deletes them all once they are config entries.
pub(super) fn delete_all(machine: &mut Machine) -> Applied {
    for (key, _) in machine.tables.below(Table::Intentions, &[]) {
        machine.tables.delete(Table::Intentions, &key);
    }
    machine.move_index(INDEX);
    machine.move_index(b"config-entries");
    let mut entry = Doc::default();
    entry.set_text("Key", b"intention-format");
    entry.set_text("Value", b"config-entry");
    let key = key_of(&[b"intention-format"]);
    machine.upsert(Table::Metadata, &key, &mut entry, super::settings::METADATA_INDEX)
}

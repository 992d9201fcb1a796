//! Config entries.

use super::config_entry::{Entry, destination};
use crate::document::{Applied, Doc, list, refused};
use crate::machine::{Machine, is_current, unknown_operation};
use crate::table::{Table, key_of};
use snapscope_decode::wire::Value;

const INDEX: &[u8] = b"config-entries";

/// Why a check-and-set does nothing.
const STALE: &str = "the entry's index differs";

/// The kinds of a discovery chain. An entry of any of them assigns an address to the service.
const CHAIN_KINDS: &[&[u8]] = &[b"service-resolver", b"service-router", b"service-splitter"];

/// Further kinds that assign an address in newer versions.
const SERVICE_KINDS: &[&[u8]] = &[b"service-defaults", b"service-intentions"];

/// Kinds whose status only servers write.
const CONTROLLED_KINDS: &[&[u8]] = &[b"api-gateway", b"http-route", b"tcp-route"];

pub(super) fn apply(machine: &mut Machine, command: &[u8]) -> Applied {
    let Ok(Value::Raw(bytes)) = Value::read(command) else {
        return refused("cannot read the config entry");
    };
    let entry = Entry::read(bytes)?;
    let existing = machine.get(Table::ConfigEntries, &entry.key());
    let existing = existing.as_deref().map(Entry::of_record).transpose()?;
    let at = existing.map(|existing| existing.entry.uint("ModifyIndex"));
    let asked = entry.entry.uint("ModifyIndex");
    match entry.request.text("Op") {
        b"upsert" => ensure(machine, entry, false),
        b"upsert-cas" | b"upsert-with-status-cas" | b"upsert-with-status"
            if !is_current(asked, at) =>
        {
            refused(STALE)
        }
        b"upsert-cas" => ensure(machine, entry, false),
        b"upsert-with-status-cas" | b"upsert-with-status" => ensure(machine, entry, true),
        b"delete" => delete(machine, &entry.kind, entry.name()),
        b"delete-cas" if at != Some(asked) => refused(STALE),
        b"delete-cas" => delete(machine, &entry.kind, entry.name()),
        _ => unknown_operation(),
    }
}

/// Whether an entry of that kind assigns an address to the service.
fn gives_ip(machine: &Machine, kind: &[u8]) -> bool {
    CHAIN_KINDS.contains(&kind)
        || (machine.rules.all_entries_give_ips() && SERVICE_KINDS.contains(&kind))
}

/// Stores an entry.
pub(super) fn ensure(machine: &mut Machine, mut entry: Entry<'_>, with_status: bool) -> Applied {
    let key = entry.key();
    let before = machine.get(Table::ConfigEntries, &key);
    let before = before.as_deref().map(Entry::of_record).transpose()?;
    if CONTROLLED_KINDS.contains(&entry.kind.as_slice()) && !with_status {
        keep_status(&mut entry.entry, before.as_ref().map(|before| &before.entry))?;
    }
    if CONTROLLED_KINDS.contains(&entry.kind.as_slice()) && with_status {
        sort_conditions(&mut entry.entry)?;
    }
    if entry.kind == b"service-intentions" {
        super::config_entry::keep_creation_times(
            &mut entry.entry,
            before.as_ref().map(|b| &b.entry),
        )?;
    }
    entry.entry.stamp_over(before.as_ref().map(|before| &before.entry), machine.index);
    check_clash(machine, &entry)?;
    super::chains::check(machine, &entry.kind, entry.name(), Some(&entry.entry))?;
    insert(machine, key, &entry)
}

/// Keeps the status: writers of entries can't change it.
fn keep_status(entry: &mut Doc<'_>, before: Option<&Doc<'_>>) -> Applied {
    if let Some(before) = before {
        let status = before.raw("Status").to_vec();
        entry.set("Status", status);
        return Ok(());
    }
    let mut status = Doc::read(entry.raw("Status"))?;
    status.set_nil("Conditions");
    let status = status.bytes();
    entry.set("Status", status);
    Ok(())
}

/// Sorts conditions by type and by the resource they are about, as servers do.
fn sort_conditions(entry: &mut Doc<'_>) -> Applied {
    let mut status = Doc::read(entry.raw("Status"))?;
    let mut conditions = Vec::new();
    for condition in status.items("Conditions") {
        let doc = Doc::read(condition)?;
        let about = doc.doc("Resource")?;
        let about = ["Kind", "Name", "SectionName"].map(|field| about.text(field).to_vec());
        conditions.push((doc.text("Type").to_vec(), about, condition.to_vec()));
    }
    if conditions.is_empty() {
        return Ok(());
    }
    conditions.sort();
    let conditions: Vec<Vec<u8>> = conditions.into_iter().map(|(_, _, bytes)| bytes).collect();
    status.set("Conditions", list(&conditions));
    let status = status.bytes();
    entry.set("Status", status);
    Ok(())
}

/// A gateway has only one kind.
fn check_clash(machine: &Machine, entry: &Entry<'_>) -> Applied {
    let other: &[u8] = match entry.kind.as_slice() {
        b"ingress-gateway" => b"terminating-gateway",
        b"terminating-gateway" => b"ingress-gateway",
        _ => return Ok(()),
    };
    if machine.tables.contains(Table::ConfigEntries, &key_of(&[other, entry.name()])) {
        return refused("a gateway of another kind has this name");
    }
    Ok(())
}

fn insert(machine: &mut Machine, key: Vec<u8>, entry: &Entry<'_>) -> Applied {
    match entry.kind.as_slice() {
        b"terminating-gateway" => {
            let names = super::gateways::service_names(&entry.entry);
            let name = entry.name().to_vec();
            super::gateway_addresses::update(machine, &name, &names)?;
            super::gateways::configure(machine, entry);
        }
        b"ingress-gateway" => super::gateways::configure(machine, entry),
        b"service-defaults" if !entry.entry.is_nil("Destination") => {
            super::gateways::destination_changes(machine, entry.name(), false);
            super::service_names::add(machine, b"destination", entry.name());
        }
        _ => {}
    }
    if gives_ip(machine, &entry.kind) && super::virtual_ips::are_on(machine) {
        super::virtual_ips::assign(machine, b"", entry.name())?;
    }
    machine.tables.put(Table::ConfigEntries, &key, entry.record().into());
    machine.move_index(INDEX);
    Ok(())
}

pub(super) fn delete(machine: &mut Machine, kind: &[u8], name: &[u8]) -> Applied {
    let key = key_of(&[kind, name]);
    let Some(body) = machine.get(Table::ConfigEntries, &key) else { return Ok(()) };
    if matches!(kind, b"terminating-gateway" | b"ingress-gateway") {
        super::gateways::is_deleted(machine, kind, name);
    }
    if destination(&body).is_some() {
        super::gateways::destination_changes(machine, name, true);
        super::service_names::remove(machine, b"destination", name);
    }
    super::chains::check(machine, kind, name, None)?;
    machine.tables.delete(Table::ConfigEntries, &key);
    machine.move_index(INDEX);
    if gives_ip(machine, kind) {
        super::virtual_ips::free(machine, b"", name, None);
    }
    Ok(())
}

//! Names of services by kind, a table that servers derive from the catalog.

use super::catalog_indexes::kind_name;
use crate::document::Doc;
use crate::machine::Machine;
use crate::rows::Body;
use crate::table::{Table, connect_name, key_of};

fn index(kind: &[u8]) -> Vec<u8> {
    [b"kind_service_names.", kind_name(kind)].concat()
}

fn key(kind: &[u8], name: &[u8]) -> Vec<u8> {
    key_of(&[kind, name])
}

pub(super) fn add(machine: &mut Machine, kind: &[u8], name: &[u8]) {
    let key = key(kind, name);
    if machine.rules.kind_names() && !machine.tables.contains(Table::KindNames, &key) {
        machine.tables.put(Table::KindNames, &key, Body::default());
        machine.move_index(&index(kind));
    }
}

pub(super) fn remove(machine: &mut Machine, kind: &[u8], name: &[u8]) {
    if machine.rules.kind_names() {
        machine.tables.delete(Table::KindNames, &key(kind, name));
        machine.move_index(&index(kind));
    }
}

/// Derives the rows from a snapshot's records, as servers do.
pub(crate) fn rebuild(machine: &mut Machine) {
    let mut keys = Vec::new();
    for (_, body) in machine.tables.rows(Table::Services) {
        let Ok(service) = Doc::read(body) else { continue };
        if !service.text("PeerName").is_empty() {
            continue;
        }
        keys.push(key(service.text("Kind"), service.text("Service")));
        if let Some(name) = connect_name(&service).filter(|name| !name.is_empty()) {
            keys.push(key(b"connect-enabled", &name));
        }
    }
    for (_, body) in machine.tables.below(Table::ConfigEntries, &key_of(&[b"service-defaults"])) {
        if let Some(name) = super::config_entry::destination(&body) {
            keys.push(key(b"destination", &name));
        }
    }
    for key in keys {
        machine.tables.put(Table::KindNames, &key, Body::default());
    }
}

//! Derives the upstreams of services after a snapshot was read.

use super::topology::{downstream, instance, upstreams};
use crate::document::Doc;
use crate::machine::Machine;
use crate::rows::Body;
use crate::table::{NODE, Table, connect_name, key_of};

/// Derives the rows from a snapshot's records, as servers do. The instance that changed last
/// counts.
pub(crate) fn rebuild(machine: &mut Machine) {
    if !machine.rules.topology() {
        return;
    }
    let mut rows = Vec::new();
    for (_, body) in machine.tables.rows(Table::Services) {
        let Ok(service) = Doc::read(body) else { continue };
        if connect_name(&service).is_none() {
            continue;
        }
        let instance = instance(service.text(NODE), &service);
        for upstream in upstreams(&service, false) {
            let key = key_of(&[&upstream, &downstream(&service)]);
            rows.push((service.uint("ModifyIndex"), key, instance.clone()));
        }
    }
    rows.sort();
    for (_, key, instance) in rows {
        machine.tables.put(Table::Topology, &key, instance.into());
    }
    for (key, mapping) in machine.tables.below(Table::Gateways, &[]) {
        if let Some((gateway, service)) = super::gateways::ingress(&key, &mapping) {
            machine.tables.put(Table::Topology, &key_of(&[&service, &gateway]), Body::default());
        }
    }
}

//! The indexes of the catalog, and comparisons of nodes.

use crate::document::{Applied, Doc, Refused, lower, text, values};
use crate::index_table::FoundIndex;
use crate::machine::Machine;
use crate::same::{same, same_in};
use crate::table::{Table, peer_key};
use foldhash::HashSet;
use std::sync::Arc;

/// A node's fields in a registration, under their names there.
pub(super) const NODE_FIELDS: &[(&str, &str)] = &[
    ("ID", "ID"),
    ("Node", "Node"),
    ("Address", "Address"),
    ("Datacenter", "Datacenter"),
    ("TaggedAddresses", "TaggedAddresses"),
    ("Meta", "NodeMeta"),
    ("PeerName", "PeerName"),
    ("CreateIndex", "CreateIndex"),
    ("ModifyIndex", "ModifyIndex"),
];

pub(super) fn same_name(a: &[u8], b: &[u8]) -> bool {
    lower(a) == lower(b)
}

/// Whether two registrations contain the same node, ignoring indexes.
pub(super) fn is_same_node(a: &Doc<'_>, b: &Doc<'_>) -> bool {
    let fields = ["ID", "Address", "Datacenter", "TaggedAddresses", "NodeMeta", "PeerName"];
    same_name(a.text("Node"), b.text("Node")) && same_in(a, b, &fields)
}

/// The indexes of the catalog; the version decides which exist.
pub(super) struct Indexes<'m> {
    machine: &'m mut Machine,
    peer: Vec<u8>,
}

impl<'m> Indexes<'m> {
    pub(super) fn new(machine: &'m mut Machine, peer: &[u8]) -> Self {
        Self { machine, peer: peer_key(peer).to_vec() }
    }

    /// The name of an index that is kept by peer, in versions that do so.
    fn name(&self, name: &[u8]) -> Vec<u8> {
        if self.machine.rules.peered_indexes() {
            [b"peer.", self.peer.as_slice(), b":", name].concat()
        } else {
            name.to_vec()
        }
    }

    fn move_by_peer(&mut self, name: &[u8]) {
        let name = self.name(name);
        self.machine.move_index(&name);
    }

    /// Moves an index of all peers, and the one of the peer in versions that keep it.
    fn move_both(&mut self, name: &[u8]) {
        self.machine.move_index(name);
        if self.machine.rules.peered_indexes() {
            self.move_by_peer(name);
        }
    }

    pub(super) fn nodes(&mut self) {
        self.move_both(b"nodes");
    }

    pub(super) fn node(&mut self, node: &[u8]) {
        if self.machine.rules.peered_indexes() {
            self.move_by_peer(&[b"node.", node].concat());
        }
    }

    pub(super) fn node_is_gone(&mut self, node: &[u8]) {
        if self.machine.rules.peered_indexes() {
            let name = self.name(&[b"node.", node].concat());
            self.machine.tables.indexes.remove(&name);
            self.move_by_peer(b"node_last_extinction");
        }
    }

    pub(super) fn services(&mut self) {
        self.move_both(b"services");
    }

    pub(super) fn checks(&mut self) {
        self.move_both(b"checks");
    }

    pub(super) fn service(&mut self, name: &[u8]) {
        self.move_by_peer(&service_index(name));
    }

    pub(super) fn service_is_gone(&mut self, name: &[u8]) {
        let name = self.name(&service_index(name));
        self.machine.tables.indexes.remove(&name);
        self.move_by_peer(b"service_last_extinction");
    }

    pub(super) fn service_kind(&mut self, kind: &[u8]) {
        if self.machine.rules.kind_indexes() {
            self.move_both(&kind_index(kind));
        }
    }

    /// All services of a node count as changed.
    pub(super) fn services_of_node(&mut self, node: &[u8]) -> Applied {
        let node = crate::table::key_of(&[&self.peer, node]);
        let tables = &self.machine.tables;
        let found = match tables.indexes_of_services(&node) {
            Some(found) => found,
            None => {
                let found = self.find_of_services(&node)?;
                self.machine.tables.remember_indexes_of_services(node, found.clone());
                found
            }
        };
        for index in found.iter() {
            self.machine.tables.indexes.set_found(index, self.machine.index);
        }
        Ok(())
    }

    /// The indexes that move with the services of a node.
    fn find_of_services(&mut self, node: &[u8]) -> Result<Arc<[FoundIndex]>, Refused> {
        let mut names = Vec::new();
        for (_, body) in self.machine.tables.below(Table::Services, node) {
            let [name, kind] = values(&body, ["Service", "Kind"])?;
            names.push(self.name(&service_index(text(name))));
            if self.machine.rules.kind_indexes() {
                let name = kind_index(text(kind));
                if self.machine.rules.peered_indexes() {
                    names.push(self.name(&name));
                }
                names.push(name);
            }
        }
        // Of those that differ in case alone, the last one gives its name.
        let mut seen = HashSet::default();
        let mut last: Vec<_> = names.iter().rev().filter(|name| seen.insert(*name)).collect();
        last.reverse();
        let indexes = &mut self.machine.tables.indexes;
        Ok(last.into_iter().map(|name| indexes.find(name)).collect())
    }
}

fn service_index(name: &[u8]) -> Vec<u8> {
    [b"service.", name].concat()
}

fn kind_index(kind: &[u8]) -> Vec<u8> {
    [b"service_kind.", kind_name(kind)].concat()
}

/// The name of a kind of services in indexes.
pub(super) fn kind_name(kind: &[u8]) -> &[u8] {
    if kind.is_empty() { b"typical" } else { kind }
}

/// Whether a stored value differs from another one.
pub(super) fn differs(a: &[u8], b: &[u8]) -> bool {
    !same(a, b)
}

//! Lookup of members in large objects, by sorting.

use snapscope_objects::value::Node;
use std::collections::HashMap;

/// Maximum number of members that are searched one by one: as many as objects of servers have.
const FEW: usize = 64;

/// Finds members of an object by their names.
pub(super) enum Lookup<'t> {
    Few(Node<'t>),
    Many(HashMap<&'t [u8], Node<'t>>),
}

impl<'t> Lookup<'t> {
    pub(super) fn of(object: Node<'t>) -> Self {
        match object.members().nth(FEW) {
            None => Self::Few(object),
            // Of several of one name the last one counts.
            Some(_) => Self::Many(object.members().collect()),
        }
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<Node<'t>> {
        match self {
            Self::Few(object) => object.get(name),
            Self::Many(members) => members.get(name).copied(),
        }
    }
}

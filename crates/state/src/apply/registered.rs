//! Whether services are registered.

use crate::machine::Machine;
use crate::table::{Link, key_of, peer_key};

/// Whether an instance of that name is registered.
pub(super) fn exists(machine: &Machine, peer: &[u8], name: &[u8]) -> bool {
    machine.tables.is_linked(Link::ServiceName, &key_of(&[peer_key(peer), name]))
}

/// Whether a service has an instance or a proxy in the mesh.
pub(super) fn is_in_mesh(machine: &Machine, name: &[u8]) -> bool {
    machine.tables.is_linked(Link::ConnectName, &key_of(&[b"~", name]))
}

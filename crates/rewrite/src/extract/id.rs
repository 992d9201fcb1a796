//! Objects, identified by their names.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// An object, identified by a hash of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id(u64, u64);

impl Id {
    /// The object with these name parts.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        let hash = |seed: u8| {
            let mut hasher = DefaultHasher::new();
            seed.hash(&mut hasher);
            parts.hash(&mut hasher);
            hasher.finish()
        };
        Self(hash(0), hash(1))
    }

    /// A node; names are compared without case.
    pub(super) fn node(peer: &[u8], node: &[u8]) -> Self {
        Self::of(&[b"node", peer, &node.to_ascii_lowercase()])
    }

    /// A peering, by its name or ID.
    pub(super) fn peer(name: &[u8]) -> Self {
        Self::of(&[b"peer", name])
    }

    pub(super) fn auth_method(name: &[u8]) -> Self {
        Self::of(&[b"auth-method", name])
    }

    pub(super) fn entry(kind: &[u8], name: &[u8]) -> Self {
        Self::of(&[b"entry", kind, name])
    }

    fn within(self, what: &[u8], id: &[u8]) -> Self {
        Self::of(&[b"on", &self.0.to_be_bytes(), &self.1.to_be_bytes(), what, id])
    }

    pub(super) fn instance(node: Self, id: &[u8]) -> Self {
        node.within(b"service", id)
    }

    pub(super) fn check(node: Self, id: &[u8]) -> Self {
        node.within(b"check", id)
    }

    /// A token by its secret, by which prepared queries know it.
    pub(super) fn secret(secret: &[u8]) -> Self {
        Self::of(&[b"token", secret])
    }

    pub(super) fn service(peer: &[u8], name: &[u8]) -> Self {
        Self::of(&[b"service", peer, &name.to_ascii_lowercase()])
    }
}

//! What servers sort the records of a type by, and the indexes of their objects.

/// The sort key of a record among those of its type, which also identifies its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey<'a> {
    /// Unknown: the type has no order, or its records have no object of their own.
    Unknown,
    /// A snapshot has one record of this type at most.
    Only,
    /// This text.
    Exact(&'a [u8]),
    /// This text, compared without case.
    Folded(&'a [u8]),
    /// Two texts, compared without case.
    Pair(&'a [u8], &'a [u8]),
}

/// The indexes at which an object was created and last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indexes {
    /// `CreateIndex`; 0 if the record does not have one.
    pub created: u64,
    /// `ModifyIndex`
    pub modified: u64,
}

/// The peer in a sort key: objects of the cluster itself sort as `~`, so after imported ones.
#[must_use]
pub const fn peer_key(peer: &[u8]) -> &[u8] {
    if peer.is_empty() { b"~" } else { peer }
}

/// The indexes in the fields of a struct.
macro_rules! indexes {
    ($of:expr) => {
        Some(Indexes { created: $of.create_index, modified: $of.modify_index })
    };
}

pub(super) use indexes;

//! The member of an archive that is being read.

/// The member of an archive that is being read.
pub(super) struct OpenMember {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) size: u64,
    /// What it holds, unless it is `state.bin`, which is hashed on its way.
    pub(super) bytes: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Meta,
    State,
    Sums,
    /// Not part of a snapshot, or given a second time.
    Other,
}

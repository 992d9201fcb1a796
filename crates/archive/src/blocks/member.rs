//! The current member of an archive.

/// The current member of an archive.
pub(super) struct OpenMember {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) size: u64,
    /// Its content, unless it is `state.bin`, which is hashed as it passes.
    pub(super) bytes: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Meta,
    State,
    Sums,
    /// Does not belong to a snapshot, or is repeated.
    Other,
}

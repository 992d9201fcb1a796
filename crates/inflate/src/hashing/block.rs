//! What both ways of hashing take at once.

/// Bytes of a block of the hash.
pub(super) const BLOCK: usize = 64;

//! The block size of both implementations.

/// Bytes of a block of the hash.
pub(super) const BLOCK: usize = 64;

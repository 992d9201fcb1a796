//! The block size of both implementations.

/// Size of a block of the hash in bytes.
pub(super) const BLOCK: usize = 64;

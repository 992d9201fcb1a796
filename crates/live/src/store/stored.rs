//! Stored snapshots.

use std::time::SystemTime;

/// A file or object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name, without folder or prefix.
    pub name: String,
    /// Bytes it has.
    pub size: u64,
    /// When it was written, by the store's clock.
    pub modified: SystemTime,
}

/// Maximum size of a sidecar; real ones have a few hundred bytes.
pub(super) const SMALL: u64 = 1 << 20;

//! What is stored.

use std::time::SystemTime;

/// A file or object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name, without folder or prefix.
    pub name: String,
    /// Bytes it has.
    pub size: u64,
    /// When it was written, by the clock of whoever keeps it.
    pub modified: SystemTime,
}

/// Bytes of a sidecar that are read at most; real ones have some hundred.
pub(super) const SMALL: u64 = 1 << 20;

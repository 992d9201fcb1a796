//! Hashes `state.bin` while its records are read.

use snapscope_decode::Buffer;
use snapscope_inflate::HashQueue;
use std::ops::Range;
use std::sync::Arc;

/// Whether `state.bin` is hashed, and which threads do it.
pub(super) enum StateHash {
    Unwanted,
    /// It is hashed; which threads do it is decided once the way of inflating is known.
    Wanted,
    Begun(Arc<HashQueue>),
}

/// A part of `state.bin` that stays in its buffer while its records are read.
pub(super) struct Stretch {
    pub(super) buffer: Arc<Buffer>,
    pub(super) data: Range<usize>,
}

impl AsRef<[u8]> for Stretch {
    fn as_ref(&self) -> &[u8] {
        self.buffer.bytes().get(self.data.clone()).unwrap_or(&[])
    }
}

/// The hashing of a `state.bin` that is being read.
#[derive(Clone)]
pub struct Hashing(pub(super) Option<Arc<HashQueue>>);

impl Hashing {
    /// Hashes some of the waiting bytes, if there are many.
    pub fn help(&self) {
        if let Some(hashes) = &self.0 {
            hashes.help();
        }
    }
}

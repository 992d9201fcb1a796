//! The hash of `state.bin`, made while its records are looked at.

use snapscope_decode::Buffer;
use snapscope_inflate::HashQueue;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

/// Whether and by whom `state.bin` is hashed.
pub(super) enum StateHash {
    Unwanted,
    /// As soon as it is known how it is inflated.
    Wanted,
    Begun(Arc<HashQueue>),
}

/// A part of `state.bin` that stays in its buffer while its records are looked at.
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
    /// Hashes some of what waits to be, if that is much.
    pub fn help(&self) {
        if let Some(hashes) = &self.0 {
            hashes.help();
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

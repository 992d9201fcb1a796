//! Reads a snapshot: returns blocks of records and, at the end, what is known about the file.

mod checks;
mod closing;
mod hashing;
mod member;
mod members;
mod reading;

pub use closing::{Closing, StoppedAt};
pub use hashing::Hashing;
pub use reading::Blocks;

use crate::chunks::{Chunks, ChunksEnd};
use crate::counting::{Counting, CountingAt};
use crate::gzip::MAGIC;
use crate::integrity::Container;
use crate::limits::Limits;
use crate::read_full::read_full;
use crate::source::{OpenError, Source};
use hashing::StateHash;
use reading::Layer;
use snapscope_decode::Splitter;
use std::io::{self, Read as _};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// How to open a snapshot.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Limits that guard against hostile files.
    pub limits: Limits,
    /// Number of threads that read and inflate, including the one that takes the blocks.
    pub threads: usize,
    /// Whether to hash `state.bin` even without a hash to compare with, so that the same
    /// content is recognised in any container.
    pub hash_state: bool,
    /// Where to count the bytes read from the source, for progress.
    pub progress: Option<Arc<AtomicU64>>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self { limits: Limits::default(), threads, hash_state: false, progress: None }
    }
}

/// Opens a snapshot. Its content decides which container it is.
///
/// # Errors
/// If the source cannot be opened. [`Blocks::finish`] reports everything that is wrong with its
/// content.
pub fn open(source: &Source, options: &OpenOptions) -> Result<Blocks, OpenError> {
    let limits = options.limits;
    let io_error = |error| OpenError::Io { path: source.name(), error };
    let (mut reader, size) = source.open()?;
    let mut head = [0u8; MAGIC.len()];
    let got = read_full(&mut reader, &mut head).map_err(io_error)?;
    let is_gzip = head == MAGIC;
    let head = head.get(..got).unwrap_or(&[]).to_vec();
    let seen = options.progress.clone().unwrap_or_default();
    let reader = Box::new(io::Cursor::new(head).chain(reader));
    let reader = Box::new(Counting { reader, seen: Arc::clone(&seen) });

    let mut findings = Vec::new();
    let (mut meta, mut sums) = (None, None);
    let bare = matches!(source, Source::Directory(_)) && !is_gzip;
    if !is_gzip {
        let (beside, found) = source.meta_beside();
        meta = beside;
        findings = found;
        sums = source.sums_beside();
    }
    let (container, layer) = if bare {
        (Container::RaftDirectory, Layer::State)
    } else if is_gzip {
        (Container::Snap, Layer::Undecided)
    } else {
        (Container::State, Layer::Undecided)
    };
    let threaded = options.threads > 1;
    let at = if threaded || is_gzip { source.open_at() } else { None };
    let at = at.map(|source| Arc::new(CountingAt { source, seen }));
    let chunks = if is_gzip {
        match at.and_then(|at| Chunks::parallel(at, limits, options.threads)) {
            Some(chunks) => chunks,
            None => Chunks::gzip(reader, limits, threaded).map_err(io_error)?,
        }
    } else {
        at.and_then(|at| Chunks::ahead(at)).unwrap_or_else(|| Chunks::plain(reader))
    };
    let splitter_limits = snapscope_decode::Limits { record: limits.record };
    let mut blocks = Blocks {
        container,
        limits,
        chunks: Some(chunks),
        chunks_end: ChunksEnd::default(),
        layer,
        splitter: Splitter::new(splitter_limits, size.filter(|_| !is_gzip)),
        state_crc: meta.as_ref().and_then(|m| m.crc).map(|_| crc64fast::Digest::new()),
        state_hash: match sums.is_some() || options.hash_state {
            true => StateHash::Wanted,
            false => StateHash::Unwanted,
        },
        meta,
        sums,
        members: Vec::new(),
        state_size: 0,
        state_seen: false,
        state_start: Vec::new(),
        folder: None,
        folders: Vec::new(),
        other: None,
        findings,
        early: None,
        ended: false,
    };
    // Up to the first byte of state.bin, so that a meta.json before it is known.
    while !blocks.state_seen && !blocks.ended {
        blocks.advance();
    }
    Ok(blocks)
}

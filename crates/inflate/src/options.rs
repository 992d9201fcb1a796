//! The number of threads, the memory, and the size of segments.

use crate::huffman::Tables;
use crate::input;
use crate::tokens;

/// Compressed bytes per segment of a large source. Smaller segments need more searches for a start;
/// larger ones leave the cache between decoding and replay.
pub const LARGE_SEGMENT: usize = 1 << 20;
/// Compressed bytes per segment of a small source: finding its start takes a tenth of the time of
/// decoding it.
pub const SMALL_SEGMENT: usize = 128 << 10;
/// Segments per thread for a source of a size in between: the last segments keep only some threads
/// busy.
const SEGMENTS_PER_THREAD: u64 = 8;
/// Smallest segment. For tests, which make small inputs use several threads.
pub const MIN_SEGMENT: usize = 256;
/// Largest segment: its tokens must fit into a buffer of 2^23 bytes.
pub const MAX_SEGMENT: usize = 2 << 20;
/// Sources shorter than this many segments are inflated by the caller's thread alone. With three
/// segments, two threads would gain a third (a few milliseconds) if they have two cores to
/// themselves, and lose as much if they do not.
pub const PARALLEL_SEGMENTS: u64 = 4;
/// Memory for one thread's decoding if the caller sets none: with two threads 32 MiB in total, of
/// which ordinary files use about half.
pub const DEFAULT_MEMORY_PER_THREAD: usize = 16 << 20;
/// More segments per thread ahead of the output make no difference.
const AHEAD_PER_THREAD: usize = 4;
/// More threads than this would wait for the one that replays.
pub const MAX_THREADS: usize = 64;

/// Bytes of tokens that a segment may hold per compressed byte. Text needs 1.3 to 1.6. A segment
/// that needs more (up to 16) waits half decoded until the output reaches it.
const TOKENS_PER_BYTE: usize = 3;

/// The resources that [`ParallelGunzip`](crate::ParallelGunzip) may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Number of threads that decode, including the caller's. 0: as many as the machine offers.
    pub threads: usize,
    /// Bytes for tokens, tables and input, without the caller's buffers. 0:
    /// [`DEFAULT_MEMORY_PER_THREAD`] per thread. Segments shrink to fit; below about a megabyte the
    /// limit is exceeded.
    pub memory: usize,
    /// Compressed bytes per segment, [`MIN_SEGMENT`] to [`MAX_SEGMENT`]. 0: depends on the size of
    /// the source, from [`SMALL_SEGMENT`] to [`LARGE_SEGMENT`].
    pub segment: usize,
}

/// The options with all values set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) threads: usize,
    /// Compressed bytes per segment.
    pub(crate) segment: u64,
    /// Bytes of tokens per segment.
    pub(crate) tokens: usize,
    /// Maximum number of segments that are claimed and not yet passed by the output.
    pub(crate) ahead: u64,
}

impl Options {
    /// Plans for a source of `size` bytes.
    pub(crate) fn plan(&self, size: u64) -> Plan {
        let mut threads = match self.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            n => n,
        }
        .min(MAX_THREADS);
        let memory = match self.memory {
            0 => threads * DEFAULT_MEMORY_PER_THREAD,
            m => m,
        };
        let mut segment = match self.segment {
            0 => usize::try_from(size / (SEGMENTS_PER_THREAD * threads as u64))
                .unwrap_or(LARGE_SEGMENT)
                .clamp(SMALL_SEGMENT, LARGE_SEGMENT),
            n => n.clamp(MIN_SEGMENT, MAX_SEGMENT),
        };
        let fixed = input::PIECE + size_of::<Tables>();
        let each = |segment: usize| segment * TOKENS_PER_BYTE + fixed;
        // One segment per thread, one that is being replayed, and one more to get ahead.
        while segment > MIN_SEGMENT && each(segment) * (threads + 2) > memory {
            segment /= 2;
        }
        let ahead = (memory / each(segment)).saturating_sub(1).clamp(1, AHEAD_PER_THREAD * threads);
        if size < PARALLEL_SEGMENTS * segment as u64 {
            threads = 1;
        }
        Plan {
            threads,
            segment: segment as u64,
            tokens: (segment * TOKENS_PER_BYTE).clamp(tokens::MIN_BUFFER, tokens::MAX_BUFFER),
            ahead: ahead as u64,
        }
    }
}

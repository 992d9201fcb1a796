//! How many threads, how much memory, how large a segment.

use crate::huffman::Tables;
use crate::input;
use crate::tokens;

/// Compressed bytes per segment of a large source. Smaller ones are searched for a start more often,
/// larger ones fall out of the cache between decoding and replay.
pub const LARGE_SEGMENT: usize = 1 << 20;
/// Compressed bytes per segment of a small source: to find its start takes a tenth of decoding it.
pub const SMALL_SEGMENT: usize = 128 << 10;
/// Segments per thread that a source of a size in between is cut into: the last ones keep only some
/// of the threads busy.
const SEGMENTS_PER_THREAD: u64 = 8;
/// Smallest segment: a knob for tests, which make small inputs take the parallel way.
pub const MIN_SEGMENT: usize = 256;
/// Largest segment: its tokens must fit into a buffer of 2^23 bytes.
pub const MAX_SEGMENT: usize = 2 << 20;
/// Sources shorter than this many segments are inflated by the caller's thread alone. Of three
/// segments two threads would gain a third when they have two cores to themselves, a few
/// milliseconds, and lose as much when they have not.
pub const PARALLEL_SEGMENTS: u64 = 4;
/// Memory for one thread's decoding if the caller sets none: with two threads 32 MiB in all, of
/// which ordinary files use about half.
pub const DEFAULT_MEMORY_PER_THREAD: usize = 16 << 20;
/// More segments ahead of the output than this many per thread even out nothing any more.
const AHEAD_PER_THREAD: usize = 4;
/// More threads than this wait for the one that replays.
pub const MAX_THREADS: usize = 64;

/// Bytes of tokens a segment may hold per compressed byte. Text needs 1.3 to 1.6; a segment that
/// needs more (it may be 16) waits half decoded until the output has come to it.
const TOKENS_PER_BYTE: usize = 3;

/// What [`ParallelGunzip`](crate::ParallelGunzip) may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Threads that decode, the caller's included. 0: as many as the machine offers.
    pub threads: usize,
    /// Bytes for tokens, tables and input, not counting the caller's buffers. 0:
    /// [`DEFAULT_MEMORY_PER_THREAD`] per thread. Segments shrink to fit; below about a megabyte
    /// the budget is not kept.
    pub memory: usize,
    /// Compressed bytes per segment, [`MIN_SEGMENT`] to [`MAX_SEGMENT`]. 0: as the source's size
    /// suggests, from [`SMALL_SEGMENT`] to [`LARGE_SEGMENT`].
    pub segment: usize,
}

/// The options made whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) threads: usize,
    /// Compressed bytes per segment.
    pub(crate) segment: u64,
    /// Bytes of tokens per segment.
    pub(crate) tokens: usize,
    /// Segments claimed and not yet passed by the output, at most.
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
        // One segment per thread, one that is being replayed, and one to get ahead.
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

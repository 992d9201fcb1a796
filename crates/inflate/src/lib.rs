#![doc = include_str!("../README.md")]
//!
//! Three ways to get the bytes: [`ParallelGunzip::fill`] into the caller's buffers, which is the
//! core; [`Read`](std::io::Read); and [`run`], which passes on pieces while they are in the cache.
//! In all of them the calling thread copies the bytes, so they are in its cache for the next step
//! (hashing, parsing).
//!
//! # How it works
//! Turning bits into literals and matches does not need earlier output; only copying the matches
//! does, and that is cheap. So the source is cut into segments. Threads look for the first
//! plausible start of a dynamic block after each cut (`finder`) and decode from there to the first
//! block after the next cut into a buffer of tokens (`entropy`, `tokens`). The calling thread
//! replays the tokens in order (`replay`). Blocks follow one another bit for bit: a segment is used
//! only if it starts exactly where the bytes before it ended (`scheduler`). Otherwise the guess was
//! wrong, the segment is dropped, and the calling thread decodes from the true position. So a guess
//! can cost time but never change a byte. Errors are those of a serial decoder, because a segment
//! reports one only if its position is true.
//!
//! A thread without a segment ready to replay decodes one ahead, which balances the threads.
//!
//! Decoding is a chain of look-ups, each of which waits for the one before; SHA-256 is such a chain
//! of rounds. A core that alternates between both needs little more time than for the longer one.
//! To have the output hashed, put it into a [`HashQueue`]; the decoders hash it between their
//! look-ups (`hashing`). On a gigabyte this costs 0.2 s of processor time instead of 0.55.
//!
//! | file | what |
//! | --- | --- |
//! | `source` | bytes that several threads read at once |
//! | `gzip` | header and trailer of a member |
//! | `bits`, `block`, `huffman` | a block's header, and its decoding tables |
//! | `input`, `tokens`, `entropy` | the inner loop and what it reads and writes |
//! | `segment` | the decoder over blocks, resumable at any token |
//! | `finder` | guesses where a block begins |
//! | `scheduler` | which thread decodes which segment |
//! | `replay` | tokens into bytes |
//! | `resume` | decoding on after damage, without the bytes before |
//! | `hashing` | SHA-256 of the output, between the turns of the inner loop |
//! | `reader` | members in order, checks, errors: the interface |
//!
//! # What it promises
//! * The bytes are those of any other inflater, or there is an error where zlib has one, after the
//!   same bytes, with the compressed bit at which it was found ([`InflateError`]).
//! * A wrong CRC-32 or length is an error once, after all bytes of its member; the next call
//!   continues ([`ErrorKind::is_recoverable`]), and [`Summary`] counts it.
//! * Bytes after the last member that do not start another one are not an error;
//!   [`Summary::trailing`] reports them. Bytes that start with a member's first two bytes count as
//!   a member.
//! * Memory is bounded by [`Options::memory`] for any source: a segment whose tokens fill its
//!   buffer waits half decoded (`tests/memory.rs` measures it on segments of 8 million matches).
//! * Dropping the reader stops its threads within one piece of input (128 KiB).
//! * Threads and segment size never change the output, only the time.
//! * `unsafe` is in two inner loops (`entropy`, `replay`), after checks for enough slack, and in
//!   the rounds of the hash. `tests/miri.rs` is small enough for Miri, which runs them without
//!   BMI2 and without SHA-256 instructions.
//!
//! # Limits
//! * The source must be readable at any offset; use a serial inflater for a pipe.
//! * Blocks of the stored and fixed kind, the last block and members much smaller than a segment
//!   are decoded by the calling thread alone: files of many small members gain nothing.
//! * Distances beyond 32 KiB (deflate64) are not supported.
//! * Big-endian and 32-bit targets work, but are not measured. Where [`PREFERRED`] is false another
//!   inflater may be faster.

mod bits;
mod block;
mod entropy;
mod error;
mod finder;
mod gzip;
mod hashing;
mod huffman;
mod input;
mod options;
mod reader;
mod replay;
mod resume;
mod scheduler;
mod segment;
mod source;
#[doc(hidden)]
pub mod stages;
mod tokens;

pub use error::{ErrorKind, InflateError};
pub use hashing::{DEFAULT_WAITING, HashQueue};
pub use options::{
    DEFAULT_MEMORY_PER_THREAD, LARGE_SEGMENT, MAX_SEGMENT, MAX_THREADS, MIN_SEGMENT, Options,
    PARALLEL_SEGMENTS, SMALL_SEGMENT,
};
pub use reader::{ParallelGunzip, Path, Summary, Trailing, run};
pub use resume::{Resumed, UNKNOWN, block_after, resume};
pub use source::{ReadAt, UNKNOWN_SIZE, read_full};

/// Whether this target is one the decoder was made for: 64 bits, little-endian.
pub const PREFERRED: bool = cfg!(all(target_pointer_width = "64", target_endian = "little"));

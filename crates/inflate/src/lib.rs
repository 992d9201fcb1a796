//! Inflates a gzip file on all cores, also when it is a single member, as fast on one core as the
//! fastest inflaters: gzip in, the bytes in order out.
//!
//! ```
//! use snapscope_inflate::{Options, ParallelGunzip};
//! use std::io::{Read, Write};
//! use std::sync::Arc;
//!
//! let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
//! encoder.write_all(b"all the same, all the same")?;
//! let compressed = encoder.finish()?;
//!
//! // A `File` serves as well as bytes in memory: whatever is `ReadAt`.
//! let mut reader = ParallelGunzip::new(Arc::new(compressed), &Options::default())?;
//! let mut text = String::new();
//! reader.read_to_string(&mut text)?;
//! assert_eq!(text, "all the same, all the same");
//! assert_eq!(reader.summary().members, 1);
//! # std::io::Result::Ok(())
//! ```
//!
//! Three ways to the bytes: [`ParallelGunzip::fill`] into buffers of the caller's, which is the
//! core; [`Read`](std::io::Read); and [`run`], which hands on pieces while they are in the cache.
//! In all of them the calling thread does the copying, so what it does with the bytes next
//! (hashing, parsing) finds them in its cache.
//!
//! # How it works
//! Turning bits into literals and matches needs no output before it; only carrying the matches out
//! does, and that is cheap. So the source is cut into segments. Threads look for the first
//! plausible start of a dynamic block behind each cut (`finder`), decode from there to the first
//! block behind the next cut into a buffer of tokens (`entropy`, `tokens`), and the calling thread
//! replays the tokens in order (`replay`). Blocks follow one another bit for bit: a segment is taken
//! only if it begins exactly where the bytes before it ended (`scheduler`). If it does not, the
//! guess was wrong, it is dropped, and the calling thread decodes on from the true place. So a guess
//! can cost time but never change a byte, and an error is the same as a serial decoder's: what a
//! segment says about its place holds because the place is true.
//!
//! A thread without a segment ready to replay decodes one ahead; that is how threads balance.
//!
//! Decoding is a chain of look-ups, each of which waits for the one before; SHA-256 is a chain of
//! rounds, which do the same. A core that does both in turns does them in the time of the longer one and
//! a little. So whoever wants the output hashed puts it into a [`HashQueue`], and the decoders hash it
//! between their look-ups (`hashing`): on a gigabyte this costs 0.2 s of processor time instead of 0.55.
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
//! | `resume` | decoding on behind damage, without the bytes before |
//! | `hashing` | SHA-256 of the output, between the turns of the inner loop |
//! | `reader` | members in order, checks, errors: the interface |
//!
//! # What it promises
//! * The bytes are those of any other inflater, or there is an error where zlib has one, after the
//!   same bytes, with the compressed bit it was found at ([`InflateError`]).
//! * A wrong CRC-32 or length is an error once, behind all bytes of its member; the next call reads
//!   on ([`ErrorKind::is_recoverable`]), and [`Summary`] counts it.
//! * Bytes behind the last member that begin no other are no error; [`Summary::trailing`] tells.
//!   What begins with a member's two first bytes is a member.
//! * Memory is bounded by [`Options::memory`] whatever the source: a segment whose tokens fill its
//!   buffer waits half decoded (`tests/memory.rs` counts it on segments of 8 million matches).
//! * Dropping the reader stops its threads within one piece of input (128 KiB).
//! * Threads and segment size never change the output, only the time.
//! * `unsafe` is in two inner loops (`entropy`, `replay`), behind slack checks, and in the rounds of
//!   the hash; `tests/miri.rs` is small enough for Miri, which runs them without BMI2 and without the
//!   instructions for SHA-256.
//!
//! # Limits
//! * The source must be readable at any offset; a pipe is better served by a serial inflater.
//! * Blocks of the stored and fixed kind, the last block and members much smaller than a segment
//!   are decoded by the calling thread alone: files of many small members gain nothing.
//! * Distances beyond 32 KiB (deflate64) are not known.
//! * Big-endian and 32-bit targets work, but nobody has measured them. Where
//!   [`PREFERRED`] is false another inflater may be faster.

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
pub use resume::{Resumed, UNKNOWN, resume};
pub use source::{ReadAt, UNKNOWN_SIZE};

/// Whether this target is one the decoder was made for: 64 bits, little-endian.
pub const PREFERRED: bool = cfg!(all(target_pointer_width = "64", target_endian = "little"));

//! Bytes in order: replays decoded segments, checks every member, and decodes what no other thread
//! did.

use crate::error::{ErrorKind, InflateError};
use crate::gzip::{MAGIC, TRAILER, read_header, read_trailer};
use crate::hashing::HashQueue;
use crate::options::{Options, Plan};
use crate::replay::{Replay, Replayed};
use crate::scheduler::{Head, Scheduler};
use crate::segment::{Segment, Stop};
use crate::source::{ReadAt, read_full};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Bytes of tokens decoded at a time if they are replayed immediately: both stay in a second-level
/// cache.
const OWN_TOKENS: usize = 128 << 10;
/// Bytes replayed between two updates of the checksum, which then finds them in the cache.
const STEP: usize = 64 << 10;
/// Shorter buffers are filled from one of [`STAGING`] bytes: the window is copied once per buffer.
const MIN_DIRECT: usize = 128 << 10;
/// Size of the buffer for small reads and [`run`].
const STAGING: usize = 256 << 10;
/// Bytes of trailing data that are kept for a message.
const TRAILING_START: usize = 16;

/// How a source is inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// By the caller's thread alone.
    Serial,
    /// By the caller's thread and `threads - 1` others.
    Parallel {
        /// Number of all threads that decode.
        threads: usize,
    },
}

/// Bytes after the last member that do not start another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailing {
    /// Offset of the first of them.
    pub offset: u64,
    /// The first few.
    pub start: Vec<u8>,
}

/// What was read so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Number of members whose end was reached, including those with wrong checksums.
    pub members: u64,
    /// Number of members whose CRC-32 or length was wrong.
    pub mismatches: u64,
    /// Bytes from the start of the source to the end of the last whole member.
    pub compressed: u64,
    /// Bytes of output.
    pub output: u64,
    /// The data after the last member, known once the end is reached.
    pub trailing: Option<Trailing>,
    /// Number of segments decoded ahead from the true start.
    pub spliced: u64,
}

enum Phase {
    /// A member's header, or the end, at this byte.
    Header(u64),
    Body,
    Done,
    Failed(InflateError),
}

/// Inflates a gzip source of one or more members on several threads.
///
/// [`fill`](Self::fill) is the core: it copies and checks. If nothing is decoded yet, it decodes on
/// the calling thread while others run ahead. [`Read`] and [`run`] are built on it. Dropping the
/// reader stops its threads.
pub struct ParallelGunzip {
    scheduler: Arc<Scheduler>,
    threads: Vec<JoinHandle<()>>,
    plan: Plan,
    phase: Phase,
    /// The decoder whose tokens are replayed.
    current: Segment,
    /// Bytes of tokens to decode at a time on this thread.
    own_tokens: usize,
    /// Why `current` stopped, if that was not handled yet.
    stop: Option<Stop>,
    /// The first segment that was not reached.
    head: u64,
    replay: Replay,
    crc: crc32fast::Hasher,
    /// First bit of the current member's deflate stream.
    member_start: u64,
    /// Bytes of the current member.
    member_output: u64,
    /// An error to return before the next read.
    pending: Option<InflateError>,
    summary: Summary,
    staging: Vec<u8>,
    staged: std::ops::Range<usize>,
    /// See [`rehearse`](Self::rehearse).
    rehearsal: bool,
}

impl ParallelGunzip {
    /// Opens a source without reading from it.
    ///
    /// # Errors
    /// If the size of the source cannot be determined.
    pub fn new(source: Arc<dyn ReadAt>, options: &Options) -> io::Result<Self> {
        let plan = options.plan(source.size()?);
        Self::start(source, plan, plan.threads - 1)
    }

    /// For tests: starts no thread. The caller's thread decodes all segments ahead that two threads
    /// might, before it takes one, so the result depends only on the input.
    ///
    /// # Errors
    /// If the size of the source cannot be determined.
    #[doc(hidden)]
    pub fn rehearse(source: Arc<dyn ReadAt>, options: &Options) -> io::Result<Self> {
        let plan = Options { threads: 2, ..options.clone() }.plan(source.size()?);
        let mut reader = Self::start(source, plan, 0)?;
        reader.rehearsal = plan.threads > 1;
        Ok(reader)
    }

    fn start(source: Arc<dyn ReadAt>, mut plan: Plan, others: usize) -> io::Result<Self> {
        let size = source.size()?;
        let scheduler = Arc::new(Scheduler::new(source, plan, size));
        let mut threads = Vec::new();
        for n in 1..=others {
            let scheduler = Arc::clone(&scheduler);
            let spawned = std::thread::Builder::new()
                .name(format!("inflate-{n}"))
                .spawn(move || scheduler.work());
            // Fewer threads than requested only make it slower.
            let Ok(thread) = spawned else { break };
            threads.push(thread);
        }
        plan.threads = threads.len() + 1;
        Ok(Self {
            current: scheduler.decoder(),
            scheduler,
            threads,
            plan,
            phase: Phase::Header(0),
            own_tokens: usize::try_from(size)
                .unwrap_or(OWN_TOKENS)
                .saturating_mul(8)
                .min(OWN_TOKENS),
            stop: None,
            head: 1,
            replay: Replay::new(),
            crc: crc32fast::Hasher::new(),
            member_start: 0,
            member_output: 0,
            pending: None,
            summary: Summary::default(),
            staging: Vec::new(),
            staged: 0..0,
            rehearsal: false,
        })
    }

    /// Opens a file.
    ///
    /// # Errors
    /// If the size of the file cannot be determined.
    pub fn open(file: std::fs::File, options: &Options) -> io::Result<Self> {
        Self::new(Arc::new(file), options)
    }

    /// Lets the decoding threads hash what the caller adds to `hashes`, instead of idling between
    /// two look-ups. A reader has one such queue, the first one it gets.
    pub fn hash_beside(&mut self, hashes: Arc<HashQueue>) {
        self.scheduler.set_hashes(hashes);
    }

    /// How this source is inflated.
    #[must_use]
    pub fn path(&self) -> Path {
        match self.plan.threads {
            1 => Path::Serial,
            threads => Path::Parallel { threads },
        }
    }

    /// What was read so far.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// An offset in the source: the output so far depends only on bytes before it. It is at most a
    /// segment and a block ahead, and depends on the source, the options and the output so far, not
    /// on the progress of threads.
    #[must_use]
    pub fn reach(&self) -> u64 {
        self.scheduler.cut(self.head) / 8
    }

    /// Fills `out` with the next bytes. Returns fewer bytes than it holds only before the end or an
    /// error, and 0 only at the end. The caller's thread copies them, so they are in its cache.
    /// Buffers of 256 KiB to a few megabytes work best.
    ///
    /// # Errors
    /// What is wrong with the source, after all output before it. After a wrong checksum
    /// ([`ErrorKind::is_recoverable`]) the next call continues; any other error is returned again.
    pub fn fill(&mut self, out: &mut [u8]) -> Result<usize, InflateError> {
        if self.staged.is_empty() && out.len() >= MIN_DIRECT {
            return self.direct(out);
        }
        let mut done = 0;
        while done < out.len() {
            if self.staged.is_empty() {
                if done > 0 && (self.pending.is_some() || matches!(self.phase, Phase::Failed(_))) {
                    break;
                }
                let mut staging = std::mem::take(&mut self.staging);
                staging.resize(STAGING, 0);
                let filled = self.direct(&mut staging);
                self.staging = staging;
                match filled {
                    Ok(0) => break,
                    Ok(n) => self.staged = 0..n,
                    Err(e) if done > 0 => {
                        self.pending = Some(e);
                        break;
                    }
                    Err(e) => return Err(e),
                }
            }
            let n = self.staged.len().min(out.len() - done);
            let from = self.staged.start;
            out[done..done + n].copy_from_slice(&self.staging[from..from + n]);
            self.staged.start += n;
            done += n;
        }
        Ok(done)
    }

    fn direct(&mut self, out: &mut [u8]) -> Result<usize, InflateError> {
        if let Some(e) = self.pending.take() {
            return Err(e);
        }
        if let Phase::Failed(e) = &self.phase {
            return Err(e.clone());
        }
        let mut at = 0;
        let result = self.members(out, &mut at);
        self.replay.remember(&out[..at]);
        if let Err((kind, bit_offset)) = result {
            let fatal = !kind.is_recoverable();
            let e = InflateError { kind, bit_offset, output: self.summary.output };
            if fatal {
                // Nothing after the damage is needed.
                self.scheduler.close();
                self.phase = Phase::Failed(e.clone());
            }
            if at == 0 {
                return Err(e);
            }
            if !fatal {
                self.pending = Some(e);
            }
        }
        Ok(at)
    }

    /// Fills `out` from `at` on.
    fn members(&mut self, out: &mut [u8], at: &mut usize) -> Result<(), (ErrorKind, u64)> {
        // Bytes of the current member before `out`; if it starts in `out`, minus its position
        // there.
        let mut before = i64::try_from(self.member_output).unwrap_or(i64::MAX / 2);
        while *at < out.len() {
            match self.phase {
                Phase::Done | Phase::Failed(_) => break,
                Phase::Header(offset) => {
                    self.header(offset)?;
                    before = -i64::try_from(*at).unwrap_or(i64::MAX);
                }
                Phase::Body => {
                    let from = *at;
                    let soft = out.len().min(from + STEP);
                    let replayed = self.replay.run(&mut self.current.tokens, out, at, soft, before);
                    let new = &out[from..*at];
                    self.crc.update(new);
                    self.member_output += new.len() as u64;
                    self.summary.output += new.len() as u64;
                    match replayed {
                        Replayed::Full => {}
                        Replayed::TooFar => return Err(self.too_far()),
                        Replayed::Drained => self.advance()?,
                    }
                }
            }
        }
        Ok(())
    }

    /// Starts the member at byte `offset`, or ends.
    fn header(&mut self, offset: u64) -> Result<(), (ErrorKind, u64)> {
        let source = self.scheduler.source();
        if self.summary.members > 0 {
            let mut start = [0; TRAILING_START];
            let n = read_full(source, &mut start, offset)
                .map_err(|e| (ErrorKind::Io(Arc::new(e)), offset * 8))?;
            if start[..n].get(..2) != Some(&MAGIC[..]) {
                if n > 0 {
                    self.summary.trailing = Some(Trailing { offset, start: start[..n].to_vec() });
                }
                self.phase = Phase::Done;
                self.scheduler.close();
                return Ok(());
            }
        }
        self.member_start = read_header(source, offset)? * 8;
        self.member_output = 0;
        self.crc = crc32fast::Hasher::new();
        self.replay.reset();
        self.current.start(self.member_start, self.own_tokens);
        self.stop = None;
        self.phase = Phase::Body;
        Ok(())
    }

    /// All tokens are replayed: gets more, or ends the member.
    fn advance(&mut self) -> Result<(), (ErrorKind, u64)> {
        match self.stop.take() {
            // It was not started, or was full or interrupted: continue to decode it here.
            None | Some(Stop::Full | Stop::Io(_) | Stop::Cancelled) => self.decode_on(),
            Some(Stop::Cut) => self.splice(),
            Some(Stop::End) => self.trailer(),
            Some(Stop::Bad(kind, bit)) => Err((kind, bit)),
        }
    }

    fn decode_on(&mut self) -> Result<(), (ErrorKind, u64)> {
        self.current.tokens.reset(self.own_tokens);
        let stop_bit = self.scheduler.cut(self.head);
        let stop =
            self.current.run(self.scheduler.source(), stop_bit, self.scheduler.hashes(), &|| false);
        if let Stop::Io(e) = stop {
            if self.current.tokens.is_drained() {
                return Err(self.current.io_error(e));
            }
            // Earlier output is replayed first; then the read is retried.
            self.stop = Some(Stop::Full);
            return Ok(());
        }
        self.stop = Some(stop);
        Ok(())
    }

    /// At the start of a block after the cut: takes the segment that starts here, or continues
    /// without it.
    fn splice(&mut self) -> Result<(), (ErrorKind, u64)> {
        let bit = self.current.input.position();
        if self.rehearsal {
            self.scheduler.decode_all_ahead();
        }
        loop {
            match self.scheduler.reach(bit, &mut self.head) {
                Head::Yours => return self.decode_on(),
                Head::Ready(found) => {
                    let found = *found;
                    let old = std::mem::replace(&mut self.current, found.segment);
                    self.scheduler.recycle(old);
                    self.stop = Some(found.stop);
                    self.summary.spliced += 1;
                    return Ok(());
                }
                Head::Busy(other) => self.scheduler.decode(other),
            }
        }
    }

    fn trailer(&mut self) -> Result<(), (ErrorKind, u64)> {
        let offset = self.current.input.position().div_ceil(8);
        let (crc, length) = read_trailer(self.scheduler.source(), offset)?;
        let end = offset + TRAILER as u64;
        self.phase = Phase::Header(end);
        self.summary.members += 1;
        self.summary.compressed = end;
        let computed = std::mem::take(&mut self.crc).finalize();
        if crc != computed {
            self.summary.mismatches += 1;
            return Err((ErrorKind::Checksum { stored: crc, computed }, offset * 8));
        }
        #[allow(clippy::cast_possible_truncation)] // ISIZE is the length modulo 2^32
        let computed = self.member_output as u32;
        if length != computed {
            self.summary.mismatches += 1;
            return Err((ErrorKind::Length { stored: length, computed }, offset * 8 + 32));
        }
        Ok(())
    }

    /// The position of the match that the replay refused.
    fn too_far(&mut self) -> (ErrorKind, u64) {
        let source = self.scheduler.source();
        match self.current.locate_far_match(source, self.member_start) {
            Stop::Bad(kind, bit) => (kind, bit),
            Stop::Io(e) => self.current.io_error(e),
            // The source changed in the meantime.
            _ => (ErrorKind::DistanceTooFar, self.current.input.position()),
        }
    }
}

impl Drop for ParallelGunzip {
    fn drop(&mut self) {
        self.scheduler.close();
        for thread in self.threads.drain(..) {
            // A thread that panicked adds nothing: its segment was decoded again.
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for ParallelGunzip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParallelGunzip")
            .field("path", &self.path())
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}

impl Read for ParallelGunzip {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.fill(buf).map_err(Into::into)
    }
}

/// Inflates a whole source and passes its bytes to a sink in order, each piece while it is in the
/// cache. The sink may end it early; a wrong checksum ends it too.
///
/// # Errors
/// The first error, after the sink received all bytes before it.
pub fn run(
    source: Arc<dyn ReadAt>,
    options: &Options,
    mut sink: impl FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<Summary, InflateError> {
    let mut reader = ParallelGunzip::new(source, options).map_err(|e| InflateError {
        kind: ErrorKind::Io(Arc::new(e)),
        bit_offset: 0,
        output: 0,
    })?;
    let mut buffer = vec![0; STAGING];
    loop {
        let n = reader.direct(&mut buffer)?;
        if n == 0 || sink(&buffer[..n]).is_break() {
            return Ok(reader.summary.clone());
        }
    }
}

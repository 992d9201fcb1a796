//! Compresses bytes into gzip members of one size, on several threads, and writes them in order.

use super::front::{GZIP_HEADER, gzip_trailer, stored};
use super::hashing::Hashing;
use flate2::{Compress, Compression, FlushCompress, Status};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

/// Size of a member's data. With its own window it is 0.1 % larger than in one stream; readers can
/// start at each member.
const MEMBER: usize = 1 << 20;

/// A member being compressed, with its reusable buffers.
struct Job {
    /// Shared with the thread that hashes it.
    input: Arc<Vec<u8>>,
    output: Vec<u8>,
    /// `None` if it is only stored.
    compress: Option<Compress>,
}

impl Job {
    fn new(level: Compression) -> Self {
        Self {
            input: Arc::new(Vec::with_capacity(MEMBER)),
            output: Vec::with_capacity(MEMBER),
            compress: (level != Compression::none()).then(|| Compress::new(level, false)),
        }
    }

    /// The input, to be filled. Another thread may still need its previous content.
    fn input(&mut self) -> &mut Vec<u8> {
        if Arc::get_mut(&mut self.input).is_none() {
            self.input = Arc::new(Vec::with_capacity(MEMBER));
        }
        Arc::make_mut(&mut self.input)
    }

    /// Compresses the input into the output.
    fn run(&mut self) -> io::Result<()> {
        let Self { input, output, compress } = self;
        output.clear();
        let Some(compress) = compress else {
            stored(input, output);
            return Ok(());
        };
        output.extend_from_slice(&GZIP_HEADER);
        compress.reset();
        loop {
            let done = usize::try_from(compress.total_in()).unwrap_or(usize::MAX);
            let rest = input.get(done..).unwrap_or(&[]);
            // Incompressible data grows only by a few bytes.
            output.reserve(rest.len() / 64 + 4096);
            if compress.compress_vec(rest, output, FlushCompress::Finish)? == Status::StreamEnd {
                break;
            }
        }
        output.extend_from_slice(&gzip_trailer(input));
        Ok(())
    }
}

/// A gzip stream being written.
pub(super) struct Members<W> {
    out: W,
    level: Compression,
    pool: ThreadPool,
    /// The member being filled.
    current: Job,
    /// Members being compressed, in order.
    pending: VecDeque<Receiver<io::Result<Job>>>,
    /// Maximum number of members in flight, which bounds memory.
    ahead: usize,
    spare: Vec<Job>,
    /// Hashes all members until [`end_of_hashed`](Self::end_of_hashed).
    hashing: Option<Hashing>,
}

impl<W> fmt::Debug for Members<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Members").field("pending", &self.pending.len()).finish_non_exhaustive()
    }
}

impl<W: Write> Members<W> {
    pub(super) fn start(out: W, level: Compression, threads: NonZeroUsize) -> io::Result<Self> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .thread_name(|i| format!("deflate-{i}"))
            .build()
            .map_err(io::Error::other)?;
        let ahead = threads.get() + 2;
        let current = Job::new(level);
        let (pending, spare) = (VecDeque::new(), Vec::new());
        let hashing = Some(Hashing::start()?);
        Ok(Self { out, level, pool, current, pending, ahead, spare, hashing })
    }

    /// The SHA-256 of everything so far; later data is not hashed.
    pub(super) fn end_of_hashed(&mut self) -> io::Result<[u8; 32]> {
        let hashing = self.hashing.take().ok_or_else(|| io::Error::other("hashed already"))?;
        Ok(hashing.end_with(&self.current.input))
    }

    pub(super) fn push(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = MEMBER - self.current.input.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.current.input().extend_from_slice(now);
            bytes = later;
            if self.current.input.len() == MEMBER {
                self.submit()?;
            }
        }
        Ok(())
    }

    fn submit(&mut self) -> io::Result<()> {
        if self.pending.len() >= self.ahead {
            self.write_oldest()?;
        }
        let mut next = self.spare.pop().unwrap_or_else(|| Job::new(self.level));
        next.input().clear();
        let mut job = std::mem::replace(&mut self.current, next);
        if let Some(hashing) = &self.hashing {
            hashing.take(job.input.clone());
        }
        let (send, done) = sync_channel(1);
        self.pool.spawn(move || {
            let result = job.run().map(|()| job);
            // After a write error nobody is waiting for it.
            let _ = send.send(result);
        });
        self.pending.push_back(done);
        Ok(())
    }

    fn write_oldest(&mut self) -> io::Result<()> {
        let Some(done) = self.pending.pop_front() else { return Ok(()) };
        let job = done.recv().map_err(io::Error::other)??;
        self.out.write_all(&job.output)?;
        self.spare.push(job);
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        if !self.current.input.is_empty() {
            self.submit()?;
        }
        while !self.pending.is_empty() {
            self.write_oldest()?;
        }
        Ok(self.out)
    }
}

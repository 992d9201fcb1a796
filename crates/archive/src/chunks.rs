//! The bytes of a container in large pieces, read or inflated on the threads that are best at it.

use crate::finding::{Code, Finding};
use crate::gzip::{Gunzip, GzipReport};
use crate::limits::Limits;
use crate::parallel::Parallel;
use crate::read_ahead::ReadAhead;
use crate::read_full::read_full;
use snapscope_decode::{Buffer, BufferPool};
use snapscope_inflate::{DEFAULT_WAITING, HashQueue, ReadAt};
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Size of a chunk in bytes. It stays in a core's second-level cache from inflating to hashing to
/// walking; a quarter of this size was 2 to 5 % slower.
pub(crate) const CHUNK: usize = 1 << 20;

/// Size of a chunk that is only read: the copied bytes should stay in the core's cache.
pub(crate) const PLAIN_CHUNK: usize = 256 * 1024;

/// Free bytes at the front of a chunk, for the start of a record that began in the previous chunk,
/// so that most records are joined without another buffer.
pub(crate) const HEADROOM: usize = 64 * 1024;

/// Number of chunks in flight between the threads: enough that neither waits for short delays of
/// the other.
const QUEUE: usize = 4;

/// A piece of the stream.
pub(crate) struct Chunk {
    pub(crate) buffer: Buffer,
    pub(crate) data: Range<usize>,
}

/// What is known at the end of the stream.
#[derive(Default)]
pub(crate) struct ChunksEnd {
    pub(crate) gzip: Option<GzipReport>,
    pub(crate) findings: Vec<Finding>,
}

/// A stream in pieces.
pub(crate) enum Chunks {
    /// Read without inflating.
    Plain { reader: Box<dyn Read + Send>, pool: BufferPool, error: Option<io::Error> },
    /// Read without inflating by two threads.
    Ahead { reader: ReadAhead, error: Option<io::Error> },
    /// Inflated in the reading thread.
    Gzip { gunzip: Box<Gunzip<Box<dyn Read + Send>>>, pool: BufferPool, error: Option<io::Error> },
    /// Inflated by the reading thread and, ahead of it, by others if there are any.
    Parallel { inflater: Box<Parallel>, pool: BufferPool },
    /// Inflated on a thread of its own.
    Threaded(Box<Threaded>),
}

/// A stream that a thread of its own inflates.
pub(crate) struct Threaded {
    chunks: Receiver<(Chunk, SoFar)>,
    thread: JoinHandle<ChunksEnd>,
    /// What was known at the last chunk taken; the thread may be far ahead of it.
    so_far: SoFar,
    /// All chunks were taken.
    drained: bool,
}

/// The report up to a chunk, and the number of findings.
type SoFar = (GzipReport, usize);

impl Threaded {
    fn next(&mut self) -> Option<Chunk> {
        let Ok((chunk, so_far)) = self.chunks.recv() else {
            self.drained = true;
            return None;
        };
        self.so_far = so_far;
        Some(chunk)
    }

    fn end(self) -> ChunksEnd {
        let Self { chunks, thread, so_far: (report, findings), drained } = self;
        drop(chunks);
        let Ok(mut end) = thread.join() else {
            let message = "internal error while inflating";
            let findings = vec![Finding::damage(Code::Internal, None, message)];
            return ChunksEnd { gzip: None, findings };
        };
        if !drained {
            end.gzip = Some(report);
            end.findings.truncate(findings);
        }
        end
    }
}

impl Chunks {
    /// Read by the thread that takes the chunks.
    pub(crate) fn plain(reader: Box<dyn Read + Send>) -> Self {
        Self::Plain { reader, pool: pool(PLAIN_CHUNK), error: None }
    }

    /// Returns `None` where one thread is as fast.
    pub(crate) fn ahead(source: Arc<dyn ReadAt>) -> Option<Self> {
        let reader = ReadAhead::start(source, pool(PLAIN_CHUNK), room, PLAIN_CHUNK)?;
        Some(Self::Ahead { reader, error: None })
    }

    pub(crate) fn gzip(
        reader: Box<dyn Read + Send>,
        limits: Limits,
        threaded: bool,
    ) -> io::Result<Self> {
        let mut gunzip = Gunzip::new(reader, limits);
        if !threaded {
            return Ok(Self::Gzip { gunzip: Box::new(gunzip), pool: pool(CHUNK), error: None });
        }
        let (send, chunks) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new().name("inflate".into()).spawn(move || {
            let pool = pool(CHUNK);
            let error = send_all(&send, || {
                let chunk = filled(pool.take(), |out| gunzip.fill(out))?;
                Ok(chunk.map(|chunk| (chunk, gunzip.so_far())))
            });
            gzip_end(gunzip, error)
        })?;
        let so_far = SoFar::default();
        Ok(Self::Threaded(Box::new(Threaded { chunks, thread, so_far, drained: false })))
    }

    /// Returns `None` on processors for which another way is better.
    pub(crate) fn parallel(
        source: Arc<dyn ReadAt>,
        limits: Limits,
        threads: usize,
    ) -> Option<Self> {
        let inflater = Box::new(Parallel::start(source, limits, threads)?);
        // More chunks are in flight while they wait to be hashed.
        let pool = BufferPool::new(ROOM + CHUNK, QUEUE + 4 + DEFAULT_WAITING / CHUNK);
        Some(Self::Parallel { inflater, pool })
    }

    /// The next piece, or `None` at the end.
    pub(crate) fn next(&mut self) -> Option<Chunk> {
        match self {
            Self::Threaded(threaded) => threaded.next(),
            Self::Parallel { inflater, pool } => {
                filled(pool.take(), |out| Ok(inflater.fill(out))).ok().flatten()
            }
            Self::Gzip { error: Some(_), .. }
            | Self::Plain { error: Some(_), .. }
            | Self::Ahead { error: Some(_), .. } => None,
            Self::Gzip { gunzip, pool, error } => {
                kept(filled(pool.take(), |out| gunzip.fill(out)), error)
            }
            Self::Plain { reader, pool, error } => {
                kept(filled(pool.take(), |out| read_full(&mut **reader, out)), error)
            }
            Self::Ahead { reader, error } => {
                let next = reader.next();
                kept(next.map(|n| n.map(|(buffer, data)| Chunk { buffer, data })), error)
            }
        }
    }

    /// Returns the queue of bytes to hash. The threads that inflate hash them, or else the thread
    /// that adds bytes.
    pub(crate) fn hashes(&mut self) -> Arc<HashQueue> {
        match self {
            Self::Parallel { inflater, .. } => inflater.hashes(),
            _ => Arc::new(HashQueue::new(0)),
        }
    }

    /// Returns what is known at the end; stops the threads if the end is not reached.
    pub(crate) fn end(self) -> ChunksEnd {
        match self {
            Self::Plain { error, .. } | Self::Ahead { error, .. } => {
                ChunksEnd { gzip: None, findings: error.map(read_error).into_iter().collect() }
            }
            Self::Gzip { gunzip, error, .. } => gzip_end(*gunzip, error),
            Self::Parallel { inflater, .. } => {
                let (report, findings) = inflater.into_report();
                ChunksEnd { gzip: Some(report), findings }
            }
            Self::Threaded(threaded) => threaded.end(),
        }
    }
}

fn pool(chunk: usize) -> BufferPool {
    BufferPool::new(ROOM + chunk, QUEUE + 4)
}

/// Space in a buffer besides the chunk.
const ROOM: usize = HEADROOM + PAGE;

/// The kernel copies a quarter faster to the start of a page.
const PAGE: usize = 4096;

/// The part of a buffer to fill: after the headroom, from the start of a page.
fn room(buffer: &Buffer) -> Range<usize> {
    let bytes = buffer.bytes();
    let start = HEADROOM + bytes.get(HEADROOM..).map_or(0, |room| room.as_ptr().align_offset(PAGE));
    let start = start.min(HEADROOM + PAGE);
    start..bytes.len() + start - HEADROOM - PAGE
}

/// Sends chunks until the end, until the receiver is gone, or until reading fails.
fn send_all(
    send: &SyncSender<(Chunk, SoFar)>,
    mut next: impl FnMut() -> io::Result<Option<(Chunk, SoFar)>>,
) -> Option<io::Error> {
    loop {
        match next() {
            Ok(Some(chunk)) => {
                if send.send(chunk).is_err() {
                    return None;
                }
            }
            Ok(None) => return None,
            Err(e) => return Some(e),
        }
    }
}

/// A chunk that `fill` filled, or `None` at the end.
fn filled(
    mut buffer: Buffer,
    fill: impl FnOnce(&mut [u8]) -> io::Result<usize>,
) -> io::Result<Option<Chunk>> {
    let room = room(&buffer);
    let Some(out) = buffer.bytes_mut().get_mut(room.clone()) else { return Ok(None) };
    let n = fill(out)?;
    Ok((n > 0).then(|| Chunk { buffer, data: room.start..room.start + n }))
}

/// Keeps an error for the end, where it becomes a finding.
fn kept(chunk: io::Result<Option<Chunk>>, error: &mut Option<io::Error>) -> Option<Chunk> {
    chunk.unwrap_or_else(|e| {
        *error = Some(e);
        None
    })
}

fn gzip_end<R: Read>(gunzip: Gunzip<R>, error: Option<io::Error>) -> ChunksEnd {
    let (report, mut findings) = gunzip.into_report();
    findings.extend(error.map(read_error));
    ChunksEnd { gzip: Some(report), findings }
}

fn read_error(e: io::Error) -> Finding {
    Finding::damage(Code::ReadError, None, format!("reading failed: {e}"))
}

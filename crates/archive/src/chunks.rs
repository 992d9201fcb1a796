//! The bytes of a container in large pieces, inflated on a thread of their own.

use crate::finding::Finding;
use crate::gzip::{Gunzip, GzipReport};
use crate::limits::Limits;
use snapscope_decode::{Buffer, BufferPool};
use std::io::{self, Read};
use std::ops::Range;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

/// Bytes a chunk has. It stays in a core's second-level cache from inflating to hashing to
/// walking; a quarter of it was 2 to 5 % slower.
pub(crate) const CHUNK: usize = 1 << 20;

/// Free bytes in front of a chunk: room for the beginning of a record that started in the chunk
/// before, so that most records are joined without another buffer.
pub(crate) const HEADROOM: usize = 64 * 1024;

/// Chunks under way between the threads.
const QUEUE: usize = 4;

/// A piece of the stream.
pub(crate) struct Chunk {
    pub(crate) buffer: Buffer,
    pub(crate) data: Range<usize>,
}

/// What is known when the stream ended.
#[derive(Default)]
pub(crate) struct ChunksEnd {
    pub(crate) gzip: Option<GzipReport>,
    pub(crate) findings: Vec<Finding>,
}

/// A stream in pieces.
pub(crate) enum Chunks {
    /// Read as it is.
    Plain { reader: Box<dyn Read + Send>, pool: BufferPool, error: Option<io::Error> },
    /// Inflated in the reading thread.
    Gzip { gunzip: Box<Gunzip<Box<dyn Read + Send>>>, pool: BufferPool, error: Option<io::Error> },
    /// Inflated on a thread of its own.
    Threaded { chunks: Option<Receiver<Chunk>>, thread: Option<JoinHandle<ChunksEnd>> },
}

impl Chunks {
    pub(crate) fn plain(reader: Box<dyn Read + Send>) -> Self {
        Self::Plain { reader, pool: pool(), error: None }
    }

    pub(crate) fn gzip(
        reader: Box<dyn Read + Send>,
        limits: Limits,
        threaded: bool,
    ) -> io::Result<Self> {
        let gunzip = Gunzip::new(reader, limits);
        if !threaded {
            return Ok(Self::Gzip { gunzip: Box::new(gunzip), pool: pool(), error: None });
        }
        let (send, chunks) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new().name("inflate".into()).spawn(move || {
            let mut gunzip = gunzip;
            let pool = pool();
            let error = loop {
                match gzip_chunk(&mut gunzip, &pool) {
                    Ok(Some(chunk)) => {
                        // Nobody listens any more: reading was stopped early.
                        if send.send(chunk).is_err() {
                            break None;
                        }
                    }
                    Ok(None) => break None,
                    Err(e) => break Some(e),
                }
            };
            gzip_end(gunzip, error)
        })?;
        Ok(Self::Threaded { chunks: Some(chunks), thread: Some(thread) })
    }

    /// The next piece, or `None` at the end.
    pub(crate) fn next(&mut self) -> Option<Chunk> {
        match self {
            Self::Threaded { chunks, .. } => chunks.as_ref()?.recv().ok(),
            Self::Gzip { error: Some(_), .. } | Self::Plain { error: Some(_), .. } => None,
            Self::Gzip { gunzip, pool, error } => gzip_chunk(gunzip, pool).unwrap_or_else(|e| {
                *error = Some(e);
                None
            }),
            Self::Plain { reader, pool, error } => {
                let mut buffer = pool.take();
                let room = buffer.bytes_mut().get_mut(HEADROOM..)?;
                match read_full(reader, room) {
                    Ok(0) => None,
                    Ok(n) => Some(Chunk { buffer, data: HEADROOM..HEADROOM + n }),
                    Err(e) => {
                        *error = Some(e);
                        None
                    }
                }
            }
        }
    }

    /// What is known at the end; stops the threads if it isn't the end yet.
    pub(crate) fn end(self) -> ChunksEnd {
        match self {
            Self::Plain { error, .. } => {
                ChunksEnd { gzip: None, findings: error.map(read_error).into_iter().collect() }
            }
            Self::Gzip { gunzip, error, .. } => gzip_end(*gunzip, error),
            Self::Threaded { chunks, thread } => {
                drop(chunks);
                thread.and_then(|thread| thread.join().ok()).unwrap_or_else(|| {
                    let message = "inflating ended in an error of ours";
                    let findings = vec![Finding::damage("internal", None, message)];
                    ChunksEnd { gzip: None, findings }
                })
            }
        }
    }
}

fn pool() -> BufferPool {
    BufferPool::new(HEADROOM + CHUNK, QUEUE + 4)
}

fn gzip_chunk<R: Read>(gunzip: &mut Gunzip<R>, pool: &BufferPool) -> io::Result<Option<Chunk>> {
    let mut buffer = pool.take();
    let Some(room) = buffer.bytes_mut().get_mut(HEADROOM..) else { return Ok(None) };
    let n = gunzip.fill(room)?;
    Ok((n > 0).then(|| Chunk { buffer, data: HEADROOM..HEADROOM + n }))
}

fn gzip_end<R: Read>(gunzip: Gunzip<R>, error: Option<io::Error>) -> ChunksEnd {
    let (report, mut findings) = gunzip.into_report();
    findings.extend(error.map(read_error));
    ChunksEnd { gzip: Some(report), findings }
}

fn read_error(e: io::Error) -> Finding {
    Finding::damage("read-error", None, format!("reading failed: {e}"))
}

/// Reads until `out` is full or the end.
fn read_full(reader: &mut dyn Read, out: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < out.len() {
        match reader.read(&mut out[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

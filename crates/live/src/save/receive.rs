//! Receives a snapshot into a file and verifies it at the same time.

use super::growing::Interest;
use super::intact::objection;
use super::pipe::{Sender, pipe};
use super::write::Writer;
use crate::client::{ClientError, Download, SnapshotHeaders};
use bytes::Bytes;
use snapscope_analyze::{Fold, Jobs, Outcome, fold};
use snapscope_archive::{OpenError, OpenOptions, Source, Stream, open};
use snapscope_staged::{StageError, StagedFile};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The progress of a download.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Number of bytes received.
    pub received: Arc<AtomicU64>,
}

/// A complete and verified snapshot.
#[derive(Debug, Clone)]
pub struct Received<T> {
    /// The server's description.
    pub headers: SnapshotHeaders,
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 of the file, in hex, if there is a file.
    pub sha256: Option<String>,
    /// The answer to the question, and what is known about the container.
    pub outcome: Outcome<T>,
}

/// Why saving failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// The server cannot be reached, refuses, or stopped midway.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The file cannot be written.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The download is complete, but is not an intact snapshot.
    #[error(
        "the server did not send a whole snapshot ({bytes} bytes), so nothing was saved: {what}; \
         try again, and if it fails again check the server's log and its TMPDIR, where it creates \
         snapshots"
    )]
    Damaged {
        /// Number of bytes received.
        bytes: u64,
        /// What is wrong.
        what: String,
    },
    /// Verifying could not even begin.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A thread ended unexpectedly.
    #[error("internal error while verifying: {0}")]
    Internal(std::io::Error),
}

/// Receives a snapshot into `staged`'s file (or only reads it, without one) while a question is
/// asked about its records. It counts as received only if it is verified: gzip and tar are
/// complete, the hashes match, every record is intact.
///
/// # Errors
/// [`SaveError`]; the file then contains the data received so far.
pub async fn receive<F>(
    mut download: Download,
    staged: Option<&StagedFile>,
    jobs: Jobs,
    new: impl Fn() -> F + Send + Sync + 'static,
    progress: &Progress,
) -> Result<Received<F::Out>, SaveError>
where
    F: Fold + 'static,
    F::Out: Send + 'static,
{
    let headers = download.headers().clone();
    let path = staged.map_or(Path::new(""), StagedFile::target);
    let mut interest = None;
    let (source, taker) = match staged {
        Some(staged) => {
            let (writer, growing) =
                Writer::start(staged.file()).map_err(|e| StageError::io(path)(e))?;
            interest = Some(Interest(Arc::clone(&growing)));
            (Stream::at(NAME, growing), Taker::Writer(writer))
        }
        None => {
            let (send, reader) = pipe();
            (Stream::new(NAME, reader), Taker::Pipe(send))
        }
    };
    let verifier = tokio::task::spawn_blocking(move || {
        let source = Source::Stream(source);
        let options = OpenOptions { threads: jobs.0.get(), ..OpenOptions::default() };
        Ok::<_, OpenError>(fold(open(&source, &options)?, jobs, new))
    });
    let moved = pass_on(&mut download, &taker, || verifier.is_finished(), progress).await;
    if moved.is_err() {
        // The download is incomplete, so the rest need not be checked.
        drop(interest.take());
    }
    let written = taker.finish(&moved).await;
    let outcome = verifier.await.map_err(|e| SaveError::Internal(std::io::Error::other(e)))?;
    let written = written.map_err(StageError::io(path))?;
    if let Err(Stop::Server(e)) = moved {
        return Err(e.into());
    }
    let outcome = outcome?;
    let bytes = download.received();
    if let Some(what) = objection(&outcome) {
        return Err(SaveError::Damaged { bytes, what });
    }
    Ok(Received { headers, bytes, sha256: written, outcome })
}

/// The name of the input in the verifier.
const NAME: &str = "the download";

/// The receiver of the chunks.
enum Taker {
    /// Writes and hashes. The verifier reads the written data.
    Writer(Writer),
    /// The verifier itself.
    Pipe(Sender),
}

impl Taker {
    /// Passes a chunk on; false if the receiver is gone.
    async fn chunk(&self, chunk: Bytes) -> bool {
        match self {
            Self::Writer(writer) => writer.chunk(chunk).await,
            Self::Pipe(verifier) => verifier.send(Ok(chunk)).await.is_ok(),
        }
    }

    /// Ends the stream; returns the SHA-256 of the written bytes.
    async fn finish(self, moved: &Result<(), Stop>) -> std::io::Result<Option<String>> {
        match self {
            Self::Writer(writer) => writer.finish().await.map(Some),
            Self::Pipe(verifier) => {
                if let Err(Stop::Server(e)) = moved {
                    // The verifier must not treat this as the end.
                    let _ = verifier.send(Err(e.to_string())).await;
                }
                Ok(None)
            }
        }
    }
}

/// Why the stream ended early.
enum Stop {
    /// The server stopped, for this reason.
    Server(ClientError),
    /// The writer failed, or the verifier found that it is not a snapshot.
    Here,
}

async fn pass_on(
    download: &mut Download,
    taker: &Taker,
    is_verified: impl Fn() -> bool,
    progress: &Progress,
) -> Result<(), Stop> {
    while let Some(chunk) = download.chunk().await.map_err(Stop::Server)? {
        progress.received.store(download.received(), Ordering::Relaxed);
        // The verifier reads an intact snapshot to its last byte.
        if is_verified() || !taker.chunk(chunk).await {
            return Err(Stop::Here);
        }
    }
    Ok(())
}

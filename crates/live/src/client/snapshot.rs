//! `/v1/snapshot`: the stream down, the stream up.

use super::Client;
use super::error::ClientError;
use super::request::{Query, Request};
use bytes::Bytes;
use futures_util::stream;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use reqwest::{Body, Method, Response};
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

/// The server's description of the snapshot that it sends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SnapshotHeaders {
    /// The Raft index at which it was taken.
    pub index: Option<u64>,
    /// Whether the server that answered knew a leader.
    pub known_leader: Option<bool>,
    /// Time since that server last heard from the leader; zero if it is the leader.
    pub last_contact: Option<Duration>,
    /// Expected size, if the server sends it.
    pub length: Option<u64>,
}

impl SnapshotHeaders {
    fn read(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            index: text("X-Consul-Index").and_then(|v| v.parse().ok()),
            known_leader: text("X-Consul-KnownLeader").and_then(|v| v.parse().ok()),
            last_contact: text("X-Consul-LastContact")
                .and_then(|v| v.parse().ok())
                .map(Duration::from_millis),
            length: text("Content-Length").and_then(|v| v.parse().ok()),
        }
    }
}

/// A running download.
#[derive(Debug)]
pub struct Download {
    client: Client,
    response: Response,
    headers: SnapshotHeaders,
    received: u64,
}

const PATH: &str = "v1/snapshot";

impl Client {
    /// Requests a snapshot. Retried until the first byte; [`Download::chunk`] returns the bytes.
    ///
    /// # Errors
    /// As for every request; 500 without a leader if the client does not accept a stale answer.
    pub async fn download_snapshot(&self) -> Result<Download, ClientError> {
        let mut query = Query::default();
        if self.stale {
            query = query.flag("stale");
        }
        let request = Request::get(PATH, query).waiting(self.idle_timeout);
        let response = self.send(&request).await?;
        let headers = SnapshotHeaders::read(response.headers());
        Ok(Download { client: self.clone(), response, headers, received: 0 })
    }

    /// Sends a snapshot to restore. `size` is the number of bytes in `from`; `sent` counts them.
    /// Returns once the servers have accepted it.
    ///
    /// # Errors
    /// As for every request. Never sent again: unless there was no connection at all, the caller
    /// has to find out what happened.
    pub async fn upload_snapshot(
        &self,
        from: impl Read + Send + 'static,
        size: u64,
        sent: Arc<AtomicU64>,
    ) -> Result<(), ClientError> {
        let doing = "taking the snapshot";
        let (chunks, mut queue) = mpsc::channel::<std::io::Result<Bytes>>(4);
        let reading = tokio::task::spawn_blocking(move || read_into(from, &chunks));
        let counter = Arc::clone(&sent);
        let body = stream::poll_fn(move |context| {
            let next = queue.poll_recv(context);
            if let std::task::Poll::Ready(Some(Ok(chunk))) = &next {
                counter.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            }
            next
        });
        let answer = self
            .builder(Method::PUT, PATH, &Query::default())?
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, size)
            .body(Body::wrap_stream(body))
            .send();
        let response = self.while_moving(&sent, doing, answer).await;
        reading.abort();
        let response = response?.map_err(|e| self.failed(e, doing))?;
        self.good(&Method::PUT, PATH, response).await.map(drop)
    }

    /// Waits while bytes are sent, and then for the idle timeout.
    async fn while_moving<T>(
        &self,
        sent: &AtomicU64,
        doing: &str,
        wait: impl Future<Output = T>,
    ) -> Result<T, ClientError> {
        let mut wait = std::pin::pin!(wait);
        loop {
            let before = sent.load(Ordering::Relaxed);
            match self.within(self.idle_timeout, doing, &mut wait).await {
                Ok(done) => return Ok(done),
                Err(e) if sent.load(Ordering::Relaxed) == before => return Err(e),
                Err(_) => {}
            }
        }
    }
}

impl Download {
    /// The server's description.
    #[must_use]
    pub const fn headers(&self) -> &SnapshotHeaders {
        &self.headers
    }

    /// Number of bytes received so far.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// Returns the next bytes; `None` at the end of the server's answer.
    ///
    /// # Errors
    /// [`ClientError::Cut`] and [`ClientError::Silent`]. Only its own checksums show whether the
    /// content is complete.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ClientError> {
        let doing = format!("sending the snapshot, after {} bytes", self.received);
        let waiting = self.response.chunk();
        let chunk = self.client.within(self.client.idle_timeout, &doing, waiting).await?;
        let chunk = chunk.map_err(|e| self.client.failed(e, &doing))?;
        if let Some(chunk) = &chunk {
            self.received += chunk.len() as u64;
        }
        Ok(chunk)
    }
}

/// Size of each piece sent.
const PIECE: usize = 256 << 10;

fn read_into(mut from: impl Read, chunks: &mpsc::Sender<std::io::Result<Bytes>>) {
    loop {
        let mut piece = vec![0; PIECE];
        let next = match from.read(&mut piece) {
            Ok(0) => return,
            Ok(n) => {
                piece.truncate(n);
                Ok(Bytes::from(piece))
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => Err(e),
        };
        let ended = next.is_err();
        // After a failed request the receiver is gone.
        if chunks.blocking_send(next).is_err() || ended {
            return;
        }
    }
}

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

/// What a server says about the snapshot it sends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SnapshotHeaders {
    /// The Raft index it was taken at.
    pub index: Option<u64>,
    /// Whether the server that answered knew a leader.
    pub known_leader: Option<bool>,
    /// How long that server had not heard of the leader; zero if it is the leader.
    pub last_contact: Option<Duration>,
    /// Bytes to come, if the server says.
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

/// A snapshot on its way down.
#[derive(Debug)]
pub struct Download {
    client: Client,
    response: Response,
    headers: SnapshotHeaders,
    received: u64,
}

const PATH: &str = "v1/snapshot";

impl Client {
    /// Asks for a snapshot. Sent again while nothing of it was received; the bytes come by
    /// [`Download::chunk`].
    ///
    /// # Errors
    /// As every request; 500 when there is no leader and the client is not to take a stale one.
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

    /// Sends a snapshot for the cluster to become what it holds. `size` is how many bytes `from`
    /// will give; `sent` counts them as they go. Answers when the servers have taken it over.
    ///
    /// # Errors
    /// As every request. Never sent again: unless there was no connection at all, who gets an error
    /// has to look what became of it.
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

    /// Waits for as long as bytes are sent, and then for the idle timeout.
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
    /// What the server says about it.
    #[must_use]
    pub const fn headers(&self) -> &SnapshotHeaders {
        &self.headers
    }

    /// Bytes that came so far.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// The next bytes; `None` when the server says that these were all.
    ///
    /// # Errors
    /// [`ClientError::Cut`] and [`ClientError::Silent`]. Whether the content is whole only its own
    /// checksums tell.
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

/// Bytes of a piece that is sent.
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
        // Nobody listens any more when the request has failed.
        if chunks.blocking_send(next).is_err() || ended {
            return;
        }
    }
}

//! `/metrics` and `/healthz`, over a minimal HTTP server: one request per connection.

use super::metrics::{Health, Metrics};
use super::run::AgentError;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// Maximum size of a request's head.
const HEAD_LIMIT: usize = 8 << 10;
/// Maximum time for a request's head to arrive.
const HEAD_PATIENCE: Duration = Duration::from_secs(2);
/// How long a connection may last.
const PATIENCE: Duration = Duration::from_secs(5);
/// Maximum number of connections. Beyond that, those that have been silent longest are closed.
const AT_ONCE: usize = 128;

/// Serves until it is dropped, at an address or not at all.
#[derive(Default)]
pub(super) struct Server {
    address: Option<SocketAddr>,
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// Changes the address.
    pub(super) async fn move_to(
        &mut self,
        address: Option<SocketAddr>,
        metrics: &Arc<Metrics>,
    ) -> Result<(), AgentError> {
        if self.address == address {
            return Ok(());
        }
        self.stop();
        if let Some(address) = address {
            let listener = TcpListener::bind(address)
                .await
                .map_err(|error| AgentError::Metrics { address, error })?;
            self.task = Some(tokio::spawn(serve(listener, Arc::clone(metrics))));
        }
        self.address = address;
        Ok(())
    }

    fn stop(&mut self) {
        self.address = None;
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn serve(listener: TcpListener, metrics: Arc<Metrics>) {
    let mut served = Served::default();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                served.make_room();
                let metrics = Arc::clone(&metrics);
                let is_heard = Arc::new(AtomicBool::new(false));
                let heard = Arc::clone(&is_heard);
                let task = tokio::spawn(async move {
                    // A client that disconnects early misses the answer.
                    let _ = timeout(PATIENCE, answer(stream, &metrics, &heard)).await;
                });
                served.0.push_back((task, is_heard));
            }
            // Probably out of file descriptors, which may pass.
            Err(_) => sleep(Duration::from_millis(200)).await,
        }
    }
}

/// The open connections, oldest first, each with whether its request has arrived.
#[derive(Default)]
struct Served(VecDeque<(JoinHandle<()>, Arc<AtomicBool>)>);

impl Served {
    /// Drops finished ones, and closes one if there are too many: the oldest silent one, or the
    /// oldest.
    fn make_room(&mut self) {
        self.0.retain(|(task, _)| !task.is_finished());
        if self.0.len() < AT_ONCE {
            return;
        }
        let silent = self.0.iter().position(|(_, is_heard)| !is_heard.load(Ordering::Relaxed));
        if let Some((task, _)) = self.0.remove(silent.unwrap_or(0)) {
            task.abort();
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        for (task, _) in &self.0 {
            task.abort();
        }
    }
}

async fn read_head(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|w| w == b"\r\n\r\n") && head.len() < HEAD_LIMIT {
        if stream.read_buf(&mut head).await? == 0 {
            break;
        }
    }
    Ok(head)
}

async fn answer(
    mut stream: TcpStream,
    metrics: &Metrics,
    is_heard: &AtomicBool,
) -> std::io::Result<()> {
    let head = timeout(HEAD_PATIENCE, read_head(&mut stream)).await??;
    is_heard.store(true, Ordering::Relaxed);
    let head = String::from_utf8_lossy(&head);
    let mut words = head.split_ascii_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = path.split('?').next().unwrap_or_default();
    let (status, kind, body) = match (method, path) {
        ("GET" | "HEAD", "/metrics") => {
            ("200 OK", "text/plain; version=0.0.4; charset=utf-8", metrics.render())
        }
        ("GET" | "HEAD", "/healthz") => match metrics.health() {
            Health::Good(said) => ("200 OK", "text/plain", said + "\n"),
            Health::Bad(said) => ("503 Service Unavailable", "text/plain", said + "\n"),
        },
        ("GET" | "HEAD", _) => {
            ("404 Not Found", "text/plain", "known paths: /metrics and /healthz\n".to_owned())
        }
        _ => ("405 Method Not Allowed", "text/plain", "only GET\n".to_owned()),
    };
    let length = body.len();
    let body = if method == "HEAD" { String::new() } else { body };
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await
}

//! `/metrics` and `/healthz`, over as much HTTP as that takes: one request a connection.

use super::AgentError;
use super::metrics::{Health, Metrics};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// Bytes of a request's head that are read at most.
const HEAD_LIMIT: usize = 8 << 10;
/// How long a connection may last.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections served at once; more have to wait.
const AT_ONCE: usize = 16;

/// Serves until it is dropped, at an address or nowhere.
#[derive(Default)]
pub(super) struct Server {
    address: Option<SocketAddr>,
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves there from now on, and nowhere else.
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
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let metrics = Arc::clone(&metrics);
                tokio::spawn(async move {
                    // Who goes away early misses the answer, that is all.
                    let _ = timeout(PATIENCE, answer(stream, &metrics)).await;
                    drop(place);
                });
            }
            // Out of file descriptors, most likely: it may pass.
            Err(_) => sleep(Duration::from_millis(200)).await,
        }
    }
}

async fn answer(mut stream: TcpStream, metrics: &Metrics) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|w| w == b"\r\n\r\n") && head.len() < HEAD_LIMIT {
        if stream.read_buf(&mut head).await? == 0 {
            break;
        }
    }
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
            ("404 Not Found", "text/plain", "there are /metrics and /healthz\n".to_owned())
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

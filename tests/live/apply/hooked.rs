//! A proxy that shows each request to a test, which decides what happens to it.

use crate::live::proxy::request;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// What happens to a request.
pub(super) enum Fate {
    /// The server answers it.
    Pass,
    /// The server does not see it; this is the answer, with its status.
    Answer(&'static str, &'static str),
    /// The connection ends before the server receives it.
    CutBefore,
    /// The server receives it, but its answer is lost.
    CutAfter,
}

/// Decides by the first line and the whole request.
pub(super) type Hook = Box<dyn Fn(&str, &[u8]) -> Fate + Send + Sync>;

pub(super) struct Hooked {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Hooked {
    pub(super) fn start(upstream: SocketAddr, hook: Hook) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, hook) = (stop.clone(), Arc::new(hook));
        let thread = std::thread::spawn(move || {
            for client in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(client), hook) = (client, hook.clone()) else { continue };
                std::thread::spawn(move || {
                    // Broken connections on this side do not matter.
                    let _ = serve(client, upstream, &hook);
                });
            }
        });
        Self { address, stop, thread: Some(thread) }
    }

    pub(super) fn address(&self) -> String {
        self.address.to_string()
    }
}

impl Drop for Hooked {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(mut client: TcpStream, upstream: SocketAddr, hook: &Hook) -> std::io::Result<()> {
    let request = request(&mut client)?;
    let Some(end) = request.windows(4).position(|w| w == b"\r\n\r\n") else { return Ok(()) };
    let head = String::from_utf8_lossy(&request[..end]).into_owned();
    let fate = hook(head.lines().next().unwrap_or(""), &request);
    match fate {
        Fate::Answer(status, body) => {
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            client.write_all(answer.as_bytes())?;
            return client.shutdown(Shutdown::Write);
        }
        Fate::CutBefore => return client.shutdown(Shutdown::Both),
        Fate::Pass | Fate::CutAfter => {}
    }
    let mut server = TcpStream::connect(upstream)?;
    server.set_read_timeout(Some(Duration::from_secs(30)))?;
    // One request per connection, so the answer ends with the connection.
    server.write_all(&[&request[..end], b"\r\nConnection: close", &request[end..]].concat())?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    if matches!(fate, Fate::Pass) {
        client.write_all(&answer)?;
    }
    client.shutdown(Shutdown::Both)
}

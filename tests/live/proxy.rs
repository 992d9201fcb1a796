//! A TCP proxy before a server that treats connections as networks do.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What happens to a connection.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// Nothing.
    None,
    /// The server does not know the path.
    Lacks(&'static str),
    /// The server's answer ends after this number of millionths.
    Cut(u64),
    /// The connection stays open, but nothing follows after this number of bytes of the answer.
    Stall(usize),
    /// The server does not see the request; this is the answer.
    Answer(Vec<u8>),
}

/// Removes its faults one by one: the first is for the first connection, and the last one stays.
pub(super) struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    pub(super) fn start(upstream: SocketAddr, faults: Vec<Fault>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let stop = Arc::new(AtomicBool::new(false));
        let (seen, count, stopped) = (heads.clone(), connections.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            for client in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(client) = client else { continue };
                let at = count.fetch_add(1, Ordering::Relaxed);
                let fault = faults[at.min(faults.len() - 1)].clone();
                let (seen, stopped) = (seen.clone(), stopped.clone());
                std::thread::spawn(move || {
                    // Broken connections on this side do not matter.
                    let _ = serve(client, upstream, &fault, &seen, &stopped);
                });
            }
        });
        Self { address, heads, connections, stop, thread: Some(thread) }
    }

    pub(super) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Number of connections so far.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// The heads of the received requests.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An HTTP answer of that status and body.
pub(super) fn answer(status: &str, body: &[u8]) -> Fault {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
    Fault::Answer([head.as_bytes(), body].concat())
}

fn serve(
    mut client: TcpStream,
    upstream: SocketAddr,
    fault: &Fault,
    heads: &Mutex<Vec<String>>,
    stopped: &AtomicBool,
) -> std::io::Result<()> {
    let request = request(&mut client)?;
    let end = request.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(request.len());
    heads.lock().unwrap().push(String::from_utf8_lossy(&request[..end]).into_owned());
    if let Fault::Answer(answer) = fault {
        client.write_all(answer)?;
        return client.shutdown(Shutdown::Write);
    }
    if let Fault::Lacks(path) = fault
        && String::from_utf8_lossy(&request[..end]).contains(path)
    {
        client.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")?;
        return client.shutdown(Shutdown::Write);
    }
    let mut server = TcpStream::connect(upstream)?;
    server.set_read_timeout(Some(Duration::from_secs(30)))?;
    // One request per connection, so the answer ends with the connection.
    let text = [&request[..end], b"\r\nConnection: close", &request[end..]].concat();
    server.write_all(&text)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    let keep = match fault {
        Fault::Cut(part) => answer.len() * *part as usize / 1_000_000,
        Fault::Stall(bytes) => (*bytes).min(answer.len() - 1),
        Fault::None | Fault::Answer(_) | Fault::Lacks(_) => answer.len(),
    };
    client.write_all(&answer[..keep])?;
    while matches!(fault, Fault::Stall(_)) && !stopped.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(20));
    }
    client.shutdown(Shutdown::Both)
}

/// A whole request: its head, and as many bytes as it announces.
pub(super) fn request(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    client.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut bytes = Vec::new();
    let mut piece = [0; 64 << 10];
    loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|l| l.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |text| text.trim().parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return Ok(bytes);
            }
        }
        let n = client.read(&mut piece)?;
        if n == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(&piece[..n]);
    }
}

//! A client that sees the bytes of an answer.

use crate::recording::Request;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// An answer as received.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names as on the wire.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) ms: f64,
}

/// Keeps a connection open.
pub(crate) struct Client {
    to: SocketAddr,
    open: Option<BufReader<TcpStream>>,
}

impl Client {
    pub(crate) fn new(to: SocketAddr) -> Self {
        Self { to, open: None }
    }

    pub(crate) fn ask(&mut self, request: &Request) -> io::Result<Answer> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => {
                let stream = TcpStream::connect(self.to)?;
                stream.set_read_timeout(Some(Duration::from_secs(60)))?;
                stream.set_nodelay(true)?;
                BufReader::new(stream)
            }
        };
        let started = Instant::now();
        let mut head =
            format!("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.path, self.to);
        if let Some(secret) = &request.secret {
            head.push_str(&format!("X-Consul-Token: {secret}\r\n"));
        }
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !request.body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", request.body.len()));
        }
        let sent = format!("{head}\r\n{}", request.body);
        open.get_mut().write_all(sent.as_bytes())?;
        let (answer, stays) = read(&mut open, request.method == "HEAD", started)?;
        self.open = stays.then_some(open);
        Ok(answer)
    }
}

fn read(
    open: &mut BufReader<TcpStream>,
    no_body: bool,
    started: Instant,
) -> io::Result<(Answer, bool)> {
    let broken = || io::Error::other("not HTTP");
    let mut line = String::new();
    open.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(broken)?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        open.read_line(&mut line)?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(broken)?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let header = |name: &str| {
        headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    };
    let mut body = Vec::new();
    if no_body {
    } else if let Some(length) = header("content-length") {
        body = vec![0; length.parse().map_err(|_| broken())?];
        open.read_exact(&mut body)?;
    } else if header("transfer-encoding") == Some("chunked") {
        loop {
            let mut line = String::new();
            open.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim(), 16).map_err(|_| broken())?;
            let mut chunk = vec![0; size + 2];
            open.read_exact(&mut chunk)?;
            chunk.truncate(size);
            body.append(&mut chunk);
            if size == 0 {
                break;
            }
        }
    }
    let stays = header("connection") != Some("close");
    let has_length = header("content-length").is_some() || header("transfer-encoding").is_some();
    if !no_body && !stays && !has_length {
        open.read_to_end(&mut body)?;
    }
    let ms = started.elapsed().as_secs_f64() * 1000.0;
    Ok((Answer { status, headers, body, ms }, stays))
}

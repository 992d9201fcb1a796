//! A minimal HTTP/1.1 client for a Consul server on loopback: one request per connection, bounded waits, no TLS.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a request may wait for bytes. Restoring a large snapshot takes long without an answer.
const PATIENCE: Duration = Duration::from_secs(180);

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The head, in lower case.
    pub head: String,
    /// The body, chunks joined.
    pub body: Vec<u8>,
}

impl Response {
    /// The value of a header, in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let name = name.to_ascii_lowercase();
        let mut lines = self.head.lines();
        lines.find_map(|l| l.strip_prefix(&name)?.strip_prefix(':')).map(str::trim)
    }

    /// The body, or the error from the server.
    ///
    /// # Errors
    /// If the status is not 2xx.
    pub fn ok(self) -> Result<Vec<u8>, String> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        Err(format!("status {}: {}", self.status, String::from_utf8_lossy(&self.body).trim()))
    }
}

/// Sends one request and reads the whole answer.
///
/// # Errors
/// If the connection fails or the answer is not HTTP.
pub fn request(
    to: SocketAddr,
    method: &str,
    path: &str,
    token: &str,
    body: &[u8],
) -> io::Result<Response> {
    let mut stream = TcpStream::connect_timeout(&to, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {to}\r\nX-Consul-Token: {token}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    parse(&answer)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP"))
}

pub(crate) fn parse(answer: &[u8]) -> Option<Response> {
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let rest = &answer[end + 4..];
    let mut response = Response { status, body: Vec::new(), head };
    response.body = if response.header("transfer-encoding") == Some("chunked") {
        join_chunks(rest)?
    } else if let Some(length) = response.header("content-length") {
        rest.get(..length.parse().ok()?)?.to_vec()
    } else {
        rest.to_vec()
    };
    Some(response)
}

fn join_chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|w| w == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[line + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

/// Percent-encodes every byte that is not allowed in a URL path; slashes stay.
#[must_use]
pub fn percent_encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(*byte as char)
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let plain = parse(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").unwrap();
        assert_eq!((plain.status, plain.body.as_slice()), (200, &b"hi"[..]));
        assert_eq!((plain.header("Content-Length"), plain.header("Content")), (Some("2"), None));
        let chunked = parse(b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3;x\r\n yo\r\n0\r\n\r\n").unwrap();
        assert_eq!(chunked.body, b"hi yo");
        assert!(chunked.ok().unwrap_err().contains("404"));
        // An interrupted connection must not look like a complete answer.
        assert!(parse(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi").is_none());
        assert!(parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi").is_none());
    }

    #[test]
    fn encoded_keys() {
        assert_eq!(percent_encode(b"a//b c\n\xff%"), "a//b%20c%0A%FF%25");
    }
}

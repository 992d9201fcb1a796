//! A server whose page is tested.

use crate::support::binary;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

/// A server with its page, which ends when it is dropped.
pub(super) struct Serving {
    child: Child,
    pub(super) origin: String,
    /// The address that opens the page once.
    pub(super) page: String,
}

impl Serving {
    pub(super) fn start(args: &[&str]) -> Self {
        let mut command = binary();
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut line = |start: &str| {
            let line = lines.next().expect("the server starts").unwrap();
            line.strip_prefix(start).unwrap_or_else(|| panic!("{line}")).to_owned()
        };
        let origin = line("Listening on ");
        let page = line("Page: ");
        Self { child, origin, page }
    }

    /// A request as browsers send it.
    pub(super) fn get(&self, path: &str, cookie: Option<&str>) -> (u16, String) {
        let cookie = cookie.map_or_else(String::new, |cookie| format!("Cookie: {cookie}\r\n"));
        self.ask("GET", path, &format!("{cookie}Accept: text/html,*/*;q=0.8\r\n"), "")
    }

    pub(super) fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        let address = self.origin.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        (text.split(' ').nth(1).unwrap().parse().unwrap(), text)
    }

    /// Opens the page and returns the cookie.
    pub(super) fn enter(&self) -> String {
        let (_, opened) = self.get(self.page.strip_prefix(&self.origin).unwrap(), None);
        let is_cookie = |line: &&str| line.to_ascii_lowercase().starts_with("set-cookie");
        let header = opened.lines().find(is_cookie).unwrap();
        header.split_once(": ").unwrap().1.split(';').next().unwrap().to_owned()
    }

    /// Data of the page.
    pub(super) fn data(&self, what: &str, cookie: &str) -> (u16, Value) {
        let (status, answer) = self.get(&format!("/ui/data/{what}"), Some(cookie));
        (status, serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap())
    }

    /// Enters a token for a snapshot; returns the status.
    pub(super) fn give(&self, at: &str, secret: &str, cookie: &str) -> u16 {
        let cookie = format!("Cookie: {cookie}\r\n");
        let (status, text) = self.ask("POST", &format!("/ui/data/token?at={at}"), &cookie, secret);
        assert!(secret.is_empty() || !text.contains(secret));
        status
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

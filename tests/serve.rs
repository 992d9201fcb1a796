//! `serve`: the server as a process.

#[path = "serve/load.rs"]
mod load;

use crate::support::{binary, write};
use snapscope_testkit::SnapshotSpec;
use snapscope_testkit::http::{Response, request};
use snapscope_testkit::{fixtures, records};
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server, which is killed if a test fails.
struct Serving {
    child: Child,
    address: SocketAddr,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    fn start(file: &Path, args: &[&str]) -> Self {
        Self::listen(file, "127.0.0.1:0", args)
    }

    fn listen(file: &Path, address: &str, args: &[&str]) -> Self {
        let mut command = binary();
        command.arg("serve").arg(file).args(["--listen", address]).args(args);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim().strip_prefix("Listening on http://").expect(&line).parse().unwrap();
        Self { child, address }
    }

    fn get(&self, path: &str, token: &str) -> Response {
        request(self.address, "GET", path, token, b"").unwrap()
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// Ends it like a service manager; returns its exit code and output.
    fn end(mut self) -> (i32, String) {
        let started = Instant::now();
        self.signal("-TERM");
        let status = self.child.wait().unwrap();
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (status.code().expect("it ended by itself"), said)
    }
}

fn recorded(version: &str) -> PathBuf {
    fixtures::root().join(format!("api-answers/consul-{version}/small-a.snap"))
}

/// The management token of both recordings.
const MANAGEMENT: &str = "e88b7591-31db-4e32-98dc-b35f94c662cd";

#[test]
fn keys_are_read_by_the_rights_of_tokens() {
    let serving = Serving::start(&recorded("1.21.4"), &[]);
    let counter = serving.get("/v1/kv/counter?raw", MANAGEMENT);
    assert_eq!((counter.status, counter.body.as_slice()), (200, &b"4"[..]));
    assert!(counter.header("X-Snapscope-Snapshot").is_some());
    assert_eq!(counter.header("X-Snapscope-Incomplete"), None);
    let unknown = "deadbeef-0000-4000-8000-00000000beef";
    assert_eq!(serving.get("/v1/kv/counter", unknown).status, 403);
    let refused = request(serving.address, "PUT", "/v1/kv/counter", MANAGEMENT, b"5").unwrap();
    assert_eq!(refused.status, 403);
    assert_eq!(refused.body, b"snapscope serves a snapshot: read-only");
    let (code, said) = serving.end();
    assert_eq!(code, 0, "{said}");
    for secret in [MANAGEMENT, unknown] {
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn others_are_served_beside_and_replaced_on_hang_up() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("now.snap");
    std::fs::copy(recorded("1.21.4"), &file).unwrap();
    let also = format!("old={}", recorded("1.8.7").display());
    let serving = Serving::start(&file, &["--also", &also]);
    let index = |serving: &Serving, path: &str| {
        let response = serving.get(path, MANAGEMENT);
        response.header("X-Consul-Index").map(str::to_owned)
    };
    assert_eq!(index(&serving, "/v1/acl/tokens").as_deref(), Some("750"));
    assert_eq!(index(&serving, "/at/old/v1/acl/tokens").as_deref(), Some("687"));
    assert_eq!(serving.get("/at/none/v1/acl/tokens", MANAGEMENT).status, 404);
    let moved = serving.get("/at/old/v1/kv", MANAGEMENT);
    assert_eq!((moved.status, moved.header("Location")), (301, Some("/at/old/v1/kv/")));

    std::fs::copy(recorded("1.8.7"), dir.path().join("new.snap")).unwrap();
    std::fs::rename(dir.path().join("new.snap"), &file).unwrap();
    serving.signal("-HUP");
    let begun = Instant::now();
    while index(&serving, "/v1/acl/tokens").as_deref() != Some("687") {
        assert!(begun.elapsed() < Duration::from_secs(30), "the new file is not served");
        std::thread::sleep(Duration::from_millis(50));
    }
    // An unreadable file replaces nothing.
    std::fs::remove_file(&file).unwrap();
    serving.signal("-HUP");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(index(&serving, "/v1/acl/tokens").as_deref(), Some("687"));
    let (code, said) = serving.end();
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("the old snapshot is still served"), "{said}");
}

#[test]
fn a_damaged_snapshot_is_served_as_far_as_it_goes() {
    let whole = std::fs::read(recorded("1.21.4")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "cut.snap", &whole[..whole.len() * 3 / 4]);
    let serving = Serving::start(&file, &["--no-acl"]);
    let sessions = serving.get("/v1/session/list", "");
    assert_eq!(sessions.status, 200);
    assert_eq!(sessions.header("X-Snapscope-Incomplete"), Some("true"));
    let (code, said) = serving.end();
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("damaged"), "{said}");
}

/// What comes after the damage may have been tokens.
#[test]
fn a_damaged_snapshot_without_tokens_is_open_to_nobody() {
    let key = |n: u64| records::kv::entry(format!("app/{n}").as_bytes(), b"one", 0, n + 1);
    let whole = SnapshotSpec::new((0..500).map(key).collect()).snap();
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "cut.snap", &whole[..whole.len() - 12]);
    for (args, is_open) in [(&[][..], false), (&["--no-acl"], true)] {
        let serving = Serving::start(&file, args);
        for token in ["", MANAGEMENT] {
            let keys = serving.get("/v1/kv/?keys", token);
            let says = String::from_utf8_lossy(&keys.body).into_owned();
            assert_eq!(says.contains("app/7"), is_open, "{args:?}: {} {says}", keys.status);
        }
        let (code, said) = serving.end();
        assert_eq!(code, 3, "{said}");
        assert_eq!(said.contains("which may have been lost"), !is_open, "{said}");
    }
    let whole = write(dir.path(), "whole.snap", &whole);
    let serving = Serving::start(&whole, &[]);
    assert_eq!(serving.get("/v1/kv/app/7", "").status, 200);
}

#[test]
fn what_is_unsafe_is_refused() {
    let file = recorded("1.21.4");
    let refused = |args: &[&str]| {
        let output = binary().arg("serve").arg(&file).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&["--listen", "0.0.0.0:0"]).contains("--allow-plain-remote"));
    let open = refused(&["--listen", "0.0.0.0:0", "--allow-plain-remote", "--no-acl"]);
    assert!(open.contains("would let everybody read everything"), "{open}");
    assert!(refused(&["--also", "../x=y"]).contains("NAME"));
    assert!(refused(&["--also", "missing"]).contains("NAME=FILE"));
}

/// A key that is not text, and one that is HTML, are returned unchanged.
#[test]
fn hostile_names_come_back_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let keys = vec![
        records::kv::entry(b"<script>\xff", b"1", 0, 5),
        records::kv::entry(b"a\r\nX-Evil: 1", b"2", 0, 6),
    ];
    let file = write(dir.path(), "hostile.snap", &SnapshotSpec::new(keys).snap());
    let serving = Serving::start(&file, &[]);
    let keys = serving.get("/v1/kv/?keys", "");
    assert_eq!(keys.body, br#"["\u003cscript\u003e\ufffd","a\r\nX-Evil: 1"]"#);
    assert_eq!(serving.get("/v1/kv/%3Cscript%3E%FF?raw", "").body, b"1");
    let evil = serving.get("/v1/kv/a%0D%0AX-Evil%3A%201?raw", "");
    assert_eq!((evil.body.as_slice(), evil.header("X-Evil")), (&b"2"[..], None));
    serving.end();
}

/// What `serve` prints on both outputs if it ends by itself.
fn refused(args: &[&str]) -> (i32, String) {
    let mut command = binary();
    let output = command.arg("serve").args(args).stdin(Stdio::null()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{args:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), said)
}

/// No address is printed at which nothing is served.
#[test]
fn what_cannot_be_served_is_known_before_listening() {
    let dir = tempfile::tempdir().unwrap();
    let path =
        |name: &str, bytes: &[u8]| write(dir.path(), name, bytes).to_str().unwrap().to_owned();
    let (empty, text) = (path("empty.snap", b""), path("text.snap", b"hello\n"));
    let good = recorded("1.21.4").to_str().unwrap().to_owned();
    let cut = path("cut.snap", &std::fs::read(&good).unwrap()[..40]);
    let missing = dir.path().join("missing.snap").to_str().unwrap().to_owned();
    for (file, why) in [
        (&empty, "empty.snap: nothing to serve: the file is empty"),
        (&text, "nothing to serve: not a Consul snapshot: it starts with 68 65 6c 6c 6f 0a"),
        (&cut, "nothing to serve: the file is truncated"),
        (&missing, "missing.snap: No such file"),
    ] {
        let (code, said) = refused(&["--listen", ":0", file]);
        assert!(code == 2 && said.contains(why), "{said}");
        let also = format!("other={file}");
        let (code, said) = refused(&["--listen", ":0", &good, "--also", &also]);
        assert!(code == 2 && said.contains(why), "{said}");
    }
    // A snapshot without a record is one.
    let none = path("none.snap", &SnapshotSpec::new(Vec::new()).snap());
    let serving = Serving::start(Path::new(&none), &["--no-acl"]);
    assert_eq!(serving.get("/v1/catalog/services", "").body, b"{}");
    assert_eq!(serving.end().0, 0);
}

#[test]
fn an_address_may_be_short_and_is_on_loopback() {
    let file = recorded("1.21.4");
    for short in ["localhost:0", ":0", "0", "127.0.0.1:0"] {
        let serving = Serving::listen(&file, short, &[]);
        assert!(serving.address.ip() == std::net::Ipv4Addr::LOCALHOST, "{short}");
        assert_eq!(serving.get("/v1/kv/counter?raw", MANAGEMENT).body, b"4", "{short}");
    }
    let file = file.to_str().unwrap();
    let (code, said) = refused(&["--listen", "example.com:80", file]);
    assert!(code == 2 && said.contains("such as 127.0.0.1:9500"), "{said}");
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (code, said) = refused(&["--listen", &busy.local_addr().unwrap().to_string(), file]);
    assert!(code == 2 && said.contains("choose another port with --listen"), "{said}");
    for flag in ["--port", "--http-addr"] {
        let (code, said) = refused(&[flag, "9500", file]);
        assert!(code == 2 && said.contains("did you mean \"--listen\"?"), "{said}");
    }
}

/// The address of the page is for one browser: a program does not use it up, and SIGHUP gives another one.
#[test]
fn a_page_is_opened_by_a_browser_and_by_another_after_a_hang_up() {
    let mut command = binary();
    command.arg("serve").arg(recorded("1.21.4")).args(["--listen", ":0"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(BufReader::new(child.stdout.take().unwrap()));
    let mut line = |start: &str| {
        let line = lines.next().unwrap().unwrap();
        line.strip_prefix(start).unwrap_or_else(|| panic!("{line}")).to_owned()
    };
    let address: SocketAddr = line("Listening on http://").parse().unwrap();
    let serving = Serving { child, address };
    let path = |url: &str| url.split_once(&address.to_string()).unwrap().1.to_owned();
    let open = |path: &str| {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head = "Accept: text/html,*/*\r\nConnection: close";
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{head}\r\n\r\n");
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    let first = path(&line("Page: "));
    let program = serving.get(&first, "");
    assert_eq!(program.status, 406, "{}", String::from_utf8_lossy(&program.body));
    serving.signal("-HUP");
    assert_eq!(path(&line("Page: ")), first, "it is not used yet");
    assert_eq!(open(&first), "303");
    assert_eq!(open(&first), "401");
    serving.signal("-HUP");
    let second = path(&line("Page: "));
    assert_eq!(open(&second), "303");
    serving.end();
}

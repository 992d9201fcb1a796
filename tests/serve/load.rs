//! Many clients at once: slow loops for manual runs.

#![allow(clippy::print_stderr)] // prints measurements

use super::{MANAGEMENT, Serving, recorded};
use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The requests of clients, some for a single object, some for everything.
const PATHS: &[&str] = &[
    "/v1/kv/counter?raw",
    "/v1/kv/apps/?recurse",
    "/v1/kv/?keys",
    "/v1/catalog/nodes",
    "/v1/catalog/services",
    "/v1/health/service/ads-api",
    "/v1/health/state/critical",
    "/v1/acl/tokens",
    "/v1/discovery-chain/shipping-scheduler",
    "/v1/internal/ui/services",
    "/v1/connect/intentions",
    "/v1/kv/counter?index=9999&wait=100ms",
];

/// A client that keeps its connection open.
struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(to: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&to, Duration::from_secs(20))?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    fn get(&mut self, path: &str) -> io::Result<(u16, Vec<u8>)> {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Consul-Token: {MANAGEMENT}\r\n\r\n"
        );
        self.0.get_mut().write_all(head.as_bytes())?;
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line.trim_end().is_empty() {
                break;
            }
            lines.push(line.trim_end().to_ascii_lowercase());
        }
        let status = lines.first().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let header = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name));
        let mut body = Vec::new();
        if let Some(length) = header("content-length: ") {
            body = vec![0; length.parse().map_err(io::Error::other)?];
            self.0.read_exact(&mut body)?;
        } else {
            loop {
                let mut line = String::new();
                self.0.read_line(&mut line)?;
                let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
                let mut chunk = vec![0; size + 2];
                self.0.read_exact(&mut chunk)?;
                body.extend_from_slice(&chunk[..size]);
                if size == 0 {
                    break;
                }
            }
        }
        Ok((status.unwrap_or(0), body))
    }
}

/// The memory of a process in MiB.
fn memory(serving: &Serving) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", serving.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

#[test]
#[ignore = "a minute and a half"]
fn a_thousand_clients_are_answered_for_a_minute() {
    let serving = Serving::start(&recorded("1.21.4"), &[]);
    let to = serving.address;
    let mut first = Client::connect(to).unwrap();
    let expected: HashMap<&str, (u16, Vec<u8>)> =
        PATHS.iter().map(|path| (*path, first.get(path).unwrap())).collect();
    assert!(expected.values().all(|(status, _)| *status == 200));
    let end = Instant::now() + Duration::from_secs(75);
    let (answered, wrong) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut sizes = Vec::new();
    thread::scope(|scope| {
        for number in 0..1_000 {
            let (expected, answered, wrong) = (&expected, &answered, &wrong);
            let client = move || {
                let mut client = match Client::connect(to) {
                    Ok(client) => client,
                    Err(error) => {
                        eprintln!("client {number}: {error}");
                        wrong.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                };
                for path in PATHS.iter().cycle().skip(number) {
                    if Instant::now() > end {
                        return;
                    }
                    match client.get(path) {
                        Ok(answer) if answer == expected[path] => {
                            answered.fetch_add(1, Ordering::Relaxed);
                        }
                        other => {
                            let other = other.map(|(status, body)| (status, body.len()));
                            eprintln!("client {number}: {path}: {other:?}");
                            wrong.fetch_add(1, Ordering::Relaxed);
                            return;
                        }
                    }
                }
            };
            thread::Builder::new().stack_size(256 << 10).spawn_scoped(scope, client).unwrap();
        }
        while Instant::now() < end {
            thread::sleep(Duration::from_secs(5));
            sizes.push(memory(&serving));
        }
    });
    let (answered, wrong) = (answered.into_inner(), wrong.into_inner());
    eprintln!("{answered} answers, {wrong} wrong; MiB every 5 s: {sizes:?}");
    assert_eq!(wrong, 0);
    assert!(answered > 10_000, "{answered}");
    // The first seconds fill buffers and pools.
    let (early, last) = (sizes[2], sizes[sizes.len() - 1]);
    assert!(last <= early + early / 4 + 16, "{sizes:?}");
    let (code, said) = serving.end();
    assert_eq!(code, 0, "{said}");
}

/// As many connections as the system allows, up to more than the server accepts.
fn limit() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let soft: usize = line.split_whitespace().nth(3).unwrap().parse().unwrap();
    10_500.min(soft.saturating_sub(200))
}

#[test]
#[ignore = "half a minute"]
fn ten_thousand_open_connections_are_bounded() {
    let serving = Serving::start(&recorded("1.21.4"), &[]);
    let before = memory(&serving);
    let most = limit();
    let open = |count: usize, sent: &[u8]| -> Vec<TcpStream> {
        let connected = (0..count).filter_map(|_| {
            let timeout = Duration::from_secs(5);
            let mut stream = TcpStream::connect_timeout(&serving.address, timeout).ok()?;
            stream.write_all(sent).ok()?;
            Some(stream)
        });
        connected.collect()
    };
    let is_answered = || {
        let started = Instant::now();
        let answer = Client::connect(serving.address).and_then(|mut one| one.get(PATHS[0]));
        (answer.is_ok_and(|(status, _)| status == 200), started.elapsed())
    };
    // Silent, or in the middle of a head, or with the longest accepted head.
    let long = format!("GET / HTTP/1.1\r\nX-Long: {}", "x".repeat(8 << 10));
    let silent = open(most * 6 / 10, b"");
    let slow = open(most * 3 / 10, b"GET /v1/kv/cou");
    let long = open(most / 20, long.as_bytes());
    let count = silent.len() + slow.len() + long.len();
    let (is_there, took) = is_answered();
    let during = memory(&serving);
    assert!(is_there && took < Duration::from_secs(10), "{count} open: {took:?}");
    // More than it accepts at once: they wait, and others are answered once there is room.
    let more = open(most / 10, b"");
    drop((silent, slow));
    let (is_there, took_after) = is_answered();
    assert!(is_there && took_after < Duration::from_secs(20), "{took_after:?}");
    eprintln!(
        "{count} + {} connections; answered in {took:?} and {took_after:?}; {before} MiB, then {during} MiB",
        more.len()
    );
    assert!(count > most * 8 / 10, "{count} of {most}");
    assert!(during < before + 400, "{before} MiB, then {during} MiB");
    let (code, said) = serving.end();
    assert_eq!(code, 0, "{said}");
}

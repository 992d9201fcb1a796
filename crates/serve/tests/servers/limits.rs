//! Slow, numerous and greedy clients.

use crate::recording::Recording;
use crate::served;
use snapscope_archive::Source;
use snapscope_serve::Settings;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

fn server() -> SocketAddr {
    let recording = Recording::read("1.8.7");
    let settings = Settings { no_acl: true, ..Settings::default() };
    served(Source::File(recording.snapshot), settings)
}

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// Everything that arrives until the server closes the connection.
fn ask(to: SocketAddr, request: &str) -> String {
    let mut stream = connect(to);
    // A server that closes early has answered.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn status_of_leader(to: SocketAddr) -> String {
    ask(to, "GET /v1/status/leader HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

#[test]
fn huge_heads_are_refused() {
    let to = server();
    let long =
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n\r\n", "x".repeat(1 << 20));
    let answer = ask(to, &long);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let many = "X-Many: y\r\n".repeat(10_000);
    let answer = ask(to, &format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"));
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert!(status_of_leader(to).starts_with("HTTP/1.1 200 OK"));
}

#[test]
fn huge_bodies_are_refused() {
    let to = server();
    let length = 64 << 20;
    let head = format!(
        "PUT /v1/txn HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    let answer = ask(to, &format!("{head}{}", " ".repeat(8 << 20)));
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(status_of_leader(to).starts_with("HTTP/1.1 200 OK"));
}

#[test]
fn names_of_other_hosts_are_refused() {
    let to = server();
    let ask_as = |host: &str| {
        ask(
            to,
            &format!("GET /v1/status/leader HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
        )
    };
    assert!(ask_as("evil.example").starts_with("HTTP/1.1 403"));
    assert!(ask_as("127.0.0.1:8500").starts_with("HTTP/1.1 200"));
}

/// Connections that send nothing, or a byte now and then, do not affect others.
#[test]
fn silent_clients_do_not_keep_others_waiting() {
    let to = server();
    let silent: Vec<TcpStream> = (0..400).map(|_| connect(to)).collect();
    let mut slow: Vec<TcpStream> = (0..100).map(|_| connect(to)).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /v1/sta").unwrap();
    }
    let started = Instant::now();
    assert!(status_of_leader(to).starts_with("HTTP/1.1 200 OK"));
    assert!(started.elapsed() < Duration::from_secs(5));
    drop((silent, slow));
}

/// A client that does not read its answer occupies no thread.
#[test]
fn clients_that_do_not_read_do_not_keep_others_waiting() {
    let to = server();
    let request = "GET /v1/kv/?recurse HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut greedy: Vec<TcpStream> = (0..50).map(|_| connect(to)).collect();
    for stream in &mut greedy {
        for _ in 0..100 {
            stream.write_all(request.as_bytes()).unwrap();
        }
    }
    let started = Instant::now();
    let answer =
        ask(to, "GET /v1/kv/counter?raw HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

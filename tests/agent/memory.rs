//! Memory doesn't grow with the snapshot.

use super::at;
use snapscope_testkit::generate::{GenerateOptions, snap};
use snapscope_testkit::stores::{BUCKET, StoreKind, StoreServer};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Stdio;
use std::time::Duration;

/// Answers every request with these bytes, as a server does that is asked for a snapshot.
fn serve(bytes: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut head = [0; 4096];
            let _ = client.read(&mut head);
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                bytes.len()
            );
            let _ = client.write_all(answer.as_bytes()).and_then(|()| client.write_all(&bytes));
        }
    });
    address
}

/// The most memory a process has had so far, in bytes.
fn most_so_far(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}

/// A snapshot of which a copy in memory would not fit under the limit.
#[test]
fn a_big_snapshot_takes_no_more_memory() {
    const LIMIT: u64 = 64 << 20;
    let Some(store) = StoreServer::for_test(StoreKind::S3, "a_big_snapshot_takes_no_more_memory")
    else {
        return;
    };
    let options = GenerateOptions { bytes: 160 << 20, level: 1, ..GenerateOptions::default() };
    let (bytes, _) = snap(&options);
    assert!(bytes.len() as u64 > LIMIT, "only {} bytes", bytes.len());
    let dir = tempfile::tempdir().unwrap();
    let mut command = at(serve(bytes), "");
    command.envs(store.variables()).args(["agent", "-interval=0", "-aws-s3-bucket", BUCKET]);
    command.arg("-local-scratch-path").arg(dir.path());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let (id, mut peak) = (child.id(), 0);
    // Not by what the system adds up for a child that ended: that counts what we had when it began.
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(most_so_far(id).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("Saved snapshot"), "{said}");
    assert!(peak > 4 << 20, "only {peak} bytes were seen");
    assert!(peak < LIMIT, "{} MiB", peak >> 20);
}

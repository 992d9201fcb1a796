//! Memory does not grow with the snapshot.

use super::at;
use crate::support::watched;
use snapscope_testkit::generate::{GenerateOptions, snap};
use snapscope_testkit::stores::{BUCKET, StoreKind, StoreServer};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// Answers every request with these bytes, like a server that sends a snapshot.
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

const LIMIT: u64 = 64 << 20;

/// A snapshot that is larger than the memory limit.
fn big() -> Vec<u8> {
    let options = GenerateOptions { bytes: 160 << 20, level: 1, ..GenerateOptions::default() };
    let (bytes, _) = snap(&options);
    assert!(bytes.len() as u64 > LIMIT, "only {} bytes", bytes.len());
    bytes
}

#[test]
fn a_big_snapshot_takes_no_more_memory() {
    let Some(store) = StoreServer::for_test(StoreKind::S3, "a_big_snapshot_takes_no_more_memory")
    else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let mut command = at(serve(big()), "");
    command.envs(store.variables()).args(["agent", "-interval=0", "-aws-s3-bucket", BUCKET]);
    command.arg("-local-scratch-path").arg(dir.path());
    let (peak, said) = watched(&mut command);
    assert!(said.contains("Saved snapshot"), "{said}");
    assert!(peak < LIMIT, "{} MiB", peak >> 20);
}

/// It is verified on all cores, from the file that is being written.
#[test]
fn saving_a_big_snapshot_takes_no_more_memory() {
    let bytes = big();
    let dir = tempfile::tempdir().unwrap();
    let save = |bytes: Vec<u8>| {
        let mut command = at(serve(bytes), "");
        watched(command.current_dir(dir.path()).args(["save", "x.snap", "--retries", "0"]))
    };
    let (peak, said) = save(bytes.clone());
    assert_eq!(said, "");
    assert!(peak < LIMIT, "{} MiB", peak >> 20);
    assert!(std::fs::read(dir.path().join("x.snap")).unwrap() == bytes);
    std::fs::remove_file(dir.path().join("x.snap")).unwrap();

    // A flipped bit, far from either end.
    let mut broken = bytes;
    let middle = broken.len() / 2;
    broken[middle] ^= 0x10;
    let (_, said) = save(broken);
    assert!(said.contains("so nothing was saved"), "{said}");
    assert_eq!(super::names(dir.path()), [""; 0]);
}

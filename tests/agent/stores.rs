//! The same snapshots in S3, Azure Blob and Google Cloud Storage.

use super::{at, bare, ran};
use crate::support::Ran;
use serde_json::Value;
use snapscope_testkit::ConsulServer;
use snapscope_testkit::stores::{BUCKET, StoreKind, StoreServer};
use std::process::Command;

/// The binary, with the variables of a store.
fn with(mut command: Command, store: &StoreServer) -> Command {
    command.envs(store.variables());
    command
}

fn list(store: &StoreServer, prefix: &str) -> Vec<Value> {
    let ran = ran(with(bare(), store), ["snapshots", &store.url(prefix), "-o", "json"]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    ran.json().as_array().unwrap().clone()
}

/// Single snapshots, retention, listing, and commands that read from the bucket.
fn works(kind: StoreKind, flags: &[&str], prefix: &str) {
    let Some(server) = ConsulServer::for_test("stores") else { return };
    let Some(store) = StoreServer::for_test(kind, "stores") else { return };
    // Large enough for an upload in several parts, and a download in several pieces.
    for at in 0..24 {
        let value: Vec<u8> = noise(at, 500_000);
        server.put(&format!("/v1/kv/app/{at}"), value).unwrap();
    }
    let run = |flags: &[&str]| -> Ran {
        let args = [&["agent", "-interval=0", "-retain=2"], flags].concat();
        ran(with(at(server.http_addr(), server.token()), &store), args)
    };
    let take = |more: &[&str]| run(&[flags, more].concat());
    for _ in 0..3 {
        let ran = take(&[]);
        assert_eq!(ran.code(), 0, "{kind:?}: {}", ran.stderr);
    }
    let rows = list(&store, prefix);
    assert_eq!(rows.len(), 2, "{kind:?}: {rows:?}");
    assert_eq!(rows[1]["version"], "1.8.7");
    assert_eq!(rows[1]["counts"]["KVS"], 24);
    assert!(rows[1]["size"].as_u64().unwrap() > 9 << 20, "{rows:?}");

    // The bucket has what the server has, read as a stream.
    let name = rows[1]["name"].as_str().unwrap();
    let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
    let inspect =
        ran(with(bare(), &store), ["inspect", "--more", "-format=json", &store.url(&path)]);
    assert_eq!((inspect.code(), inspect.stderr.as_str()), (0, ""), "{kind:?}");
    assert_eq!(inspect.json()["Meta"]["Index"], rows[1]["index"]);
    assert_eq!(inspect.json()["More"]["Integrity"]["Verdict"], "verified");
    let value = ran(with(bare(), &store), ["get", "kv", &store.url(&path), "app/7", "--raw"]);
    assert!(value.stdout == noise(7, 500_000), "{kind:?}");
    let keys = ran(with(bare(), &store), ["list", "kv", &store.url(&path), "-o", "jsonl"]);
    assert_eq!(keys.lines().len(), 24);

    // All of them are intact, recent, and match their sidecars.
    let verify = |more: &[&str]| {
        let url = store.url(prefix);
        let args = [&["verify", "-o", "json", url.as_str()], more].concat();
        ran(with(bare(), &store), args)
    };
    let verified = verify(&["--max-age", "1h"]);
    assert_eq!((verified.code(), verified.stderr.as_str()), (0, ""), "{kind:?}");
    let verdicts = verified.json()["snapshots"].as_array().unwrap().clone();
    assert_eq!(verdicts.len(), 2, "{kind:?}: {verdicts:?}");
    assert!(verdicts.iter().all(|report| report["checksums"] == "verified"), "{verdicts:?}");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let stale = verify(&["--max-age", "1s"]);
    assert_eq!(stale.code(), 1, "{kind:?}: {}", stale.stderr);
    let stale = stale.json()["stale"].as_array().unwrap().clone();
    assert_eq!((stale.len(), &stale[0]["name"]), (1, &store.url(prefix).into()), "{stale:?}");
    let nothing = ran(
        with(bare(), &store),
        ["verify", "-o", "json", "--max-age", "1h", &store.url("nothing-here")],
    );
    assert_eq!(nothing.code(), 2, "{kind:?}: {}{}", nothing.text(), nothing.stderr);

    // And back from the bucket.
    server.delete("/v1/kv/app/7").unwrap();
    let command = with(at(server.http_addr(), server.token()), &store);
    let restored = ran(command, ["restore", "-y", "--no-save-current", &store.url(&path)]);
    assert_eq!(restored.code(), 0, "{kind:?}: {}", restored.stderr);
    assert!(server.get_json("/v1/kv/app/7").is_ok(), "{kind:?}");

    let missing = ran(with(bare(), &store), ["inspect", &store.url("nothing.snap")]);
    assert_eq!(missing.code(), 2);
    assert!(missing.stderr.contains("nothing.snap"), "{}", missing.stderr);
    let whole = ran(with(bare(), &store), ["inspect", &store.url("")]);
    assert!(whole.stderr.contains("this is a bucket"), "{}", whole.stderr);
    if kind == StoreKind::S3 {
        only_s3(&store, &run);
    }
}

/// Static names, encryption headers, two destinations, and a bucket that does not exist.
fn only_s3(store: &StoreServer, run: &dyn Fn(&[&str]) -> Ran) {
    let take = |more: &[&str]| run(&[&["-aws-s3-bucket", BUCKET], more].concat());
    let fixed = ["-aws-s3-static-snapshot-name", "fixed/latest.snap", "-aws-s3-key-prefix", "x"];
    for _ in 0..2 {
        assert_eq!(take(&fixed).code(), 0);
    }
    let rows = list(store, "fixed");
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["name"], &rows[0]["version"]), (&"latest.snap".into(), &"1.8.7".into()));

    let dir = tempfile::tempdir().unwrap();
    let both = ["-aws-s3-key-prefix", "kms", "-aws-s3-enable-kms", "-aws-s3-kms-key", "alias/mine"];
    let local = ["-local-path", dir.path().to_str().unwrap()];
    let ran = take(&[&both[..], &local[..]].concat());
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let row = list(store, "kms").remove(0);
    let path = format!("kms/{}", row["name"].as_str().unwrap());
    // The other destination has the same bytes under the same name.
    let stored = store.object(&path).unwrap();
    assert!(std::fs::read(dir.path().join(row["name"].as_str().unwrap())).unwrap() == stored);
    let head = store.head(&path).unwrap().to_ascii_lowercase();
    assert!(head.contains("x-amz-server-side-encryption: aws:kms"), "{head}");
    assert!(head.contains("x-amz-server-side-encryption-aws-kms-key-id: alias/mine"), "{head}");
    let plain = ["-aws-s3-key-prefix", "sse", "-aws-s3-server-side-encryption"];
    assert_eq!(take(&plain).code(), 0);
    let path = format!("sse/{}", list(store, "sse")[0]["name"].as_str().unwrap());
    let head = store.head(&path).unwrap().to_ascii_lowercase();
    assert!(head.contains("x-amz-server-side-encryption: aes256"), "{head}");

    // An unreachable destination does not affect the others, but is a failure.
    let dir = tempfile::tempdir().unwrap();
    let local = ["-local-path", dir.path().to_str().unwrap(), "-aws-s3-bucket", "no-such-bucket"];
    let ran = run(&local);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("s3://no-such-bucket"), "{}", ran.stderr);
    assert_eq!(super::ids(dir.path()).len(), 1);
}

/// Incompressible bytes, the same for the same seed.
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect()
}

#[test]
fn s3() {
    works(StoreKind::S3, &["-aws-s3-bucket", BUCKET], "consul-snapshot");
}

#[test]
fn azure() {
    works(StoreKind::Azure, &["-azure-blob-container-name", BUCKET], "");
}

#[test]
fn google() {
    works(StoreKind::Google, &["-gcs-bucket", BUCKET], "");
}

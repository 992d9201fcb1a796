//! Redacted snapshots restored into a real server, which runs with the new CA.

use super::api::{api, errors};
use super::kept;
use crate::support::{Fixture, write};
use serde_json::Value;
use snapscope_testkit::ConsulServer;
use snapscope_testkit::fill::fill;
use snapscope_testkit::generate::{GenerateOptions, snap};

/// The number of objects of each kind is unchanged, and the CA works.
fn restored(server: &mut ConsulServer, snap: &[u8], more: &[&str], leaf: Option<&str>) {
    let dir = tempfile::tempdir().unwrap();
    let input = write(dir.path(), "in.snap", snap);
    let (_, from) = errors(server, 0);
    server.snapshot_restore(snap).unwrap();
    let before = api(server);
    let (known, from) = errors(server, from);
    let (_dir, out) = kept("redact", &input, more);
    server.snapshot_restore(&std::fs::read(out).unwrap()).unwrap();
    let after = api(server);
    // With another name, the server's own node cannot be distinguished from others.
    let own = usize::from(more.contains(&"--pseudonymise"));
    for (kind, objects) in &before {
        let more_of = match *kind {
            "nodes" => own,
            "health" => 2 * own,
            _ => 0,
        };
        let (least, most) = (objects.len(), objects.len() + more_of);
        assert!((least..=most).contains(&after[kind].len()), "{more:?}: {kind}");
    }
    let roots = server.get_json("/v1/connect/ca/roots").unwrap();
    let active: Vec<&Value> =
        roots["Roots"].as_array().unwrap().iter().filter(|root| root["Active"] == true).collect();
    assert_eq!(active.len(), 1);
    // The new key signs leaf certificates. Agents remember leaves, so each run requests one for
    // another service; and their trust domain, which has another ID with other names.
    if let (0, Some(leaf)) = (own, leaf) {
        let leaf = server.get_json(&format!("/v1/agent/connect/ca/leaf/{leaf}")).unwrap();
        signed_by(leaf["CertPEM"].as_str().unwrap(), active[0]["RootCert"].as_str().unwrap());
    }
    let (errors, _) = errors(server, from);
    // The server's own token is another one now, which it reports if it happens to sync its
    // services.
    let is_new = |error: &&String| !error.contains("L not oun");
    let new: Vec<_> = errors.difference(&known).filter(is_new).collect();
    assert!(new.is_empty(), "{more:?}: {new:?}");
}

/// OpenSSL must accept that the root signed the leaf.
fn signed_by(leaf: &str, root: &str) {
    let dir = tempfile::tempdir().unwrap();
    let leaf = write(dir.path(), "leaf.pem", leaf.as_bytes());
    let root = write(dir.path(), "root.pem", root.as_bytes());
    let mut openssl = std::process::Command::new("openssl");
    let ran = openssl
        .args(["verify", "-no_check_time", "-partial_chain", "-CAfile"])
        .args([&root, &leaf])
        .output();
    match ran {
        Ok(ran) => assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr)),
        // The server has checked it, too.
        Err(e) => assert_eq!(e.kind(), std::io::ErrorKind::NotFound),
    }
}

const WAYS: [&[&str]; 3] = [&[], &["--values", "fake"], &["--pseudonymise"]];

#[test]
fn a_real_server_restores_recorded_snapshots_without_their_secrets() {
    let name = "a_real_server_restores_recorded_snapshots_without_their_secrets";
    let Some(mut server) = ConsulServer::for_test(name) else { return };
    for fixture in ["consul-1.8.7/small-a", "consul-1.8.7/empty"] {
        let snap = std::fs::read(Fixture::snap(fixture).path).unwrap();
        for (n, way) in WAYS.iter().enumerate() {
            restored(&mut server, &snap, way, Some(&format!("{}-{n}", fixture.replace('/', "-"))));
        }
    }
}

#[test]
fn a_real_server_restores_its_own_snapshot_without_its_secrets() {
    let name = "a_real_server_restores_its_own_snapshot_without_its_secrets";
    let Some(mut server) = ConsulServer::for_test(name) else { return };
    fill(&server).unwrap();
    let snap = server.snapshot_save().unwrap();
    for (n, way) in WAYS.iter().enumerate() {
        restored(&mut server, &snap, way, Some(&format!("web-{n}")));
    }
}

#[test]
fn a_real_server_restores_a_generated_snapshot_without_its_secrets() {
    let name = "a_real_server_restores_a_generated_snapshot_without_its_secrets";
    let Some(mut server) = ConsulServer::for_test(name) else { return };
    let (snap, _) = snap(&GenerateOptions { bytes: 700_000, seed: 19, ..Default::default() });
    for way in WAYS {
        // Its CA cannot sign.
        restored(&mut server, &snap, way, None);
    }
}

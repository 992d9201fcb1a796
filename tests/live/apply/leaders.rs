//! An apply while a cluster of three loses its leader.

use super::command;
use crate::support::finish;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use snapscope_testkit::cluster::ConsulCluster;
use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const KEYS: usize = 3000;

/// The keys of the cluster and their values, according to a member; `None` while it does not
/// answer.
fn keys(cluster: &ConsulCluster, at: usize) -> Option<Vec<(String, String)>> {
    let all = cluster.get(at, "/v1/kv/app/?recurse")?;
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    Some(all.as_array()?.iter().map(|entry| (text(entry, "Key"), text(entry, "Value"))).collect())
}

fn fill(cluster: &ConsulCluster, at: usize) -> Vec<(String, String)> {
    let all: Vec<_> =
        (0..KEYS).map(|n| (format!("app/{n:05}"), STANDARD.encode(format!("value {n}")))).collect();
    for part in all.chunks(64) {
        let set = |(key, value): &(String, String)| json!({"KV": {"Verb": "set", "Key": key, "Value": value}});
        let operations: Vec<Value> = part.iter().map(set).collect();
        let body = Value::from(operations).to_string();
        cluster.request(at, "PUT", "/v1/txn", body.as_bytes()).unwrap().ok().unwrap();
    }
    all
}

#[test]
fn an_apply_outlives_a_change_of_leader() {
    let Some(mut cluster) = ConsulCluster::for_test("an_apply_outlives") else { return };
    let leader = cluster.leader().unwrap();
    let follower = (leader + 1) % 3;
    let goal = fill(&cluster, follower);
    let dir = tempfile::tempdir().unwrap();
    let (snap, undo) = (dir.path().join("backup.snap"), dir.path().join("undo"));
    let saved = cluster.request(leader, "GET", "/v1/snapshot", b"").unwrap().ok().unwrap();
    fs::write(&snap, saved).unwrap();
    cluster.request(leader, "DELETE", "/v1/kv/app/?recurse", b"").unwrap().ok().unwrap();
    let run = |args: &[&str]| -> Command {
        let mut run = command(&cluster.http_addr(follower).to_string(), cluster.token());
        run.args(["apply", "-y", "-o", "json"]).args(args);
        run
    };
    let (snap, undo) = (snap.to_str().unwrap(), undo.to_str().unwrap());
    let mut first = run(&[snap, "--prefix", "app/", "--rate", "600", "--undo", undo]);
    let mut resume = run(&[undo, "--resume"]);
    let mut back = run(&[undo]);
    let child = first.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while keys(&cluster, follower).is_none_or(|keys| keys.len() < 300) {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing is written");
        sleep(Duration::from_millis(20));
    }
    cluster.kill(leader);
    let ran = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let code = ran.status.code().unwrap();
    assert!(code == 0 || code == 2, "{}", String::from_utf8_lossy(&ran.stderr));
    let begun = Instant::now();
    let after = loop {
        match keys(&cluster, follower) {
            Some(keys) => break keys,
            None => assert!(begun.elapsed() < Duration::from_secs(60), "no leader"),
        }
        sleep(Duration::from_millis(100));
    };
    // Everything that is reported as done exists.
    let done = report["result"]["done"].as_u64().unwrap();
    assert!(done <= after.len() as u64 && (code == 2 || done == KEYS as u64), "{report}");
    let ran = finish(&mut resume, b"");
    assert_eq!(ran.code(), 0, "{}\n{}", ran.stderr, ran.text());
    assert_eq!(keys(&cluster, follower).unwrap(), goal);
    let ran = finish(&mut back, b"");
    assert_eq!(ran.code(), 0, "{}\n{}", ran.stderr, ran.text());
    assert_eq!(keys(&cluster, follower), None);
}

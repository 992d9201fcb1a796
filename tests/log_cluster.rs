//! The logs of three real servers, one of which fell behind: each is compared with the snapshots of
//! the cluster, and all with each other.

use crate::rolled::{copy, records};
use crate::support::run;
use serde_json::Value;
use snapscope_testkit::cluster::{ConsulCluster, MEMBERS};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

struct Writer<'c> {
    cluster: &'c ConsulCluster,
    number: u32,
}

impl Writer<'_> {
    /// Writes keys through a member; returns whether all were accepted.
    fn write(&mut self, at: usize, count: u32) -> bool {
        (0..count).all(|_| {
            self.number += 1;
            let key = format!("/v1/kv/app/{}", self.number % 40);
            let value = format!("value {}", self.number);
            let answer = self.cluster.request(at, "PUT", &key, value.as_bytes());
            answer.is_some_and(|answer| answer.status == 200)
        })
    }
}

fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(90), "{what}");
        sleep(Duration::from_millis(100));
    }
}

fn snapshot(cluster: &ConsulCluster, at: usize, path: PathBuf) -> PathBuf {
    let answer = cluster.request(at, "GET", "/v1/snapshot", b"").unwrap();
    fs::write(&path, answer.ok().unwrap()).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Copies what `timeline` reads of a stopped member.
fn keep(cluster: &ConsulCluster, at: usize, to: &Path) {
    copy(&cluster.data_dir(at).join("raft"), &to.join("raft"));
    fs::copy(cluster.data_dir(at).join("node-id"), to.join("node-id")).unwrap();
}

/// Lines about the write that only the former leader has.
fn lost(log: &Path) -> Vec<Value> {
    run(["log", "--object", "kv/app/lost", "-o", "jsonl", text(log)]).lines()
}

/// Kills a leader with an entry that nobody else has, and lets the others continue. Keeps a copy of
/// its data.
fn leave_behind(cluster: &mut ConsulCluster, to: &Path) -> usize {
    for _ in 0..5 {
        let leader = wait_for("a leader", || cluster.leader());
        let followers: Vec<usize> = (0..MEMBERS).filter(|at| *at != leader).collect();
        followers.iter().for_each(|at| cluster.kill(*at));
        // It writes the entry to its log, and waits in vain for the others.
        let answer = cluster.request(leader, "PUT", "/v1/kv/app/lost", b"lost");
        assert!(answer.is_none_or(|answer| answer.status != 200));
        cluster.kill(leader);
        let has_it = !lost(&cluster.data_dir(leader)).is_empty();
        followers.iter().for_each(|at| cluster.start_again(*at).unwrap());
        if has_it {
            keep(cluster, leader, to);
            return leader;
        }
        // It had stepped down already.
        cluster.start_again(leader).unwrap();
        cluster.wait_whole().unwrap();
    }
    panic!("no leader took the write");
}

#[test]
fn the_logs_of_a_cluster_are_its_history() {
    let Some(mut cluster) = ConsulCluster::for_test("the_logs_of_a_cluster_are_its_history") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let leader = wait_for("a leader", || cluster.leader());
    let mut writer = Writer { cluster: &cluster, number: 0 };
    assert!((0..MEMBERS).all(|at| writer.write(at, 20)));
    let mut snapshots = vec![snapshot(&cluster, leader, path("first.snap"))];
    assert!(Writer { cluster: &cluster, number: 100 }.write(leader, 30));
    let behind = leave_behind(&mut cluster, &path("behind"));
    let new = wait_for("a new leader", || cluster.leader().filter(|at| *at != behind));
    let mut writer = Writer { cluster: &cluster, number: 200 };
    wait_for("writes", || writer.write(new, 1).then_some(()));
    assert!(writer.write(new, 40));
    snapshots.push(snapshot(&cluster, new, path("second.snap")));
    cluster.start_again(behind).unwrap();
    cluster.wait_whole().unwrap();
    assert!(Writer { cluster: &cluster, number: 300 }.write(new, 10));
    snapshots.push(snapshot(&cluster, new, path("third.snap")));
    let last = run(["inspect", text(&snapshots[2]), "-format=json"]).json()["Meta"]["Index"]
        .as_u64()
        .unwrap();
    for at in 0..MEMBERS {
        wait_for("the last entry", || {
            let lines = run(["log", "-o", "jsonl", "--no-effects", text(&cluster.data_dir(at))]);
            let lines = lines.lines();
            lines.last().filter(|line| line["index"].as_u64() >= Some(last)).map(drop)
        });
    }
    let logs: Vec<PathBuf> = (0..MEMBERS).map(|at| path(&format!("server-{at}"))).collect();
    for (at, log) in logs.iter().enumerate() {
        cluster.kill(at);
        keep(&cluster, at, log);
    }
    drop(cluster);

    each_has_the_states(&logs, &snapshots, &path("out.snap"));
    compared(&logs, &snapshots, last);
    left_behind(&path("behind"), &logs[new]);
}

/// Every log leads to the snapshots of all servers.
fn each_has_the_states(logs: &[PathBuf], snapshots: &[PathBuf], out: &Path) {
    for log in logs {
        let lines = run(["log", "-o", "jsonl", text(log)]);
        assert_eq!((lines.code(), lines.stderr.as_str()), (0, ""));
        let indexes = lines.lines().into_iter().map(|line| line["index"].as_u64().unwrap());
        let mut indexes: Vec<u64> = indexes.collect();
        indexes.dedup();
        assert!(indexes.iter().copied().eq(1..=indexes.len() as u64), "{}", log.display());
        for own in snapshots {
            let meta = run(["inspect", text(own), "-format=json"]).json();
            let index = meta["Meta"]["Index"].to_string();
            let ran = run(["at", "--index", &index, "--force", "--out", text(out), text(log)]);
            assert_eq!(ran.code(), 0, "{}", ran.stderr);
            assert_eq!(records(out), records(own), "{} at {index}", log.display());
        }
    }
}

/// All entries up to the last snapshot are committed, and the same on all servers.
fn compared(logs: &[PathBuf], snapshots: &[PathBuf], last: u64) {
    let inputs = logs.iter().chain(snapshots).map(|path| text(path));
    let ran = run(["timeline", "-o", "jsonl"].into_iter().chain(inputs));
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("entries are the same\n").count(), 3, "{}", ran.stderr);
    let lines = ran.lines();
    let entries = lines.iter().filter(|line| line["type"] != "Snapshot");
    let mut committed = 0;
    for line in entries.filter(|line| line["index"].as_u64() <= Some(last)) {
        assert_eq!(line["status"], "committed", "{line}");
        assert_eq!(line["differs"], false, "{line}");
        assert_eq!(line["inputs"].as_array().unwrap().len(), MEMBERS, "{line}");
        committed += 1;
    }
    assert!(committed as u64 >= last);
}

/// The entries that only the former leader had are replaced by those of the new one.
fn left_behind(behind: &Path, of_new: &Path) {
    let ran = run(["timeline", "-o", "jsonl", text(behind), text(of_new)]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("replaced, from index"), "{}", ran.stderr);
    let lines = ran.lines();
    let is_lost = |line: &&Value| line["object"] == "kv/app/lost";
    let own = lines.iter().find(is_lost).expect("the write that only the former leader has");
    assert_eq!((&own["status"], &own["differs"]), (&"replaced".into(), &true.into()), "{own}");
    let at: BTreeMap<u64, &Value> = lines
        .iter()
        .filter(|line| line["status"] == "committed" && line["differs"] == true)
        .map(|line| (line["index"].as_u64().unwrap(), line))
        .collect();
    let instead = at[&own["index"].as_u64().unwrap()];
    assert!(instead["term"].as_u64() > own["term"].as_u64(), "{instead}");
    // The log of the former leader still has it; the others never had it.
    assert_eq!(lost(behind).len(), 1);
    assert!(lost(of_new).is_empty());
}

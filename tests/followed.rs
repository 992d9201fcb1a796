//! `log` next to a running server under writes: no committed entry is missed, no read fails, and no
//! lock is taken.

use crate::support::{binary, json_lines, run};
use serde_json::Value;
use snapscope_testkit::consul::ConsulServer;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

/// Writes per second.
const RATE: u64 = 200;
const WRITERS: u64 = 4;

/// Writes its own keys at that rate. `acknowledged` counts the answered writes.
fn write(server: &ConsulServer, writer: u64, seconds: u64, acknowledged: &AtomicU64) {
    let begin = Instant::now();
    let between = Duration::from_micros(1_000_000 * WRITERS / RATE);
    for number in 0..seconds * RATE / WRITERS {
        let key = format!("/v1/kv/followed/{writer}/{number:06}");
        server.put(&key, format!("value {number}")).unwrap();
        acknowledged.fetch_add(1, Ordering::SeqCst);
        let next = between * u32::try_from(number + 1).unwrap();
        sleep(next.saturating_sub(begin.elapsed()));
    }
}

/// The indexes of lines. They must be consecutive; an entry with several operations has several
/// lines.
fn indexes(lines: &[Value]) -> BTreeSet<u64> {
    let mut last = None;
    for line in lines {
        let index = line["index"].as_u64().unwrap();
        let is_next = last.is_none_or(|last| index == last || index == last + 1);
        assert!(is_next, "{index} after {last:?}");
        last = Some(index);
    }
    lines.iter().map(|line| line["index"].as_u64().unwrap()).collect()
}

/// Whether a process holds a lock on a file.
fn has_lock(pid: u32) -> bool {
    let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
    locks.lines().any(|line| line.split_whitespace().any(|word| word == pid.to_string()))
}

fn beside_a_server(seconds: u64) {
    let Some(server) = ConsulServer::for_test("followed") else { return };
    let dir = tempfile::tempdir().unwrap();
    let data = server.data_dir().to_str().unwrap().to_owned();
    let (shown, errors) = (dir.path().join("shown"), dir.path().join("errors"));
    let mut follower = binary()
        .args(["log", "--follow", "-o", "jsonl", &data])
        .stdout(File::create(&shown).unwrap())
        .stderr(File::create(&errors).unwrap())
        .spawn()
        .unwrap();
    let (acknowledged, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let mut reads = 0;
    scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (server, acknowledged) = (&server, &acknowledged);
                scope.spawn(move || write(server, writer, seconds, acknowledged))
            })
            .collect();
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !is_over.load(Ordering::SeqCst) {
                let before = acknowledged.load(Ordering::SeqCst);
                let args = ["log", "-o", "jsonl", &data, "--no-effects"];
                let ran = run(&args[..5 - usize::from(reads % 3 == 0)]);
                assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
                let lines = ran.lines();
                indexes(&lines);
                let own = lines.iter().filter(|line| {
                    line["object"].as_str().is_some_and(|name| name.starts_with("kv/followed/"))
                });
                assert!(own.count() as u64 >= before, "what was acknowledged is missing");
                reads += 1;
            }
            reads
        });
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        is_over.store(true, Ordering::SeqCst);
        reads = reader.join().unwrap();
    });
    assert!(reads > 0);
    assert!(!has_lock(follower.id()), "it holds a lock");
    let stored = server.get_json("/v1/kv/followed/?recurse").unwrap();
    let stored: BTreeMap<u64, String> = stored
        .as_array()
        .unwrap()
        .iter()
        .map(|kv| {
            (kv["ModifyIndex"].as_u64().unwrap(), format!("kv/{}", kv["Key"].as_str().unwrap()))
        })
        .collect();
    assert_eq!(stored.len() as u64, seconds * RATE);
    let last = *stored.keys().next_back().unwrap();
    let begin = Instant::now();
    let lines = loop {
        let text = fs::read(&shown).unwrap();
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let lines = json_lines(&text[..whole]);
        if lines.last().is_some_and(|line| line["index"].as_u64() >= Some(last)) {
            break lines;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "entry {last} is not shown");
        sleep(Duration::from_millis(50));
    };
    assert!(follower.try_wait().unwrap().is_none(), "it ended by itself");
    follower.kill().unwrap();
    follower.wait().unwrap();
    assert_eq!(fs::read_to_string(&errors).unwrap(), "");
    indexes(&lines);
    let shown: BTreeMap<u64, &Value> =
        lines.iter().map(|line| (line["index"].as_u64().unwrap(), line)).collect();
    for (index, object) in &stored {
        let line = shown[index];
        assert_eq!(line["object"], object.as_str());
        assert_eq!(line["effect"], "changed", "{line}");
        assert_ne!(line["accessor"], Value::Null, "{line}");
    }
}

#[test]
fn nothing_committed_is_missed_beside_a_server() {
    beside_a_server(4);
}

#[test]
#[ignore = "a minute"]
fn nothing_committed_is_missed_in_a_minute_beside_a_server() {
    beside_a_server(60);
}

/// Following ends at the requested index.
#[test]
fn following_ends_at_an_index() {
    let Some(server) = ConsulServer::for_test("followed until") else { return };
    let data = server.data_dir().to_str().unwrap().to_owned();
    server.put("/v1/kv/first", "1").unwrap();
    let last = run(["log", "-o", "jsonl", &data]).lines().pop().unwrap();
    let until = (last["index"].as_u64().unwrap() + 5).to_string();
    let ran = scope(|scope| {
        let following =
            scope.spawn(|| run(["log", "--follow", "--until", &until, "-o", "jsonl", &data]));
        for number in 0..20 {
            sleep(Duration::from_millis(20));
            server.put(&format!("/v1/kv/later/{number}"), "1").unwrap();
        }
        following.join().unwrap()
    });
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.lines().pop().unwrap()["index"].to_string(), until);
    let refused = run(["log", "--follow", "-o", "json", &data]);
    assert!(refused.code() == 2 && refused.stderr.contains("-o jsonl"), "{}", refused.stderr);
}

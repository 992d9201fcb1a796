//! The rules about Raft logs, each with a log that triggers it and one that does not.

use crate::support::{run, unpack_data_dir, write};
use serde_json::Value;
use snapscope_analyze::audit::RULES;
use snapscope_testkit::msgpack::{structure, time};
use snapscope_testkit::raftlog::{LogEntry, WalOptions, write_wal};
use snapscope_testkit::records::{Record, acl};
use snapscope_testkit::{ConsulVersion, SnapshotSpec, Val};
use std::collections::BTreeSet;

const V: ConsulVersion = ConsulVersion::V1_21_4;
/// 2026-11-23T03:10:00Z.
const START: i64 = 1_795_403_400;
const GLOBAL_MANAGEMENT: &str = "00000000-0000-0000-0000-000000000001";

fn id(n: u64) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}

/// The token with a number. Its SecretID has another number.
fn token(n: u64, policies: &[(&str, &str)]) -> Record {
    acl::token(V, &id(n), &secret(n), &format!("token {n}"), policies, &[], 10)
}

fn secret(n: u64) -> String {
    id(n + 1000)
}

fn management(n: u64) -> Record {
    token(n, &[(GLOBAL_MANAGEMENT, "global-management")])
}

/// A command: its time in seconds after the start, its type and its request.
type Command = (i64, u8, Val);

fn set(at: i64, key: &str, token: &str) -> Command {
    let entry = structure([("Key", key.into()), ("Value", "x".into())]);
    let fields = [("Op", "set".into()), ("DirEnt", entry), ("Token", token.into())];
    (at, 2, structure(fields))
}

/// The end of a session, which servers write when its TTL is over.
fn destroy(at: i64, token: &str) -> Command {
    let session = structure([("ID", id(77).as_str().into())]);
    let fields = [("Op", "destroy".into()), ("Session", session), ("Token", token.into())];
    (at, 3, structure(fields))
}

fn made(at: i64, token: &Record) -> Command {
    (at, 17, structure([("Tokens", Val::Array(vec![token.body.clone()]))]))
}

fn deleted(at: i64, n: u64) -> Command {
    (at, 18, structure([("TokenIDs", Val::Array(vec![id(n).as_str().into()]))]))
}

fn created_at(record: Record, at: i64) -> Record {
    record.with("CreateTime", time(START + at, 0, -1))
}

/// The findings of the rules about logs, for a log next to a snapshot with some tokens.
fn found(tokens: &[Record], commands: Vec<Command>) -> Vec<Value> {
    let dir = tempfile::tempdir().unwrap();
    let spec = SnapshotSpec::new(tokens.to_vec());
    let snapshot = write(dir.path(), "x.snap", &spec.snap());
    let log = dir.path().join("wal");
    // After the snapshot's index.
    let first = 1_000_000;
    let entries = commands.into_iter().zip(first..).map(|((at, kind, request), index)| {
        let mut data = vec![kind];
        request.encode(&mut data);
        let appended_at = Some((START + at, 0));
        LogEntry { index, term: 2, kind: 0, data, extensions: Vec::new(), appended_at }
    });
    write_wal(&log, entries, WalOptions::default()).unwrap();
    let (snapshot, log) = (snapshot.to_str().unwrap(), log.to_str().unwrap());
    let ran = run(["audit", "--only", "LOG", "-o", "jsonl", snapshot, "--log", log]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    // A snapshot alone has no such findings.
    assert!(run(["audit", "--only", "LOG", "-o", "jsonl", snapshot]).lines().is_empty());
    let text = ran.text();
    assert!((0..10).all(|n| !text.contains(&secret(n))), "{text}");
    ran.lines()
}

/// A rule, what triggers it, and something similar that does not.
type Case = (&'static str, (Vec<Record>, Vec<Command>), (Vec<Record>, Vec<Command>));

fn cases() -> Vec<Case> {
    let many = |n: i64, token: &str| (0..n).map(|at| set(at, "app/x", token)).collect::<Vec<_>>();
    let lives = |seconds: i64, login: bool| {
        let token = created_at(token(1, &[]), 0);
        let token = if login { token.with("AuthMethod", "jwt") } else { token };
        vec![made(0, &token), deleted(seconds, 1)]
    };
    let expires = |at: i64| token(1, &[]).with("ExpirationTime", time(START + at, 0, -1));
    // Nine quiet minutes, then a busy one; or all alike.
    let minutes = |loud: i64, quiet: i64| {
        let minute = |number: i64, writes: i64| {
            (0..writes).map(move |n| set(number * 60 + n % 60, "app/x", &secret(1)))
        };
        (0..9).flat_map(|n| minute(n, quiet)).chain(minute(9, loud)).collect::<Vec<_>>()
    };
    let tokens = || vec![management(2), token(1, &[])];
    vec![
        (
            "LOG001",
            (tokens(), vec![set(0, "app/x", &secret(2))]),
            (tokens(), vec![set(0, "app/x", &secret(1))]),
        ),
        (
            "LOG002",
            (vec![], vec![made(0, &token(1, &[])), deleted(9999, 1)]),
            (vec![], vec![made(0, &token(1, &[])), deleted(9999, 3)]),
        ),
        (
            "LOG003",
            (tokens(), vec![set(0, "app/x", "")]),
            (tokens(), vec![destroy(0, ""), set(0, "app/x", &secret(1))]),
        ),
        (
            "LOG004",
            (vec![expires(10)], vec![set(20, "app/x", &secret(1))]),
            (vec![expires(30)], vec![set(20, "app/x", &secret(1))]),
        ),
        ("LOG005", (vec![], lives(60, false)), (vec![], lives(3600, false))),
        ("LOG005", (vec![], lives(599, false)), (vec![], lives(60, true))),
        ("LOG006", (tokens(), many(10, &secret(2))), (tokens(), many(9, &secret(2)))),
        ("LOG006", (tokens(), many(10, &secret(2))), (tokens(), many(20, &secret(1)))),
        ("LOG007", (tokens(), minutes(700, 5)), (tokens(), minutes(700, 100))),
        ("LOG003", (tokens(), vec![set(0, "app/x", "anonymous")]), (vec![], many(3, ""))),
    ]
}

#[test]
fn every_rule_about_logs_is_triggered_and_not() {
    let cases = cases();
    let covered: BTreeSet<&str> = cases.iter().map(|(rule, ..)| *rule).collect();
    let of_logs = RULES.iter().filter(|rule| rule.group() == "LOG").map(|rule| rule.id);
    assert_eq!(covered, of_logs.collect());
    let mut wrong = Vec::new();
    for (rule, (tokens, triggers), (other_tokens, doesnt)) in cases {
        let has = |findings: Vec<Value>| findings.iter().any(|finding| finding["rule"] == rule);
        if !has(found(&tokens, triggers)) {
            wrong.push(format!("{rule} is not triggered"));
        }
        if has(found(&other_tokens, doesnt)) {
            wrong.push(format!("{rule} is triggered by what it should pass"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A data directory is audited with its log, up to the named state.
#[test]
fn a_data_directory_is_audited_with_its_log() {
    let dir = tempfile::tempdir().unwrap();
    unpack_data_dir("consul-1.21.4-wal", dir.path());
    let data = dir.path().to_str().unwrap();
    let findings = |place: &str| {
        let ran = run(["audit", "--only", "LOG", "-o", "jsonl", place]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        ran.lines()
    };
    let lines = run(["log", data, "-o", "jsonl"]).lines();
    let all = findings(data);
    let of = |rule: &str| -> BTreeSet<String> {
        let of_rule = all.iter().filter(|finding| finding["rule"] == rule);
        of_rule.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
    };
    let deleted: BTreeSet<String> = lines
        .iter()
        .filter(|line| line["type"] == "ACLTokenDelete" && line["effect"] == "changed")
        .map(|line| line["object"].as_str().unwrap().strip_prefix("token/").unwrap().to_owned())
        .collect();
    assert_eq!(of("LOG002"), deleted);
    // The bootstrap token made most of the writes.
    let bootstrap = lines.iter().find(|line| line["op"] == "bootstrap").unwrap()["object"].clone();
    let bootstrap = bootstrap.as_str().unwrap().strip_prefix("token/").unwrap();
    assert!(of("LOG001").contains(bootstrap) && of("LOG006").contains(bootstrap));
    let at = 300;
    for finding in findings(&format!("{data}@{at}")) {
        assert!(finding["modify_index"].as_u64().unwrap() <= at, "{finding}");
    }
    let sarif = run(["audit", "--only", "LOG", "-o", "sarif", data]).json();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), all.len());
}

/// Damage of the log is reported once. It counts if the requested rules need the lost entries.
#[test]
fn a_damaged_log_is_an_incomplete_answer() {
    let dir = tempfile::tempdir().unwrap();
    unpack_data_dir("consul-1.21.4-wal", dir.path());
    let data = dir.path().to_str().unwrap();
    let whole = run(["audit", "-o", "jsonl", data]);
    assert_eq!((whole.code(), whole.stderr.as_str()), (0, ""));
    let of_log = |line: &Value| line["rule"].as_str().is_some_and(|rule| rule.starts_with("LOG"));
    assert!(whole.lines().iter().any(of_log));
    let wal = dir.path().join("raft/wal/00000000000000000001-0000000000000000.wal");
    let mut bytes = std::fs::read(&wal).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[end / 2] ^= 0x40;
    std::fs::write(&wal, &bytes).unwrap();
    let (entries, note) = (".wal: damaged: ", "note: the Raft log is damaged: ");
    let cases =
        [(&["--only", "LOG"][..], 3, entries), (&["--only", "ACL"], 0, note), (&[], 3, entries)];
    for (rules, code, said) in cases {
        let args = ["audit", "-o", "jsonl", data].into_iter().chain(rules.iter().copied());
        let ran = run(args);
        assert_eq!(ran.code(), code, "{rules:?}: {}", ran.stderr);
        assert_eq!(ran.stderr.matches(said).count(), 1, "{rules:?}: {}", ran.stderr);
    }
}

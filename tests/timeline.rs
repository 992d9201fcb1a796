//! `timeline`: logs and snapshots of several servers in one list, compared with the content of
//! each.

use crate::support::{Ran, data_dir, recorded, run, write};
use serde_json::Value;
use snapscope_testkit::msgpack::structure;
use snapscope_testkit::raftlog::{LogEntry, WalOptions, Writes, write_bolt, write_wal};
use snapscope_testkit::{ConsulVersion, Meta, SnapshotSpec, Val};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn timeline(inputs: &[&str]) -> Ran {
    run(["timeline", "-o", "jsonl"].iter().chain(inputs))
}

fn number(line: &Value, name: &str) -> u64 {
    line[name].as_u64().unwrap()
}

#[test]
fn a_server_and_its_backups_are_one_list() {
    for (server, last) in [("consul-1.8.7", 920), ("consul-1.21.4-wal", 959)] {
        let (_dir, data) = data_dir(server);
        let backups: Vec<String> = (0..5)
            .map(|n| recorded(server).join(format!("s{n}.snap")).to_str().unwrap().to_owned())
            .collect();
        let inputs: Vec<&str> = backups.iter().map(String::as_str).chain([data.as_str()]).collect();
        let ran = timeline(&inputs);
        assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{server}");
        let lines = ran.lines();
        assert!(
            lines.windows(2).all(|pair| number(&pair[0], "index") <= number(&pair[1], "index"))
        );
        // Its own snapshot at the end proves all entries.
        assert!(lines.iter().all(|line| line["status"] == "committed" && line["differs"] == false));
        let (snapshots, entries): (Vec<Value>, Vec<Value>) =
            lines.into_iter().partition(|line| line["type"] == "Snapshot");
        assert_eq!(snapshots.len(), 7, "{server}");
        for backup in &backups {
            let of = snapshots.iter().find(|line| line["object"] == backup.as_str()).unwrap();
            let meta = run(["inspect", backup, "-format=json"]).json();
            assert_eq!(of["index"], meta["Meta"]["Index"], "{server}");
        }
        // The entries are those of `log`.
        let own = run(["log", &data, "-o", "jsonl", "--no-effects"]).lines();
        assert_eq!(number(entries.last().unwrap(), "index"), last);
        assert_eq!(entries.len(), own.len());
        for (entry, own) in entries.iter().zip(&own) {
            for field in ["index", "term", "time", "type", "op", "object", "accessor", "who"] {
                assert_eq!(entry[field], own[field], "{server}");
            }
        }
        for form in ["table", "csv", "json"] {
            let ran = run(["timeline", "-o", form, &data]);
            assert!(ran.code() == 0 && !ran.stdout.is_empty(), "{form}: {}", ran.stderr);
        }
        let manifest = tempfile::tempdir().unwrap();
        let manifest = manifest.path().join("manifest.json");
        let manifest = manifest.to_str().unwrap();
        let args = ["timeline", "-o", "csv", "--manifest", manifest].into_iter();
        assert_eq!(run(args.chain(inputs.iter().copied())).code(), 0, "{server}");
        let text: Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
        let named: BTreeSet<&str> = text["inputs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| i["path"].as_str().unwrap())
            .collect();
        assert!(backups.iter().all(|backup| named.contains(backup.as_str())), "{named:?}");
        // Two snapshots of two files each, and the log: one file, or a segment and the list of
        // segments.
        let of_log = if server == "consul-1.8.7" { 1 } else { 2 };
        assert_eq!(named.len(), backups.len() + 4 + of_log, "{named:?}");
        let some = run(["timeline", "-o", "jsonl", "--object", "kv/app", &data]).lines();
        assert!(
            some.len() > 100
                && some
                    .iter()
                    .all(|line| { line["object"].as_str().unwrap().starts_with("kv/app/") })
        );
    }
}

fn configuration(voters: u64) -> LogEntry {
    let server = |n: u64| {
        structure([
            ("Suffrage", 0u64.into()),
            ("ID", format!("server-{n}").as_str().into()),
            ("Address", format!("10.0.0.{n}:8300").as_str().into()),
        ])
    };
    let servers = Val::Array((0..voters).map(server).collect());
    let mut data = Vec::new();
    structure([("Servers", servers)]).encode(&mut data);
    LogEntry { index: 1, term: 1, kind: 5, data, ..LogEntry::default() }
}

/// Entries 1 to `last`; those from `from` on are from another leader.
fn log(voters: u64, last: u64, (from, term, seed): (u64, u64, u64)) -> Vec<LogEntry> {
    let of = |seed| Writes::new(ConsulVersion::V1_21_4, 2, seed);
    let common = of(1).take_while(|entry| entry.index < from);
    let later = of(seed).skip_while(|entry| entry.index < from);
    let later = later.map(|entry| LogEntry { term, ..entry });
    let all = std::iter::once(configuration(voters)).chain(common).chain(later);
    all.take_while(|entry| entry.index <= last).collect()
}

fn written(dir: &Path, name: &str, entries: Vec<LogEntry>) -> String {
    let path = dir.join(name);
    if name.ends_with("db") {
        write_bolt(&path, entries.into_iter()).unwrap();
    } else {
        write_wal(&path, entries.into_iter(), WalOptions::default()).unwrap();
    }
    path.to_str().unwrap().to_owned()
}

/// By index and term: its status, and the inputs that have it.
fn marks(lines: &[Value]) -> BTreeMap<(u64, u64), (String, usize)> {
    lines
        .iter()
        .map(|line| {
            let status = line["status"].as_str().unwrap_or_default().to_owned();
            let inputs = line["inputs"].as_array().unwrap().len();
            ((number(line, "index"), number(line, "term")), (status, inputs))
        })
        .collect()
}

#[test]
fn what_most_servers_have_is_committed() {
    let dir = tempfile::tempdir().unwrap();
    // A former leader, whose last entries nobody else has; and one that is ahead of the other.
    let a = written(dir.path(), "a", log(3, 205, (201, 2, 9)));
    let b = written(dir.path(), "b.db", log(3, 210, (201, 3, 1)));
    let c = written(dir.path(), "c", log(3, 208, (201, 3, 1)));
    let ran = timeline(&[&a, &b, &c]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let marks_of = marks(&ran.lines());
    let mark = |index: u64, term: u64| {
        let (status, inputs) = &marks_of[&(index, term)];
        (status.as_str(), *inputs)
    };
    assert_eq!(mark(1, 1), ("committed", 3));
    assert_eq!(mark(200, 2), ("committed", 3));
    assert_eq!(mark(205, 2), ("replaced", 1));
    assert_eq!(mark(201, 3), ("committed", 2));
    assert_eq!(mark(208, 3), ("committed", 2));
    assert_eq!(mark(209, 3), ("not-proven", 1));
    for said in [
        "200 entries are the same; 5 entries were replaced, from index 201",
        "208 entries are the same",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    // Two of five servers prove nothing, nor does a single server's own log.
    let five = written(dir.path(), "five", log(5, 50, (51, 2, 1)));
    let other = written(dir.path(), "other", log(5, 50, (51, 2, 1)));
    let alone = written(dir.path(), "alone", log(1, 50, (51, 2, 1)));
    for inputs in [&[five.as_str(), &other][..], &[&alone], &[&b]] {
        let lines = timeline(inputs).lines();
        assert!(lines.iter().all(|line| line["status"] == "not-proven"), "{inputs:?}");
    }
    // A copy of a server's data directory counts as the same server.
    for name in ["one", "two"] {
        let data = dir.path().join(name);
        written(&data.join("raft"), "wal", log(3, 50, (51, 2, 1)));
        fs::write(data.join("node-id"), "8a7b\n").unwrap();
    }
    let copies = ["one", "two"].map(|name| dir.path().join(name).to_str().unwrap().to_owned());
    let lines = timeline(&[&copies[0], &copies[1]]).lines();
    assert!(lines.iter().all(|line| line["status"] == "not-proven"));
    fs::write(dir.path().join("two/node-id"), "9a7b\n").unwrap();
    let lines = timeline(&[&copies[0], &copies[1]]).lines();
    assert!(lines.iter().all(|line| line["status"] == "committed"));
}

#[test]
fn entries_of_one_term_that_differ_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let a = log(3, 100, (101, 2, 1));
    let mut b = a.clone();
    let byte = b[41].data.len() - 1;
    b[41].data[byte] ^= 1;
    let (a, b) = (written(dir.path(), "a", a), written(dir.path(), "b", b));
    let ran = timeline(&[&a, &b]);
    assert_eq!(ran.code(), 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("99 entries are the same, but 1 entry differs, the first at index 42")
    );
    let lines = ran.lines();
    let differing: Vec<&Value> = lines.iter().filter(|line| line["differs"] == true).collect();
    assert!(differing.len() >= 2 && differing.iter().all(|line| line["index"] == 42));
}

#[test]
fn gaps_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = |index: u64| {
        let spec = SnapshotSpec { meta: Meta::at(index), ..SnapshotSpec::new(Vec::new()) };
        write(dir.path(), &format!("{index}.snap"), &spec.snap()).to_str().unwrap().to_owned()
    };
    let entries = Writes::new(ConsulVersion::V1_21_4, 1, 5).skip(599).take(100).collect();
    let wal = written(dir.path(), "wal", entries);
    let (early, late) = (snapshot(400), snapshot(900));
    let ran = timeline(&[&late, &wal, &early]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let lines = ran.lines();
    let gaps: Vec<(u64, u64, &str)> = lines
        .iter()
        .filter(|line| line["type"] == "Gap")
        .map(|line| (number(line, "index"), number(line, "to"), line["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(
        gaps,
        [
            (1, 400, "the entries up to index 400 are not in any input"),
            (401, 599, "between index 400 and 599 only end states are known"),
            (700, 900, "between index 699 and 900 only end states are known"),
        ]
    );
    // They are in the right places.
    let kinds: Vec<&str> = lines
        .iter()
        .map(|line| line["type"].as_str().unwrap())
        .filter(|kind| ["Gap", "Snapshot"].contains(kind))
        .collect();
    assert_eq!(kinds, ["Gap", "Snapshot", "Gap", "Gap", "Snapshot"]);
    let range = run(["timeline", "-o", "jsonl", "--since", "650", "--until", "660", &wal]).lines();
    assert!(range.iter().all(|line| (650..=660).contains(&number(line, "index"))));

    let (_a, one) = data_dir("consul-1.8.7");
    let (_b, other) = data_dir("consul-1.21.4-wal");
    let ran = timeline(&[&one, &other]);
    assert!(ran.code() == 2 && ran.stderr.contains("different clusters"), "{}", ran.stderr);
}

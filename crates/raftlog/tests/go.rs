//! Logs written by the libraries that Consul links, read by them and by us.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)] // helpers of tests fail as tests do

use sha2::{Digest as _, Sha256};
use snapscope_decode::GoTime;
use snapscope_raftlog::{Entry, EntryKind, Follower, LogFinding, RaftLog};
use snapscope_testkit::raft_logs;
use snapscope_testkit::random::SplitMix64;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const STORES: [(&str, &str); 2] = [("bolt", "raft.db"), ("wal", "wal")];
const SCENARIOS: [&str; 6] = ["whole", "later", "head", "tail", "both", "emptied"];

/// The program, or why it is missing: only CI has to have Go.
fn program() -> Option<PathBuf> {
    match raft_logs() {
        Ok(program) => Some(program),
        Err(e) => {
            assert!(std::env::var_os("CI").is_none(), "{e}");
            eprintln!("skipped: {e}");
            None
        }
    }
}

/// What the program prints: a line for each entry.
fn said(program: &Path, args: &[&str]) -> Vec<String> {
    let output = Command::new(program).args(args).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn number(kind: EntryKind) -> u64 {
    (0..6).find(|number| EntryKind::from(*number) == kind).unwrap()
}

/// The same lines from our reader, and its findings.
fn ours(path: &Path) -> (Vec<String>, Vec<LogFinding>) {
    let log = RaftLog::open(path).unwrap().unwrap();
    let (mut lines, mut findings) = (Vec::new(), Vec::new());
    log.walk(0, &mut |finding| findings.push(finding), &mut |entry| {
        lines.push(line(&entry));
        ControlFlow::Continue(())
    })
    .unwrap();
    (lines, findings)
}

fn line(entry: &Entry<'_>) -> String {
    let nanos =
        |time: GoTime| i128::from(time.unix_seconds()) * 1_000_000_000 + i128::from(time.nanos);
    let at = entry.appended_at.map_or("-".to_owned(), |time| nanos(time).to_string());
    let (data, extensions) = (hex(entry.data), hex(entry.extensions));
    let (index, term, kind) = (entry.index, entry.term, number(entry.kind));
    format!("{index} {term} {kind} {at} {data} {extensions}")
}

#[test]
fn logs_are_read_as_the_libraries_read_them() {
    let Some(program) = program() else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut entries = 0;
    for (store, name) in STORES {
        for scenario in SCENARIOS {
            for seed in 1..=3 {
                let path = dir.path().join(format!("{store}-{scenario}-{seed}")).join(name);
                let text = path.to_str().unwrap();
                let count = (seed * 700).to_string();
                let seed = seed.to_string();
                let theirs = said(&program, &["write", store, text, scenario, &seed, &count]);
                let (lines, findings) = ours(&path);
                let place = format!("{store} {scenario} {seed}");
                assert_eq!(findings, [], "{place}");
                assert_eq!(lines.len(), theirs.len(), "{place}");
                for (line, theirs) in lines.iter().zip(&theirs) {
                    assert_eq!(line, theirs, "{place}");
                }
                let extent = RaftLog::open(&path).unwrap().unwrap().extent().unwrap();
                let index = |line: &String| line.split(' ').next().unwrap().parse::<u64>().unwrap();
                assert_eq!(
                    extent.map(|e| (e.first, e.last)),
                    theirs.first().map(|first| { (index(first), index(theirs.last().unwrap())) })
                );
                entries += lines.len();
            }
        }
    }
    assert!(entries > 20_000, "{entries}");
}

/// Entries that were dropped from the beginning of a log, but are still in its files, are recovered unchanged.
#[test]
fn removed_entries_are_carved() {
    let Some(program) = program() else { return };
    let dir = tempfile::tempdir().unwrap();
    for (store, name) in STORES {
        let write = |scenario| {
            let path = dir.path().join(format!("{store}-{scenario}")).join(name);
            let lines =
                said(&program, &["write", store, path.to_str().unwrap(), scenario, "6", "1600"]);
            (path, lines)
        };
        let (_, all) = write("whole");
        let (path, left) = write("head");
        let log = RaftLog::open(&path).unwrap().unwrap();
        let mut carved = log.carve().unwrap();
        let mut in_log = 0;
        log.walk(0, &mut |finding| panic!("{finding:?}"), &mut |entry| {
            carved.leave_out(entry.index, entry.term);
            in_log += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(in_log, left.len());
        let mut lines = Vec::new();
        carved
            .each(&mut |entry| {
                lines.push(line(&entry));
                ControlFlow::Continue(())
            })
            .unwrap();
        assert!(!lines.is_empty(), "{store}");
        // The first entries equal those of a log from which nothing was dropped.
        let index = |line: &str| line.split(' ').next().unwrap().parse::<usize>().unwrap();
        for line in lines.iter().filter(|line| index(line) <= all.len()) {
            assert_eq!(line, &all[index(line) - 1], "{store}");
        }
        assert!(lines.iter().all(|line| index(line) < index(&left[0])), "{store}");
    }
}

/// Copies a folder of files.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// A machine that stops in the middle of a write leaves the beginning of a batch, and zeros.
#[test]
fn a_torn_batch_ends_the_log_where_the_library_ends_it() {
    let Some(program) = program() else { return };
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole");
    let text = whole.to_str().unwrap();
    let all = said(&program, &["write", "wal", text, "whole", "9", "900"]);
    let segments = fs::read_dir(&whole).unwrap().map(|file| file.unwrap().path());
    let last = segments.filter(|path| path.extension().is_some_and(|e| e == "wal")).max().unwrap();
    let bytes = fs::read(&last).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let mut random = SplitMix64::new(5);
    let mut lengths = std::collections::BTreeSet::new();
    for round in 0..60 {
        let from = 32 + random.index(end - 32);
        let (a, b) = (dir.path().join(format!("{round}-a")), dir.path().join(format!("{round}-b")));
        for copied in [&a, &b] {
            copy(&whole, copied);
            let path = copied.join(last.file_name().unwrap());
            let mut file = OpenOptions::new().write(true).open(path).unwrap();
            file.seek(SeekFrom::Start(from as u64)).unwrap();
            file.write_all(&vec![0; end - from]).unwrap();
        }
        let (lines, findings) = ours(&a);
        let theirs = said(&program, &["read", "wal", b.to_str().unwrap()]);
        assert!(theirs.len() <= all.len());
        assert_eq!(lines, theirs, "zeros from {from} of {end}");
        let is_plain = |finding: &LogFinding| {
            matches!(finding, LogFinding::Unacknowledged { .. } | LogFinding::Damage { .. })
        };
        assert!(findings.iter().all(is_plain), "{findings:?}");
        lengths.insert(lines.len());
        fs::remove_dir_all(&a).unwrap();
        fs::remove_dir_all(&b).unwrap();
    }
    assert!(lengths.len() > 8, "{lengths:?}");
}

/// Follows a log while it is written. Returns the lines of the writer and of our reader.
fn followed(program: &Path, store: &str, path: &Path, count: u64) -> (Vec<String>, Vec<String>) {
    let (seed, count, rate) = ("4", count.to_string(), "400");
    let mut child = Command::new(program)
        .args(["live", store, path.to_str().unwrap(), seed, &count, rate])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdout.take().unwrap();
    let theirs = std::thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    let log = loop {
        let found = if path.exists() { RaftLog::open(path).unwrap() } else { None };
        // The file exists before its pages do.
        match found {
            Some(log) if log.extent().is_ok_and(|extent| extent.is_some()) => break log,
            _ => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let mut follower = Follower::new(log, 0);
    let (mut lines, mut is_over) = (Vec::new(), false);
    loop {
        let said = RefCell::new(&mut lines);
        let done = follower.look(
            &mut |finding| panic!("{store}: {finding:?}"),
            &mut |from| said.borrow_mut().push(format!("replaced {from}")),
            &mut |entry| {
                said.borrow_mut().push(line(&entry));
                ControlFlow::Continue(())
            },
        );
        done.unwrap();
        if is_over {
            break;
        }
        std::thread::sleep(Duration::from_millis(7));
        // One more look after the last entry.
        is_over = child.try_wait().unwrap().is_some();
    }
    (theirs.join().unwrap(), lines)
}

/// The final entries of a log by index, without those that were replaced.
fn at_last(said: &[String]) -> BTreeMap<u64, &String> {
    let mut entries = BTreeMap::new();
    for line in said {
        if let Some(from) = line.strip_prefix("replaced ") {
            entries.split_off(&from.parse().unwrap());
        } else {
            let index = line.split(' ').next().unwrap().parse().unwrap();
            assert!(entries.insert(index, line).is_none(), "{line}: found twice");
        }
    }
    entries
}

/// A log that is written, cut off at its beginning and changed at its end is followed without a gap.
#[test]
fn a_log_is_followed_while_the_library_writes_it() {
    let Some(program) = program() else { return };
    let dir = tempfile::tempdir().unwrap();
    for (store, name) in STORES {
        let path = dir.path().join(format!("live-{store}")).join(name);
        let (theirs, ours) = followed(&program, store, &path, 1500);
        assert!(theirs.iter().any(|line| line.starts_with("replaced")), "{store}");
        let (theirs, ours) = (at_last(&theirs), at_last(&ours));
        let first = *ours.keys().next().unwrap();
        assert!(first < 100, "{store}: {first}");
        assert!(
            ours.into_iter().eq(theirs.into_iter().filter(|(index, _)| *index >= first)),
            "{store}"
        );
    }
}

#[test]
#[ignore = "a million entries in each store"]
fn many_entries_are_read_as_the_libraries_read_them() {
    let Some(program) = program() else { return };
    let dir = tempfile::tempdir().unwrap();
    for (store, name) in STORES {
        let path = dir.path().join(store).join(name);
        let text = path.to_str().unwrap();
        let theirs = said(&program, &["write", store, text, "whole", "1", "1000000"]);
        let (lines, findings) = ours(&path);
        assert_eq!(findings, []);
        assert_eq!(lines.len(), 1_000_000);
        assert!(lines == theirs, "{store}");
    }
}

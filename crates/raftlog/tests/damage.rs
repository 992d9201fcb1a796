//! Damaged logs: nothing panics or hangs, what is whole is read, and what is missing is reported.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

use snapscope_raftlog::{Damage, DamageKind, Error, LogFinding, RaftLog};
use snapscope_testkit::ConsulVersion;
use snapscope_testkit::damage::{bit_flips, truncations};
use snapscope_testkit::raftlog::{LogEntry, WalOptions, Writes, write_bolt, write_wal};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// A small log, and the file in it that a test damages.
struct Log {
    dir: TempDir,
    file: PathBuf,
    bytes: Vec<u8>,
    entries: Vec<LogEntry>,
    has_checksums: bool,
}

const COUNT: usize = 60;

impl Log {
    fn bolt() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("raft.db");
        let entries: Vec<_> = Writes::new(ConsulVersion::V1_8_7, 1, 3).take(COUNT).collect();
        write_bolt(&file, entries.iter().cloned()).unwrap();
        let bytes = fs::read(&file).unwrap();
        Self { dir, file, bytes, entries, has_checksums: false }
    }

    /// Two segments, one of which a test damages.
    fn wal(is_sealed: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let entries: Vec<_> = Writes::new(ConsulVersion::V1_21_4, 1, 3).take(COUNT).collect();
        let options = WalOptions { batch: 3, segment: 8 << 10 };
        write_wal(&dir.path().join("wal"), entries.iter().cloned(), options).unwrap();
        let files = fs::read_dir(dir.path().join("wal")).unwrap().map(|file| file.unwrap().path());
        let mut segments: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|e| e == "wal")).collect();
        segments.sort();
        assert!(segments.len() > 1);
        let file = if is_sealed { segments.remove(0) } else { segments.pop().unwrap() };
        let mut bytes = fs::read(&file).unwrap();
        // A little of the preallocated space is enough.
        let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
        bytes.truncate(end + 64);
        Self { dir, file, bytes, entries, has_checksums: true }
    }

    fn all() -> [Self; 3] {
        [Self::bolt(), Self::wal(true), Self::wal(false)]
    }

    /// Writes the damaged file with an old modification time, so no server seems to be writing it.
    fn damage(&self, bytes: &[u8]) {
        fs::write(&self.file, bytes).unwrap();
        let file = File::options().write(true).open(&self.file).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    }

    fn place(&self) -> &Path {
        self.dir.path()
    }
}

/// The result of reading a damaged log.
struct Outcome {
    /// Whether the entries that were read are those that were written.
    are_own: bool,
    read: usize,
    /// Whether entries before the last one that was read are missing.
    has_gap: bool,
    findings: Vec<LogFinding>,
    error: Option<Damage>,
}

fn read(log: &Log, what: &str) -> Outcome {
    let written: BTreeMap<u64, &LogEntry> = log.entries.iter().map(|e| (e.index, e)).collect();
    let (mut findings, mut read, mut last, mut are_own) = (Vec::new(), 0, 0, true);
    let raft = match RaftLog::open(log.place()) {
        Ok(Some(raft)) => raft,
        other => panic!("{what}: {other:?}"),
    };
    let mut has_gap = false;
    let done = raft.walk(0, &mut |finding| findings.push(finding), &mut |entry| {
        assert!(entry.index > last, "{what}: {} after {last}", entry.index);
        has_gap |= last != 0 && entry.index != last + 1;
        last = entry.index;
        read += 1;
        let own = written.get(&entry.index);
        are_own &= own.is_some_and(|own| {
            own.data == entry.data && own.term == entry.term && own.extensions == entry.extensions
        });
        ControlFlow::Continue(())
    });
    let error = match done {
        Ok(()) => None,
        Err(Error::Damage(damage)) => Some(damage),
        Err(e) => panic!("{what}: {e}"),
    };
    for finding in &findings {
        if let LogFinding::Damage { damage, .. } = finding {
            assert!(damage.to_string().contains("at byte"), "{damage}");
        }
    }
    let _ = raft.extent();
    let _ = raft.after(0).map(|tail| tail.writes);
    Outcome { are_own, read, has_gap, findings, error }
}

/// Checks what must hold after any damage.
fn check(log: &Log, what: &str) -> Outcome {
    let outcome = read(log, what);
    if log.has_checksums {
        assert!(outcome.are_own, "{what}: an entry is not as it was written");
    }
    let is_reported = outcome.error.is_some() || !outcome.findings.is_empty();
    assert!(!outcome.has_gap || is_reported, "{what}: a gap");
    outcome
}

fn truncated(step: usize) {
    for log in Log::all() {
        log.damage(&log.bytes);
        let whole = check(&log, "whole");
        assert_eq!((whole.read, whole.findings.len()), (COUNT, 0));
        let cuts = truncations(&log.bytes).enumerate().step_by(step);
        let (mut most, mut before) = (0, 0);
        for (end, bytes) in cuts {
            log.damage(bytes);
            let outcome = check(&log, &format!("cut at {end} of {}", log.bytes.len()));
            if log.has_checksums {
                // Entries before the cut are read.
                assert!(outcome.read >= before, "cut at {end}: {} < {before}", outcome.read);
                before = outcome.read;
            }
            most = most.max(outcome.read);
            let is_short = outcome.error.is_some_and(|damage| {
                matches!(
                    damage.kind,
                    DamageKind::NoMeta | DamageKind::Short { .. } | DamageKind::CutOff { .. }
                )
            });
            let is_silent = outcome.error.is_none() && outcome.findings.is_empty();
            assert!(
                is_short || !is_silent || outcome.read == COUNT || log.has_checksums,
                "cut at {end}: missing entries are not reported"
            );
        }
        // The root of a bbolt file may be at its end.
        assert!(most > COUNT / 2 || !log.has_checksums);
    }
}

fn flipped(count: usize, seed: u64) {
    for log in Log::all() {
        let mut whole = 0;
        for damaged in bit_flips(&log.bytes, count, seed) {
            log.damage(&damaged.bytes);
            let outcome = check(&log, &damaged.what);
            // One flipped bit loses at most a page, or a segment whose frames cannot be found.
            whole += usize::from(outcome.read == COUNT);
        }
        assert!(whole > 0 || count < 50);
    }
}

#[test]
fn some_truncations_and_flips() {
    truncated(61);
    flipped(300, 1);
}

#[test]
#[ignore = "every truncation, and 20,000 flips of each store"]
fn every_truncation_and_many_flips() {
    truncated(1);
    flipped(20_000, 2);
}

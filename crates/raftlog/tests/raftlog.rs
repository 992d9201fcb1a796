//! Reads logs of real servers, intact and damaged.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

#[allow(dead_code, reason = "main is for the command line")]
#[path = "../examples/writes.rs"]
mod writes;

use proptest::prelude::*;
use snapscope_raftlog::bbolt::Database;
use snapscope_raftlog::wal::Segment;
use snapscope_raftlog::{
    Assembled, Chunks, Command, Entry, EntryKind, Error, LogFinding, RaftLog, Store, members,
};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tempfile::TempDir;

const BOLT: &str = "consul-1.8.7";
const WAL: &str = "consul-1.21.4-wal";

/// The raft folder of a server that was killed after it had been written to.
fn raft(server: &str) -> (TempDir, PathBuf) {
    let packed = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/raftlog")
        .join(server)
        .join("raft.tar.gz");
    let dir = tempfile::tempdir().unwrap();
    let gzip = flate2::read::GzDecoder::new(File::open(packed).unwrap());
    tar::Archive::new(gzip).unpack(dir.path()).unwrap();
    let raft = dir.path().join("raft");
    (dir, raft)
}

fn segment_file(raft: &Path) -> PathBuf {
    let files = fs::read_dir(raft.join("wal")).unwrap().map(|file| file.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|e| e == "wal")).max().unwrap()
}

/// The index that each server's log had reached is known from the server's own snapshots.
#[test]
fn the_extent_of_a_servers_log() {
    for (server, store, last) in [(BOLT, Store::Bolt, 920), (WAL, Store::Wal, 959)] {
        let (_dir, raft) = raft(server);
        let log = RaftLog::find(&raft).unwrap().unwrap();
        assert_eq!(log.store(), store);
        let extent = log.extent().unwrap().unwrap();
        assert_eq!((extent.first, extent.last, extent.last_term), (1, last, 2), "{server}");
        assert_eq!(extent.damage, None);
    }
}

#[test]
fn the_example_lists_what_was_written() {
    for server in [BOLT, WAL] {
        let (_dir, raft) = raft(server);
        let mut out = Vec::new();
        writes::writes(&raft, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.lines().any(|line| line.ends_with(" KVS")), "{server}: {out}");
    }
}

/// Writes after an index: the servers' snapshots along the way were at 704 and 751.
#[test]
fn writes_after_a_snapshot_are_counted() {
    for (server, index, last) in [(BOLT, 704, 920), (WAL, 751, 959)] {
        let (_dir, raft) = raft(server);
        let log = RaftLog::find(&raft).unwrap().unwrap();
        let tail = log.after(index).unwrap();
        assert_eq!((tail.last, &tail.damage), (last, &None), "{server}");
        // A value of 1.3 MB takes three entries, of which one is the write.
        assert!(tail.writes <= last - index && tail.writes > 150, "{server}: {}", tail.writes);
        assert_eq!(log.after(last).unwrap().writes, 0);
        assert!(log.after(0).unwrap().writes > 800);
    }
}

#[test]
fn a_folder_without_a_log_has_none() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(RaftLog::find(dir.path()).unwrap(), None);
}

/// Every entry of both stores is read: the indexes have no gap, and each kind occurs as often as the servers wrote it.
#[test]
fn every_entry_is_read() {
    let (_dir, bolt) = raft(BOLT);
    let database = Database::open(File::open(bolt.join("raft.db")).unwrap()).unwrap();
    let logs = database.bucket(b"logs").unwrap().unwrap();
    let mut indexes = Vec::new();
    let mut kinds = BTreeMap::<EntryKind, u64>::new();
    logs.walk(&[], &mut |e| panic!("{e}"), &mut |item| {
        let entry = Entry::from_msgpack(item.value, item.offset).unwrap();
        assert_eq!(item.key, entry.index.to_be_bytes());
        assert_eq!(entry.appended_at, None, "1.8.7 records no time");
        indexes.push(entry.index);
        *kinds.entry(entry.kind).or_default() += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(indexes, (1..=920).collect::<Vec<u64>>());
    assert_eq!(kinds[&EntryKind::Configuration], 1);
    assert!(kinds[&EntryKind::Command] > 900, "{kinds:?}");

    // From an index on, and one by its index.
    let mut some = Vec::new();
    logs.walk(&915u64.to_be_bytes(), &mut |e| panic!("{e}"), &mut |item| {
        some.push(item.key.to_vec());
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(some.len(), 6);
    let one = logs.get(&500u64.to_be_bytes(), |item| item.value.len()).unwrap();
    assert!(one.is_some_and(|size| size > 0));
    assert_eq!(logs.get(&921u64.to_be_bytes(), |_| ()).unwrap(), None);
    assert!(database.bucket(b"conf").unwrap().is_some());
    assert!(database.bucket(b"other").unwrap().is_none());

    let (_dir, wal) = raft(WAL);
    let segment = Segment::open(File::open(segment_file(&wal)).unwrap()).unwrap();
    assert_eq!((segment.base_index(), segment.id()), (1, 0));
    let mut indexes = Vec::new();
    let (mut before, mut timed) = (None, 0);
    let end = segment
        .walk(&mut |e| panic!("{e}"), &mut |committed| {
            let entry = committed.entry;
            // Entries that the Raft library makes itself have no time.
            if let Some(at) = entry.appended_at {
                assert!(before.is_none_or(|before| before <= (at.seconds, at.nanos)));
                before = Some((at.seconds, at.nanos));
                timed += 1;
            }
            indexes.push(entry.index);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(indexes, (1..=959).collect::<Vec<u64>>());
    assert_eq!((end.uncommitted, end.damage), (0, None));
    assert!(timed > 900, "{timed}");
}

/// One changed byte in a WAL loses the batch it is in, and is reported; the batches after it are read.
#[test]
fn a_flipped_bit_in_a_wal_is_found_by_its_commit() {
    let (_dir, raft) = raft(WAL);
    let path = segment_file(&raft);
    let mut bytes = fs::read(&path).unwrap();
    bytes.truncate(3_747_700);
    // Inside of a large value, so that frames stay what they are.
    let offset = bytes.len() / 2;
    bytes[offset] ^= 0x10;
    fs::write(&path, &bytes).unwrap();
    let log = RaftLog::find(&raft).unwrap().unwrap();
    let extent = log.extent().unwrap().unwrap();
    assert_eq!(extent.last, 959);
    let (file, damage) = extent.damage.unwrap();
    assert_eq!(file, path);
    assert!(damage.offset.abs_diff(offset as u64) < 2_000_000, "{damage}");
    let (mut read, mut findings) = (0, Vec::new());
    log.walk(1, &mut |finding| findings.push(finding), &mut |_| {
        read += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!((950..959).contains(&read), "{read}");
    assert!(
        matches!(findings[..], [LogFinding::Damage { .. }, LogFinding::Gap { .. }]),
        "{findings:?}"
    );
}

/// Entries after the last commit were never acknowledged.
#[test]
fn a_batch_without_its_commit_does_not_count() {
    let (_dir, raft) = raft(WAL);
    let path = segment_file(&raft);
    let mut bytes = fs::read(&path).unwrap();
    bytes.truncate(3_747_648);
    // The last frame is a commit. Its content is erased, so only its space is left.
    let end = bytes.len();
    bytes[end - 8..].fill(0);
    fs::write(&path, &bytes).unwrap();
    let extent = RaftLog::find(&raft).unwrap().unwrap().extent().unwrap().unwrap();
    assert_eq!((extent.last, extent.damage), (958, None));
}

/// Without their list, segments are found by their names.
#[test]
fn a_wal_without_its_list_is_read() {
    let (_dir, raft) = raft(WAL);
    fs::write(raft.join("wal/wal-meta.db"), b"nothing").unwrap();
    let extent = RaftLog::find(&raft).unwrap().unwrap().extent().unwrap().unwrap();
    assert_eq!(extent.last, 959);
}

/// Small files, so that many can be damaged.
static FILES: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let (_bolt, bolt) = raft(BOLT);
    let (_wal, wal) = raft(WAL);
    let mut segment = fs::read(segment_file(&wal)).unwrap();
    segment.truncate(400_000);
    (fs::read(bolt.join("raft.db")).unwrap(), segment)
});

fn read_bolt(bytes: &Vec<u8>) -> Result<u64, Error> {
    let database = Database::open(bytes)?;
    let Some(logs) = database.bucket(b"logs")? else { return Ok(0) };
    let mut count = 0;
    logs.walk(&[], &mut |_| ControlFlow::Continue(()), &mut |item| {
        count += u64::from(Entry::from_msgpack(item.value, item.offset).is_ok());
        ControlFlow::Continue(())
    })?;
    logs.last(|item| item.offset)?;
    Ok(count)
}

fn read_wal(bytes: &Vec<u8>) -> Result<u64, Error> {
    let mut count = 0;
    Segment::open(bytes)?.walk(&mut |_| ControlFlow::Continue(()), &mut |_| {
        count += 1;
        ControlFlow::Continue(())
    })?;
    Ok(count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damage_is_a_value(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        for (file, read) in
            [(&FILES.0, read_bolt as fn(&Vec<u8>) -> _), (&FILES.1, read_wal)]
        {
            let mut bytes = file.clone();
            for (at, byte) in &changes {
                *at.get_mut(&mut bytes) = *byte;
            }
            if !whole {
                bytes.truncate(cut.index(file.len()));
            }
            if let Err(Error::Io(e)) = read(&bytes) {
                panic!("{e}");
            }
        }
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..9000)) {
        let _ = read_bolt(&bytes);
        let _ = read_wal(&bytes);
        let _ = Entry::from_msgpack(&bytes, 0);
        let _ = Entry::from_wal(&bytes, 0);
    }
}

/// All entries of both stores, with commands reassembled.
#[test]
fn a_log_is_walked_whichever_store_it_is_in() {
    for (server, last, members_of) in [(BOLT, 920, "127.0.0.1"), (WAL, 959, "127.0.0.1")] {
        let (_dir, raft) = raft(server);
        let log = RaftLog::find(&raft).unwrap().unwrap();
        let (mut next, mut chunks) = (1, Chunks::default());
        let (mut parts, mut whole, mut largest) = (0, 0, 0);
        let mut servers = Vec::new();
        log.walk(1, &mut |finding| panic!("{finding:?}"), &mut |entry| {
            assert_eq!(entry.index, next, "{server}");
            next += 1;
            servers.extend(members(&entry).into_iter().flatten().map(|m| m.address.to_vec()));
            match chunks.take(&entry) {
                Assembled::Whole(data) => {
                    let command = Command::read(&data).unwrap();
                    assert!(command.kind.info().is_some(), "{server}: {:?}", command.kind);
                    whole += 1;
                    largest = largest.max(command.request.len());
                }
                Assembled::Part => parts += 1,
                Assembled::Incomplete => panic!("{server}: chunks are missing"),
                Assembled::Other => {}
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(next, last + 1, "{server}");
        assert!(parts >= 2 && whole > 800, "{server}: {parts} {whole}");
        assert!(largest > 1_000_000, "{server}: a value of 1.3 MB is in three entries");
        assert_eq!(chunks.pending().count(), 0);
        assert_eq!(servers.len(), 1, "{server}");
        assert!(servers[0].starts_with(members_of.as_bytes()));

        // From an index on.
        let mut some = Vec::new();
        log.walk(last - 2, &mut |_| {}, &mut |entry| {
            some.push(entry.index);
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(some, [last - 2, last - 1, last]);
    }
}

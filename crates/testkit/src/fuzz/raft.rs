//! Reads any bytes as the files of a Raft log, and as commands in it.

use snapscope_decode::ServerVersion;
use snapscope_raftlog::bbolt::Database;
use snapscope_raftlog::wal::{Segment, segments_of};
use snapscope_raftlog::{Command, Entry, EntryKind};
use snapscope_state::{Described, Identities, Machine, Touched};
use std::ops::ControlFlow;

/// Every item is inside the file, and a cycle of pages ends the walk.
pub fn raft_db(data: &[u8]) {
    let Ok(database) = Database::open(data) else { return };
    for name in [&b"logs"[..], b"conf", b"wal-meta"] {
        let Ok(Some(bucket)) = database.bucket(name) else { continue };
        let (mut items, mut damages) = (0usize, 0usize);
        let done = bucket.walk(
            &[],
            &mut |e| {
                assert!(!e.to_string().is_empty());
                damages += 1;
                ControlFlow::Continue(())
            },
            &mut |item| {
                items += 1;
                let at = item.offset as usize;
                assert_eq!(data.get(at..at + item.value.len()), Some(item.value));
                let _ = Entry::from_msgpack(item.value, item.offset);
                ControlFlow::Continue(())
            },
        );
        assert!(done.is_ok(), "bytes in memory can be read");
        // An element takes 16 bytes, and a page is visited once.
        assert!(items <= data.len() / 16 * 41, "{items} items in {} bytes", data.len());
        let _ = bucket.first(|item| item.offset);
        let _ = bucket.last(|item| item.offset);
        let _ = bucket.get(&7u64.to_be_bytes(), |item| item.offset);
    }
    let _ = segments_of(&database);
}

/// Entries precede a valid commit, and reading continues where it ended.
pub fn wal_segment(data: &[u8]) {
    let Ok(segment) = Segment::open(data) else { return };
    let mut last = 0;
    let end = segment
        .walk(&mut |_| ControlFlow::Continue(()), &mut |committed| {
            assert!(committed.offset > last, "frames follow one another");
            last = committed.offset;
            ControlFlow::Continue(())
        })
        .expect("bytes in memory can be read");
    assert!(last < end.offset && end.offset <= data.len() as u64);
    let again = segment
        .walk_from(end.offset, &mut |_| ControlFlow::Continue(()), &mut |committed| {
            panic!("an entry at {} after the last valid commit", committed.offset)
        })
        .expect("bytes in memory can be read");
    assert_eq!(again.offset, end.offset);
    // A single lost batch is not damage at the end.
    assert_eq!(again.uncommitted, end.uncommitted);
}

/// Commands are applied or refused, and a refused one leaves no trace.
pub fn commands(data: &[u8]) {
    let entry = |index| Entry {
        index,
        term: 1,
        kind: EntryKind::Command,
        data,
        extensions: &[],
        appended_at: None,
        is_recovered: false,
    };
    let mut touched = Touched::new();
    touched.see(&entry(1));
    for version in [ServerVersion::new(1, 8, 7), ServerVersion::new(1, 21, 4)] {
        let mut machine = Machine::new(version);
        for index in 1..3 {
            let _ = machine.apply(&entry(index));
        }
    }
    let Some(command) = Command::read(data) else { return };
    let described = Described::of(&command);
    assert!(described.operations.len() <= data.len(), "more operations than bytes");
    let mut identities = Identities::new();
    identities.see_command(&command);
    if let Some(token) = described.token {
        let _ = identities.of(&token);
    }
}

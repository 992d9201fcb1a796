//! Commands that no server would write: nothing panics, and refused commands leave no trace.

#![allow(clippy::unwrap_used)] // helpers of tests fail as tests do

use proptest::prelude::*;
use snapscope_decode::{Kind, ServerVersion};
use snapscope_raftlog::{Command, Entry, EntryKind};
use snapscope_state::{Described, Effect, Machine, Touched};

fn entry(index: u64, data: &[u8]) -> Entry<'_> {
    Entry {
        index,
        term: 1,
        kind: EntryKind::Command,
        data,
        extensions: &[],
        appended_at: None,
        is_recovered: false,
    }
}

/// A key written by a command, as servers encode it.
fn set(key: &[u8], op: &str, modify: u8) -> Vec<u8> {
    let raw = |bytes: &[u8]| [&[0xa0 | u8::try_from(bytes.len()).unwrap()][..], bytes].concat();
    let mut entry = vec![0x87];
    for (name, value) in [
        ("CreateIndex", vec![0]),
        ("Flags", vec![0]),
        ("Key", raw(key)),
        ("LockIndex", vec![0]),
        ("ModifyIndex", vec![modify]),
        ("Session", raw(b"")),
        ("Value", raw(b"v")),
    ] {
        entry.extend(raw(name.as_bytes()));
        entry.extend(value);
    }
    let mut command = vec![2, 0x82];
    command.extend(raw(b"DirEnt"));
    command.extend(entry);
    command.extend(raw(b"Op"));
    command.extend(raw(op.as_bytes()));
    command
}

#[test]
fn effects_of_writes_to_keys() {
    let mut machine = Machine::new(ServerVersion::new(1, 21, 4));
    let stale = || Effect::Refused("the key's index or lock differs".into());
    let steps = [
        ("set", 0, Effect::Changed(1)),
        ("set", 0, Effect::Unchanged),
        ("cas", 0, stale()),
        ("cas", 9, stale()),
        ("delete-cas", 9, stale()),
        ("cas", 1, Effect::Unchanged),
        // The key and its tombstone.
        ("delete-cas", 1, Effect::Changed(2)),
        ("delete", 0, Effect::Unchanged),
        ("cas", 0, Effect::Changed(1)),
        ("delete-tree", 0, Effect::Changed(2)),
        ("unlock", 0, Effect::Refused("an unlock needs a session".into())),
        ("else", 0, Effect::Refused("unknown operation".into())),
    ];
    for (index, (op, modify, effect)) in (1..).zip(steps) {
        let data = set(b"app/x", op, modify);
        assert_eq!(machine.apply(&entry(index, &data)), effect, "{op} {modify}");
        let changes = machine.changes(&|kind| kind == Kind::KVS);
        assert_eq!(changes.is_empty(), !matches!(effect, Effect::Changed(_)), "{op} {modify}");
    }
    assert!(machine.inexact().is_empty());
    // A no-op changes nothing, whatever the command before it changed.
    let data = set(b"app/x", "set", 0);
    machine.apply(&entry(100, &data));
    assert!(!machine.changes(&|_| true).is_empty());
    machine.apply(&Entry { kind: EntryKind::Noop, ..entry(101, &data) });
    assert!(machine.changes(&|_| true).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_commands(
        kind in 0u8..=70,
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let mut machine = Machine::new(ServerVersion::new(1, 21, 4));
        let mut touched = Touched::new();
        let mut changed = set(b"app/x", "set", 0);
        for (at, byte) in &changes {
            *at.get_mut(&mut changed) = *byte;
        }
        for data in [[&[kind][..], &bytes].concat(), changed] {
            touched.see(&entry(1, &data));
            let _ = machine.apply(&entry(1, &data));
            if let Some(command) = Command::read(&data) {
                let _ = Described::of(&command);
            }
        }
    }
}

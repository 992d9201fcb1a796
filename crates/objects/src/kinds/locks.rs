//! Locks: keys that are held by sessions.

use super::sessions::lock_delay;
use super::{INDEXES, ObjectKind, Rows, columns, field, id};
use crate::filter::{Field, Shape};
use crate::json::Sink as _;
use crate::row::{Join, Record, Row};
use crate::shape::{Engine, Problem};
use snapscope_decode::Kind;
use std::collections::BTreeMap;

/// Locked keys, each with facts about its session.
pub(super) static LOCKS: ObjectKind = ObjectKind {
    name: "locks",
    one: "lock",
    object: None,
    about: "keys that are locked, and by which session",
    from: &[Kind::KVS, Kind::SESSION],
    rows: Rows::Joined(|| Join::Locks(LocksJoin::default())),
    shape: || {
        static FIELDS: &[Field] = &[
            Field { name: "Key", shape: || Shape::Text },
            Field { name: "Session", shape: || Shape::Text },
            Field { name: "SessionFound", shape: || Shape::Bool },
            Field { name: "SessionName", shape: || Shape::Text },
            Field { name: "Node", shape: || Shape::Text },
            Field { name: "TTL", shape: || Shape::Text },
            Field { name: "Behavior", shape: || Shape::Text },
            Field { name: "LockDelay", shape: || Shape::Int },
            Field { name: "LockIndex", shape: || Shape::Uint },
            Field { name: "Flags", shape: || Shape::Uint },
            Field { name: "CreateIndex", shape: || Shape::Uint },
            Field { name: "ModifyIndex", shape: || Shape::Uint },
        ];
        Shape::Object(FIELDS)
    },
    columns: columns![
        "key" = field("Key"),
        "session" = field("Session"),
        "node" = field("Node"),
        "ttl" = field("TTL"),
        @wide "session-name" = field("SessionName"),
        @wide "behavior" = field("Behavior"),
        @wide "lock-delay" = super::made(&["LockDelay"], lock_delay),
        @wide "lock-index" = field("LockIndex"),
        @wide "modified" = field("ModifyIndex"),
    ],
    id: |object, out| id::fields(object, &["Key"], out),
    id_fields: &["Key"],
    names: &[],
    bookkeeping: INDEXES,
};

#[derive(Debug, Default)]
pub(crate) struct LocksJoin {
    /// By the number of the key's record, which is the stored order.
    locks: BTreeMap<u64, Lock>,
    /// If several have one ID, which no server writes, the last one counts.
    sessions: BTreeMap<Vec<u8>, Holder>,
}

#[derive(Debug)]
struct Lock {
    key: Vec<u8>,
    session: Vec<u8>,
    lock_index: u64,
    flags: u64,
    create_index: u64,
    modify_index: u64,
}

#[derive(Debug)]
struct Holder {
    /// The number of its record.
    number: u64,
    name: Vec<u8>,
    node: Vec<u8>,
    ttl: Vec<u8>,
    behavior: Vec<u8>,
    lock_delay: u64,
}

impl LocksJoin {
    pub(crate) fn record(&mut self, record: &Record<'_>, problems: &mut Vec<Problem>) {
        let frame = &record.frame;
        let Some(stored) = record.stored(problems) else { return };
        let text = |name: &str| stored.text(name).to_vec();
        if frame.kind == Kind::SESSION {
            self.session(
                text("ID"),
                Holder {
                    number: frame.number,
                    name: text("Name"),
                    node: text("Node"),
                    ttl: text("TTL"),
                    behavior: text("Behavior"),
                    lock_delay: stored.uint("LockDelay"),
                },
            );
        } else if !stored.text("Session").is_empty() {
            self.locks.insert(
                frame.number,
                Lock {
                    key: text("Key"),
                    session: text("Session"),
                    lock_index: stored.uint("LockIndex"),
                    flags: stored.uint("Flags"),
                    create_index: stored.uint("CreateIndex"),
                    modify_index: stored.uint("ModifyIndex"),
                },
            );
        }
    }

    fn session(&mut self, id: Vec<u8>, holder: Holder) {
        if self.sessions.get(&id).is_none_or(|known| known.number <= holder.number) {
            self.sessions.insert(id, holder);
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.locks.extend(other.locks);
        other.sessions.into_iter().for_each(|(id, holder)| self.session(id, holder));
    }

    pub(crate) fn finish(self, row: &mut Row, each: &mut dyn FnMut(&Row)) {
        for lock in self.locks.values() {
            let tape = row.tape_mut();
            tape.clear();
            let engine = &mut Engine::new(tape);
            engine.sink.begin_object();
            engine.text_member("Key", &lock.key);
            if std::str::from_utf8(&lock.key).is_err() {
                engine.sink.key(b"KeyBase64");
                engine.sink.bytes(&lock.key);
            }
            engine.text_member("Session", &lock.session);
            let holder = self.sessions.get(&lock.session);
            engine.sink.key(b"SessionFound");
            engine.sink.bool(holder.is_some());
            if let Some(holder) = holder {
                engine.text_member("SessionName", &holder.name);
                engine.text_member("Node", &holder.node);
                engine.text_member("TTL", &holder.ttl);
                engine.text_member("Behavior", &holder.behavior);
                engine.uint_member("LockDelay", holder.lock_delay);
            }
            engine.uint_member("LockIndex", lock.lock_index);
            engine.uint_member("Flags", lock.flags);
            engine.uint_member("CreateIndex", lock.create_index);
            engine.uint_member("ModifyIndex", lock.modify_index);
            engine.sink.end_object();
            each(row);
        }
    }
}

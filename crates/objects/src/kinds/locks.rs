//! Locks: keys that are held by sessions.

use super::sessions::lock_delay;
use crate::filter::{Field, Shape};
use crate::json::Sink as _;
use crate::kind::declare::{INDEXES, columns, field, made};
use crate::kind::{Join, KindId, Maker, ObjectKind, Reference, Rows, Traits, id, same};
use crate::render::{Engine, RecordFields};
use crate::value::Tape;
use snapscope_decode::Kind;
use snapscope_decode::records::KvRef;
use std::collections::BTreeMap;

/// Locked keys, each with facts about its session.
pub(super) static LOCKS: ObjectKind = ObjectKind {
    id: KindId::Locks,
    name: "locks",
    one: "lock",
    object: None,
    about: "keys that are locked, and by which session",
    from: &[Kind::KVS, Kind::SESSION],
    rows: Rows::Joined(|| Box::new(LocksJoin::default())),
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
        @wide "lock-delay" = made(&["LockDelay"], lock_delay),
        @wide "lock-index" = field("LockIndex"),
        @wide "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| id::fields(object, &["Key"], out),
    id_fields: &["Key"],
    names: &[],
    bookkeeping: INDEXES,
    traits: Traits {
        keyed: true,
        references: &[
            Reference { to: KindId::Kv, fields: &["Key"], peer: None },
            Reference { to: KindId::Sessions, fields: &["Session"], peer: None },
            Reference { to: KindId::Nodes, fields: &["Node"], peer: None },
        ],
        ..Traits::NONE
    },
};

#[derive(Debug, Default)]
struct LocksJoin {
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

impl Join for LocksJoin {
    fn record(&mut self, record: &RecordFields<'_>, maker: &mut Maker<'_>) {
        let frame = &record.frame;
        // Most records are keys without a lock, as servers write them.
        if frame.kind == Kind::KVS
            && KvRef::as_servers_write(frame.cursor()).is_some_and(|kv| kv.session.0.is_empty())
        {
            return;
        }
        let Some(stored) = record.stored(maker.problems) else { return };
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

    fn merge(&mut self, other: Box<dyn Join>) {
        let Some(other) = same::<Self>(other) else { return };
        self.locks.extend(other.locks);
        other.sessions.into_iter().for_each(|(id, holder)| self.session(id, holder));
    }

    fn finish(self: Box<Self>, maker: &mut Maker<'_>) {
        for lock in self.locks.values() {
            let holder = self.sessions.get(&lock.session);
            maker.object(|engine| lock.render(holder, engine));
        }
    }
}

impl LocksJoin {
    fn session(&mut self, id: Vec<u8>, holder: Holder) {
        if self.sessions.get(&id).is_none_or(|known| known.number <= holder.number) {
            self.sessions.insert(id, holder);
        }
    }
}

impl Lock {
    fn render(&self, holder: Option<&Holder>, engine: &mut Engine<'_, Tape>) {
        engine.text_member("Key", &self.key);
        if std::str::from_utf8(&self.key).is_err() {
            engine.sink.key(b"KeyBase64");
            engine.sink.bytes(&self.key);
        }
        engine.text_member("Session", &self.session);
        engine.sink.key(b"SessionFound");
        engine.sink.bool(holder.is_some());
        if let Some(holder) = holder {
            engine.text_member("SessionName", &holder.name);
            engine.text_member("Node", &holder.node);
            engine.text_member("TTL", &holder.ttl);
            engine.text_member("Behavior", &holder.behavior);
            engine.uint_member("LockDelay", holder.lock_delay);
        }
        engine.uint_member("LockIndex", self.lock_index);
        engine.uint_member("Flags", self.flags);
        engine.uint_member("CreateIndex", self.create_index);
        engine.uint_member("ModifyIndex", self.modify_index);
    }
}

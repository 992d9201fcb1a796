//! Intentions: the sources of service-intentions entries and legacy records as one list.

use crate::json::Sink as _;
use crate::kind::declare::{INDEXES_AND_HASH, columns, field, made, schema_shape, text};
use crate::kind::{CellValue, Join, KindId, Maker, ObjectKind, Rows, Traits, id, same};
use crate::render::{Engine, Options, RecordFields, Show, Stored, render_record};
use crate::value::{Node, Tape};
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest as _};
use snapscope_decode::records::{ConfigEntryRef, ServiceIntentionsEntryRef, SourceIntentionRef};
use snapscope_decode::schema::WireStruct;
use snapscope_decode::wire::Value;
use snapscope_decode::{Frame, Kind};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The answer of `connect/intentions`, in its order.
pub(super) static INTENTIONS: ObjectKind = ObjectKind {
    id: KindId::Intentions,
    name: "intentions",
    one: "intention",
    object: Some("intention"),
    about: "which service may connect to which, by precedence",
    from: &[Kind::CONFIG_ENTRY, Kind::INTENTION],
    rows: Rows::Joined(|| Box::new(IntentionsJoin::default())),
    shape: || schema_shape(Kind::INTENTION),
    columns: columns![
        "source" = field("SourceName"),
        #1 "destination" = field("DestinationName"),
        #2 "action" = made(&["Action", "Permissions"], action),
        "precedence" = field("Precedence"),
        "peer" = field("SourcePeer"),
        "description" = field("Description"),
        @wide "id" = field("ID"),
        @wide "meta" = field("Meta"),
        @wide "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| {
        id::peer(object, "SourcePeer", out);
        id::fields(object, &["SourceName"], out);
        out.extend_from_slice(b"=>");
        id::fields(object, &["DestinationName"], out);
    },
    id_fields: &["SourceName", "DestinationName", "SourcePeer"],
    names: &["ID"],
    bookkeeping: INDEXES_AND_HASH,
    traits: Traits {
        // They can come from two sections; legacy ones are ordered by ID.
        ordered_by_id: false,
        order: |intention| Some([text(intention, "ID"), b"", b"", b""]),
        ..Traits::NONE
    },
};

/// Rows of one record, each with its sort key.
#[derive(Debug, Default)]
struct IntentionsJoin {
    /// As bytes: one record may have hundreds of thousands of sources.
    rows: Vec<(Order, Box<[u8]>)>,
}

/// Highest precedence first; then by source and destination, as a server sorts; then as stored.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    precedence: Reverse<u64>,
    /// Encoded so that they sort as the names do, one after the other.
    names: Box<[u8]>,
    record: u64,
    source: usize,
}

/// What intentions of one precedence are sorted by.
const NAMES: [&str; 7] = [
    "SourcePeer",
    "SourcePartition",
    "SourceNS",
    "SourceName",
    "DestinationPartition",
    "DestinationNS",
    "DestinationName",
];

impl Join for IntentionsJoin {
    fn record(&mut self, record: &RecordFields<'_>, maker: &mut Maker<'_>) {
        let (frame, problems) = (&record.frame, &mut *maker.problems);
        if frame.kind == Kind::INTENTION {
            let mut tape = Tape::new();
            let mut found = render_record(frame, Options::default(), &mut tape);
            problems.append(&mut found);
            self.add(frame, 0, &tape);
            return;
        }
        let entry = match frame.value().map_err(Into::into).and_then(ConfigEntryRef::read) {
            Ok(entry) if entry.kind.0 == b"service-intentions" => entry,
            Ok(_) => return,
            Err(e) => {
                problems.push(e);
                return;
            }
        };
        let schema = <ServiceIntentionsEntryRef<'_> as WireStruct<'_>>::schema();
        let stored = Stored::of(schema, Some(entry.entry));
        let Some(Value::Array(sources)) = stored.get("Sources") else { return };
        let mut tape = Tape::new();
        for (at, source) in sources.flatten().filter(|source| !source.is_nil()).enumerate() {
            let schema = <SourceIntentionRef<'_> as WireStruct<'_>>::schema();
            let source = Stored::of(schema, Some(source));
            tape.clear();
            let mut engine = Engine::new(&mut tape);
            engine.sink.begin_object();
            from_entry(&mut engine, &stored, &source);
            engine.sink.end_object();
            let mut found = engine.problems;
            problems.append(&mut found);
            self.add(frame, at, &tape);
        }
    }

    fn merge(&mut self, other: Box<dyn Join>) {
        self.rows.extend(same::<Self>(other).into_iter().flat_map(|other| other.rows));
    }

    fn finish(mut self: Box<Self>, maker: &mut Maker<'_>) {
        self.rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.rows
            .into_iter()
            .filter_map(|(_, row)| Tape::read(&row))
            .for_each(|tape| maker.tape(tape));
    }
}

impl IntentionsJoin {
    fn add(&mut self, frame: &Frame<'_>, source: usize, tape: &Tape) {
        let row = tape.node(0);
        let mut names = Vec::new();
        for name in NAMES {
            for byte in text(row, name) {
                names.push(*byte);
                // No name may end earlier than it does.
                if *byte == 0 {
                    names.push(1);
                }
            }
            names.extend([0, 0]);
        }
        let order = Order {
            precedence: Reverse(row.get("Precedence").and_then(|n| n.uint()).unwrap_or(0)),
            names: names.into(),
            record: frame.number,
            source,
        };
        self.rows.push((order, tape.packed()));
    }
}

/// An intention from one source of a service-intentions entry.
fn from_entry(engine: &mut Engine<'_, Tape>, entry: &Stored<'_>, source: &Stored<'_>) {
    let legacy = !source.text("LegacyID").is_empty();
    engine.member("ID", source, "LegacyID", Show::NotEmpty);
    engine.member("Description", source, "Description", Show::NotEmpty);
    engine.text_member("SourceNS", b"default");
    engine.member("SourceName", source, "Name", Show::Always);
    engine.text_member("DestinationNS", b"default");
    engine.member("DestinationName", entry, "Name", Show::Always);
    engine.member("SourcePeer", source, "Peer", Show::NotEmpty);
    engine.member("SourceSamenessGroup", source, "SamenessGroup", Show::NotEmpty);
    engine.member("SourceType", source, "Type", Show::Always);
    engine.member("Action", source, "Action", Show::NotEmpty);
    engine.member("Permissions", source, "Permissions", Show::NotEmpty);
    engine.member("JWT", entry, "JWT", Show::NotEmpty);
    // Metadata of a legacy intention stays with its source.
    if legacy {
        engine.member("Meta", source, "LegacyMeta", Show::NotEmpty);
    } else {
        engine.member("Meta", entry, "Meta", Show::NotEmpty);
    }
    engine.member("Precedence", source, "Precedence", Show::Always);
    if legacy {
        engine.member("CreatedAt", source, "LegacyCreateTime", Show::NotEmpty);
        engine.member("UpdatedAt", source, "LegacyUpdateTime", Show::NotEmpty);
        engine.sink.key(b"Hash");
        engine.sink.bytes(&legacy_hash(entry, source));
    }
    engine.unknown_members("Source", source);
    engine.member("CreateIndex", entry, "CreateIndex", Show::Always);
    engine.member("ModifyIndex", entry, "ModifyIndex", Show::Always);
}

/// The hash that a server computes for a legacy intention: BLAKE2b-256 over the fields that users
/// set, the precedence in eight bytes (little-endian), and the metadata sorted by key.
fn legacy_hash(entry: &Stored<'_>, source: &Stored<'_>) -> [u8; 32] {
    let mut hash = Blake2b::<U32>::new();
    hash.update(source.text("LegacyID"));
    hash.update(source.text("Description"));
    hash.update(b"default");
    hash.update(source.text("Name"));
    hash.update(b"default");
    hash.update(entry.text("Name"));
    hash.update(source.text("Type"));
    hash.update(source.text("Action"));
    hash.update(source.uint("Precedence").to_le_bytes());
    if let Some(Value::Map(meta)) = source.get("LegacyMeta") {
        let pairs: BTreeMap<&[u8], &[u8]> = meta
            .flatten()
            .filter_map(|(key, value)| Some((key.as_raw()?, value.as_raw()?)))
            .collect();
        for (key, value) in pairs {
            hash.update(key);
            hash.update(value);
        }
    }
    hash.finalize().into()
}

/// Intentions with permissions have no action.
fn action(object: Node<'_>) -> CellValue<'_> {
    match object.get("Action").and_then(|node| node.text()) {
        Some(action) if !action.is_empty() => CellValue::Text(action.into()),
        _ => {
            let count = object.get("Permissions").map_or(0, |p| p.items().count());
            CellValue::Text(format!("{count} permissions").into_bytes().into())
        }
    }
}

//! Keys and values, and tombstones of deleted keys.

use crate::filter::{Field, Shape};
use crate::json::Sink as _;
use crate::kind::declare::{INDEXES, columns, field, made, schema_shape};
use crate::kind::{CellValue, KindId, Maker, ObjectKind, Rows, Traits, id};
use crate::render::{RecordFields, Show};
use crate::value::{Json, Node};
use snapscope_decode::Kind;

/// The answer of `kv/?recurse`.
pub(super) static KV: ObjectKind = ObjectKind {
    id: KindId::Kv,
    name: "kv",
    one: "kv",
    object: Some("kv"),
    about: "keys with their values",
    from: &[Kind::KVS],
    rows: Rows::Record,
    // A value is compared as stored, not in base64.
    shape: || {
        static VALUE: &[Field] = &[Field { name: "Value", shape: || Shape::Bytes }];
        Shape::With(VALUE, Box::new(schema_shape(Kind::KVS)))
    },
    columns: columns![
        "key" = field("Key"),
        "size" = made(&["Value"], size),
        "flags" = field("Flags"),
        "session" = field("Session"),
        "modified" = field("ModifyIndex"),
        @wide "created" = field("CreateIndex"),
        @wide "lock-index" = field("LockIndex"),
        @wide "value" = field("Value"),
    ],
    write_id: |object, out| id::fields(object, &["Key"], out),
    id_fields: &["Key"],
    names: &[],
    bookkeeping: INDEXES,
    traits: Traits {
        keyed: true,
        leaves_tombstones: true,
        value: Some("Value"),
        in_columns: &[
            "Key",
            "KeyBase64",
            "Value",
            "Flags",
            "Session",
            "LockIndex",
            "CreateIndex",
            "ModifyIndex",
        ],
        ..Traits::NONE
    },
};

/// Keys without their values, which are not read.
pub(super) static KEYS: ObjectKind = ObjectKind {
    id: KindId::Keys,
    name: "keys",
    one: "key",
    object: None,
    about: "keys without their values",
    from: &[Kind::KVS],
    rows: Rows::Direct(key),
    shape: || {
        static FIELDS: &[Field] = &[
            Field { name: "Key", shape: || Shape::Text },
            Field { name: "Size", shape: || Shape::Uint },
            Field { name: "Flags", shape: || Shape::Uint },
            Field { name: "Session", shape: || Shape::Text },
            Field { name: "LockIndex", shape: || Shape::Uint },
            Field { name: "CreateIndex", shape: || Shape::Uint },
            Field { name: "ModifyIndex", shape: || Shape::Uint },
        ];
        Shape::Object(FIELDS)
    },
    columns: columns![
        "key" = field("Key"),
        @wide "size" = field("Size"),
        @wide "flags" = field("Flags"),
        @wide "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| id::fields(object, &["Key"], out),
    id_fields: &["Key"],
    names: &[],
    bookkeeping: INDEXES,
    traits: Traits {
        keyed: true,
        leaves_tombstones: true,
        excerpt_of: Some(KindId::Kv),
        ..Traits::NONE
    },
};

/// Deleted keys that servers still remember.
pub(super) static TOMBSTONES: ObjectKind = ObjectKind {
    id: KindId::Tombstones,
    name: "tombstones",
    one: "tombstone",
    object: Some("tombstone"),
    about: "deleted keys that servers still remember",
    from: &[Kind::TOMBSTONE],
    rows: Rows::Record,
    shape: || schema_shape(Kind::TOMBSTONE),
    columns: columns!["key" = field("Key"), "deleted" = field("ModifyIndex")],
    write_id: |object, out| id::fields(object, &["Key"], out),
    id_fields: &["Key"],
    names: &[],
    bookkeeping: INDEXES,
    traits: Traits { keyed: true, bookkeeping_only: true, ..Traits::NONE },
};

fn size(object: Node<'_>) -> CellValue<'_> {
    match object.get("Value").map(|node| node.json()) {
        Some(Json::Bytes(value)) => CellValue::Uint(value.len() as u64),
        _ => CellValue::Uint(0),
    }
}

fn key(record: &RecordFields<'_>, maker: &mut Maker<'_>) {
    let Some(stored) = record.stored(maker.problems) else { return };
    maker.object(|engine| {
        engine.member("Key", stored, "Key", Show::Always);
        if std::str::from_utf8(stored.text("Key")).is_err() && engine.sink.wants(b"KeyBase64") {
            engine.sink.key(b"KeyBase64");
            engine.sink.bytes(stored.text("Key"));
        }
        engine.uint_member("Size", stored.text("Value").len() as u64);
        engine.member("Flags", stored, "Flags", Show::Always);
        engine.member("Session", stored, "Session", Show::NotEmpty);
        for name in ["LockIndex", "CreateIndex", "ModifyIndex"] {
            engine.member(name, stored, name, Show::Always);
        }
    });
}

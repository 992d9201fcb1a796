//! Internal state of the servers.

use super::harmless::is_harmless_metadata;
use crate::kind::declare::{INDEXES as BOOKKEEPING, columns, field, schema_shape, text};
use crate::kind::{KindId, ObjectKind, Rows, Traits, id};
use snapscope_decode::Kind;

/// Internal keys and values of the servers.
pub(super) static METADATA: ObjectKind = ObjectKind {
    id: KindId::Metadata,
    name: "metadata",
    one: "metadata-entry",
    object: Some("metadata"),
    about: "internal state of the servers",
    from: &[Kind::SYSTEM_METADATA],
    rows: Rows::Record,
    shape: || schema_shape(Kind::SYSTEM_METADATA),
    columns: columns![
        "key" = field("Key"),
        "value" = field("Value"),
        "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| id::fields(object, &["Key"], out),
    id_fields: &["Key"],
    names: &[],
    bookkeeping: BOOKKEEPING,
    traits: Traits {
        // The token among them grants all rights of a server.
        hides_value: |entry| !is_harmless_metadata(text(entry, "Key")),
        ..Traits::NONE
    },
};

/// The highest index of each table.
pub(super) static INDEXES: ObjectKind = ObjectKind {
    id: KindId::Indexes,
    name: "indexes",
    one: "index",
    object: Some("index"),
    about: "the highest index of each table",
    from: &[Kind::INDEX],
    rows: Rows::Record,
    shape: || schema_shape(Kind::INDEX),
    columns: columns!["key" = field("Key"), "value" = field("Value")],
    write_id: |object, out| id::fields(object, &["Key"], out),
    id_fields: &["Key"],
    names: &[],
    bookkeeping: &["Value"],
    traits: Traits {
        bookkeeping_only: true,
        order: |index| Some([text(index, "Key"), b"", b"", b""]),
        ..Traits::NONE
    },
};

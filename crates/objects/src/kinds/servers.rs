//! Internal state of the servers.

use super::{INDEXES as BOOKKEEPING, ObjectKind, Rows, columns, field, id, schema_shape};
use snapscope_decode::Kind;

/// Internal keys and values of the servers.
pub(super) static METADATA: ObjectKind = ObjectKind {
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
    id: |object, out| id::fields(object, &["Key"], out),
    id_fields: &["Key"],
    names: &[],
    bookkeeping: BOOKKEEPING,
};

/// The highest index of each table.
pub(super) static INDEXES: ObjectKind = ObjectKind {
    name: "indexes",
    one: "index",
    object: Some("index"),
    about: "the highest index of each table",
    from: &[Kind::INDEX],
    rows: Rows::Record,
    shape: || schema_shape(Kind::INDEX),
    columns: columns!["key" = field("Key"), "value" = field("Value")],
    id: |object, out| id::fields(object, &["Key"], out),
    id_fields: &["Key"],
    names: &[],
    bookkeeping: &["Value"],
};

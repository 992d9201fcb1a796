//! Sessions.

use crate::json::duration_text;
use crate::kind::declare::{INDEXES, columns, field, made, schema_shape};
use crate::kind::{CellValue, KindId, ObjectKind, Reference, Rows, Traits, id};
use crate::value::Node;
use snapscope_decode::Kind;

/// The answer of `session/list`.
pub(super) static SESSIONS: ObjectKind = ObjectKind {
    id: KindId::Sessions,
    name: "sessions",
    one: "session",
    object: Some("session"),
    about: "sessions, which hold locks",
    from: &[Kind::SESSION],
    rows: Rows::Record,
    shape: || schema_shape(Kind::SESSION),
    columns: columns![
        "id" = field("ID"),
        "name" = field("Name"),
        "node" = field("Node"),
        "ttl" = field("TTL"),
        "behavior" = field("Behavior"),
        "lock-delay" = made(&["LockDelay"], lock_delay),
        @wide "node-checks" = field("NodeChecks"),
        @wide "service-checks" = field("ServiceChecks"),
        @wide "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| id::fields(object, &["ID"], out),
    id_fields: &["ID"],
    names: &["Name"],
    bookkeeping: INDEXES,
    traits: Traits {
        called_by_id: true,
        sets: &["NodeChecks", "ServiceChecks", "Checks"],
        references: &[Reference { to: KindId::Nodes, fields: &["Node"], peer: None }],
        ..Traits::NONE
    },
};

pub(super) fn lock_delay(object: Node<'_>) -> CellValue<'_> {
    let nanos = object.get("LockDelay").and_then(|node| node.uint());
    match nanos.and_then(|nanos| i64::try_from(nanos).ok()) {
        Some(nanos) => CellValue::Text(duration_text(nanos).into_bytes().into()),
        None => CellValue::Nothing,
    }
}

//! The mesh's certificate authority.

use crate::kind::declare::{INDEXES, columns, field, schema_shape};
use crate::kind::{KindId, Maker, ObjectKind, Rows, Traits, id};
use crate::render::RecordFields;
use snapscope_decode::Kind;
use snapscope_decode::wire::Value;

/// The answer of `connect/ca/roots`, and the stored signing keys, which it never contains.
pub(super) static CA_ROOTS: ObjectKind = ObjectKind {
    id: KindId::CaRoots,
    name: "ca-roots",
    one: "ca-root",
    object: Some("ca-root"),
    about: "root certificates of the mesh",
    from: &[Kind::CONNECT_CA],
    rows: Rows::Direct(root),
    shape: || schema_shape(Kind::CONNECT_CA),
    columns: columns![
        "id" = field("ID"),
        "name" = field("Name"),
        "active" = field("Active"),
        "not-before" = field("NotBefore"),
        "not-after" = field("NotAfter"),
        "key-type" = field("PrivateKeyType"),
        "key-bits" = field("PrivateKeyBits"),
        @wide "serial-number" = field("SerialNumber"),
        @wide "trust-domain" = field("ExternalTrustDomain"),
        @wide "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| id::fields(object, &["ID"], out),
    id_fields: &["ID"],
    names: &["Name"],
    bookkeeping: INDEXES,
    traits: Traits { called_by_id: true, sets: &["IntermediateCerts"], ..Traits::NONE },
};

fn root(record: &RecordFields<'_>, maker: &mut Maker<'_>) {
    let body = record.frame.value().unwrap_or(Value::Nil);
    maker.value(|engine| {
        // The time at which a root was replaced is stored, but never shown.
        engine.without = Some(("ConnectCA", "RotatedOutAt"));
        engine.record(record.frame.kind, body);
    });
}

//! Prepared queries.

use crate::kind::declare::{INDEXES, columns, field, schema_shape};
use crate::kind::{KindId, ObjectKind, Rows, Traits, id};
use snapscope_decode::Kind;

/// The answer of `query` for a caller who may see tokens.
pub(super) static QUERIES: ObjectKind = ObjectKind {
    id: KindId::Queries,
    name: "queries",
    one: "query",
    object: Some("query"),
    about: "prepared queries",
    from: &[Kind::PREPARED_QUERY],
    rows: Rows::Record,
    shape: || schema_shape(Kind::PREPARED_QUERY),
    columns: columns![
        "id" = field("ID"),
        #1 "name" = field("Name"),
        #2 "service" = field("Service.Service"),
        "template" = field("Template.Type"),
        "tags" = field("Service.Tags"),
        "failover" = field("Service.Failover.Datacenters"),
        @wide "near" = field("Service.Near"),
        @wide "only-passing" = field("Service.OnlyPassing"),
        @wide "session" = field("Session"),
        @wide "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| id::fields(object, &["ID"], out),
    id_fields: &["ID"],
    names: &["Name"],
    bookkeeping: INDEXES,
    traits: Traits { called_by_id: true, sets: &["Service.Tags"], ..Traits::NONE },
};

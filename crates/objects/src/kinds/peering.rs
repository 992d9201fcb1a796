//! Peerings with other clusters, and their trust bundles.

use crate::filter::{Field, Shape};
use crate::kind::declare::{INDEXES, columns, field, made};
use crate::kind::{CellValue, KindId, ObjectKind, Reference, Rows, Traits, id};
use crate::render::Style;
use crate::value::Node;
use snapscope_decode::Kind;
use snapscope_decode::records::{PEERING, PEERING_TRUST_BUNDLE};
use snapscope_decode::wire::Value;

/// The answer of `peerings`, without the state of the stream, which only a running server knows.
pub(super) static PEERINGS: ObjectKind = ObjectKind {
    id: KindId::Peerings,
    name: "peerings",
    one: "peering",
    object: Some("peering"),
    about: "peerings with other clusters",
    from: &[Kind::PEERING],
    rows: Rows::Direct(|record, maker| {
        let body = record.frame.value().unwrap_or(Value::Nil);
        maker.value(|engine| engine.body(body, &PEERING, Style::Api));
    }),
    shape: || {
        // States are printed by name.
        static STATE: &[Field] = &[
            Field { name: "State", shape: || Shape::Text },
            Field { name: "DeletedAt", shape: || Shape::Text },
        ];
        Shape::With(STATE, Box::new(Shape::Message(&PEERING, false)))
    },
    columns: columns![
        "name" = field("Name"),
        "id" = field("ID"),
        "state" = field("State"),
        "datacenter" = field("Remote.Datacenter"),
        "addresses" = field("PeerServerAddresses"),
        "meta" = field("Meta"),
        @wide "peer-id" = field("PeerID"),
        @wide "server-name" = field("PeerServerName"),
        @wide "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| id::fields(object, &["Name"], out),
    id_fields: &["Name"],
    names: &["ID"],
    bookkeeping: INDEXES,
    traits: Traits {
        sets: &["PeerServerAddresses", "PeerCAPems", "ManualServerAddresses"],
        ..Traits::NONE
    },
};

/// The root certificates of peers.
pub(super) static TRUST_BUNDLES: ObjectKind = ObjectKind {
    id: KindId::TrustBundles,
    name: "trust-bundles",
    one: "trust-bundle",
    object: Some("trust-bundle"),
    about: "root certificates of peers",
    from: &[Kind::PEERING_TRUST_BUNDLE],
    rows: Rows::Direct(|record, maker| {
        let body = record.frame.value().unwrap_or(Value::Nil);
        maker.value(|engine| engine.body(body, &PEERING_TRUST_BUNDLE, Style::Api));
    }),
    shape: || Shape::Message(&PEERING_TRUST_BUNDLE, false),
    columns: columns![
        "peer" = field("PeerName"),
        "trust-domain" = field("TrustDomain"),
        "roots" = made(&["RootPEMs"], roots),
        "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| id::fields(object, &["PeerName"], out),
    id_fields: &["PeerName"],
    names: &["TrustDomain"],
    bookkeeping: INDEXES,
    traits: Traits {
        sets: &["RootPEMs"],
        references: &[Reference { to: KindId::Peerings, fields: &["PeerName"], peer: None }],
        ..Traits::NONE
    },
};

fn roots(object: Node<'_>) -> CellValue<'_> {
    let count = object.get("RootPEMs").map_or(0, |roots| roots.items().count());
    CellValue::Uint(count as u64)
}

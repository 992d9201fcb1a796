//! Nodes and their network coordinates.

use crate::filter::Shape;
use crate::kind::declare::{INDEXES, columns, field, peer_order, text};
use crate::kind::{KindId, Maker, ObjectKind, Reference, Rows, Traits, id};
use crate::render::{RecordFields, Show};
use snapscope_decode::records::{CoordinateRef, NodeRef};
use snapscope_decode::schema::{Class, WireStruct};
use snapscope_decode::wire::Value;
use snapscope_decode::{FieldError, Kind};

/// The answer of `catalog/nodes`.
pub(super) static NODES: ObjectKind = ObjectKind {
    id: KindId::Nodes,
    name: "nodes",
    one: "node",
    object: Some("node"),
    about: "nodes of the catalog",
    from: &[Kind::REGISTER],
    rows: Rows::Direct(node),
    shape: || Shape::Struct(<NodeRef<'static> as WireStruct<'static>>::schema()),
    columns: columns![
        "node" = field("Node"),
        "id" = field("ID"),
        #1 "address" = field("Address"),
        "datacenter" = field("Datacenter"),
        "meta" = field("Meta"),
        @wide "tagged-addresses" = field("TaggedAddresses"),
        @wide #2 "peer" = field("PeerName"),
        @wide "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| {
        id::peer(object, "PeerName", out);
        id::fields(object, &["Node"], out);
    },
    id_fields: &["Node", "PeerName"],
    names: &["ID", "Node"],
    bookkeeping: INDEXES,
    traits: Traits {
        by_peer: true,
        folded_id: true,
        order: |node| Some([peer_order(node), text(node, "Node"), b"0", b""]),
        ..Traits::NONE
    },
};

/// The answer of `coordinate/nodes`.
pub(super) static COORDINATES: ObjectKind = ObjectKind {
    id: KindId::Coordinates,
    name: "coordinates",
    one: "coordinate",
    object: Some("coordinate"),
    about: "network coordinates of nodes",
    from: &[Kind::COORDINATE_BATCH_UPDATE],
    rows: Rows::Direct(coordinates),
    shape: || Shape::Struct(<CoordinateRef<'static> as WireStruct<'static>>::schema()),
    columns: columns![
        "node" = field("Node"),
        "segment" = field("Segment"),
        "error" = field("Coord.Error"),
        "height" = field("Coord.Height"),
        @wide "adjustment" = field("Coord.Adjustment"),
        @wide "vec" = field("Coord.Vec"),
    ],
    write_id: |object, out| id::fields(object, &["Node", "Segment"], out),
    id_fields: &["Node", "Segment"],
    names: &[],
    bookkeeping: &[],
    traits: Traits {
        folded_id: true,
        order: |object| Some([text(object, "Node"), text(object, "Segment"), b"", b""]),
        references: &[Reference { to: KindId::Nodes, fields: &["Node"], peer: None }],
        ..Traits::NONE
    },
};

/// The node of a `Register` record, which all records of a node repeat: the record without a
/// service and a check is the node's own.
fn node(record: &RecordFields<'_>, maker: &mut Maker<'_>) {
    let Some(stored) = record.stored(maker.problems) else { return };
    if stored.get("Service").is_some() || stored.get("Check").is_some() {
        return;
    }
    let checks = matches!(stored.get("Checks"), Some(Value::Array(checks)) if !checks.is_empty());
    if checks || !maker.peers.has(stored.text("PeerName")) {
        return;
    }
    maker.object(|engine| {
        for name in ["ID", "Node", "Address", "Datacenter"] {
            engine.member(name, stored, name, Show::Always);
        }
        engine.member("PeerName", stored, "PeerName", Show::NotEmpty);
        engine.member("TaggedAddresses", stored, "TaggedAddresses", Show::Always);
        engine.member("Meta", stored, "NodeMeta", Show::Always);
        engine.member("Locality", stored, "Locality", Show::NotEmpty);
        engine.unknown_members("", stored);
        engine.member("CreateIndex", stored, "CreateIndex", Show::Always);
        engine.member("ModifyIndex", stored, "ModifyIndex", Show::Always);
    });
}

fn coordinates(record: &RecordFields<'_>, maker: &mut Maker<'_>) {
    let items = match record.frame.value() {
        Ok(Value::Array(items)) => items,
        Ok(other) => {
            maker.problems.push(FieldError::class("a list", other.type_name()));
            return;
        }
        Err(e) => {
            maker.problems.push(e.into());
            return;
        }
    };
    for item in items.flatten().filter(|item| !item.is_nil()) {
        let class = Class::Struct(<CoordinateRef<'static> as WireStruct<'static>>::schema);
        maker.value(|engine| engine.value(&class, Some(item)));
    }
}

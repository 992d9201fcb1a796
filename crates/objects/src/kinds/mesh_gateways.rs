//! Federation states: the mesh gateways of other datacenters.

use crate::filter::Shape;
use crate::kind::declare::{columns, field, made};
use crate::kind::{CellValue, KindId, ObjectKind, Rows, Traits, id};
use crate::value::Node;
use snapscope_decode::Kind;
use snapscope_decode::records::FederationStateRef;
use snapscope_decode::schema::{Class, WireStruct};

/// The answer of `internal/federation-states`.
pub(super) static FEDERATION: ObjectKind = ObjectKind {
    id: KindId::Federation,
    name: "federation",
    one: "federation-state",
    object: Some("federation-state"),
    about: "mesh gateways of federated datacenters",
    from: &[Kind::FEDERATION_STATE],
    rows: Rows::Direct(|record, maker| {
        let Some(request) = record.stored(maker.problems) else { return };
        let class = Class::Struct(<FederationStateRef<'static> as WireStruct<'static>>::schema);
        maker.value(|engine| engine.value(&class, request.get("State")));
    }),
    shape: || Shape::Struct(<FederationStateRef<'_> as WireStruct<'_>>::schema()),
    columns: columns![
        "datacenter" = field("Datacenter"),
        "gateways" = made(&["MeshGateways"], gateways),
        "updated" = field("UpdatedAt"),
        @wide "primary-modified" = field("PrimaryModifyIndex"),
        @wide "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| id::fields(object, &["Datacenter"], out),
    id_fields: &["Datacenter"],
    names: &[],
    bookkeeping: &["CreateIndex", "ModifyIndex", "PrimaryModifyIndex", "UpdatedAt"],
    traits: Traits::NONE,
};

fn gateways(object: Node<'_>) -> CellValue<'_> {
    let count = object.get("MeshGateways").map_or(0, |gateways| gateways.items().count());
    CellValue::Uint(count as u64)
}

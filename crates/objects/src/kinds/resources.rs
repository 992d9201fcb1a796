//! Objects of Consul's second catalog.

use crate::filter::Shape;
use crate::kind::declare::{columns, field};
use crate::kind::{KindId, Maker, ObjectKind, Rows, Traits, id};
use crate::render::{RecordFields, Style};
use crate::value::Node;
use snapscope_decode::Kind;
use snapscope_decode::records::{RESOURCE, Record};
use snapscope_decode::wire::Value;

/// The answer of `api/GROUP/VERSION/KIND`, for all types.
pub(super) static RESOURCES: ObjectKind = ObjectKind {
    id: KindId::Resources,
    name: "resources",
    one: "resource",
    object: Some("resource"),
    about: "objects of the second catalog (v2)",
    from: &[Kind::RESOURCE],
    rows: Rows::Direct(resource),
    shape: || Shape::Message(&RESOURCE, true),
    columns: columns![
        "group" = field("id.type.group"),
        "kind" = field("id.type.kind"),
        "name" = field("id.name"),
        "version" = field("version"),
        @wide "group-version" = field("id.type.groupVersion"),
        @wide "partition" = field("id.tenancy.partition"),
        @wide "namespace" = field("id.tenancy.namespace"),
        @wide "uid" = field("id.uid"),
        @wide "data" = field("data"),
    ],
    write_id: resource_id,
    id_fields: &["id"],
    names: &["id.name", "id.uid"],
    bookkeeping: &["version", "generation"],
    traits: Traits::NONE,
};

/// The parts of `GROUP.VERSION.KIND/PARTITION/NAMESPACE/NAME`.
pub(super) fn resource_id(object: Node<'_>, out: &mut Vec<u8>) {
    let parts = [
        "id.type.group",
        "id.type.groupVersion",
        "id.type.kind",
        "id.tenancy.partition",
        "id.tenancy.namespace",
        "id.name",
    ];
    id::fields(object, &parts, out);
}

fn resource(record: &RecordFields<'_>, maker: &mut Maker<'_>) {
    let body = record.frame.value().unwrap_or(Value::Nil);
    maker.value(|engine| engine.resource(body, Style::ProtoApi));
}

/// Creates the row of a resource if it has this group and kind, in any version of the group.
pub(super) fn of_type(
    record: &RecordFields<'_>,
    maker: &mut Maker<'_>,
    group: &str,
    kinds: &[&str],
) {
    let found = match record.frame.record() {
        Ok(Record::Resource(found)) => found,
        Ok(_) => return,
        // It cannot be parsed.
        Err(_) => return resource(record, maker),
    };
    let [is_group, _, is_kind] = found.type_name();
    let is_wanted = kinds.iter().any(|kind| is_kind.0 == kind.as_bytes());
    if is_group.0 == group.as_bytes() && is_wanted {
        resource(record, maker);
    }
}

/// The shape of resources of one kind with known data.
pub(super) fn shape_with(data: fn() -> Shape) -> Shape {
    Shape::Fields(vec![
        ("id", member("id")),
        ("owner", member("owner")),
        ("version", Shape::Text),
        ("generation", Shape::Text),
        ("metadata", Shape::text_map()),
        ("status", member("status")),
        ("data", data()),
    ])
}

fn member(name: &str) -> Shape {
    Shape::Message(&RESOURCE, true).member(name.as_bytes()).unwrap_or(Shape::Any)
}

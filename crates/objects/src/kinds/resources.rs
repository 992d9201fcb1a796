//! Objects of Consul's second catalog.

use super::{ObjectKind, Rows, columns, field, id};
use crate::filter::Shape;
use snapscope_decode::Kind;
use snapscope_decode::records::RESOURCE;

/// Resources, in protobuf's own JSON.
pub(super) static RESOURCES: ObjectKind = ObjectKind {
    name: "resources",
    one: "resource",
    object: Some("resource"),
    about: "objects of the second catalog (v2)",
    from: &[Kind::RESOURCE],
    rows: Rows::Record,
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
    ],
    id: |object, out| {
        let parts = [
            "id.type.group",
            "id.type.groupVersion",
            "id.type.kind",
            "id.tenancy.partition",
            "id.tenancy.namespace",
            "id.name",
        ];
        id::fields(object, &parts, out);
    },
    id_fields: &["id"],
    names: &["id.name", "id.uid"],
    secrets: &[],
    bookkeeping: &["version", "generation"],
};

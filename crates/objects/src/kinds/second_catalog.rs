//! Services, workloads, health and permissions of the second catalog: resources with their own
//! columns.

use super::resources::{of_type, resource_id, shape_with};
use crate::filter::Shape;
use crate::kind::declare::{columns, field, made};
use crate::kind::{CellValue, KindId, ObjectKind, Rows, Traits, joined};
use crate::value::{Json, Node};
use snapscope_decode::Kind;
use snapscope_decode::records::{
    AUTH_V2BETA1_TRAFFICPERMISSIONS, CATALOG_V2BETA1_HEALTHSTATUS, CATALOG_V2BETA1_SERVICE,
    CATALOG_V2BETA1_WORKLOAD,
};

const IDENTITY: &[&str] = &["id"];
const NAMES: &[&str] = &["id.name", "id.uid"];
const BOOKKEEPING: &[&str] = &["version", "generation"];

/// `catalog/*/Service`.
pub(super) static V2_SERVICES: ObjectKind = ObjectKind {
    id: KindId::V2Services,
    name: "v2-services",
    one: "v2-service",
    object: None,
    about: "services of the second catalog",
    from: &[Kind::RESOURCE],
    rows: Rows::Direct(|record, maker| of_type(record, maker, "catalog", &["Service"])),
    shape: || shape_with(|| Shape::Message(&CATALOG_V2BETA1_SERVICE, true)),
    columns: columns![
        "name" = field("id.name"),
        "namespace" = field("id.tenancy.namespace"),
        "workloads" = made(&["data"], selected),
        "ports" = made(&["data"], service_ports),
        "virtual-ips" = field("data.virtualIps"),
        @wide "partition" = field("id.tenancy.partition"),
        @wide "version" = field("version"),
    ],
    write_id: resource_id,
    id_fields: IDENTITY,
    names: NAMES,
    bookkeeping: BOOKKEEPING,
    traits: Traits::NONE,
};

/// `catalog/*/Workload`.
pub(super) static V2_WORKLOADS: ObjectKind = ObjectKind {
    id: KindId::V2Workloads,
    name: "v2-workloads",
    one: "v2-workload",
    object: None,
    about: "workloads of the second catalog",
    from: &[Kind::RESOURCE],
    rows: Rows::Direct(|record, maker| of_type(record, maker, "catalog", &["Workload"])),
    shape: || shape_with(|| Shape::Message(&CATALOG_V2BETA1_WORKLOAD, true)),
    columns: columns![
        "name" = field("id.name"),
        "namespace" = field("id.tenancy.namespace"),
        "identity" = field("data.identity"),
        "node" = field("data.nodeName"),
        "addresses" = made(&["data"], addresses),
        "ports" = made(&["data"], workload_ports),
        @wide "partition" = field("id.tenancy.partition"),
        @wide "region" = field("data.locality.region"),
        @wide "zone" = field("data.locality.zone"),
        @wide "version" = field("version"),
    ],
    write_id: resource_id,
    id_fields: IDENTITY,
    names: NAMES,
    bookkeeping: BOOKKEEPING,
    traits: Traits::NONE,
};

/// `catalog/*/HealthStatus`.
pub(super) static V2_HEALTH: ObjectKind = ObjectKind {
    id: KindId::V2Health,
    name: "v2-health",
    one: "v2-health-status",
    object: None,
    about: "health of the workloads of the second catalog",
    from: &[Kind::RESOURCE],
    rows: Rows::Direct(|record, maker| of_type(record, maker, "catalog", &["HealthStatus"])),
    shape: || shape_with(|| Shape::Message(&CATALOG_V2BETA1_HEALTHSTATUS, true)),
    columns: columns![
        "name" = field("id.name"),
        "namespace" = field("id.tenancy.namespace"),
        "owner" = field("owner.name"),
        "status" = field("data.status"),
        "type" = field("data.type"),
        "output" = field("data.output"),
        @wide "description" = field("data.description"),
        @wide "partition" = field("id.tenancy.partition"),
        @wide "version" = field("version"),
    ],
    write_id: resource_id,
    id_fields: IDENTITY,
    names: NAMES,
    bookkeeping: BOOKKEEPING,
    traits: Traits::NONE,
};

/// Permissions for one identity, and for all of a namespace or partition, which are the same without a
/// destination.
const PERMISSIONS: &[&str] =
    &["TrafficPermissions", "NamespaceTrafficPermissions", "PartitionTrafficPermissions"];

/// `auth/*/TrafficPermissions`.
pub(super) static V2_PERMISSIONS: ObjectKind = ObjectKind {
    id: KindId::V2Permissions,
    name: "v2-permissions",
    one: "v2-permission",
    object: None,
    about: "which workload identity may connect to which, in the second catalog",
    from: &[Kind::RESOURCE],
    rows: Rows::Direct(|record, maker| of_type(record, maker, "auth", PERMISSIONS)),
    shape: || shape_with(|| Shape::Message(&AUTH_V2BETA1_TRAFFICPERMISSIONS, true)),
    columns: columns![
        "name" = field("id.name"),
        "namespace" = field("id.tenancy.namespace"),
        "destination" = field("data.destination.identityName"),
        "action" = field("data.action"),
        "sources" = made(&["data"], sources),
        @wide "type" = field("id.type.kind"),
        @wide "partition" = field("id.tenancy.partition"),
        @wide "version" = field("version"),
    ],
    write_id: resource_id,
    id_fields: IDENTITY,
    names: NAMES,
    bookkeeping: BOOKKEEPING,
    traits: Traits::NONE,
};

fn items<'t>(object: Node<'t>, path: [&str; 2]) -> impl Iterator<Item = Node<'t>> {
    object.at(path).map(|list| list.items()).into_iter().flatten()
}

fn texts(parts: &[Vec<u8>]) -> CellValue<'static> {
    joined(parts.iter().map(Vec::as_slice))
}

/// The workloads of a service: their names and name prefixes.
fn selected(object: Node<'_>) -> CellValue<'_> {
    let selector = object.at(["data", "workloads"]);
    let of = |list: &str, more: &[u8]| -> Vec<Vec<u8>> {
        let items = selector.and_then(|s| s.get(list)).map(|list| list.items());
        let texts = items.into_iter().flatten().filter_map(|item| item.text());
        texts.map(|text| [text, more].concat()).collect()
    };
    texts(&[of("names", b""), of("prefixes", b"*")].concat())
}

/// `http:8080/PROTOCOL_HTTP`.
fn port(name: &[u8], number: Option<u64>, protocol: Option<&[u8]>) -> Vec<u8> {
    let number = number.map_or_else(String::new, |n| format!(":{n}"));
    let protocol = protocol.unwrap_or(b"").strip_prefix(b"PROTOCOL_").unwrap_or(b"");
    let protocol = protocol.to_ascii_lowercase();
    let slash: &[u8] = if protocol.is_empty() { b"" } else { b"/" };
    [name, number.as_bytes(), slash, protocol.as_slice()].concat()
}

fn service_ports(object: Node<'_>) -> CellValue<'_> {
    let ports = items(object, ["data", "ports"]).map(|item| {
        port(
            item.get("targetPort").and_then(|n| n.text()).unwrap_or(b""),
            item.get("virtualPort").and_then(|n| n.uint()),
            item.get("protocol").and_then(|n| n.text()),
        )
    });
    texts(&ports.collect::<Vec<_>>())
}

fn workload_ports(object: Node<'_>) -> CellValue<'_> {
    let Some(Json::Object(members)) = object.at(["data", "ports"]).map(|node| node.json()) else {
        return CellValue::Nothing;
    };
    let ports = members.map(|(name, item)| {
        port(
            name,
            item.get("port").and_then(|n| n.uint()),
            item.get("protocol").and_then(|n| n.text()),
        )
    });
    texts(&ports.collect::<Vec<_>>())
}

fn addresses(object: Node<'_>) -> CellValue<'_> {
    joined(items(object, ["data", "addresses"]).filter_map(|item| item.get("host")?.text()))
}

/// The subject of the permissions: `IDENTITY`, or `*` for a whole namespace.
fn sources(object: Node<'_>) -> CellValue<'_> {
    let mut out = Vec::new();
    for permission in items(object, ["data", "permissions"]) {
        for source in permission.get("sources").map(|list| list.items()).into_iter().flatten() {
            let text = |name: &str| source.get(name).and_then(|n| n.text()).unwrap_or(b"");
            let who: &[u8] = match text("identityName") {
                b"" => b"*",
                name => name,
            };
            out.push(match text("namespace") {
                b"" => who.to_vec(),
                namespace => [namespace, b"/", who].concat(),
            });
        }
    }
    texts(&out)
}

//! A server's tables, the place of their records in a snapshot, and the indexes of their rows.

use crate::chain_links::{is_linking, related};
use crate::document::{Doc, lower, push_lower, text, values};
pub(crate) use snapscope_decode::records::peer_key;
use snapscope_decode::records::{KvRef, Record, SortKey, entry_name};
use snapscope_decode::wire::{Cursor, Value};
use snapscope_decode::{Frame, Kind};
use snapscope_objects::kind::KindId;

/// A table of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Table {
    /// Virtual IPs of services in the mesh.
    VirtualIps,
    /// Released virtual IPs, and the highest assigned one.
    FreeIps,
    /// Nodes.
    Nodes,
    /// Instances of services.
    Services,
    /// Health checks.
    Checks,
    /// Network coordinates.
    Coordinates,
    /// Sessions.
    Sessions,
    /// ACL tokens.
    Tokens,
    /// ACL policies.
    Policies,
    /// ACL roles.
    Roles,
    /// ACL binding rules.
    BindingRules,
    /// ACL auth methods.
    AuthMethods,
    /// Keys and values.
    Kv,
    /// Tombstones of deleted keys.
    Tombstones,
    /// Prepared queries.
    Queries,
    /// Autopilot's configuration.
    Autopilot,
    /// Intentions, before they became config entries.
    Intentions,
    /// Roots of the CA.
    CaRoots,
    /// The state of the built-in CA.
    CaProvider,
    /// The CA's configuration.
    CaConfig,
    /// Config entries.
    ConfigEntries,
    /// Federation states.
    FederationStates,
    /// System metadata.
    Metadata,
    /// The last index of each table, and of some parts of tables.
    Index,
    /// The services behind gateways. Servers derive this table, so it is not in snapshots.
    Gateways,
    /// Upstreams of services, also derived.
    Topology,
    /// Names of services by kind, also derived.
    KindNames,
}

/// A field for the node name in an instance's row. The record does not have it.
pub(crate) const NODE: &str = "~Node";

/// Whether a table's rows are held only if entries touch them; the others stay in the snapshot.
pub(crate) const fn is_overlaid(table: Table) -> bool {
    matches!(
        table,
        Table::Nodes
            | Table::Coordinates
            | Table::Sessions
            | Table::Tokens
            | Table::Kv
            | Table::Tombstones
    )
}

/// An index of a table's rows, in addition to their key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Link {
    NodeId,
    ServiceName,
    ConnectName,
    SessionNode,
    SessionCheck,
    KvSession,
    TokenAccessor,
    TokenMethod,
    RuleMethod,
    PolicyName,
    RoleName,
    QueryName,
    QuerySession,
    GatewayService,
    Gateway,
    Downstream,
    /// The services that a config entry leads to.
    LeadsTo,
}

/// Number of indexes.
pub(crate) const LINKS: usize = Link::LeadsTo as usize + 1;

/// The tables in the order of snapshots, with the record type of each.
pub(crate) const STORED: &[(Table, Kind)] = &[
    (Table::VirtualIps, Kind::SERVICE_VIRTUAL_IP),
    (Table::FreeIps, Kind::FREE_VIRTUAL_IP),
    (Table::Nodes, Kind::REGISTER),
    (Table::Coordinates, Kind::COORDINATE_BATCH_UPDATE),
    (Table::Sessions, Kind::SESSION),
    (Table::Tokens, Kind::ACL_TOKEN),
    (Table::Policies, Kind::ACL_POLICY),
    (Table::Roles, Kind::ACL_ROLE),
    (Table::BindingRules, Kind::ACL_BINDING_RULE),
    (Table::AuthMethods, Kind::ACL_AUTH_METHOD),
    (Table::Kv, Kind::KVS),
    (Table::Tombstones, Kind::TOMBSTONE),
    (Table::Queries, Kind::PREPARED_QUERY),
    (Table::Autopilot, Kind::AUTOPILOT),
    (Table::Intentions, Kind::INTENTION),
    (Table::CaRoots, Kind::CONNECT_CA),
    (Table::CaProvider, Kind::CONNECT_CA_PROVIDER_STATE),
    (Table::CaConfig, Kind::CONNECT_CA_CONFIG),
    (Table::ConfigEntries, Kind::CONFIG_ENTRY),
    (Table::FederationStates, Kind::FEDERATION_STATE),
    (Table::Metadata, Kind::SYSTEM_METADATA),
    (Table::Index, Kind::INDEX),
];

/// For each record type, the place of its table in [`STORED`]; past its end for others.
static PLACES: [u8; 256] = {
    let mut places = [u8::MAX; 256];
    let mut at = 0u8;
    while (at as usize) < STORED.len() {
        places[STORED[at as usize].1.0 as usize] = at;
        at += 1;
    }
    places
};

/// The place in [`STORED`] of the table that a record belongs to.
pub(crate) fn place_of(kind: Kind) -> Option<usize> {
    let place = PLACES.get(usize::from(kind.0)).copied().map(usize::from);
    place.filter(|place| *place < STORED.len())
}

/// The type of a table's records.
pub(crate) fn kind_of(table: Table) -> Kind {
    STORED.iter().find(|(stored, _)| *stored == table).map_or(Kind::REGISTER, |(_, kind)| *kind)
}

/// The kind of the objects in a table, unless servers derive it.
pub(crate) const fn objects_of(table: Table) -> Option<KindId> {
    Some(match table {
        Table::VirtualIps | Table::FreeIps => KindId::VirtualIps,
        Table::Nodes => KindId::Nodes,
        Table::Services => KindId::Instances,
        Table::Checks => KindId::Checks,
        Table::Coordinates => KindId::Coordinates,
        Table::Sessions => KindId::Sessions,
        Table::Tokens => KindId::Tokens,
        Table::Policies => KindId::Policies,
        Table::Roles => KindId::Roles,
        Table::BindingRules => KindId::BindingRules,
        Table::AuthMethods => KindId::AuthMethods,
        Table::Kv => KindId::Kv,
        Table::Tombstones => KindId::Tombstones,
        Table::Queries => KindId::Queries,
        Table::Autopilot => KindId::Autopilot,
        Table::Intentions => KindId::Intentions,
        Table::CaRoots => KindId::CaRoots,
        Table::CaProvider => KindId::CaProviderStates,
        Table::CaConfig => KindId::CaConfig,
        Table::ConfigEntries => KindId::ConfigEntries,
        Table::FederationStates => KindId::Federation,
        Table::Metadata => KindId::Metadata,
        Table::Index => KindId::Indexes,
        Table::Gateways | Table::Topology | Table::KindNames => return None,
    })
}

/// Number of tables.
pub(crate) const TABLES: usize = Table::KindNames as usize + 1;

/// A key of several parts, each terminated by a zero byte.
pub(crate) fn key_of(parts: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    for part in parts {
        push_lower(part, &mut key);
        key.push(0);
    }
    key
}

pub(crate) fn node_key(peer: &[u8], node: &[u8]) -> Vec<u8> {
    key_of(&[peer_key(peer), node])
}

/// The key of a service or check of a node.
pub(crate) fn item_key(peer: &[u8], node: &[u8], id: &[u8]) -> Vec<u8> {
    key_of(&[peer_key(peer), node, id])
}

/// The key of a stored record's row. Services and checks are rows of their own, see
/// [`item_key`].
pub(crate) fn key(frame: &Frame<'_>) -> Option<Vec<u8>> {
    let record = frame.record().ok()?;
    if let Record::Register(node) = record {
        return Some(node_key(node.peer_name.0, node.node.0));
    }
    // There is one record of each kind: the address released last, and the highest one assigned.
    if let Record::FreeVirtualIp(ip) = record {
        return Some(vec![u8::from(ip.is_counter)]);
    }
    Some(match record.sort_key().ok()? {
        SortKey::Unknown => return None,
        SortKey::Only => Vec::new(),
        SortKey::Exact(text) => text.to_vec(),
        SortKey::Folded(text) => key_of(&[text]),
        SortKey::Pair(first, second) => key_of(&[first, second]),
    })
}

/// Kind and name of a config entry's record.
pub(crate) fn config_entry_name(body: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let bytes = text(body);
    let mut cursor = Cursor::new(bytes);
    let Ok(Value::Raw(kind)) = cursor.value() else { return None };
    let request = Doc::read(cursor.rest()).ok()?;
    let entry = entry_doc(&request)?;
    let name = entry_name(kind, entry.text("Name"));
    Some((kind.to_vec(), name.to_vec()))
}

/// The entry in a config entry's request: a map, or for `proxy-defaults` bytes that contain one.
pub(crate) fn entry_doc<'a>(request: &'a Doc<'_>) -> Option<Doc<'a>> {
    match request.value("Entry") {
        Value::Raw(bytes) => Doc::read(bytes).ok(),
        _ => request.doc("Entry").ok(),
    }
}

/// The index values of a row.
pub(crate) fn links(table: Table, key: &[u8], body: &[u8]) -> Vec<(Link, Vec<u8>)> {
    match table {
        Table::Gateways => {
            let mut parts = key.split(|byte| *byte == 0);
            let gateway = parts.next().unwrap_or_default().to_vec();
            let service = parts.next().unwrap_or_default().to_vec();
            vec![(Link::Gateway, gateway), (Link::GatewayService, service)]
        }
        Table::Topology => {
            let downstream = key.split(|byte| *byte == 0).nth(1).unwrap_or_default();
            vec![(Link::Downstream, downstream.to_vec())]
        }
        Table::Kv => session_link(body),
        Table::ConfigEntries => chain_links(body),
        Table::Services => service_links(body),
        Table::Sessions => Doc::read(body).map_or(Vec::new(), |doc| session_links(&doc)),
        Table::Nodes => field_links(body, [(Link::NodeId, "ID")]),
        Table::Tokens => {
            let fields = [(Link::TokenAccessor, "AccessorID"), (Link::TokenMethod, "AuthMethod")];
            field_links(body, fields)
        }
        Table::BindingRules => field_links(body, [(Link::RuleMethod, "AuthMethod")]),
        Table::Policies => field_links(body, [(Link::PolicyName, "Name")]),
        Table::Roles => field_links(body, [(Link::RoleName, "Name")]),
        Table::Queries => {
            field_links(body, [(Link::QueryName, "Name"), (Link::QuerySession, "Session")])
        }
        _ => Vec::new(),
    }
}

/// Index values that are fields of a record.
fn field_links<const N: usize>(body: &[u8], fields: [(Link, &str); N]) -> Vec<(Link, Vec<u8>)> {
    let Ok(values) = values(body, fields.map(|(_, field)| field)) else { return Vec::new() };
    let linked =
        fields.into_iter().zip(values).map(|((link, _), value)| (link, lower(text(value))));
    linked.filter(|(_, value)| !value.is_empty()).collect()
}

/// The session that holds a key. Keys are written most often, so no other field is read.
fn session_link(body: &[u8]) -> Vec<(Link, Vec<u8>)> {
    let session = match KvRef::as_servers_write(Cursor::new(body)) {
        Some(kv) => kv.session.0,
        None => match Cursor::new(body).whole_map().map(|fields| fields.find(b"Session")) {
            Some(Ok(Some(Value::Raw(session)))) => session,
            _ => &[],
        },
    };
    if session.is_empty() { Vec::new() } else { vec![(Link::KvSession, lower(session))] }
}

/// The services that a config entry leads to. Entries of most kinds lead to none and are not read.
fn chain_links(body: &[u8]) -> Vec<(Link, Vec<u8>)> {
    let mut cursor = Cursor::new(text(body));
    let Ok(Value::Raw(kind)) = cursor.value() else { return Vec::new() };
    if !is_linking(kind) {
        return Vec::new();
    }
    let Ok(request) = Doc::read(cursor.rest()) else { return Vec::new() };
    let Some(entry) = entry_doc(&request) else { return Vec::new() };
    related(kind, &entry).into_iter().map(|name| (Link::LeadsTo, name)).collect()
}

fn service_links(body: &[u8]) -> Vec<(Link, Vec<u8>)> {
    let names = ["PeerName", "Service", "Kind", "Proxy", "Connect"];
    let Ok([peer, name, kind, proxy, connect]) = values(body, names) else { return Vec::new() };
    let (peer, name) = (peer_key(text(peer)), text(name));
    let mut links = vec![(Link::ServiceName, key_of(&[peer, name]))];
    if let Some(connect) = in_the_mesh(text(kind), name, proxy, connect) {
        links.push((Link::ConnectName, key_of(&[peer, connect])));
    }
    links
}

/// The service that an instance represents in the mesh, if any.
pub(crate) fn connect_name(service: &Doc<'_>) -> Option<Vec<u8>> {
    let (kind, name) = (service.text("Kind"), service.text("Service"));
    in_the_mesh(kind, name, service.raw("Proxy"), service.raw("Connect")).map(<[u8]>::to_vec)
}

/// The service that an instance represents in the mesh, by the fields that determine it.
fn in_the_mesh<'a>(
    kind: &[u8],
    name: &'a [u8],
    proxy: &'a [u8],
    connect: &[u8],
) -> Option<&'a [u8]> {
    if kind == b"connect-proxy" {
        let [destination] = values(proxy, ["DestinationServiceName"]).ok()?;
        return Some(text(destination));
    }
    let is_native = values(connect, ["Native"])
        .is_ok_and(|[native]| matches!(Value::read(native), Ok(Value::Bool(true))));
    is_native.then_some(name)
}

fn session_links(doc: &Doc<'_>) -> Vec<(Link, Vec<u8>)> {
    let node = doc.text("Node");
    let mut links = vec![(Link::SessionNode, lower(node))];
    for check in session_checks(doc) {
        links.push((Link::SessionCheck, key_of(&[node, &check])));
    }
    links
}

/// The checks that a session depends on.
pub(crate) fn session_checks(doc: &Doc<'_>) -> Vec<Vec<u8>> {
    let mut checks: Vec<Vec<u8>> = Vec::new();
    for field in ["Checks", "NodeChecks"] {
        checks.extend(doc.items(field).into_iter().map(|check| text(check).to_vec()));
    }
    for check in doc.items("ServiceChecks") {
        checks.extend(Doc::read(check).ok().map(|check| check.text("ID").to_vec()));
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapscope_decode::stream::KINDS;

    #[test]
    fn tables_are_in_the_order_of_the_sections_of_snapshots() {
        let sections: Vec<_> = STORED.iter().map(|(_, kind)| kind.section()).collect();
        assert!(sections.is_sorted(), "{sections:?}");
        assert_eq!(STORED.last().map(|(_, kind)| *kind), Some(Kind::INDEX));
    }

    #[test]
    fn every_record_type_has_a_table_or_is_copied() {
        // Record types of the ACL system before 1.4, which have no tokens that the log can change.
        let before = [Kind::ACL, Kind::ACL_BOOTSTRAP];
        for info in KINDS.iter().filter(|info| info.section.is_some()) {
            let kind = Kind(info.number);
            let is_copied = kind.section() > Kind::INDEX.section() || before.contains(&kind);
            assert_ne!(place_of(kind).is_some(), is_copied, "{kind}");
        }
    }
}

//! Services behind gateways, derived from config entries and the catalog as servers do.

use crate::state::View;
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::value::{Json, Node};
use std::collections::BTreeMap;

/// The wildcard for all services.
const ANY: &[u8] = b"*";

/// Since then, the wildcard of an ingress gateway matches only services in the mesh, and that of a
/// terminating gateway only services outside it.
const ONLY_MESH: VersionRange = VersionRange::since(1, 9);
/// Since then, answers say whether a gateway rewrites the host.
const HOST_REWRITE: VersionRange = VersionRange::since(1, 17);

/// A service behind a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Mapping {
    pub(super) gateway: Vec<u8>,
    pub(super) service: Vec<u8>,
    /// `ingress-gateway`, `terminating-gateway`.
    pub(super) kind: &'static str,
    pub(super) port: u64,
    pub(super) protocol: Vec<u8>,
    pub(super) hosts: Vec<Vec<u8>>,
    /// `CAFile`, `CertFile`, `KeyFile`, `SNI`.
    pub(super) files: Vec<(&'static str, Vec<u8>)>,
    pub(super) is_from_wildcard: bool,
    /// Whether the service is not in the catalog: then a config entry has its address.
    pub(super) is_destination: bool,
    pub(super) rewrites_host: bool,
    pub(super) create_index: u64,
    pub(super) modify_index: u64,
}

/// The kinds of services that a wildcard can match.
#[derive(Debug, Clone, Default)]
pub(super) struct Services {
    /// Services that accept connections outside the mesh.
    pub(super) plain: Vec<Vec<u8>>,
    /// Services in the mesh.
    pub(super) mesh: Vec<Vec<u8>>,
    /// Services outside the catalog, whose addresses are in config entries.
    pub(super) destinations: Vec<Vec<u8>>,
}

/// The items of a list in an object.
fn items<'t>(node: Node<'t>, name: &str) -> Vec<Node<'t>> {
    node.get(name).into_iter().flat_map(|list| list.items()).collect()
}

/// The services in a gateway's config entry.
pub(super) fn of_entry(entry: Node<'_>, services: &Services, only_mesh: bool) -> Vec<Mapping> {
    let text = |node: Node<'_>, name: &str| {
        node.get(name).and_then(|text| text.text()).unwrap_or_default().to_vec()
    };
    let index = |name: &str| entry.get(name).and_then(|index| index.uint()).unwrap_or(0);
    let base = Mapping {
        gateway: text(entry, "Name"),
        create_index: index("CreateIndex"),
        modify_index: index("ModifyIndex"),
        ..Mapping::default()
    };
    let mut found = Vec::new();
    match text(entry, "Kind").as_slice() {
        b"ingress-gateway" => {
            for listener in items(entry, "Listeners") {
                let port = listener.get("Port").and_then(|port| port.uint()).unwrap_or(0);
                for service in items(listener, "Services") {
                    let hosts = items(service, "Hosts").into_iter();
                    found.push(Mapping {
                        service: text(service, "Name"),
                        kind: "ingress-gateway",
                        port,
                        protocol: text(listener, "Protocol"),
                        hosts: hosts.filter_map(|host| Some(host.text()?.to_vec())).collect(),
                        ..base.clone()
                    });
                }
            }
        }
        b"terminating-gateway" => {
            for service in items(entry, "Services") {
                let files = ["CAFile", "CertFile", "KeyFile", "SNI"]
                    .map(|name| (name, text(service, name)));
                let keeps_host = service
                    .get("DisableAutoHostRewrite")
                    .is_some_and(|flag| matches!(flag.json(), Json::Bool(true)));
                found.push(Mapping {
                    service: text(service, "Name"),
                    kind: "terminating-gateway",
                    files: files.into_iter().filter(|(_, file)| !file.is_empty()).collect(),
                    rewrites_host: !keeps_host,
                    ..base.clone()
                });
            }
        }
        _ => {}
    }
    with_wildcards(found, services, only_mesh)
}

/// Replaces wildcards with all services that are not named.
fn with_wildcards(found: Vec<Mapping>, services: &Services, only_mesh: bool) -> Vec<Mapping> {
    let mut all: BTreeMap<(Vec<u8>, u64), Mapping> = BTreeMap::new();
    let (wild, named): (Vec<Mapping>, Vec<Mapping>) =
        found.into_iter().partition(|mapping| mapping.service == ANY);
    for mapping in named {
        all.insert((mapping.service.clone(), mapping.port), mapping);
    }
    for mapping in wild {
        let is_ingress = mapping.kind == "ingress-gateway";
        let meant = if is_ingress && only_mesh { &services.mesh } else { &services.plain };
        let outside = if is_ingress { &[][..] } else { services.destinations.as_slice() };
        for service in meant.iter().chain(outside) {
            let key = (service.clone(), mapping.port);
            all.entry(key).or_insert_with(|| Mapping {
                service: service.clone(),
                is_from_wildcard: true,
                is_destination: outside.contains(service),
                ..mapping.clone()
            });
        }
    }
    all.into_values().collect()
}

/// All services behind gateways.
pub(super) fn mappings(view: &View<'_>) -> Vec<Mapping> {
    let mut services = services(view);
    super::rows::each_row(view, KindId::ConfigEntries, &mut |row| {
        let has_address =
            row.get("Destination").is_some_and(|place| !matches!(place.json(), Json::Null));
        if row.text("Kind") == b"service-defaults" && has_address {
            services.destinations.push(row.text("Name").to_vec());
        }
    });
    let protocols = Protocols::of(view);
    let mut found = Vec::new();
    super::rows::each_row(view, KindId::ConfigEntries, &mut |row| {
        found.extend(of_entry(row.object(), &services, view.is(ONLY_MESH)));
    });
    found.retain(|mapping: &Mapping| {
        let is_wild = mapping.is_from_wildcard && mapping.kind == "ingress-gateway";
        !is_wild || protocols.protocol(&mapping.service) == mapping.protocol
    });
    found.sort_by(|a, b| (&a.gateway, &a.service, a.port).cmp(&(&b.gateway, &b.service, b.port)));
    found
}

/// The protocols of services according to config entries.
struct Protocols {
    own: BTreeMap<Vec<u8>, Vec<u8>>,
    all: Vec<u8>,
}

impl Protocols {
    fn of(view: &View<'_>) -> Self {
        let mut found = Self { own: BTreeMap::new(), all: b"tcp".to_vec() };
        super::rows::each_row(view, KindId::ConfigEntries, &mut |row| match row.text("Kind") {
            b"service-defaults" if !row.text("Protocol").is_empty() => {
                found.own.insert(row.text("Name").to_vec(), row.text("Protocol").to_vec());
            }
            b"proxy-defaults" => {
                let config = row.object().at(["Config", "protocol"]).and_then(|text| text.text());
                found.all = config.map_or_else(|| b"tcp".to_vec(), <[u8]>::to_vec);
            }
            _ => {}
        });
        found
    }

    fn protocol(&self, service: &[u8]) -> &[u8] {
        self.own.get(service).unwrap_or(&self.all)
    }
}

/// The services in the catalog that wildcards can match.
fn services(view: &View<'_>) -> Services {
    let mut all = Services::default();
    let Some(nodes) = view.catalog.of(b"") else { return all };
    for instance in nodes.services() {
        let Some(row) = super::joined::row_at(view, KindId::Instances, instance.at) else {
            continue;
        };
        let name = row.text("ServiceName");
        if !row.text("ServiceKind").is_empty() || name == b"consul" {
            continue;
        }
        if !nodes.connect(name).is_empty() {
            all.mesh.push(name.to_vec());
        }
        let is_native = nodes.connect(name).contains(instance);
        if !is_native || !view.is(ONLY_MESH) {
            all.plain.push(name.to_vec());
        }
    }
    for names in [&mut all.plain, &mut all.mesh] {
        names.sort();
        names.dedup();
    }
    all
}

/// Writes a mapping in the form of the API.
pub(super) fn write(json: &mut JsonText, view: &View<'_>, mapping: &Mapping) {
    let text = |json: &mut JsonText, name: &str, text: &[u8]| {
        if !text.is_empty() {
            json.key(name.as_bytes());
            json.text(text);
        }
    };
    json.begin_object();
    for (end, name) in [("Gateway", &mapping.gateway), ("Service", &mapping.service)] {
        json.key(end.as_bytes());
        json.begin_object();
        text(json, "Name", name);
        json.end_object();
    }
    text(json, "GatewayKind", mapping.kind.as_bytes());
    if mapping.port > 0 {
        json.key(b"Port");
        json.uint(mapping.port);
    }
    text(json, "Protocol", &mapping.protocol);
    if !mapping.hosts.is_empty() {
        json.key(b"Hosts");
        json.begin_list();
        mapping.hosts.iter().for_each(|host| json.text(host));
        json.end_list();
    }
    mapping.files.iter().for_each(|(name, file)| text(json, name, file));
    if mapping.is_from_wildcard {
        json.key(b"FromWildcard");
        json.bool(true);
    }
    for (name, index) in
        [("CreateIndex", mapping.create_index), ("ModifyIndex", mapping.modify_index)]
    {
        json.key(name.as_bytes());
        json.uint(index);
    }
    if mapping.is_destination {
        text(json, "ServiceKind", b"destination");
    }
    if mapping.rewrites_host && view.is(HOST_REWRITE) {
        json.key(b"AutoHostRewrite");
        json.bool(true);
    }
    json.end_object();
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapscope_objects::value::Tape;

    fn texts(tape: &mut Tape, pairs: &[(&str, &str)]) {
        for (name, value) in pairs {
            tape.key(name.as_bytes());
            tape.text(value.as_bytes());
        }
    }

    /// A terminating gateway with these services.
    fn entry(names: &[&str]) -> Tape {
        let mut tape = Tape::new();
        tape.begin_object();
        texts(&mut tape, &[("Kind", "terminating-gateway"), ("Name", "gw")]);
        tape.key(b"Services");
        tape.begin_list();
        for name in names {
            tape.begin_object();
            texts(&mut tape, &[("Name", name), ("SNI", "x.test")]);
            tape.end_object();
        }
        tape.end_list();
        tape.end_object();
        tape
    }

    #[test]
    fn a_wildcard_stands_for_services_that_are_not_named() {
        let names = |names: &[&str]| names.iter().map(|name| name.as_bytes().to_vec()).collect();
        let services =
            Services { plain: names(&["api", "db"]), mesh: names(&["api"]), ..Services::default() };
        let tape = entry(&["*", "db", "elsewhere"]);
        let found = of_entry(tape.root().unwrap(), &services, true);
        let shown: Vec<(&[u8], bool)> =
            found.iter().map(|one| (one.service.as_slice(), one.is_from_wildcard)).collect();
        assert_eq!(shown, [(&b"api"[..], true), (b"db", false), (b"elsewhere", false)]);
        assert_eq!(found[0].files, [("SNI", b"x.test".to_vec())]);
    }
}

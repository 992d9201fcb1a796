//! Locates the records of the catalog: the services and checks of a node, and the nodes of a
//! service.

use snapscope_analyze::Registration;
use std::collections::{BTreeMap, HashMap};

/// The cluster's own catalog and those imported from peers. Only names and offsets are in memory.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    /// By peer; the cluster's own has an empty name.
    peers: HashMap<Vec<u8>, Nodes>,
}

/// The nodes of one catalog.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    /// In file order, which is the order in which servers return them.
    nodes: Vec<NodeAt>,
    by_name: HashMap<Vec<u8>, usize>,
    /// Instances by service name.
    services: BTreeMap<Vec<u8>, Vec<InstanceAt>>,
    /// Instances that accept mesh connections, by the name of the service behind them.
    connect: HashMap<Vec<u8>, Vec<InstanceAt>>,
}

/// The offsets of a node's records.
#[derive(Debug, Default)]
pub(crate) struct NodeAt {
    pub(crate) name: Vec<u8>,
    /// The node's own record.
    pub(crate) at: u64,
    pub(crate) services: Vec<u64>,
    pub(crate) checks: Vec<u64>,
}

/// The offset of an instance's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InstanceAt {
    /// The number of its node.
    pub(crate) node: usize,
    pub(crate) at: u64,
}

/// The catalog compares names without case.
pub(crate) fn folded(name: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(name).to_lowercase().into_bytes()
}

impl Catalog {
    /// Adds the registration at offset `at`.
    pub(crate) fn see(&mut self, registration: &Registration<'_>, at: u64) {
        let Registration { register, service, check } = registration;
        let service = service.as_ref();
        let has_check = check.is_some() || register.checks.iter().flatten().next().is_some();
        let of_service = service.map_or(&[][..], |service| service.peer_name.0);
        let peer = if register.peer_name.is_empty() { of_service } else { register.peer_name.0 };
        let nodes = self.peers.entry(peer.to_vec()).or_default();
        let number = nodes.number(register.node.0, at);
        if let Some(service) = service {
            let instance = InstanceAt { node: number, at };
            nodes.services.entry(folded(service.service.0)).or_default().push(instance);
            let is_native = matches!(service.connect.get(), Ok(connect) if connect.native);
            let destination = match service.kind.0 {
                b"connect-proxy" => match service.proxy.get() {
                    Ok(proxy) if !proxy.destination_service_name.is_empty() => {
                        Some(proxy.destination_service_name.0)
                    }
                    _ => Some(service.proxy_destination.0),
                },
                _ if is_native => Some(service.service.0),
                _ => None,
            };
            if let Some(destination) = destination {
                nodes.connect.entry(folded(destination)).or_default().push(instance);
            }
        }
        let Some(node) = nodes.nodes.get_mut(number) else { return };
        if has_check {
            node.checks.push(at);
        } else if service.is_some() {
            node.services.push(at);
        } else {
            node.at = at;
        }
    }

    /// The cluster's own catalog, or a peer's.
    pub(crate) fn of(&self, peer: &[u8]) -> Option<&Nodes> {
        self.peers.get(peer)
    }

    /// All catalogs by peer, the cluster's own first.
    pub(crate) fn peers(&self) -> Vec<(&[u8], &Nodes)> {
        let mut all: Vec<(&[u8], &Nodes)> =
            self.peers.iter().map(|(peer, nodes)| (peer.as_slice(), nodes)).collect();
        all.sort_by_key(|(peer, _)| *peer);
        all
    }
}

impl Nodes {
    fn number(&mut self, name: &[u8], at: u64) -> usize {
        let nodes = &mut self.nodes;
        *self.by_name.entry(folded(name)).or_insert_with(|| {
            nodes.push(NodeAt { name: name.to_vec(), at, ..NodeAt::default() });
            nodes.len() - 1
        })
    }

    /// All nodes.
    pub(crate) fn nodes(&self) -> &[NodeAt] {
        &self.nodes
    }

    /// A node by number.
    pub(crate) fn node(&self, number: usize) -> Option<&NodeAt> {
        self.nodes.get(number)
    }

    /// A node by name.
    pub(crate) fn named(&self, name: &[u8]) -> Option<&NodeAt> {
        self.nodes.get(*self.by_name.get(&folded(name))?)
    }

    /// The instances of a service.
    pub(crate) fn instances(&self, service: &[u8]) -> &[InstanceAt] {
        self.services.get(&folded(service)).map_or(&[], Vec::as_slice)
    }

    /// The instances that accept mesh connections for a service.
    pub(crate) fn connect(&self, service: &[u8]) -> &[InstanceAt] {
        self.connect.get(&folded(service)).map_or(&[], Vec::as_slice)
    }

    /// All instances by service.
    pub(crate) fn services(&self) -> impl Iterator<Item = &InstanceAt> {
        self.services.values().flatten()
    }
}

//! Where the catalog's records are: which services and checks a node has, which nodes a service.

use snapscope_decode::{Frame, Kind, Record};
use std::collections::{BTreeMap, HashMap};

/// The catalog, the cluster's own and those imported from peers. Names and places are in memory, everything else stays
/// in the file.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    /// By peer; the cluster's own has no name.
    peers: HashMap<Vec<u8>, Nodes>,
}

/// Nodes of one catalog.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    /// In the order of the file, which is that of servers.
    nodes: Vec<NodeAt>,
    by_name: HashMap<Vec<u8>, usize>,
    /// Instances by the name of their service.
    services: BTreeMap<Vec<u8>, Vec<InstanceAt>>,
    /// Those that take connections of the mesh, by the name of the service they take them for.
    connect: HashMap<Vec<u8>, Vec<InstanceAt>>,
}

/// Where a node's records are.
#[derive(Debug, Default)]
pub(crate) struct NodeAt {
    pub(crate) name: Vec<u8>,
    /// Its own record.
    pub(crate) at: u64,
    pub(crate) services: Vec<u64>,
    pub(crate) checks: Vec<u64>,
}

/// Where an instance's record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InstanceAt {
    /// The number of its node.
    pub(crate) node: usize,
    pub(crate) at: u64,
}

/// The catalog ignores the case of names.
pub(crate) fn folded(name: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(name).to_lowercase().into_bytes()
}

impl Catalog {
    /// Takes a record that is at `at`.
    pub(crate) fn see(&mut self, frame: &Frame<'_>, at: u64) {
        if frame.kind != Kind::REGISTER {
            return;
        }
        // Problems of records are reported by whoever reads them in full.
        let Ok(Record::Register(register)) = frame.record() else { return };
        let service = register.service.get().ok().flatten();
        let has_check = matches!(register.check.get(), Ok(Some(_)))
            || register.checks.iter().flatten().next().is_some();
        let of_service = service.as_ref().map_or(&[][..], |service| service.peer_name.0);
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
        } else if register.service.get().is_ok_and(|service| service.is_some()) {
            node.services.push(at);
        } else {
            node.at = at;
        }
    }

    /// The cluster's own catalog, or that of a peer.
    pub(crate) fn of(&self, peer: &[u8]) -> Option<&Nodes> {
        self.peers.get(peer)
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

    /// A node by its number.
    pub(crate) fn node(&self, number: usize) -> Option<&NodeAt> {
        self.nodes.get(number)
    }

    /// A node by its name.
    pub(crate) fn named(&self, name: &[u8]) -> Option<&NodeAt> {
        self.nodes.get(*self.by_name.get(&folded(name))?)
    }

    /// The instances of a service.
    pub(crate) fn instances(&self, service: &[u8]) -> &[InstanceAt] {
        self.services.get(&folded(service)).map_or(&[], Vec::as_slice)
    }

    /// The instances that take connections of the mesh for a service.
    pub(crate) fn connect(&self, service: &[u8]) -> &[InstanceAt] {
        self.connect.get(&folded(service)).map_or(&[], Vec::as_slice)
    }

    /// All instances, by service.
    pub(crate) fn services(&self) -> impl Iterator<Item = &InstanceAt> {
        self.services.values().flatten()
    }
}

//! Assembles discovery chains.

use super::chain::Chain;
use super::customized::Overrides;
use super::entries::{Entries, has_requests, inner, items, text};
use super::graph_node::{Definition, GraphNode, Part, Route, Split};
use super::incompatible::Incompatible;
use super::target::{DEFAULT, Place, Target};
use crate::versions::PARTITIONS;
use snapscope_decode::ServerVersion;
use snapscope_objects::value::{Json, Node};
use std::collections::{BTreeMap, BTreeSet};

/// The context in which a chain is compiled.
#[derive(Debug, Clone)]
pub(crate) struct Basis<'b> {
    pub(crate) version: ServerVersion,
    /// The datacenter for which the chain is compiled.
    pub(crate) datacenter: &'b str,
    /// The servers' datacenter.
    pub(crate) own_datacenter: &'b str,
    /// The trust domain of the mesh.
    pub(crate) trust_domain: &'b str,
    pub(crate) overrides: Overrides,
}

/// Compiles the chain of a service.
///
/// # Errors
/// If the config entries are incompatible.
pub(crate) fn compile<'e>(
    service: &str,
    entries: &'e Entries,
    basis: &Basis<'_>,
) -> Result<Chain<'e>, Incompatible> {
    let overrides = &basis.overrides;
    let mut compiler = Compiler {
        service,
        entries,
        basis,
        has_partitions: PARTITIONS.contains(basis.version),
        without_requests: !overrides.protocol.is_empty() && !has_requests(&overrides.protocol),
        uses_requests: false,
        customized: Overrides::default(),
        protocol: String::new(),
        nodes: BTreeMap::new(),
        targets: BTreeMap::new(),
        peers: BTreeSet::new(),
    };
    let start = compiler.assemble()?;
    compiler.finish(start)
}

pub(super) struct Compiler<'e, 'b> {
    pub(super) service: &'b str,
    pub(super) entries: &'e Entries,
    pub(super) basis: &'b Basis<'b>,
    pub(super) has_partitions: bool,
    /// Whether the requested protocol rules out routers and splitters.
    without_requests: bool,
    /// Whether the chain contains a router or splitter.
    uses_requests: bool,
    /// The overrides that had an effect.
    pub(super) customized: Overrides,
    /// The protocol of all services in the chain.
    protocol: String,
    pub(super) nodes: BTreeMap<String, GraphNode<'e>>,
    pub(super) targets: BTreeMap<String, Target<'e>>,
    /// Peers that resolvers lead to.
    pub(super) peers: BTreeSet<String>,
}

impl<'e> Compiler<'e, '_> {
    /// Returns the first node.
    fn assemble(&mut self) -> Result<String, Incompatible> {
        let router = self.entries.router(self.service);
        let router = router.filter(|_| self.allows_requests());
        let Some(router) = router else {
            let target = self.target(self.place(self.service, ""));
            return self.splitter_or_resolver(&target);
        };
        let service = text(Some(router), "Name");
        self.uses_requests = true;
        self.check_protocol(&service)?;
        let mut routes = Vec::new();
        for route in items(router, "Routes") {
            let destination = inner(route, "Destination");
            let named = destination.map(Place::named).unwrap_or_default();
            let to = if named.service.is_empty() { self.service } else { &named.service };
            let mut place = self.place(to, &named.subset);
            place.namespace.clone_from(&named.namespace);
            place.partition.clone_from(&named.partition);
            let target = self.target(place);
            let next = match named.subset.is_empty() {
                true => self.splitter_or_resolver(&target)?,
                false => self.resolver(&target)?,
            };
            routes.push(Route { definition: Definition::Entry(route), next });
        }
        let target = self.target(self.place(&service, ""));
        let next = self.splitter_or_resolver(&target)?;
        let definition = Definition::Rest {
            service: service.clone(),
            namespace: DEFAULT.to_owned(),
            partition: DEFAULT.to_owned(),
        };
        routes.push(Route { definition, next });
        let name = self.name_of(&service);
        Ok(self.record(GraphNode { name, part: Part::Router(routes), load_balancer: None }))
    }

    /// Whether routers and splitters may be part of the chain. If the request rules out an existing
    /// one, the chain is customised.
    fn allows_requests(&mut self) -> bool {
        if self.without_requests {
            self.customized.protocol.clone_from(&self.basis.overrides.protocol);
        }
        !self.without_requests
    }

    /// The name of a router's or splitter's node.
    fn name_of(&self, service: &str) -> String {
        match self.has_partitions {
            true => format!("{service}.{DEFAULT}.{DEFAULT}"),
            false => format!("{service}.{DEFAULT}"),
        }
    }

    pub(super) fn place(&self, service: &str, subset: &str) -> Place {
        Place { service: service.to_owned(), subset: subset.to_owned(), ..Place::default() }
    }

    /// Adds a node and returns its key.
    pub(super) fn record(&mut self, node: GraphNode<'e>) -> String {
        let key = node.key();
        self.nodes.insert(key.clone(), node);
        key
    }

    /// The ID of a target, created if necessary.
    pub(super) fn target(&mut self, place: Place) -> String {
        let place = place.complete(self.basis.datacenter);
        let id = place.id(self.has_partitions);
        if !self.targets.contains_key(&id) {
            // A peer's mesh has its own names.
            let sni = match place.peer.is_empty() {
                true => place.sni(self.basis.trust_domain),
                false => String::new(),
            };
            let target = Target {
                place,
                subset: None,
                name: sni.clone(),
                sni,
                is_external: false,
                mesh_gateway: String::new(),
                dialed_directly: false,
                connect_timeout: 0,
                is_kept: false,
            };
            self.targets.insert(id.clone(), target);
        }
        id
    }

    /// All services in a chain must have the same protocol.
    pub(super) fn check_protocol(&mut self, service: &str) -> Result<(), Incompatible> {
        let protocol = self.entries.protocol(service);
        if self.protocol.is_empty() {
            self.protocol = protocol;
        } else if self.protocol != protocol {
            return Err(Incompatible(format!(
                "discovery chain {:?} uses inconsistent protocols; service {service:?} has {protocol:?} which is not {:?}",
                self.service, self.protocol
            )));
        }
        Ok(())
    }

    fn splitter_or_resolver(&mut self, target: &str) -> Result<String, Incompatible> {
        let service = self.targets.get(target).map(|target| target.place.service.clone());
        if let Some(splitter) = self.splitter(&service.unwrap_or_default())? {
            return Ok(splitter);
        }
        self.resolver(target)
    }

    /// The node of a service's splitter, if there is one.
    fn splitter(&mut self, service: &str) -> Result<Option<String>, Incompatible> {
        let name = self.name_of(service);
        let known = format!("splitter:{name}");
        if self.nodes.contains_key(&known) {
            return Ok(Some(known));
        }
        let Some(entry) = self.entries.splitter(service).filter(|_| self.allows_requests()) else {
            return Ok(None);
        };
        // Added before its successors are followed, so that a cycle ends here.
        let node = GraphNode { name, part: Part::Splitter(Vec::new()), load_balancer: None };
        let key = self.record(node);
        let mut splits = Vec::new();
        let mut balanced = None;
        for split in items(entry, "Splits") {
            let mut named = Place::named(split);
            if named.service.is_empty() {
                service.clone_into(&mut named.service);
            }
            let weight = weight(split);
            let inner = match named.service != service && named.subset.is_empty() {
                true => self.splitter(&named.service)?,
                false => None,
            };
            let next = match inner {
                Some(inner) => inner,
                None => {
                    let target = self.target(Place { datacenter: String::new(), ..named });
                    let next = self.resolver(&target)?;
                    // A splitter has only one hash policy: the first one counts.
                    let balancer = self.nodes.get(&next).and_then(|node| node.load_balancer);
                    balanced = balanced.or_else(|| balancer.filter(|one| hashes(*one)));
                    next
                }
            };
            splits.push(Split { definitions: vec![split], weight, next });
        }
        if let Some(node) = self.nodes.get_mut(&key) {
            node.part = Part::Splitter(splits);
            node.load_balancer = balanced;
        }
        self.uses_requests = true;
        Ok(Some(key))
    }

    /// Checks and simplifies the graph.
    fn finish(mut self, start: String) -> Result<Chain<'e>, Incompatible> {
        super::graph::check_circles(&self.nodes, &start)?;
        super::graph::flatten_splitters(&mut self.nodes);
        super::graph::remove_unused(&mut self.nodes, &start);
        self.targets.retain(|_, target| target.is_kept);
        if !has_requests(&self.protocol) && self.uses_requests {
            return Err(Incompatible(format!(
                "discovery chain {:?} uses a protocol {:?} that does not permit advanced routing or splitting behavior",
                self.service, self.protocol
            )));
        }
        let wanted = &self.basis.overrides.protocol;
        if !wanted.is_empty() && *wanted != self.protocol {
            self.protocol.clone_from(wanted);
            self.customized.protocol.clone_from(wanted);
        }
        Ok(Chain {
            service: self.service.to_owned(),
            datacenter: self.basis.datacenter.to_owned(),
            version: self.basis.version,
            hash: self.customized.hash(),
            protocol: self.protocol,
            defaults: self.entries.service(self.service),
            proxies: self.entries.proxies(),
            start,
            nodes: self.nodes,
            targets: self.targets,
            peers: self.peers,
        })
    }
}

/// The share of a split, in percent.
fn weight(split: Node<'_>) -> f32 {
    match split.get("Weight").map(|weight| weight.json()) {
        Some(Json::Float32(weight)) => weight,
        #[allow(clippy::cast_possible_truncation)] // stored with 32 bits
        Some(Json::Float(weight)) => weight as f32,
        #[allow(clippy::cast_precision_loss)] // at most 100
        Some(Json::Uint(weight)) => weight as f32,
        _ => 0.0,
    }
}

/// Whether a load balancer sends equal requests to the same instance.
fn hashes(load_balancer: Node<'_>) -> bool {
    matches!(text(Some(load_balancer), "Policy").as_str(), "maglev" | "ring_hash")
}

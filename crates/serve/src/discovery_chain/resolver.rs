//! Resolvers: redirects, subsets, failovers, and facts about targets.

use super::LOAD_BALANCERS;
use super::compiler::Compiler;
use super::entries::{inner, is_set, items, nanos, text};
use super::graph_node::{Failover, GraphNode, Part, Resolve};
use super::incompatible::Incompatible;
use super::target::Place;
use snapscope_objects::value::{Json, Node};

/// Default connect timeout: five seconds.
const CONNECT_TIMEOUT: i64 = 5_000_000_000;

/// The fields that distinguish a resolver from the default one.
const NOT_DEFAULT: [&str; 7] = [
    "DefaultSubset",
    "Subsets",
    "Redirect",
    "Failover",
    "ConnectTimeout",
    "RequestTimeout",
    "LoadBalancer",
];

/// A target, with the resolver of its service.
struct Resolved<'e> {
    id: String,
    place: Place,
    entry: Option<Node<'e>>,
}

impl<'e> Compiler<'e, '_> {
    /// The resolver node of a target.
    pub(super) fn resolver(&mut self, target: &str) -> Result<String, Incompatible> {
        let resolved = match self.followed(target)? {
            Ok(known) => return Ok(known),
            Err(resolved) => resolved,
        };
        let mut node = self.resolved(&resolved)?;
        let key = self.record(node.clone());
        let failover = resolved.entry.and_then(|entry| failover_of(entry, &resolved.place));
        let Some(failover) = failover else { return Ok(key) };
        if let (Some(found), Part::Resolver(resolve)) =
            (self.failover(&resolved, failover)?, &mut node.part)
        {
            resolve.failover = Some(found);
            self.record(node);
        }
        Ok(key)
    }

    /// Follows redirects and default subsets to the last target, or to a node that exists already.
    fn followed(&mut self, target: &str) -> Result<Result<String, Resolved<'e>>, Incompatible> {
        let mut id = target.to_owned();
        let mut history: Vec<String> = Vec::new();
        loop {
            let known = format!("resolver:{id}");
            if self.nodes.contains_key(&known) {
                return Ok(Ok(known));
            }
            let Some(place) = self.targets.get(&id).map(|target| target.place.clone()) else {
                return Err(Incompatible(format!("unknown target {id:?}")));
            };
            if place.peer.is_empty() {
                self.check_protocol(&place.service)?;
            }
            let entry = self.entries.resolver(&place.service);
            let is_circle = history.contains(&id);
            history.push(id.clone());
            if is_circle {
                let circle = history.join(" -> ");
                return Err(Incompatible(format!(
                    "detected circular resolver redirect: [{circle}]"
                )));
            }
            let mut to = entry.and_then(|entry| inner(entry, "Redirect")).map(Place::named);
            if let Some(redirect) = &to
                && !redirect.peer.is_empty()
            {
                self.peers.insert(redirect.peer.clone());
            }
            let mut next = to.take().map(|to| self.target(place.changed(&to)));
            if next.as_ref().is_none_or(|next| *next == id) {
                let subset = text(entry, "DefaultSubset");
                next = (place.subset.is_empty() && !subset.is_empty())
                    .then(|| self.target(place.changed(&Place { subset, ..Place::default() })));
            }
            match next {
                Some(next) => id = next,
                None => return Ok(Err(Resolved { id, place, entry })),
            }
        }
    }

    /// The node of a resolver, with everything about its target except the failover.
    fn resolved(&mut self, resolved: &Resolved<'e>) -> Result<GraphNode<'e>, Incompatible> {
        let Resolved { id, place, entry } = resolved;
        let subsets = entry.and_then(|entry| inner(entry, "Subsets"));
        let subset = subsets.and_then(|subsets| subsets.get(&place.subset));
        if !place.subset.is_empty() && subset.is_none() {
            return Err(Incompatible(format!(
                "service {:?} does not have a subset named {:?}",
                place.service, place.subset
            )));
        }
        let mut connect_timeout = entry.map_or(0, |entry| nanos(entry, "ConnectTimeout"));
        if connect_timeout < 1 {
            connect_timeout = CONNECT_TIMEOUT;
        }
        let wanted = self.basis.overrides.connect_timeout;
        if wanted > 0 && wanted != connect_timeout {
            connect_timeout = wanted;
            self.customized.connect_timeout = wanted;
        }
        let defaults = self.entries.service(&place.service);
        let external = text(defaults, "ExternalSNI");
        let is_external = !external.is_empty();
        if is_external && let Some(entry) = entry {
            check_external(*entry, &place.service)?;
        }
        let mode = if is_external { String::new() } else { self.mesh_gateway(place, defaults) };
        let dialed = |entry: Option<Node<'_>>| {
            let flag = entry.and_then(|entry| entry.at(["TransparentProxy", "DialedDirectly"]));
            flag.is_some_and(|flag| matches!(flag.json(), Json::Bool(true)))
        };
        let dialed_directly = !is_external && (dialed(defaults) || dialed(self.entries.proxies()));
        if let Some(target) = self.targets.get_mut(id) {
            target.subset = subset;
            target.connect_timeout = connect_timeout;
            if is_external {
                target.sni = external;
                target.is_external = true;
            }
            target.mesh_gateway = mode;
            target.dialed_directly = dialed_directly;
            target.is_kept = true;
        }
        let resolve = Resolve {
            is_default: entry.is_none_or(|entry| {
                let has_more = |name: &&str| is_set(entry, name) || inner(entry, name).is_some();
                !NOT_DEFAULT.iter().any(has_more)
            }),
            target: id.clone(),
            connect_timeout,
            request_timeout: entry.map_or(0, |entry| nanos(entry, "RequestTimeout")),
            failover: None,
        };
        let balances = LOAD_BALANCERS.contains(self.basis.version);
        Ok(GraphNode {
            name: id.clone(),
            part: Part::Resolver(resolve),
            load_balancer: entry
                .and_then(|entry| inner(entry, "LoadBalancer"))
                .filter(|_| balances),
        })
    }

    /// The mode of mesh gateways for a target. Older servers set it only for other datacenters.
    fn mesh_gateway(&mut self, place: &Place, defaults: Option<Node<'_>>) -> String {
        if !self.has_partitions && place.datacenter == self.basis.own_datacenter {
            return String::new();
        }
        let mode = |entry: Option<Node<'_>>| text(entry.and_then(|e| e.get("MeshGateway")), "Mode");
        let mut found = mode(defaults);
        if found.is_empty() {
            found = mode(self.entries.proxies());
        }
        let wanted = &self.basis.overrides.mesh_gateway;
        if !wanted.is_empty() && *wanted != found {
            found.clone_from(wanted);
            self.customized.mesh_gateway.clone_from(wanted);
        }
        found
    }

    /// The targets to which a resolver fails over.
    fn failover(
        &mut self,
        from: &Resolved<'e>,
        failover: Node<'e>,
    ) -> Result<Option<Failover<'e>>, Incompatible> {
        let to = Place::named(failover);
        let (datacenters, named) = (items(failover, "Datacenters"), items(failover, "Targets"));
        let places: Vec<Place> = if !datacenters.is_empty() {
            let names = datacenters.iter().filter_map(|name| name.text());
            names
                .map(|name| {
                    let datacenter = String::from_utf8_lossy(name).into_owned();
                    Place { datacenter, ..to.clone() }
                })
                .collect()
        } else if !named.is_empty() {
            named.into_iter().map(Place::named).collect()
        } else {
            vec![to]
        };
        let peers = places.iter().map(|place| &place.peer).filter(|peer| !peer.is_empty());
        self.peers.extend(peers.cloned());
        let ids: Vec<String> =
            places.iter().map(|place| self.target(from.place.changed(place))).collect();
        let mut targets = Vec::new();
        for id in ids.iter().filter(|id| **id != from.id) {
            // Redirects are followed here, too, but a failover target does not fail over again.
            targets.push(match self.followed(id)? {
                Ok(known) => known.trim_start_matches("resolver:").to_owned(),
                Err(resolved) => {
                    self.resolved(&resolved)?;
                    resolved.id
                }
            });
        }
        if targets.is_empty() {
            return Ok(None);
        }
        let own = inner(failover, "Policy").filter(|policy| is_set(*policy, "Mode"));
        let policy = own.or_else(|| inner(self.entries.proxies()?, "FailoverPolicy"));
        Ok(Some(Failover { targets, policy }))
    }
}

/// The failover of a subset, or else of all.
fn failover_of<'e>(entry: Node<'e>, place: &Place) -> Option<Node<'e>> {
    let all = inner(entry, "Failover")?;
    all.get(&place.subset).or_else(|| all.get("*"))
}

/// Fields that are not permitted for a service outside the mesh.
fn check_external(entry: Node<'_>, service: &str) -> Result<(), Incompatible> {
    let is_there = |name: &str| match name {
        "Redirect" => inner(entry, name).is_some(),
        _ => is_set(entry, name),
    };
    for (name, what) in
        [("Redirect", "redirects"), ("Subsets", "subsets"), ("Failover", "failover")]
    {
        if is_there(name) {
            return Err(Incompatible(format!(
                "service {service:?} has an external SNI set; cannot define {what} for external services"
            )));
        }
    }
    Ok(())
}

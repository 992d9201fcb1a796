//! Draws the links between services.

use crate::facts::ServiceHealth;
use snapscope_analyze::topology::{LinkKind, ServiceLink, TopologyReport};
use snapscope_objects::printable::counted;
use snapscope_pictures::{Graph, Link, Node};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Maximum number of services drawn.
const NODES: usize = 60;
/// Maximum number of links drawn.
const LINKS: usize = 160;

/// The legend of the picture: classes of swatches, and what they mean.
pub const GRAPH_LEGEND: [(&str, &str); 6] = [
    ("passing", "allowed by an intention"),
    ("bad", "denied by an intention"),
    ("colour-1", "gateway or route"),
    ("soft", "upstream, or permissions for each request"),
    ("failing", "service with critical instances"),
    ("missing", "not in the catalog"),
];

/// Draws the services with the most links. Also returns the number of services that have any.
#[must_use]
pub fn service_graph(
    topology: &TopologyReport,
    services: &[ServiceHealth],
    shown: &dyn Fn(&[u8]) -> String,
) -> (Graph, usize) {
    let mut degrees: BTreeMap<&[u8], usize> = BTreeMap::new();
    for link in &topology.links {
        *degrees.entry(&link.from).or_default() += 1;
        *degrees.entry(&link.to).or_default() += 1;
    }
    let all = degrees.len();
    let mut names: Vec<(&[u8], usize)> = degrees.into_iter().collect();
    names.sort_by_key(|(name, degree)| (Reverse(*degree), *name));
    names.truncate(NODES);
    names.sort_unstable();
    let health: HashMap<&[u8], (u64, u64)> =
        services.iter().map(|s| (s.name.0.as_slice(), (s.critical, s.instances))).collect();
    let nodes = names.iter().map(|(name, _)| {
        let known = health.get(name);
        let gateway = topology.gateways.get(*name);
        let class = match (known, gateway) {
            (Some((1.., _)), _) => "failing",
            (_, Some(_)) => "gateway",
            (Some(_), None) => "typical",
            (None, None) if *name == b"*" => "typical",
            (None, None) => "missing",
        };
        let what = gateway.map_or_else(|| "service".to_owned(), |kind| kind.clone());
        let instances = match known {
            Some((0, all)) => counted(*all, "instance", "instances"),
            Some((bad, all)) => {
                format!("{}, {bad} critical", counted(*all, "instance", "instances"))
            }
            None if *name == b"*" => "any service".to_owned(),
            None => "not in the catalog".to_owned(),
        };
        let name = shown(name);
        Node { about: format!("{what} {name}: {instances}"), name, class }
    });
    let nodes: Vec<Node> = nodes.collect();
    let places: HashMap<&[u8], usize> =
        names.iter().enumerate().map(|(at, (name, _))| (*name, at)).collect();
    let mut pairs: BTreeMap<(usize, usize), Vec<LinkKind>> = BTreeMap::new();
    for ServiceLink { from, to, kind } in &topology.links {
        if let (Some(from), Some(to)) = (places.get(from.as_slice()), places.get(to.as_slice())) {
            pairs.entry((*from, *to)).or_default().push(*kind);
        }
    }
    let links = pairs.into_iter().take(LINKS).map(|((from, to), kinds)| {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
        let name = |at: usize| nodes.get(at).map_or("", |node| &node.name);
        let about = format!("{} to {}: {}", name(from), name(to), words.join(", "));
        Link { from, to, about, class: class_of(&kinds) }
    });
    let links: Vec<Link> = links.collect();
    // A service is not drawn if all its links were left out.
    let linked: HashSet<usize> = links.iter().flat_map(|link| [link.from, link.to]).collect();
    let kept: Vec<usize> = (0..nodes.len()).filter(|at| linked.contains(at)).collect();
    let place = |at: usize| kept.binary_search(&at).unwrap_or(0);
    let links =
        links.into_iter().map(|link| Link { from: place(link.from), to: place(link.to), ..link });
    let links = links.collect();
    (Graph { nodes: kept.iter().filter_map(|at| nodes.get(*at).cloned()).collect(), links }, all)
}

/// The class of a link of several kinds: a denial takes precedence.
fn class_of(kinds: &[LinkKind]) -> &'static str {
    let has = |wanted: fn(LinkKind) -> bool| kinds.iter().any(|kind| wanted(*kind));
    if has(|kind| kind == LinkKind::Deny) {
        "deny"
    } else if has(|kind| kind == LinkKind::Allow) {
        "allow"
    } else if has(|kind| !kind.is_intention() && kind != LinkKind::Upstream) {
        "route"
    } else {
        "upstream"
    }
}

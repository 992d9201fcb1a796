//! The service graph.

use super::super::ask::Ask;
use super::super::reply::Reply;
use serde_json::{Value, json};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_analyze::topology::TopologyReport;
use snapscope_report::{GRAPH_LEGEND, service_graph};

/// Maximum number of links listed.
const LINKS: usize = 400;
/// In a narrower window the picture scrolls, as its names would be unreadable.
const NARROWEST: f64 = 720.0;

pub(super) fn graph(ask: &Ask<'_>) -> Result<Value, Reply> {
    let facts = ask.facts()?;
    let may = |name: &[u8]| ask.may(Resource::Service, Access::Read, name);
    let all = &facts.topology.links;
    let links = all.iter().filter(|link| may(&link.from) && may(&link.to)).cloned();
    let topology = TopologyReport {
        links: links.collect(),
        has_more: facts.topology.has_more,
        gateways: facts.topology.gateways.clone(),
    };
    if topology.links.is_empty() && !all.is_empty() {
        return Err(Reply::denied("service:read for the two services of at least one link"));
    }
    let (graph, services) = service_graph(&topology, &facts.rows.services, &|name| ask.shown(name));
    let about = format!("{} services and {} links", graph.nodes.len(), graph.links.len());
    let width = ask.side("width", 1000.0).max(NARROWEST);
    let links = topology.links.iter().take(LINKS).map(|link| {
        json!({"from": ask.shown(&link.from), "to": ask.shown(&link.to), "kind": link.kind.word()})
    });
    Ok(json!({
        "svg": graph.svg(width, "Which service leads to which", &about),
        "left_out": services.saturating_sub(graph.nodes.len()),
        "legend": GRAPH_LEGEND,
        "links": links.collect::<Vec<_>>(),
        "more": topology.links.len().saturating_sub(LINKS),
        "command": ask.command("list intentions"),
    }))
}

//! The section about the service graph: intentions, upstreams, gateways, routes.

use super::subject::Snapshot;
use crate::html::{Cell, Html, Table};
use crate::service_graph::{GRAPH_LEGEND, service_graph};
use snapscope_analyze::topology::LinkKind;
use snapscope_objects::printable::counted;

/// Maximum number of links in the table.
const ROWS: usize = 60;

pub(super) fn section(of: &Snapshot<'_>) -> Html {
    let mut html = Html::default();
    let links = &of.facts.topology.links;
    if links.is_empty() {
        html.note(&of.none("intentions, upstreams, gateways or routes between services"));
        html.command(&of.command("list intentions"));
        return html;
    }
    let (graph, all) =
        service_graph(&of.facts.topology, &of.facts.rows.services, &|name| of.shown(name));
    let counts = LinkKind::ALL.into_iter().filter_map(|kind| {
        let count = links.iter().filter(|link| link.kind == kind).count();
        (count > 0).then(|| format!("{} {count}", kind.word()))
    });
    let counts = counts.collect::<Vec<_>>().join(", ");
    let services = counted(graph.nodes.len() as u64, "service", "services");
    let about = format!("{services} and {} links: {counts}", graph.links.len());
    let picture = graph.svg(1072.0, "Which service leads to which", &about);
    html.picture(&picture, "Service graph");
    html.raw("<ul class=\"legend\">");
    for (class, text) in GRAPH_LEGEND {
        html.raw(&format!("<li><span class=\"swatch {class}\"></span>")).text(text).raw("</li>");
    }
    html.raw("</ul>");
    let more = if of.facts.topology.has_more {
        " Only the first links in the order of names were kept."
    } else {
        ""
    };
    let cut = match all.saturating_sub(graph.nodes.len()) {
        0 => String::new(),
        n => format!(" The picture has the services with the most links; {n} more are left out."),
    };
    html.raw("<p class=\"more\">").text(&format!("Links: {counts}.{cut}{more}")).raw("</p>");
    let rows = links.iter().take(ROWS).map(|link| {
        let class = match link.kind {
            LinkKind::Allow => "good",
            LinkKind::Deny => "bad",
            _ => "inactive",
        };
        vec![
            Cell::Name(of.masked(&link.from)),
            Cell::Name(of.masked(&link.to)),
            Cell::Badge(class, link.kind.word().into()),
        ]
    });
    html.table(
        &Table::new("Links between services", &["from", "to", "link"], rows)
            .first_of(links.len() as u64),
    );
    html.command(&of.command("list intentions"));
    html.command(&of.command("list config-entries"));
    html
}

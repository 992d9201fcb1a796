//! The section about a snapshot's content, origin and integrity.

use super::subject::Snapshot;
use crate::html::{Cell, Html, Table};
use crate::integrity::integrity_lines;
use crate::words::{duration, grouped, message, now, shown, time};
use snapscope_archive::Verdict;
use snapscope_objects::printable::byte_size;

pub(super) fn section(of: &Snapshot<'_>) -> Html {
    let mut html = Html::default();
    cards(of, &mut html);
    facts(of, &mut html);
    html.command(&of.command("inspect --more"));
    html.element("h3", "Objects");
    let rows = of.facts.rows.counts.iter().map(|(kind, count)| {
        vec![Cell::Code(kind.name.into()), Cell::Text(kind.about.into()), Cell::Count(*count)]
    });
    html.table(&Table::new(
        "Number of objects of each type, without those imported from peers",
        &["type", "what", "objects"],
        rows,
    ));
    html.command(&of.command("list --count TYPE"));
    html
}

fn cards(of: &Snapshot<'_>, html: &mut Html) {
    let closing = of.closing;
    html.raw("<dl class=\"cards\">");
    let mut card = |name: &str, value: &str, class: &str| {
        html.raw("<div>").element("dt", name);
        html.raw(&format!("<dd class=\"{class}\">")).text(value).raw("</dd></div>");
    };
    card("Records", &grouped(closing.records), "records");
    card("State", &byte_size(closing.integrity.actual_size), "");
    if let Some(meta) = &closing.meta {
        card("Raft index", &grouped(meta.index), "");
    }
    if let Some(taken) = of.taken() {
        let age = now().saturating_sub(taken);
        card("Age", &if age < 0 { "in the future".to_owned() } else { duration(age) }, "");
    }
    let critical = of.facts.rows.service_states[2];
    let services: u64 = of.facts.rows.service_states.iter().sum();
    if services > 0 {
        let class = if critical > 0 { "bad" } else { "good" };
        card("Services failing", &format!("{} of {}", grouped(critical), grouped(services)), class);
    }
    let (word, class) = match closing.integrity.verdict {
        Verdict::Verified => ("verified", "good"),
        Verdict::Damaged => ("damaged", "bad"),
        verdict => (verdict.name(), "warning"),
    };
    card("Integrity", word, class);
    html.raw("</dl>");
}

fn facts(of: &Snapshot<'_>, html: &mut Html) {
    let (closing, origin) = (of.closing, &of.facts.origin);
    html.raw("<dl class=\"facts\">");
    let mut fact = |name: &str, values: Vec<String>| {
        html.element("dt", name);
        let values = if values.is_empty() { vec!["unknown".to_owned()] } else { values };
        html.raw("<dd>");
        for (at, value) in values.iter().enumerate() {
            html.raw(if at > 0 { "<br>" } else { "" }).raw("<bdi>").text(value).raw("</bdi>");
        }
        html.raw("</dd>");
    };
    let name = |text: &str| shown(text.as_bytes());
    let meta = closing.meta.as_ref();
    fact("Snapshot", meta.iter().map(|meta| name(&meta.id)).collect());
    fact("Taken", of.taken().map(time).into_iter().collect());
    fact("Raft term", meta.iter().map(|meta| meta.term.to_string()).collect());
    fact("Datacenter", origin.datacenter.iter().map(|dc| name(dc)).collect());
    fact("Cluster ID", origin.cluster_id.iter().map(|id| name(id)).collect());
    let servers = || origin.servers.iter().take(SERVERS);
    let more = |count: usize| (count > SERVERS).then(|| format!("and {} more", count - SERVERS));
    let versions = servers().map(|(node, version)| format!("{} on {}", name(version), name(node)));
    fact("Consul", versions.chain(more(origin.servers.len())).collect());
    let written = of.facts.audit.model.written();
    let by = written.is_known().then(|| format!("Consul {}", written.versions));
    fact("Written by", by.into_iter().collect());
    let raft = meta.map_or(&[][..], |meta| &meta.servers);
    let role = |n| if n == 0 { "voter" } else { "non-voter" };
    let lines = raft.iter().take(SERVERS).map(|server| {
        format!("{} ({}, {})", name(&server.address), name(&server.id), role(server.suffrage))
    });
    fact("Raft servers", lines.chain(more(raft.len())).collect());
    fact("Integrity", integrity_lines(closing));
    let damaged = of.problems.first.iter().map(|problem| message(&problem.to_string()));
    if of.problems.count > 0 {
        fact(
            "Broken records",
            std::iter::once(grouped(of.problems.count)).chain(damaged).collect(),
        );
    }
    html.raw("</dl>");
}

/// Maximum number of servers named.
const SERVERS: usize = 15;

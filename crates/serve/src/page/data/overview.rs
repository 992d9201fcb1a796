//! Shows what is in the snapshot, and its worst findings.

use super::super::ask::{Ask, shown};
use super::super::reply::Reply;
use serde_json::{Value, json};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_analyze::audit::Severity;
use snapscope_report::{integrity_lines, words};

/// Maximum number of findings shown.
const WORST: usize = 8;

pub(super) fn overview(ask: &Ask<'_>) -> Result<Value, Reply> {
    if !ask.may(Resource::Operator, Access::Read, b"") {
        return Err(Reply::denied("operator:read"));
    }
    let (inspection, origin) = ask.quick()?;
    let Some(closing) = ask.view.facts.closing.as_ref() else {
        return Err(Reply::error(503, "The snapshot is still being read."));
    };
    let meta = closing.meta.as_ref();
    let taken = meta.and_then(|meta| meta.taken_ms()).map(|ms| ms / 1000);
    let text = |text: &str| shown(text.as_bytes());
    let servers = origin.servers.iter().take(20);
    let servers = servers.map(|(node, version)| format!("{} on {}", text(version), text(node)));
    let raft = meta.iter().flat_map(|meta| meta.servers.iter().take(20));
    let raft = raft.map(|server| format!("{} ({})", text(&server.address), text(&server.id)));
    let types = inspection.types.iter().map(|(kind, tally)| {
        json!({"name": kind.consul_label(), "count": tally.count, "bytes": tally.size})
    });
    let written = ask.view.authorizer.model().written();
    let written = written.is_known().then(|| format!("Consul {}", written.versions));
    Ok(json!({
        "id": meta.map(|meta| text(&meta.id)),
        "index": meta.map(|meta| meta.index),
        "term": meta.map(|meta| meta.term),
        "taken": taken.map(words::time),
        "age": taken.map(|taken| words::duration((words::now() - taken).max(0))),
        "records": closing.records,
        "bytes": closing.integrity.actual_size,
        "datacenter": origin.datacenter.as_deref().map(text),
        "cluster_id": origin.cluster_id.as_deref().map(text),
        "servers": servers.collect::<Vec<_>>(),
        "raft_servers": raft.collect::<Vec<_>>(),
        "written": written,
        "verdict": closing.integrity.verdict.name(),
        "integrity": integrity_lines(closing),
        "types": types.collect::<Vec<_>>(),
        "command": ask.command("inspect --more"),
        "types_command": ask.command("inspect"),
    }))
}

pub(super) fn health(ask: &Ask<'_>) -> Result<Value, Reply> {
    ask.whole()?;
    let facts = ask.facts()?;
    let findings = facts.audit.findings.iter().filter(|f| f.rule.severity >= Severity::High);
    let worst = findings.take(WORST).map(|finding| {
        let message = words::message(&format!("{}: {}", finding.rule.title, finding.message));
        let severity = finding.rule.severity.word();
        json!({
            "id": ask.shown(&finding.id), "severity": severity, "rule": finding.rule.id, "message": message,
        })
    });
    let objects = facts.rows.counts.iter();
    let objects = objects
        .map(|(kind, count)| json!({"name": kind.name, "about": kind.about, "count": count}));
    Ok(json!({
        "services": facts.rows.service_states,
        "severities": severities(ask)?,
        "worst": worst.collect::<Vec<_>>(),
        "objects": objects.collect::<Vec<_>>(),
        "objects_command": ask.command("list --count TYPE"),
    }))
}

/// Number of findings by severity, worst first.
pub(super) fn severities(ask: &Ask<'_>) -> Result<Vec<Value>, Reply> {
    let facts = ask.facts()?;
    let counts = facts.audit.by_severity().into_iter();
    Ok(counts
        .map(|(severity, count)| json!({"severity": severity.word(), "count": count}))
        .collect())
}

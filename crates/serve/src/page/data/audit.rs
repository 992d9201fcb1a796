//! Findings.

use super::super::ask::Ask;
use super::super::reply::Reply;
use super::overview::severities;
use serde_json::{Value, json};
use snapscope_objects::printable::byte_size;
use snapscope_report::{SCANNED, words};

/// Maximum number of findings shown.
const FINDINGS: usize = 500;

pub(super) fn audit(ask: &Ask<'_>) -> Result<Value, Reply> {
    ask.whole()?;
    let facts = ask.facts()?;
    let size = ask.view.facts.closing.as_ref().map_or(0, |closing| closing.integrity.actual_size);
    let note = (size > SCANNED).then(|| {
        format!(
            "Only the first {} of the state were searched for secrets; the command searches all.",
            byte_size(SCANNED)
        )
    });
    let rules = facts.audit.by_rule();
    let all: u64 = rules.iter().map(|(_, count)| count).sum();
    let rules = rules.into_iter().map(|(rule, count)| {
        json!({"id": rule.id, "severity": rule.severity.word(), "count": count, "title": rule.title, "fix": rule.fix})
    });
    let findings = facts.audit.findings.iter().take(FINDINGS).map(|finding| {
        json!({
            "id": ask.shown(&finding.id),
            "kind": finding.subject.name(),
            "rule": finding.rule.id,
            "severity": finding.rule.severity.word(),
            "message": words::message(&finding.text()),
        })
    });
    let findings: Vec<Value> = findings.collect();
    Ok(json!({
        "note": note,
        "severities": severities(ask)?,
        "rules": rules.collect::<Vec<_>>(),
        "more": all.saturating_sub(findings.len() as u64),
        "findings": findings,
        "command": ask.command("audit"),
    }))
}

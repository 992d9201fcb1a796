//! Findings and rules of an audit, as text and JSON.

use super::escape::one_line;
use super::table::{Cell, Rows};
use crate::render::incomplete::{mark_incomplete, with_line};
use crate::times;
use snapscope_analyze::audit::{AuditReport, AuditRule, Finding, RULES, Severity};
use snapscope_objects::json::{JsonText, Sink as _};
use std::fmt::Write as _;

/// The data to print.
pub(crate) struct Whole<'a> {
    /// The file's name.
    pub(crate) snapshot: &'a str,
    /// The ID in its meta.json.
    pub(crate) id: Option<&'a str>,
    pub(crate) report: &'a AuditReport,
    /// Findings left out because the baseline has them.
    pub(crate) known: usize,
    pub(crate) incomplete: Option<&'a str>,
}

impl Whole<'_> {
    fn count(&self, severity: Severity) -> u64 {
        let kept = self.report.findings.iter().filter(|f| f.rule.severity == severity).count();
        let of_severity = |id: &str| RULES.iter().any(|r| r.id == id && r.severity == severity);
        let more = self.report.more.iter().filter(|(rule, _)| of_severity(rule));
        kept as u64 + more.map(|(_, more)| more).sum::<u64>()
    }

    /// All findings, shown or not.
    fn total(&self) -> u64 {
        Severity::ALL.into_iter().map(|severity| self.count(severity)).sum()
    }
}

pub(crate) fn table(whole: &Whole<'_>) -> Vec<u8> {
    let findings = &whole.report.findings;
    let rows = Rows {
        columns: ["severity", "rule", "type", "id", "finding"].map(str::to_owned).into(),
        rows: findings
            .iter()
            .map(|f| {
                let mut text = format!("{}: {}", f.rule.title, f.message);
                if let Some(field) = &f.field {
                    let _ = write!(text, ", in {field}");
                }
                if let Some(excerpt) = &f.excerpt {
                    let _ = write!(text, ": {excerpt}");
                }
                vec![
                    Cell::Text(f.rule.severity.word().into()),
                    Cell::Text(f.rule.id.into()),
                    Cell::Text(f.kind.into()),
                    Cell::Text(f.id.clone()),
                    Cell::Text(text.into_bytes()),
                ]
            })
            .collect(),
        total: None,
    };
    let mut text = if findings.is_empty() { Vec::new() } else { rows.table() };
    text.extend_from_slice(summary(whole).as_bytes());
    if let Some(line) = whole.incomplete {
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    text
}

fn summary(whole: &Whole<'_>) -> String {
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .map(|severity| (severity, whole.count(severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {severity}"))
        .collect();
    let mut text = match whole.total() {
        0 => "No findings".to_owned(),
        1 => format!("1 finding: {}", counts.join(", ")),
        count => format!("{count} findings: {}", counts.join(", ")),
    };
    if whole.known > 0 {
        let _ = write!(text, "; {} known from the baseline", whole.known);
    }
    if let Some(at) = whole.report.at {
        let _ = write!(text, "; judged at {}", times::rfc3339(at));
    }
    text.push_str(".\n");
    for (rule, more) in &whole.report.more {
        let _ = writeln!(text, "{more} more findings of {rule} are not shown.");
    }
    for vault in &whole.report.vaults {
        let _ = writeln!(
            text,
            "Vault's encrypted data under \"{}\" was not scanned for secrets.",
            one_line(vault)
        );
    }
    text
}

fn finding(f: &Finding, json: &mut JsonText) {
    json.begin_object();
    let mut text = |name: &str, value: &[u8]| {
        json.key(name.as_bytes());
        json.text(value);
    };
    text("rule", f.rule.id.as_bytes());
    text("severity", f.rule.severity.word().as_bytes());
    text("type", f.kind.as_bytes());
    text("id", &f.id);
    text("message", format!("{}: {}", f.rule.title, f.message).as_bytes());
    if let Some(field) = &f.field {
        text("field", field.as_bytes());
    }
    if let Some(excerpt) = &f.excerpt {
        text("excerpt", excerpt.as_bytes());
    }
    if let Some(index) = f.modify_index {
        json.key(b"modify_index");
        json.uint(index);
    }
    if f.number > 0 {
        json.key(b"record");
        json.uint(f.number);
    }
    json.end_object();
}

pub(crate) fn json(whole: &Whole<'_>) -> Vec<u8> {
    let mut json = JsonText::new();
    json.begin_object();
    json.key(b"snapshot");
    json.begin_object();
    json.key(b"file");
    json.text(whole.snapshot.as_bytes());
    json.key(b"id");
    match whole.id {
        Some(id) => json.text(id.as_bytes()),
        None => json.null(),
    }
    json.key(b"at");
    match whole.report.at {
        Some(at) => json.text(times::rfc3339(at).as_bytes()),
        None => json.null(),
    }
    json.end_object();
    json.key(b"summary");
    json.begin_object();
    json.key(b"findings");
    json.uint(whole.total());
    for severity in Severity::ALL {
        json.key(severity.word().as_bytes());
        json.uint(whole.count(severity));
    }
    json.key(b"known");
    json.uint(whole.known as u64);
    json.key(b"not_shown");
    json.begin_object();
    for (rule, more) in &whole.report.more {
        json.key(rule.as_bytes());
        json.uint(*more);
    }
    json.end_object();
    json.key(b"vault_prefixes");
    json.begin_list();
    for vault in &whole.report.vaults {
        json.text(vault);
    }
    json.end_list();
    json.end_object();
    json.key(b"findings");
    json.begin_list();
    for f in &whole.report.findings {
        finding(f, &mut json);
    }
    json.end_list();
    mark_incomplete(whole.incomplete, &mut json);
    json.end_object();
    json.end_line();
    json.into_bytes()
}

pub(crate) fn jsonl(whole: &Whole<'_>) -> Vec<u8> {
    let mut json = JsonText::new();
    for f in &whole.report.findings {
        finding(f, &mut json);
        json.end_line();
    }
    with_line(json.into_bytes(), whole.incomplete)
}

pub(crate) fn rules_text(rules: &[&AuditRule]) -> Vec<u8> {
    let mut text = String::new();
    for rule in rules {
        let AuditRule { id, severity, title, why, fix, reference } = rule;
        let _ = writeln!(text, "{id} ({severity}) {title}\n  {why}\n  Fix: {fix}\n  {reference}");
    }
    text.into_bytes()
}

fn rule_object(rule: &AuditRule, json: &mut JsonText) {
    json.begin_object();
    let texts = [
        ("id", rule.id),
        ("severity", rule.severity.word()),
        ("title", rule.title),
        ("why", rule.why),
        ("fix", rule.fix),
        ("reference", rule.reference),
    ];
    for (name, text) in texts {
        json.key(name.as_bytes());
        json.text(text.as_bytes());
    }
    json.end_object();
}

pub(crate) fn rules_json(rules: &[&AuditRule]) -> Vec<u8> {
    let mut json = JsonText::new();
    json.begin_object();
    json.key(b"rules");
    json.begin_list();
    for rule in rules {
        rule_object(rule, &mut json);
    }
    json.end_list();
    json.end_object();
    json.end_line();
    json.into_bytes()
}

pub(crate) fn rules_jsonl(rules: &[&AuditRule]) -> Vec<u8> {
    let mut json = JsonText::new();
    for rule in rules {
        rule_object(rule, &mut json);
        json.end_line();
    }
    json.into_bytes()
}

//! The section about findings of the audit.

use super::subject::Snapshot;
use crate::html::{Cell, Html, Side, Table};
use crate::rule_counts::rule_counts;
use crate::words::message;
use snapscope_analyze::audit::{AuditReport, AuditRule, Finding, Severity};
use snapscope_objects::printable::byte_size;
use snapscope_pictures::{Segment, stacked_bar};
use std::cmp::Reverse;

/// Maximum number of findings listed for a rule.
const OF_RULE: usize = 8;
/// Maximum number of findings listed.
const ROWS: usize = 120;

pub(super) fn section(of: &Snapshot<'_>) -> Html {
    let mut html = Html::default();
    let report = &of.facts.audit;
    if of.scan_bytes < of.closing.integrity.actual_size {
        html.note(&format!(
            "The state is large, so only its first {} were searched for secrets; --all-secrets searches all of it. \
             All other rules have read everything.",
            byte_size(of.scan_bytes)
        ));
    }
    if report.findings.is_empty() {
        html.note("No rule found anything.");
        html.command(&of.command("audit"));
        return html;
    }
    let of_severity =
        |severity| rule_counts(report).filter(move |(rule, _)| rule.severity == severity);
    let segments = Severity::ALL.map(|severity| Segment {
        name: severity.word().to_owned(),
        count: of_severity(severity).map(|(_, count)| count).sum(),
        class: severity.word(),
    });
    html.raw(&stacked_bar(&segments, 640.0, "Findings by severity"));
    rules(report, &mut html);
    html.command(&of.command("audit"));
    list(of, &mut html);
    html
}

fn badge(severity: Severity) -> Cell {
    Cell::Badge(severity.word(), severity.word().to_owned())
}

fn rules(report: &AuditReport, html: &mut Html) {
    html.element("h3", "Rules");
    let mut rules: Vec<(&AuditRule, u64)> = rule_counts(report).collect();
    rules.sort_by_key(|(rule, _)| Reverse(rule.severity));
    let rows = rules.into_iter().map(|(rule, count)| {
        vec![
            Cell::Code(rule.id.into()),
            badge(rule.severity),
            Cell::Count(count),
            Cell::Text(rule.title.into()),
            Cell::Text(rule.fix.into()),
        ]
    });
    html.table(&Table {
        caption: "Rules that found something, the worst first",
        columns: &[
            ("rule", Side::Left),
            ("severity", Side::Left),
            ("findings", Side::Right),
            ("what", Side::Left),
            ("what to do", Side::Left),
        ],
        rows: rows.collect(),
        more: 0,
    });
}

fn list(of: &Snapshot<'_>, html: &mut Html) {
    let report = &of.facts.audit;
    html.element("h3", "Objects");
    let mut of_rule = ("", 0);
    // Findings are sorted by severity and rule.
    let is_shown = |finding: &&Finding| {
        if finding.rule.severity < Severity::Medium {
            return false;
        }
        of_rule = if of_rule.0 == finding.rule.id {
            (of_rule.0, of_rule.1 + 1)
        } else {
            (finding.rule.id, 1)
        };
        of_rule.1 <= OF_RULE
    };
    let rows = report.findings.iter().filter(is_shown).take(ROWS).map(|finding| {
        let mut text = finding.message.clone();
        if let Some(field) = &finding.field {
            text.push_str(&format!(", in {field}"));
        }
        if let Some(excerpt) = &finding.excerpt {
            text.push_str(&format!(": {excerpt}"));
        }
        vec![
            Cell::Name(finding.id.clone()),
            Cell::Code(finding.subject.name().into()),
            badge(finding.rule.severity),
            Cell::Code(finding.rule.id.into()),
            Cell::Text(message(&text)),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let all: u64 = rule_counts(report)
        .filter(|(rule, _)| rule.severity >= Severity::Medium)
        .map(|(_, count)| count)
        .sum();
    if rows.is_empty() {
        html.note("No finding is of medium severity or worse.");
    } else {
        html.table(&Table {
            caption: "Findings of medium severity and worse, with some of each rule",
            columns: &[
                ("object", Side::Left),
                ("type", Side::Left),
                ("severity", Side::Left),
                ("rule", Side::Left),
                ("finding", Side::Left),
            ],
            more: all.saturating_sub(rows.len() as u64),
            rows,
        });
    }
    html.command(&of.command("audit --min-severity medium"));
}

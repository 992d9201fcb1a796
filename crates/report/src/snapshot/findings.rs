//! The section about findings of the audit.

use super::subject::Snapshot;
use crate::html::{Cell, Html, Table};
use crate::words::message;
use snapscope_analyze::audit::{AuditReport, Finding, Severity};
use snapscope_objects::printable::byte_size;
use snapscope_pictures::{Segment, stacked_bar};

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
        html.note(&of.of_all("No rule found anything"));
        html.command(&of.command("audit"));
        return html;
    }
    let segments = report.by_severity().map(|(severity, count)| Segment {
        name: severity.word().to_owned(),
        count,
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
    let rows = report.by_rule().into_iter().map(|(rule, count)| {
        vec![
            Cell::Code(rule.id.into()),
            badge(rule.severity),
            Cell::Count(count),
            Cell::Text(rule.title.into()),
            Cell::Text(rule.fix.into()),
        ]
    });
    html.table(&Table::new(
        "Rules that found something, the worst first",
        &["rule", "severity", "findings", "what", "what to do"],
        rows,
    ));
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
        vec![
            Cell::Name(finding.id.clone()),
            Cell::Code(finding.subject.name().into()),
            badge(finding.rule.severity),
            Cell::Code(finding.rule.id.into()),
            Cell::Text(message(&finding.text())),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let counts = report.by_severity();
    let counts = counts.iter().filter(|(severity, _)| *severity >= Severity::Medium);
    let all: u64 = counts.map(|(_, count)| count).sum();
    if rows.is_empty() {
        html.note(&of.of_all("No finding is of medium severity or worse"));
    } else {
        html.table(
            &Table::new(
                "Findings of medium severity and worse, with some of each rule",
                &["object", "type", "severity", "rule", "finding"],
                rows,
            )
            .first_of(all),
        );
    }
    html.command(&of.command("audit --min-severity medium"));
}

//! Counts findings by rule.

use snapscope_analyze::audit::{AuditReport, AuditRule, RULES};

/// Each rule that has findings, with their number.
pub fn rule_counts(report: &AuditReport) -> impl Iterator<Item = (&'static AuditRule, u64)> {
    RULES.iter().copied().filter_map(|rule| {
        let kept = report.findings.iter().filter(|f| f.rule.id == rule.id).count() as u64;
        let more = report.more.iter().find(|(id, _)| *id == rule.id).map_or(0, |(_, more)| *more);
        (kept + more > 0).then_some((rule, kept + more))
    })
}

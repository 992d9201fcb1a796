//! The answer of an audit.

use crate::times;
use snapscope_analyze::audit::{AuditReport, Finding};
use snapscope_objects::json::{JsonText, List, Members as _, Object, ToJson};

/// An audit of a snapshot.
#[derive(Debug, Clone, Copy)]
pub struct Audited<'a, W> {
    /// The file's name.
    pub snapshot: &'a str,
    /// The ID in its meta.json.
    pub id: Option<&'a str>,
    /// The findings.
    pub report: &'a AuditReport,
    /// Findings left out because a baseline has them.
    pub known: usize,
    /// Returns when the object of a finding was last written, if that is known.
    pub written: W,
}

impl<W: Fn(&Finding) -> Option<String>> Audited<'_, W> {
    /// Writes the members of the answer.
    pub fn members(&self, json: &mut JsonText) {
        let snapshot = |json: &mut JsonText| {
            json.member("file", self.snapshot).member("id", self.id);
            json.member("at", self.report.at.map(times::rfc3339));
        };
        let not_shown = |json: &mut JsonText| {
            for (rule, more) in &self.report.more {
                json.member(rule, *more);
            }
        };
        let summary = |json: &mut JsonText| {
            let counts = self.report.by_severity();
            json.member("findings", counts.iter().map(|(_, count)| count).sum::<u64>());
            for (severity, count) in counts {
                json.member(severity.word(), count);
            }
            json.member("known", self.known).member("not_shown", Object(not_shown));
            json.member("vault_prefixes", List(&self.report.vaults));
        };
        json.member("snapshot", Object(snapshot)).member("summary", Object(summary));
        json.member("findings", List(self.report.findings.iter().map(|f| self.finding(f))));
    }

    /// A finding.
    pub fn finding(&self, f: &Finding) -> impl ToJson {
        let written = (self.written)(f);
        Object(move |json: &mut JsonText| {
            json.member("rule", f.rule.id).member("severity", f.rule.severity.word());
            json.member("type", f.subject.name()).member("id", &f.id);
            json.member("message", format!("{}: {}", f.rule.title, f.message));
            json.member_if("field", f.field.as_ref()).member_if("excerpt", f.excerpt.as_ref());
            json.member_if("modify_index", f.modify_index).member_if("modify_time", written);
            json.member_if("record", (f.number > 0).then_some(f.number));
        })
    }
}

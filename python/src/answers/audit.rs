//! Audits a snapshot.

use super::{Answer, incomplete_of};
use crate::error::not_opened;
use crate::reading::Opened;
use pyo3::prelude::*;
use snapscope_analyze::audit::{Audit, AuditOptions, Finding, RULES, Severity};
use snapscope_analyze::fold;
use snapscope_answers::Names;
use snapscope_answers::audit::Audited;
use snapscope_archive::open;

/// The findings of at least a severity, as JSON.
pub(crate) fn audit(opened: &Opened, least: Severity) -> PyResult<Vec<u8>> {
    let snapshot = &opened.snapshot;
    let show_secrets = snapshot.masking.is_none();
    let options = AuditOptions { show_secrets, ..AuditOptions::default() };
    let blocks = open(&snapshot.source, &snapshot.options).map_err(|e| not_opened(&e))?;
    let mut outcome = fold(blocks, snapshot.jobs, || Audit::new(options.clone()));
    opened.refuse_damage_of(&outcome.closing, &outcome.problems)?;
    let severity = |id: &str| RULES.iter().find(|rule| rule.id == id).map(|rule| rule.severity);
    outcome.out.findings.retain(|finding| finding.rule.severity >= least);
    outcome.out.more.retain(|(rule, _)| severity(rule) >= Some(least));
    let audited = Audited {
        snapshot: &snapshot.name(),
        id: outcome.closing.meta.as_ref().map(|meta| meta.id.as_str()),
        report: &outcome.out,
        known: 0,
        written: |_: &Finding| None,
    };
    let mut answer = Answer::begin();
    answer.members(|json, _| {
        audited.members(json);
        Ok(())
    })?;
    answer.incomplete(incomplete_of(&outcome.closing, &outcome.problems).as_ref(), Names::Ours);
    answer.end()
}

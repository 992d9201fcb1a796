//! The result of an audit.

use super::ca::Validity;
use super::finding::{Finding, sort};
use super::rule::{AuditRule, Severity};
use super::rules::RULES;
use crate::acl::{AclModel, ParsedPolicies};
use snapscope_decode::GoTime;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The result of an audit.
#[derive(Debug, Clone)]
pub struct AuditReport {
    /// The findings, the worst first.
    pub findings: Vec<Finding>,
    /// Rules with more findings than are kept, and how many more.
    pub more: Vec<(&'static str, u64)>,
    /// The time at which expiry and age were evaluated.
    pub at: Option<GoTime>,
    /// Prefixes under which Vault keeps its encrypted data, left out of the secret scan.
    pub vaults: Vec<Vec<u8>>,
    /// All certificates of the mesh's CA and of gateways, those that expire first before others.
    pub certificates: Vec<Validity>,
    /// The ACL objects, for questions about them.
    pub model: AclModel,
    /// Its policies, parsed.
    pub policies: ParsedPolicies,
}

impl AuditReport {
    /// Adds findings about a log.
    pub fn add(&mut self, findings: Vec<Finding>) {
        self.findings.extend(findings);
        sort(&mut self.findings);
    }

    /// Each rule that has findings, with the number of all of them, kept or not; the worst rules
    /// first.
    #[must_use]
    pub fn by_rule(&self) -> Vec<(&'static AuditRule, u64)> {
        let mut found: BTreeMap<&str, u64> = self.more.iter().copied().collect();
        for finding in &self.findings {
            *found.entry(finding.rule.id).or_default() += 1;
        }
        let counts = RULES.iter().copied();
        let mut counts: Vec<_> =
            counts.filter_map(|rule| Some((rule, *found.get(rule.id)?))).collect();
        counts.sort_by_key(|(rule, _)| Reverse(rule.severity));
        counts
    }

    /// The number of findings of each severity, kept or not, the worst first.
    #[must_use]
    pub fn by_severity(&self) -> [(Severity, u64); Severity::ALL.len()] {
        let rules = self.by_rule();
        Severity::ALL.map(|severity| {
            let of_it = rules.iter().filter(|(rule, _)| rule.severity == severity);
            (severity, of_it.map(|(_, count)| count).sum())
        })
    }
}

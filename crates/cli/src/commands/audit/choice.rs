//! Selection of rules.

use crate::suggest::unknown;
use anyhow::Result;
use snapscope_analyze::audit::{AuditRule, RULES};

/// Rules and groups named on the command line.
pub(super) struct Choice {
    only: Vec<String>,
    skip: Vec<String>,
}

fn is_meant(rule: &AuditRule, name: &str) -> bool {
    rule.id.eq_ignore_ascii_case(name) || rule.group().eq_ignore_ascii_case(name)
}

impl Choice {
    pub(super) fn new(only: &[String], skip: &[String]) -> Result<Self> {
        for name in only.iter().chain(skip) {
            if !RULES.iter().any(|rule| is_meant(rule, name)) {
                let groups = RULES.iter().map(|rule| rule.group());
                let words = RULES.iter().map(|rule| rule.id).chain(groups);
                return Err(unknown("rule or group", name, words, "--rules lists them"));
            }
        }
        Ok(Self { only: only.to_vec(), skip: skip.to_vec() })
    }

    pub(super) fn wants(&self, rule: &AuditRule) -> bool {
        (self.only.is_empty() || self.only.iter().any(|name| is_meant(rule, name)))
            && !self.skip.iter().any(|name| is_meant(rule, name))
    }

    pub(super) fn wants_id(&self, id: &str) -> bool {
        RULES.iter().any(|rule| rule.id == id && self.wants(rule))
    }

    pub(super) fn wants_group(&self, group: &str) -> bool {
        RULES.iter().any(|rule| rule.group() == group && self.wants(rule))
    }

    /// Whether rules of a group were requested by name.
    pub(super) fn names_group(&self, group: &str) -> bool {
        let is_named = |rule: &&AuditRule| self.only.iter().any(|name| is_meant(rule, name));
        RULES.iter().any(|rule| rule.group() == group && is_named(rule) && self.wants(rule))
    }

    pub(super) fn rules(&self) -> Vec<&'static AuditRule> {
        RULES.iter().copied().filter(|rule| self.wants(rule)).collect()
    }
}

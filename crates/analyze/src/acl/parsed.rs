//! Policies that one resolver parsed, for another one of the same snapshot.

use super::model::Policy;
use super::rules::{RuleError, RuleSet};
use super::version::ServerVersion;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The rules of a text, once they are parsed.
pub(super) type Parsed = Arc<OnceLock<Result<RuleSet, RuleError>>>;

/// The policies that a [`Resolver`](super::Resolver) parsed.
#[derive(Clone, Debug, Default)]
pub struct ParsedPolicies {
    /// Rules mean different things to different versions.
    version: Option<ServerVersion>,
    /// By the number of the policy's record.
    rules: BTreeMap<u64, Parsed>,
}

impl ParsedPolicies {
    pub(super) const fn new(version: ServerVersion, rules: BTreeMap<u64, Parsed>) -> Self {
        Self { version: Some(version), rules }
    }

    /// The rules of a policy for servers of a version.
    pub(super) fn of(&self, policy: &Policy, version: ServerVersion) -> Option<Parsed> {
        let rules = self.rules.get(&policy.number).filter(|_| self.version == Some(version))?;
        Some(Arc::clone(rules))
    }
}

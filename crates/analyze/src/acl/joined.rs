//! Policies that apply together, joined for many questions about one token.

use super::rules::{Rule, RuleSet};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The rules of some sets of policies, each joined to one.
#[derive(Debug, Default)]
pub(super) struct Joined(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    sets: HashMap<usize, Arc<RuleSet>>,
    /// Number of all rules.
    count: usize,
}

/// Maximum number of policies that are asked one after the other.
pub(super) const FEW: usize = 32;
/// Maximum number of rules that are kept, unless one set has more.
const MOST: usize = 200_000;

impl Joined {
    /// The rules of a set; `rules` returns them in merge order.
    pub(super) fn of(&self, set: usize, rules: impl FnOnce() -> Vec<Rule>) -> Arc<RuleSet> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(joined) = kept.sets.get(&set) {
            return Arc::clone(joined);
        }
        let joined = Arc::new(RuleSet::new(rules()));
        let count = joined.rules().len();
        if kept.count + count > MOST {
            *kept = Kept::default();
        }
        kept.count += count;
        kept.sets.insert(set, Arc::clone(&joined));
        joined
    }
}

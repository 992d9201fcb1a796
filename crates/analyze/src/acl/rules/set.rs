//! The rules of one policy, ordered for looking up.

use super::super::resource::RuleKind;
use super::level::Level;
use super::name::Name;
use super::rule::{Rule, Scope};
use snapscope_decode::wire::is_same;
use std::ops::Range;

/// No rule.
const NONE: usize = usize::MAX;

/// The rules of one text.
///
/// They are sorted by kind, form and name; rules with equal ones are in the order in which servers
/// merge them.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    /// The kinds and forms that occur, see [`bit`]. Most policies have one or two.
    forms: u64,
    /// For each rule, the first rule with the longest shorter name that is a prefix of its name.
    shorter: Vec<usize>,
    /// The rules that matter when those of one name are merged: for each name the first one, and
    /// each that is stronger than all before it. There are few, however often a name is repeated.
    decisive: Vec<usize>,
}

/// See [`RuleSet`].
fn decisive(rules: &[Rule]) -> Vec<usize> {
    let mut out = Vec::new();
    let mut strongest = (None, None);
    for (at, rule) in rules.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| rules.get(at));
        let is_first = before.is_none_or(|before| {
            (before.kind, before.scope, &before.name) != (rule.kind, rule.scope, &rule.name)
        });
        if is_first {
            strongest = (None, None);
        }
        let (level, intentions) = (Some(rule.level), rule.intentions);
        let is_stronger =
            (Level::replaces(level, strongest.0), Level::replaces(intentions, strongest.1));
        if is_first || is_stronger.0 {
            strongest.0 = level;
        }
        if is_first || is_stronger.1 {
            strongest.1 = intentions;
        }
        if is_first || is_stronger.0 || is_stronger.1 {
            out.push(at);
        }
    }
    out.shrink_to_fit();
    out
}

impl RuleSet {
    /// Orders rules.
    #[must_use]
    pub fn new(mut rules: Vec<Rule>) -> Self {
        rules.sort_by(|a, b| (a.kind, a.scope, &a.name).cmp(&(b.kind, b.scope, &b.name)));
        rules.shrink_to_fit();
        // Those of one name share it.
        for at in 1..rules.len() {
            if rules[at].name == rules[at - 1].name {
                rules[at].name = rules[at - 1].name.clone();
            }
        }
        let mut shorter = vec![NONE; rules.len()];
        let mut start = 0;
        for group in rules.chunk_by(|a, b| (a.kind, a.scope) == (b.kind, b.scope)) {
            // The names that are prefixes of the current one, shortest first.
            let mut open: Vec<usize> = Vec::new();
            for at in start..start + group.len() {
                let name: &Name = &rules[at].name;
                if open.last().is_some_and(|&top| rules[top].name == *name) {
                    shorter[at] = open.iter().rev().nth(1).copied().unwrap_or(NONE);
                    continue;
                }
                while open.last().is_some_and(|&top| !name.starts_with(&rules[top].name)) {
                    open.pop();
                }
                shorter[at] = open.last().copied().unwrap_or(NONE);
                open.push(at);
            }
            start += group.len();
        }
        let decisive = decisive(&rules);
        let forms = rules.iter().fold(0, |forms, rule| forms | bit(rule.kind, rule.scope));
        Self { rules, forms, shorter, decisive }
    }

    /// All rules, in order of kind, form and name.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether it has rules of a kind.
    pub(crate) const fn has(&self, kind: RuleKind) -> bool {
        self.forms & (bit(kind, Scope::Exact) | bit(kind, Scope::Prefix)) != 0
    }

    fn range(&self, kind: RuleKind, scope: Scope) -> Range<usize> {
        if self.forms & bit(kind, scope) == 0 {
            return 0..0;
        }
        // Found again each time: most policies have a few rules, and a snapshot has many policies.
        let start = self.rules.partition_point(|r| (r.kind, r.scope) < (kind, scope));
        let rest = self.rules.get(start..).unwrap_or(&[]);
        start..start + rest.partition_point(|r| (r.kind, r.scope) == (kind, scope))
    }

    /// The rules of a kind and form, in order of their names.
    pub(crate) fn of(&self, kind: RuleKind, scope: Scope) -> &[Rule] {
        self.rules.get(self.range(kind, scope)).unwrap_or(&[])
    }

    /// The rules for exactly that name.
    pub(crate) fn named(&self, kind: RuleKind, scope: Scope, name: &[u8]) -> &[Rule] {
        let rules = self.of(kind, scope);
        let start = first_of(rules, name);
        let same = rules[start..].partition_point(|r| is_same(&r.name, name));
        &rules[start..start + same]
    }

    /// The rules for exactly that name that matter when all of them are merged.
    pub(crate) fn decisive(
        &self,
        kind: RuleKind,
        scope: Scope,
        name: &[u8],
    ) -> impl Iterator<Item = &Rule> + Clone {
        let range = self.range(kind, scope);
        let rules = self.rules.get(range.clone()).unwrap_or(&[]);
        let start = range.start + first_of(rules, name);
        let from = self.decisive.partition_point(|at| *at < start);
        let decisive = self.decisive.get(from..).unwrap_or(&[]).iter();
        let of_name: Vec<&Rule> = decisive
            .take_while(|at| **at < range.end)
            .filter_map(|at| self.rules.get(*at))
            .take_while(|rule| is_same(&rule.name, name))
            .collect();
        of_name.into_iter()
    }

    /// The name of the longest prefix rule that covers the segment.
    pub(crate) fn longest_prefix(&self, kind: RuleKind, segment: &[u8]) -> Option<&Name> {
        let range = self.range(kind, Scope::Prefix);
        let rules = self.rules.get(range.clone())?;
        // The longest name that is a prefix of the segment is the last name not after it, or a
        // prefix of that name.
        let behind = if segment.is_empty() {
            rules.partition_point(|r| r.name.is_empty())
        } else {
            rules.partition_point(|r| &*r.name <= segment)
        };
        let mut at = range.start + behind.checked_sub(1)?;
        loop {
            let rule = self.rules.get(at)?;
            if rule.name.is_empty() || segment.starts_with(&rule.name) {
                return Some(&rule.name);
            }
            at = *self.shorter.get(at)?;
        }
    }

    /// The rules whose name starts with the segment.
    pub(crate) fn under(&self, kind: RuleKind, scope: Scope, segment: &[u8]) -> &[Rule] {
        let rules = self.of(kind, scope);
        if segment.is_empty() {
            return rules;
        }
        let start = first_of(rules, segment);
        let count = rules[start..].partition_point(|r| r.name.starts_with(segment));
        &rules[start..start + count]
    }
}

/// The bit of a kind and form.
const fn bit(kind: RuleKind, scope: Scope) -> u64 {
    1 << (kind.resource() as u32 * 2 + scope as u32)
}

/// The number of rules whose names come before a name. Most questions have no segment, and to compare
/// nothing is slow, see [`is_same`].
fn first_of(rules: &[Rule], name: &[u8]) -> usize {
    if name.is_empty() { 0 } else { rules.partition_point(|r| &*r.name < name) }
}

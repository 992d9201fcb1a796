//! Merges the rules of several policies and decides.
//!
//! Nothing is merged in advance: a question touches few names of a policy, so only these are
//! merged, for each question. All tokens share the policies.

use super::question::{Access, Question};
use super::resource::{Resource, RuleKind};
use super::rules::{AccessLevel, Level, Name, Rule, RuleSet, Scope};

/// The verdict of the rules, before the default policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A rule allows it.
    Allow,
    /// A rule applies and does not allow it.
    Deny,
    /// No rule applies.
    Default,
}

/// The part of a rule that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RulePart {
    /// Its `policy`.
    Policy,
    /// Its `intentions`, or without them the level derived from its `policy`.
    Intentions,
}

/// The rule that decided, merged over all policies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit<'r> {
    pub(super) kind: RuleKind,
    pub(super) scope: Scope,
    pub(super) name: &'r Name,
    pub(super) part: RulePart,
    pub(super) access: AccessLevel,
}

/// A verdict, and the rule behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome<'r> {
    pub(super) verdict: Verdict,
    pub(super) hit: Option<Hit<'r>>,
}

const NOTHING: Outcome<'static> = Outcome { verdict: Verdict::Default, hit: None };

/// Rules of one kind, form and name, merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Merged {
    /// The level that applies. `None` only for kinds without names, see [`Merged::start`].
    pub(super) level: Option<Level>,
    pub(super) intentions: Option<Level>,
}

impl Merged {
    /// The first rule of a name applies unchanged. For kinds without names merging starts from
    /// nothing, and `WRITE` does not replace nothing, so such a rule has no effect.
    pub(super) fn start(rule: &Rule) -> Self {
        if rule.kind.has_names() {
            return Self { level: Some(rule.level), intentions: rule.intentions };
        }
        let mut merged = Self { level: None, intentions: None };
        merged.add(rule);
        merged
    }

    /// Policy and intentions are merged separately.
    pub(super) fn add(&mut self, rule: &Rule) {
        if Level::replaces(Some(rule.level), self.level) {
            self.level = Some(rule.level);
        }
        if Level::replaces(rule.intentions, self.intentions) {
            self.intentions = rule.intentions;
        }
    }

    fn of<'r>(rules: impl Iterator<Item = &'r Rule>) -> Option<Self> {
        let mut merged: Option<Self> = None;
        for rule in rules {
            match &mut merged {
                None => merged = Some(Self::start(rule)),
                Some(merged) => merged.add(rule),
            }
        }
        merged
    }

    /// The level that is enforced.
    pub(super) fn access(&self, part: RulePart) -> Option<AccessLevel> {
        let derived = match self.level {
            Some(Level { access: AccessLevel::Read | AccessLevel::Write, lower_case: true }) => {
                AccessLevel::Read
            }
            _ => AccessLevel::Deny,
        };
        match part {
            RulePart::Policy => self.level.map(|l| l.access),
            RulePart::Intentions => Some(self.intentions.map_or(derived, |l| l.access)),
        }
    }
}

impl AccessLevel {
    /// Whether a rule of this level allows the access.
    const fn allows(self, access: Access) -> bool {
        match access {
            Access::Read => !matches!(self, Self::Deny),
            Access::List => matches!(self, Self::List | Self::Write),
            Access::Write | Access::WritePrefix => matches!(self, Self::Write),
        }
    }
}

impl<'r> Hit<'r> {
    fn outcome(self, access: Access) -> Outcome<'r> {
        let verdict = if self.access.allows(access) { Verdict::Allow } else { Verdict::Deny };
        Outcome { verdict, hit: Some(self) }
    }
}

/// Decides a question for a token with these policies, which are in merge order.
pub(super) fn decide<'r, I>(policies: I, question: &Question<'_>) -> Outcome<'r>
where
    I: Iterator<Item = &'r RuleSet> + Clone,
{
    let (segment, access) = (question.segment(), question.access());
    let resource = question.resource();
    let part = match resource {
        Resource::Key if access == Access::WritePrefix => return delete_below(policies, segment),
        Resource::Intention if segment == b"*" => return all_intentions(policies, access),
        Resource::Intention => RulePart::Intentions,
        _ => RulePart::Policy,
    };
    let kind = resource.ruled_by();
    let segment = if kind.has_names() { segment } else { b"" };
    let hit = find(policies.clone(), kind, part, segment)
        .or_else(|| find(policies, kind.spec().or?, part, segment));
    hit.map_or(NOTHING, |hit| hit.outcome(access))
}

/// The rule for a segment: the exact one, or else the one with the longest prefix.
fn find<'r, I>(policies: I, kind: RuleKind, part: RulePart, segment: &[u8]) -> Option<Hit<'r>>
where
    I: Iterator<Item = &'r RuleSet> + Clone,
{
    let exact = policies.clone().flat_map(|p| p.decisive(kind, Scope::Exact, segment));
    if let Some(rule) = exact.clone().next() {
        let access = Merged::of(exact)?.access(part)?;
        return Some(Hit { kind, scope: Scope::Exact, name: &rule.name, part, access });
    }
    find_prefix(policies, kind, part, segment)
}

fn find_prefix<'r, I>(
    policies: I,
    kind: RuleKind,
    part: RulePart,
    segment: &[u8],
) -> Option<Hit<'r>>
where
    I: Iterator<Item = &'r RuleSet> + Clone,
{
    let longest = policies.clone().filter_map(|p| p.longest_prefix(kind, segment));
    let name = longest.max_by_key(|name| name.len())?;
    let rules = policies.flat_map(|p| p.decisive(kind, Scope::Prefix, name));
    let access = Merged::of(rules)?.access(part)?;
    Some(Hit { kind, scope: Scope::Prefix, name, part, access })
}

/// Merges rules by name, in order of form and name. The sort is stable, so rules of one name stay
/// in merge order.
pub(super) fn merge_all<'r>(mut rules: Vec<&'r Rule>) -> Vec<(&'r Rule, Merged)> {
    let key = |r: &'r Rule| (r.kind, r.scope, &r.name);
    rules.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut out: Vec<(&Rule, Merged)> = Vec::new();
    for rule in rules {
        match out.last_mut() {
            Some((first, merged)) if key(first) == key(rule) => merged.add(rule),
            _ => out.push((rule, Merged::start(rule))),
        }
    }
    out
}

/// Deletes keys by prefix: the prefix itself must be writable, and so must every rule below it.
fn delete_below<'r, I>(policies: I, segment: &[u8]) -> Outcome<'r>
where
    I: Iterator<Item = &'r RuleSet> + Clone,
{
    let (kind, part) = (RuleKind::Key, RulePart::Policy);
    let cover = find_prefix(policies.clone(), kind, part, segment);
    if let Some(hit) = cover
        && hit.access != AccessLevel::Write
    {
        return Outcome { verdict: Verdict::Deny, hit: Some(hit) };
    }
    let below = policies
        .flat_map(|p| [Scope::Exact, Scope::Prefix].map(|scope| p.under(kind, scope, segment)))
        .flatten();
    for (rule, merged) in merge_all(below.collect()) {
        let Some(access) = merged.access(part) else { continue };
        if access != AccessLevel::Write {
            let hit = Hit { kind, scope: rule.scope, name: &rule.name, part, access };
            return Outcome { verdict: Verdict::Deny, hit: Some(hit) };
        }
    }
    cover.map_or(NOTHING, |hit| Outcome { verdict: Verdict::Allow, hit: Some(hit) })
}

/// The segment `*` of intentions: reading needs one rule that allows it, writing needs all of them.
fn all_intentions<'r, I>(policies: I, access: Access) -> Outcome<'r>
where
    I: Iterator<Item = &'r RuleSet> + Clone,
{
    let (kind, part) = (RuleKind::Service, RulePart::Intentions);
    let rules = policies
        .flat_map(|p| [Scope::Exact, Scope::Prefix].map(|scope| p.of(kind, scope)))
        .flatten();
    let mut for_all = None;
    for (rule, merged) in merge_all(rules.collect()) {
        let Some(level) = merged.access(part) else { continue };
        let hit = Hit { kind, scope: rule.scope, name: &rule.name, part, access: level };
        let allows = level.allows(access);
        if access == Access::Read && allows {
            return Outcome { verdict: Verdict::Allow, hit: Some(hit) };
        }
        if access == Access::Write && !allows {
            return Outcome { verdict: Verdict::Deny, hit: Some(hit) };
        }
        if rule.scope == Scope::Prefix && rule.name.is_empty() {
            for_all = Some(hit);
        }
    }
    for_all.map_or(NOTHING, |hit| hit.outcome(access))
}

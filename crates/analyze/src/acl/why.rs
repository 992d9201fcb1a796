//! Decisions with their reasons.

use super::decide::{Hit, Merged, Outcome, RulePart, Verdict};
use super::effective::{PolicySource, Via};
use super::error::AclError;
use super::linked::Linked;
use super::model::Token;
use super::question::Question;
use super::resolver::Resolver;
use super::resource::RuleKind;
use super::rules::{AccessLevel, Name, Rule, Scope, title};
use std::sync::Arc;

/// Whether a token may do something, and why.
#[derive(Clone, Debug)]
pub struct Decision<'r> {
    /// Whether it may.
    pub allowed: bool,
    /// What the rules say.
    pub verdict: Verdict,
    /// The rule that decided; `None` if there is none and the default policy did.
    pub reason: Option<Reason<'r>>,
}

/// The rule that decided.
#[derive(Clone, Debug)]
pub struct Reason<'r> {
    /// The kind of the rule.
    pub kind: RuleKind,
    /// Whether it is for one name or for all names that start with it.
    pub scope: Scope,
    /// The name.
    pub name: &'r Name,
    /// The part of the rule that applies.
    pub part: RulePart,
    /// What it grants, merged over all policies.
    pub access: AccessLevel,
    /// The rules that grant or deny it.
    pub origins: Vec<Origin<'r>>,
    /// Rules for the same name that were overruled.
    pub overruled: Vec<Origin<'r>>,
}

impl Reason<'_> {
    /// The rule in HCL: `key_prefix "app/"`.
    #[must_use]
    pub fn title(&self) -> String {
        title(self.kind, self.scope, self.name)
    }
}

/// A rule, with the links through which the token has it.
#[derive(Clone, Debug)]
pub struct Origin<'r> {
    /// The owner of the rule.
    pub source: PolicySource<'r>,
    /// The rule.
    pub rule: &'r Rule,
    /// The links through which the token got it.
    pub via: Arc<[Via<'r>]>,
}

impl<'m> Resolver<'m> {
    /// Whether the token may do that, and which rule of which policy through which link decides.
    ///
    /// # Errors
    /// If a server would answer with an error instead.
    pub fn can(&self, accessor: &str, question: &Question<'_>) -> Result<Decision<'_>, AclError> {
        self.check_resource(question.resource())?;
        let at = self.find(accessor)?;
        let outcome = self.outcome(self.sources_of(at)?, question);
        Ok(self.decision(self.linked(at).iter(), outcome, question))
    }

    /// The same for a token of the model.
    ///
    /// # Errors
    /// As [`can`](Self::can).
    pub fn can_token(
        &self,
        token: &Token,
        question: &Question<'_>,
    ) -> Result<Decision<'_>, AclError> {
        self.can(&token.accessor.to_string(), question)
    }

    pub(super) fn decision<'r, 'l>(
        &'r self,
        linked: impl Iterator<Item = &'l Linked<'r>>,
        outcome: Outcome<'r>,
        question: &Question<'_>,
    ) -> Decision<'r>
    where
        'r: 'l,
    {
        Decision {
            allowed: self.allowed(outcome.verdict, question),
            verdict: outcome.verdict,
            reason: outcome.hit.map(|hit| self.reason(linked, hit)),
        }
    }

    fn reason<'r, 'l>(
        &'r self,
        linked: impl Iterator<Item = &'l Linked<'r>>,
        hit: Hit<'r>,
    ) -> Reason<'r>
    where
        'r: 'l,
    {
        let Hit { kind, scope, name, part, access } = hit;
        let all = self.origins(linked, kind, scope, name);
        let (origins, overruled) = sift(all, part, access);
        Reason { kind, scope, name, part, access, origins, overruled }
    }

    /// The rules of one name, in merge order.
    fn origins<'r, 'l>(
        &'r self,
        linked: impl Iterator<Item = &'l Linked<'r>>,
        kind: RuleKind,
        scope: Scope,
        name: &Name,
    ) -> Vec<Origin<'r>>
    where
        'r: 'l,
    {
        let mut out = Vec::new();
        for Linked { at, source, via } in linked {
            for rule in self.named(*at, kind, scope, name) {
                out.push(Origin { source: *source, rule, via: Arc::clone(via) });
            }
        }
        out
    }

    fn named(&self, at: usize, kind: RuleKind, scope: Scope, name: &Name) -> &[Rule] {
        match self.rules(at) {
            Some(Ok(rules)) => rules.named(kind, scope, name),
            _ => &[],
        }
    }

    /// The places whose policies have rules of the deciding name, by their indexes.
    pub(super) fn with_name(&self, places: &[usize], hit: Hit<'_>) -> Arc<[usize]> {
        let Hit { kind, scope, name, .. } = hit;
        let has_name =
            |(_, place): &(usize, &usize)| !self.named(**place, kind, scope, name).is_empty();
        places.iter().enumerate().filter(has_name).map(|(at, _)| at).collect()
    }

    /// The first of the [`origins`](Reason::origins) of the decision: the position of its source in
    /// `places`, and the rule.
    pub(super) fn first_origin(&self, places: &[usize], hit: Hit<'_>) -> Option<(usize, &Rule)> {
        let Hit { kind, scope, name, part, access } = hit;
        let rules = || {
            let places = places.iter().enumerate();
            places.flat_map(|(at, place)| {
                self.named(*place, kind, scope, name).iter().map(move |rule| (at, rule))
            })
        };
        let explicit = is_explicit(part, rules().map(|(_, rule)| rule));
        rules().find(|(_, rule)| says(rule, part, access, explicit)).or_else(|| rules().next())
    }
}

/// If any rule has `intentions`, rules without it do not matter for intentions.
fn is_explicit<'r>(part: RulePart, mut rules: impl Iterator<Item = &'r Rule>) -> bool {
    part == RulePart::Intentions && rules.any(|rule| rule.intentions.is_some())
}

/// Whether a rule has the part that applies.
fn says(rule: &Rule, part: RulePart, access: AccessLevel, explicit: bool) -> bool {
    if explicit {
        return rule.intentions.is_some_and(|level| level.access == access);
    }
    Merged::start(rule).access(part) == Some(access)
}

/// Separates rules that grant or deny the access from those that were overruled.
pub(super) fn sift(
    all: Vec<Origin<'_>>,
    part: RulePart,
    access: AccessLevel,
) -> (Vec<Origin<'_>>, Vec<Origin<'_>>) {
    let explicit = is_explicit(part, all.iter().map(|origin| origin.rule));
    let (origins, overruled): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|origin| says(origin.rule, part, access, explicit));
    if origins.is_empty() {
        // Merged from several rules, such as a deny from levels that are not in lower case.
        return (overruled, origins);
    }
    (origins, overruled)
}

//! Everything a token may do, rule by rule.

use super::decide::{Merged, RulePart};
use super::effective::{LeftOut, PolicySource, Via};
use super::error::AclError;
use super::linked::Linked;
use super::model::Token;
use super::resolver::Resolver;
use super::resource::{Resource, RuleKind};
use super::rules::{AccessLevel, Name, Rule, Scope, title};
use super::why::{Origin, sift};
use std::sync::Arc;

/// The effective rules of a token.
#[derive(Clone, Debug)]
pub struct Explanation<'r> {
    /// The token.
    pub token: &'r Token,
    /// The rules that apply to it, in merge order, with their links.
    pub policies: Vec<(PolicySource<'r>, Arc<[Via<'r>]>)>,
    /// Links without effect.
    pub left_out: Vec<LeftOut<'r>>,
    /// Its rules, merged, in order of kind, form and name.
    pub rules: Vec<EffectiveRule<'r>>,
    /// Warnings.
    pub warnings: Vec<Warning<'r>>,
}

/// A rule, merged over all policies of a token.
#[derive(Clone, Debug)]
pub struct EffectiveRule<'r> {
    /// Its kind.
    pub kind: RuleKind,
    /// Whether it is for one name or a prefix.
    pub scope: Scope,
    /// The name.
    pub name: &'r Name,
    /// What it grants; `None` if it has no effect ([`Warning::NoEffect`]).
    pub access: Option<AccessLevel>,
    /// What it grants for intentions, if it is for services.
    pub intentions: Option<AccessLevel>,
    /// The rules that it comes from.
    pub origins: Vec<Origin<'r>>,
    /// Other rules for the same name, which it shadows.
    pub overruled: Vec<Origin<'r>>,
    /// Index in this list of the rule that would apply without this one, because its range contains
    /// this one.
    pub inside: Option<usize>,
}

impl EffectiveRule<'_> {
    /// The rule in HCL: `key_prefix "app/"`.
    #[must_use]
    pub fn title(&self) -> String {
        title(self.kind, self.scope, self.name)
    }
}

/// What a rule decides about a resource.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'e, 'r> {
    /// The resource, which need not be that of the rule.
    pub resource: Resource,
    /// What the rule grants.
    pub access: AccessLevel,
    /// The rule.
    pub rule: &'e EffectiveRule<'r>,
}

/// A warning about a token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Warning<'r> {
    /// Several policies disagree about one service. Servers cache the merged rule under the first
    /// of these policies. Tokens with only that policy then get the others' rights (or lose their
    /// own), until leadership changes.
    CacheBug {
        /// Whether it is for that service or a prefix.
        scope: Scope,
        /// The service.
        name: &'r Name,
        /// The policies, in the order of merging.
        sources: Vec<PolicySource<'r>>,
        /// Whether merging changes the first one. If not, it decides anyway.
        changes_first: bool,
    },
    /// A level that is not in lower case has no effect for kinds without names.
    NoEffect {
        /// The rule.
        rule: &'r Rule,
        /// The source of the rule.
        source: PolicySource<'r>,
    },
    /// A level that is not in lower case is overridden by any other for the same name, and grants
    /// no intentions.
    NotLowerCase {
        /// The rule.
        rule: &'r Rule,
        /// The source of the rule.
        source: PolicySource<'r>,
    },
}

impl Resolver<'_> {
    /// Everything a token may do, rule by rule, each with its origin.
    ///
    /// # Errors
    /// If a server would answer every request of the token with an error.
    pub fn explain(&self, accessor: &str) -> Result<Explanation<'_>, AclError> {
        let at = self.find(accessor)?;
        let token = self.token(accessor)?;
        self.sources_of(at)?;
        let linked = self.linked(at);
        let all = self.all_origins(&linked);
        let merged: Vec<(&Rule, Merged)> = all.chunk_by(same_name).filter_map(merged).collect();
        let inside = containers(&merged);
        let mut rules = Vec::with_capacity(merged.len());
        let mut warnings = Vec::new();
        let of_names = all.chunk_by(same_name);
        for ((origins, (first, merged)), inside) in of_names.zip(merged).zip(inside) {
            let Rule { kind, scope, name, .. } = first;
            let origins = origins.to_vec();
            warn(&origins, merged, &mut warnings);
            let access = merged.access(RulePart::Policy);
            let intentions =
                merged.access(RulePart::Intentions).filter(|_| *kind == RuleKind::Service);
            let (origins, overruled) = match access {
                Some(access) => sift(origins, RulePart::Policy, access),
                None => (origins, Vec::new()),
            };
            let (kind, scope) = (*kind, *scope);
            rules.push(EffectiveRule {
                kind,
                scope,
                name,
                access,
                intentions,
                origins,
                overruled,
                inside,
            });
        }
        let left_out = self.effective(at).left_out;
        let policies =
            linked.iter().map(|Linked { source, via, .. }| (*source, Arc::clone(via))).collect();
        Ok(Explanation { token, policies, left_out, rules, warnings })
    }

    /// What each rule of an explained token decides: about its own resource, a rule for services also about intentions,
    /// and about resources of which the token has no rule, if servers then ask this one.
    #[must_use]
    pub fn decided<'e, 'r>(&self, explained: &'e Explanation<'r>) -> Vec<Decided<'e, 'r>> {
        let rules = &explained.rules;
        let has =
            |kind: RuleKind| rules.iter().any(|rule| rule.kind == kind && rule.access.is_some());
        let mut all = Vec::with_capacity(rules.len());
        for rule in rules {
            let own = rule.access.map(|access| (rule.kind.resource(), access));
            let intentions = rule.intentions.map(|access| (Resource::Intention, access));
            let others = RuleKind::ALL.iter().filter(|kind| {
                kind.spec().or == Some(rule.kind)
                    && !has(**kind)
                    && self.check_resource(kind.resource()).is_ok()
            });
            let others = others.filter_map(|kind| Some((kind.resource(), rule.access?)));
            let decided = own.into_iter().chain(intentions).chain(others);
            all.extend(decided.map(|(resource, access)| Decided { resource, access, rule }));
        }
        all
    }

    /// What [`explain`](Self::explain) would say about links without effect and rules that contradict
    /// each other, without the rest.
    ///
    /// # Errors
    /// If a server would answer every request of the token with an error.
    pub(crate) fn flaws(
        &self,
        accessor: &str,
    ) -> Result<(Vec<LeftOut<'_>>, Vec<Warning<'_>>), AclError> {
        let at = self.find(accessor)?;
        self.sources_of(at)?;
        let all = self.all_origins(&self.linked(at));
        let mut warnings = Vec::new();
        for origins in all.chunk_by(same_name) {
            if let Some((_, merged)) = merged(origins) {
                warn(origins, merged, &mut warnings);
            }
        }
        Ok((self.effective(at).left_out, warnings))
    }

    /// All rules that apply to a token, by kind, form and name. The sort is stable, so those of one
    /// name stay in merge order.
    fn all_origins<'r>(&'r self, linked: &[Linked<'r>]) -> Vec<Origin<'r>> {
        let rules = |linked: &Linked<'r>| match self.rules(linked.at) {
            Some(Ok(rules)) => rules.rules(),
            _ => &[],
        };
        let mut all: Vec<Origin<'_>> = Vec::new();
        for one in linked {
            let Linked { source, via, .. } = one;
            let origin = |rule| Origin { source: *source, rule, via: Arc::clone(via) };
            all.extend(rules(one).iter().map(origin));
        }
        all.sort_by(|a, b| key(a.rule).cmp(&key(b.rule)));
        all
    }
}

/// What rules are merged by.
fn key(rule: &Rule) -> (RuleKind, Scope, &Name) {
    (rule.kind, rule.scope, &rule.name)
}

fn same_name(a: &Origin<'_>, b: &Origin<'_>) -> bool {
    key(a.rule) == key(b.rule)
}

/// Merges rules of one name.
fn merged<'r>(same: &[Origin<'r>]) -> Option<(&'r Rule, Merged)> {
    let (first, others) = same.split_first()?;
    let mut merged = Merged::start(first.rule);
    others.iter().for_each(|origin| merged.add(origin.rule));
    Some((first.rule, merged))
}

/// For each rule, the one that would otherwise cover its name.
fn containers(merged: &[(&Rule, Merged)]) -> Vec<Option<usize>> {
    // The prefix rules of a kind follow its exact ones, so both are looked up in those open.
    let mut out = vec![None; merged.len()];
    for kind in RuleKind::ALL.iter().copied() {
        let of = |scope: Scope| {
            merged.iter().enumerate().filter_map(move |(at, (rule, _))| {
                (rule.kind == kind && rule.scope == scope).then_some((at, &rule.name))
            })
        };
        let mut open: Vec<(usize, &Name)> = Vec::new();
        let mut exact = of(Scope::Exact).peekable();
        for (at, name) in of(Scope::Prefix) {
            while let Some((inner, _)) = exact.next_if(|(_, inner)| *inner < name) {
                out[inner] = innermost(&mut open, merged[inner].0);
            }
            out[at] = innermost(&mut open, merged[at].0);
            open.push((at, name));
        }
        for (inner, _) in exact {
            out[inner] = innermost(&mut open, merged[inner].0);
        }
    }
    out
}

fn innermost(open: &mut Vec<(usize, &Name)>, rule: &Rule) -> Option<usize> {
    while open.last().is_some_and(|(_, name)| !rule.name.starts_with(name)) {
        open.pop();
    }
    open.last().map(|(at, _)| *at)
}

fn warn<'r>(origins: &[Origin<'r>], merged: Merged, warnings: &mut Vec<Warning<'r>>) {
    for Origin { source, rule, .. } in origins {
        let (rule, source) = (*rule, *source);
        let levels = [Some(rule.level), rule.intentions];
        if levels.into_iter().flatten().any(|l| !l.lower_case) {
            warnings.push(if rule.kind.has_names() {
                Warning::NotLowerCase { rule, source }
            } else {
                Warning::NoEffect { rule, source }
            });
        }
    }
    let Some(first) = origins.first() else { return };
    if first.rule.kind != RuleKind::Service {
        return;
    }
    // The rule of each policy alone, after merging its own rules for that name.
    let alone: Vec<(PolicySource<'_>, Merged)> = origins
        .chunk_by(|a, b| a.source == b.source)
        .filter_map(|same| {
            let (first, rest) = same.split_first()?;
            let mut merged = Merged::start(first.rule);
            rest.iter().for_each(|o| merged.add(o.rule));
            Some((first.source, merged))
        })
        .collect();
    let Some((_, said_first)) = alone.first() else { return };
    if alone.iter().any(|(_, said)| said != said_first) {
        warnings.push(Warning::CacheBug {
            scope: first.rule.scope,
            name: &first.rule.name,
            sources: alone.iter().map(|(source, _)| *source).collect(),
            changes_first: *said_first != merged,
        });
    }
}

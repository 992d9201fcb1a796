//! Everything a token may do, rule by rule.

use super::decide::{Merged, Part, merge_all};
use super::effective::{LeftOut, PolicySource, Via};
use super::error::AclError;
use super::model::Token;
use super::resolver::Resolver;
use super::rules::{AccessLevel, Form, Name, Rule, RuleKind, RuleSet, title};
use super::why::{Linked, Origin, sift};
use std::sync::Arc;

/// What a token's links come to.
#[derive(Clone, Debug)]
pub struct Explanation<'r> {
    /// The token.
    pub token: &'r Token,
    /// What counts for it, in the order of merging, and through which links.
    pub policies: Vec<(PolicySource<'r>, Arc<[Via<'r>]>)>,
    /// Links that give it nothing.
    pub left_out: Vec<LeftOut<'r>>,
    /// Its rules, merged, in order of kind, form and name.
    pub rules: Vec<EffectiveRule<'r>>,
    /// What may surprise.
    pub warnings: Vec<Warning<'r>>,
}

/// A rule, merged over all policies of a token.
#[derive(Clone, Debug)]
pub struct EffectiveRule<'r> {
    /// What it is about.
    pub kind: RuleKind,
    /// For one name or for all that begin with it.
    pub form: Form,
    /// The name.
    pub name: &'r Name,
    /// What it grants; `None` if it has no effect ([`Warning::NoEffect`]).
    pub access: Option<AccessLevel>,
    /// What it grants for intentions, if it is for services.
    pub intentions: Option<AccessLevel>,
    /// The rules that say so.
    pub origins: Vec<Origin<'r>>,
    /// Rules for the same name that say something else and are shadowed.
    pub overruled: Vec<Origin<'r>>,
    /// The rule, by its place in this list, out of whose range this one takes its part: the one
    /// that would count if this one were not there.
    pub inside: Option<usize>,
}

impl EffectiveRule<'_> {
    /// The rule as it would be written: `key_prefix "app/"`.
    #[must_use]
    pub fn title(&self) -> String {
        title(self.kind, self.form, self.name)
    }
}

/// Something about a token that may surprise.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Warning<'r> {
    /// Several policies say different things about one service. Servers keep what they merged in
    /// their cache of the first of these policies, and tokens with only that one then get the
    /// other's rights (or lose their own), until leadership changes.
    CacheBug {
        /// For that service or for all that begin so.
        form: Form,
        /// The service.
        name: &'r Name,
        /// The policies, in the order of merging.
        sources: Vec<PolicySource<'r>>,
        /// Whether the first one is changed by it. If not, it says what counts anyway.
        changes_first: bool,
    },
    /// A level that is not in lower case has no effect for kinds without names.
    NoEffect {
        /// The rule.
        rule: &'r Rule,
        /// Whose rule it is.
        source: PolicySource<'r>,
    },
    /// A level that is not in lower case loses against any other for the same name, and gives no
    /// intentions.
    NotLowerCase {
        /// The rule.
        rule: &'r Rule,
        /// Whose rule it is.
        source: PolicySource<'r>,
    },
}

impl Resolver<'_> {
    /// Everything a token may do, rule by rule, each with its origin.
    ///
    /// # Errors
    /// When a server would answer with an error to whatever the token asks for.
    pub fn explain(&self, accessor: &str) -> Result<Explanation<'_>, AclError> {
        let at = self.find(accessor)?;
        let token = self.token(accessor)?;
        let places = self.sources_of(at)?;
        let linked = self.linked(at);
        let all = self.rules_at(places).flat_map(RuleSet::rules).collect();
        let merged = merge_all(all);
        let inside = containers(&merged);
        let mut rules = Vec::with_capacity(merged.len());
        let mut warnings = Vec::new();
        for ((first, merged), inside) in merged.into_iter().zip(inside) {
            let Rule { kind, form, name, .. } = first;
            let origins = self.origins(&linked, *kind, *form, name);
            warn(&origins, merged, &mut warnings);
            let access = merged.access(Part::Policy);
            let intentions = merged.access(Part::Intentions).filter(|_| *kind == RuleKind::Service);
            let (origins, overruled) = match access {
                Some(access) => sift(origins, Part::Policy, access),
                None => (origins, Vec::new()),
            };
            let (kind, form) = (*kind, *form);
            rules.push(EffectiveRule {
                kind,
                form,
                name,
                access,
                intentions,
                origins,
                overruled,
                inside,
            });
        }
        let left_out = self.effective(at).left_out;
        let policies = linked.into_iter().map(|Linked { source, via, .. }| (source, via)).collect();
        Ok(Explanation { token, policies, left_out, rules, warnings })
    }
}

/// For each rule the one that covers its name otherwise.
fn containers(merged: &[(&Rule, Merged)]) -> Vec<Option<usize>> {
    // The prefix rules of a kind follow its exact ones, so both are looked up in those open.
    let mut out = vec![None; merged.len()];
    for kind in RuleKind::ALL {
        let of = |form: Form| {
            merged.iter().enumerate().filter_map(move |(at, (rule, _))| {
                (rule.kind == kind && rule.form == form).then_some((at, &rule.name))
            })
        };
        let mut open: Vec<(usize, &Name)> = Vec::new();
        let mut exact = of(Form::Exact).peekable();
        for (at, name) in of(Form::Prefix) {
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
    // What each policy alone says, its own rules of that name merged.
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
            form: first.rule.form,
            name: &first.rule.name,
            sources: alone.iter().map(|(source, _)| *source).collect(),
            changes_first: *said_first != merged,
        });
    }
}

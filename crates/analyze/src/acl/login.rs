//! Finds the logins that would create a token with some access.

use super::bind_name::{BindName, is_identity_name};
use super::builtin::{self, SIDECAR, Template};
use super::decide::{Verdict, decide};
use super::model::{AuthMethod, BindingRule};
use super::question::Question;
use super::resolver::Resolver;
use super::rules::RuleSet;
use super::version::TEMPLATED_POLICIES;
use std::collections::HashMap;

/// A login that would create a token with the access.
///
/// Selectors are not evaluated: whether a login matches one depends on the login's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginPath<'m> {
    /// The auth method to log in with.
    pub method: &'m AuthMethod,
    /// The binding rule that must match the login.
    pub rule: &'m BindingRule,
    /// Whether the login must produce one name in particular, such as `svc-${value.user}` for a
    /// certain service.
    pub depends_on_name: bool,
}

/// A name that no login can produce, for rights that do not depend on the name.
const ANY_NAME: &str = "\u{0}";

/// The rights from one binding rule for a matching login.
struct Bound {
    /// Its rules; several alternatives if they depend on the login.
    alternatives: Vec<Alternative>,
    /// Whether every login with that method gets it.
    always: bool,
}

struct Alternative {
    rules: Vec<RuleSet>,
    depends_on_name: bool,
}

impl<'m> Resolver<'m> {
    /// Returns the logins that would create a token with the access.
    ///
    /// A login gets the rights of all binding rules that it matches. Rules without a selector match
    /// every login, so a deny among them applies to all logins with that method.
    pub(super) fn login_paths(&self, question: &Question<'_>) -> Vec<LoginPath<'m>> {
        let mut methods: Vec<&AuthMethod> = self.model.auth_methods.iter().collect();
        methods.sort_by(|a, b| a.name.cmp(&b.name));
        let mut rules: HashMap<&str, Vec<&BindingRule>> = HashMap::new();
        for rule in &self.model.binding_rules {
            rules.entry(&rule.auth_method).or_default().push(rule);
        }
        rules.values_mut().for_each(|rules| rules.sort_by_key(|rule| rule.number));
        let of = |method: &AuthMethod| rules.get(&*method.name).cloned().unwrap_or_default();
        methods.into_iter().flat_map(|m| self.paths_of(m, of(m), question)).collect()
    }

    fn paths_of(
        &self,
        method: &'m AuthMethod,
        rules: Vec<&'m BindingRule>,
        question: &Question<'_>,
    ) -> Vec<LoginPath<'m>> {
        let bound: Vec<(&BindingRule, Bound)> = rules
            .into_iter()
            .filter_map(|rule| {
                let alternatives = self.alternatives(rule, question)?;
                Some((rule, Bound { alternatives, always: rule.selector.trim().is_empty() }))
            })
            .collect();
        // The rights of every login that do not depend on it.
        let base: Vec<&RuleSet> = bound
            .iter()
            .filter(|(_, b)| b.always && b.alternatives.len() == 1)
            .flat_map(|(_, b)| b.alternatives.iter().flat_map(|a| &a.rules))
            .collect();
        let allows = |sets: &[&RuleSet]| {
            let verdict = decide(sets.iter().copied(), question).verdict;
            self.allowed(verdict, question)
        };
        let base_allows = !base.is_empty() && allows(&base);
        let mut paths = Vec::new();
        for (rule, bound) in &bound {
            let way = bound.alternatives.iter().find(|alternative| {
                let own: Vec<&RuleSet> = alternative.rules.iter().collect();
                let together: Vec<&RuleSet> =
                    base.iter().copied().chain(own.iter().copied()).collect();
                // Rights that every login has anyway are not attributed to this rule, unless it
                // grants them itself.
                allows(&together) && (!base_allows || self.contributes(&own, question))
            });
            if let Some(way) = way {
                let depends_on_name = way.depends_on_name;
                paths.push(LoginPath { method, rule, depends_on_name });
            }
        }
        paths
    }

    fn contributes(&self, own: &[&RuleSet], question: &Question<'_>) -> bool {
        decide(own.iter().copied(), question).verdict == Verdict::Allow
    }

    /// Returns the rights from a binding rule; `None` if there are none.
    fn alternatives(
        &self,
        rule: &'m BindingRule,
        question: &Question<'_>,
    ) -> Option<Vec<Alternative>> {
        let name = BindName::parse(&rule.bind_name);
        let identity = |make: &dyn Fn(&str) -> RuleSet, pattern: &BindName| {
            let alternatives: Vec<Alternative> = instances(pattern, question)
                .into_iter()
                .map(|(name, depends_on_name)| Alternative {
                    rules: vec![make(&name)],
                    depends_on_name,
                })
                .collect();
            (!alternatives.is_empty()).then_some(alternatives)
        };
        let templates = TEMPLATED_POLICIES.contains(self.basis.version);
        match &*rule.bind_type {
            "service" => identity(&builtin::service_identity, &name),
            // The identity is for the datacenter of the login.
            "node" => identity(&builtin::node_identity, &name),
            "templated-policy" if templates => {
                let template = Template::named(name.fixed()?, self.basis.version)?;
                if !template.has_name {
                    let rules = vec![template.rules("")];
                    return Some(vec![Alternative { rules, depends_on_name: false }]);
                }
                let variable = BindName::parse(rule.bind_variable.as_deref()?);
                identity(&|name| template.rules(name), &variable)
            }
            "role" => {
                let roles = self.model.roles.iter().filter(|r| name.can_be(&r.name));
                let found = roles.filter_map(|role| {
                    let effective = self.directory.effective_role(role, &self.basis);
                    let mut rules = Vec::with_capacity(effective.counted.len());
                    for counted in &effective.counted {
                        rules.push(self.rules_for(counted.key)?);
                    }
                    Some(Alternative { rules, depends_on_name: name.fixed().is_none() })
                });
                Some(found.collect())
            }
            "policy" if templates => {
                let policies = self.directory.policies.iter().enumerate();
                let found = policies.filter(|(_, p)| name.can_be(&p.name)).filter_map(|(at, p)| {
                    let depends_on_name = name.fixed().is_none();
                    let rules = if self.basis.in_scope(&p.datacenters) {
                        vec![self.rules_for(super::effective::SourceKey::Policy(at))?]
                    } else {
                        Vec::new()
                    };
                    Some(Alternative { rules, depends_on_name })
                });
                Some(found.collect())
            }
            _ => None,
        }
    }
}

/// The names to examine: the one in the question, the service whose sidecar it is, and any other.
fn instances(pattern: &BindName, question: &Question<'_>) -> Vec<(String, bool)> {
    if let Some(name) = pattern.fixed() {
        let valid = is_identity_name(name);
        return if valid { vec![(name.to_owned(), false)] } else { Vec::new() };
    }
    let segment = std::str::from_utf8(question.segment()).unwrap_or("");
    let asked = [Some(segment), segment.strip_suffix(SIDECAR)];
    let fitting = asked.into_iter().flatten().filter(|n| is_identity_name(n) && pattern.can_be(n));
    let mut all = vec![(ANY_NAME.to_owned(), false)];
    all.extend(fitting.map(|name| (name.to_owned(), true)));
    all
}

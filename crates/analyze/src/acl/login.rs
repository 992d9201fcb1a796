//! Finds the logins that would create a token with some access.

use super::bind_name::{BindName, is_identity_name};
use super::builtin::{self, SIDECAR, Template};
use super::decide::{Verdict, decide};
use super::effective::SourceKey;
use super::model::{AuthMethod, BindingRule, Role};
use super::question::Question;
use super::resolver::Resolver;
use super::rules::RuleSet;
use super::version::TEMPLATED_POLICIES;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

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

/// The rights that a binding may grant: several alternatives if they depend on the login.
type Bound<'r> = Rc<[Alternative<'r>]>;

struct Alternative<'r> {
    rules: Rc<[Cow<'r, RuleSet>]>,
    depends_on_name: bool,
}

/// What decides which rights a binding rule grants.
#[derive(PartialEq, Eq, Hash)]
struct Binding<'m> {
    bind_type: &'m str,
    name: BindName,
    variable: Option<BindName>,
}

/// The rights of bindings. Thousands of rules may bind to the same, and to roles with thousands of links.
struct Bindings<'r, 'q> {
    resolver: &'r Resolver<'r>,
    question: &'q Question<'q>,
    known: HashMap<Binding<'r>, Option<Bound<'r>>>,
    roles: HashMap<&'r str, Vec<&'r Role>>,
    policies: HashMap<&'r str, Vec<usize>>,
    /// The rules of each role; `None` if some cannot be parsed.
    of_role: HashMap<*const Role, Option<Rc<[Cow<'r, RuleSet>]>>>,
}

impl<'m> Resolver<'m> {
    /// Returns the logins that would create a token with the access.
    ///
    /// A login gets the rights of all binding rules that it matches. Rules without a selector match
    /// every login, so a deny among them applies to all logins with that method.
    pub(super) fn login_paths(&self, question: &Question<'_>) -> Vec<LoginPath<'_>> {
        let mut methods: Vec<&AuthMethod> = self.model.auth_methods.iter().collect();
        methods.sort_by(|a, b| a.name.cmp(&b.name));
        let mut rules: HashMap<&str, Vec<&BindingRule>> = HashMap::new();
        for rule in &self.model.binding_rules {
            rules.entry(&rule.auth_method).or_default().push(rule);
        }
        rules.values_mut().for_each(|rules| rules.sort_by_key(|rule| rule.number));
        let mut bindings = Bindings::new(self, question);
        let mut paths = Vec::new();
        for method in methods {
            let of_method = rules.get(&*method.name).map_or(&[][..], Vec::as_slice);
            self.add_paths(method, of_method, &mut bindings, &mut paths);
        }
        paths
    }

    fn add_paths<'r>(
        &self,
        method: &'r AuthMethod,
        rules: &[&'r BindingRule],
        bindings: &mut Bindings<'r, '_>,
        paths: &mut Vec<LoginPath<'r>>,
    ) {
        let question = bindings.question;
        let bound: Vec<(&BindingRule, Bound<'_>)> =
            rules.iter().filter_map(|rule| Some((*rule, bindings.of(rule)?))).collect();
        let base = base(&bound);
        let allows = |sets: &mut dyn Iterator<Item = &RuleSet>| {
            let sets: Vec<&RuleSet> = sets.collect();
            let verdict = decide(sets.iter().copied(), question).verdict;
            self.allowed(verdict, question)
        };
        let base_allows = base.as_ref().is_some_and(|base| allows(&mut std::iter::once(base)));
        let way = |bound: &Bound<'_>| {
            let way = bound.iter().find(|alternative| {
                let own = || alternative.rules.iter().map(|rules| &**rules);
                // Rights that every login has anyway are not attributed to this rule, unless it
                // grants them itself.
                allows(&mut base.iter().chain(own()))
                    && (!base_allows || decide_all(own(), question) == Verdict::Allow)
            });
            way.map(|way| way.depends_on_name)
        };
        // Rules that bind to the same target grant the same rights.
        let mut ways: HashMap<*const Alternative<'_>, Option<bool>> = HashMap::new();
        for (rule, bound) in &bound {
            let found = ways.entry(bound.as_ptr()).or_insert_with(|| way(bound));
            paths.extend(found.map(|depends_on_name| LoginPath { method, rule, depends_on_name }));
        }
    }
}

fn decide_all<'r>(sets: impl Iterator<Item = &'r RuleSet>, question: &Question<'_>) -> Verdict {
    let sets: Vec<&RuleSet> = sets.collect();
    decide(sets.iter().copied(), question).verdict
}

/// The rights of every login that do not depend on it, merged; `None` if there are none.
fn base(bound: &[(&BindingRule, Bound<'_>)]) -> Option<RuleSet> {
    // The same rules change nothing the second time.
    let mut seen: HashSet<*const RuleSet> = HashSet::new();
    let mut all = Vec::new();
    let mut is_any = false;
    for (rule, bound) in bound {
        let [only] = &**bound else { continue };
        if !rule.selector.trim().is_empty() {
            continue;
        }
        for rules in only.rules.iter() {
            is_any = true;
            if seen.insert(std::ptr::from_ref(&**rules)) {
                all.extend_from_slice(rules.rules());
            }
        }
    }
    is_any.then(|| RuleSet::new(all))
}

impl<'r, 'q> Bindings<'r, 'q> {
    fn new(resolver: &'r Resolver<'r>, question: &'q Question<'q>) -> Self {
        let mut roles: HashMap<&str, Vec<&Role>> = HashMap::new();
        for role in &resolver.model.roles {
            roles.entry(&role.name).or_default().push(role);
        }
        let mut policies: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, policy) in resolver.directory.policies.iter().enumerate() {
            policies.entry(&policy.name).or_default().push(at);
        }
        let (known, of_role) = (HashMap::new(), HashMap::new());
        Self { resolver, question, known, roles, policies, of_role }
    }

    /// The rights from a binding rule; `None` if there are none.
    fn of(&mut self, rule: &'r BindingRule) -> Option<Bound<'r>> {
        let binding = Binding {
            bind_type: &rule.bind_type,
            name: BindName::parse(&rule.bind_name),
            variable: rule.bind_variable.as_deref().map(BindName::parse),
        };
        if let Some(known) = self.known.get(&binding) {
            return known.clone();
        }
        let bound: Option<Bound<'r>> = self.alternatives(&binding).map(Into::into);
        self.known.insert(binding, bound.clone());
        bound
    }

    fn alternatives(&mut self, binding: &Binding<'r>) -> Option<Vec<Alternative<'r>>> {
        let Binding { bind_type, name, variable } = binding;
        let version = self.resolver.basis.version;
        let templates = TEMPLATED_POLICIES.contains(version);
        match *bind_type {
            "service" => self.identity(&builtin::service_identity, name),
            // The identity is for the datacenter of the login.
            "node" => self.identity(&builtin::node_identity, name),
            "templated-policy" if templates => {
                let template = Template::named(name.fixed()?, version)?;
                if !template.has_name {
                    let rules = [Cow::Owned(template.rules(""))].into();
                    return Some(vec![Alternative { rules, depends_on_name: false }]);
                }
                self.identity(&|name| template.rules(name), variable.as_ref()?)
            }
            "role" => Some(self.roles(name)),
            "policy" if templates => Some(self.policies(name)),
            _ => None,
        }
    }

    fn identity(
        &self,
        make: &dyn Fn(&str) -> RuleSet,
        pattern: &BindName,
    ) -> Option<Vec<Alternative<'r>>> {
        let alternatives: Vec<Alternative<'_>> = instances(pattern, self.question)
            .into_iter()
            .map(|(name, depends_on_name)| Alternative {
                rules: [Cow::Owned(make(&name))].into(),
                depends_on_name,
            })
            .collect();
        (!alternatives.is_empty()).then_some(alternatives)
    }

    fn roles(&mut self, name: &BindName) -> Vec<Alternative<'r>> {
        let roles: Vec<&Role> = match name.fixed() {
            Some(name) => self.roles.get(name).cloned().unwrap_or_default(),
            None => {
                let roles = self.resolver.model.roles.iter();
                roles.filter(|role| name.can_be(&role.name)).collect()
            }
        };
        let depends_on_name = name.fixed().is_none();
        let rules = roles.into_iter().filter_map(|role| self.rules_of(role));
        rules.map(|rules| Alternative { rules, depends_on_name }).collect()
    }

    fn rules_of(&mut self, role: &'r Role) -> Option<Rc<[Cow<'r, RuleSet>]>> {
        let resolver = self.resolver;
        let rules = || {
            let effective = resolver.directory.effective_role(role, &resolver.basis);
            effective.counted.iter().map(|counted| resolver.rules_for(counted.key)).collect()
        };
        self.of_role.entry(role).or_insert_with(rules).clone()
    }

    fn policies(&self, name: &BindName) -> Vec<Alternative<'r>> {
        let resolver = self.resolver;
        let all = &resolver.directory.policies;
        let places: Vec<usize> = match name.fixed() {
            Some(name) => self.policies.get(name).cloned().unwrap_or_default(),
            None => {
                let fitting = all.iter().enumerate().filter(|(_, p)| name.can_be(&p.name));
                fitting.map(|(at, _)| at).collect()
            }
        };
        let depends_on_name = name.fixed().is_none();
        let alternative = |at: usize| {
            let is_here = resolver.basis.in_scope(&all.get(at)?.datacenters);
            let rules: Rc<[Cow<'_, RuleSet>]> = match is_here {
                true => [resolver.rules_for(SourceKey::Policy(at))?].into(),
                false => [].into(),
            };
            Some(Alternative { rules, depends_on_name })
        };
        places.into_iter().filter_map(alternative).collect()
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

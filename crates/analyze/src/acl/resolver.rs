//! Answers questions about tokens.

use super::basis::{Basis, DefaultPolicy, ResolverOptions};
use super::builtin;
use super::decide::{Outcome, Verdict, decide};
use super::effective::{Directory, Effective, PolicySource, SourceKey};
use super::error::AclError;
use super::joined::{FEW, Joined};
use super::model::{AclModel, Grants, Id, Link, Token};
use super::parsed::{Parsed, ParsedPolicies};
use super::question::Question;
use super::resource::Resource;
use super::rules::{RuleError, RuleSet, Syntax, parse_rules};
use foldhash::{HashMap, HashMapExt as _};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use snapscope_decode::text::hex;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// Answers questions about the tokens of a snapshot as its servers would.
///
/// Policies are parsed once, when an answer first needs them, and tokens with equal links share the result. Answers are those of
/// servers with empty caches: real servers may confuse the rules of two policies that name one
/// service, see [`Explanation::warnings`](super::Explanation::warnings).
#[derive(Debug)]
pub struct Resolver<'m> {
    pub(super) model: &'m AclModel,
    pub(super) basis: Basis,
    pub(super) directory: Directory<'m>,
    /// Policies first, sorted by ID; after them all other sources of rules.
    sources: Vec<Source<'m>>,
    places: HashMap<SourceKey<'m>, usize>,
    /// The rules of each token, in the model's order.
    holdings: Vec<Holding<'m>>,
    /// For each token, the index of the first one with the same links.
    alike: Vec<usize>,
    sets: Vec<PolicySet>,
    joined: Joined,
    accessors: HashMap<&'m Id, usize>,
}

/// Everything that determines a token's rights, unless it has expired.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Links<'m> {
    grants: &'m Grants,
    roles: &'m [Link],
    legacy_type: &'m str,
    legacy_rules: &'m [u8],
}

impl<'m> Links<'m> {
    fn of(token: &'m Token) -> Self {
        let Token { grants, roles, legacy_type, legacy_rules, .. } = token;
        Self { grants, roles, legacy_type, legacy_rules }
    }
}

#[derive(Debug)]
pub(super) struct Source<'m> {
    pub(super) key: SourceKey<'m>,
    /// Parsed when they are first needed.
    rules: Parsed,
}

/// Policies that apply together, in merge order.
#[derive(Debug)]
struct PolicySet {
    sources: Box<[usize]>,
    /// The first one whose rules cannot be parsed, once somebody asked.
    unreadable: OnceLock<Option<usize>>,
}

#[derive(Debug, Clone, Copy)]
enum Holding<'m> {
    Set(usize),
    Expired,
    UnknownTemplate(&'m str),
}

impl<'m> Resolver<'m> {
    /// Determines which policies apply to each token.
    #[must_use]
    pub fn new(model: &'m AclModel, options: ResolverOptions) -> Self {
        Self::with(model, options, &ParsedPolicies::default())
    }

    /// The same with policies that [another resolver](Self::parsed) of the same snapshot parsed.
    #[must_use]
    pub fn with(model: &'m AclModel, options: ResolverOptions, parsed: &ParsedPolicies) -> Self {
        let basis = Basis::of(model, options);
        let directory = Directory::new(&model.policies, &model.roles);
        let mut resolver = Self {
            model,
            basis,
            sources: Vec::with_capacity(directory.policies.len()),
            places: HashMap::new(),
            directory,
            holdings: Vec::with_capacity(model.tokens.len()),
            alike: Vec::with_capacity(model.tokens.len()),
            sets: Vec::new(),
            joined: Joined::default(),
            accessors: HashMap::with_capacity(model.tokens.len()),
        };
        for at in 0..resolver.directory.policies.len() {
            let rules = resolver
                .directory
                .policies
                .get(at)
                .and_then(|policy| parsed.of(policy, resolver.basis.version));
            resolver.place(SourceKey::Policy(at), rules.unwrap_or_default());
        }
        let mut known: HashMap<Box<[usize]>, usize> = HashMap::new();
        // A role may have thousands of links, and thousands of tokens may have the role.
        let mut by_links: HashMap<Links<'m>, (usize, Holding<'m>)> = HashMap::new();
        for (at, token) in model.tokens.iter().enumerate() {
            let (alike, holding) = *by_links
                .entry(Links::of(token))
                .or_insert_with(|| (at, resolver.holding(token, &mut known)));
            let is_expired = token.expires.is_some_and(|time| resolver.basis.has_passed(time));
            resolver.holdings.push(if is_expired { Holding::Expired } else { holding });
            resolver.alike.push(alike);
            resolver.accessors.insert(&token.accessor, at);
        }
        resolver
    }

    fn holding(
        &mut self,
        token: &'m Token,
        known: &mut HashMap<Box<[usize]>, usize>,
    ) -> Holding<'m> {
        let effective = self.directory.effective(token, &self.basis);
        if let Some(template) = effective.unknown_template {
            return Holding::UnknownTemplate(template);
        }
        let sources: Box<[usize]> =
            effective.counted.iter().map(|counted| self.place_of(counted.key)).collect();
        if let Some(&set) = known.get(&sources) {
            return Holding::Set(set);
        }
        let set = self.sets.len();
        self.sets.push(PolicySet { sources: sources.clone(), unreadable: OnceLock::new() });
        known.insert(sources, set);
        Holding::Set(set)
    }

    /// The index of a source.
    fn place_of(&mut self, key: SourceKey<'m>) -> usize {
        if let Some(&at) = self.places.get(&key) {
            return at;
        }
        self.place(key, Parsed::default())
    }

    /// Adds a source.
    fn place(&mut self, key: SourceKey<'m>, rules: Parsed) -> usize {
        let at = self.sources.len();
        self.sources.push(Source { key, rules });
        self.places.insert(key, at);
        at
    }

    /// Parses all policies now, on all cores.
    pub fn parse_all(&self) {
        let policies = self.sources.get(..self.directory.policies.len()).unwrap_or(&[]);
        policies.par_iter().for_each(|policy| {
            // Whoever needs the policy reports what is wrong with it.
            let _ = self.rules_of(policy);
        });
    }

    /// The policies that were parsed so far.
    #[must_use]
    pub fn parsed(&self) -> ParsedPolicies {
        let policies = self.directory.policies.iter().zip(&self.sources);
        let rules = policies.map(|(policy, source)| (policy.number, Arc::clone(&source.rules)));
        ParsedPolicies::new(self.basis.version, rules.collect())
    }

    fn read_rules(&self, key: SourceKey<'m>) -> Result<RuleSet, RuleError> {
        let version = self.basis.version;
        Ok(match key {
            SourceKey::Policy(at) => {
                let text = self.directory.policies.get(at).map_or(&[][..], |p| &*p.rules);
                return parse_rules(text, Syntax::Current, version);
            }
            SourceKey::Service(name) => builtin::service_identity(name),
            SourceKey::Node(name, _) => builtin::node_identity(name),
            SourceKey::Template(template, _, name) => template.rules(name.unwrap_or("")),
            SourceKey::LegacyRules(text) => return parse_rules(text, Syntax::Legacy, version),
            SourceKey::LegacyManagement => builtin::legacy_management(),
        })
    }

    /// The assumptions of the answers.
    #[must_use]
    pub const fn basis(&self) -> &Basis {
        &self.basis
    }

    /// The token with that accessor.
    ///
    /// # Errors
    /// If there is none.
    pub fn token(&self, accessor: &str) -> Result<&'m Token, AclError> {
        let at = self.find(accessor)?;
        self.model.tokens.get(at).ok_or_else(|| unknown_token(accessor))
    }

    pub(super) fn find(&self, accessor: &str) -> Result<usize, AclError> {
        let at = self.accessors.get(&Id::new(accessor)).copied();
        at.ok_or_else(|| unknown_token(accessor))
    }

    /// Each policy with its rules, or why they cannot be parsed, sorted by ID.
    pub fn policies(
        &self,
    ) -> impl Iterator<Item = (PolicySource<'m>, Result<&RuleSet, &RuleError>)> {
        let policies = self.sources.iter().take(self.directory.policies.len());
        policies.map(|source| (self.directory.source(source.key), self.rules_of(source)))
    }

    /// Whether servers of that version answer the question at all.
    ///
    /// # Errors
    /// If they do not have the resource.
    pub(super) fn check_resource(&self, resource: Resource) -> Result<(), AclError> {
        let version = self.basis.version;
        if resource.known_to(version) {
            return Ok(());
        }
        Err(AclError::UnknownResource { resource, version })
    }

    /// The indexes of the rules that apply to a token, in merge order.
    pub(super) fn sources_of(&self, at: usize) -> Result<&[usize], AclError> {
        let accessor =
            || self.model.tokens.get(at).map_or(String::new(), |t| t.accessor.to_string());
        let set = match self.holdings.get(at) {
            Some(Holding::Set(set)) => self.sets.get(*set),
            Some(Holding::UnknownTemplate(template)) => {
                let (template, version) = ((*template).to_owned(), self.basis.version);
                return Err(AclError::UnknownTemplate { template, version });
            }
            Some(Holding::Expired) => return Err(AclError::Expired { accessor: accessor() }),
            None => None,
        };
        let set = set.ok_or_else(|| unknown_token(&accessor()))?;
        let is_unreadable = |at: &usize| self.rules(*at).is_some_and(|rules| rules.is_err());
        let unreadable = set
            .unreadable
            .get_or_init(|| set.sources.iter().copied().find(is_unreadable))
            .and_then(|at| self.sources.get(at));
        match unreadable.map(|source| (source.key, self.rules_of(source))) {
            Some((key, Err(error))) => Err(self.unreadable(key, error)),
            _ => Ok(&set.sources),
        }
    }

    /// Whether two tokens have the same rules; then their indexes are equal.
    pub(super) fn set_of(&self, at: usize) -> Option<usize> {
        match self.holdings.get(at) {
            Some(Holding::Set(set)) => Some(*set),
            _ => None,
        }
    }

    /// The index of the first token with the same links.
    pub(super) fn alike(&self, at: usize) -> usize {
        self.alike.get(at).copied().unwrap_or(at)
    }

    pub(super) fn sets(&self) -> usize {
        self.sets.len()
    }

    fn unreadable(&self, key: SourceKey<'m>, error: &RuleError) -> AclError {
        let source = self.directory.source(key);
        let name = match (source, key) {
            (PolicySource::Policy(policy), _) => policy.name.to_string(),
            (_, SourceKey::LegacyRules(rules)) => legacy_policy(rules),
            _ => source.to_string(),
        };
        AclError::UnreadablePolicy { policy: source.to_string(), name, error: error.clone() }
    }

    /// The rules of a source, or why they cannot be parsed.
    fn rules_of<'r>(&self, source: &'r Source<'m>) -> Result<&'r RuleSet, &'r RuleError> {
        source.rules.get_or_init(|| self.read_rules(source.key)).as_ref()
    }

    /// The same at an index; `None` if it is out of bounds.
    pub(super) fn rules(&self, at: usize) -> Option<Result<&RuleSet, &RuleError>> {
        Some(self.rules_of(self.sources.get(at)?))
    }

    /// The rules at some indexes.
    pub(super) fn rules_at<'r>(
        &'r self,
        places: &'r [usize],
    ) -> impl Iterator<Item = &'r RuleSet> + Clone {
        places.iter().filter_map(|&at| self.rules(at)?.ok())
    }

    /// The rules that apply to a token, with their links.
    pub(super) fn effective(&self, at: usize) -> Effective<'m> {
        let token = self.model.tokens.get(at);
        token.map_or_else(Effective::default, |t| self.directory.effective(t, &self.basis))
    }

    /// The indexes of the rules that apply, as far as they can be parsed.
    pub(super) fn places(&self, effective: &Effective<'m>) -> Vec<usize> {
        effective.counted.iter().filter_map(|c| self.places.get(&c.key).copied()).collect()
    }

    /// The rules of a source that may not apply to any token yet; `None` if they cannot be parsed.
    pub(super) fn rules_for(&self, key: SourceKey<'m>) -> Option<Cow<'_, RuleSet>> {
        match self.places.get(&key).and_then(|&at| self.sources.get(at)) {
            Some(source) => self.rules_of(source).ok().map(Cow::Borrowed),
            None => self.read_rules(key).ok().map(Cow::Owned),
        }
    }

    pub(super) fn outcome<'r>(
        &'r self,
        places: &'r [usize],
        question: &Question<'_>,
    ) -> Outcome<'r> {
        let kind = question.resource().ruled_by();
        let has_rules =
            |set: &&RuleSet| set.has(kind) || kind.spec().or.is_some_and(|kind| set.has(kind));
        // Few policies have rules of the kind, and each is looked at several times.
        let sets: Vec<&RuleSet> = self.rules_at(places).filter(has_rules).collect();
        decide(sets.iter().copied(), question)
    }

    /// Applies the default policy to a verdict.
    pub(super) fn allowed(&self, verdict: Verdict, question: &Question<'_>) -> bool {
        match verdict {
            Verdict::Allow => true,
            Verdict::Deny => false,
            // Even a default policy of "allow" grants no access to ACLs.
            Verdict::Default => {
                self.basis.default_policy == DefaultPolicy::Allow
                    && question.resource() != Resource::Acl
            }
        }
    }

    /// Whether servers answer questions of that token at all.
    ///
    /// # Errors
    /// If they answer every question with an error.
    pub fn ready(&self, accessor: &str) -> Result<(), AclError> {
        self.sources_of(self.find(accessor)?).map(|_| ())
    }

    /// Whether the token may do that.
    ///
    /// # Errors
    /// If a server would answer with an error instead.
    pub fn check(&self, accessor: &str, question: &Question<'_>) -> Result<bool, AclError> {
        self.check_resource(question.resource())?;
        let at = self.find(accessor)?;
        let places = self.sources_of(at)?;
        let verdict = match self.set_of(at).filter(|_| places.len() > FEW) {
            Some(set) => {
                let rules = || self.rules_at(places).flat_map(RuleSet::rules).cloned().collect();
                decide(std::iter::once(&*self.joined.of(set, rules)), question).verdict
            }
            None => self.outcome(places, question).verdict,
        };
        Ok(self.allowed(verdict, question))
    }
}

fn unknown_token(accessor: &str) -> AclError {
    AclError::UnknownToken { accessor: accessor.to_owned() }
}

/// The name that servers give to the policy they derive from a legacy token's rules: the rules, in
/// digits, followed by the FNV-1a hash of nothing.
fn legacy_policy(rules: &[u8]) -> String {
    format!("legacy-policy-{}6c62272e07bb014262b821756295c58d", hex(rules))
}

//! Answers questions about tokens.

use super::basis::{Basis, DefaultPolicy, ResolverOptions};
use super::builtin;
use super::decide::{Outcome, Verdict, decide};
use super::effective::{Directory, Effective, PolicySource, SourceKey};
use super::error::AclError;
use super::model::{AclModel, Id, Token};
use super::question::Question;
use super::resource::Resource;
use super::rules::{RuleError, RuleSet, Syntax, parse_rules};
use std::collections::HashMap;

/// Answers questions about the tokens of a snapshot as its servers would.
///
/// Policies are read once, and tokens that link to the same share what follows from it. Answers
/// are those of servers with empty caches: real ones may mix up the rules of two policies that
/// name one service, see [`Explanation::warnings`](super::Explanation::warnings).
#[derive(Debug)]
pub struct Resolver<'m> {
    pub(super) model: &'m AclModel,
    pub(super) basis: Basis,
    pub(super) directory: Directory<'m>,
    /// Policies first, in order of their IDs; behind them whatever else has rules.
    sources: Vec<Source<'m>>,
    places: HashMap<SourceKey<'m>, usize>,
    /// What each token has, in the order of the model's.
    holdings: Vec<Holding<'m>>,
    sets: Vec<PolicySet>,
    accessors: HashMap<&'m Id, usize>,
}

#[derive(Debug)]
pub(super) struct Source<'m> {
    pub(super) key: SourceKey<'m>,
    pub(super) rules: Result<RuleSet, RuleError>,
}

/// Policies that count together, in the order of merging.
#[derive(Debug)]
struct PolicySet {
    sources: Box<[usize]>,
    /// The first whose rules can't be read.
    unreadable: Option<usize>,
}

#[derive(Debug)]
enum Holding<'m> {
    Set(usize),
    Expired,
    UnknownTemplate(&'m str),
}

impl<'m> Resolver<'m> {
    /// Reads all rules and finds out what counts for which token.
    #[must_use]
    pub fn new(model: &'m AclModel, options: ResolverOptions) -> Self {
        let basis = Basis::of(model, options);
        let directory = Directory::new(&model.policies, &model.roles);
        let mut resolver = Self {
            model,
            basis,
            sources: Vec::with_capacity(directory.policies.len()),
            places: HashMap::new(),
            directory,
            holdings: Vec::with_capacity(model.tokens.len()),
            sets: Vec::new(),
            accessors: HashMap::with_capacity(model.tokens.len()),
        };
        for at in 0..resolver.directory.policies.len() {
            resolver.place_of(SourceKey::Policy(at));
        }
        let mut known: HashMap<Box<[usize]>, usize> = HashMap::new();
        for (at, token) in model.tokens.iter().enumerate() {
            let holding = resolver.holding(token, &mut known);
            resolver.holdings.push(holding);
            resolver.accessors.insert(&token.accessor, at);
        }
        resolver
    }

    fn holding(
        &mut self,
        token: &'m Token,
        known: &mut HashMap<Box<[usize]>, usize>,
    ) -> Holding<'m> {
        if token.expires.is_some_and(|time| self.basis.has_passed(time)) {
            return Holding::Expired;
        }
        let effective = self.directory.effective(token, &self.basis);
        if let Some(template) = effective.unknown_template {
            return Holding::UnknownTemplate(template);
        }
        let sources: Box<[usize]> =
            effective.counted.iter().map(|counted| self.place_of(counted.key)).collect();
        if let Some(&set) = known.get(&sources) {
            return Holding::Set(set);
        }
        let unreadable = sources.iter().copied().find(|&at| self.sources[at].rules.is_err());
        let set = self.sets.len();
        self.sets.push(PolicySet { sources: sources.clone(), unreadable });
        known.insert(sources, set);
        Holding::Set(set)
    }

    /// The place of a source, whose rules are read when it is new.
    fn place_of(&mut self, key: SourceKey<'m>) -> usize {
        if let Some(&at) = self.places.get(&key) {
            return at;
        }
        let rules = self.read_rules(key);
        let at = self.sources.len();
        self.sources.push(Source { key, rules });
        self.places.insert(key, at);
        at
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

    /// What the answers rest on.
    #[must_use]
    pub const fn basis(&self) -> &Basis {
        &self.basis
    }

    /// The token with that accessor.
    ///
    /// # Errors
    /// When there is none.
    pub fn token(&self, accessor: &str) -> Result<&'m Token, AclError> {
        let at = self.find(accessor)?;
        self.model.tokens.get(at).ok_or_else(|| unknown_token(accessor))
    }

    pub(super) fn find(&self, accessor: &str) -> Result<usize, AclError> {
        let at = self.accessors.get(&Id::new(accessor)).copied();
        at.ok_or_else(|| unknown_token(accessor))
    }

    /// Each policy with its rules, or why these can't be read, in order of their IDs.
    pub fn policies(
        &self,
    ) -> impl Iterator<Item = (PolicySource<'m>, Result<&RuleSet, &RuleError>)> {
        let policies = self.sources.iter().take(self.directory.policies.len());
        policies.map(|s| (self.directory.source(s.key), s.rules.as_ref()))
    }

    /// Whether servers of that version answer the question at all.
    ///
    /// # Errors
    /// When they don't know the resource.
    pub(super) fn check_resource(&self, resource: Resource) -> Result<(), AclError> {
        let version = self.basis.version;
        if resource.known_to(version) {
            return Ok(());
        }
        Err(AclError::UnknownResource { resource, version })
    }

    /// The places of what counts for a token, in the order of merging.
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
        match set.unreadable.and_then(|at| self.sources.get(at)) {
            Some(Source { key, rules: Err(error) }) => Err(self.unreadable(*key, error)),
            _ => Ok(&set.sources),
        }
    }

    /// Whether two tokens have the same, in which case their places are equal.
    pub(super) fn set_of(&self, at: usize) -> Option<usize> {
        match self.holdings.get(at) {
            Some(Holding::Set(set)) => Some(*set),
            _ => None,
        }
    }

    pub(super) fn sets(&self) -> usize {
        self.sets.len()
    }

    fn unreadable(&self, key: SourceKey<'m>, error: &RuleError) -> AclError {
        let source = self.directory.source(key);
        let name = match source {
            PolicySource::Policy(policy) => policy.name.to_string(),
            _ => "legacy-policy".to_owned(),
        };
        AclError::UnreadablePolicy { policy: source.to_string(), name, error: error.clone() }
    }

    pub(super) fn source(&self, at: usize) -> Option<&Source<'m>> {
        self.sources.get(at)
    }

    /// The rules at some places.
    pub(super) fn rules_at<'r>(
        &'r self,
        places: &'r [usize],
    ) -> impl Iterator<Item = &'r RuleSet> + Clone {
        places.iter().filter_map(|&at| self.sources.get(at)?.rules.as_ref().ok())
    }

    /// What counts for a token, with the links.
    pub(super) fn effective(&self, at: usize) -> Effective<'m> {
        let token = self.model.tokens.get(at);
        token.map_or_else(Effective::default, |t| self.directory.effective(t, &self.basis))
    }

    /// The places of what counts, as far as its rules can be read.
    pub(super) fn places(&self, effective: &Effective<'m>) -> Vec<usize> {
        effective.counted.iter().filter_map(|c| self.places.get(&c.key).copied()).collect()
    }

    /// The rules of something that may count for no token yet; `None` if they can't be read.
    pub(super) fn rules_for(&self, key: SourceKey<'m>) -> Option<RuleSet> {
        match self.places.get(&key).and_then(|&at| self.sources.get(at)) {
            Some(source) => source.rules.as_ref().ok().cloned(),
            None => self.read_rules(key).ok(),
        }
    }

    pub(super) fn outcome<'r>(
        &'r self,
        places: &'r [usize],
        question: &Question<'_>,
    ) -> Outcome<'r> {
        decide(self.rules_at(places), question)
    }

    /// What the default policy makes of a verdict.
    pub(super) fn allowed(&self, verdict: Verdict, question: &Question<'_>) -> bool {
        match verdict {
            Verdict::Allow => true,
            Verdict::Deny => false,
            // Not even a default policy of "allow" gives access to ACLs.
            Verdict::Default => {
                self.basis.default_policy == DefaultPolicy::Allow
                    && question.resource() != Resource::Acl
            }
        }
    }

    /// Whether servers look at a question of that token at all.
    ///
    /// # Errors
    /// When they answer with an error whatever is asked.
    pub fn ready(&self, accessor: &str) -> Result<(), AclError> {
        self.sources_of(self.find(accessor)?).map(|_| ())
    }

    /// Whether the token may do that.
    ///
    /// # Errors
    /// When a server would answer with an error instead.
    pub fn check(&self, accessor: &str, question: &Question<'_>) -> Result<bool, AclError> {
        self.check_resource(question.resource())?;
        let places = self.sources_of(self.find(accessor)?)?;
        Ok(self.allowed(self.outcome(places, question).verdict, question))
    }
}

fn unknown_token(accessor: &str) -> AclError {
    AclError::UnknownToken { accessor: accessor.to_owned() }
}

//! The policies that apply to a token, and the links through which they do.

use super::basis::Basis;
use super::builtin::Template;
use super::model::{
    Grants, Id, Link, NodeIdentity, Policy, Role, ServiceIdentity, TemplatedPolicy, Token,
};
use super::version::{ALL_DATACENTERS_WIN, LEGACY_TOKENS, TEMPLATED_POLICIES};
use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};
use std::fmt;

/// The source of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicySource<'m> {
    /// A policy.
    Policy(&'m Policy),
    /// A service identity.
    ServiceIdentity(&'m str),
    /// A node identity: node and datacenter.
    NodeIdentity(&'m str, &'m str),
    /// A templated policy: template and the variable `name`.
    TemplatedPolicy(&'m str, Option<&'m str>),
    /// A legacy token's own rules.
    LegacyRules,
    /// The rules of legacy management tokens.
    LegacyManagement,
}

impl fmt::Display for PolicySource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(policy) => write!(f, "policy {:?}", policy.name),
            Self::ServiceIdentity(service) => write!(f, "service identity {service:?}"),
            Self::NodeIdentity(node, datacenter) => {
                write!(f, "node identity {node:?} in {datacenter:?}")
            }
            Self::TemplatedPolicy(template, None) => write!(f, "templated policy {template:?}"),
            Self::TemplatedPolicy(template, Some(name)) => {
                write!(f, "templated policy {template:?} for {name:?}")
            }
            Self::LegacyRules => f.write_str("the token's own rules"),
            Self::LegacyManagement => f.write_str("the legacy type \"management\""),
        }
    }
}

/// The link through which a token has something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via<'m> {
    /// A link of the token itself.
    Token,
    /// A link of a role of the token.
    Role(&'m Role),
}

impl Via<'_> {
    /// The link as the end of a sentence: `through role "dev"`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Token => "linked by the token".to_owned(),
            Self::Role(_) => format!("through {self}"),
        }
    }
}

impl fmt::Display for Via<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token => f.write_str("the token"),
            Self::Role(role) => write!(f, "role {:?}", role.name),
        }
    }
}

/// A link of a token without effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut<'m> {
    /// Where the link is.
    pub via: Via<'m>,
    /// The target of the link.
    pub link: LeftOutLink<'m>,
}

/// The target of a link, and why it has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOutLink<'m> {
    /// The policy does not exist.
    MissingPolicy(&'m Link),
    /// The role does not exist.
    MissingRole(&'m Link),
    /// It applies only in other datacenters: the combined ones of all links to it.
    OtherDatacenter(PolicySource<'m>),
    /// An earlier link to the same template and name applies instead, including its datacenters.
    Repeated(PolicySource<'m>),
}

impl fmt::Display for LeftOutLink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingPolicy(link) => {
                write!(f, "policy {:?} ({}) does not exist", link.name, link.id)
            }
            Self::MissingRole(link) => {
                write!(f, "role {:?} ({}) does not exist", link.name, link.id)
            }
            Self::OtherDatacenter(source) => {
                write!(f, "{source} applies only in other datacenters")
            }
            Self::Repeated(source) => write!(f, "{source} is linked twice"),
        }
    }
}

/// Names the rules of one source, so that tokens can share them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum SourceKey<'m> {
    /// Index into the list of policies, which is sorted by ID.
    Policy(usize),
    Service(&'m str),
    Node(&'m str, &'m str),
    Template(&'static Template, &'m str, Option<&'m str>),
    LegacyRules(&'m [u8]),
    LegacyManagement,
}

/// Rules that apply to a token.
#[derive(Clone, Debug)]
pub(super) struct Counted<'m> {
    pub(super) key: SourceKey<'m>,
    pub(super) via: Vec<Via<'m>>,
}

/// The result of a token's links.
#[derive(Clone, Debug, Default)]
pub(super) struct Effective<'m> {
    /// The rules that apply, in merge order.
    pub(super) counted: Vec<Counted<'m>>,
    pub(super) left_out: Vec<LeftOut<'m>>,
    pub(super) unknown_template: Option<&'m str>,
}

/// Policies and roles by ID.
#[derive(Debug)]
pub(super) struct Directory<'m> {
    /// Ordered by ID.
    pub(super) policies: Vec<&'m Policy>,
    policy_places: HashMap<&'m Id, usize>,
    roles: HashMap<&'m Id, &'m Role>,
}

impl<'m> Directory<'m> {
    /// Of two with the same ID the later one counts, as when a server restores them.
    pub(super) fn new(policies: &'m [Policy], roles: &'m [Role]) -> Self {
        let mut by_id: HashMap<&Id, &Policy> = HashMap::with_capacity(policies.len());
        for policy in policies {
            let slot = by_id.entry(&policy.id).or_insert(policy);
            if slot.number < policy.number {
                *slot = policy;
            }
        }
        let mut policies: Vec<&Policy> = by_id.into_values().collect();
        policies.sort_by(|a, b| a.id.cmp(&b.id));
        let policy_places = policies.iter().enumerate().map(|(at, p)| (&p.id, at)).collect();
        let mut ordered: Vec<&Role> = roles.iter().collect();
        ordered.sort_by_key(|r| r.number);
        let roles = ordered.into_iter().map(|r| (&r.id, r)).collect();
        Self { policies, policy_places, roles }
    }

    /// Resolves the token's links.
    pub(super) fn effective(&self, token: &'m Token, basis: &Basis) -> Effective<'m> {
        if let Some(effective) = legacy(token, basis) {
            return effective;
        }
        let mut gathered = Gathered::default();
        gathered.take(self, Via::Token, &token.grants, basis);
        for link in &token.roles {
            match self.roles.get(&link.id) {
                Some(role) => gathered.take(self, Via::Role(role), &role.grants, basis),
                None => gathered.leave_out(Via::Token, LeftOutLink::MissingRole(link)),
            }
        }
        gathered.settle(self, basis)
    }

    /// The links of a role.
    pub(super) fn effective_role(&self, role: &'m Role, basis: &Basis) -> Effective<'m> {
        let mut gathered = Gathered::default();
        gathered.take(self, Via::Role(role), &role.grants, basis);
        gathered.settle(self, basis)
    }

    pub(super) fn source(&self, key: SourceKey<'m>) -> PolicySource<'m> {
        match key {
            SourceKey::Policy(at) => {
                self.policies.get(at).map_or(PolicySource::LegacyRules, |p| PolicySource::Policy(p))
            }
            SourceKey::Service(name) => PolicySource::ServiceIdentity(name),
            SourceKey::Node(name, datacenter) => PolicySource::NodeIdentity(name, datacenter),
            SourceKey::Template(_, template, name) => PolicySource::TemplatedPolicy(template, name),
            SourceKey::LegacyRules(_) => PolicySource::LegacyRules,
            SourceKey::LegacyManagement => PolicySource::LegacyManagement,
        }
    }
}

/// Before Consul 1.11 a token without links has its own rules.
fn legacy<'m>(token: &'m Token, basis: &Basis) -> Option<Effective<'m>> {
    let Grants { policies, service_identities, node_identities, .. } = &token.grants;
    let links = policies.len() + service_identities.len() + node_identities.len();
    if !LEGACY_TOKENS.contains(basis.version) || links + token.roles.len() > 0 {
        return None;
    }
    let key = match &*token.legacy_type {
        "management" => SourceKey::LegacyManagement,
        _ if token.legacy_rules.is_empty() => return None,
        _ => SourceKey::LegacyRules(&token.legacy_rules),
    };
    let counted = vec![Counted { key, via: vec![Via::Token] }];
    Some(Effective { counted, ..Effective::default() })
}

/// The links of a token and its roles, not yet joined.
#[derive(Default)]
struct Gathered<'m> {
    policies: Vec<(usize, Via<'m>)>,
    services: Vec<(&'m ServiceIdentity, Via<'m>)>,
    nodes: Vec<(&'m NodeIdentity, Via<'m>)>,
    templated: Vec<(&'m TemplatedPolicy, Via<'m>)>,
    left_out: Vec<LeftOut<'m>>,
}

impl<'m> Gathered<'m> {
    fn leave_out(&mut self, via: Via<'m>, link: LeftOutLink<'m>) {
        self.left_out.push(LeftOut { via, link });
    }

    fn take(&mut self, directory: &Directory<'m>, via: Via<'m>, grants: &'m Grants, basis: &Basis) {
        for link in &grants.policies {
            match directory.policy_places.get(&link.id) {
                Some(&at) => self.policies.push((at, via)),
                None => self.leave_out(via, LeftOutLink::MissingPolicy(link)),
            }
        }
        self.services.extend(grants.service_identities.iter().map(|x| (x, via)));
        self.nodes.extend(grants.node_identities.iter().map(|x| (x, via)));
        if TEMPLATED_POLICIES.contains(basis.version) {
            self.templated.extend(grants.templated_policies.iter().map(|x| (x, via)));
        }
    }

    fn settle(mut self, directory: &Directory<'m>, basis: &Basis) -> Effective<'m> {
        let mut out = Effective::default();
        out.left_out.append(&mut self.left_out);
        // One that is linked twice counts once. The sort is stable, so the token's own link is
        // named first.
        self.policies.sort_by_key(|(at, _)| *at);
        for same in self.policies.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(at, _)) = same.first() else { continue };
            let Some(policy) = directory.policies.get(at) else { continue };
            let via = same.iter().map(|(_, via)| *via).collect();
            out.place(directory, basis.in_scope(&policy.datacenters), SourceKey::Policy(at), via);
        }
        self.services.sort_by(|a, b| a.0.service_name.cmp(&b.0.service_name));
        for same in self.services.chunk_by(|a, b| a.0.service_name == b.0.service_name) {
            let Some((first, _)) = same.first() else { continue };
            let via = same.iter().map(|(_, via)| *via).collect();
            let in_scope = joined_in_scope(same.iter().map(|(x, _)| *x), basis);
            out.place(directory, in_scope, SourceKey::Service(&first.service_name), via);
        }
        let node = |x: &'m NodeIdentity| (&*x.node_name, &*x.datacenter);
        self.nodes.sort_by_key(|(x, _)| node(x));
        for same in self.nodes.chunk_by(|a, b| a.0 == b.0) {
            let Some((first, _)) = same.first() else { continue };
            let via = same.iter().map(|(_, via)| *via).collect();
            let key = SourceKey::Node(&first.node_name, &first.datacenter);
            out.place(directory, basis.is_local(&first.datacenter), key, via);
        }
        out.settle_templates(directory, basis, &self.templated);
        out
    }
}

/// Whether the combined identities of one service apply here. An empty list of datacenters means
/// all, but combining lists narrows them instead of widening; servers do the same.
fn joined_in_scope<'m>(
    mut identities: impl Iterator<Item = &'m ServiceIdentity> + Clone,
    basis: &Basis,
) -> bool {
    let all = |x: &ServiceIdentity| x.datacenters.is_empty();
    if identities.clone().all(all)
        || (ALL_DATACENTERS_WIN.contains(basis.version) && identities.clone().any(all))
    {
        return true;
    }
    identities.any(|x| x.datacenters.iter().any(|d| basis.is_local(d)))
}

impl<'m> Effective<'m> {
    fn place(
        &mut self,
        directory: &Directory<'m>,
        in_scope: bool,
        key: SourceKey<'m>,
        via: Vec<Via<'m>>,
    ) {
        if in_scope {
            self.counted.push(Counted { key, via });
            return;
        }
        let link = LeftOutLink::OtherDatacenter(directory.source(key));
        self.left_out.extend(via.into_iter().map(|via| LeftOut { via, link }));
    }

    /// Of several for one template and name the first one applies, with its datacenters.
    fn settle_templates(
        &mut self,
        directory: &Directory<'m>,
        basis: &Basis,
        templated: &[(&'m TemplatedPolicy, Via<'m>)],
    ) {
        let mut seen: HashSet<SourceKey<'m>> = HashSet::new();
        for (policy, via) in templated {
            let named = Template::named(&policy.template_name, basis.version);
            let Some(template) = named else {
                self.unknown_template.get_or_insert(&policy.template_name);
                continue;
            };
            let name = policy.name.as_deref().filter(|_| template.has_name);
            let key = SourceKey::Template(template, &policy.template_name, name);
            if !seen.insert(key) {
                let link = LeftOutLink::Repeated(directory.source(key));
                self.left_out.push(LeftOut { via: *via, link });
                continue;
            }
            self.place(directory, basis.in_scope(&policy.datacenters), key, vec![*via]);
        }
    }
}

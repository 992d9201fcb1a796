//! The result of the first pass: which objects need or belong to which others.
//!
//! Objects are identified by hashes of their names: a catalog of a million instances takes tens of
//! megabytes.

use super::decide::{Decider, Decision, key_of};
use super::id::Id;
use super::options::{ExtractOptions, Test};
use super::references;
use snapscope_analyze::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::records::{AclTokenRef, Record, RegisterRef, SessionRef};
use snapscope_decode::{FieldError, Frame, Kind};
use snapscope_objects::kind::PeerSelection;
use snapscope_objects::row::{Reader, RowOptions};
use std::collections::HashSet;

#[derive(Debug)]
pub(super) struct Instance {
    pub(super) node: Id,
    pub(super) id: Id,
    pub(super) service: Id,
    pub(super) peer: Id,
    pub(super) decision: Decision,
}

#[derive(Debug)]
pub(super) struct Check {
    pub(super) node: Id,
    pub(super) id: Id,
    /// Its instance, if it has one.
    pub(super) instance: Option<Id>,
    pub(super) peer: Id,
    pub(super) decision: Decision,
}

#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: Id,
    pub(super) node: Id,
    pub(super) checks: Vec<Id>,
    pub(super) decision: Decision,
}

/// What holds policies and roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HolderOf {
    Token,
    Role,
    BindingRule,
}

/// A prepared query that runs with a token.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) token: Id,
    pub(super) decision: Decision,
}

/// What a binding rule gives to those who log in: roles or policies with a name.
#[derive(Debug)]
pub(super) struct Granted {
    pub(super) kind: Kind,
    /// The name, in which `${...}` is replaced by the identity provider's values.
    pub(super) name: Vec<u8>,
    pub(super) auth_method: Id,
    pub(super) decision: Decision,
}

/// A role or policy by its name.
#[derive(Debug)]
pub(super) struct ByName {
    pub(super) kind: Kind,
    pub(super) name: Vec<u8>,
    pub(super) id: Id,
}

/// A token, role or binding rule, and its references.
#[derive(Debug)]
pub(super) struct Holder {
    /// A role by its ID, a token by its secret; binding rules are needed by nobody.
    pub(super) id: Option<Id>,
    pub(super) what: HolderOf,
    pub(super) policies: Vec<Id>,
    pub(super) roles: Vec<Id>,
    pub(super) auth_method: Option<Id>,
    pub(super) decision: Decision,
}

/// An object that others may reference.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) id: Id,
    pub(super) decision: Decision,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: Id,
    pub(super) needs: Vec<Id>,
    pub(super) decision: Decision,
}

/// The result of the first pass.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) nodes: Vec<Named>,
    pub(super) instances: Vec<Instance>,
    pub(super) checks: Vec<Check>,
    pub(super) sessions: Vec<Session>,
    pub(super) holders: Vec<Holder>,
    pub(super) policies: Vec<Named>,
    pub(super) auth_methods: Vec<Named>,
    pub(super) queries: Vec<Query>,
    pub(super) granted: Vec<Granted>,
    pub(super) names: Vec<ByName>,
    pub(super) entries: Vec<Entry>,
    pub(super) peerings: Vec<Named>,
    /// Services that match every expression about services; `None` if there is none.
    pub(super) services: Option<HashSet<Id>>,
    /// Number of selected records of each type.
    pub(super) kept: Vec<u64>,
    /// Table indexes by their keys, unless all of them are kept.
    pub(super) indexes: Vec<(Box<[u8]>, u64)>,
    /// Keys that may collide after renaming.
    pub(super) keys: Vec<Id>,
}

/// The fold of the first pass.
pub(super) struct FactsFold<'o> {
    options: &'o ExtractOptions,
    decider: Decider<'o>,
    /// Services are joins: expressions about them are evaluated at the end.
    services: Vec<Reader>,
    facts: Facts,
    wants: Wants,
}

/// What has to be collected: data without consequences is not kept.
#[derive(Debug, Clone, Copy)]
struct Wants {
    catalog: bool,
    acl: bool,
    entries: bool,
    peerings: bool,
}

impl Wants {
    fn of(options: &ExtractOptions) -> Self {
        let some = |kinds: &[Kind]| {
            let touched = |kind: &Kind| options.splits(*kind) || options.excludes(*kind);
            let left = |kind: &Kind| !options.excludes(*kind);
            kinds.iter().any(touched) && kinds.iter().any(left)
        };
        let acl = [
            Kind::ACL_TOKEN,
            Kind::ACL_POLICY,
            Kind::ACL_ROLE,
            Kind::ACL_BINDING_RULE,
            Kind::ACL_AUTH_METHOD,
        ];
        let catalog = [Kind::REGISTER, Kind::COORDINATE_BATCH_UPDATE, Kind::SESSION];
        let peers =
            [Kind::PEERING, Kind::PEERING_TRUST_BUNDLE, Kind::PEERING_SECRET, Kind::REGISTER];
        Self {
            catalog: some(&catalog) || some(&peers) && !options.excludes(Kind::REGISTER),
            acl: some(&acl)
                || some(&[Kind::ACL_TOKEN, Kind::PREPARED_QUERY])
                    && !options.excludes(Kind::PREPARED_QUERY),
            entries: some(&[Kind::CONFIG_ENTRY]) && options.with_deps,
            peerings: some(&peers),
        }
    }
}

impl<'o> FactsFold<'o> {
    pub(super) fn new(options: &'o ExtractOptions) -> Self {
        let services = options.filters.iter().filter_map(|filter| match &filter.0 {
            Test::Rows(kind, _) if !kind.is_direct() => {
                let rows = RowOptions { peers: PeerSelection::All, ..RowOptions::default() };
                Some(Reader::new(kind, rows))
            }
            _ => None,
        });
        let facts = Facts { kept: vec![0; 256], ..Facts::default() };
        Self {
            options,
            decider: Decider::new(options),
            services: services.collect(),
            facts,
            wants: Wants::of(options),
        }
    }

    fn remember(&mut self, frame: &Frame<'_>, decision: Decision) -> Result<(), FieldError> {
        let Wants { catalog, acl, entries, peerings } = self.wants;
        match frame.kind {
            Kind::REGISTER if catalog => {
                if let Record::Register(register) = frame.record()? {
                    self.register(&register, decision)?;
                }
            }
            Kind::SESSION if catalog => {
                if let Record::Session(session) = frame.record()? {
                    self.facts.sessions.push(session_of(&session, decision)?);
                }
            }
            Kind::ACL_TOKEN
            | Kind::ACL_ROLE
            | Kind::ACL_BINDING_RULE
            | Kind::ACL_POLICY
            | Kind::ACL_AUTH_METHOD
                if acl =>
            {
                self.acl(&frame.record()?, decision)?;
            }
            Kind::PREPARED_QUERY if acl => {
                if let Record::PreparedQuery(query) = frame.record()?
                    && !query.token.is_empty()
                {
                    let token = Id::secret(query.token.0);
                    self.facts.queries.push(Query { token, decision });
                }
            }
            Kind::CONFIG_ENTRY if entries => {
                if let Record::ConfigEntry(entry) = frame.record()? {
                    let id = Id::of(&[entry.kind.0, entry.name().0]);
                    let needs = references::of_entry(&entry);
                    self.facts.entries.push(Entry { id, needs, decision });
                }
            }
            Kind::PEERING if peerings => {
                if let Record::Peering(peering) = frame.record()? {
                    // Others reference it by its name or ID.
                    for name in [peering.name, peering.id] {
                        self.facts.peerings.push(Named { id: Id::of(&[name.0]), decision });
                    }
                }
            }
            Kind::KVS if !self.options.renames.is_empty() && decision == Decision::Kept => {
                self.meeting_key(frame);
            }
            _ => {}
        }
        Ok(())
    }

    /// Keeps a key with which a renamed one may collide.
    fn meeting_key(&mut self, frame: &Frame<'_>) {
        let Some(key) = key_of(frame) else { return };
        if let Some(renamed) = self.options.renamed(key) {
            self.facts.keys.push(Id::of(&[&renamed]));
        } else if self.options.renames.iter().any(|(_, new)| key.starts_with(new)) {
            self.facts.keys.push(Id::of(&[key]));
        }
    }

    fn register(
        &mut self,
        register: &RegisterRef<'_>,
        decision: Decision,
    ) -> Result<(), FieldError> {
        let peer = register.peer_name.0;
        let node = Id::node(peer, register.node.0);
        let peer_id = Id::of(&[peer]);
        let (service, check) = (register.service.get()?, register.check.get()?);
        if let Some(service) = service {
            self.facts.instances.push(Instance {
                node,
                id: Id::instance(node, service.id.0),
                service: Id::service(peer, service.service.0),
                peer: peer_id,
                decision,
            });
        } else if let Some(check) = check {
            let instance = check.service_id;
            self.facts.checks.push(Check {
                node,
                id: Id::check(node, check.check_id.0),
                instance: (!instance.is_empty()).then(|| Id::instance(node, instance.0)),
                peer: peer_id,
                decision,
            });
        } else {
            self.facts.nodes.push(Named { id: node, decision });
        }
        Ok(())
    }

    fn acl(&mut self, record: &Record<'_>, decision: Decision) -> Result<(), FieldError> {
        let facts = &mut self.facts;
        match record {
            Record::AclToken(token) => facts.holders.push(token_of(token, decision)?),
            Record::AclRole(role) => {
                let links = role.policies.iter().map(|link| Ok(Id::of(&[link?.id.0])));
                let id = Id::of(&[role.id.0]);
                facts.names.push(ByName { kind: Kind::ACL_ROLE, name: role.name.0.to_vec(), id });
                facts.holders.push(Holder {
                    id: Some(id),
                    what: HolderOf::Role,
                    policies: links.collect::<Result<_, FieldError>>()?,
                    roles: Vec::new(),
                    auth_method: None,
                    decision,
                });
            }
            Record::AclBindingRule(rule) => {
                let auth_method = Id::of(&[rule.auth_method.0]);
                let kind = match rule.bind_type.0 {
                    b"role" => Some(Kind::ACL_ROLE),
                    b"policy" => Some(Kind::ACL_POLICY),
                    _ => None,
                };
                if let Some(kind) = kind {
                    let name = rule.bind_name.0.to_vec();
                    facts.granted.push(Granted { kind, name, auth_method, decision });
                }
                facts.holders.push(Holder {
                    id: None,
                    what: HolderOf::BindingRule,
                    policies: Vec::new(),
                    roles: Vec::new(),
                    auth_method: Some(auth_method),
                    decision,
                });
            }
            Record::AclPolicy(policy) => {
                let id = Id::of(&[policy.id.0]);
                let name = policy.name.0.to_vec();
                facts.names.push(ByName { kind: Kind::ACL_POLICY, name, id });
                facts.policies.push(Named { id, decision });
            }
            Record::AclAuthMethod(method) => {
                facts.auth_methods.push(Named { id: Id::of(&[method.name.0]), decision });
            }
            _ => {}
        }
        Ok(())
    }
}

fn token_of(token: &AclTokenRef<'_>, decision: Decision) -> Result<Holder, FieldError> {
    let policies = token.policies.iter().map(|link| Ok(Id::of(&[link?.id.0])));
    let roles = token.roles.iter().map(|link| Ok(Id::of(&[link?.id.0])));
    let method = token.auth_method;
    Ok(Holder {
        id: Some(Id::secret(token.secret_id.0)),
        what: HolderOf::Token,
        policies: policies.collect::<Result<_, FieldError>>()?,
        roles: roles.collect::<Result<_, FieldError>>()?,
        auth_method: (!method.is_empty()).then(|| Id::of(&[method.0])),
        decision,
    })
}

fn session_of(session: &SessionRef<'_>, decision: Decision) -> Result<Session, FieldError> {
    let node = Id::node(b"", session.node.0);
    let mut checks = Vec::new();
    for check in session.node_checks.iter().chain(session.checks.iter()) {
        checks.push(Id::check(node, check?.0));
    }
    for check in session.service_checks.iter() {
        checks.push(Id::check(node, check?.id.0));
    }
    Ok(Session { id: Id::of(&[session.id.0]), node, checks, decision })
}

impl Fold for FactsFold<'_> {
    type Out = Facts;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if frame.kind == Kind::INDEX {
            if let (false, Ok(Record::Index(index))) =
                (self.options.is_everything(), frame.record())
            {
                self.facts.indexes.push((index.key.0.into(), index.value));
            }
            return;
        }
        let decision = self.decider.decide(frame);
        if decision == Decision::Kept
            && let Some(kept) = self.facts.kept.get_mut(usize::from(frame.kind.0))
        {
            *kept += 1;
        }
        for reader in &mut self.services {
            reader.frame(frame, &mut |_| {});
        }
        if let Err(error) = self.remember(frame, decision) {
            problems.add(frame, error);
        }
    }

    fn merge(&mut self, other: Self) {
        let (facts, more) = (&mut self.facts, other.facts);
        facts.nodes.extend(more.nodes);
        facts.instances.extend(more.instances);
        facts.checks.extend(more.checks);
        facts.sessions.extend(more.sessions);
        facts.holders.extend(more.holders);
        facts.policies.extend(more.policies);
        facts.auth_methods.extend(more.auth_methods);
        facts.queries.extend(more.queries);
        facts.granted.extend(more.granted);
        facts.names.extend(more.names);
        facts.entries.extend(more.entries);
        facts.peerings.extend(more.peerings);
        facts.indexes.extend(more.indexes);
        facts.keys.extend(more.keys);
        facts.kept.iter_mut().zip(more.kept).for_each(|(kept, more)| *kept += more);
        for (mine, other) in self.services.iter_mut().zip(other.services) {
            mine.merge(other);
        }
    }

    fn finish(self, _: &Closing) -> Facts {
        let Self { options, services, mut facts, .. } = self;
        let filters = options.filters.iter().filter_map(|filter| match &filter.0 {
            Test::Rows(kind, filter) if !kind.is_direct() => Some(filter),
            _ => None,
        });
        for (filter, reader) in filters.zip(services) {
            let mut holds = HashSet::new();
            reader.finish(&mut |row| {
                if filter.holds(row.object()) {
                    holds.insert(Id::service(row.text("PeerName"), row.text("Name")));
                }
            });
            facts.services = Some(match facts.services.take() {
                Some(others) => others.intersection(&holds).copied().collect(),
                None => holds,
            });
        }
        facts
    }
}

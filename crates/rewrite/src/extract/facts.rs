//! The result of the first pass: which objects need or belong to which others.
//!
//! Objects are identified by hashes of their names: a catalog of a million instances takes tens of
//! megabytes.

use super::decide::{Decider, Decision, key_of};
use super::id::Id;
use super::objects::{
    ByName, Check, Entry, Granted, Holder, HolderOf, Instance, Linked, Named, PartOfPeer, Peering,
    Query, Resource, Session, Upstream,
};
use super::options::{ExtractOptions, Test};
use super::references;
use super::resource;
use super::wants::Wants;
use snapscope_analyze::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::records::{
    AclTokenRef, NodeServiceRef, PreparedQueryRef, Record, RegisterRef, SessionRef,
};
use snapscope_decode::{FieldError, Frame, Kind};
use snapscope_objects::kind::PeerSelection;
use snapscope_objects::row::{Reader, RowOptions};
use std::collections::HashSet;

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
    pub(super) upstreams: Vec<Upstream>,
    pub(super) granted: Vec<Granted>,
    pub(super) names: Vec<ByName>,
    pub(super) entries: Vec<Entry>,
    pub(super) peerings: Vec<Peering>,
    pub(super) parts_of_peers: Vec<PartOfPeer>,
    pub(super) resources: Vec<Resource>,
    /// Services that match every expression about services; `None` if there is none.
    pub(super) services: Option<HashSet<Id>>,
    /// Number of selected records of each type.
    pub(super) kept: Vec<u64>,
    /// Number of records of each type that are not selected, but not excluded either.
    pub(super) unselected: Vec<u64>,
    /// Table indexes by their keys, unless all of them are kept.
    pub(super) indexes: Vec<(Box<[u8]>, u64)>,
    /// Keys that may collide after renaming.
    pub(super) keys: Vec<Id>,
    /// Whether renaming leaves nothing of a key's name.
    pub(super) is_name_lost: bool,
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

impl<'o> FactsFold<'o> {
    pub(super) fn new(options: &'o ExtractOptions) -> Self {
        let services = options.filters.iter().filter_map(|filter| match &filter.0 {
            Test::Rows(kind, _) if !kind.is_direct() => {
                let rows = RowOptions { peers: PeerSelection::All, ..RowOptions::default() };
                Some(Reader::new(kind, rows))
            }
            _ => None,
        });
        let facts = Facts { kept: vec![0; 256], unselected: vec![0; 256], ..Facts::default() };
        Self {
            options,
            decider: Decider::new(options),
            services: services.collect(),
            facts,
            wants: Wants::of(options),
        }
    }

    fn remember(&mut self, frame: &Frame<'_>, decision: Decision) -> Result<(), FieldError> {
        let Wants { catalog, acl, queries, entries, peerings, resources } = self.wants;
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
            | Kind::ACL
                if acl =>
            {
                self.acl(&frame.record()?, decision)?;
            }
            Kind::PREPARED_QUERY if queries => {
                if let Record::PreparedQuery(query) = frame.record()? {
                    self.facts.queries.push(query_of(&query, decision)?);
                }
            }
            Kind::CONFIG_ENTRY if entries => {
                if let Record::ConfigEntry(entry) = frame.record()? {
                    let id = Id::entry(entry.kind.0, entry.name().0);
                    let references::Needs { entries, peers } = references::of_entry(&entry);
                    let needs = entries.iter().map(|one| Id::entry(&one.kind, &one.name)).collect();
                    let linked = Linked { id, needs, decision };
                    self.facts.entries.push(Entry { linked, peers });
                }
            }
            Kind::PEERING | Kind::PEERING_TRUST_BUNDLE | Kind::PEERING_SECRET if peerings => {
                self.peering(&frame.record()?, decision);
            }
            Kind::RESOURCE if resources => {
                if let Record::Resource(found) = frame.record()? {
                    let (id, owner, needs) = resource::references(&found);
                    let linked = Linked { id, needs, decision };
                    self.facts.resources.push(Resource { linked, owner });
                }
            }
            Kind::KVS | Kind::TOMBSTONE
                if !self.options.renames.is_empty() && decision == Decision::Kept =>
            {
                self.meeting_key(frame);
            }
            _ => {}
        }
        Ok(())
    }

    /// Keeps a key with which a renamed one may collide.
    fn meeting_key(&mut self, frame: &Frame<'_>) {
        let Some(key) = key_of(frame) else { return };
        let renamed = self.options.renamed(key);
        self.facts.is_name_lost |= renamed.as_ref().is_some_and(Vec::is_empty);
        // A key may have had the name of a tombstone before.
        if frame.kind == Kind::TOMBSTONE {
            return;
        }
        if let Some(renamed) = renamed {
            self.facts.keys.push(Id::of(&[&renamed]));
        } else if self.options.renames.iter().any(|(_, new)| key.starts_with(new)) {
            self.facts.keys.push(Id::of(&[key]));
        }
    }

    fn peering(&mut self, record: &Record<'_>, decision: Decision) {
        let (kind, peer) = match record {
            Record::Peering(peering) => {
                let [name, id] = [peering.name, peering.id].map(|name| Id::peer(name.0));
                return self.facts.peerings.push(Peering { name, id, decision });
            }
            Record::PeeringTrustBundle(bundle) => (Kind::PEERING_TRUST_BUNDLE, bundle.peer_name),
            Record::PeeringSecret(secret) => (Kind::PEERING_SECRET, secret.peer_id),
            _ => return,
        };
        self.facts.parts_of_peers.push(PartOfPeer { kind, peer: Id::peer(peer.0), decision });
    }

    /// The peers that a proxy reaches services of.
    fn upstreams(
        &mut self,
        instance: Id,
        service: &NodeServiceRef<'_>,
        decision: Decision,
    ) -> Result<(), FieldError> {
        for upstream in service.proxy.get()?.upstreams.iter() {
            let peer = upstream?.destination_peer;
            if !peer.is_empty() {
                self.facts.upstreams.push(Upstream { instance, peer: Id::peer(peer.0), decision });
            }
        }
        Ok(())
    }

    fn register(
        &mut self,
        register: &RegisterRef<'_>,
        decision: Decision,
    ) -> Result<(), FieldError> {
        let peer = register.peer_name.0;
        let node = Id::node(peer, register.node.0);
        let peer_id = Id::peer(peer);
        let (service, check) = (register.service.get()?, register.check.get()?);
        if let Some(service) = service {
            let id = Id::instance(node, service.id.0);
            if self.wants.peerings && peer.is_empty() {
                self.upstreams(id, &service, decision)?;
            }
            self.facts.instances.push(Instance {
                node,
                id,
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
            Record::LegacyAcl(token) => facts.holders.push(Holder {
                id: Some(Id::secret(token.id.0)),
                what: HolderOf::LegacyToken,
                policies: Vec::new(),
                roles: Vec::new(),
                auth_method: None,
                decision,
            }),
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
                let auth_method = Id::auth_method(rule.auth_method.0);
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
                facts.auth_methods.push(Named { id: Id::auth_method(method.name.0), decision });
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
        auth_method: (!method.is_empty()).then(|| Id::auth_method(method.0)),
        decision,
    })
}

fn query_of(query: &PreparedQueryRef<'_>, decision: Decision) -> Result<Query, FieldError> {
    let service = query.service.get()?;
    let mut peers = vec![service.peer.0, service.peer_name.0];
    for target in service.failover.get()?.targets.iter() {
        peers.push(target?.peer.0);
    }
    peers.retain(|peer| !peer.is_empty());
    let group = service.sameness_group;
    Ok(Query {
        token: (!query.token.is_empty()).then(|| Id::secret(query.token.0)),
        peers: peers.into_iter().map(Id::peer).collect(),
        entries: (!group.is_empty())
            .then(|| Id::entry(b"sameness-group", group.0))
            .into_iter()
            .collect(),
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
        let counts = match decision {
            Decision::Kept => &mut self.facts.kept,
            Decision::Unselected => &mut self.facts.unselected,
            Decision::Filtered | Decision::Dropped => &mut Vec::new(),
        };
        if let Some(count) = counts.get_mut(usize::from(frame.kind.0)) {
            *count += 1;
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
        facts.upstreams.extend(more.upstreams);
        facts.granted.extend(more.granted);
        facts.names.extend(more.names);
        facts.entries.extend(more.entries);
        facts.peerings.extend(more.peerings);
        facts.parts_of_peers.extend(more.parts_of_peers);
        facts.resources.extend(more.resources);
        facts.indexes.extend(more.indexes);
        facts.keys.extend(more.keys);
        facts.is_name_lost |= more.is_name_lost;
        facts.kept.iter_mut().zip(more.kept).for_each(|(kept, more)| *kept += more);
        facts.unselected.iter_mut().zip(more.unselected).for_each(|(mine, more)| *mine += more);
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

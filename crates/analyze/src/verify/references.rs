//! Checks that the targets of references exist.

use super::finding::{At, Findings};
use super::rules::{
    COORDINATE_NODE, ENTRY_CERTIFICATE, ENTRY_GATEWAY, ENTRY_PEER, ENTRY_PROVIDER, ENTRY_SAMENESS,
    ENTRY_SUBSET, LOCK_SESSION, NODE_PEER, PEERING_PEER, QUERY_SESSION, ROLE_POLICY, RULE_METHOD,
    RULE_TARGET, Rule, SESSION_CHECK, SESSION_NODE, TOKEN_METHOD, TOKEN_POLICY, TOKEN_ROLE,
};
use crate::hashed::{ByHash, HashedSet, hash_of};
use crate::registration::Registration;
use snapscope_decode::records::{AclBindingRuleRef, AclTokenRef, KvRef, Record, SessionRef};
use snapscope_decode::schema::FieldError;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The kinds of targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Target {
    Policy,
    PolicyName,
    Role,
    RoleName,
    AuthMethod,
    Session,
    Node,
    Check,
    Peer,
    PeeringId,
    SamenessGroup,
    JwtProvider,
    ApiGateway,
    Certificate,
    Subset,
}

impl Target {
    const fn name(self) -> &'static str {
        match self {
            Self::Policy | Self::PolicyName => "policy",
            Self::Role | Self::RoleName => "role",
            Self::AuthMethod => "auth method",
            Self::Session => "session",
            Self::Node => "node",
            Self::Check => "check",
            Self::Peer => "peer",
            Self::PeeringId => "peering",
            Self::SamenessGroup => "sameness group",
            Self::JwtProvider => "JWT provider",
            Self::ApiGateway => "API gateway",
            Self::Certificate => "certificate",
            Self::Subset => "subset",
        }
    }
}

/// The first record with a reference, and their number.
#[derive(Debug, Clone, Copy)]
struct Referrer {
    first: At,
    count: u64,
}

/// A reference to something, and who has it.
#[derive(Debug)]
struct Referred {
    rule: &'static Rule,
    target: Target,
    id: Vec<u8>,
    /// The hash by which the target is found.
    hash: u64,
    referrer: Referrer,
}

/// Collects objects and references. References to one object are kept once, so a million tokens of
/// one role cost no more than one; of objects only hashes are kept.
#[derive(Debug, Default)]
pub(super) struct References {
    there: HashedSet,
    /// By the hash of rule and target.
    wanted: HashMap<u64, Referred, ByHash>,
    /// The name being built.
    name: Vec<u8>,
}

/// Separator between the parts of a name. Parts never contain it; if one does, the name is not
/// found, which is odd in itself.
const SEPARATOR: u8 = 0;

/// A part of a name, unchanged or in lower case.
#[derive(Clone, Copy)]
pub(super) enum NamePiece<'a> {
    Is(&'a [u8]),
    Lower(&'a [u8]),
}

use NamePiece::{Is, Lower};

impl References {
    /// Combines the parts of a name, and returns the hash of the named object.
    fn named(&mut self, target: Target, parts: &[NamePiece<'_>]) -> u64 {
        self.name.clear();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.name.push(SEPARATOR);
            }
            match part {
                Is(text) => self.name.extend_from_slice(text),
                Lower(text) => self.name.extend(text.iter().map(u8::to_ascii_lowercase)),
            }
        }
        hash_of((target, self.name.as_slice()))
    }

    pub(super) fn add(&mut self, target: Target, parts: &[NamePiece<'_>]) {
        let hash = self.named(target, parts);
        self.there.insert(hash);
    }

    pub(super) fn want(
        &mut self,
        rule: &'static Rule,
        at: At,
        target: Target,
        parts: &[NamePiece<'_>],
    ) {
        let hash = self.named(target, parts);
        match self.wanted.entry(hash_of((rule.code, hash))) {
            Entry::Occupied(mut wanted) => {
                let referrer = &mut wanted.get_mut().referrer;
                referrer.count += 1;
                referrer.first = referrer.first.min(at);
            }
            Entry::Vacant(place) => {
                let referrer = Referrer { first: at, count: 1 };
                let id = self.name.clone();
                place.insert(Referred { rule, target, id, hash, referrer });
            }
        }
    }

    pub(super) fn kv(&mut self, at: At, kv: &KvRef<'_>) {
        if !kv.session.is_empty() {
            self.want(&LOCK_SESSION, at, Target::Session, &[Is(kv.session.0)]);
        }
    }

    pub(super) fn record(&mut self, at: At, record: &Record<'_>) -> Result<(), FieldError> {
        match record {
            Record::Session(session) => return self.session(at, session),
            Record::AclToken(token) => return self.token(at, token),
            Record::AclBindingRule(rule) => self.binding_rule(at, rule),
            Record::PreparedQuery(query) if !query.session.is_empty() => {
                self.want(&QUERY_SESSION, at, Target::Session, &[Is(query.session.0)]);
            }
            Record::AclPolicy(policy) => {
                self.add(Target::Policy, &[Is(policy.id.0)]);
                self.add(Target::PolicyName, &[Is(policy.name.0)]);
            }
            Record::AclRole(role) => {
                self.add(Target::Role, &[Is(role.id.0)]);
                self.add(Target::RoleName, &[Is(role.name.0)]);
                for link in role.policies.iter() {
                    self.want(&ROLE_POLICY, at, Target::Policy, &[Is(link?.id.0)]);
                }
            }
            Record::AclAuthMethod(method) => self.add(Target::AuthMethod, &[Is(method.name.0)]),
            Record::Coordinates(coordinates) => {
                for coordinate in coordinates.iter() {
                    if let Some(coordinate) = coordinate? {
                        let node = [Is(b""), Lower(coordinate.node.0)];
                        self.want(&COORDINATE_NODE, at, Target::Node, &node);
                    }
                }
            }
            Record::Peering(peering) => {
                self.add(Target::Peer, &[Is(peering.name.0)]);
                self.add(Target::PeeringId, &[Is(peering.id.0)]);
            }
            Record::PeeringTrustBundle(bundle) => {
                self.want(&PEERING_PEER, at, Target::Peer, &[Is(bundle.peer_name.0)]);
            }
            Record::PeeringSecret(secret) => {
                self.want(&PEERING_PEER, at, Target::PeeringId, &[Is(secret.peer_id.0)]);
            }
            // Problems in config entries are reported by `entries`.
            _ => {}
        }
        Ok(())
    }

    pub(super) fn registration(&mut self, at: At, registration: &Registration<'_>) {
        let Registration { register, service, check } = registration;
        let peer = register.peer_name.0;
        if !peer.is_empty() {
            self.want(&NODE_PEER, at, Target::Peer, &[Is(peer)]);
        }
        let node = [Is(peer), Lower(register.node.0)];
        if let Some(check) = check {
            let [peer, node] = node;
            self.add(Target::Check, &[peer, node, Lower(check.check_id.0)]);
        } else if service.is_none() {
            self.add(Target::Node, &node);
        }
    }

    fn session(&mut self, at: At, session: &SessionRef<'_>) -> Result<(), FieldError> {
        self.add(Target::Session, &[Is(session.id.0)]);
        let node = [Is(b""), Lower(session.node.0)];
        let checks = session.checks.iter().chain(session.node_checks.iter());
        let of_services = session.service_checks.iter().map(|check| Ok(check?.id));
        for check in checks.chain(of_services) {
            let [peer, node] = node;
            self.want(&SESSION_CHECK, at, Target::Check, &[peer, node, Lower(check?.0)]);
        }
        self.want(&SESSION_NODE, at, Target::Node, &node);
        Ok(())
    }

    fn token(&mut self, at: At, token: &AclTokenRef<'_>) -> Result<(), FieldError> {
        for link in token.policies.iter() {
            self.want(&TOKEN_POLICY, at, Target::Policy, &[Is(link?.id.0)]);
        }
        for link in token.roles.iter() {
            self.want(&TOKEN_ROLE, at, Target::Role, &[Is(link?.id.0)]);
        }
        if !token.auth_method.is_empty() {
            self.want(&TOKEN_METHOD, at, Target::AuthMethod, &[Is(token.auth_method.0)]);
        }
        Ok(())
    }

    fn binding_rule(&mut self, at: At, rule: &AclBindingRuleRef<'_>) {
        self.want(&RULE_METHOD, at, Target::AuthMethod, &[Is(rule.auth_method.0)]);
        let target = match rule.bind_type.0 {
            b"role" => Target::RoleName,
            b"policy" => Target::PolicyName,
            _ => return,
        };
        // A name with a variable is known only at login.
        if !rule.bind_name.0.windows(2).any(|at| at == b"${") {
            self.want(&RULE_TARGET, at, target, &[Is(rule.bind_name.0)]);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.there.extend(other.there);
        for (key, theirs) in other.wanted {
            match self.wanted.entry(key) {
                Entry::Occupied(mut mine) => {
                    let mine = &mut mine.get_mut().referrer;
                    mine.count += theirs.referrer.count;
                    mine.first = mine.first.min(theirs.referrer.first);
                }
                Entry::Vacant(place) => {
                    place.insert(theirs);
                }
            }
        }
    }

    /// Reports missing targets.
    pub(super) fn finish(self, found: &mut Findings) {
        let there = self.there;
        for Referred { rule, target, id, hash, referrer } in self.wanted.into_values() {
            if there.contains(&hash) {
                continue;
            }
            found.add(rule, Some(referrer.first), || {
                let shown = String::from_utf8_lossy(&id).replace('\0', "/");
                let more = match referrer.count - 1 {
                    0 => String::new(),
                    1 => " (and 1 more record)".to_owned(),
                    n => format!(" (and {n} more records)"),
                };
                format!("{} {shown:?} does not exist{more}", target.name())
            });
        }
    }
}

/// References from config entries, by their rule.
pub(super) static ENTRY_RULES: [(Target, &Rule); 6] = [
    (Target::Peer, &ENTRY_PEER),
    (Target::SamenessGroup, &ENTRY_SAMENESS),
    (Target::JwtProvider, &ENTRY_PROVIDER),
    (Target::ApiGateway, &ENTRY_GATEWAY),
    (Target::Certificate, &ENTRY_CERTIFICATE),
    (Target::Subset, &ENTRY_SUBSET),
];

//! Checks that the targets of references exist.

use super::finding::{At, Findings};
use super::rules::{
    COORDINATE_NODE, ENTRY_CERTIFICATE, ENTRY_GATEWAY, ENTRY_PEER, ENTRY_PROVIDER, ENTRY_SUBSET,
    LOCK_SESSION, NODE_PEER, QUERY_SESSION, ROLE_POLICY, RULE_METHOD, RULE_TARGET, Rule,
    SESSION_CHECK, SESSION_NODE, TOKEN_METHOD, TOKEN_POLICY, TOKEN_ROLE,
};
use crate::registration::Registration;
use snapscope_decode::records::{AclBindingRuleRef, AclTokenRef, Record, SessionRef};
use snapscope_decode::schema::FieldError;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

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

/// Collects objects and references. References to one object are kept once, so a million tokens of
/// one role cost no more than one.
#[derive(Debug, Default)]
pub(super) struct References {
    there: HashSet<(Target, Vec<u8>)>,
    wanted: HashMap<(&'static str, Target, Vec<u8>), (&'static Rule, Referrer)>,
}

/// Joins the parts of a name. Parts never contain a zero byte; if one does, it is not found, which
/// is odd in itself.
pub(super) fn name(parts: &[&[u8]]) -> Vec<u8> {
    parts.join(&0)
}

impl References {
    pub(super) fn add(&mut self, target: Target, id: &[u8]) {
        self.there.insert((target, id.to_vec()));
    }

    pub(super) fn want(&mut self, rule: &'static Rule, at: At, target: Target, id: Vec<u8>) {
        match self.wanted.entry((rule.code, target, id)) {
            Entry::Occupied(mut wanted) => {
                let referrer = &mut wanted.get_mut().1;
                referrer.count += 1;
                referrer.first = referrer.first.min(at);
            }
            Entry::Vacant(place) => {
                place.insert((rule, Referrer { first: at, count: 1 }));
            }
        }
    }

    pub(super) fn record(&mut self, at: At, record: &Record<'_>) -> Result<(), FieldError> {
        match record {
            Record::Session(session) => return self.session(at, session),
            Record::AclToken(token) => return self.token(at, token),
            Record::AclBindingRule(rule) => self.binding_rule(at, rule),
            Record::Kv(kv) if !kv.session.is_empty() => {
                self.want(&LOCK_SESSION, at, Target::Session, kv.session.0.to_vec());
            }
            Record::PreparedQuery(query) if !query.session.is_empty() => {
                self.want(&QUERY_SESSION, at, Target::Session, query.session.0.to_vec());
            }
            Record::AclPolicy(policy) => {
                self.add(Target::Policy, policy.id.0);
                self.add(Target::PolicyName, policy.name.0);
            }
            Record::AclRole(role) => {
                self.add(Target::Role, role.id.0);
                self.add(Target::RoleName, role.name.0);
                for link in role.policies.iter() {
                    let id = link?.id.0.to_vec();
                    self.want(&ROLE_POLICY, at, Target::Policy, id);
                }
            }
            Record::AclAuthMethod(method) => self.add(Target::AuthMethod, method.name.0),
            Record::Coordinates(coordinates) => {
                for coordinate in coordinates.iter() {
                    if let Some(coordinate) = coordinate? {
                        let node = node_name(b"", coordinate.node.0);
                        self.want(&COORDINATE_NODE, at, Target::Node, node);
                    }
                }
            }
            Record::Peering(peering) => self.add(Target::Peer, peering.name.0),
            // Problems in config entries are reported by `entries`.
            _ => {}
        }
        Ok(())
    }

    pub(super) fn registration(&mut self, at: At, registration: &Registration<'_>) {
        let Registration { register, service, check } = registration;
        let peer = register.peer_name.0;
        if !peer.is_empty() {
            self.want(&NODE_PEER, at, Target::Peer, peer.to_vec());
        }
        if let Some(check) = check {
            let check = [node_name(peer, register.node.0), lower(check.check_id.0)].join(&0);
            self.there.insert((Target::Check, check));
        } else if service.is_none() {
            self.there.insert((Target::Node, node_name(peer, register.node.0)));
        }
    }

    fn session(&mut self, at: At, session: &SessionRef<'_>) -> Result<(), FieldError> {
        self.add(Target::Session, session.id.0);
        let node = node_name(b"", session.node.0);
        for check in session.checks.iter().chain(session.node_checks.iter()) {
            let check = [node.clone(), lower(check?.0)].join(&0);
            self.want(&SESSION_CHECK, at, Target::Check, check);
        }
        for check in session.service_checks.iter() {
            let check = [node.clone(), lower(check?.id.0)].join(&0);
            self.want(&SESSION_CHECK, at, Target::Check, check);
        }
        self.want(&SESSION_NODE, at, Target::Node, node);
        Ok(())
    }

    fn token(&mut self, at: At, token: &AclTokenRef<'_>) -> Result<(), FieldError> {
        for link in token.policies.iter() {
            let id = link?.id.0.to_vec();
            self.want(&TOKEN_POLICY, at, Target::Policy, id);
        }
        for link in token.roles.iter() {
            let id = link?.id.0.to_vec();
            self.want(&TOKEN_ROLE, at, Target::Role, id);
        }
        if !token.auth_method.is_empty() {
            self.want(&TOKEN_METHOD, at, Target::AuthMethod, token.auth_method.0.to_vec());
        }
        Ok(())
    }

    fn binding_rule(&mut self, at: At, rule: &AclBindingRuleRef<'_>) {
        self.want(&RULE_METHOD, at, Target::AuthMethod, rule.auth_method.0.to_vec());
        let target = match rule.bind_type.0 {
            b"role" => Target::RoleName,
            b"policy" => Target::PolicyName,
            _ => return,
        };
        // A name with a variable is known only at login.
        if !rule.bind_name.0.windows(2).any(|at| at == b"${") {
            self.want(&RULE_TARGET, at, target, rule.bind_name.0.to_vec());
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.there.extend(other.there);
        for (key, (rule, theirs)) in other.wanted {
            let mine = self.wanted.entry(key).or_insert((rule, Referrer { count: 0, ..theirs }));
            mine.1.count += theirs.count;
            mine.1.first = mine.1.first.min(theirs.first);
        }
    }

    /// Reports missing targets.
    pub(super) fn finish(self, found: &mut Findings) {
        let there = self.there;
        for ((_, target, id), (rule, referrer)) in self.wanted {
            let key = (target, id);
            if there.contains(&key) {
                continue;
            }
            found.add(rule, Some(referrer.first), || {
                let shown = String::from_utf8_lossy(&key.1).replace('\0', "/");
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

pub(super) fn lower(text: &[u8]) -> Vec<u8> {
    text.to_ascii_lowercase()
}

/// The identity of a node: its peer, and its name without case.
pub(super) fn node_name(peer: &[u8], node: &[u8]) -> Vec<u8> {
    name(&[peer, &lower(node)])
}

/// References from config entries, by their rule.
pub(super) static ENTRY_RULES: [(Target, &Rule); 5] = [
    (Target::Peer, &ENTRY_PEER),
    (Target::JwtProvider, &ENTRY_PROVIDER),
    (Target::ApiGateway, &ENTRY_GATEWAY),
    (Target::Certificate, &ENTRY_CERTIFICATE),
    (Target::Subset, &ENTRY_SUBSET),
];

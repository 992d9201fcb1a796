//! Facts about objects after the first pass, as far as others need or belong to them.

use super::decide::Decision;
use super::id::Id;
use snapscope_decode::Kind;

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

/// The owner of links to policies and roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HolderOf {
    Token,
    /// A token of the system before 1.4, which has no links.
    LegacyToken,
    Role,
    BindingRule,
}

/// A prepared query, and what it names.
#[derive(Debug)]
pub(super) struct Query {
    /// The token it runs with.
    pub(super) token: Option<Id>,
    pub(super) peers: Vec<Id>,
    /// Its sameness group.
    pub(super) entries: Vec<Id>,
    pub(super) decision: Decision,
}

/// The roles or policies that a binding rule grants at a login, by name.
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

impl Holder {
    /// The record type of a token.
    pub(super) const fn token_kind(&self) -> Option<Kind> {
        match self.what {
            HolderOf::Token => Some(Kind::ACL_TOKEN),
            HolderOf::LegacyToken => Some(Kind::ACL),
            HolderOf::Role | HolderOf::BindingRule => None,
        }
    }
}

/// An object that others may reference.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) id: Id,
    pub(super) decision: Decision,
}

/// An object that names others of its own type.
#[derive(Debug)]
pub(super) struct Linked {
    pub(super) id: Id,
    pub(super) needs: Vec<Id>,
    pub(super) decision: Decision,
}

/// A config entry, and what it names.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) linked: Linked,
    pub(super) peers: Vec<Id>,
}

/// A resource of the second catalog, and what it names.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) linked: Linked,
    pub(super) owner: Option<Id>,
}

/// A peering, which others name by its name or ID.
#[derive(Debug)]
pub(super) struct Peering {
    pub(super) name: Id,
    pub(super) id: Id,
    pub(super) decision: Decision,
}

/// A trust bundle or the secrets of a peering.
#[derive(Debug)]
pub(super) struct PartOfPeer {
    pub(super) kind: Kind,
    pub(super) peer: Id,
    pub(super) decision: Decision,
}

/// A proxy with an upstream in another cluster.
#[derive(Debug)]
pub(super) struct Upstream {
    pub(super) instance: Id,
    pub(super) peer: Id,
    pub(super) decision: Decision,
}

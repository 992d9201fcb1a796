//! Questions: may a token do this?

use super::version::{IDENTITY, INTENTIONS, MESH, NODE_RULES, PEERING, ServerVersion};
use std::fmt;

/// A resource, named as in `/v1/internal/acl/authorize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// Tokens, policies, roles, auth methods, and snapshots.
    Acl,
    /// An agent, by node name.
    Agent,
    /// A user event.
    Event,
    /// A workload identity (1.17 to 1.19).
    Identity,
    /// Intentions, by destination.
    Intention,
    /// A key.
    Key,
    /// Gossip keys.
    Keyring,
    /// Mesh-wide configuration.
    Mesh,
    /// A node.
    Node,
    /// The operator API.
    Operator,
    /// Cluster peering.
    Peering,
    /// A prepared query, by name.
    Query,
    /// A service.
    Service,
    /// Sessions, by node name.
    Session,
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Acl,
        Self::Agent,
        Self::Event,
        Self::Identity,
        Self::Intention,
        Self::Key,
        Self::Keyring,
        Self::Mesh,
        Self::Node,
        Self::Operator,
        Self::Peering,
        Self::Query,
        Self::Service,
        Self::Session,
    ];

    /// Its name in questions.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Acl => "acl",
            Self::Agent => "agent",
            Self::Event => "event",
            Self::Identity => "identity",
            Self::Intention => "intention",
            Self::Key => "key",
            Self::Keyring => "keyring",
            Self::Mesh => "mesh",
            Self::Node => "node",
            Self::Operator => "operator",
            Self::Peering => "peering",
            Self::Query => "query",
            Self::Service => "service",
            Self::Session => "session",
        }
    }

    /// Whether it has segments; otherwise the segment has no effect.
    #[must_use]
    pub const fn has_segments(self) -> bool {
        !matches!(self, Self::Acl | Self::Keyring | Self::Mesh | Self::Operator | Self::Peering)
    }

    /// Whether servers of that version have it.
    #[must_use]
    pub const fn known_to(self, version: ServerVersion) -> bool {
        match self {
            Self::Identity => IDENTITY.contains(version),
            Self::Mesh => MESH.contains(version),
            Self::Peering => PEERING.contains(version),
            Self::Agent | Self::Node | Self::Session => NODE_RULES.contains(version),
            Self::Intention => INTENTIONS.contains(version),
            _ => true,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Reading.
    Read,
    /// Listing keys below the segment.
    List,
    /// Writing.
    Write,
    /// Deleting all keys that start with the segment.
    WritePrefix,
}

impl Access {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::List, Self::Write, Self::WritePrefix];

    /// Its name in questions.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::List => "list",
            Self::Write => "write",
            Self::WritePrefix => "write-prefix",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A question that servers refuse (400).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuestionError {
    /// Unknown resource; names are lower case.
    #[error(
        "there is no resource {0:?}; expected is one of acl, agent, event, identity, intention, key, keyring, mesh, node, operator, peering, query, service, session"
    )]
    Resource(String),
    /// Unknown access.
    #[error(
        "there is no access {access:?}; expected is read or write, for keys also list or write-prefix"
    )]
    Access {
        /// The resource.
        resource: Resource,
        /// The access, as written.
        access: String,
    },
    /// Only keys can be listed or deleted by prefix.
    #[error("{resource} can't be asked for {access}, only key can")]
    OnlyKeys {
        /// The resource.
        resource: Resource,
        /// The access that does not apply.
        access: Access,
    },
}

impl QuestionError {
    /// Returns a server's answer, with status 400.
    #[must_use]
    pub fn server_answer(&self) -> String {
        match self {
            Self::Resource(name) => format!("Invalid ACL resource requested: {name:?}"),
            Self::Access { resource, access } => {
                format!("Invalid access level for {resource} resource: {access}")
            }
            Self::OnlyKeys { resource, access } => {
                format!("Invalid access level for {resource} resource: {access}")
            }
        }
    }
}

/// A question: may a token do this?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question<'a> {
    resource: Resource,
    access: Access,
    segment: &'a [u8],
}

impl<'a> Question<'a> {
    /// A question.
    ///
    /// # Errors
    /// If the access does not apply to the resource.
    pub fn new(
        resource: Resource,
        access: Access,
        segment: &'a str,
    ) -> Result<Self, QuestionError> {
        let for_all = matches!(access, Access::Read | Access::Write);
        if !for_all && resource != Resource::Key {
            return Err(QuestionError::OnlyKeys { resource, access });
        }
        Ok(Self { resource, access, segment: segment.as_bytes() })
    }

    /// Parses a question. The resource must be in lower case, the access may be in any.
    ///
    /// # Errors
    /// If servers would refuse it.
    pub fn parse(resource: &str, access: &str, segment: &'a str) -> Result<Self, QuestionError> {
        let found = Resource::ALL.into_iter().find(|r| r.word() == resource);
        let resource = found.ok_or_else(|| QuestionError::Resource(resource.to_owned()))?;
        let found = Access::ALL.into_iter().find(|a| a.word().eq_ignore_ascii_case(access));
        let access =
            found.ok_or_else(|| QuestionError::Access { resource, access: access.to_owned() })?;
        Self::new(resource, access, segment)
    }

    /// The resource.
    #[must_use]
    pub const fn resource(&self) -> Resource {
        self.resource
    }

    /// The access.
    #[must_use]
    pub const fn access(&self) -> Access {
        self.access
    }

    /// The segment.
    #[must_use]
    pub const fn segment(&self) -> &'a [u8] {
        self.segment
    }
}

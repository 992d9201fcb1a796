//! The ACL objects of a snapshot, owned.
//!
//! SecretIDs are not kept, nor the configuration of auth methods, which may hold credentials.

use super::id::Id;
use snapscope_decode::GoTime;

/// A link to a policy or a role. Servers follow the ID; the name may be out of date.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// ID of the policy or role.
    pub id: Id,
    /// Its name when the link was made.
    pub name: Box<str>,
}

/// The links of a token or role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Grants {
    /// Policies.
    pub policies: Box<[Link]>,
    /// Service identities.
    pub service_identities: Box<[ServiceIdentity]>,
    /// Node identities.
    pub node_identities: Box<[NodeIdentity]>,
    /// Templated policies.
    pub templated_policies: Box<[TemplatedPolicy]>,
}

/// A service identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceIdentity {
    /// The service.
    pub service_name: Box<str>,
    /// The datacenters in which it applies; empty for all.
    pub datacenters: Box<[Box<str>]>,
}

/// A node identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeIdentity {
    /// The node.
    pub node_name: Box<str>,
    /// The only datacenter in which it applies.
    pub datacenter: Box<str>,
}

/// A templated policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TemplatedPolicy {
    /// `builtin/service` and the like.
    pub template_name: Box<str>,
    /// The variable `name`, if there are variables.
    pub name: Option<Box<str>>,
    /// The datacenters in which it applies; empty for all.
    pub datacenters: Box<[Box<str>]>,
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Number of its record in the file.
    pub number: u64,
    /// AccessorID, or its substitute name if it has none.
    pub accessor: Id,
    /// Whether it has an AccessorID. A token of the system before 1.4 has none until a leader of a
    /// later version assigns one.
    pub has_accessor: bool,
    /// Whether it is the token for requests without one.
    pub anonymous: bool,
    /// Its description.
    pub description: Box<str>,
    /// Its own links.
    pub grants: Grants,
    /// Roles.
    pub roles: Box<[Link]>,
    /// Whether it applies only in this datacenter.
    pub local: bool,
    /// The auth method of the login that created it; empty if none did.
    pub auth_method: Box<str>,
    /// When it expires.
    pub expires: Option<GoTime>,
    /// When it was created.
    pub created: GoTime,
    /// `client` or `management` for tokens from before Consul 1.4.
    pub legacy_type: Box<str>,
    /// The token's own rules.
    pub legacy_rules: Box<[u8]>,
    /// Raft index of its creation.
    pub create_index: u64,
    /// Raft index of its last change.
    pub modify_index: u64,
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Number of its record in the file.
    pub number: u64,
    /// Its ID.
    pub id: Id,
    /// Its name.
    pub name: Box<str>,
    /// Its description.
    pub description: Box<str>,
    /// Its rule text.
    pub rules: Box<[u8]>,
    /// The datacenters in which it applies; empty for all.
    pub datacenters: Box<[Box<str>]>,
    /// Raft index of its creation.
    pub create_index: u64,
    /// Raft index of its last change.
    pub modify_index: u64,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Number of its record in the file.
    pub number: u64,
    /// Its ID.
    pub id: Id,
    /// Its name.
    pub name: Box<str>,
    /// Its description.
    pub description: Box<str>,
    /// Its links.
    pub grants: Grants,
    /// Raft index of its creation.
    pub create_index: u64,
    /// Raft index of its last change.
    pub modify_index: u64,
}

/// A binding rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindingRule {
    /// Number of its record in the file.
    pub number: u64,
    /// Its ID.
    pub id: Id,
    /// Its description.
    pub description: Box<str>,
    /// The auth method of its logins.
    pub auth_method: Box<str>,
    /// Its selector; empty for all logins.
    pub selector: Box<str>,
    /// `service`, `node`, `role`, `policy` or `templated-policy`.
    pub bind_type: Box<str>,
    /// The name that it binds to; may contain `${...}`.
    pub bind_name: Box<str>,
    /// The variable `name` of a templated policy; may hold `${...}`.
    pub bind_variable: Option<Box<str>>,
}

/// An auth method, without its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthMethod {
    /// Number of its record in the file.
    pub number: u64,
    /// Its name.
    pub name: Box<str>,
    /// `kubernetes`, `jwt`, `oidc`, `aws-iam`.
    pub method_type: Box<str>,
    /// Its display name.
    pub display_name: Box<str>,
    /// Its description.
    pub description: Box<str>,
    /// Lifetime of its tokens in nanoseconds; 0 is unlimited.
    pub max_token_ttl: i64,
    /// `local` or `global`; empty for local.
    pub token_locality: Box<str>,
}

//! The ACL objects of a snapshot, owned.
//!
//! SecretIDs are not kept, nor the configuration of auth methods, which may hold credentials.

use super::id::Id;
use snapscope_decode::GoTime;

/// A link to a policy or a role. Servers follow the ID; the name may be out of date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// ID of the policy or role.
    pub id: Id,
    /// Its name when the link was made.
    pub name: Box<str>,
}

/// What a token or a role links to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceIdentity {
    /// The service.
    pub service_name: Box<str>,
    /// The datacenters it counts in; none for all.
    pub datacenters: Box<[Box<str>]>,
}

/// A node identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeIdentity {
    /// The node.
    pub node_name: Box<str>,
    /// The one datacenter it counts in.
    pub datacenter: Box<str>,
}

/// A templated policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplatedPolicy {
    /// `builtin/service` and the like.
    pub template_name: Box<str>,
    /// The variable `name`, if there are variables.
    pub name: Option<Box<str>>,
    /// The datacenters it counts in; none for all.
    pub datacenters: Box<[Box<str>]>,
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Number of its record in the file.
    pub number: u64,
    /// AccessorID; what it is called instead if it has none.
    pub accessor: Id,
    /// Whether it has an AccessorID. A token of the system before 1.4 has none until a leader of a later
    /// version has got to it.
    pub has_accessor: bool,
    /// Whether it answers requests that bring no token.
    pub anonymous: bool,
    /// What people wrote about it.
    pub description: Box<str>,
    /// What it links to itself.
    pub grants: Grants,
    /// Roles.
    pub roles: Box<[Link]>,
    /// Whether it counts in this datacenter only.
    pub local: bool,
    /// The auth method a login made it with; empty if none did.
    pub auth_method: Box<str>,
    /// When it expires.
    pub expires: Option<GoTime>,
    /// When it was made.
    pub created: GoTime,
    /// `client` or `management` for tokens from before Consul 1.4.
    pub legacy_type: Box<str>,
    /// Rules that stand in the token itself.
    pub legacy_rules: Box<[u8]>,
    /// Raft index at which it was made.
    pub create_index: u64,
    /// Raft index at which it was changed last.
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
    /// What people wrote about it.
    pub description: Box<str>,
    /// Its rule text.
    pub rules: Box<[u8]>,
    /// The datacenters it counts in; none for all.
    pub datacenters: Box<[Box<str>]>,
    /// Raft index at which it was made.
    pub create_index: u64,
    /// Raft index at which it was changed last.
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
    /// What people wrote about it.
    pub description: Box<str>,
    /// What it links to.
    pub grants: Grants,
    /// Raft index at which it was made.
    pub create_index: u64,
    /// Raft index at which it was changed last.
    pub modify_index: u64,
}

/// A binding rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindingRule {
    /// Number of its record in the file.
    pub number: u64,
    /// Its ID.
    pub id: Id,
    /// What people wrote about it.
    pub description: Box<str>,
    /// The auth method whose logins it is for.
    pub auth_method: Box<str>,
    /// Which logins it is for; empty for all of them.
    pub selector: Box<str>,
    /// `service`, `node`, `role`, `policy` or `templated-policy`.
    pub bind_type: Box<str>,
    /// What it binds to; may hold `${...}`.
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
    /// Its name for people.
    pub display_name: Box<str>,
    /// What people wrote about it.
    pub description: Box<str>,
    /// How long its tokens live, in nanoseconds; 0 for ever.
    pub max_token_ttl: i64,
    /// `local` or `global`; empty for local.
    pub token_locality: Box<str>,
}

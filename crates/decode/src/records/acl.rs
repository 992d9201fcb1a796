//! ACL tokens, policies, roles, binding rules and auth methods.

use crate::schema::{Any, Bytes, List, Map, Nanos, NanosText, Nested, Text, Wire};
use crate::time::GoTime;
use crate::wire_struct;

wire_struct! {
    /// An ACL token, its secret included.
    struct AclTokenRef "ACLToken" {
        "AccessorID" accessor_id: Text<'a>;
        "SecretID" secret_id: Text<'a>;
        "Description" description: Text<'a>;
        "Policies" policies: List<'a, AclTokenPolicyLinkRef<'a>>, omit_empty;
        "Roles" roles: List<'a, AclTokenRoleLinkRef<'a>>, omit_empty;
        "ServiceIdentities" service_identities: List<'a, Option<AclServiceIdentityRef<'a>>>, omit_empty;
        "NodeIdentities" node_identities: List<'a, Option<AclNodeIdentityRef<'a>>>, omit_empty;
        "TemplatedPolicies" templated_policies: List<'a, Option<AclTemplatedPolicyRef<'a>>>, omit_empty;
        "Local" local: bool;
        "AuthMethod" auth_method: Text<'a>, omit_empty;
        "ExpirationTime" expiration_time: Option<GoTime>, omit_empty;
        "ExpirationTTL" expiration_ttl: Nanos, omit_empty;
        "CreateTime" create_time: GoTime;
        "Hash" hash: Bytes<'a>;
        "Type" type_: Text<'a>, hidden;
        "Rules" rules: Text<'a>, hidden;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// A token of the system before 1.4, which identifies it by its secret.
    struct LegacyAclRef "ACL" {
        "ID" id: Text<'a>;
        "Name" name: Text<'a>;
        "Type" type_: Text<'a>;
        "Rules" rules: Text<'a>;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Whether the system before 1.4 can still create its first management token.
    struct AclBootstrapRef "ACLBootstrap" {
        "AllowBootstrap" allow_bootstrap: bool;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `ACLTokenPolicyLink`.
    struct AclTokenPolicyLinkRef "ACLTokenPolicyLink" {
        "ID" id: Text<'a>;
        "Name" name: Text<'a>;
    }

    /// Consul's `ACLTokenRoleLink`.
    struct AclTokenRoleLinkRef "ACLTokenRoleLink" {
        "ID" id: Text<'a>;
        "Name" name: Text<'a>;
    }

    /// Consul's `ACLServiceIdentity`.
    struct AclServiceIdentityRef "ACLServiceIdentity" {
        "ServiceName" service_name: Text<'a>;
        "Datacenters" datacenters: List<'a, Text<'a>>, omit_empty;
    }

    /// Consul's `ACLNodeIdentity`.
    struct AclNodeIdentityRef "ACLNodeIdentity" {
        "NodeName" node_name: Text<'a>;
        "Datacenter" datacenter: Text<'a>;
    }

    /// Consul's `ACLTemplatedPolicy`.
    struct AclTemplatedPolicyRef "ACLTemplatedPolicy" {
        "TemplateID" template_id: Text<'a>, omit_empty;
        "TemplateName" template_name: Text<'a>, omit_empty;
        "TemplateVariables" template_variables: Nested<'a, Option<AclTemplatedPolicyVariablesRef<'a>>>, omit_empty;
        "Datacenters" datacenters: List<'a, Text<'a>>, omit_empty;
    }

    /// Consul's `ACLTemplatedPolicyVariables`.
    struct AclTemplatedPolicyVariablesRef "ACLTemplatedPolicyVariables" {
        "Name" name: Text<'a>, omit_empty as "name";
    }

    /// An ACL policy with its rule text.
    struct AclPolicyRef "ACLPolicy" {
        "ID" id: Text<'a>;
        "Name" name: Text<'a>;
        "Description" description: Text<'a>;
        "Rules" rules: Text<'a>;
        "Datacenters" datacenters: List<'a, Text<'a>>, omit_empty;
        "Hash" hash: Bytes<'a>;
        "Syntax" syntax: i64, hidden;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// An ACL role.
    struct AclRoleRef "ACLRole" {
        "ID" id: Text<'a>;
        "Name" name: Text<'a>;
        "Description" description: Text<'a>;
        "Policies" policies: List<'a, AclRolePolicyLinkRef<'a>>, omit_empty;
        "ServiceIdentities" service_identities: List<'a, Option<AclServiceIdentityRef<'a>>>, omit_empty;
        "NodeIdentities" node_identities: List<'a, Option<AclNodeIdentityRef<'a>>>, omit_empty;
        "TemplatedPolicies" templated_policies: List<'a, Option<AclTemplatedPolicyRef<'a>>>, omit_empty;
        "Hash" hash: Bytes<'a>;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `ACLRolePolicyLink`.
    struct AclRolePolicyLinkRef "ACLRolePolicyLink" {
        "ID" id: Text<'a>;
        "Name" name: Text<'a>;
    }

    /// A binding rule: the roles and policies that a login receives.
    struct AclBindingRuleRef "ACLBindingRule" {
        "ID" id: Text<'a>;
        "Description" description: Text<'a>;
        "AuthMethod" auth_method: Text<'a>;
        "Selector" selector: Text<'a>;
        "BindType" bind_type: Text<'a>;
        "BindName" bind_name: Text<'a>;
        "BindVars" bind_vars: Nested<'a, Option<AclTemplatedPolicyVariablesRef<'a>>>, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// An auth method.
    struct AclAuthMethodRef "ACLAuthMethod" {
        "Name" name: Text<'a>;
        "Type" type_: Text<'a>;
        "DisplayName" display_name: Text<'a>, omit_empty;
        "Description" description: Text<'a>, omit_empty;
        "MaxTokenTTL" max_token_ttl: NanosText, omit_empty;
        "TokenLocality" token_locality: Text<'a>, omit_empty;
        "Config" config: Map<'a, Any<'a>>;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }
}

/// The secret of the token for requests without one; it is not a secret.
pub const ANONYMOUS: &[u8] = b"anonymous";

impl<'a> LegacyAclRef<'a> {
    /// Converts it as servers of 1.4 and later do.
    #[must_use]
    pub fn as_token(&self) -> AclTokenRef<'a> {
        AclTokenRef {
            secret_id: self.id,
            description: self.name,
            type_: self.type_,
            rules: self.rules,
            create_index: self.create_index,
            modify_index: self.modify_index,
            ..AclTokenRef::absent()
        }
    }
}

impl AclTokenRef<'_> {
    /// Whether it is the token for requests without one.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.secret_id.0 == ANONYMOUS
    }

    /// Returns the token's name: see [`token_name`].
    #[must_use]
    pub fn called(&self) -> Vec<u8> {
        token_name(self.accessor_id.0, self.secret_id.0, self.create_index)
    }
}

/// Returns a token's name: its accessor. A token from before 1.4 without an accessor is named by
/// the start of its secret, or by its index if that would reveal too much: the secret itself must
/// not become a name.
#[must_use]
pub fn token_name(accessor: &[u8], secret: &[u8], create_index: u64) -> Vec<u8> {
    /// The first digits of a UUID suffice as a name.
    const SHOWN: usize = 8;
    if !accessor.is_empty() {
        return accessor.to_vec();
    }
    if secret == ANONYMOUS {
        return secret.to_vec();
    }
    match secret.get(..SHOWN) {
        Some(start) if secret.len() > SHOWN.saturating_mul(2) => [b"legacy:", start].concat(),
        _ => format!("legacy:{create_index}").into_bytes(),
    }
}

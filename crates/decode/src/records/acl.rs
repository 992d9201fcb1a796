//! ACL tokens, policies, roles, binding rules and auth methods.

use crate::schema::{Any, Bytes, List, Map, Nanos, NanosText, Nested, Text};
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

    /// A binding rule: what a login through an auth method gets.
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

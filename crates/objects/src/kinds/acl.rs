//! ACL tokens, policies, roles, binding rules and auth methods.

use super::{INDEXES, INDEXES_AND_HASH, ObjectKind, Rows, columns, field, id, made, schema_shape};
use crate::row::{CellValue, Node, joined};
use snapscope_decode::Kind;

/// What `acl/tokens` and `acl/token/ID` show.
pub(super) static TOKENS: ObjectKind = ObjectKind {
    name: "tokens",
    one: "token",
    object: Some("token"),
    about: "ACL tokens",
    from: &[Kind::ACL_TOKEN],
    rows: Rows::Record,
    shape: || schema_shape(Kind::ACL_TOKEN),
    columns: columns![
        "accessor" = field("AccessorID"),
        "description" = field("Description"),
        "policies" = made(&["Policies"], |token| names(token, "Policies", &["Name", "ID"])),
        "roles" = made(&["Roles"], |token| names(token, "Roles", &["Name", "ID"])),
        "created" = field("CreateTime"),
        "expires" = field("ExpirationTime"),
        "local" = field("Local"),
        @wide "auth-method" = field("AuthMethod"),
        @wide "service-identities" = made(&["ServiceIdentities"], services),
        @wide "node-identities" = made(&["NodeIdentities"], nodes),
        @wide "templated-policies" = made(&["TemplatedPolicies"], templates),
        @wide "modified" = field("ModifyIndex"),
    ],
    id: token_id,
    id_fields: &["AccessorID", "SecretID"],
    names: &[],
    secrets: &["SecretID"],
    bookkeeping: INDEXES_AND_HASH,
};

/// What `acl/policy/ID` shows.
pub(super) static POLICIES: ObjectKind = ObjectKind {
    name: "policies",
    one: "policy",
    object: Some("policy"),
    about: "ACL policies with their rules",
    from: &[Kind::ACL_POLICY],
    rows: Rows::Record,
    shape: || schema_shape(Kind::ACL_POLICY),
    columns: columns![
        "name" = field("Name"),
        "id" = field("ID"),
        "description" = field("Description"),
        "datacenters" = field("Datacenters"),
        @wide "rules" = field("Rules"),
        @wide "modified" = field("ModifyIndex"),
    ],
    id: |object, out| id::fields(object, &["ID"], out),
    id_fields: &["ID"],
    names: &["Name"],
    secrets: &[],
    bookkeeping: INDEXES_AND_HASH,
};

/// What `acl/roles` shows.
pub(super) static ROLES: ObjectKind = ObjectKind {
    name: "roles",
    one: "role",
    object: Some("role"),
    about: "ACL roles",
    from: &[Kind::ACL_ROLE],
    rows: Rows::Record,
    shape: || schema_shape(Kind::ACL_ROLE),
    columns: columns![
        "name" = field("Name"),
        "id" = field("ID"),
        "description" = field("Description"),
        "policies" = made(&["Policies"], |role| names(role, "Policies", &["Name", "ID"])),
        "service-identities" = made(&["ServiceIdentities"], services),
        "node-identities" = made(&["NodeIdentities"], nodes),
        @wide "templated-policies" = made(&["TemplatedPolicies"], templates),
        @wide "modified" = field("ModifyIndex"),
    ],
    id: |object, out| id::fields(object, &["ID"], out),
    id_fields: &["ID"],
    names: &["Name"],
    secrets: &[],
    bookkeeping: INDEXES_AND_HASH,
};

/// What `acl/binding-rules` shows.
pub(super) static BINDING_RULES: ObjectKind = ObjectKind {
    name: "binding-rules",
    one: "binding-rule",
    object: Some("binding-rule"),
    about: "what a login through an auth method gets",
    from: &[Kind::ACL_BINDING_RULE],
    rows: Rows::Record,
    shape: || schema_shape(Kind::ACL_BINDING_RULE),
    columns: columns![
        "id" = field("ID"),
        "auth-method" = field("AuthMethod"),
        "selector" = field("Selector"),
        "bind-type" = field("BindType"),
        "bind-name" = field("BindName"),
        "description" = field("Description"),
        @wide "modified" = field("ModifyIndex"),
    ],
    id: |object, out| id::fields(object, &["ID"], out),
    id_fields: &["ID"],
    names: &[],
    secrets: &[],
    bookkeeping: INDEXES,
};

/// What `acl/auth-method/NAME` shows.
pub(super) static AUTH_METHODS: ObjectKind = ObjectKind {
    name: "auth-methods",
    one: "auth-method",
    object: Some("auth-method"),
    about: "ways to log in",
    from: &[Kind::ACL_AUTH_METHOD],
    rows: Rows::Record,
    shape: || schema_shape(Kind::ACL_AUTH_METHOD),
    columns: columns![
        "name" = field("Name"),
        "type" = field("Type"),
        "description" = field("Description"),
        "max-token-ttl" = field("MaxTokenTTL"),
        "token-locality" = field("TokenLocality"),
        @wide "display-name" = field("DisplayName"),
        @wide "modified" = field("ModifyIndex"),
    ],
    id: |object, out| id::fields(object, &["Name"], out),
    id_fields: &["Name"],
    names: &[],
    secrets: &["Config.?"],
    bookkeeping: INDEXES,
};

/// The accessor. Legacy tokens that no server has given one yet are told by how they begin, since
/// the secret itself must not become a name.
fn token_id(token: Node<'_>, out: &mut Vec<u8>) {
    id::fields(token, &["AccessorID"], out);
    if out.is_empty() {
        let secret = token.get("SecretID").and_then(|node| node.text()).unwrap_or(&[]);
        let start = if secret.len() > 16 { secret.get(..8).unwrap_or(&[]) } else { &[] };
        out.extend_from_slice(b"legacy:");
        out.extend_from_slice(start);
    }
}

/// Of each item of a list the first of some fields that isn't empty.
fn names<'t>(object: Node<'t>, list: &str, fields: &[&str]) -> CellValue<'t> {
    let items = object.get(list).map(|list| list.items()).into_iter().flatten();
    joined(items.filter_map(|item| {
        fields.iter().filter_map(|f| item.get(f)?.text()).find(|text| !text.is_empty())
    }))
}

fn services(object: Node<'_>) -> CellValue<'_> {
    names(object, "ServiceIdentities", &["ServiceName"])
}

fn nodes(object: Node<'_>) -> CellValue<'_> {
    names(object, "NodeIdentities", &["NodeName"])
}

fn templates(object: Node<'_>) -> CellValue<'_> {
    names(object, "TemplatedPolicies", &["TemplateName", "TemplateID"])
}

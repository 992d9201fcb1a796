//! ACL tokens, policies, roles, binding rules and auth methods.

use crate::kind::declare::{INDEXES, INDEXES_AND_HASH, columns, field, made, schema_shape, text};
use crate::kind::{
    CellValue, KindId, Link, Maker, ObjectKind, Reference, Rows, Traits, id, joined,
};
use crate::render::{RecordFields, Show};
use crate::value::Node;
use snapscope_decode::Kind;
use snapscope_decode::records::token_name;

/// The auth method of a login.
const AUTH_METHOD: &[Reference] =
    &[Reference { to: KindId::AuthMethods, fields: &["AuthMethod"], peer: None }];

const POLICY_LINKS: Link = Link { to: KindId::Policies, list: "Policies", field: "ID" };

/// The answers of `acl/tokens` and `acl/token/ID`.
pub(super) static TOKENS: ObjectKind = ObjectKind {
    id: KindId::Tokens,
    name: "tokens",
    one: "token",
    object: Some("token"),
    about: "ACL tokens",
    from: &[Kind::ACL, Kind::ACL_TOKEN],
    rows: Rows::Direct(token),
    shape: || schema_shape(Kind::ACL_TOKEN),
    columns: columns![
        "accessor" = field("AccessorID"),
        "description" = field("Description"),
        "policies" = made(&["Policies"], |token| names(token, "Policies", &["Name", "ID"])),
        "roles" = made(&["Roles"], |token| names(token, "Roles", &["Name", "ID"])),
        "legacy" = made(&["Type", "Rules"], legacy),
        "created" = field("CreateTime"),
        "expires" = field("ExpirationTime"),
        "local" = field("Local"),
        @wide "auth-method" = field("AuthMethod"),
        @wide "service-identities" = made(&["ServiceIdentities"], services),
        @wide "node-identities" = made(&["NodeIdentities"], nodes),
        @wide "templated-policies" = made(&["TemplatedPolicies"], templates),
        @wide "modified" = field("ModifyIndex"),
    ],
    write_id: token_id,
    id_fields: &["AccessorID", "SecretID", "CreateIndex"],
    names: &[],
    bookkeeping: INDEXES_AND_HASH,
    traits: Traits {
        // Ordered by the secret.
        ordered_by_id: false,
        order: |token| Some([text(token, "SecretID"), b"", b"", b""]),
        sets: &["Policies", "Roles", "ServiceIdentities", "NodeIdentities", "TemplatedPolicies"],
        references: AUTH_METHOD,
        links: &[POLICY_LINKS, Link { to: KindId::Roles, list: "Roles", field: "ID" }],
        ..Traits::NONE
    },
};

/// The answer of `acl/policy/ID`.
pub(super) static POLICIES: ObjectKind = ObjectKind {
    id: KindId::Policies,
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
    write_id: |object, out| id::fields(object, &["ID"], out),
    id_fields: &["ID"],
    names: &["Name"],
    bookkeeping: INDEXES_AND_HASH,
    traits: Traits { called_by_id: true, sets: &["Datacenters"], ..Traits::NONE },
};

/// The answer of `acl/roles`.
pub(super) static ROLES: ObjectKind = ObjectKind {
    id: KindId::Roles,
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
    write_id: |object, out| id::fields(object, &["ID"], out),
    id_fields: &["ID"],
    names: &["Name"],
    bookkeeping: INDEXES_AND_HASH,
    traits: Traits {
        called_by_id: true,
        sets: &["Policies", "ServiceIdentities", "NodeIdentities", "TemplatedPolicies"],
        links: &[POLICY_LINKS],
        ..Traits::NONE
    },
};

/// The answer of `acl/binding-rules`.
pub(super) static BINDING_RULES: ObjectKind = ObjectKind {
    id: KindId::BindingRules,
    name: "binding-rules",
    one: "binding-rule",
    object: Some("binding-rule"),
    about: "roles and policies that a login receives",
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
    write_id: |object, out| id::fields(object, &["ID"], out),
    id_fields: &["ID"],
    names: &[],
    bookkeeping: INDEXES,
    traits: Traits { references: AUTH_METHOD, ..Traits::NONE },
};

/// The answer of `acl/auth-method/NAME`.
pub(super) static AUTH_METHODS: ObjectKind = ObjectKind {
    id: KindId::AuthMethods,
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
    write_id: |object, out| id::fields(object, &["Name"], out),
    id_fields: &["Name"],
    names: &[],
    bookkeeping: INDEXES,
    traits: Traits::NONE,
};

/// Converts a token of the system before 1.4 as servers of 1.4 and later do.
fn token(record: &RecordFields<'_>, maker: &mut Maker<'_>) {
    if record.frame.kind != Kind::ACL {
        maker.record(record);
        return;
    }
    let mut problems = Vec::new();
    let Some(stored) = record.stored(&mut problems) else {
        maker.problems.append(&mut problems);
        return;
    };
    maker.object(|engine| {
        engine.text_member("AccessorID", b"");
        engine.member("SecretID", stored, "ID", Show::Always);
        engine.member("Description", stored, "Name", Show::Always);
        engine.member("Type", stored, "Type", Show::NotEmpty);
        engine.member("Rules", stored, "Rules", Show::NotEmpty);
        engine.unknown_members("", stored);
        engine.member("CreateIndex", stored, "CreateIndex", Show::Always);
        engine.member("ModifyIndex", stored, "ModifyIndex", Show::Always);
    });
}

fn token_id(token: Node<'_>, out: &mut Vec<u8>) {
    let text = |name: &str| text(token, name);
    let index = token.get("CreateIndex").and_then(|node| node.uint()).unwrap_or(0);
    out.extend_from_slice(&token_name(text("AccessorID"), text("SecretID"), index));
}

/// The type of a token with its own rules: `client` or `management`.
fn legacy(token: Node<'_>) -> CellValue<'_> {
    let text = |name: &str| text(token, name);
    match (text("Type"), text("Rules")) {
        (b"", b"") => CellValue::Nothing,
        (b"", _) => CellValue::Text(b"client".as_slice().into()),
        (legacy, _) => CellValue::Text(legacy.into()),
    }
}

/// For each item of a list, the first of some fields that is not empty.
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

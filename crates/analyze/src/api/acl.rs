//! ACL objects as bodies that create them.

use super::Refusal;
use jiff::Timestamp;
use serde_json::{Map, Value};
use snapscope_decode::VersionRange;
use snapscope_objects::kind::KindId;

/// The prefix of all reserved IDs, which are those of objects that servers create.
const RESERVED: &str = "00000000-0000-0000-0000-0000000000";

/// Types of auth methods, and the versions that know them; all others are Enterprise's.
static METHODS: &[(&str, VersionRange)] = &[
    ("kubernetes", VersionRange::since(1, 5)),
    ("jwt", VersionRange::since(1, 8)),
    ("aws-iam", VersionRange::since(1, 12)),
];

/// Types of targets of binding rules, and the versions that know them.
static BINDINGS: &[(&str, VersionRange)] = &[
    ("service", VersionRange::since(1, 5)),
    ("role", VersionRange::since(1, 5)),
    ("node", VersionRange::since(1, 8)),
    ("templated-policy", VersionRange::since(1, 17)),
    ("policy", VersionRange::since(1, 18)),
];

/// The policies that servers create themselves, and the versions that have them.
static BUILTIN: &[(&str, VersionRange)] = &[
    ("global-management", VersionRange::since(1, 4)),
    ("builtin/global-read-only", VersionRange::since(1, 17)),
];

/// Fields that servers set themselves, and that they refuse or ignore in a body.
const SERVERS_OWN: &[&str] =
    &["Hash", "CreateIndex", "ModifyIndex", "CreateTime", "ResolvedByAgent"];

/// Removes fields that servers set themselves, and fields without a value.
pub fn strip(object: &mut Map<String, Value>) {
    object.retain(|key, value| !SERVERS_OWN.contains(&key.as_str()) && !value.is_null());
}

/// The versions in which a policy of this name is built in; no server accepts another policy of
/// that name.
#[must_use]
pub fn builtin_policy(name: &str) -> Option<VersionRange> {
    let known = BUILTIN.iter().find(|(builtin, _)| *builtin == name).map(|(_, versions)| *versions);
    // Names with this prefix are reserved for servers.
    known.or_else(|| name.starts_with("builtin/").then_some(VersionRange::since(1, 17)))
}

/// Whether servers reserve this ID for an object that they create, such as the anonymous token.
#[must_use]
pub fn is_reserved(id: &str) -> bool {
    id.starts_with(RESERVED)
}

/// Whether a policy, role or auth method may have this name: letters, digits, `-` and `_`, up to
/// 128 of them, or 256 for roles.
#[must_use]
pub fn is_name(kind: KindId, name: &str) -> bool {
    let longest = if kind == KindId::Roles { 256 } else { 128 };
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !name.is_empty() && name.len() <= longest && name.bytes().all(is_plain)
}

/// Whether this may be the accessor or secret of a new token: a UUID.
#[must_use]
pub fn is_uuid(id: &str) -> bool {
    crate::obstacles::uuid::is_uuid(id.as_bytes())
}

/// Whether a token with this expiration time, as in JSON, had expired at a time in milliseconds
/// since 1970.
#[must_use]
pub fn is_expired(expiration: &str, at_ms: i64) -> bool {
    expiration.parse().is_ok_and(|end: Timestamp| end.as_millisecond() <= at_ms)
}

/// The versions that know an auth method's type; `None` if no Community version does.
#[must_use]
pub fn auth_method(kind: &str) -> Option<VersionRange> {
    METHODS.iter().find(|(known, _)| *known == kind).map(|(_, versions)| *versions)
}

/// The versions that know the type of a binding rule's target; `None` if none does.
#[must_use]
pub fn bind_type(kind: &str) -> Option<VersionRange> {
    BINDINGS.iter().find(|(known, _)| *known == kind).map(|(_, versions)| *versions)
}

/// Why servers refuse the name of a policy, role or auth method.
#[must_use]
pub fn name_refused(kind: KindId, name: &str) -> Option<Refusal> {
    let why = "they accept only names of letters, digits, - and _, up to 128 characters (roles: \
               256)";
    (!is_name(kind, name)).then(|| (VersionRange::ALL, why.to_owned()))
}

/// The servers that do not know auth methods of a type.
#[must_use]
pub fn method_refused(kind: &str) -> Option<Refusal> {
    unknown(auth_method(kind), &format!("auth methods of type {kind:?}"))
}

/// The servers that do not know binding rules with a type of target.
#[must_use]
pub fn binding_refused(kind: &str) -> Option<Refusal> {
    unknown(bind_type(kind), &format!("rules that bind to {kind:?}"))
}

/// The IDs of a token that no server accepts: they have to be UUIDs.
#[must_use]
pub fn ids_refused(token: &Map<String, Value>) -> Vec<Refusal> {
    let given = |id: &&str| token.get(*id).and_then(Value::as_str).unwrap_or("");
    let is_bad = |id: &&str| !given(id).is_empty() && !is_uuid(given(id));
    let bad = ["AccessorID", "SecretID"].into_iter().filter(is_bad);
    bad.map(|id| (VersionRange::ALL, format!("its {id} is not a UUID"))).collect()
}

/// The servers that do not have a built-in policy that an object links to. All servers with this
/// ACL system have the first one.
#[must_use]
pub fn link_refused(policy: &str) -> Option<Refusal> {
    let since = builtin_policy(policy).filter(|_| policy.starts_with("builtin/"))?.since?;
    let why = format!("they do not have the policy {policy}, to which it links");
    Some((VersionRange::ALL.until_version(since), why))
}

/// Which versions do not support this.
fn unknown(known: Option<VersionRange>, what: &str) -> Option<Refusal> {
    let Some(versions) = known else {
        return Some((VersionRange::ALL, format!("only Consul Enterprise knows {what}")));
    };
    let since = versions.since?;
    Some((VersionRange::ALL.until_version(since), format!("they do not know {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_make_themselves_is_known() {
        assert!(builtin_policy("global-management").is_some());
        assert!(builtin_policy("builtin/anything").is_some() && builtin_policy("ops").is_none());
        assert!(is_reserved("00000000-0000-0000-0000-000000000002"));
        assert!(!is_reserved("10000000-0000-0000-0000-000000000002"));
    }

    #[test]
    fn names_and_ids_are_checked_as_servers_do() {
        assert!(is_name(KindId::Policies, "Ops_team-1") && !is_name(KindId::Policies, "a/b"));
        assert!(!is_name(KindId::Policies, "") && !is_name(KindId::Policies, &"x".repeat(129)));
        assert!(is_name(KindId::Roles, &"x".repeat(256)) && !is_name(KindId::Roles, "é"));
        assert!(is_uuid("5ec5ec5e-c5ec-4ec5-8c5e-C5ec5ec5ec5e"));
        assert!(!is_uuid("anonymous") && !is_uuid("5ec5ec5ec5ec4ec58c5ec5ec5ec5ec5e"));
        assert!(is_expired("2026-11-23T03:10:00Z", 1_795_403_400_000));
        assert!(!is_expired("2026-11-23T03:10:00.5Z", 1_795_403_400_000) && !is_expired("", 0));
        assert!(auth_method("oidc").is_none() && bind_type("node").is_some());
    }
}

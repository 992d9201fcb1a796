//! `acl/`: tokens, policies, roles, auth methods and binding rules.

mod asked;
mod authorize;
mod login;
mod names;
mod policies;
mod roles;
mod synthetic;
mod templates;
mod token_json;
mod tokens;

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use crate::answer::{Answered, Found, object};
use snapscope_decode::VersionRange;
use snapscope_objects::json::Sink as _;

/// Since then, tokens have accessors; before, another API was used.
const ACLS: VersionRange = VersionRange::since(1, 4);
/// Until then, servers also had the API that preceded 1.4.
const FORMER: VersionRange = VersionRange::before(1, 11);
/// Since then, logins create tokens.
const LOGINS: VersionRange = VersionRange::since(1, 5);
const TEMPLATES: VersionRange = VersionRange::since(1, 17);
/// Since then, the status of a replication has the text of the last error.
const ERROR_MESSAGES: VersionRange = VersionRange::since(1, 10);

const READ_WRITE: &[&str] = &["GET", "PUT", "DELETE"];

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::writes(&["PUT"], "acl/bootstrap"),
    Endpoint::get("acl/replication", replication).bare(),
    Endpoint::get("acl/tokens", tokens::all).versions(ACLS),
    Endpoint::writes(&["PUT"], "acl/token").versions(ACLS),
    Endpoint::get("acl/token/self", tokens::own).versions(ACLS).tenancy(Tenancy::OnlyPartition),
    Endpoint::get("acl/token/", tokens::one).versions(ACLS).methods(READ_WRITE),
    Endpoint::get("acl/policies", policies::all).versions(ACLS),
    Endpoint::writes(&["PUT"], "acl/policy").versions(ACLS),
    Endpoint::get("acl/policy/name/", policies::by_name).versions(ACLS),
    Endpoint::get("acl/policy/", policies::one).versions(ACLS).methods(READ_WRITE),
    Endpoint::get("acl/roles", roles::all).versions(LOGINS),
    Endpoint::writes(&["PUT"], "acl/role").versions(LOGINS),
    Endpoint::get("acl/role/name/", roles::by_name).versions(LOGINS),
    Endpoint::get("acl/role/", roles::one).versions(LOGINS).methods(READ_WRITE),
    Endpoint::get("acl/auth-methods", login::methods).versions(LOGINS),
    Endpoint::writes(&["PUT"], "acl/auth-method").versions(LOGINS),
    Endpoint::get("acl/auth-method/", login::method).versions(LOGINS).methods(READ_WRITE),
    Endpoint::get("acl/binding-rules", login::rules).versions(LOGINS),
    Endpoint::writes(&["PUT"], "acl/binding-rule").versions(LOGINS),
    Endpoint::get("acl/binding-rule/", login::rule).versions(LOGINS).methods(READ_WRITE),
    Endpoint::writes(&["POST"], "acl/login").versions(LOGINS),
    Endpoint::writes(&["POST"], "acl/logout").versions(LOGINS),
    Endpoint::get("acl/templated-policies", templates::all).bare().versions(TEMPLATES),
    Endpoint::get("acl/templated-policy/name/", templates::one).bare().versions(TEMPLATES),
    Endpoint::with(&["POST"], "acl/templated-policy/preview/", templates::preview)
        .versions(TEMPLATES),
    Endpoint::absent("acl/list").versions(FORMER),
    Endpoint::absent("acl/info/").versions(FORMER),
    Endpoint::writes(&["PUT"], "acl/create").versions(FORMER),
    Endpoint::writes(&["PUT"], "acl/update").versions(FORMER),
    Endpoint::writes(&["PUT"], "acl/destroy/").versions(FORMER),
    Endpoint::writes(&["PUT"], "acl/clone/").versions(FORMER),
    Endpoint::with(&["POST"], "internal/acl/authorize", authorize::authorize)
        .tenancy(Tenancy::Ignored),
];

/// A snapshot is from one datacenter, whatever it replicated.
fn replication(call: &Call<'_>) -> Answered {
    const NEVER: &[u8] = b"0001-01-01T00:00:00Z";
    let json = object(|json| {
        for name in ["Enabled", "Running"] {
            json.key(name.as_bytes());
            json.bool(false);
        }
        for name in ["SourceDatacenter", "ReplicationType"] {
            json.key(name.as_bytes());
            json.text(b"");
        }
        for name in ["ReplicatedIndex", "ReplicatedRoleIndex", "ReplicatedTokenIndex"] {
            json.key(name.as_bytes());
            json.uint(0);
        }
        for name in ["LastSuccess", "LastError"] {
            json.key(name.as_bytes());
            json.text(NEVER);
        }
        if call.view.is(ERROR_MESSAGES) {
            json.key(b"LastErrorMessage");
            json.text(b"");
        }
    });
    Ok(Found::json(0, json))
}

//! `acl/`: tokens, policies, roles, auth methods and binding rules.

mod authorize;
mod login;
mod names;
mod policies;
mod roles;
mod token_json;
mod tokens;

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use crate::answer::{Answered, Found, Refused, object};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;
use snapscope_objects::json::Sink as _;

/// Since tokens have accessors; before, there was another API.
const ACLS: VersionRange = VersionRange::since(1, 4);
/// The API of the system before 1.4 was removed.
const FORMER: VersionRange = VersionRange::before(1, 11);
/// Since tokens are made by logins.
const LOGINS: VersionRange = VersionRange::since(1, 5);
const TEMPLATES: VersionRange = VersionRange::since(1, 17);
/// A replication's status has the text of the last error.
const ERROR_MESSAGES: VersionRange = VersionRange::since(1, 10);

/// Lists of policies and roles are in the order of names; before, in that of IDs.
const BY_NAME: VersionRange = VersionRange::since(1, 10);

/// Errors said less of what is missing.
const SILENT: VersionRange = VersionRange::before(1, 10);

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
    Endpoint::get("acl/templated-policies", templates).bare().versions(TEMPLATES),
    Endpoint::get("acl/templated-policy/name/", templates).bare().versions(TEMPLATES),
    Endpoint::with(&["POST"], "acl/templated-policy/preview/", templates).versions(TEMPLATES),
    Endpoint::absent("acl/list").versions(FORMER),
    Endpoint::absent("acl/info/").versions(FORMER),
    Endpoint::writes(&["PUT"], "acl/create").versions(FORMER),
    Endpoint::writes(&["PUT"], "acl/update").versions(FORMER),
    Endpoint::writes(&["PUT"], "acl/destroy/").versions(FORMER),
    Endpoint::writes(&["PUT"], "acl/clone/").versions(FORMER),
    Endpoint::with(&["POST"], "internal/acl/authorize", authorize::authorize)
        .tenancy(Tenancy::Ignored),
];

/// The field by which lists are ordered.
fn order(call: &Call<'_>) -> &'static str {
    if call.view.is(BY_NAME) { "Name" } else { "ID" }
}

/// A snapshot is of one datacenter, whatever it replicated.
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

/// The texts of templates are part of Consul's programs.
fn templates(call: &Call<'_>) -> Answered {
    call.check_token()?;
    require_read(call)?;
    Err(Refused::not_in_a_snapshot())
}

/// The error if the token may not read ACLs, or there are none.
fn require_read(call: &Call<'_>) -> Result<(), Refused> {
    if !call.view.authorizer.is_on() && !call.view.settings.no_acl {
        return Err(Refused::early(401, "ACL support disabled"));
    }
    call.require(Resource::Acl, Access::Read, None)
}

/// The error for an ID that is not a UUID.
fn check_uuid(id: &str, what: &str) -> Result<(), Refused> {
    if id.len() == 36 {
        return Ok(());
    }
    let text = format!("failed acl {what} lookup: index error: UUID must be 36 characters");
    Err(Refused::new(500, text))
}

/// The answer for an object that is not there.
fn missing(call: &Call<'_>, what: &str, table: &str) -> Answered {
    if !call.view.is(SILENT) {
        let text = format!("Requested {what} does not exist: ACL not found");
        return Err(Refused::early(404, text));
    }
    // Those servers say it of policies, after they have looked.
    if what == "policy" {
        return Ok(Found::text(call.view.facts.index(table), 403, "ACL not found"));
    }
    Ok(Found { is_about_state: false, ..Found::nothing(0, 404) })
}

/// The part of the path that names an object.
fn named(call: &Call<'_>, missing: &str) -> Result<String, Refused> {
    let prefix = if call.view.is(SILENT) { "Bad request: " } else { "" };
    call.named(&format!("{prefix}{missing}"))
}

//! Tokens.

use super::asked::{SILENT, check_uuid, named, require_read};
use super::names::{Linked, links_to};
use super::policies::write_policy;
use super::roles::write_role;
use super::synthetic::SyntheticPolicy;
use super::token_json::{Shown, write_token};
use crate::answer::{Answered, Found, Refused, list, object};
use crate::api::call::Call;
use crate::api::rows::{each_row, find_row, row_at, text_member};
use crate::authorizer::Who;
use snapscope_analyze::acl::{Access, Resource, Token};
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;

/// Since then, `?expanded` adds the policies that a token's links lead to.
const EXPANDED: VersionRange = VersionRange::since(1, 12);
/// Since then, the error about a missing token says that it is missing.
const MISSING_IS_SAID: VersionRange = VersionRange::since(1, 12);
/// `?servicename`
const BY_SERVICE: VersionRange = VersionRange::since(1, 13);
/// What agents do while they cannot reach a server, by default. Snapshots do not record the
/// setting.
const DOWN_POLICY: &str = "extend-cache";

const TABLE: &str = "acl-tokens";

/// The list, without expired tokens.
pub(super) fn all(call: &Call<'_>) -> Answered {
    call.check_token()?;
    require_read(call)?;
    let query = call.query();
    let [policy, role, method, mut service] =
        ["policy", "role", "authmethod", "servicename"].map(|name| query.text(name));
    if !call.view.is(BY_SERVICE) {
        service.clear();
    }
    let shown = Shown { secret: may_write(call), in_list: true };
    let json = list(|json| {
        each_row(call.view, KindId::Tokens, &mut |token| {
            let object = token.object();
            let is_meant = (policy.is_empty() || links_to(object, Linked::Policies, &policy))
                && (role.is_empty() || links_to(object, Linked::Roles, &role))
                && (method.is_empty() || token.text("AuthMethod") == method.as_bytes())
                && (service.is_empty() || is_of_service(token, &service));
            if is_meant && !has_expired(call, token) {
                json.begin_object();
                write_token(json, call.view, token, shown);
                json.end_object();
            }
        });
    });
    Ok(Found::json(call.view.facts.index(TABLE), json))
}

/// Whether a token has a service identity for that service.
fn is_of_service(token: &Row, service: &str) -> bool {
    let identities = token.get("ServiceIdentities").into_iter().flat_map(|list| list.items());
    identities
        .filter_map(|identity| identity.get("ServiceName")?.text())
        .any(|name| name == service.as_bytes())
}

fn has_expired(call: &Call<'_>, token: &Row) -> bool {
    let secret = String::from_utf8_lossy(token.text("SecretID")).into_owned();
    let authorizer = &call.view.authorizer;
    authorizer.token_of(&secret).is_some_and(|token| authorizer.has_expired(token))
}

fn may_write(call: &Call<'_>) -> bool {
    call.allows(Resource::Acl, Access::Write, b"")
}

/// `acl/token/ACCESSOR`
pub(super) fn one(call: &Call<'_>) -> Answered {
    let what = match call.view.is(SILENT) {
        true => "Missing token ID",
        false => "Missing token AccessorID",
    };
    let accessor = named(call, what)?.to_ascii_lowercase();
    call.check_token()?;
    require_read(call)?;
    check_uuid(&accessor, "token")?;
    let authorizer = &call.view.authorizer;
    let token = authorizer.resolver().token(&accessor).ok();
    let token = token.filter(|token| token.has_accessor && !authorizer.has_expired(token));
    match token {
        Some(token) => show(call, token, may_write(call), call.query().has("expanded")),
        None => missing(call),
    }
}

/// `acl/token/self`
pub(super) fn own(call: &Call<'_>) -> Answered {
    match &call.who {
        Who::Token(token, true) => show(call, token, true, false),
        Who::Refused(_) | Who::Token(..) | Who::Nobody | Who::Anybody => missing(call),
    }
}

/// The answer for a missing token.
fn missing(call: &Call<'_>) -> Answered {
    if call.view.is(MISSING_IS_SAID) {
        return Err(Refused::new(403, "token does not exist: ACL not found"));
    }
    // These servers consulted the state first.
    Ok(Found::text(call.view.facts.index(TABLE), 403, "ACL not found"))
}

fn show(call: &Call<'_>, token: &Token, secret: bool, is_expanded: bool) -> Answered {
    let row = call.view.authorizer.place(token);
    let row = row.and_then(|place| row_at(call.view, KindId::Tokens, place));
    let row = row.ok_or_else(|| Refused::unreadable("the token"))?;
    let shown = Shown { secret, in_list: false };
    let json = object(|json| {
        write_token(json, call.view, &row, shown);
        if is_expanded && call.view.is(EXPANDED) {
            expand(call, json, &row);
        }
    });
    Ok(Found::json(call.view.facts.index(TABLE), json))
}

/// The policies that a token's links lead to.
fn expand(call: &Call<'_>, json: &mut JsonText, token: &Row) {
    let view = call.view;
    let ids = |row: &Row, linked: &str| -> Vec<Vec<u8>> {
        let links = row.get(linked).into_iter().flat_map(|links| links.items());
        links.filter_map(|link| Some(link.get("ID")?.text()?.to_vec())).collect()
    };
    let rows = |kind, ids: &[Vec<u8>]| -> Vec<Row> {
        ids.iter().filter_map(|id| find_row(view, kind, |row| row.text("ID") == id)).collect()
    };
    let roles = rows(KindId::Roles, &ids(token, "Roles"));
    let mut policy_ids = ids(token, "Policies");
    for id in roles.iter().flat_map(|role| ids(role, "Policies")) {
        if !policy_ids.contains(&id) {
            policy_ids.push(id);
        }
    }
    let policies = rows(KindId::Policies, &policy_ids);
    let mut generated: Vec<SyntheticPolicy> = Vec::new();
    for object in std::iter::once(token).chain(&roles).map(Row::object) {
        for policy in SyntheticPolicy::of_object(view, object) {
            if !generated.iter().any(|known| known.id == policy.id) {
                generated.push(policy);
            }
        }
    }
    json.key(b"ExpandedPolicies");
    if policies.is_empty() && generated.is_empty() {
        json.null();
    } else {
        json.begin_list();
        policies.iter().for_each(|policy| write_policy(json, policy));
        generated.iter().for_each(|policy| policy.write(json));
        json.end_list();
    }
    json.key(b"ExpandedRoles");
    write_list(json, &roles, |json, role| write_role(json, view, role));
    for name in ["NamespaceDefaultPolicyIDs", "NamespaceDefaultRoleIDs"] {
        json.key(name.as_bytes());
        json.null();
    }
    text_member(json, "AgentACLDefaultPolicy", view.authorizer.default_policy_word().unwrap_or(""));
    text_member(json, "AgentACLDownPolicy", DOWN_POLICY);
    text_member(json, "ResolvedByAgent", view.facts.server_name());
}

fn write_list(json: &mut JsonText, rows: &[Row], write: impl Fn(&mut JsonText, &Row)) {
    if rows.is_empty() {
        json.null();
        return;
    }
    json.begin_list();
    rows.iter().for_each(|row| write(json, row));
    json.end_list();
}

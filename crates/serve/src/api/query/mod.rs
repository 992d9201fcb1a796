//! `query/`: prepared queries.

mod explain;
mod resolve;
mod template;

pub(super) use resolve::{Resolved, resolve};

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use super::rows::{each_row, find_row, text_member, write_with};
use crate::answer::{Answered, Found, Refused, list};
use crate::state::View;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;
use snapscope_objects::value::Node;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("query", all)
        .says_consistency()
        .tenancy(Tenancy::Ignored)
        .methods(&["GET", "POST"]),
    Endpoint::get("query/", one)
        .says_consistency()
        .tenancy(Tenancy::Ignored)
        .methods(&["GET", "PUT", "DELETE"])
        .ending("/execute", &["GET"])
        .options_body("{}"),
];

/// The error for a missing query had no headers about the state.
const BARE_ERRORS: VersionRange = VersionRange::before(1, 10);

const TABLE: &str = "prepared-queries";

/// The name by which a query is protected. One without a name, and without a template for names, has none: whoever
/// knows its ID may read it, and only management finds it in the list.
fn protected_name(query: &Row) -> Option<&[u8]> {
    let name = query.text("Name");
    (!name.is_empty() || is_template(query)).then_some(name)
}

fn is_template(query: &Row) -> bool {
    let kind = query.object().at(["Template", "Type"]).and_then(|kind| kind.text());
    kind.is_some_and(|kind| !kind.is_empty())
}

fn is_management(call: &Call<'_>) -> bool {
    call.allows(Resource::Acl, Access::Write, b"")
}

fn may_read(call: &Call<'_>, query: &Row) -> bool {
    is_management(call)
        || protected_name(query).is_none_or(|name| call.may_read(Resource::Query, name))
}

/// A query's members; its token is for management alone.
fn write_members(
    json: &mut JsonText,
    call: &Call<'_>,
    query: &Row,
    write: &mut dyn FnMut(&mut JsonText, &[u8], Node<'_>) -> bool,
) {
    let is_management = is_management(call);
    write_with(json, query.object(), &mut |json, name, value| {
        let hides = name == b"Token"
            && !is_management
            && value.text().is_some_and(|token| !token.is_empty());
        if hides {
            text_member(json, "Token", "<hidden>");
        }
        hides || write(json, name, value)
    });
}

fn write(json: &mut JsonText, call: &Call<'_>, query: &Row) {
    json.begin_object();
    write_members(json, call, query, &mut |_, _, _| false);
    json.end_object();
}

fn all(call: &Call<'_>) -> Answered {
    call.check_token()?;
    let mut is_filtered = false;
    let json = list(|json| {
        each_row(call.view, KindId::Queries, &mut |query| {
            let name = protected_name(query);
            if is_management(call) || name.is_some_and(|name| call.may_read(Resource::Query, name))
            {
                write(json, call, query);
            } else {
                is_filtered |= name.is_some();
            }
        });
    });
    Ok(Found::json(call.view.facts.index(TABLE), json).filtered(is_filtered))
}

/// A query, or one of the questions about it.
fn one(call: &Call<'_>) -> Answered {
    let name = call.name();
    if let Some(name) = name.strip_suffix("/explain") {
        return explain::explain(call, name);
    }
    if name.ends_with("/execute") {
        return Err(Refused::early(501, "snapscope: queries cannot be executed"));
    }
    if name.len() != 36 {
        let text = "failed prepared query lookup: index error: UUID must be 36 characters";
        return Err(Refused::new(500, text));
    }
    let id = name.as_bytes();
    let query =
        find_row(call.view, KindId::Queries, |query| query.text("ID").eq_ignore_ascii_case(id));
    let query = query.ok_or_else(|| missing(call.view))?;
    call.check_token()?;
    if !may_read(call, &query) {
        return Err(Refused::new(403, "Permission denied"));
    }
    let json = list(|json| write(json, call, &query));
    Ok(Found::json(call.view.facts.index(TABLE), json))
}

/// The error for a query that is not there.
fn missing(view: &View<'_>) -> Refused {
    let refused = Refused::new(404, "Query not found");
    Refused { is_early: view.is(BARE_ERRORS), ..refused }
}

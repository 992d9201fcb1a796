//! A query, and the permission to see it.

use crate::answer::Refused;
use crate::api::call::Call;
use crate::api::rows::{text_member, write_with};
use crate::state::View;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::row::Row;
use snapscope_objects::value::Node;

/// Until then, the error for a missing query had no headers about the state.
const BARE_ERRORS: VersionRange = VersionRange::before(1, 10);

/// The name by which a query is protected. A query without a name that is not a template has none:
/// everyone who knows its ID may read it, and only management tokens find it in the list.
pub(super) fn protected_name(query: &Row) -> Option<&[u8]> {
    let name = query.text("Name");
    (!name.is_empty() || is_template(query)).then_some(name)
}

pub(super) fn is_template(query: &Row) -> bool {
    let kind = query.object().at(["Template", "Type"]).and_then(|kind| kind.text());
    kind.is_some_and(|kind| !kind.is_empty())
}

pub(super) fn is_management(call: &Call<'_>) -> bool {
    call.allows(Resource::Acl, Access::Write, b"")
}

pub(super) fn may_read(call: &Call<'_>, query: &Row) -> bool {
    is_management(call)
        || protected_name(query).is_none_or(|name| call.may_read(Resource::Query, name))
}

/// The members of a query. Only management tokens see its token.
pub(super) fn write_members(
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

pub(super) fn write(json: &mut JsonText, call: &Call<'_>, query: &Row) {
    json.begin_object();
    write_members(json, call, query, &mut |_, _, _| false);
    json.end_object();
}

/// The error for a missing query.
pub(super) fn missing(view: &View<'_>) -> Refused {
    let refused = Refused::new(404, "Query not found");
    Refused { is_early: view.is(BARE_ERRORS), ..refused }
}

//! `query/`: prepared queries.

mod execute;
mod explain;
mod object;
mod resolve;
mod template;

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use super::rows::{each_row, find_row};
use crate::answer::{Answered, Found, Refused, list};
use object::{is_management, may_read, missing, protected_name, write};
use snapscope_analyze::acl::Resource;
use snapscope_objects::kind::KindId;

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

const TABLE: &str = "prepared-queries";

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
    if let Some(name) = name.strip_suffix("/execute") {
        return execute::execute(call, name);
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

//! Roles.

use super::asked::{Named, order, require_read};
use super::names::{Linked, links_to, write_links};
use crate::answer::{Answered, Found, list};
use crate::api::call::Call;
use crate::api::rows::{each_row_by, write_with};
use crate::state::View;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;

const ROLES: Named = Named { kind: KindId::Roles, what: "role", table: "acl-roles" };

pub(super) fn all(call: &Call<'_>) -> Answered {
    call.check_token()?;
    require_read(call)?;
    let policy = call.query().text("policy");
    let json = list(|json| {
        each_row_by(call.view, ROLES.kind, order(call), &mut |role| {
            if policy.is_empty() || links_to(role.object(), Linked::Policies, &policy) {
                write_role(json, call.view, role);
            }
        });
    });
    Ok(Found::json(call.view.facts.index(ROLES.table), json))
}

pub(super) fn one(call: &Call<'_>) -> Answered {
    ROLES.by_id(call, &|json, role| write_role(json, call.view, role))
}

pub(super) fn by_name(call: &Call<'_>) -> Answered {
    ROLES.by_name(call, "Missing role Name", &|json, role| write_role(json, call.view, role))
}

pub(super) fn write_role(json: &mut JsonText, view: &View<'_>, role: &Row) {
    json.begin_object();
    write_with(json, role.object(), &mut |json, name, value| match Linked::of(name) {
        Some(linked) => {
            write_links(json, view, linked, value);
            true
        }
        None => false,
    });
    json.end_object();
}

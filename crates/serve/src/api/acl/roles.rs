//! Roles.

use super::asked::{check_uuid, missing, named, order, require_read};
use super::names::{Linked, links_to, write_links};
use crate::answer::{Answered, Found, list};
use crate::api::call::Call;
use crate::api::rows::{each_row_by, find_row, write_with};
use crate::state::View;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;

const TABLE: &str = "acl-roles";

pub(super) fn all(call: &Call<'_>) -> Answered {
    call.check_token()?;
    require_read(call)?;
    let policy = call.query().text("policy");
    let json = list(|json| {
        each_row_by(call.view, KindId::Roles, order(call), &mut |role| {
            if policy.is_empty() || links_to(role.object(), Linked::Policies, &policy) {
                write_role(json, call.view, role);
            }
        });
    });
    Ok(Found::json(call.view.facts.index(TABLE), json))
}

pub(super) fn one(call: &Call<'_>) -> Answered {
    let id = named(call, "Missing role ID")?;
    call.check_token()?;
    require_read(call)?;
    check_uuid(&id, "role")?;
    show(
        call,
        find_row(call.view, KindId::Roles, |role| {
            role.text("ID").eq_ignore_ascii_case(id.as_bytes())
        }),
    )
}

pub(super) fn by_name(call: &Call<'_>) -> Answered {
    let name = named(call, "Missing role Name")?;
    call.check_token()?;
    require_read(call)?;
    let is_it = |role: &Row| role.text("Name").eq_ignore_ascii_case(name.as_bytes());
    show(call, find_row(call.view, KindId::Roles, is_it))
}

fn show(call: &Call<'_>, role: Option<Row>) -> Answered {
    let Some(role) = role else { return missing(call, "role", TABLE) };
    let mut json = JsonText::new();
    write_role(&mut json, call.view, &role);
    Ok(Found::json(call.view.facts.index(TABLE), json.into_bytes()))
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

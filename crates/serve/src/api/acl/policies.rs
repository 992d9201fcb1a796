//! Policies.

use super::asked::{check_uuid, missing, named, order, require_read};
use crate::answer::{Answered, Found, list};
use crate::api::call::Call;
use crate::api::rows::{each_row_by, find_row, is_empty, write_with};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;

const TABLE: &str = "acl-policies";

/// The list, without rules.
pub(super) fn all(call: &Call<'_>) -> Answered {
    call.check_token()?;
    require_read(call)?;
    let json = list(|json| {
        each_row_by(call.view, KindId::Policies, order(call), &mut |policy| {
            json.begin_object();
            let mut has_datacenters = false;
            write_with(json, policy.object(), &mut |json, name, _| {
                if name == b"Datacenters" {
                    has_datacenters = true;
                } else if name == b"Hash" && !has_datacenters {
                    json.key(b"Datacenters");
                    json.null();
                }
                name == b"Rules"
            });
            json.end_object();
        });
    });
    Ok(Found::json(call.view.facts.index(TABLE), json))
}

pub(super) fn one(call: &Call<'_>) -> Answered {
    let id = named(call, "Missing policy ID")?;
    call.check_token()?;
    require_read(call)?;
    check_uuid(&id, "policy")?;
    show(
        call,
        find_row(call.view, KindId::Policies, |policy| {
            policy.text("ID").eq_ignore_ascii_case(id.as_bytes())
        }),
    )
}

pub(super) fn by_name(call: &Call<'_>) -> Answered {
    let name = named(call, "Missing policy Name")?;
    call.check_token()?;
    require_read(call)?;
    let is_it = |policy: &Row| policy.text("Name").eq_ignore_ascii_case(name.as_bytes());
    show(call, find_row(call.view, KindId::Policies, is_it))
}

fn show(call: &Call<'_>, policy: Option<Row>) -> Answered {
    let Some(policy) = policy else { return missing(call, "policy", TABLE) };
    let mut json = JsonText::new();
    write_policy(&mut json, &policy);
    Ok(Found::json(call.view.facts.index(TABLE), json.into_bytes()))
}

/// A policy with its rules.
pub(super) fn write_policy(json: &mut JsonText, policy: &Row) {
    json.begin_object();
    write_with(json, policy.object(), &mut |_, name, value| {
        name == b"Datacenters" && is_empty(value) || name == b"Syntax"
    });
    json.end_object();
}

//! Policies.

use super::asked::{Named, order, require_read};
use crate::answer::{Answered, Found, list};
use crate::api::call::Call;
use crate::api::rows::{each_row_by, is_empty, write_with};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;

const POLICIES: Named = Named { kind: KindId::Policies, what: "policy", table: "acl-policies" };

/// The list, without rules.
pub(super) fn all(call: &Call<'_>) -> Answered {
    call.check_token()?;
    require_read(call)?;
    let json = list(|json| {
        each_row_by(call.view, POLICIES.kind, order(call), &mut |policy| {
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
    Ok(Found::json(call.view.facts.index(POLICIES.table), json))
}

pub(super) fn one(call: &Call<'_>) -> Answered {
    POLICIES.by_id(call, &write_policy)
}

pub(super) fn by_name(call: &Call<'_>) -> Answered {
    POLICIES.by_name(call, "Missing policy Name", &write_policy)
}

/// A policy with its rules.
pub(super) fn write_policy(json: &mut JsonText, policy: &Row) {
    json.begin_object();
    write_with(json, policy.object(), &mut |_, name, value| {
        name == b"Datacenters" && is_empty(value) || name == b"Syntax"
    });
    json.end_object();
}

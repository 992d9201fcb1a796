//! `acl/auth-methods` and `acl/binding-rules`.

use super::asked::{Named, require_read};
use crate::answer::{Answered, Found, list};
use crate::api::call::Call;
use crate::api::rows::{each_row, write_with};
use snapscope_decode::VersionRange;
use snapscope_objects::json::Sink as _;
use snapscope_objects::kind::KindId;

/// Since then, lists show in which datacenters a method's tokens are valid.
const LOCALITY_IN_LISTS: VersionRange = VersionRange::since(1, 9);

const METHODS: Named =
    Named { kind: KindId::AuthMethods, what: "auth method", table: "acl-auth-methods" };
const RULES: Named =
    Named { kind: KindId::BindingRules, what: "binding rule", table: "acl-binding-rules" };

/// The list, without configurations.
pub(super) fn methods(call: &Call<'_>) -> Answered {
    call.check_token()?;
    require_read(call)?;
    let shows_locality = call.view.is(LOCALITY_IN_LISTS);
    let json = list(|json| {
        each_row(call.view, METHODS.kind, &mut |method| {
            json.begin_object();
            write_with(json, method.object(), &mut |_, name, _| {
                name == b"Config" || name == b"TokenLocality" && !shows_locality
            });
            json.end_object();
        });
    });
    Ok(Found::json(call.view.facts.index(METHODS.table), json))
}

pub(super) fn method(call: &Call<'_>) -> Answered {
    METHODS.by_name(call, "Missing auth method name", &|json, method| method.render(json))
}

pub(super) fn rules(call: &Call<'_>) -> Answered {
    call.check_token()?;
    require_read(call)?;
    let method = call.query().text("authmethod");
    let json = list(|json| {
        each_row(call.view, RULES.kind, &mut |rule| {
            if method.is_empty() || rule.text("AuthMethod") == method.as_bytes() {
                rule.render(json);
            }
        });
    });
    Ok(Found::json(call.view.facts.index(RULES.table), json))
}

pub(super) fn rule(call: &Call<'_>) -> Answered {
    RULES.by_id(call, &|json, rule| rule.render(json))
}

//! `acl/auth-methods` and `acl/binding-rules`.

use super::asked::{check_uuid, missing, named, require_read};
use crate::answer::{Answered, Found, list};
use crate::api::call::Call;
use crate::api::rows::{each_row, find_row, write_with};
use snapscope_decode::VersionRange;
use snapscope_objects::json::Sink as _;
use snapscope_objects::kind::KindId;

/// Since then, lists show in which datacenters a method's tokens are valid.
const LOCALITY_IN_LISTS: VersionRange = VersionRange::since(1, 9);

const METHODS: &str = "acl-auth-methods";
const RULES: &str = "acl-binding-rules";

/// The list, without configurations.
pub(super) fn methods(call: &Call<'_>) -> Answered {
    call.check_token()?;
    require_read(call)?;
    let shows_locality = call.view.is(LOCALITY_IN_LISTS);
    let json = list(|json| {
        each_row(call.view, KindId::AuthMethods, &mut |method| {
            json.begin_object();
            write_with(json, method.object(), &mut |_, name, _| {
                name == b"Config" || name == b"TokenLocality" && !shows_locality
            });
            json.end_object();
        });
    });
    Ok(Found::json(call.view.facts.index(METHODS), json))
}

pub(super) fn method(call: &Call<'_>) -> Answered {
    let name = named(call, "Missing auth method name")?;
    call.check_token()?;
    require_read(call)?;
    let is_it = name.to_ascii_lowercase();
    let method = find_row(call.view, KindId::AuthMethods, |method| {
        method.text("Name").eq_ignore_ascii_case(is_it.as_bytes())
    });
    let Some(method) = method else { return missing(call, "auth method", METHODS) };
    Ok(Found::json(call.view.facts.index(METHODS), method.to_json()))
}

pub(super) fn rules(call: &Call<'_>) -> Answered {
    call.check_token()?;
    require_read(call)?;
    let method = call.query().text("authmethod");
    let json = list(|json| {
        each_row(call.view, KindId::BindingRules, &mut |rule| {
            if method.is_empty() || rule.text("AuthMethod") == method.as_bytes() {
                rule.render(json);
            }
        });
    });
    Ok(Found::json(call.view.facts.index(RULES), json))
}

pub(super) fn rule(call: &Call<'_>) -> Answered {
    let id = named(call, "Missing binding rule ID")?;
    call.check_token()?;
    require_read(call)?;
    check_uuid(&id, "binding rule")?;
    let rule = find_row(call.view, KindId::BindingRules, |rule| {
        rule.text("ID").eq_ignore_ascii_case(id.as_bytes())
    });
    let Some(rule) = rule else { return missing(call, "binding rule", RULES) };
    Ok(Found::json(call.view.facts.index(RULES), rule.to_json()))
}

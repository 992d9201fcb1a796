//! Policy templates, which are built into Consul, and previews of their policies.

use super::asked::{named, require_read};
use super::synthetic::SyntheticPolicy;
use crate::answer::{Answered, Found, Refused, object, text_member};
use crate::api::call::Call;
use crate::api::json_body::first_value;
use snapscope_analyze::acl::Template;
use snapscope_objects::json::{JsonText, Sink as _};

/// The error of the API if no template is named.
const MISSING: &str = "Missing templated policy Name";

fn find(call: &Call<'_>, name: &str) -> Option<&'static Template> {
    Template::all(call.view.version()).into_iter().find(|template| template.name() == name)
}

/// All templates by name.
pub(super) fn all(call: &Call<'_>) -> Answered {
    call.check_token()?;
    require_read(call)?;
    let json = object(|json| {
        for template in Template::all(call.view.version()) {
            json.key(template.name().as_bytes());
            write(json, template);
        }
    });
    Ok(Found::json(0, json))
}

/// One template.
pub(super) fn one(call: &Call<'_>) -> Answered {
    let name = named(call, MISSING)?;
    call.check_token()?;
    require_read(call)?;
    let template = find(call, &name)
        .ok_or_else(|| Refused::early(400, format!("Invalid templated policy Name: {name}")))?;
    let mut json = JsonText::new();
    write(&mut json, template);
    Ok(Found::json(0, json.into_bytes()))
}

fn write(json: &mut JsonText, template: &Template) {
    json.begin_object();
    text_member(json, "TemplateName", template.name());
    text_member(json, "Schema", template.schema());
    text_member(json, "Template", template.text());
    let description = format!("The rules of {}", template.name());
    text_member(json, "Description", description);
    json.end_object();
}

/// Previews the policy of a template with the variables of the request.
pub(super) fn preview(call: &Call<'_>) -> Answered {
    let name = named(call, MISSING)?;
    call.check_token()?;
    require_read(call)?;
    let bad = |text: String| Refused::early(400, text);
    let template = find(call, &name)
        .ok_or_else(|| bad(format!("templated policy {name:?} does not exist")))?;
    if call.request.body.is_empty() {
        return Err(bad("Failed to decode request body: EOF".to_owned()));
    }
    let body = first_value(&call.request.body)
        .map_err(|error| bad(format!("Failed to decode request body: {error}")))?;
    let members = body.as_object().into_iter().flatten();
    let mut named = members.filter(|(member, _)| member.eq_ignore_ascii_case("name"));
    let variable = named.next().and_then(|(_, value)| value.as_str()).unwrap_or("");
    let policy = SyntheticPolicy::of_template(template, variable, Vec::new())
        .ok_or_else(|| bad(format!("templated policy {name:?} needs the variable \"name\"")))?;
    let mut json = JsonText::new();
    policy.write(&mut json);
    Ok(Found::json(0, json.into_bytes()))
}

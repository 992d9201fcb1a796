//! `query/NAME/explain`: what a query is for a name, before it is executed.

use super::object::{is_management, may_read, protected_name, write_members};
use super::resolve::{Resolved, resolve};
use crate::answer::{Answered, Found, Refused, object};
use crate::api::call::Call;
use crate::api::rows::{number_member, text_member};
use snapscope_decode::VersionRange;
use snapscope_objects::json::Sink as _;

/// Answers say more about how they were found.
const LONG_ANSWERS: VersionRange = VersionRange::since(1, 11);

pub(super) fn explain(call: &Call<'_>, name: &str) -> Answered {
    let Resolved { query, template } = resolve(call.view, name)?;
    call.check_token()?;
    // Without a name only management sees it here.
    let is_hidden = protected_name(&query).is_none() && !is_management(call);
    if is_hidden || !may_read(call, &query) {
        return Err(Refused::new(403, "Permission denied"));
    }
    let is_long = call.view.is(LONG_ANSWERS);
    let json = object(|json| {
        json.key(b"Query");
        json.begin_object();
        write_members(json, call, &query, &mut |json, name, value| match &template {
            Some(template) if name == b"Service" => {
                json.key(name);
                template.render(name, value, json);
                true
            }
            _ => false,
        });
        json.end_object();
        number_member(json, "Index", u64::from(is_long));
        number_member(json, "LastContact", 0);
        json.key(b"KnownLeader");
        json.bool(true);
        text_member(json, "ConsistencyLevel", call.consistency.word());
        if is_long {
            json.key(b"NotModified");
            json.bool(false);
            number_member(json, "Backend", 0);
            json.key(b"ResultsFilteredByACLs");
            json.bool(false);
        }
    });
    Ok(Found::json(1, json))
}

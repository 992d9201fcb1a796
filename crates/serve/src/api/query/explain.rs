//! `query/NAME/explain`: the query that a name leads to, before it is executed.

use super::object::{is_management, may_read, protected_name, write_members};
use super::resolve::{Resolved, resolve};
use crate::answer::{Answered, Found, QueryMeta, Refused, object};
use crate::api::call::Call;
use crate::versions::DESCRIBED;
use snapscope_objects::json::Sink as _;

pub(super) fn explain(call: &Call<'_>, name: &str) -> Answered {
    let Resolved { query, template } = resolve(call.view, name)?;
    call.check_token()?;
    // Queries without a name are visible only to management tokens here.
    let is_hidden = protected_name(&query).is_none() && !is_management(call);
    if is_hidden || !may_read(call, &query) {
        return Err(Refused::new(403, "Permission denied"));
    }
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
        let meta = QueryMeta {
            index: u64::from(call.view.is(DESCRIBED)),
            knows_leader: true,
            consistency: call.consistency.word(),
            is_filtered: false,
        };
        meta.write(json, call.view);
    });
    Ok(Found::json(1, json))
}

//! Services and checks registered with the agent: none, as on most servers.

use crate::answer::{Answered, Body, Found, Media, Refused, list, object};
use crate::api::call::Call;
use crate::api::rows::text_member;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_objects::json::Sink as _;

pub(super) fn nothing(call: &Call<'_>) -> Answered {
    call.check_token()?;
    Ok(Found::json(0, object(|_| {})))
}

pub(super) fn service(call: &Call<'_>) -> Answered {
    call.check_token()?;
    Err(Refused::new(404, format!("unknown service ID: {}", call.name())))
}

pub(super) fn health_by_id(call: &Call<'_>) -> Answered {
    let id = call.named("Missing serviceID")?;
    call.check_token()?;
    let json = object(|json| {
        text_member(json, "AggregatedStatus", "critical");
        for name in ["Service", "Checks"] {
            json.key(name.as_bytes());
            json.null();
        }
    });
    let reason = format!("ServiceId {id} not found");
    Ok(Found::of(404, Media::Json, Body::Bytes(json), 0).header("x-consul-reason", reason))
}

pub(super) fn health_by_name(call: &Call<'_>) -> Answered {
    let name = call.named("Missing service Name")?;
    call.check_token()?;
    call.require(Resource::Service, Access::Read, Some(name.as_bytes()))?;
    let reason = format!("ServiceName {name} Not Found");
    let found = if call.query().text("format") == "text" {
        Found::of(404, Media::PlainText, Body::Bytes(reason.clone().into_bytes()), 0)
    } else {
        Found::of(404, Media::Json, Body::Bytes(list(|_| {})), 0)
    };
    Ok(found.header("x-consul-reason", reason))
}

//! `kv/`: keys and values.

mod entries;
mod key;
mod listed;
mod names;
mod prefix;

pub(super) use key::write;

use super::call::Call;
use super::endpoint::Endpoint;
use crate::answer::{Answered, Body, Found, Media, Refused, list};
use snapscope_analyze::acl::{Access, Resource};

pub(super) static ROWS: &[Endpoint] =
    &[Endpoint::get("kv/", get).bare_errors().methods(&["GET", "PUT", "DELETE"])];

/// If a request has several of these parameters, the first one in this order counts, whatever its
/// value.
fn get(call: &Call<'_>) -> Answered {
    let query = call.query();
    if query.has("keys") {
        return names::names(call);
    }
    if query.has("recurse") {
        return entries::entries(call);
    }
    if call.rest.is_empty() {
        return Err(Refused::early(400, "Missing key name"));
    }
    call.check_token()?;
    call.require(Resource::Key, Access::Read, Some(&call.rest))?;
    let spool = call.view.spool;
    let Some(kv) = spool.key(&call.rest) else {
        return Ok(Found::nothing(call.view.facts.highest(key::TABLES), 404));
    };
    if query.has("raw") {
        let body = Body::Bytes(kv.value.0.to_vec());
        return Ok(Found::of(200, Media::Raw, body, kv.modify_index));
    }
    Ok(Found::json(kv.modify_index, list(|json| write(json, &kv))))
}

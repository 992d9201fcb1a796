//! `kv/`: keys and values.

mod entries;
mod names;
mod prefix;

use super::call::Call;
use super::endpoint::Endpoint;
use crate::answer::{Answered, Body, Found, Media, Refused, list};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::records::KvRef;
use snapscope_objects::json::{JsonText, Sink as _};

pub(super) static ROWS: &[Endpoint] =
    &[Endpoint::get("kv/", get).bare_errors().methods(&["GET", "PUT", "DELETE"])];

/// The tables of keys and of tombstones: a deleted key moves both.
pub(super) const TABLES: &[&str] = &["kvs", "tombstones"];

/// With several of the parameters, the first of these counts, whatever their values.
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
    let Some(kv) = spool.keys.find(spool, &call.rest) else {
        return Ok(Found::nothing(call.view.facts.highest(TABLES), 404));
    };
    if query.has("raw") {
        let body = Body::Bytes(kv.value.0.to_vec());
        return Ok(Found::of(200, Media::Raw, body, kv.modify_index));
    }
    Ok(Found::json(kv.modify_index, list(|json| write(json, &kv))))
}

/// A key as the API shows it.
pub(in crate::api) fn write(json: &mut JsonText, kv: &KvRef<'_>) {
    json.begin_object();
    json.key(b"LockIndex");
    json.uint(kv.lock_index);
    json.key(b"Key");
    json.text(kv.key.0);
    json.key(b"Flags");
    json.uint(kv.flags);
    json.key(b"Value");
    match kv.value.0 {
        [] => json.null(),
        value => json.bytes(value),
    }
    if !kv.session.0.is_empty() {
        json.key(b"Session");
        json.text(kv.session.0);
    }
    json.key(b"CreateIndex");
    json.uint(kv.create_index);
    json.key(b"ModifyIndex");
    json.uint(kv.modify_index);
    json.end_object();
}

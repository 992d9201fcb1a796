//! `txn`: several reads in one request. Batches that write are refused.

mod body;
mod failure;
mod keys;

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use super::rows::{number_member, text_member};
use crate::answer::{Answered, Body, Found, Heads, Media, Refused, object};
use body::{Operation, operations};
use failure::Failure;
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, Sink as _};

pub(super) static ROWS: &[Endpoint] =
    &[Endpoint::with(&["PUT"], "txn", run).heads(Heads::Leader).tenancy(Tenancy::Ignored)];

/// Answers say more about how they were found.
const LONG_ANSWERS: VersionRange = VersionRange::since(1, 11);

fn run(call: &Call<'_>) -> Answered {
    let operations = operations(call)?;
    call.check_token()?;
    if operations.iter().any(Operation::writes) {
        return Err(Refused::read_only());
    }
    let denied = keys::denied(call, &operations);
    if !denied.is_empty() {
        return Ok(answer(call, None, &denied, How { was_asked: false, is_filtered: false }));
    }
    let mut results = JsonText::new();
    results.begin_list();
    let mut is_filtered = false;
    let mut failures = Vec::new();
    for (at, operation) in operations.iter().enumerate() {
        if let Err(what) = keys::run(call, operation, &mut results, &mut is_filtered) {
            failures.push(Failure { operation: at, what });
        }
    }
    results.end_list();
    let results = failures.is_empty().then(|| results.into_bytes());
    Ok(answer(call, results, &failures, How { was_asked: true, is_filtered }))
}

/// How an answer was found.
#[derive(Clone, Copy)]
struct How {
    /// Whether the state was asked, or the operations were refused before.
    was_asked: bool,
    /// Whether the token's rights left something out.
    is_filtered: bool,
}

fn answer(call: &Call<'_>, results: Option<Vec<u8>>, failures: &[Failure], how: How) -> Found {
    let How { was_asked, is_filtered } = how;
    let is_long = call.view.is(LONG_ANSWERS);
    let json = object(|json| {
        json.key(b"Results");
        match &results {
            Some(results) => json.rendered(results),
            None => json.null(),
        }
        json.key(b"Errors");
        if failures.is_empty() {
            json.null();
        } else {
            json.begin_list();
            for Failure { operation, what } in failures {
                json.begin_object();
                number_member(json, "OpIndex", *operation as u64);
                text_member(json, "What", what);
                json.end_object();
            }
            json.end_list();
        }
        number_member(json, "Index", u64::from(is_long && was_asked));
        number_member(json, "LastContact", 0);
        json.key(b"KnownLeader");
        json.bool(was_asked || !is_long);
        text_member(json, "ConsistencyLevel", "");
        if is_long {
            json.key(b"NotModified");
            json.bool(false);
            number_member(json, "Backend", 0);
            json.key(b"ResultsFilteredByACLs");
            json.bool(is_filtered && failures.is_empty() && call.who.sent_a_token());
        }
    });
    let status = if failures.is_empty() { 200 } else { 409 };
    let found = Found::of(status, Media::Json, Body::Bytes(json), 0);
    Found { knows_leader: was_asked || !is_long, ..found }
}

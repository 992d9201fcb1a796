//! `txn`: several reads in one request. Batches that write are refused.

mod body;
mod catalog;
mod failure;
mod keys;

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use super::rows::{number_member, text_member};
use crate::answer::{Answered, Body, Found, Heads, Media, QueryMeta, Refused, object};
use crate::versions::DESCRIBED;
use body::{Operation, operations};
use failure::Failure;
use snapscope_objects::json::{JsonText, Sink as _};

pub(super) static ROWS: &[Endpoint] =
    &[Endpoint::with(&["PUT"], "txn", run).heads(Heads::Leader).tenancy(Tenancy::Ignored)];

fn run(call: &Call<'_>) -> Answered {
    let operations = operations(call)?;
    call.check_token()?;
    if operations.iter().any(Operation::writes) {
        return Err(Refused::read_only());
    }
    let denied = denied(call, &operations);
    if !denied.is_empty() {
        return Ok(answer(call, None, &denied, How { was_asked: false, is_filtered: false }));
    }
    let mut results = JsonText::new();
    results.begin_list();
    let mut is_filtered = false;
    let mut failures = Vec::new();
    for (at, operation) in operations.iter().enumerate() {
        let done = match operation {
            Operation::Key(operation) => keys::run(call, operation, &mut results, &mut is_filtered),
            Operation::Catalog(operation) => operation.run(call, &mut results, &mut is_filtered),
        };
        if let Err(what) = done {
            failures.push(Failure { operation: at, what });
        }
    }
    results.end_list();
    let results = failures.is_empty().then(|| results.into_bytes());
    Ok(answer(call, results, &failures, How { was_asked: true, is_filtered }))
}

/// Returns the operations that are refused before a look at the state.
fn denied(call: &Call<'_>, operations: &[Operation]) -> Vec<Failure> {
    let refusal = |operation: &Operation| match operation {
        Operation::Key(operation) => keys::refusal(call, operation),
        Operation::Catalog(operation) => operation.refusal(),
    };
    let all = operations.iter().enumerate();
    all.filter_map(|(at, operation)| Some(Failure { operation: at, what: refusal(operation)? }))
        .collect()
}

/// How an answer was made.
#[derive(Clone, Copy)]
struct How {
    /// Whether the state was consulted. If not, the operations were refused first.
    was_asked: bool,
    /// Whether results were left out that the token may not read.
    is_filtered: bool,
}

fn answer(call: &Call<'_>, results: Option<Vec<u8>>, failures: &[Failure], how: How) -> Found {
    let How { was_asked, is_filtered } = how;
    let is_described = call.view.is(DESCRIBED);
    let knows_leader = was_asked || !is_described;
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
        let meta = QueryMeta {
            index: u64::from(is_described && was_asked),
            knows_leader,
            consistency: "",
            is_filtered: is_filtered && failures.is_empty() && call.who.sent_a_token(),
        };
        meta.write(json, call.view);
    });
    let status = if failures.is_empty() { 200 } else { 409 };
    let found = Found::of(status, Media::Json, Body::Bytes(json), 0);
    Found { knows_leader, ..found }
}

//! The headers of an answer.

use super::answered::Answered;
use super::found::{Body, Found, Media};
use super::heads::Heads;
use super::refused::Refused;
use crate::api::Call;
use crate::versions::DESCRIBED;
use snapscope_objects::json::indented;

/// An answer ready to be sent.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
    /// Whether the body, JSON in pages, is to be indented.
    pub(crate) is_pretty: bool,
    /// The index for which the request waits; `None` if it does not wait.
    pub(crate) index: Option<u64>,
}

/// Adds the headers of an endpoint's answers.
pub(crate) fn finish(call: &Call<'_>, answered: Answered, is_pretty: bool) -> Answer {
    let heads = call.traits.heads;
    let mut answer = match answered {
        Ok(found) => of_found(call, found, heads, is_pretty),
        Err(refused) => of_refused(call, refused, heads),
    };
    always(call, &mut answer);
    answer
}

fn always(call: &Call<'_>, answer: &mut Answer) {
    let mut put = |name, value: &str| answer.headers.push((name, value.to_owned()));
    put("vary", "Accept-Encoding");
    if call.view.is(DESCRIBED)
        && let Some(policy) = call.view.authorizer.default_policy_word()
    {
        put("x-consul-default-acl-policy", policy);
    }
}

fn of_found(call: &Call<'_>, found: Found, heads: Heads, is_pretty: bool) -> Answer {
    let mut headers = found.headers;
    let mut put = |name, value: &str| headers.push((name, value.to_owned()));
    match found.media {
        Media::Json => put("content-type", "application/json"),
        Media::Text => put("content-type", "text/plain; charset=utf-8"),
        Media::Gzip => put("content-type", "application/x-gzip"),
        Media::Raw => {
            put("content-type", "text/plain");
            put("x-content-type-options", "nosniff");
            put("content-security-policy", "sandbox");
        }
        Media::PlainText => put("content-type", "text/plain"),
        Media::Pem => put("content-type", "application/pem-certificate-chain"),
        Media::None => {}
    }
    let speaks = call.view.is(DESCRIBED);
    if found.is_filtered && call.who.sent_a_token() && speaks {
        put("x-consul-results-filtered-by-acls", "true");
    }
    if heads != Heads::Bare && found.is_about_state {
        state(call, heads, found.index.max(1), found.knows_leader, &mut put);
        if call.traits.says_consistency {
            put("x-consul-effective-consistency", {
                found.consistency.unwrap_or(call.consistency).word()
            });
        }
    }
    let (body, is_pretty) = match (found.media, found.body) {
        (Media::Json, Body::Bytes(json)) if is_pretty => {
            (Body::Bytes(indented(&json, "    ")), false)
        }
        (media, body) => (body, is_pretty && media == Media::Json),
    };
    let index = call.traits.blocks.then_some(found.index.max(1));
    Answer { status: found.status, headers, body, is_pretty, index }
}

fn of_refused(call: &Call<'_>, refused: Refused, heads: Heads) -> Answer {
    let mut headers = vec![("content-type", "text/plain; charset=utf-8".to_owned())];
    let mut put = |name, value: &str| headers.push((name, value.to_owned()));
    if let Some(allow) = &refused.allow {
        put("allow", allow);
    }
    if heads == Heads::Lists && !refused.is_early {
        state(call, heads, 1, false, &mut put);
    }
    let body = Body::Bytes(refused.text);
    Answer { status: refused.status, headers, body, is_pretty: false, index: None }
}

fn state(
    call: &Call<'_>,
    heads: Heads,
    index: u64,
    leader: bool,
    put: &mut impl FnMut(&'static str, &str),
) {
    if heads != Heads::Leader {
        put("x-consul-index", &index.to_string());
    }
    if heads == Heads::Index {
        return;
    }
    put("x-consul-knownleader", if leader { "true" } else { "false" });
    put("x-consul-lastcontact", "0");
    if heads != Heads::Leader && call.view.is(DESCRIBED) {
        put("x-consul-query-backend", "blocking-query");
    }
}

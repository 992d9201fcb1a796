//! `internal/acl/authorize`: what a token may do.

use crate::answer::{Answered, Found, Refused, list};
use crate::api::call::Call;
use crate::api::json_body::first_value;
use crate::api::rows::text_member;
use serde_json::Value;
use snapscope_analyze::acl::{Question, Resource};
use snapscope_objects::json::Sink as _;

/// Maximum number of questions.
const MOST: usize = 64;

/// A question as sent.
struct Asked {
    resource: String,
    segment: String,
    access: String,
}

pub(super) fn authorize(call: &Call<'_>) -> Answered {
    let asked = asked(call)?;
    if asked.len() > MOST {
        let text = format!("Refusing to process more than {MOST} authorizations at once");
        return Err(call.bad_request(&text));
    }
    if asked.is_empty() {
        return Ok(Found::json(0, list(|_| {})));
    }
    call.check_token()?;
    let mut allowed = Vec::with_capacity(asked.len());
    for Asked { resource, segment, access } in &asked {
        let question = Question::parse(resource, access, segment)
            .map_err(|error| call.bad_request(&error.server_answer()))?;
        let known: Resource = question.resource();
        if !known.known_to(call.view.version()) {
            let text = format!("Invalid ACL resource requested: \"{known}\"");
            return Err(call.bad_request(&text));
        }
        allowed.push(call.allows(known, question.access(), segment.as_bytes()));
    }
    let json = list(|json| {
        for (Asked { resource, segment, access }, allowed) in asked.iter().zip(allowed) {
            json.begin_object();
            text_member(json, "Resource", resource);
            if !segment.is_empty() {
                text_member(json, "Segment", segment);
            }
            text_member(json, "Access", access);
            json.key(b"Allow");
            json.bool(allowed);
            json.end_object();
        }
    });
    Ok(Found::json(0, json))
}

/// Parses the questions.
fn asked(call: &Call<'_>) -> Result<Vec<Asked>, Refused> {
    let unreadable = |why: &str| call.bad_request(&format!("Failed to decode request body: {why}"));
    if call.request.body.is_empty() {
        return Err(unreadable("EOF"));
    }
    let body: Value =
        first_value(&call.request.body).map_err(|error| unreadable(&error.to_string()))?;
    let items = match body {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        _ => {
            return Err(unreadable(
                "json: cannot unmarshal object into Go value of type []structs.ACLAuthorizationRequest",
            ));
        }
    };
    let text =
        |item: &Value, name: &str| item.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
    Ok(items
        .iter()
        .map(|item| Asked {
            resource: text(item, "Resource"),
            segment: text(item, "Segment"),
            access: text(item, "Access"),
        })
        .collect())
}

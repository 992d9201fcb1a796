//! Compares an answer with the recorded one: status, headers, body as JSON.

use crate::client::Answer;
use crate::recording::Request;
use serde_json::Value;
use std::collections::BTreeMap;

/// Headers of the transport and of caches.
const NOT_COMPARED: [&str; 7] = [
    "Date",
    "Content-Length",
    "Transfer-Encoding",
    "Connection",
    "Content-Encoding",
    // Whether a server has given the same answer before.
    "Age",
    "X-Cache",
];

/// How an answer differs from the recorded one.
pub(crate) fn difference(request: &Request, answer: &Answer) -> Option<String> {
    if answer.status != request.status {
        return Some(format!(
            "status {} {:?}, expected {} {:?}",
            answer.status,
            shown(&answer.body),
            request.status,
            shown(&request.answer)
        ));
    }
    let headers = compared(answer.headers.iter().map(|(n, v)| (n.clone(), v.clone())));
    let expected = compared(request.answered.clone().into_iter());
    if headers != expected && request.unstable.as_deref() != Some("headers") {
        let other = |a: &BTreeMap<String, String>, b: &BTreeMap<String, String>| {
            let other = a.iter().filter(|(name, value)| b.get(*name) != Some(value));
            other.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>()
        };
        return Some(format!(
            "headers {:?}, expected {:?}",
            other(&headers, &expected),
            other(&expected, &headers)
        ));
    }
    if let Some(expected) = request.ms.filter(|_| request.row.starts_with("blocking")) {
        // Waits of 200 ms were recorded; the machine may be slow, but never early.
        if expected > 150.0 && answer.ms < 190.0 || expected < 100.0 && answer.ms > 30_000.0 {
            return Some(format!("after {} ms, expected {expected} ms", answer.ms));
        }
    }
    body(request, answer)
}

fn compared(headers: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let is_compared =
        |name: &str| !NOT_COMPARED.contains(&name) && !name.starts_with("X-Snapscope-");
    headers.filter(|(name, _)| is_compared(name)).collect()
}

fn body(request: &Request, answer: &Answer) -> Option<String> {
    if request.cut.is_some() {
        // Only the beginning was recorded.
        let same = answer.body.starts_with(&request.answer);
        return (!same && request.cut != Some(answer.body.len())).then(|| {
            format!(
                "{} bytes {:?}, expected {:?} {:?}",
                answer.body.len(),
                shown(&answer.body),
                request.cut,
                shown(&request.answer)
            )
        });
    }
    if request.answer == answer.body || request.method == "HEAD" {
        return None;
    }
    let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
    match (json(&answer.body), json(&request.answer)) {
        (Some(mut answer), Some(mut expected)) => {
            // Tags of services come from a map, and the results of a query are shuffled.
            let is_shuffled =
                request.path.contains("/execute") && !request.path.contains("near=ap-");
            // Policies of tokens also come from a map.
            let of_map = request.path.starts_with("/v1/catalog/services")
                || request.path.contains("?expanded")
                // So do the upstreams of config entries.
                || request.path.contains("merge-central-config");
            if request.path.starts_with("/v1/acl/templated-polic") {
                without_descriptions(&mut answer);
                without_descriptions(&mut expected);
            }
            if request.unstable.is_some() || of_map || is_shuffled {
                sort(&mut answer);
                sort(&mut expected);
            }
            let mut found = Vec::new();
            differences("", &answer, &expected, &mut found);
            (!found.is_empty()).then(|| {
                let count = found.len();
                found.truncate(6);
                format!("{count} differences: {}", found.join("; "))
            })
        }
        _ => Some(format!("body {:?}, expected {:?}", shown(&answer.body), shown(&request.answer))),
    }
}

/// Removes what differs in policy templates: their descriptions, which are worded differently, and
/// templates that the operator of that server added.
fn without_descriptions(value: &mut Value) {
    let Some(members) = value.as_object_mut() else { return };
    if members.contains_key("TemplateName") {
        members.remove("Description");
    }
    members.retain(|name, _| !name.starts_with("criteo/"));
    members.values_mut().for_each(without_descriptions);
}

/// Sorts lists that have no order in the server.
fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(sort);
            items.sort_by_cached_key(ToString::to_string);
        }
        Value::Object(members) => {
            members.values_mut().for_each(sort);
            members.sort_keys();
        }
        _ => {}
    }
}

fn differences(place: &str, answer: &Value, expected: &Value, found: &mut Vec<String>) {
    match (answer, expected) {
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{place}[{at}]"), a, b, found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            found.push(format!("{place}: {} items, expected {}", a.len(), b.len()));
        }
        (Value::Object(a), Value::Object(b)) => {
            for name in a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))) {
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => differences(&format!("{place}.{name}"), a, b, found),
                    (Some(a), None) => found.push(format!(
                        "{place}.{name}: {} is too much",
                        shown(a.to_string().as_bytes())
                    )),
                    (_, b) => found.push(format!(
                        "{place}.{name}: missing {}",
                        shown(b.map(ToString::to_string).unwrap_or_default().as_bytes())
                    )),
                }
            }
        }
        (a, b) if a != b => found.push(format!(
            "{place}: {}, expected {}",
            shown(a.to_string().as_bytes()),
            shown(b.to_string().as_bytes())
        )),
        _ => {}
    }
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(160).collect()
}

//! Reads objects as the cluster has them.

use super::pace::is_of_the_moment;
use super::{Live, endpoints};
use crate::client::{Client, ClientError, Query, Verb};
use bytes::Bytes;
use serde_json::{Value, json};
use snapscope_analyze::api::entries::as_taken;
use snapscope_analyze::api::path;
use snapscope_analyze::api::written::{Object, row, text};
use snapscope_decode::records::entry_name;
use snapscope_objects::json::JsonText;
use snapscope_objects::kind::KindId;

/// An object with its index.
pub(super) fn live(object: Object) -> Live {
    let index = object.get("ModifyIndex").and_then(Value::as_u64).unwrap_or(0);
    Live { index, object }
}

/// The result of a GET; `None` if nothing has this name.
async fn get(client: &Client, path: &str) -> Result<Option<Value>, ClientError> {
    match asked(client, path).await {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_null())),
        Err(e) if e.status() == Some(404) => Ok(None),
        Err(e) if is_missing(&e) && is_known(client).await? => Ok(None),
        Err(e) => Err(e),
    }
}

/// A GET that is repeated only if that helps: servers also answer 500 for unknown objects.
async fn asked(client: &Client, path: &str) -> Result<Value, ClientError> {
    let mut tries = 0;
    loop {
        match client.once(Verb::Get, path, Query::default(), Bytes::new()).await {
            Ok(answer) => {
                return serde_json::from_slice(&answer).map_err(|e| ClientError::Answer {
                    method: "GET".to_owned(),
                    path: format!("/{path}"),
                    message: format!("the answer is not the expected JSON ({e})"),
                });
            }
            Err(e) if is_of_the_moment(&e) && tries < client.retries() => {
                tries += 1;
                super::pace::pause(tries).await;
            }
            Err(e) => return Err(e),
        }
    }
}

/// Servers answer for a missing token, policy or role as they do for a caller with an unknown
/// token.
fn is_missing(error: &ClientError) -> bool {
    matches!(error, ClientError::Status { status: 403, path, message, .. }
        if path.starts_with("/v1/acl/") && message.contains("ACL not found"))
}

/// Whether the caller's own token is still known.
async fn is_known(client: &Client) -> Result<bool, ClientError> {
    match client.get_json::<Value>("v1/acl/token/self", Query::default()).await {
        Ok(_) => Ok(true),
        Err(e) if e.is_unknown_token() => Ok(false),
        // Without ACLs there is no such endpoint.
        Err(e) if e.status().is_some_and(|status| status < 500) => Ok(true),
        Err(e) => Err(e),
    }
}

fn objects(value: Option<Value>) -> Vec<Object> {
    let items = match value {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    let objects = items.into_iter().filter_map(|item| match item {
        Value::Object(object) => Some(object),
        _ => None,
    });
    objects.collect()
}

/// All keys that start with a prefix.
pub(super) async fn keys_below(client: &Client, prefix: &str) -> Result<Vec<Live>, ClientError> {
    if prefix.is_empty() {
        let found = client.get_json::<Value>("v1/kv/", Query::default().flag("recurse")).await;
        return match found {
            Ok(found) => Ok(objects(Some(found)).into_iter().map(live).collect()),
            // Servers also answer so if the token may not list anything, without a message.
            Err(ClientError::Status { status: 404, message, .. }) if message.is_empty() => {
                Ok(Vec::new())
            }
            Err(e) => Err(e),
        };
    }
    // A prefix arrives unchanged in a body; in a path it might not.
    let body = json!([{"KV": {"Verb": "get-tree", "Key": prefix}}]);
    let answer = reading(client, &body).await?;
    Ok(answer.of("KV").cloned().map(live).collect())
}

/// These keys, as far as they exist; fewer than 64 of them.
pub(super) async fn keys(client: &Client, names: &[&str]) -> Result<Vec<Live>, ClientError> {
    let mut names: Vec<&str> = names.to_vec();
    let mut denied = None;
    loop {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let get = |key: &&str| json!({"KV": {"Verb": "get", "Key": key}});
        let body = Value::Array(names.iter().map(get).collect());
        let answer = reading(client, &body).await?;
        if answer.errors().is_empty() {
            return Ok(answer.of("KV").cloned().map(live).collect());
        }
        // A single key that does not exist, or may not be read, makes the whole transaction fail.
        let mut failed: Vec<usize> = Vec::new();
        for error in answer.errors() {
            if !error.what.contains("doesn't exist") {
                denied = Some(error.what.clone());
            }
            failed.push(error.operation);
        }
        let before = names.len();
        names = names
            .iter()
            .enumerate()
            .filter(|(at, _)| !failed.contains(at))
            .map(|(_, key)| *key)
            .collect();
        if names.len() == before {
            return Err(ClientError::Answer {
                method: "PUT".to_owned(),
                path: "/v1/txn".to_owned(),
                message: denied.unwrap_or_else(|| "it failed without a reason".to_owned()),
            });
        }
    }
}

/// A transaction that only reads, so that it may be repeated.
async fn reading(client: &Client, body: &Value) -> Result<crate::client::Transaction, ClientError> {
    let mut left = client.retries();
    loop {
        match client.transaction(body.to_string()).await {
            Err(e) if e.is_passing() && left > 0 => {
                left -= 1;
                super::pace::pause(client.retries() - left).await;
            }
            answer => return answer,
        }
    }
}

/// All config entries of a kind; `None` if these servers do not know the kind.
pub(super) async fn entries(client: &Client, kind: &str) -> Result<Option<Vec<Live>>, ClientError> {
    let Ok(kind) = path::escaped(kind) else { return Ok(None) };
    match get(client, &format!("v1/config/{kind}")).await {
        Ok(found) => {
            let found = objects(found).into_iter().map(|entry| live(without_computed(entry)));
            Ok(Some(found.collect()))
        }
        Err(e) if e.to_string().contains("invalid config entry kind") => Ok(None),
        Err(e) => Err(e),
    }
}

/// One config entry.
pub(super) async fn entry(client: &Client, object: &Object) -> Result<Option<Live>, ClientError> {
    let kind = text(object, "Kind");
    let name = entry_name(kind.as_bytes(), text(object, "Name").as_bytes());
    let name = std::str::from_utf8(name).unwrap_or_default();
    match (path::escaped(kind), path::escaped(name)) {
        (Ok(kind), Ok(name)) => {
            let found = get(client, &format!("v1/config/{kind}/{name}")).await?;
            Ok(found.and_then(|found| found.as_object().cloned()).map(without_computed).map(live))
        }
        // A name that no path can contain is found in the list.
        _ => {
            let all = entries(client, kind).await?.unwrap_or_default();
            Ok(all.into_iter().find(|live| text(&live.object, "Name") == name))
        }
    }
}

/// An entry without fields that servers compute and nobody can write; its indexes stay.
fn without_computed(entry: Object) -> Object {
    let mut json = JsonText::new();
    as_taken(row(KindId::ConfigEntries, &entry).object(), &mut json);
    match serde_json::from_slice(json.as_bytes()) {
        Ok(Value::Object(entry)) => entry,
        _ => entry,
    }
}

/// The list of a kind. For some kinds parts of each object are missing, which [`full`] adds.
pub(super) async fn list(client: &Client, kind: KindId) -> Result<Vec<Object>, ClientError> {
    match endpoints::list_of(kind) {
        Some(path) => Ok(objects(get(client, path).await?)),
        None => Ok(Vec::new()),
    }
}

/// A listed object in full; `None` if it is gone.
pub(super) async fn full(
    client: &Client,
    kind: KindId,
    listed: &Object,
) -> Result<Option<Live>, ClientError> {
    match endpoints::one_of(kind, listed) {
        Ok(Some(path)) => {
            let found = get(client, &path).await?;
            Ok(found.and_then(|found| found.as_object().cloned()).map(live))
        }
        Ok(None) => Ok(Some(live(listed.clone()))),
        Err(_) => Ok(None),
    }
}

/// The current state of an object of the cluster.
pub(super) async fn again(
    client: &Client,
    kind: KindId,
    known: &Object,
) -> Result<Option<Live>, ClientError> {
    let Ok(Some(path)) = endpoints::again(kind, known) else { return Ok(None) };
    // A query is returned as a list with one item.
    Ok(match get(client, &path).await? {
        Some(Value::Object(object)) => Some(live(object)),
        list => objects(list).into_iter().next().map(live),
    })
}

/// A node with its services and checks.
pub(super) async fn node(client: &Client, name: &str) -> Result<Option<Live>, ClientError> {
    let Ok(escaped) = path::escaped(name) else { return Ok(None) };
    let Some(found) = get(client, &format!("v1/catalog/node/{escaped}")).await? else {
        return Ok(None);
    };
    let Some(Value::Object(mut node)) = found.get("Node").cloned() else { return Ok(None) };
    let services = match found.get("Services") {
        Some(Value::Object(services)) => services.values().cloned().collect(),
        _ => Vec::new(),
    };
    let checks = objects(get(client, &format!("v1/health/node/{escaped}")).await?);
    let checks: Vec<Value> = checks.into_iter().map(Value::Object).collect();
    let index = |value: &Value| value.get("ModifyIndex").and_then(Value::as_u64).unwrap_or(0);
    // A node changes with its services and checks.
    let newest = services.iter().chain(&checks).map(index).max().unwrap_or(0);
    let own = node.get("ModifyIndex").and_then(Value::as_u64).unwrap_or(0);
    node.insert("Services".to_owned(), Value::Array(services));
    node.insert("Checks".to_owned(), Value::Array(checks));
    Ok(Some(Live { index: own.max(newest), object: node }))
}

/// The names of the cluster's living agents.
pub(super) async fn members(client: &Client) -> Result<Vec<String>, ClientError> {
    let members = client.get_json::<Value>("v1/agent/members", Query::default()).await?;
    Ok(objects(Some(members)).iter().map(|member| text(member, "Name").to_lowercase()).collect())
}

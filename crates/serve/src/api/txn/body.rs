//! Parses the operations of a transaction.

use super::catalog::{About, CatalogOperation};
use crate::answer::Refused;
use crate::api::call::Call;
use crate::api::json_body::first_value;
use serde_json::Value;
use snapscope_decode::VersionRange;

/// Since then, a transaction may have 128 operations instead of 64.
const LARGE: VersionRange = VersionRange::since(1, 9);

/// Since then, there is `get-or-empty`.
const OR_EMPTY: VersionRange = VersionRange::since(1, 13);

/// The effect of an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    GetTree,
    GetOrEmpty,
    CheckSession,
    CheckIndex,
    CheckNotExists,
    /// Any of the verbs that write keys.
    Write,
    /// A verb that the servers' version does not have.
    Unknown,
}

impl Verb {
    fn named(name: &str, call: &Call<'_>) -> Self {
        match name {
            "get" => Self::Get,
            "get-tree" => Self::GetTree,
            "get-or-empty" if call.view.is(OR_EMPTY) => Self::GetOrEmpty,
            "check-session" => Self::CheckSession,
            "check-index" => Self::CheckIndex,
            "check-not-exists" => Self::CheckNotExists,
            "set" | "cas" | "lock" | "unlock" | "delete" | "delete-tree" | "delete-cas"
            | "check-set" => Self::Write,
            _ => Self::Unknown,
        }
    }
}

/// An operation.
pub(super) enum Operation {
    Key(KeyOperation),
    Catalog(CatalogOperation),
}

impl Operation {
    pub(super) fn writes(&self) -> bool {
        match self {
            Self::Key(operation) => operation.verb == Verb::Write,
            Self::Catalog(operation) => operation.writes(),
        }
    }
}

/// An operation on a key.
pub(super) struct KeyOperation {
    pub(super) verb: Verb,
    /// The verb as sent.
    pub(super) word: String,
    pub(super) key: String,
    pub(super) index: u64,
    pub(super) session: String,
}

/// Parses the operations.
///
/// # Errors
/// If servers refuse them.
pub(super) fn operations(call: &Call<'_>) -> Result<Vec<Operation>, Refused> {
    let unreadable = |why: &str| Refused::early(400, format!("Failed to parse body: {why}"));
    if call.request.body.is_empty() {
        return Err(unreadable("EOF"));
    }
    let items = match first_value(&call.request.body) {
        Ok(Value::Array(items)) => items,
        Ok(Value::Null) => Vec::new(),
        Ok(_) => {
            return Err(unreadable(
                "json: cannot unmarshal object into Go value of type api.TxnOps",
            ));
        }
        Err(error) => return Err(unreadable(&error.to_string())),
    };
    let most = if call.view.is(LARGE) { 128 } else { 64 };
    if items.len() > most {
        let text = format!("Transaction contains too many operations ({} > {most})", items.len());
        return Err(Refused::early(413, text));
    }
    let mut operations = Vec::new();
    for item in &items {
        let Some(members) = item.as_object() else {
            return Err(unreadable("json: cannot unmarshal into Go value of type api.TxnOp"));
        };
        for (name, value) in members {
            let folded = name.to_ascii_lowercase();
            match About::named(&folded) {
                _ if value.is_null() => {}
                Some(about) => operations.push(of_catalog(about, value)),
                None if folded == "kv" => operations.push(of_key(call, value)),
                None => return Err(unreadable(&format!("json: unknown field {name:?}"))),
            }
        }
    }
    Ok(operations)
}

fn text(value: &Value, path: &[&str]) -> String {
    let found = path.iter().try_fold(value, |value, name| value.get(name));
    found.and_then(Value::as_str).unwrap_or("").to_owned()
}

fn of_key(call: &Call<'_>, value: &Value) -> Operation {
    let word = text(value, &["Verb"]);
    Operation::Key(KeyOperation {
        verb: Verb::named(&word, call),
        word,
        key: text(value, &["Key"]),
        index: value.get("Index").and_then(Value::as_u64).unwrap_or(0),
        session: text(value, &["Session"]),
    })
}

fn of_catalog(about: About, value: &Value) -> Operation {
    let (node, id): (&[&str], &[&str]) = match about {
        About::Node => (&["Node", "Node"], &["Node", "ID"]),
        About::Service => (&["Node"], &["Service", "ID"]),
        About::Check => (&["Check", "Node"], &["Check", "CheckID"]),
    };
    Operation::Catalog(CatalogOperation {
        about,
        verb: text(value, &["Verb"]),
        node: text(value, node),
        id: text(value, id),
    })
}

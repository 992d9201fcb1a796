//! The operations of a transaction, as they are sent.

use crate::answer::Refused;
use crate::api::call::Call;
use crate::api::json_body::first_value;
use serde_json::Value;
use snapscope_decode::VersionRange;

/// Larger transactions were allowed.
const LARGE: VersionRange = VersionRange::since(1, 9);

/// An operation on a key.
pub(super) struct Operation {
    pub(super) verb: String,
    pub(super) key: String,
    pub(super) index: u64,
    pub(super) session: String,
}

/// Verbs of keys that write.
const WRITING: [&str; 8] =
    ["set", "cas", "lock", "unlock", "delete", "delete-tree", "delete-cas", "check-set"];

impl Operation {
    pub(super) fn writes(&self) -> bool {
        WRITING.contains(&self.verb.as_str())
    }
}

/// Reads them.
///
/// # Errors
/// As servers refuse them; and if they are about anything but keys.
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
            match name.to_ascii_lowercase().as_str() {
                _ if value.is_null() => {}
                "kv" => operations.push(operation(value)),
                "node" | "service" | "check" => {
                    return Err(Refused::early(
                        501,
                        "snapscope: only operations on keys are answered",
                    ));
                }
                _ => return Err(unreadable(&format!("json: unknown field {name:?}"))),
            }
        }
    }
    Ok(operations)
}

fn operation(value: &Value) -> Operation {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
    Operation {
        verb: text("Verb"),
        key: text("Key"),
        index: value.get("Index").and_then(Value::as_u64).unwrap_or(0),
        session: text("Session"),
    }
}

//! Operations on keys.

use super::body::Operation;
use super::failure::Failure;
use crate::api::call::Call;
use crate::api::kv;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;
use snapscope_decode::records::KvRef;
use snapscope_decode::schema::{Bytes, Text, Wire as _};
use snapscope_objects::json::JsonText;
use snapscope_objects::json::Sink as _;

/// `get-or-empty`
const OR_EMPTY: VersionRange = VersionRange::since(1, 13);
/// Unknown verbs are refused before the state is asked.
const VERBS_FIRST: VersionRange = VersionRange::since(1, 9);

const VERBS: [&str; 6] =
    ["get", "get-tree", "get-or-empty", "check-session", "check-index", "check-not-exists"];

fn is_known(call: &Call<'_>, verb: &str) -> bool {
    VERBS.contains(&verb) && (verb != "get-or-empty" || call.view.is(OR_EMPTY))
}

/// What is refused before the state is asked.
pub(super) fn denied(call: &Call<'_>, operations: &[Operation]) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (at, operation) in operations.iter().enumerate() {
        if let Some(what) = refusal(call, operation) {
            failures.push(Failure { operation: at, what });
        }
    }
    failures
}

fn refusal(call: &Call<'_>, operation: &Operation) -> Option<Vec<u8>> {
    let verbs_first = call.view.is(VERBS_FIRST);
    if verbs_first && !is_known(call, &operation.verb) {
        return Some(format!("unknown KV operation: {}", operation.verb).into_bytes());
    }
    if operation.key.is_empty() {
        return Some(b"Must provide key".to_vec());
    }
    let access = match operation.verb.as_str() {
        // It is filtered instead.
        "get-tree" => {
            let needs_list = call.view.authorizer.key_list_policy();
            let list = || call.require(Resource::Key, Access::List, Some(operation.key.as_bytes()));
            return list().err().filter(|_| needs_list).map(|refused| refused.text);
        }
        // They are filtered, too.
        "get" | "get-or-empty" if is_known(call, &operation.verb) => return None,
        "check-session" | "check-index" => Access::Read,
        _ => Access::Write,
    };
    call.require(Resource::Key, access, Some(operation.key.as_bytes())).err().map(|r| r.text)
}

/// Carries one out, and adds what it finds to the open list of results; or says why it failed.
pub(super) fn run(
    call: &Call<'_>,
    operation: &Operation,
    results: &mut JsonText,
    is_filtered: &mut bool,
) -> Result<(), Vec<u8>> {
    let Operation { verb, key, index, session } = operation;
    let spool = call.view.spool;
    let found = || spool.key(key.as_bytes());
    let mut readable = |kv: &KvRef<'_>| {
        let readable = call.may_read(Resource::Key, kv.key.0);
        *is_filtered |= !readable;
        readable
    };
    match verb.as_str() {
        "get" => match found() {
            Some(kv) if readable(&kv) => write(results, &kv),
            Some(_) => {}
            None => return Err(format!("key {key:?} doesn't exist").into_bytes()),
        },
        "get-or-empty" if is_known(call, verb) => {
            let none = KvRef { key: Text(key.as_bytes()), ..KvRef::absent() };
            let kv = found().unwrap_or(none);
            if readable(&kv) {
                write(results, &kv);
            }
        }
        "get-tree" => {
            for at in spool.keys_below(key.as_bytes()) {
                if let Some(kv) = spool.key_at(at)
                    && readable(&kv)
                {
                    write(results, &kv);
                }
            }
        }
        "check-not-exists" => {
            if found().is_some() {
                return Err(format!("key {key:?} exists").into_bytes());
            }
        }
        "check-index" => {
            let kv = found().ok_or_else(|| {
                format!("failed to check index, key {key:?} doesn't exist").into_bytes()
            })?;
            if kv.modify_index != *index {
                let current = kv.modify_index;
                let text = format!(
                    "failed index check for key {key:?}, current modify index {current} != {index}"
                );
                return Err(text.into_bytes());
            }
            write_without_value(results, kv);
        }
        "check-session" => {
            let kv = found().ok_or_else(|| {
                format!("failed to check session, key {key:?} doesn't exist").into_bytes()
            })?;
            if kv.session.0 != session.as_bytes() {
                let current = String::from_utf8_lossy(kv.session.0);
                let text = format!(
                    "failed session check for key {key:?}, current session {current:?} != {session:?}"
                );
                return Err(text.into_bytes());
            }
            write_without_value(results, kv);
        }
        verb => return Err(format!("unknown KV verb {verb:?}").into_bytes()),
    }
    Ok(())
}

fn write(results: &mut JsonText, kv: &KvRef<'_>) {
    results.begin_object();
    results.key(b"KV");
    kv::write(results, kv);
    results.end_object();
}

/// A check shows the key that passed it, but not its value.
fn write_without_value(results: &mut JsonText, kv: KvRef<'_>) {
    write(results, &KvRef { value: Bytes(&[]), ..kv });
}

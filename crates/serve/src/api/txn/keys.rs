//! Operations on keys.

use super::body::{KeyOperation, Verb};
use crate::api::call::Call;
use crate::api::kv;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;
use snapscope_decode::records::KvRef;
use snapscope_decode::schema::{Bytes, Text, Wire as _};
use snapscope_objects::json::JsonText;
use snapscope_objects::json::Sink as _;

/// Since then, unknown verbs are refused before the state is consulted.
const VERBS_FIRST: VersionRange = VersionRange::since(1, 9);

/// Returns why an operation is refused before the state is consulted.
pub(super) fn refusal(call: &Call<'_>, operation: &KeyOperation) -> Option<Vec<u8>> {
    let verbs_first = call.view.is(VERBS_FIRST);
    if verbs_first && operation.verb == Verb::Unknown {
        return Some(format!("unknown KV operation: {}", operation.word).into_bytes());
    }
    if operation.key.is_empty() {
        return Some(b"Must provide key".to_vec());
    }
    let access = match operation.verb {
        // A key that the token may not read is filtered out instead.
        Verb::GetTree => {
            let needs_list = call.view.authorizer.key_list_policy();
            let list = || call.require(Resource::Key, Access::List, Some(operation.key.as_bytes()));
            return list().err().filter(|_| needs_list).map(|refused| refused.text);
        }
        // These are filtered out, too.
        Verb::Get | Verb::GetOrEmpty => return None,
        Verb::CheckSession | Verb::CheckIndex => Access::Read,
        Verb::CheckNotExists | Verb::Write | Verb::Unknown => Access::Write,
    };
    call.require(Resource::Key, access, Some(operation.key.as_bytes())).err().map(|r| r.text)
}

/// Executes an operation. Appends its result to the open list, or returns why it failed.
pub(super) fn run(
    call: &Call<'_>,
    operation: &KeyOperation,
    results: &mut JsonText,
    is_filtered: &mut bool,
) -> Result<(), Vec<u8>> {
    let KeyOperation { verb, word, key, index, session } = operation;
    let spool = call.view.spool;
    let found = || spool.key(key.as_bytes());
    let mut readable = |kv: &KvRef<'_>| {
        let readable = call.may_read(Resource::Key, kv.key.0);
        *is_filtered |= !readable;
        readable
    };
    match verb {
        Verb::Get => match found() {
            Some(kv) if readable(&kv) => write(results, &kv),
            Some(_) => {}
            None => return Err(format!("key {key:?} doesn't exist").into_bytes()),
        },
        Verb::GetOrEmpty => {
            let none = KvRef { key: Text(key.as_bytes()), ..KvRef::absent() };
            let kv = found().unwrap_or(none);
            if readable(&kv) {
                write(results, &kv);
            }
        }
        Verb::GetTree => {
            for at in spool.keys_below(key.as_bytes()) {
                if let Some(kv) = spool.key_at(at)
                    && readable(&kv)
                {
                    write(results, &kv);
                }
            }
        }
        Verb::CheckNotExists => {
            if found().is_some() {
                return Err(format!("key {key:?} exists").into_bytes());
            }
        }
        Verb::CheckIndex => {
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
        Verb::CheckSession => {
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
        Verb::Write | Verb::Unknown => {
            return Err(format!("unknown KV verb {word:?}").into_bytes());
        }
    }
    Ok(())
}

fn write(results: &mut JsonText, kv: &KvRef<'_>) {
    results.begin_object();
    results.key(b"KV");
    kv::write(results, kv);
    results.end_object();
}

/// A check returns the key that passed, without its value.
fn write_without_value(results: &mut JsonText, kv: KvRef<'_>) {
    write(results, &KvRef { value: Bytes(&[]), ..kv });
}

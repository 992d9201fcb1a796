//! A key in the form of the API.

use snapscope_decode::records::KvRef;
use snapscope_objects::json::{JsonText, Sink as _};

/// The tables of keys and tombstones: deleting a key changes both.
pub(super) const TABLES: &[&str] = &["kvs", "tombstones"];

/// A key in the form of the API.
pub(in crate::api) fn write(json: &mut JsonText, kv: &KvRef<'_>) {
    json.begin_object();
    json.key(b"LockIndex");
    json.uint(kv.lock_index);
    json.key(b"Key");
    json.text(kv.key.0);
    json.key(b"Flags");
    json.uint(kv.flags);
    json.key(b"Value");
    match kv.value.0 {
        [] => json.null(),
        value => json.bytes(value),
    }
    if !kv.session.0.is_empty() {
        json.key(b"Session");
        json.text(kv.session.0);
    }
    json.key(b"CreateIndex");
    json.uint(kv.create_index);
    json.key(b"ModifyIndex");
    json.uint(kv.modify_index);
    json.end_object();
}

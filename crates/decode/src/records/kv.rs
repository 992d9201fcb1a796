//! Keys and values, and tombstones of deleted keys.

use crate::schema::{Bytes, Text};
use crate::wire_struct;

wire_struct! {
    /// A key and its value, as `KVS` records hold it. A `Tombstone` is the same with only `Key` and `ModifyIndex` set.
    struct KvRef "KVS" {
        "LockIndex" lock_index: u64;
        "Key" key: Text<'a>;
        "Flags" flags: u64;
        "Value" value: Bytes<'a>;
        "Session" session: Text<'a>, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }
}

//! Key/value entries and their tombstones.

use super::{Record, kind};
use crate::msgpack::{self, Val};

/// A key with its value; an empty value is stored as nil. Create and modify index are both `index`.
#[must_use]
pub fn entry(key: impl AsRef<[u8]>, value: impl AsRef<[u8]>, flags: u64, index: u64) -> Record {
    locked(key, value, flags, index, "", 0)
}

/// A key that `session` has locked, for the `lock_index`th time.
#[must_use]
pub fn locked(
    key: impl AsRef<[u8]>,
    value: impl AsRef<[u8]>,
    flags: u64,
    index: u64,
    session: &str,
    lock_index: u64,
) -> Record {
    Record::new(
        kind::KVS,
        body(key.as_ref(), value.as_ref(), flags, index, index, session, lock_index),
    )
}

/// The tombstone of a deleted key: only the key and the index of its deletion.
#[must_use]
pub fn tombstone(key: impl AsRef<[u8]>, index: u64) -> Record {
    Record::new(kind::TOMBSTONE, body(key.as_ref(), &[], 0, 0, index, "", 0))
}

fn body(
    key: &[u8],
    value: &[u8],
    flags: u64,
    create: u64,
    modify: u64,
    session: &str,
    lock_index: u64,
) -> Val {
    msgpack::structure([
        ("CreateIndex", create.into()),
        ("Flags", flags.into()),
        ("Key", key.into()),
        ("LockIndex", lock_index.into()),
        ("ModifyIndex", modify.into()),
        ("Session", session.into()),
        ("Value", if value.is_empty() { Val::Nil } else { value.into() }),
    ])
}

/// Appends the bytes of `entry(key, value, flags, modify)`, with a separate create index, up to the value's bytes. The
/// caller appends exactly `value_len` bytes after them. This is possible because "Value" is the last field by name. It
/// does not allocate, so it can write gigabytes.
pub fn put_entry_head(
    out: &mut Vec<u8>,
    key: &[u8],
    value_len: usize,
    flags: u64,
    create: u64,
    modify: u64,
) {
    out.extend_from_slice(b"\x02\x87\xabCreateIndex");
    msgpack::put_uint(out, create);
    out.extend_from_slice(b"\xa5Flags");
    msgpack::put_uint(out, flags);
    out.extend_from_slice(b"\xa3Key");
    msgpack::put_raw(out, key);
    out.extend_from_slice(b"\xa9LockIndex\x00\xabModifyIndex");
    msgpack::put_uint(out, modify);
    out.extend_from_slice(b"\xa7Session\xa0\xa5Value");
    if value_len == 0 {
        out.push(0xc0);
    } else {
        msgpack::put_raw_length(out, value_len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_writer_writes_the_same_bytes() {
        for len in [0, 1, 31, 32, 70_000] {
            let value = vec![b'x'; len];
            let mut fast = Vec::new();
            put_entry_head(&mut fast, b"a/key", len, 300, 70_000, 70_000);
            fast.extend_from_slice(&value);
            assert_eq!(fast, entry("a/key", &value, 300, 70_000).bytes());
        }
    }
}

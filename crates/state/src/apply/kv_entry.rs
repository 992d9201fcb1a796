//! A key as requests and records have it.
//!
//! Nine of ten writes are of keys. So the form in which all servers write them is read and written
//! without looking up fields. Entries in other forms keep their fields in order.

use crate::document::{Doc, Refused};
use snapscope_decode::records::KvRef;
use snapscope_decode::schema::{Text, Wire as _};
use snapscope_decode::wire::{Cursor, Value, encode};
use std::borrow::Cow;

/// A key, its value and its lock.
#[derive(Debug, Clone)]
pub(super) struct KvEntry<'a> {
    bytes: &'a [u8],
    pub(super) kv: KvRef<'a>,
    is_as_servers_write: bool,
}

impl<'a> KvEntry<'a> {
    /// An entry that was read in the servers' own form.
    pub(super) const fn of(bytes: &'a [u8], kv: KvRef<'a>) -> Self {
        Self { bytes, kv, is_as_servers_write: true }
    }

    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Refused> {
        if let Some(kv) = KvRef::as_servers_write(Cursor::new(bytes)) {
            return Ok(Self::of(bytes, kv));
        }
        let unreadable = || Refused(Cow::Borrowed("cannot read the request"));
        let kv = match Value::read(bytes) {
            Ok(map @ Value::Map(_)) => KvRef::read(map).map_err(|_| unreadable())?,
            Ok(Value::Nil) => KvRef::absent(),
            _ => return Err(unreadable()),
        };
        Ok(Self { bytes, kv, is_as_servers_write: false })
    }

    pub(super) const fn key(&self) -> &'a [u8] {
        self.kv.key.0
    }

    pub(super) const fn session(&self) -> &'a [u8] {
        self.kv.session.0
    }

    /// The same with another session.
    pub(super) fn held_by(mut self, session: &'a [u8]) -> Self {
        self.kv.session = Text(session);
        self
    }

    /// Whether writing this would change nothing.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let (a, b) = (&self.kv, &other.kv);
        a.lock_index == b.lock_index
            && a.flags == b.flags
            && a.key.0 == b.key.0
            && a.session.0 == b.session.0
            && a.value.0 == b.value.0
    }

    /// What remains after deletion: key and index.
    pub(super) fn tombstone(&self, key: &'a [u8], index: u64) -> Self {
        let kv = KvRef { key: Text(key), modify_index: index, ..KvRef::absent() };
        Self { kv, ..self.clone() }
    }

    /// Appends its record.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), Refused> {
        let KvRef { lock_index, flags, create_index, modify_index, .. } = self.kv;
        let (key, session, value) = (self.kv.key.0, self.kv.session.0, self.kv.value.0);
        if !self.is_as_servers_write {
            let mut doc = Doc::read(self.bytes)?;
            doc.set_uint("LockIndex", lock_index);
            doc.set_uint("Flags", flags);
            doc.set_text("Key", key);
            doc.set_text("Session", session);
            match value {
                // A missing value and an empty one are stored alike.
                [] => doc.set_nil("Value"),
                value => doc.set_text("Value", value),
            }
            doc.stamp(create_index, modify_index);
            doc.write(out);
            return Ok(());
        }
        let number = |name: &[u8], number, out: &mut Vec<u8>| {
            out.extend_from_slice(name);
            encode::uint(number, out);
        };
        let text = |name: &[u8], text: &[u8], out: &mut Vec<u8>| {
            out.extend_from_slice(name);
            encode::raw(text, out);
        };
        number(b"\x87\xabCreateIndex", create_index, out);
        number(b"\xa5Flags", flags, out);
        text(b"\xa3Key", key, out);
        number(b"\xa9LockIndex", lock_index, out);
        number(b"\xabModifyIndex", modify_index, out);
        text(b"\xa7Session", session, out);
        out.extend_from_slice(b"\xa5Value");
        match value {
            [] => out.extend_from_slice(crate::document::NIL),
            value => encode::raw(value, out),
        }
        Ok(())
    }
}

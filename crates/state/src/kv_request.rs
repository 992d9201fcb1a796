//! The request to write a key. Nine of ten entries are such requests, so the servers' own form is
//! read without looking up fields.

use crate::document::{Refused, text, values};
use snapscope_decode::records::KvRef;
use snapscope_decode::wire::Cursor;

/// A request to write a key.
#[derive(Debug)]
pub(crate) struct KvRequest<'a> {
    /// The operation.
    pub(crate) op: &'a [u8],
    /// The bytes of the entry.
    pub(crate) entry: &'a [u8],
    /// The entry, if it has the servers' own form.
    pub(crate) kv: Option<KvRef<'a>>,
    /// The SecretID of the token.
    pub(crate) token: &'a [u8],
}

impl<'a> KvRequest<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Refused> {
        if let Some(request) = Self::as_servers_write(bytes) {
            return Ok(request);
        }
        let [op, entry, token] = values(bytes, ["Op", "DirEnt", "Token"])?;
        let kv = KvRef::as_servers_write(Cursor::new(entry));
        Ok(Self { op: text(op), entry, kv, token: text(token) })
    }

    fn as_servers_write(bytes: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        cursor.pass(b"\x84\xaaDatacenter")?;
        cursor.raw()?;
        cursor.pass(b"\xa6DirEnt")?;
        let before = cursor.rest();
        let kv = KvRef::take_as_servers_write(&mut cursor)?;
        let entry = before.get(..before.len().checked_sub(cursor.rest().len())?)?;
        cursor.pass(b"\xa2Op")?;
        let op = cursor.raw()?;
        cursor.pass(b"\xa5Token")?;
        Some(Self { op, entry, kv: Some(kv), token: cursor.raw()? })
    }

    /// The name of the key.
    pub(crate) fn key(&self) -> &'a [u8] {
        match &self.kv {
            Some(kv) => kv.key.0,
            None => values(self.entry, ["Key"]).map_or(&[][..], |[key]| text(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Doc;
    use proptest::prelude::*;

    proptest! {
        /// A request in the servers' own form and one in another form read the same.
        #[test]
        fn both_ways_to_read_it_agree(
            key in "[a-z/]{0,300}",
            value in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..300)),
            op in "[a-z-]{0,12}",
            token in "[0-9a-f-]{0,36}",
            more in proptest::option::of("[A-Z][a-z]{0,9}"),
            flags in any::<u64>(),
        ) {
            let mut entry = Doc::default();
            for number in ["CreateIndex", "LockIndex", "ModifyIndex"] {
                entry.set_uint(number, 0);
            }
            entry.set_uint("Flags", flags);
            entry.set_text("Key", key.as_bytes());
            entry.set_text("Session", b"");
            match &value {
                Some(value) => entry.set_text("Value", value),
                None => entry.set_nil("Value"),
            }
            let mut request = Doc::default();
            request.set_text("Datacenter", b"dc1");
            request.set("DirEnt", entry.bytes());
            request.set_text("Op", op.as_bytes());
            request.set_text("Token", token.as_bytes());
            if let Some(more) = &more {
                request.set_uint(more, 1);
            }
            let bytes = request.bytes();
            let read = KvRequest::read(&bytes).unwrap();
            prop_assert_eq!(read.key(), key.as_bytes());
            let request = Doc::read(&bytes).unwrap();
            prop_assert_eq!(read.op, request.text("Op"));
            prop_assert_eq!(read.token, request.text("Token"));
            prop_assert_eq!(read.entry, request.raw("DirEnt"));
        }
    }
}

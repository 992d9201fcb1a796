//! Keys and values, and tombstones of deleted keys.

use crate::schema::{Bytes, FieldError, Text, Wire as _};
use crate::stream::Frame;
use crate::wire::{Cursor, Value};
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

impl<'a> KvRef<'a> {
    /// Reads a `KVS` or `Tombstone` record. Nine of ten records are of these types, so the form in which all
    /// servers write them is read without looking up any name.
    ///
    /// # Errors
    /// If a field has another type than declared.
    pub fn of(frame: &Frame<'a>) -> Result<Self, FieldError> {
        match Self::as_servers_write(frame.cursor()) {
            Some(kv) => Ok(kv),
            None => Self::read(super::map_of(frame.value()?)?),
        }
    }

    /// Reads it in the form in which all servers write it; `None` if it has another form.
    #[must_use]
    pub fn as_servers_write(mut cursor: Cursor<'a>) -> Option<Self> {
        Self::take_as_servers_write(&mut cursor)
    }

    /// The same, and moves past it. The cursor is anywhere if it has another form.
    pub fn take_as_servers_write(cursor: &mut Cursor<'a>) -> Option<Self> {
        let mut kv = Self::absent();
        kv.rest.remember(cursor.whole_map()?);
        cursor.pass(b"\x87\xabCreateIndex")?;
        kv.create_index = cursor.unsigned()?;
        cursor.pass(b"\xa5Flags")?;
        kv.flags = cursor.unsigned()?;
        cursor.pass(b"\xa3Key")?;
        kv.key = Text(cursor.raw()?);
        cursor.pass(b"\xa9LockIndex")?;
        kv.lock_index = cursor.unsigned()?;
        cursor.pass(b"\xabModifyIndex")?;
        kv.modify_index = cursor.unsigned()?;
        cursor.pass(b"\xa7Session")?;
        kv.session = Text(cursor.raw()?);
        cursor.pass(b"\xa5Value")?;
        kv.value = Bytes(raw_or_nil(cursor)?);
        Some(kv)
    }
}

fn raw_or_nil<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    match cursor.raw() {
        Some(bytes) => Some(bytes),
        None => matches!(cursor.value(), Ok(Value::Nil)).then_some(&[]),
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::arithmetic_side_effects)] // of lengths chosen here
mod tests {
    use super::*;
    use crate::stream::Kind;
    use proptest::prelude::*;

    const NAMES: [&str; 7] =
        ["CreateIndex", "Flags", "Key", "LockIndex", "ModifyIndex", "Session", "Value"];

    /// A stored value: mostly of the right type, in any of its forms.
    fn value() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            (0u8..0x80).prop_map(|n| vec![n]),
            any::<u8>().prop_map(|n| vec![0xcc, n]),
            any::<u16>().prop_map(|n| [&[0xcd][..], &n.to_be_bytes()].concat()),
            any::<u32>().prop_map(|n| [&[0xce][..], &n.to_be_bytes()].concat()),
            any::<u64>().prop_map(|n| [&[0xcf][..], &n.to_be_bytes()].concat()),
            "[a-z/]{0,31}".prop_map(|text| [&[0xa0 | text.len() as u8], text.as_bytes()].concat()),
            "[a-z]{0,40}".prop_map(|text| [&[0xd9, text.len() as u8], text.as_bytes()].concat()),
            "[a-z]{0,40}".prop_map(|text| [&[0xda, 0, text.len() as u8], text.as_bytes()].concat()),
            Just(vec![0xc0]),
            Just(vec![0xff]),
            Just(vec![0x90]),
        ]
    }

    fn entry(name: &str, value: &[u8]) -> Vec<u8> {
        [&[0xa0 | name.len() as u8], name.as_bytes(), value].concat()
    }

    proptest! {
        /// In servers' form or any other, a record reads as a map of fields does.
        #[test]
        fn both_ways_to_read_it_agree(
            mut values in prop::collection::vec(value(), 7),
            good in any::<bool>(),
            swapped in prop::option::weighted(0.2, (0usize..7, 0usize..7)),
            more in prop::option::weighted(0.2, value()),
            cut in prop::option::weighted(0.2, 0usize..40),
        ) {
            if good {
                for at in [0, 1, 3, 4] {
                    values[at] = vec![at as u8];
                }
                for at in [2, 5] {
                    values[at] = vec![0xa1, b'k'];
                }
            }
            let mut entries: Vec<Vec<u8>> =
                NAMES.iter().zip(&values).map(|(name, value)| entry(name, value)).collect();
            if let Some((a, b)) = swapped {
                entries.swap(a, b);
            }
            entries.extend(more.map(|value| entry("Newer", &value)));
            let mut bytes = vec![Kind::KVS.0, 0x80 | entries.len() as u8];
            bytes.extend(entries.concat());
            bytes.truncate(bytes.len() - cut.unwrap_or(0).min(bytes.len() - 1));
            let frame = Frame { number: 1, offset: 0, kind: Kind::KVS, bytes: &bytes };
            let general = || KvRef::read(super::super::map_of(frame.value()?)?);
            match (KvRef::of(&frame), general()) {
                (Ok(quick), Ok(general)) => {
                    prop_assert_eq!(format!("{quick:?}"), format!("{general:?}"));
                }
                (quick, general) => {
                    prop_assert_eq!(format!("{:?}", quick.err()), format!("{:?}", general.err()));
                }
            }
        }
    }
}

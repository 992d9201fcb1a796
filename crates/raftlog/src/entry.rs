//! Log entries, in both encodings.

use crate::error::{Damage, DamageKind};
use snapscope_decode::GoTime;
use snapscope_decode::protobuf::{Field, FieldValue, fields};
use snapscope_decode::wire::{Cursor, Value};

/// An entry of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its index.
    pub index: u64,
    /// The term of the leader that wrote it.
    pub term: u64,
    /// Its type.
    pub kind: EntryKind,
    /// Its data: for commands a type byte and a request.
    pub data: &'a [u8],
    /// Identifies the [`Chunk`] of a larger command; usually empty.
    pub extensions: &'a [u8],
    /// When its leader wrote it; absent in entries of older servers.
    pub appended_at: Option<GoTime>,
    /// Whether it was found by its structure, because the pages that lead to it are damaged.
    pub is_recovered: bool,
}

/// The type of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A write.
    Command,
    /// No operation: a new leader's first entry.
    Noop,
    /// Adds a server, before configurations existed.
    AddPeer,
    /// Removes a server, before configurations existed.
    RemovePeer,
    /// No operation: ensures that earlier entries were applied.
    Barrier,
    /// The servers of the cluster.
    Configuration,
    /// Another number.
    Unknown(u64),
}

impl From<u64> for EntryKind {
    fn from(number: u64) -> Self {
        match number {
            0 => Self::Command,
            1 => Self::Noop,
            2 => Self::AddPeer,
            3 => Self::RemovePeer,
            4 => Self::Barrier,
            5 => Self::Configuration,
            other => Self::Unknown(other),
        }
    }
}

/// The position of an entry in a larger command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// The command.
    pub operation: u64,
    /// The number of the part, from 0.
    pub sequence: u64,
    /// The total number of parts.
    pub of: u64,
}

impl Chunk {
    /// Whether it is the last one, which applies the command.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.sequence.saturating_add(1) >= self.of
    }
}

impl<'a> Entry<'a> {
    /// Its position in a larger command; `None` for a complete command.
    #[must_use]
    pub fn chunk(&self) -> Option<Chunk> {
        if self.extensions.is_empty() {
            return None;
        }
        let mut chunk = Chunk { operation: 0, sequence: 0, of: 0 };
        for field in fields(self.extensions) {
            let Field { number, value: FieldValue::Varint(value) } = field.ok()? else { continue };
            match number {
                1 => chunk.operation = value,
                2 => chunk.sequence = value,
                3 => chunk.of = value,
                _ => {}
            }
        }
        (chunk.of > 0).then_some(chunk)
    }

    /// Whether applying it is a write: a complete command or the last part of one.
    #[must_use]
    pub fn is_write(&self) -> bool {
        self.kind == EntryKind::Command && self.chunk().is_none_or(|chunk| chunk.is_last())
    }

    /// Reads an entry of raft.db: a msgpack map at `offset` in the file.
    ///
    /// # Errors
    /// If it is not an entry.
    pub fn from_msgpack(bytes: &'a [u8], offset: u64) -> Result<Self, Damage> {
        if let Some(entry) = Self::as_servers_write(bytes) {
            return Ok(entry);
        }
        let wrong = |expected| Damage { offset, kind: DamageKind::Entry { expected } };
        // Its fields are walked below, so it need not be walked to see whether it is whole.
        let fields = Cursor::new(bytes).whole_map().ok_or(wrong("a map"))?;
        let mut cursor = Cursor::starting_at(bytes, fields.at());
        let (mut index, mut term, mut kind) = (None, None, None);
        let (mut data, mut extensions, mut appended_at) = (None, None, None);
        for _ in 0..fields.len() {
            let mut value = || cursor.value().map_err(|_| wrong("a map"));
            match (value()?, value()?) {
                (Value::Raw(name), Value::Uint(number)) => match name {
                    b"Index" => index = index.or(Some(number)),
                    b"Term" => term = term.or(Some(number)),
                    b"Type" => kind = kind.or(Some(number)),
                    _ => {}
                },
                (Value::Raw(b"AppendedAt"), Value::Raw(bytes) | Value::Ext(-1, bytes)) => {
                    appended_at = appended_at.or(Some(bytes));
                }
                (Value::Raw(name), Value::Raw(bytes)) => match name {
                    b"Data" => data = data.or(Some(bytes)),
                    b"Extensions" => extensions = extensions.or(Some(bytes)),
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(Self {
            index: index.ok_or(wrong("an Index"))?,
            term: term.ok_or(wrong("a Term"))?,
            kind: kind.ok_or(wrong("a Type"))?.into(),
            data: data.unwrap_or_default(),
            extensions: extensions.unwrap_or_default(),
            appended_at: time(appended_at.unwrap_or_default()),
            is_recovered: false,
        })
    }

    /// Reads it in the form in which servers write it; `None` if it has another form.
    fn as_servers_write(bytes: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        let raw_or_nil = |cursor: &mut Cursor<'a>| match cursor.raw() {
            Some(bytes) => Some(bytes),
            None => cursor.pass(b"\xc0").map(|()| &[][..]),
        };
        let mut appended_at = &[][..];
        if cursor.pass(b"\x85\xa4Data").is_none() {
            cursor.pass(b"\x86\xaaAppendedAt")?;
            let Ok(Value::Raw(time) | Value::Ext(-1, time)) = cursor.value() else { return None };
            appended_at = time;
            cursor.pass(b"\xa4Data")?;
        }
        let data = raw_or_nil(&mut cursor)?;
        cursor.pass(b"\xaaExtensions")?;
        let extensions = raw_or_nil(&mut cursor)?;
        cursor.pass(b"\xa5Index")?;
        let index = cursor.unsigned()?;
        cursor.pass(b"\xa4Term")?;
        let term = cursor.unsigned()?;
        cursor.pass(b"\xa4Type")?;
        let kind = cursor.unsigned()?.into();
        let appended_at = time(appended_at);
        Some(Self { index, term, kind, data, extensions, appended_at, is_recovered: false })
    }

    /// Reads an entry of a raft-wal segment, at `offset` in the file.
    ///
    /// # Errors
    /// If it is not an entry.
    pub fn from_wal(bytes: &'a [u8], offset: u64) -> Result<Self, Damage> {
        let wrong = |expected| Damage { offset, kind: DamageKind::Entry { expected } };
        let mut rest = bytes;
        let mut number = |expected| {
            let (number, after) = uvarint(rest).ok_or(wrong(expected))?;
            rest = after;
            Ok(number)
        };
        let (index, term) = (number("an index")?, number("a term")?);
        let kind = number("a type")?.into();
        let (data, rest) = prefixed(rest).ok_or(wrong("data and its length"))?;
        let (extensions, rest) = prefixed(rest).ok_or(wrong("extensions and their length"))?;
        let appended_at = time(rest);
        Ok(Self { index, term, kind, data, extensions, appended_at, is_recovered: false })
    }
}

/// A time, in Go's binary form or as a msgpack timestamp, as the libraries write it by default or
/// with an option; the zero time is `None`.
fn time(bytes: &[u8]) -> Option<GoTime> {
    GoTime::from_bytes(bytes).or_else(|| timestamp(bytes)).filter(|time| !time.is_zero())
}

/// The forms of a msgpack timestamp: seconds; 30 bits of nanoseconds and 34 of seconds;
/// nanoseconds and seconds.
fn timestamp(bytes: &[u8]) -> Option<GoTime> {
    let (seconds, nanos) = match bytes.len() {
        4 => (i64::from(u32::from_be_bytes(*bytes.first_chunk()?)), 0),
        8 => {
            let both = u64::from_be_bytes(*bytes.first_chunk()?);
            let seconds = both & ((1 << 34) - 1);
            (i64::try_from(seconds).ok()?, i32::try_from(both >> 34).ok()?)
        }
        12 => {
            let nanos = i32::from_be_bytes(*bytes.first_chunk()?);
            (i64::from_be_bytes(*bytes.last_chunk()?), nanos)
        }
        _ => return None,
    };
    let seconds = seconds.checked_add(GoTime::UNIX_EPOCH)?;
    (0..1_000_000_000).contains(&nanos).then_some(GoTime { seconds, nanos, offset: None })
}

/// An unsigned LEB128 number, and the remaining bytes.
fn uvarint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0u64;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        let bits = u64::from(byte & 0x7f);
        let shift = u32::try_from(at).ok()?.checked_mul(7)?;
        // The tenth byte has one bit left.
        if bits.checked_shl(shift)?.checked_shr(shift)? != bits {
            return None;
        }
        number |= bits << shift;
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
    }
    None
}

/// Bytes after their length, and the remaining bytes.
fn prefixed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (size, rest) = uvarint(bytes)?;
    rest.split_at_checked(usize::try_from(size).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_variable_length() {
        for (bytes, number) in [
            (&[0u8][..], Some(0)),
            (&[0x7f], Some(127)),
            (&[0x80, 1], Some(128)),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], Some(u64::MAX)),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], None),
            (&[0x80], None),
            (&[], None),
        ] {
            assert_eq!(uvarint(bytes).map(|(number, _)| number), number, "{bytes:x?}");
        }
    }
}

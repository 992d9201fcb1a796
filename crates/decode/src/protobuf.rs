//! The protobuf wire format, as far as records contain it.
//!
//! A walker and schemas instead of generated messages: generated ones copy every field and drop
//! unknown ones, and records of newer servers must not lose data.

use crate::version::VersionRange;
use std::fmt;

/// A field of a message as encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The field's number.
    pub number: u32,
    /// The stored value.
    pub value: FieldValue<'a>,
}

/// The stored value of a field, by wire type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldValue<'a> {
    /// An integer, bool or enum.
    Varint(u64),
    /// Eight bytes.
    Fixed64(u64),
    /// Text, bytes or a message.
    Bytes(&'a [u8]),
    /// Four bytes.
    Fixed32(u32),
}

/// Bytes that are not a protobuf message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotProtobuf {
    /// Offset in the message of the invalid field.
    pub at: usize,
}

impl fmt::Display for NotProtobuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid protobuf field at byte {} of the message", self.at)
    }
}

impl std::error::Error for NotProtobuf {}

/// The fields of a message in stored order. Ends with the first error.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Walks the fields of `message`.
#[must_use]
pub const fn fields(message: &[u8]) -> Fields<'_> {
    Fields { bytes: message, at: 0 }
}

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes.get(self.at)?;
            self.at = self.at.checked_add(1)?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return None;
            }
            value |= bits.wrapping_shl(shift);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, n: u64) -> Option<&'a [u8]> {
        let end = self.at.checked_add(usize::try_from(n).ok()?)?;
        let bytes = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }

    fn field(&mut self) -> Option<Field<'a>> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok().filter(|n| *n != 0)?;
        let value = match tag & 7 {
            0 => FieldValue::Varint(self.varint()?),
            1 => FieldValue::Fixed64(u64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            2 => {
                let n = self.varint()?;
                FieldValue::Bytes(self.take(n)?)
            }
            5 => FieldValue::Fixed32(u32::from_le_bytes(self.take(4)?.try_into().ok()?)),
            _ => return None,
        };
        Some(Field { number, value })
    }
}

/// The varints in the bytes of a packed field. Ends with the first error.
pub fn packed(bytes: &[u8]) -> impl Iterator<Item = Result<u64, NotProtobuf>> {
    let mut walker = fields(bytes);
    std::iter::from_fn(move || {
        if walker.at >= bytes.len() {
            return None;
        }
        let start = walker.at;
        let value = walker.varint();
        if value.is_none() {
            walker.at = bytes.len();
        }
        Some(value.ok_or(NotProtobuf { at: start }))
    })
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, NotProtobuf>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let start = self.at;
        let field = self.field();
        if field.is_none() {
            self.at = self.bytes.len();
        }
        Some(field.ok_or(NotProtobuf { at: start }))
    }
}

/// A message as declared: the names and types of its fields.
#[derive(Debug)]
pub struct MessageSchema {
    /// The message's name.
    pub name: &'static str,
    /// Its fields, by number. If versions use a number for different fields, it occurs once for
    /// each, the oldest first.
    pub fields: &'static [MessageField],
}

/// A declared field of a message.
#[derive(Debug)]
pub struct MessageField {
    /// Its number.
    pub number: u32,
    /// Its name in Consul's JSON.
    pub json: &'static str,
    /// Its type.
    pub class: MessageClass,
    /// Whether it may occur any number of times.
    pub repeated: bool,
    /// Whether a stored zero differs from an absent value.
    pub explicit: bool,
    /// Fields with the same non-zero number are mutually exclusive: the last one stored counts.
    pub one_of: u8,
    /// The versions that have it.
    pub versions: VersionRange,
}

/// A value of an enum.
#[derive(Debug, Clone, Copy)]
pub struct EnumValue {
    /// The stored value.
    pub number: i32,
    /// Its name.
    pub name: &'static str,
    /// The versions that have it.
    pub versions: VersionRange,
}

/// The type of a declared field.
#[derive(Debug, Clone, Copy)]
pub enum MessageClass {
    /// UTF-8 text.
    Text,
    /// Bytes.
    Bytes,
    /// An unsigned integer of 64 bits.
    Uint,
    /// A signed integer of 64 bits.
    Int,
    /// An unsigned integer of 32 bits.
    Uint32,
    /// A signed integer of 32 bits.
    Int32,
    /// A float of 64 bits.
    Double,
    /// True or false.
    Bool,
    /// A number from a list of names, indexed by value.
    Enum(&'static [&'static str]),
    /// A number from an enum's values.
    Named(&'static [EnumValue]),
    /// A map from text (an entry a message {1 key, 2 value}).
    Map(&'static MessageClass),
    /// A point in time: message {1 seconds, 2 nanos}.
    Timestamp,
    /// A time span: message {1 seconds, 2 nanos}.
    Duration,
    /// A wrapped value, so that a zero differs from an absent value: {1 value}.
    Wrapped(&'static MessageClass),
    /// Any JSON object.
    Struct,
    /// Any message with its type URL: {1 URL, 2 bytes}.
    AnyMessage,
    /// Another message.
    Message(&'static MessageSchema),
}

impl MessageSchema {
    /// Returns the first declared field with this number.
    #[must_use]
    pub fn field(&self, number: u32) -> Option<&'static MessageField> {
        self.fields.iter().find(|field| field.number == number)
    }
}

impl MessageClass {
    /// Whether several of its values may be packed into one field.
    #[must_use]
    pub const fn is_packable(self) -> bool {
        matches!(
            self,
            Self::Uint
                | Self::Int
                | Self::Uint32
                | Self::Int32
                | Self::Double
                | Self::Bool
                | Self::Enum(_)
                | Self::Named(_)
        )
    }
}

/// A field that occurs once, in all versions.
pub(crate) const fn field(number: u32, json: &'static str, class: MessageClass) -> MessageField {
    MessageField {
        number,
        json,
        class,
        repeated: false,
        explicit: false,
        one_of: 0,
        versions: VersionRange::ALL,
    }
}

/// An enum value of all versions.
pub(crate) const fn value(number: i32, name: &'static str) -> EnumValue {
    EnumValue { number, name, versions: VersionRange::ALL }
}

/// Minor versions of Consul 1.
const fn minors(since: u32, until: u32) -> VersionRange {
    VersionRange::since(1, since).until(1, until)
}

impl MessageField {
    pub(crate) const fn repeated(self) -> Self {
        Self { repeated: true, ..self }
    }

    pub(crate) const fn optional(self) -> Self {
        Self { explicit: true, ..self }
    }

    pub(crate) const fn one_of(self, group: u8) -> Self {
        Self { one_of: group, explicit: true, ..self }
    }

    pub(crate) const fn since(self, minor: u32) -> Self {
        Self { versions: VersionRange::since(1, minor), ..self }
    }

    pub(crate) const fn until(self, minor: u32) -> Self {
        Self { versions: VersionRange::before(1, minor), ..self }
    }

    #[allow(dead_code)] // no field of today's tables has both ends
    pub(crate) const fn of(self, since: u32, until: u32) -> Self {
        Self { versions: minors(since, until), ..self }
    }
}

impl EnumValue {
    pub(crate) const fn since(self, minor: u32) -> Self {
        Self { versions: VersionRange::since(1, minor), ..self }
    }

    pub(crate) const fn until(self, minor: u32) -> Self {
        Self { versions: VersionRange::before(1, minor), ..self }
    }
}

/// Declares messages: `number "JSONName" class;`, `repeated` after the class where it is.
macro_rules! message_schema {
    ($($(#[$meta:meta])* $vis:vis static $constant:ident = $name:literal {
        $($number:literal $json:literal $class:expr $(, $repeated:ident)?;)*
    })*) => {
        $(
            $(#[$meta])*
            $vis static $constant: $crate::protobuf::MessageSchema = $crate::protobuf::MessageSchema {
                name: $name,
                fields: &[$($crate::protobuf::field($number, $json, $class)$(.$repeated())?,)*],
            };
        )*
    };
}
pub(crate) use message_schema;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_all_wire_types_and_stops_at_damage() {
        let message =
            [0x08, 0x96, 0x01, 0x12, 2, b'h', b'i', 0x1d, 1, 0, 0, 0, 0x21, 2, 0, 0, 0, 0, 0, 0, 0];
        let found: Result<Vec<_>, _> = fields(&message).collect();
        assert_eq!(
            found,
            Ok(vec![
                Field { number: 1, value: FieldValue::Varint(150) },
                Field { number: 2, value: FieldValue::Bytes(b"hi") },
                Field { number: 3, value: FieldValue::Fixed32(1) },
                Field { number: 4, value: FieldValue::Fixed64(2) },
            ])
        );
        assert_eq!(fields(&message[..5]).last(), Some(Err(NotProtobuf { at: 3 })));
        assert_eq!(fields(&[0x0b]).next(), Some(Err(NotProtobuf { at: 0 })));
        assert_eq!(fields(&[0xff; 12]).next(), Some(Err(NotProtobuf { at: 0 })));
    }
}

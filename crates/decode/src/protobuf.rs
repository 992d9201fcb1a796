//! The protobuf wire format, as far as records hold it.
//!
//! A walker and schemas instead of generated messages: generated ones copy every field and drop
//! the ones they don't know, and a record of a newer server must lose nothing.

use std::fmt;

/// A field of a message as it stands in the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The field's number.
    pub number: u32,
    /// What is stored.
    pub value: FieldValue<'a>,
}

/// What is stored in a field, by wire type.
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

/// Bytes that are no protobuf message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotProtobuf {
    /// Byte of the message at which the field that can't be read starts.
    pub at: usize,
}

impl fmt::Display for NotProtobuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no protobuf field at byte {} of the message", self.at)
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

/// A message as declared: what its fields are called and hold.
#[derive(Debug)]
pub struct MessageSchema {
    /// The message's name.
    pub name: &'static str,
    /// Its fields, by number.
    pub fields: &'static [MessageField],
}

/// A declared field of a message.
#[derive(Debug)]
pub struct MessageField {
    /// Its number.
    pub number: u32,
    /// The name Consul's JSON shows it under.
    pub json: &'static str,
    /// What it holds.
    pub class: MessageClass,
    /// Whether it may occur any number of times.
    pub repeated: bool,
}

/// What a declared field holds.
#[derive(Debug, Clone, Copy)]
pub enum MessageClass {
    /// UTF-8 text.
    Text,
    /// Bytes.
    Bytes,
    /// An unsigned integer.
    Uint,
    /// A signed integer.
    Int,
    /// True or false.
    Bool,
    /// A number out of a list of names, index by value.
    Enum(&'static [&'static str]),
    /// A map from text to text (an entry a message {1 key, 2 value}).
    TextMap,
    /// A map from text to messages.
    MessageMap(&'static MessageSchema),
    /// A point in time: message {1 seconds, 2 nanos}.
    Timestamp,
    /// Any message with the URL of its type: {1 URL, 2 bytes}.
    AnyMessage,
    /// Another message.
    Message(&'static MessageSchema),
}

impl MessageSchema {
    /// The declared field of this number.
    #[must_use]
    pub fn field(&self, number: u32) -> Option<&'static MessageField> {
        self.fields.iter().find(|field| field.number == number)
    }
}

/// Declares messages: `number "JSONName" class;`, `*` after the class where the field is repeated.
macro_rules! message_schema {
    ($($(#[$meta:meta])* $vis:vis static $constant:ident = $name:literal {
        $($number:literal $json:literal $class:expr $(, $repeated:ident)?;)*
    })*) => {
        $(
            $(#[$meta])*
            $vis static $constant: $crate::protobuf::MessageSchema = $crate::protobuf::MessageSchema {
                name: $name,
                fields: &[$($crate::protobuf::MessageField {
                    number: $number,
                    json: $json,
                    class: $class,
                    repeated: message_schema!(@repeated $($repeated)?),
                },)*],
            };
        )*
    };
    (@repeated repeated) => { true };
    (@repeated) => { false };
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

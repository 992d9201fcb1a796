//! Reads single values of a message.

use snapscope_decode::protobuf::{FieldValue, MessageClass, fields};

pub(super) const fn as_bytes(value: FieldValue<'_>) -> Option<&[u8]> {
    match value {
        FieldValue::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

/// The last value stored under a number of a message.
pub(super) fn last_of(message: &[u8], number: u32) -> Option<FieldValue<'_>> {
    let stored = fields(message).filter_map(Result::ok).filter(|f| f.number == number);
    stored.map(|f| f.value).last()
}

/// The last bytes stored under a number of a message; empty if there are none.
pub(super) fn part(message: &[u8], number: u32) -> &[u8] {
    let stored = fields(message).filter_map(Result::ok).filter(|f| f.number == number);
    stored.filter_map(|f| as_bytes(f.value)).last().unwrap_or(&[])
}

/// The integer stored under a number of a message.
pub(super) fn number(message: &[u8], number: u32) -> u64 {
    match last_of(message, number) {
        Some(FieldValue::Varint(n)) => n,
        _ => 0,
    }
}

/// Writes the value of an absent field.
pub(super) const fn nothing(class: MessageClass) -> FieldValue<'static> {
    match class {
        MessageClass::Double => FieldValue::Fixed64(0),
        class if class.is_packable() => FieldValue::Varint(0),
        _ => FieldValue::Bytes(&[]),
    }
}

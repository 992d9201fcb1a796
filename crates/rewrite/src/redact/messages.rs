//! The same walk over protobuf messages, which are raw values of a record.

use super::fields::Treatment;
use super::spot::{Replace, Spot};
use super::walker::Walker;
use snapscope_decode::protobuf::{FieldValue, MessageClass, MessageSchema, fields};
use snapscope_decode::wire::{Cursor, Value, WireError, encode};

/// Levels that are walked.
const DEPTH: usize = 32;

/// Appends the raw value at the cursor, which holds a message.
pub(super) fn raw(
    walker: &Walker<'_>,
    schema: &'static MessageSchema,
    cursor: &mut Cursor<'_>,
    to: &mut dyn Replace,
    out: &mut Vec<u8>,
) -> Result<(), WireError> {
    let spot = Spot { owner: schema.name, field: b"", treatment: Treatment::Unknown, called: b"" };
    match cursor.value()? {
        Value::Raw(message) => {
            let mut body = Vec::with_capacity(message.len());
            if !known(walker, schema, message, DEPTH, to, &mut body) {
                body = to.raw(spot, message).unwrap_or_default();
            }
            encode::raw(&body, out);
        }
        _ => {
            to.removed(spot);
            encode::scalar(Value::Nil, out);
        }
    }
    Ok(())
}

fn varint(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n.to_le_bytes()[0] | 0x80);
        n >>= 7;
    }
    out.push(n.to_le_bytes()[0]);
}

fn put(number: u32, value: FieldValue<'_>, out: &mut Vec<u8>) {
    let tag = |wire: u64| u64::from(number) << 3 | wire;
    match value {
        FieldValue::Varint(n) => {
            varint(tag(0), out);
            varint(n, out);
        }
        FieldValue::Fixed64(n) => {
            varint(tag(1), out);
            out.extend_from_slice(&n.to_le_bytes());
        }
        FieldValue::Bytes(bytes) => {
            varint(tag(2), out);
            varint(bytes.len() as u64, out);
            out.extend_from_slice(bytes);
        }
        FieldValue::Fixed32(n) => {
            varint(tag(5), out);
            out.extend_from_slice(&n.to_le_bytes());
        }
    }
}

/// Appends a message of a declared type; false if it is not one.
fn known(
    walker: &Walker<'_>,
    schema: &'static MessageSchema,
    message: &[u8],
    depth: usize,
    to: &mut dyn Replace,
    out: &mut Vec<u8>,
) -> bool {
    for field in fields(message) {
        let Ok(field) = field else { return false };
        let declared = schema.field(field.number);
        let number = field.number.to_string();
        let name = declared.map_or(number.as_bytes(), |field| field.json.as_bytes());
        let treatment = walker.table.of_message(schema, field.number);
        let spot = Spot { owner: schema.name, field: name, treatment, called: name };
        let value = match (declared.map(|declared| declared.class), field.value) {
            _ if treatment == Treatment::Unknown || depth == 0 => {
                put_unknown(spot, field.number, field.value, depth, to, out);
                continue;
            }
            (Some(MessageClass::Text | MessageClass::Bytes), FieldValue::Bytes(text)) => {
                to.raw(spot, text)
            }
            (Some(MessageClass::Message(inner)), FieldValue::Bytes(bytes)) => {
                let mut body = Vec::new();
                if !known(walker, inner, bytes, depth - 1, to, &mut body) {
                    body = to.raw(spot.treated(Treatment::Unknown), bytes).unwrap_or_default();
                }
                Some(body)
            }
            (Some(MessageClass::Map(of)), FieldValue::Bytes(entry)) => {
                Some(map_entry(spot, entry, to, |spot, value, to| match of {
                    MessageClass::Text => to.raw(spot, value),
                    MessageClass::Message(inner) => {
                        let mut body = Vec::new();
                        if !known(walker, inner, value, depth - 1, to, &mut body) {
                            let spot = spot.treated(Treatment::Unknown);
                            body = to.raw(spot, value).unwrap_or_default();
                        }
                        Some(body)
                    }
                    _ => to.raw(spot.treated(Treatment::Unknown), value),
                }))
            }
            (Some(MessageClass::AnyMessage), FieldValue::Bytes(bytes)) => {
                Some(any_message(spot, bytes, depth, to))
            }
            (Some(MessageClass::Timestamp | MessageClass::Duration), FieldValue::Bytes(_))
            | (
                Some(
                    MessageClass::Uint
                    | MessageClass::Int
                    | MessageClass::Bool
                    | MessageClass::Uint32
                    | MessageClass::Int32
                    | MessageClass::Named(_)
                    | MessageClass::Enum(_),
                ),
                FieldValue::Varint(_),
            ) => None,
            // Not what the declaration says.
            _ => {
                put_unknown(spot, field.number, field.value, depth, to, out);
                continue;
            }
        };
        match value {
            Some(bytes) => put(field.number, FieldValue::Bytes(&bytes), out),
            None => put(field.number, field.value, out),
        }
    }
    true
}

/// An entry of a map: message {1 key, 2 value}.
fn map_entry(
    spot: Spot<'_>,
    entry: &[u8],
    to: &mut dyn Replace,
    mut value: impl FnMut(Spot<'_>, &[u8], &mut dyn Replace) -> Option<Vec<u8>>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(entry.len());
    let mut key: &[u8] = b"";
    for field in fields(entry).flatten() {
        match (field.number, field.value) {
            (1, FieldValue::Bytes(name)) => {
                key = name;
                let other = to.raw(spot.treated(Treatment::Label), name);
                put(1, FieldValue::Bytes(other.as_deref().unwrap_or(name)), &mut out);
            }
            (2, FieldValue::Bytes(bytes)) => {
                let other = value(spot.under(key), bytes, to);
                put(2, FieldValue::Bytes(other.as_deref().unwrap_or(bytes)), &mut out);
            }
            (number, other) => put_unknown(spot, number, other, 1, to, &mut out),
        }
    }
    out
}

/// A message with its type URL. The URL is not secret; the content is unknown.
fn any_message(spot: Spot<'_>, bytes: &[u8], depth: usize, to: &mut dyn Replace) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for field in fields(bytes).flatten() {
        match (field.number, field.value) {
            (1, FieldValue::Bytes(url))
                if url.starts_with(b"type.googleapis.com/hashicorp.consul.") =>
            {
                put(1, field.value, &mut out);
            }
            (number, value) => put_unknown(spot, number, value, depth, to, &mut out),
        }
    }
    out
}

/// The bytes without their highest bits, so that a reader who knows the type and reads them as
/// packed integers gets a valid list: each byte is one.
fn seven_bits(mut bytes: Vec<u8>) -> Vec<u8> {
    for byte in &mut bytes {
        *byte &= 0x7f;
    }
    bytes
}

fn put_unknown(
    spot: Spot<'_>,
    number: u32,
    value: FieldValue<'_>,
    depth: usize,
    to: &mut dyn Replace,
    out: &mut Vec<u8>,
) {
    let spot = spot.treated(Treatment::Unknown);
    match value {
        FieldValue::Bytes(bytes) => {
            let inner = if depth == 0 { None } else { unknown_at(spot, bytes, depth - 1, to) };
            let other = inner.or_else(|| to.raw(spot, bytes).map(seven_bits));
            put(number, FieldValue::Bytes(other.as_deref().unwrap_or(&[])), out);
        }
        // Small numbers are switches and choices.
        FieldValue::Varint(n) if n < 16 => put(number, value, out),
        FieldValue::Varint(_) => {
            to.removed(spot);
            put(number, FieldValue::Varint(0), out);
        }
        FieldValue::Fixed64(_) => {
            to.removed(spot);
            put(number, FieldValue::Fixed64(0), out);
        }
        FieldValue::Fixed32(_) => {
            to.removed(spot);
            put(number, FieldValue::Fixed32(0), out);
        }
    }
}

/// The rest of bytes that look like a message of unknown type: its fields without their content.
/// `None` if they do not look like one.
pub(super) fn unknown(spot: Spot<'_>, bytes: &[u8], to: &mut dyn Replace) -> Option<Vec<u8>> {
    unknown_at(spot, bytes, DEPTH, to)
}

fn unknown_at(spot: Spot<'_>, bytes: &[u8], depth: usize, to: &mut dyn Replace) -> Option<Vec<u8>> {
    // A text may accidentally look like a message; a message hardly ever looks like text.
    let looks = bytes.len() >= 2
        && bytes.iter().any(|b| *b < 0x20)
        && fields(bytes).all(|field| field.is_ok_and(|field| field.number < 1000));
    if !looks || depth == 0 {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len());
    for field in fields(bytes).flatten() {
        put_unknown(spot, field.number, field.value, depth, to, &mut out);
    }
    Some(out)
}

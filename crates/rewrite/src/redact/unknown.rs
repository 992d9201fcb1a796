//! Undeclared data, of which only the form is kept.

use super::fields::Treatment;
use super::messages;
use super::spot::{DEPTH, Replace, Spot, Walked, put_raw};
use super::stored::Stored;
use snapscope_decode::wire::{Cursor, Value, encode};
use snapscope_decode::{Frame, GoTime};

/// Appends the name of an undeclared field: unchanged if it is an exported Go name, which users do
/// not choose.
pub(super) fn field_name(
    spot: Spot<'_>,
    name: &[u8],
    key: &[u8],
    to: &mut dyn Replace,
    out: &mut Vec<u8>,
) {
    let exported = name.len() <= 64
        && name.first().is_some_and(u8::is_ascii_uppercase)
        && name.iter().all(u8::is_ascii_alphanumeric);
    if exported {
        out.extend_from_slice(key);
    } else {
        put_raw(spot.treated(Treatment::Unknown), name, key, to, out);
    }
}

/// Appends a record of which only the form is kept.
pub(super) fn nothing(frame: &Frame<'_>, to: &mut dyn Replace, out: &mut Vec<u8>) {
    let name = frame.kind.to_string();
    let spot = Spot { owner: &name, field: b"", treatment: Treatment::Unknown, called: b"" };
    out.push(frame.kind.0);
    let start = out.len();
    if unknown(spot, &mut frame.cursor(), DEPTH, to, out).is_err() {
        out.truncate(start);
        encode::scalar(Value::Nil, out);
    }
}

/// An unknown value, of which only the form is kept.
pub(super) fn unknown(
    spot: Spot<'_>,
    cursor: &mut Cursor<'_>,
    depth: usize,
    to: &mut dyn Replace,
    out: &mut Vec<u8>,
) -> Walked {
    let spot = spot.treated(Treatment::Unknown);
    let stored = Stored::at(*cursor)?;
    *cursor = stored.after;
    if depth == 0 {
        to.removed(spot);
        encode::scalar(Value::Nil, out);
        return Ok(());
    }
    match stored.value {
        Value::Nil | Value::Bool(false) | Value::Uint(0) => out.extend_from_slice(stored.bytes),
        Value::Bool(true) => {
            to.removed(spot);
            encode::scalar(Value::Bool(false), out);
        }
        Value::Uint(_) | Value::Int(_) => {
            to.removed(spot);
            encode::uint(0, out);
        }
        Value::F32(_) => {
            to.removed(spot);
            encode::scalar(Value::F32(0.0), out);
        }
        Value::F64(_) => {
            to.removed(spot);
            encode::scalar(Value::F64(0.0), out);
        }
        Value::Raw(raw) if GoTime::from_bytes(raw).is_some() => {
            to.removed(spot);
            encode::raw(b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff", out);
        }
        Value::Raw(raw) => match messages::unknown(spot, raw, to) {
            Some(message) => encode::raw(&message, out),
            None => put_raw(spot, raw, stored.bytes, to, out),
        },
        Value::Array(_) => {
            return stored.copy_parts(out, |at, out| unknown(spot, at, depth - 1, to, out));
        }
        Value::Map(_) => {
            return stored.copy_parts(out, |at, out| {
                unknown(spot, at, depth - 1, to, out)?;
                unknown(spot, at, depth - 1, to, out)
            });
        }
        Value::Ext(..) => {
            to.removed(spot);
            encode::scalar(Value::Nil, out);
        }
    }
    Ok(())
}

//! What is not declared: nothing of it is left but its form.

use super::fields::{Table, Treatment};
use super::messages;
use super::opaque::any;
use super::stored::Stored;
use super::walk::{DEPTH, Replace, Spot, Walked, put_raw};
use snapscope_decode::wire::{Cursor, Value, encode};
use snapscope_decode::{Frame, GoTime};

/// A record of a type that is not declared. Its fields are named by whoever made the type; of some the
/// table knows more.
pub(super) fn unknown_record(
    table: &Table,
    spot: Spot<'_>,
    cursor: &mut Cursor<'_>,
    to: &mut dyn Replace,
    out: &mut Vec<u8>,
) -> Walked {
    let stored = Stored::at(*cursor)?;
    if !matches!(stored.value, Value::Map(_)) {
        return unknown(spot, cursor, DEPTH, to, out);
    }
    *cursor = stored.after;
    stored.copy_parts(out, |at, out| {
        let key = at.take_bytes()?;
        let Value::Raw(name) = Value::read(key)? else {
            unknown(spot, &mut Cursor::new(key), DEPTH - 1, to, out)?;
            return unknown(spot, at, DEPTH - 1, to, out);
        };
        field_name(spot, name, key, to, out);
        let spot = Spot { field: name, called: name, ..spot };
        let known = table.of_stored(spot.owner, name);
        if known != Treatment::Unknown {
            any(spot.treated(known), at, DEPTH - 1, to, out)
        } else if matches!(name, b"CreateIndex" | b"ModifyIndex") {
            out.extend_from_slice(at.take_bytes()?);
            Ok(())
        } else {
            unknown(spot, at, DEPTH - 1, to, out)
        }
    })
}

/// Appends the name of a field that is not declared: as it is if Go exports such names, which no user
/// chooses.
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

/// Appends a record of which nothing is left but its form.
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

/// A value nobody knows anything about: nothing of it is left but its form.
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

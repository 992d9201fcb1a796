//! Values with a form chosen by users, such as the configuration of a proxy.

use super::fields::Treatment;
use super::spot::{Replace, Spot, Walked, put_raw};
use super::stored::Stored;
use super::unknown::unknown;
use snapscope_decode::wire::{Cursor, Value, encode};

/// A value chosen by users: lists and maps are kept, and texts in them are treated like the field.
pub(super) fn any(
    spot: Spot<'_>,
    cursor: &mut Cursor<'_>,
    depth: usize,
    to: &mut dyn Replace,
    out: &mut Vec<u8>,
) -> Walked {
    let stored = Stored::at(*cursor)?;
    match stored.value {
        _ if depth == 0 => return unknown(spot, cursor, depth, to, out),
        Value::Raw(raw) => put_raw(spot, raw, stored.bytes, to, out),
        Value::Array(_) => {
            stored.copy_parts(out, |at, out| any(spot, at, depth - 1, to, out))?;
        }
        Value::Map(_) => stored.copy_parts(out, |at, out| {
            let key = at.take_bytes()?;
            match Value::read(key)? {
                Value::Raw(name) => {
                    put_raw(spot.treated(Treatment::Label), name, key, to, out);
                    any(spot.under(name), at, depth - 1, to, out)
                }
                _ => {
                    unknown(spot, &mut Cursor::new(key), depth - 1, to, out)?;
                    any(spot, at, depth - 1, to, out)
                }
            }
        })?,
        Value::Uint(number) => match to.number(spot, number) {
            Some(other) => encode::uint(other, out),
            None => out.extend_from_slice(stored.bytes),
        },
        // Numbers that came as JSON are floats.
        Value::F64(number) => match whole(number).and_then(|number| to.number(spot, number)) {
            Some(other) => encode::scalar(Value::F64(float(other)), out),
            None => out.extend_from_slice(stored.bytes),
        },
        Value::Ext(..) => return unknown(spot, cursor, depth, to, out),
        _ => out.extend_from_slice(stored.bytes),
    }
    *cursor = stored.after;
    Ok(())
}

/// Returns the integer equal to a float, if both are exact.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // its range is checked
fn whole(number: f64) -> Option<u64> {
    let is_whole = number.fract() == 0.0 && (0.0..9e15).contains(&number);
    is_whole.then_some(number as u64)
}

#[allow(clippy::cast_precision_loss)] // sizes of keys are small
const fn float(number: u64) -> f64 {
    number as f64
}

//! Values whose form a user chose, such as the configuration of a proxy.

use super::fields::Treatment;
use super::spot::{Replace, Spot, Walked, head_of, put_raw};
use super::unknown::unknown;
use snapscope_decode::wire::{Cursor, Value, encode};

/// What a user put there: lists and maps are kept, texts in them treated as the field is.
pub(super) fn any(
    spot: Spot<'_>,
    cursor: &mut Cursor<'_>,
    depth: usize,
    to: &mut dyn Replace,
    out: &mut Vec<u8>,
) -> Walked {
    let start = *cursor;
    let mut ahead = start;
    let value = ahead.value()?;
    let bytes = start.rest().get(..ahead.at().saturating_sub(start.at())).unwrap_or(&[]);
    match value {
        _ if depth == 0 => return unknown(spot, cursor, depth, to, out),
        Value::Raw(raw) => put_raw(spot, raw, bytes, to, out),
        Value::Array(items) => {
            out.extend_from_slice(head_of(bytes, start, items.at()));
            let mut at = start.moved_to(items.at());
            for _ in 0..items.len() {
                any(spot, &mut at, depth - 1, to, out)?;
            }
        }
        Value::Map(map) => {
            out.extend_from_slice(head_of(bytes, start, map.at()));
            let mut at = start.moved_to(map.at());
            for _ in 0..map.len() {
                let key = at.take_bytes()?;
                match Value::read(key)? {
                    Value::Raw(name) => {
                        put_raw(spot.treated(Treatment::Label), name, key, to, out);
                        any(spot.under(name), &mut at, depth - 1, to, out)?;
                    }
                    _ => {
                        unknown(spot, &mut Cursor::new(key), depth - 1, to, out)?;
                        any(spot, &mut at, depth - 1, to, out)?;
                    }
                }
            }
        }
        Value::Uint(number) => match to.number(spot, number) {
            Some(other) => encode::uint(other, out),
            None => out.extend_from_slice(bytes),
        },
        Value::Ext(..) => return unknown(spot, cursor, depth, to, out),
        _ => out.extend_from_slice(bytes),
    }
    *cursor = ahead;
    Ok(())
}

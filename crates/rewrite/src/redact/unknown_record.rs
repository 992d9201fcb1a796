//! Records of types that are not declared.

use super::fields::{Table, Treatment};
use super::opaque::any;
use super::spot::{DEPTH, Replace, Spot, Walked};
use super::unknown::{field_name, unknown};
use snapscope_decode::wire::{Cursor, Value};

/// A record of a type that is not declared. Its fields are named by whoever made the type; of some the
/// table knows more.
pub(super) fn unknown_record(
    table: &Table,
    spot: Spot<'_>,
    cursor: &mut Cursor<'_>,
    to: &mut dyn Replace,
    out: &mut Vec<u8>,
) -> Walked {
    let mut ahead = *cursor;
    let Value::Map(map) = ahead.value()? else {
        return unknown(spot, cursor, DEPTH, to, out);
    };
    let start = *cursor;
    let head = map.at().saturating_sub(start.at());
    out.extend_from_slice(start.rest().get(..head).unwrap_or(&[]));
    let mut at = start.moved_to(map.at());
    for _ in 0..map.len() {
        let key = at.take_bytes()?;
        match Value::read(key)? {
            Value::Raw(name) => {
                field_name(spot, name, key, to, out);
                let spot = Spot { field: name, called: name, ..spot };
                let known = std::str::from_utf8(name)
                    .map_or(Treatment::Unknown, |name| table.treatment(spot.owner, name));
                if known != Treatment::Unknown {
                    any(spot.treated(known), &mut at, DEPTH - 1, to, out)?;
                } else if matches!(name, b"CreateIndex" | b"ModifyIndex") {
                    out.extend_from_slice(at.take_bytes()?);
                } else {
                    unknown(spot, &mut at, DEPTH - 1, to, out)?;
                }
            }
            _ => {
                unknown(spot, &mut Cursor::new(key), DEPTH - 1, to, out)?;
                unknown(spot, &mut at, DEPTH - 1, to, out)?;
            }
        }
    }
    *cursor = at;
    Ok(())
}

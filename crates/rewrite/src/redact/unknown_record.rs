//! Records of undeclared types.

use super::fields::{Table, Treatment};
use super::opaque::any;
use super::spot::{DEPTH, Replace, Spot, Walked};
use super::stored::Stored;
use super::unknown::{field_name, unknown};
use snapscope_decode::wire::{Cursor, Value};

/// A record of an undeclared type. Its author named its fields; some of them are in the table.
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

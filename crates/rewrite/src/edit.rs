//! Records with some fields replaced. All other bytes are copied.

use snapscope_decode::wire::{Cursor, Value, WireError, encode};

/// Appends the map at the cursor, in which `edit` may replace values: it gets the name of a field
/// and the bytes of its value, and either appends other bytes and returns true, or does nothing.
///
/// # Errors
/// If no whole map starts at the cursor.
pub(crate) fn map_with(
    mut cursor: Cursor<'_>,
    out: &mut Vec<u8>,
    mut edit: impl FnMut(&[u8], &[u8], &mut Vec<u8>) -> bool,
) -> Result<(), WireError> {
    let start = cursor.rest();
    let Some(entries) = cursor.whole_map() else {
        out.extend_from_slice(cursor.take_bytes()?);
        return Ok(());
    };
    let head = entries.at().saturating_sub(cursor.at());
    out.extend_from_slice(start.get(..head).unwrap_or(&[]));
    let mut at = cursor.moved_to(entries.at());
    for _ in 0..entries.len() {
        let key = at.take_bytes()?;
        let value = at.take_bytes()?;
        out.extend_from_slice(key);
        let replaced = match Value::read(key)? {
            Value::Raw(name) => edit(name, value, out),
            _ => false,
        };
        if !replaced {
            out.extend_from_slice(value);
        }
    }
    Ok(())
}

/// Appends a list of links without those that `keep` rejects; an empty one becomes nil, as servers
/// store it. Returns the number left out.
///
/// # Errors
/// If the bytes are not a list.
pub(crate) fn list_without(
    list: &[u8],
    out: &mut Vec<u8>,
    keep: impl Fn(Value<'_>) -> bool,
) -> Result<u64, WireError> {
    let Value::Array(items) = Value::read(list)? else {
        out.extend_from_slice(list);
        return Ok(0);
    };
    let mut kept = Vec::new();
    let mut count = 0;
    let mut cursor = Cursor::starting_at(list, items.at());
    for _ in 0..items.len() {
        let item = cursor.take_bytes()?;
        if keep(Value::read(item)?) {
            kept.extend_from_slice(item);
            count += 1;
        }
    }
    let cut = u64::from(items.len()) - count;
    if cut == 0 {
        out.extend_from_slice(list);
    } else if count == 0 {
        encode::scalar(Value::Nil, out);
    } else {
        encode::list_head(count, out);
        out.extend_from_slice(&kept);
    }
    Ok(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_values_come_in_and_all_else_is_copied() {
        let map = b"\x83\xa1a\x01\xd9\x01b\xa1x\xa1c\x92\x01\x02";
        let mut out = Vec::new();
        map_with(Cursor::new(map), &mut out, |_, _, _| false).unwrap();
        assert_eq!(out, map);
        out.clear();
        let edit = |name: &[u8], _: &[u8], out: &mut Vec<u8>| {
            name == b"b" && {
                encode::raw(b"longer", out);
                true
            }
        };
        map_with(Cursor::new(map), &mut out, edit).unwrap();
        assert_eq!(out, b"\x83\xa1a\x01\xd9\x01b\xa6longer\xa1c\x92\x01\x02");
    }

    #[test]
    fn links_are_left_out() {
        let keep = |value: Value<'_>| matches!(value, Value::Uint(n) if n != 2);
        for (list, left, cut) in [
            (&b"\x93\x01\x02\x03"[..], &b"\x92\x01\x03"[..], 1),
            (b"\x91\x02", b"\xc0", 1),
            (b"\xdc\x00\x01\x01", b"\xdc\x00\x01\x01", 0),
            (b"\xc0", b"\xc0", 0),
        ] {
            let mut out = Vec::new();
            assert_eq!(list_without(list, &mut out, keep).unwrap(), cut);
            assert_eq!(out, left);
        }
    }
}

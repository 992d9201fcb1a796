//! A stored value with its bytes, for copies part by part.

use super::spot::Walked;
use snapscope_decode::wire::{Cursor, Value, WireError};

/// A value, its bytes, and the place after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stored<'c> {
    pub(super) value: Value<'c>,
    pub(super) bytes: &'c [u8],
    start: Cursor<'c>,
    pub(super) after: Cursor<'c>,
}

impl<'c> Stored<'c> {
    /// Reads the value at a cursor.
    ///
    /// # Errors
    /// If the value is incomplete.
    pub(super) fn at(start: Cursor<'c>) -> Result<Self, WireError> {
        let mut after = start;
        let value = after.value()?;
        let length = after.at().saturating_sub(start.at());
        let bytes = start.rest().get(..length).unwrap_or(&[]);
        Ok(Self { value, bytes, start, after })
    }

    /// Appends the head of a list or map, then calls `each` for every item or entry. The cursor is
    /// then at its first byte, and `each` moves it past the item. Does nothing for other values.
    ///
    /// # Errors
    /// If `each` fails.
    pub(super) fn copy_parts(
        &self,
        out: &mut Vec<u8>,
        mut each: impl FnMut(&mut Cursor<'c>, &mut Vec<u8>) -> Walked,
    ) -> Walked {
        let (first, count) = match self.value {
            Value::Array(items) => (items.at(), items.len()),
            Value::Map(entries) => (entries.at(), entries.len()),
            _ => return Ok(()),
        };
        let head = first.saturating_sub(self.start.at());
        out.extend_from_slice(self.bytes.get(..head).unwrap_or(&[]));
        let mut at = self.start.moved_to(first);
        (0..count).try_for_each(|_| each(&mut at, out))
    }
}

//! The fields of a struct in the order in which servers store them.

use super::fields::Schema;
use crate::wire::{Cursor, Entries, Value, WireError};

/// An entry of a struct's map.
#[derive(Debug, Clone, Copy)]
pub struct StoredField<'a> {
    /// The position of the field in [`Schema::fields`]; past their end if the declaration does not
    /// name it.
    pub place: usize,
    /// Byte of the record at which the entry starts.
    pub at: usize,
    /// Its value.
    pub value: Value<'a>,
}

/// The entries of a struct's map, which servers store in a fixed order. The next name is compared
/// first, so look-ups are rare.
#[derive(Debug, Clone, Copy)]
pub struct StoredFields<'a> {
    schema: &'static Schema,
    entries: Entries<'a>,
    /// The position of the next field in the stored order.
    next: usize,
    is_in_order: bool,
}

impl<'a> StoredFields<'a> {
    /// Starts at the first entry.
    #[must_use]
    pub const fn new(schema: &'static Schema, entries: Entries<'a>) -> Self {
        Self { schema, entries, next: 0, is_in_order: true }
    }

    /// Whether the fields so far came in the stored order.
    #[must_use]
    pub const fn is_in_order(&self) -> bool {
        self.is_in_order
    }

    /// The next entry; `None` at the end.
    ///
    /// # Errors
    /// If there is no whole entry.
    // Every struct has one loop that calls this once for each field.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    pub fn next_field(&mut self) -> Result<Option<StoredField<'a>>, WireError> {
        let at = self.entries.at();
        if let Some(&place) = self.schema.stored_order.get(self.next)
            && let Some(field) = self.schema.fields.get(usize::from(place))
            && let Some(value) = self.entries.next_value_of(field.stored.as_bytes())
        {
            self.next = self.next.wrapping_add(1);
            return Ok(Some(StoredField { place: usize::from(place), at, value }));
        }
        self.look_up(at)
    }

    fn look_up(&mut self, at: usize) -> Result<Option<StoredField<'a>>, WireError> {
        if self.entries.is_empty() {
            return Ok(None);
        }
        // Other versions store fewer fields, so the next one is usually a little further on.
        let ahead = self.next.saturating_add(1);
        for (passed, &place) in self.schema.stored_order.iter().enumerate().skip(ahead) {
            if let Some(field) = self.schema.fields.get(usize::from(place))
                && let Some(value) = self.entries.next_value_of(field.stored.as_bytes())
            {
                self.next = passed.wrapping_add(1);
                return Ok(Some(StoredField { place: usize::from(place), at, value }));
            }
        }
        self.look_further(at)
    }

    #[cold]
    fn look_further(&mut self, at: usize) -> Result<Option<StoredField<'a>>, WireError> {
        let Some(entry) = self.entries.next() else { return Ok(None) };
        let (key, value) = entry?;
        let place = key.as_raw().and_then(|key| self.schema.position(key));
        if let Some(place) = place {
            self.is_in_order = false;
            self.next = next_after(self.schema, place);
        }
        Ok(Some(StoredField { place: place.unwrap_or(usize::MAX), at, value }))
    }
}

/// The names of a struct's stored fields, for a walk over its bytes: they come in a fixed order,
/// and some are not stored.
#[derive(Debug, Clone, Copy)]
pub struct StoredNames {
    schema: &'static Schema,
    /// The position of the next field in the stored order.
    next: usize,
}

impl StoredNames {
    /// Starts at the first field.
    #[must_use]
    pub const fn new(schema: &'static Schema) -> Self {
        Self { schema, next: 0 }
    }

    /// Moves past the key of an entry; returns the position of its field in [`Schema::fields`], or
    /// `None` if the declaration does not name it.
    ///
    /// # Errors
    /// If there is no whole value.
    #[inline]
    pub fn pass(&mut self, cursor: &mut Cursor<'_>) -> Result<Option<usize>, WireError> {
        for (passed, &place) in self.schema.stored_order.iter().enumerate().skip(self.next) {
            if let Some(field) = self.schema.fields.get(usize::from(place))
                && cursor.pass_name(field.stored.as_bytes())
            {
                self.next = passed.wrapping_add(1);
                return Ok(Some(usize::from(place)));
            }
        }
        let key = cursor.value()?.as_raw();
        let place = key.and_then(|key| self.schema.position(key));
        if let Some(place) = place {
            self.next = next_after(self.schema, place);
        }
        Ok(place)
    }
}

/// The position in the stored order after this field's.
fn next_after(schema: &Schema, place: usize) -> usize {
    let order = schema.stored_order.iter();
    order.take_while(|other| usize::from(**other) != place).count().wrapping_add(1)
}

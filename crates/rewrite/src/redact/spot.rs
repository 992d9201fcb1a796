//! The position of a value in a record, and its possible replacements.

use super::fields::Treatment;
use snapscope_decode::wire::{WireError, encode};

/// Maximum nesting that is walked; deeper data is left out. Records of servers have a dozen levels.
pub(super) const DEPTH: usize = 64;

/// Where a value is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'s> {
    /// The struct or message.
    pub(super) owner: &'s str,
    /// The field, as it is stored.
    pub(super) field: &'s [u8],
    /// Its treatment.
    pub(super) treatment: Treatment,
    /// Its name: the key of its map, or else the field.
    pub(super) called: &'s [u8],
}

impl<'s> Spot<'s> {
    pub(super) const fn under(self, key: &'s [u8]) -> Self {
        Self { called: key, ..self }
    }

    pub(super) const fn treated(self, treatment: Treatment) -> Self {
        Self { treatment, ..self }
    }
}

/// Provides replacements.
pub(super) trait Replace {
    /// The replacement of text or bytes; `None` keeps them.
    fn raw(&mut self, spot: Spot<'_>, bytes: &[u8]) -> Option<Vec<u8>>;
    /// The replacement of an integer; `None` keeps it.
    fn number(&mut self, spot: Spot<'_>, number: u64) -> Option<u64>;
    /// Counts a removed value.
    fn removed(&mut self, spot: Spot<'_>);
}

pub(super) type Walked = Result<(), WireError>;

pub(super) fn put_raw(
    spot: Spot<'_>,
    raw: &[u8],
    bytes: &[u8],
    to: &mut dyn Replace,
    out: &mut Vec<u8>,
) {
    match to.raw(spot, raw) {
        Some(other) => encode::raw(&other, out),
        None => out.extend_from_slice(bytes),
    }
}

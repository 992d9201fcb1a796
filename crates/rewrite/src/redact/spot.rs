//! Where a value of a record is, and what may take its place.

use super::fields::Treatment;
use snapscope_decode::wire::{Cursor, WireError, encode};

/// Levels that are walked; what is deeper is left out. Records of servers have a dozen.
pub(super) const DEPTH: usize = 64;

/// Where a value is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'s> {
    /// The struct or message.
    pub(super) owner: &'s str,
    /// The field, as it is stored.
    pub(super) field: &'s [u8],
    /// What becomes of it.
    pub(super) treatment: Treatment,
    /// The key of a map it is stored under, or else the field: what it is called.
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

/// What takes the place of values.
pub(super) trait Replace {
    /// The bytes that take the place of text or bytes; `None` leaves them.
    fn raw(&mut self, spot: Spot<'_>, bytes: &[u8]) -> Option<Vec<u8>>;
    /// The number that takes the place of an integer; `None` leaves it.
    fn number(&mut self, spot: Spot<'_>, number: u64) -> Option<u64>;
    /// Counts a value of which nothing is left.
    fn removed(&mut self, spot: Spot<'_>);
}

pub(super) type Walked = Result<(), WireError>;

/// The bytes of a list or map before its first item, which is at byte `items` of the record.
pub(super) fn head_of<'b>(bytes: &'b [u8], start: Cursor<'_>, items: usize) -> &'b [u8] {
    bytes.get(..items.saturating_sub(start.at())).unwrap_or(&[])
}

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

//! A position in a record from which values are read.

use super::error::{WireError, WireErrorKind};
use super::name::is_same;
use super::skip::{Extent, Skipper, Step, form, length_field, stride};
use super::value::{Entries, Items, Value};

/// A position in a record. A copy costs two words; reading through it moves it.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    record: &'a [u8],
    at: usize,
}

/// What a list or map holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// This number of items.
    List(u32),
    /// This number of entries, each a key and a value.
    Map(u32),
}

impl<'a> Cursor<'a> {
    /// A cursor at the first byte of `record`.
    #[must_use]
    pub const fn new(record: &'a [u8]) -> Self {
        Self { record, at: 0 }
    }

    /// A cursor at byte `at` of `record`.
    #[must_use]
    pub const fn starting_at(record: &'a [u8], at: usize) -> Self {
        Self { record, at }
    }

    /// A cursor at byte `at` of the same record.
    #[must_use]
    pub const fn moved_to(self, at: usize) -> Self {
        Self { record: self.record, at }
    }

    /// Bytes from the record's start to here.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The bytes from here to the record's end.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.record.get(self.at..).unwrap_or(&[])
    }

    fn truncated(&self, need: usize) -> WireError {
        WireError { at: self.at as u64, kind: WireErrorKind::Truncated { need: need as u64 } }
    }

    /// Moves past the value here.
    ///
    /// # Errors
    /// If the bytes here are not a whole value.
    #[inline]
    pub fn skip(&mut self) -> Result<(), WireError> {
        // Most values are short and contain no others.
        if let Some(&marker) = self.record.get(self.at) {
            let stride = stride(marker);
            let end = self.at.saturating_add(usize::from(stride.bytes));
            if stride.bytes != 0 && stride.holds == 0 && end <= self.record.len() {
                self.at = end;
                return Ok(());
            }
            if let Some(end) = self.end_of_bytes(marker)
                && end <= self.record.len()
            {
                self.at = end;
                return Ok(());
            }
        }
        self.skip_any()
    }

    /// Returns the end of the raw bytes here, whose length follows their marker.
    #[inline]
    fn end_of_bytes(&self, marker: u8) -> Option<usize> {
        let Extent::Bytes { width, extra } = form(marker) else { return None };
        let field = self.at.saturating_add(1);
        let n = usize::try_from(length_field(self.record, field, width)?).ok()?;
        let head = usize::from(width).saturating_add(usize::from(extra));
        Some(field.saturating_add(head).saturating_add(n))
    }

    fn skip_any(&mut self) -> Result<(), WireError> {
        let rest = self.rest();
        let mut skipper = Skipper::new();
        match skipper.advance(rest, Some(rest.len() as u64)) {
            Ok(Step::Done(n)) => {
                self.at = self.at.saturating_add(n);
                Ok(())
            }
            Ok(Step::More) => {
                let need = skipper.least().saturating_sub(rest.len() as u64).max(1);
                Err(WireError {
                    at: self.record.len() as u64,
                    kind: WireErrorKind::Truncated { need },
                })
            }
            Err(e) => Err(WireError { at: e.at.saturating_add(self.at as u64), kind: e.kind }),
        }
    }

    /// Returns the entries of the map here without walking it: the caller knows that the map is
    /// whole. `None` if no map starts here.
    #[must_use]
    pub fn whole_map(&self) -> Option<Entries<'a>> {
        let (head, left) = match *self.record.get(self.at)? {
            marker @ 0x80..=0x8f => (1, u32::from(marker & 0x0f)),
            0xde => {
                (3, u32::try_from(length_field(self.record, self.at.saturating_add(1), 2)?).ok()?)
            }
            0xdf => {
                (5, u32::try_from(length_field(self.record, self.at.saturating_add(1), 4)?).ok()?)
            }
            _ => return None,
        };
        let cursor = Self { record: self.record, at: self.at.saturating_add(head) };
        Some(Entries { cursor, left })
    }

    /// Whether the value here is `text`; `None` if it is not raw with a length in its first byte.
    #[inline]
    pub(super) fn is_short_text(&self, text: &[u8]) -> Option<bool> {
        let marker = *self.record.get(self.at)?;
        if marker & 0xe0 != 0xa0 {
            return None;
        }
        let start = self.at.saturating_add(1);
        let end = start.saturating_add(usize::from(marker & 0x1f));
        Some(is_same(self.record.get(start..end)?, text))
    }

    /// Moves past the text here if it is `name`; returns whether it is.
    #[inline]
    pub(crate) fn pass_name(&mut self, name: &[u8]) -> bool {
        match self.behind_name(name) {
            Some(behind) => {
                *self = behind;
                true
            }
            None => false,
        }
    }

    /// Moves past these bytes, if they are here.
    #[inline]
    pub fn pass<const N: usize>(&mut self, bytes: &[u8; N]) -> Option<()> {
        let end = self.at.checked_add(N)?;
        let here: &[u8; N] = self.record.get(self.at..end)?.first_chunk()?;
        if here != bytes {
            return None;
        }
        self.at = end;
        Some(())
    }

    /// Reads the integer here and moves past it; returns `None` without moving if there is none, or
    /// it is negative.
    #[inline]
    pub fn unsigned(&mut self) -> Option<u64> {
        let marker = *self.record.get(self.at)?;
        let start = self.at.checked_add(1)?;
        let rest = self.record.get(start..)?;
        let (number, width) = match marker {
            0x00..=0x7f => (u64::from(marker), 0),
            0xcc => (u64::from(*rest.first()?), 1),
            0xcd => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 2),
            0xce => (u64::from(u32::from_be_bytes(*rest.first_chunk()?)), 4),
            0xcf => (u64::from_be_bytes(*rest.first_chunk()?), 8),
            _ => return None,
        };
        self.at = start.checked_add(width)?;
        Some(number)
    }

    /// Reads the raw bytes here and moves past them; returns `None` without moving if there are
    /// none.
    #[inline]
    pub fn raw(&mut self) -> Option<&'a [u8]> {
        let marker = *self.record.get(self.at)?;
        let (start, end) = if marker & 0xe0 == 0xa0 {
            let start = self.at.checked_add(1)?;
            (start, start.checked_add(usize::from(marker & 0x1f))?)
        } else {
            let Extent::Bytes { width, extra: 0 } = form(marker) else { return None };
            let field = self.at.checked_add(1)?;
            let n = usize::try_from(length_field(self.record, field, width)?).ok()?;
            let start = field.checked_add(usize::from(width))?;
            (start, start.checked_add(n)?)
        };
        let bytes = self.record.get(start..end)?;
        self.at = end;
        Some(bytes)
    }

    /// Moves past the entry of a map here if its key is `name`, and returns where its value starts.
    #[inline]
    pub(super) fn pass_entry(&mut self, name: &[u8]) -> Option<usize> {
        let mut behind = self.behind_name(name)?;
        let place = behind.at;
        behind.skip().ok()?;
        *self = behind;
        Some(place)
    }

    /// The cursor after the text here, if the text is `name`.
    #[inline]
    pub(super) fn behind_name(&self, name: &[u8]) -> Option<Self> {
        let is_here = self.is_short_text(name) == Some(true);
        is_here.then(|| self.moved_to(self.at.saturating_add(1).saturating_add(name.len())))
    }

    /// Moves into the list or map here, to its first item or key, without walking over it. Returns
    /// `None` without moving if neither starts here.
    #[inline]
    pub fn enter(&mut self) -> Option<Held> {
        let marker = *self.record.get(self.at)?;
        let (head, n, is_map) = match form(marker) {
            Extent::Holds(n) => {
                let n = u32::from(n);
                let is_map = marker & 0xf0 == 0x80;
                (1, if is_map { n.wrapping_div(2) } else { n }, is_map)
            }
            Extent::Values { width, per } => {
                let n = length_field(self.record, self.at.saturating_add(1), width)?;
                (1usize.saturating_add(usize::from(width)), u32::try_from(n).ok()?, per == 2)
            }
            _ => return None,
        };
        self.at = self.at.saturating_add(head);
        Some(if is_map { Held::Map(n) } else { Held::List(n) })
    }

    /// Returns the bytes of the value here and moves past it.
    ///
    /// # Errors
    /// If the bytes here are not a whole value.
    pub fn take_bytes(&mut self) -> Result<&'a [u8], WireError> {
        let start = self.at;
        self.skip()?;
        self.record.get(start..self.at).ok_or_else(|| self.truncated(1))
    }

    /// The same for values of the shortest forms, which most values have; returns `None` without
    /// moving for others.
    #[inline]
    pub(super) fn short_value(&mut self) -> Option<Value<'a>> {
        let marker = *self.record.get(self.at)?;
        let next = self.at.checked_add(1)?;
        let value = match marker {
            0x00..=0x7f => Value::Uint(u64::from(marker)),
            0xa0..=0xbf => {
                let end = next.checked_add(usize::from(marker & 0x1f))?;
                let text = self.record.get(next..end)?;
                self.at = end;
                return Some(Value::Raw(text));
            }
            0xc0 => Value::Nil,
            0xc2 => Value::Bool(false),
            0xc3 => Value::Bool(true),
            _ => return None,
        };
        self.at = next;
        Some(value)
    }

    /// Reads the value here and moves past it.
    ///
    /// # Errors
    /// If the bytes here are not a whole value. The content of a list or map is walked, so its
    /// items cannot fail later on framing.
    #[inline]
    pub fn value(&mut self) -> Result<Value<'a>, WireError> {
        let Some(&marker) = self.record.get(self.at) else {
            return Err(self.truncated(1));
        };
        match form(marker) {
            Extent::Fixed(n) => {
                let end = self.at.saturating_add(usize::from(n));
                let Some(bytes) = self.record.get(self.at..end) else {
                    return Err(self.truncated(end.saturating_sub(self.record.len())));
                };
                self.at = end;
                Ok(scalar(marker, bytes))
            }
            Extent::Bytes { width, extra } => {
                let field = self.at.saturating_add(1);
                let Some(n) = length_field(self.record, field, width) else {
                    return Err(self.truncated(1));
                };
                let start = field.saturating_add(usize::from(width));
                let n = usize::try_from(n).unwrap_or(usize::MAX);
                let end = start.saturating_add(usize::from(extra)).saturating_add(n);
                let Some(bytes) = self.record.get(start..end) else {
                    return Err(self.truncated(end.saturating_sub(self.record.len())));
                };
                self.at = end;
                Ok(match bytes {
                    [kind, rest @ ..] if extra == 1 => Value::Ext(i8::from_be_bytes([*kind]), rest),
                    _ => Value::Raw(bytes),
                })
            }
            Extent::Holds(n) => {
                let inside = Self { record: self.record, at: self.at.saturating_add(1) };
                self.skip()?;
                let n = u32::from(n);
                Ok(if marker & 0xf0 == 0x80 {
                    Value::Map(Entries { cursor: inside, left: n.wrapping_div(2) })
                } else {
                    Value::Array(Items { cursor: inside, left: n })
                })
            }
            Extent::Values { width, per } => {
                let field = self.at.saturating_add(1);
                let Some(n) = length_field(self.record, field, width) else {
                    return Err(self.truncated(1));
                };
                let inside =
                    Self { record: self.record, at: field.saturating_add(usize::from(width)) };
                self.skip()?;
                let left = u32::try_from(n).unwrap_or(u32::MAX);
                Ok(if per == 2 {
                    Value::Map(Entries { cursor: inside, left })
                } else {
                    Value::Array(Items { cursor: inside, left })
                })
            }
            Extent::Reserved => {
                Err(WireError { at: self.at as u64, kind: WireErrorKind::Reserved })
            }
        }
    }
}

/// A value whose length follows from its marker. `bytes` starts with the marker and has that
/// length.
#[inline]
fn scalar<'a>(marker: u8, bytes: &'a [u8]) -> Value<'a> {
    match (marker, bytes) {
        (0x00..=0x7f, _) => Value::Uint(u64::from(marker)),
        (0xe0..=0xff, _) => Value::Int(i64::from(i8::from_be_bytes([marker]))),
        (0xa0..=0xbf, [_, text @ ..]) => Value::Raw(text),
        (0xc2, _) => Value::Bool(false),
        (0xc3, _) => Value::Bool(true),
        (0xca, [_, a, b, c, d]) => Value::F32(f32::from_be_bytes([*a, *b, *c, *d])),
        (0xcb, [_, rest @ ..]) => Value::F64(f64::from_bits(unsigned(rest))),
        (0xcc, [_, a]) => Value::Uint(u64::from(*a)),
        (0xcd, [_, a, b]) => Value::Uint(u64::from(u16::from_be_bytes([*a, *b]))),
        (0xce, [_, a, b, c, d]) => Value::Uint(u64::from(u32::from_be_bytes([*a, *b, *c, *d]))),
        (0xcf, [_, rest @ ..]) => Value::Uint(unsigned(rest)),
        (0xd0, [_, a]) => signed(i64::from(i8::from_be_bytes([*a]))),
        (0xd1, [_, a, b]) => signed(i64::from(i16::from_be_bytes([*a, *b]))),
        (0xd2, [_, a, b, c, d]) => signed(i64::from(i32::from_be_bytes([*a, *b, *c, *d]))),
        (0xd3, [_, rest @ ..]) => signed(i64::from_be_bytes(unsigned(rest).to_be_bytes())),
        (0xd4..=0xd8, [_, kind, rest @ ..]) => Value::Ext(i8::from_be_bytes([*kind]), rest),
        _ => Value::Nil,
    }
}

/// Eight bytes as a number.
fn unsigned(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

fn signed<'a>(n: i64) -> Value<'a> {
    match u64::try_from(n) {
        Ok(n) => Value::Uint(n),
        Err(_) => Value::Int(n),
    }
}

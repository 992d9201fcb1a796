//! Finds the end of a value by counting the values still to come.
//!
//! It needs no stack: a list or map only increases the count. So nesting costs nothing, any depth
//! can be walked, and the walk can pause at any byte and continue when more bytes arrive.

use super::error::{WireError, WireErrorKind};

/// The progress of a [`Skipper`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The value ends before this byte.
    Done(usize),
    /// The bytes end before the value does.
    More,
}

/// Walks over one value whose bytes may come in pieces.
///
/// Each call gets *all* bytes of the value so far, from its first one; bytes walked before are not
/// read again.
#[derive(Debug, Clone)]
pub struct Skipper {
    owed: u64,
    at: u64,
}

impl Default for Skipper {
    fn default() -> Self {
        Self::new()
    }
}

/// The meaning of a marker byte: fixed total length, or one of the forms with a length field.
#[derive(Clone, Copy)]
pub(super) enum Extent {
    /// The whole value is this long, marker included.
    Fixed(u8),
    /// `n` values follow the marker.
    Holds(u8),
    /// A length field of this many bytes (1, 2 or 4), then that many bytes and `extra` more.
    Bytes { width: u8, extra: u8 },
    /// A count field of this many bytes (2 or 4), then that many values times `per`.
    Values { width: u8, per: u8 },
    /// 0xc1.
    Reserved,
}

const fn form_of(marker: u8) -> Extent {
    match marker {
        0x00..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => Extent::Fixed(1),
        0x80..=0x8f => Extent::Holds((marker & 0x0f).wrapping_mul(2)),
        0x90..=0x9f => Extent::Holds(marker & 0x0f),
        0xa0..=0xbf => Extent::Fixed((marker & 0x1f).wrapping_add(1)),
        0xc1 => Extent::Reserved,
        0xc4 | 0xd9 => Extent::Bytes { width: 1, extra: 0 },
        0xc5 | 0xda => Extent::Bytes { width: 2, extra: 0 },
        0xc6 | 0xdb => Extent::Bytes { width: 4, extra: 0 },
        0xc7 => Extent::Bytes { width: 1, extra: 1 },
        0xc8 => Extent::Bytes { width: 2, extra: 1 },
        0xc9 => Extent::Bytes { width: 4, extra: 1 },
        0xcc | 0xd0 => Extent::Fixed(2),
        0xcd | 0xd1 => Extent::Fixed(3),
        0xca | 0xce | 0xd2 => Extent::Fixed(5),
        0xcb | 0xcf | 0xd3 => Extent::Fixed(9),
        0xd4 => Extent::Fixed(3),
        0xd5 => Extent::Fixed(4),
        0xd6 => Extent::Fixed(6),
        0xd7 => Extent::Fixed(10),
        0xd8 => Extent::Fixed(18),
        0xdc => Extent::Values { width: 2, per: 1 },
        0xdd => Extent::Values { width: 4, per: 1 },
        0xde => Extent::Values { width: 2, per: 2 },
        0xdf => Extent::Values { width: 4, per: 2 },
    }
}

static FORMS: [Extent; 256] = {
    let mut table = [Extent::Reserved; 256];
    let mut marker = 0u8;
    loop {
        #[allow(clippy::indexing_slicing)] // a byte always indexes 256 entries
        {
            table[marker as usize] = form_of(marker);
        }
        if marker == 255 {
            break;
        }
        marker = marker.wrapping_add(1);
    }
    table
};

/// The effect of a marker byte on a walk: bytes to advance, and values to come besides this one.
/// Zero bytes means that a length field has to be read.
#[derive(Clone, Copy)]
pub(super) struct Stride {
    pub(super) bytes: u8,
    pub(super) holds: u8,
}

/// Most values are short, or small lists and maps. For them one look-up without a branch on the
/// kind of value is a third faster than [`FORMS`], since the next kind is unpredictable.
static STRIDES: [Stride; 256] = {
    let mut table = [Stride { bytes: 0, holds: 0 }; 256];
    let mut marker = 0u8;
    loop {
        let stride = match form_of(marker) {
            Extent::Fixed(bytes) => Stride { bytes, holds: 0 },
            Extent::Holds(holds) => Stride { bytes: 1, holds },
            _ => Stride { bytes: 0, holds: 0 },
        };
        #[allow(clippy::indexing_slicing)] // a byte always indexes 256 entries
        {
            table[marker as usize] = stride;
        }
        if marker == 255 {
            break;
        }
        marker = marker.wrapping_add(1);
    }
    table
};

#[inline]
pub(super) fn stride(marker: u8) -> Stride {
    #[allow(clippy::indexing_slicing)] // a byte always indexes 256 entries
    STRIDES[usize::from(marker)]
}

#[inline]
pub(super) fn form(marker: u8) -> Extent {
    #[allow(clippy::indexing_slicing)] // a byte always indexes 256 entries
    FORMS[usize::from(marker)]
}

/// Reads a big-endian length field of 1, 2 or 4 bytes.
#[inline]
pub(super) fn length_field(bytes: &[u8], at: usize, width: u8) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(usize::from(width))?)?;
    Some(match *field {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_be_bytes([a, b])),
        [a, b, c, d] => u64::from(u32::from_be_bytes([a, b, c, d])),
        _ => return None,
    })
}

impl Skipper {
    /// Creates a walk.
    #[must_use]
    pub const fn new() -> Self {
        Self { owed: 1, at: 0 }
    }

    /// Minimum length of the value, judging by the bytes seen.
    #[must_use]
    pub const fn least(&self) -> u64 {
        self.at.saturating_add(self.owed)
    }

    /// Continues over `bytes`, which start where the value starts.
    ///
    /// `total`, if known, is the maximum number of bytes from the start of the value: an impossible
    /// length is then an error at once instead of a wait for bytes that never arrive.
    ///
    /// # Errors
    /// [`WireErrorKind::Reserved`], and with `total` also `LyingLength` and `Truncated`.
    #[inline]
    pub fn advance(&mut self, bytes: &[u8], total: Option<u64>) -> Result<Step, WireError> {
        let mut owed = self.owed;
        let Ok(mut at) = usize::try_from(self.at) else {
            return Ok(Step::More);
        };
        let step = loop {
            if owed == 0 {
                break if at <= bytes.len() { Step::Done(at) } else { Step::More };
            }
            let Some(&marker) = bytes.get(at) else {
                break Step::More;
            };
            let step = stride(marker);
            if step.bytes != 0 {
                at = at.wrapping_add(usize::from(step.bytes));
                owed = owed.wrapping_sub(1).saturating_add(u64::from(step.holds));
                continue;
            }
            match form(marker) {
                Extent::Fixed(_) | Extent::Holds(_) => {}
                Extent::Bytes { width, extra } => {
                    let Some(n) = length_field(bytes, at.wrapping_add(1), width) else {
                        break Step::More;
                    };
                    let head =
                        1u64.saturating_add(u64::from(width)).saturating_add(u64::from(extra));
                    let next = (at as u64).saturating_add(head).saturating_add(n);
                    if let Some(total) = total
                        && next > total
                    {
                        return Err(WireError {
                            at: at as u64,
                            kind: WireErrorKind::Truncated { need: next.saturating_sub(total) },
                        });
                    }
                    let Ok(next) = usize::try_from(next) else {
                        break Step::More;
                    };
                    at = next;
                    owed = owed.wrapping_sub(1);
                }
                Extent::Values { width, per } => {
                    let Some(n) = length_field(bytes, at.wrapping_add(1), width) else {
                        break Step::More;
                    };
                    let here = at as u64;
                    at = at.wrapping_add(1).wrapping_add(usize::from(width));
                    owed = owed.wrapping_sub(1).saturating_add(n.saturating_mul(u64::from(per)));
                    if let Some(total) = total {
                        let left = total.saturating_sub(at as u64);
                        if owed > left {
                            return Err(WireError {
                                at: here,
                                kind: WireErrorKind::LyingLength { owed, left },
                            });
                        }
                    }
                }
                Extent::Reserved => {
                    return Err(WireError { at: at as u64, kind: WireErrorKind::Reserved });
                }
            }
        };
        self.owed = owed;
        self.at = at as u64;
        Ok(step)
    }
}

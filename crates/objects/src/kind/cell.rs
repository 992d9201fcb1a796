//! Values of table cells.

use crate::json::JsonText;
use crate::value::{Json, Node};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The content of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum CellValue<'t> {
    /// Nothing.
    Nothing,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer that is not negative.
    Uint(u64),
    /// A float.
    Float(f64),
    /// Text as stored.
    Text(Cow<'t, [u8]>),
}

impl CellValue<'_> {
    /// The cell as text; bytes that are not UTF-8 are kept.
    #[must_use]
    pub fn text(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Nothing => Cow::Borrowed(b""),
            Self::Bool(b) => Cow::Borrowed(if *b { b"true" } else { b"false" }),
            Self::Int(n) => Cow::Owned(n.to_string().into_bytes()),
            Self::Uint(n) => Cow::Owned(n.to_string().into_bytes()),
            Self::Float(x) => Cow::Owned(x.to_string().into_bytes()),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }

    /// Copies the text from the row that it borrows from.
    #[must_use]
    pub fn into_owned(self) -> CellValue<'static> {
        match self {
            Self::Nothing => CellValue::Nothing,
            Self::Bool(b) => CellValue::Bool(b),
            Self::Int(n) => CellValue::Int(n),
            Self::Uint(n) => CellValue::Uint(n),
            Self::Float(x) => CellValue::Float(x),
            Self::Text(text) => CellValue::Text(text.into_owned().into()),
        }
    }

    /// Returns bytes that sort like [`order`](Self::order), reversed if `descending`.
    pub fn sort_key(&self, descending: bool, out: &mut Vec<u8>) {
        let start = out.len();
        match self {
            Self::Nothing => out.push(0),
            Self::Bool(b) => out.extend_from_slice(&[1, u8::from(*b)]),
            Self::Int(n) => number_key(float_of(self), i128::from(*n), out),
            Self::Uint(n) => number_key(float_of(self), i128::from(*n), out),
            // The fraction is in the float.
            #[allow(clippy::cast_possible_truncation)]
            Self::Float(x) => number_key(*x, *x as i128, out),
            Self::Text(text) => {
                out.push(3);
                // The end comes before any byte.
                for byte in text.iter() {
                    out.push(*byte);
                    if *byte == 0 {
                        out.push(1);
                    }
                }
                out.extend_from_slice(&[0, 0]);
            }
        }
        if descending {
            out.iter_mut().skip(start).for_each(|byte| *byte = !*byte);
        }
    }

    /// Serialises it to bytes for [`read`](CellValue::read).
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Nothing => out.push(0),
            Self::Bool(b) => out.extend_from_slice(&[1, u8::from(*b)]),
            Self::Int(n) => {
                out.push(2);
                out.extend_from_slice(&n.to_le_bytes());
            }
            Self::Uint(n) => {
                out.push(3);
                out.extend_from_slice(&n.to_le_bytes());
            }
            Self::Float(x) => {
                out.push(4);
                out.extend_from_slice(&x.to_bits().to_le_bytes());
            }
            Self::Text(text) => {
                out.push(5);
                out.extend_from_slice(&(text.len() as u64).to_le_bytes());
                out.extend_from_slice(text);
            }
        }
    }

    /// Order in a sorted table: empty, then bools, numbers by size, text by its bytes.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let class = |value: &Self| match value {
            Self::Nothing => 0,
            Self::Bool(_) => 1,
            Self::Int(_) | Self::Uint(_) | Self::Float(_) => 2,
            Self::Text(_) => 3,
        };
        let whole = |value: &Self| match value {
            Self::Int(n) => Some(i128::from(*n)),
            Self::Uint(n) => Some(i128::from(*n)),
            _ => None,
        };
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (a, b) if class(a) == 2 && class(b) == 2 => match (whole(a), whole(b)) {
                (Some(a), Some(b)) => a.cmp(&b),
                _ => float_of(a).total_cmp(&float_of(b)),
            },
            (a, b) => class(a).cmp(&class(b)),
        }
    }
}

impl CellValue<'static> {
    /// Reads a value from the front of the output of [`write`](CellValue::write); `None` for
    /// anything else.
    #[must_use]
    pub fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (tag, rest) = bytes.split_first()?;
        if *tag == 0 {
            *bytes = rest;
            return Some(Self::Nothing);
        }
        if *tag == 1 {
            let (b, rest) = rest.split_first()?;
            *bytes = rest;
            return Some(Self::Bool(*b != 0));
        }
        let (eight, rest) = rest.split_first_chunk()?;
        *bytes = rest;
        let n = u64::from_le_bytes(*eight);
        Some(match tag {
            2 => Self::Int(n.cast_signed()),
            3 => Self::Uint(n),
            4 => Self::Float(f64::from_bits(n)),
            _ => {
                let (text, rest) = rest.split_at_checked(usize::try_from(n).ok()?)?;
                *bytes = rest;
                Self::Text(text.to_vec().into())
            }
        })
    }
}

#[allow(clippy::cast_precision_loss)] // only for an order between integers and floats
fn float_of(value: &CellValue<'_>) -> f64 {
    match value {
        CellValue::Int(n) => *n as f64,
        CellValue::Uint(n) => *n as f64,
        CellValue::Float(x) => *x,
        _ => 0.0,
    }
}

/// Numbers in the order of floats; integers with the same float are ordered by value.
fn number_key(float: f64, whole: i128, out: &mut Vec<u8>) {
    out.push(2);
    let bits = float.to_bits();
    // As `total_cmp` orders them.
    let order = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
    out.extend_from_slice(&order.to_be_bytes());
    out.extend_from_slice(&(whole.cast_unsigned() ^ 1 << 127).to_be_bytes());
}

/// A value in one cell: texts of a list separated by commas, other lists and objects as JSON.
impl<'t> From<Node<'t>> for CellValue<'t> {
    fn from(node: Node<'t>) -> Self {
        match node.json() {
            Json::Null => Self::Nothing,
            Json::Bool(b) => Self::Bool(b),
            Json::Uint(n) => Self::Uint(n),
            Json::Int(n) => Self::Int(n),
            Json::Float(x) => Self::Float(x),
            Json::Float32(x) => Self::Float(x.into()),
            Json::Text(text) | Json::Bytes(text) => Self::Text(text.into()),
            Json::List(_) if node.items().all(|item| item.text().is_some()) => {
                joined(node.items().filter_map(|item| item.text()))
            }
            Json::List(_) | Json::Object(_) => {
                let mut json = JsonText::new();
                node.render(&mut json);
                Self::Text(json.into_bytes().into())
            }
        }
    }
}

/// Texts separated by commas.
pub(crate) fn joined<'t>(texts: impl Iterator<Item = &'t [u8]>) -> CellValue<'static> {
    let mut out = Vec::new();
    for text in texts {
        if !out.is_empty() {
            out.extend_from_slice(b", ");
        }
        out.extend_from_slice(text);
    }
    if out.is_empty() { CellValue::Nothing } else { CellValue::Text(out.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_order_of_values() {
        let text = |text: &'static [u8]| CellValue::Text(text.into());
        let values = [
            CellValue::Nothing,
            CellValue::Bool(false),
            CellValue::Bool(true),
            CellValue::Int(i64::MIN),
            CellValue::Float(-1.5),
            CellValue::Int(-1),
            CellValue::Uint(0),
            CellValue::Float(0.5),
            CellValue::Uint(1),
            CellValue::Float(1.0),
            CellValue::Uint(u64::MAX - 1),
            CellValue::Uint(u64::MAX),
            text(b""),
            text(b"\0"),
            text(b"\0\0"),
            text(b"\0a"),
            text(b"a"),
            text(b"a\0"),
            text(b"a\x01"),
            text(b"aa"),
            text(b"b"),
            text(b"\xff"),
            text(b"\xff\xff"),
        ];
        let key = |value: &CellValue<'_>, descending| {
            let mut key = Vec::new();
            value.sort_key(descending, &mut key);
            key
        };
        for a in &values {
            for b in &values {
                assert_eq!(key(a, false).cmp(&key(b, false)), a.order(b), "{a:?} {b:?}");
                assert_eq!(key(a, true).cmp(&key(b, true)), b.order(a), "{a:?} {b:?}");
            }
            let mut bytes = Vec::new();
            a.write(&mut bytes);
            bytes.push(9);
            let mut rest = bytes.as_slice();
            assert_eq!((CellValue::read(&mut rest).as_ref(), rest), (Some(a), &[9][..]));
        }
    }
}

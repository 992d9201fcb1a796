//! IDs of ACL objects: UUIDs, kept in their 16 bytes.

use std::cmp::Ordering;
use std::fmt;

/// An ID. It may be any text; one that is not a UUID in Consul's spelling is kept as text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Id(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Uuid([u8; 16]),
    Text(Box<str>),
}

/// Positions of the hyphens in the text of a UUID.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

impl Id {
    /// Takes an ID as written.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(uuid(text.as_bytes()).map_or_else(|| Repr::Text(text.into()), Repr::Uuid))
    }

    /// Whether the ID is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.0, Repr::Text(text) if text.is_empty())
    }
}

fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() != 36 {
        return None;
    }
    let mut digits = text.iter().enumerate().filter_map(|(at, &c)| {
        if HYPHENS.contains(&at) { (c != b'-').then_some(None) } else { Some(lower_hex(c)) }
    });
    let mut bytes = [0; 16];
    for byte in &mut bytes {
        *byte = digits.next()?? << 4 | digits.next()??;
    }
    // A misplaced hyphen leaves one digit too many.
    digits.next().is_none().then_some(bytes)
}

const fn lower_hex(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = match &self.0 {
            Repr::Text(text) => return f.write_str(text),
            Repr::Uuid(bytes) => bytes,
        };
        for (at, byte) in bytes.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Sorted by text, the order in which servers merge policies.
impl Ord for Id {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Uuid(a), Repr::Uuid(b)) => a.cmp(b),
            (Repr::Text(a), Repr::Text(b)) => a.cmp(b),
            _ => self.to_string().cmp(&other.to_string()),
        }
    }
}

impl PartialOrd for Id {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        let uuid = "00000000-0000-0000-0000-0000000000ff";
        assert!(matches!(Id::new(uuid).0, Repr::Uuid(_)));
        for text in [
            uuid,
            "",
            "x",
            "00000000-0000-0000-0000-0000000000FF",
            "00000000-0000-0000-0000-0000000000fg",
            "000000000000-0000-0000-0000-0000000000",
            "00000000000000000000000000000000000000",
        ] {
            assert_eq!(Id::new(text).to_string(), text);
        }
        assert!(Id::new("").is_empty());
    }

    #[test]
    fn order_is_that_of_the_texts() {
        let mut texts = vec![
            "9a",
            "00000000-0000-0000-0000-000000000001",
            "0",
            "z",
            "a0000000-0000-0000-0000-000000000001",
        ];
        let mut ids: Vec<Id> = texts.iter().map(|t| Id::new(t)).collect();
        texts.sort_unstable();
        ids.sort();
        assert_eq!(ids.iter().map(ToString::to_string).collect::<Vec<_>>(), texts);
    }
}

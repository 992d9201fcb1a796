//! Selects the needed rows of a table by their IDs.

use crate::cells::is_text;
use std::collections::HashSet;

/// The other side of a comparison with an ID. In SQL, all text sorts before all bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bound {
    /// Text.
    Text(Vec<u8>),
    /// Bytes, not text.
    Blob(Vec<u8>),
}

/// A condition on IDs.
#[derive(Debug, Clone)]
pub enum Condition {
    /// It is this one.
    Equal(Bound),
    /// It is one of these.
    OneOf(HashSet<Bound>),
    /// It is greater, or equal if permitted.
    Above(Bound, bool),
    /// It is less, or equal if permitted.
    Below(Bound, bool),
    /// It starts with these ASCII characters.
    Prefix(Vec<u8>),
    /// It starts with these characters, ignoring the case of ASCII letters.
    PrefixInAnyCase(Vec<u8>),
}

/// Conditions for the IDs of needed rows. Without conditions, all rows are needed.
#[derive(Debug, Clone, Default)]
pub struct Narrowing(pub Vec<Condition>);

impl Narrowing {
    /// Whether all rows are needed.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the row with this ID is needed.
    #[must_use]
    pub fn has(&self, id: &[u8]) -> bool {
        self.0.iter().all(|condition| condition.holds(id))
    }
}

impl Bound {
    /// An ID in the form in which SQL compares it.
    #[must_use]
    pub fn of(id: &[u8]) -> Self {
        if is_text(id) { Self::Text(id.to_vec()) } else { Self::Blob(id.to_vec()) }
    }

    const fn parts(&self) -> (bool, &Vec<u8>) {
        match self {
            Self::Text(bytes) => (false, bytes),
            Self::Blob(bytes) => (true, bytes),
        }
    }
}

impl Condition {
    fn holds(&self, id: &[u8]) -> bool {
        // Whether an ID is text matters only if the bytes alone do not decide.
        let order = |bound: &Bound| {
            let (is_blob, bytes) = bound.parts();
            (!is_text(id), id).cmp(&(is_blob, bytes))
        };
        match self {
            Self::Equal(bound) => bound.parts().1 == id && order(bound).is_eq(),
            Self::OneOf(bounds) => bounds.contains(&Bound::of(id)),
            Self::Above(bound, or_equal) => {
                let order = order(bound);
                order.is_gt() || *or_equal && order.is_eq()
            }
            Self::Below(bound, or_equal) => {
                let order = order(bound);
                order.is_lt() || *or_equal && order.is_eq()
            }
            Self::Prefix(prefix) => id.starts_with(prefix),
            Self::PrefixInAnyCase(prefix) => {
                id.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_text_come_after_all_text() {
        let text = |text: &str| Bound::Text(text.into());
        let above = Narrowing(vec![Condition::Above(text("b"), true)]);
        assert!(above.has(b"b") && above.has(b"c") && above.has(b"a\xff") && !above.has(b"a"));
        let below = Narrowing(vec![Condition::Below(text("b"), false)]);
        assert!(below.has(b"a") && !below.has(b"b") && !below.has(b"a\xff"));
        let equal = Narrowing(vec![Condition::Equal(Bound::Blob(b"a\xff".to_vec()))]);
        assert!(equal.has(b"a\xff") && !equal.has(b"a"));
        assert!(!Narrowing(vec![Condition::Equal(Bound::Blob(b"a".to_vec()))]).has(b"a"));
        let like = Narrowing(vec![Condition::PrefixInAnyCase(b"App/".to_vec())]);
        assert!(like.has(b"aPP/x") && !like.has(b"app"));
    }
}

//! A copy of a table in memory, for look-ups.

use super::plan::{SNAPSHOT, to_sqlite};
use crate::scan::Batch;
use rusqlite::types::ValueRef;
use std::hash::{BuildHasher as _, RandomState};

/// The needed columns of all rows of a table.
#[derive(Debug, Default)]
pub(super) struct Copy {
    /// Batches, each with the number of its snapshot.
    pub(super) batches: Vec<(usize, Batch)>,
    index: Option<Index>,
}

/// The position of a column's values.
#[derive(Debug)]
struct Index {
    /// Hash of the value, batch and row, sorted in this order.
    places: Vec<(u64, u32, u32)>,
    hashes: RandomState,
}

impl Copy {
    /// A copy with an index over the values of a column: of the snapshots' names, or of a column of
    /// the batches.
    pub(super) fn new(
        batches: Vec<(usize, Batch)>,
        look_up: Option<usize>,
        names: &[String],
        position: impl Fn(usize) -> Option<usize>,
    ) -> Self {
        let index = look_up.map(|column| {
            let hashes = RandomState::new();
            let mut places = Vec::new();
            for (at, (snapshot, batch)) in batches.iter().enumerate() {
                for row in 0..batch.rows() {
                    let value = match column {
                        SNAPSHOT => names.get(*snapshot).map(|name| ValueRef::from(name.as_str())),
                        column => position(column).map(|at| to_sqlite(batch.value(row, at))),
                    };
                    if let Some(hash) = value.and_then(|value| hash(&hashes, value)) {
                        let place = (u32::try_from(at), u32::try_from(row));
                        if let (Ok(at), Ok(row)) = place {
                            places.push((hash, at, row));
                        }
                    }
                }
            }
            places.sort_unstable();
            Index { places, hashes }
        });
        Self { batches, index }
    }

    /// The range of rows that may have this value; all rows without an index.
    pub(super) fn find(&self, value: ValueRef<'_>) -> Option<(usize, usize)> {
        let Index { places, hashes } = self.index.as_ref()?;
        let Some(hash) = hash(hashes, value) else { return Some((0, 0)) };
        let from = places.partition_point(|(known, ..)| *known < hash);
        let count = places.get(from..)?.partition_point(|(known, ..)| *known == hash);
        Some((from, from + count))
    }

    /// The batch and row at a place.
    pub(super) fn place(&self, at: usize) -> Option<(usize, usize)> {
        let (_, batch, row) = self.index.as_ref()?.places.get(at)?;
        Some((usize::try_from(*batch).ok()?, usize::try_from(*row).ok()?))
    }
}

/// A hash that is equal for values that SQL may consider equal, such as 5, 5.0 and '5'.
fn hash(hashes: &RandomState, value: ValueRef<'_>) -> Option<u64> {
    // Equal integers have equal floats; SQLite distinguishes those that differ.
    #[allow(clippy::cast_precision_loss)]
    let number = |n: i64| hashes.hash_one((0, (n as f64).to_bits()));
    let float = |x: f64| hashes.hash_one((0, (x + 0.0).to_bits()));
    Some(match value {
        ValueRef::Null => return None,
        ValueRef::Integer(n) => number(n),
        ValueRef::Real(x) => float(x),
        ValueRef::Text(text) => match as_number(text) {
            Some(x) => float(x),
            None => hashes.hash_one((1, text)),
        },
        ValueRef::Blob(bytes) => hashes.hash_one((2, bytes)),
    })
}

/// The number as which a text is compared with numbers.
fn as_number(text: &[u8]) -> Option<f64> {
    let text = text.trim_ascii();
    let starts_a_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.');
    if !text.first().is_some_and(starts_a_number) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sql_considers_equal_has_one_hash() {
        let hashes = RandomState::new();
        let of = |value: ValueRef<'_>| hash(&hashes, value);
        let five = of(ValueRef::Integer(5));
        for same in [ValueRef::Real(5.0), ValueRef::Text(b"5"), ValueRef::Text(b" 5.0 ")] {
            assert_eq!(of(same), five, "{same:?}");
        }
        assert_eq!(of(ValueRef::Real(-0.0)), of(ValueRef::Integer(0)));
        assert_ne!(of(ValueRef::Text(b"5a")), five);
        assert_ne!(of(ValueRef::Text(b"a")), of(ValueRef::Blob(b"a")));
        assert_eq!(of(ValueRef::Null), None);
    }
}

//! A copy of a table, for look-ups.

use super::disk::DiskCopy;
use super::plan::{Plan, SNAPSHOT, to_sqlite};
use crate::scan::Batch;
use rusqlite::types::ValueRef;
use std::hash::{BuildHasher as _, RandomState};
use std::io;

/// The needed columns of all rows of a table.
#[derive(Debug)]
pub(super) enum Copy {
    /// In memory.
    Memory(MemoryCopy),
    /// On disk, with the hashes of values by which rows are looked up.
    Disk(DiskCopy, Option<RandomState>),
}

/// A copy in memory.
#[derive(Debug, Default)]
pub(super) struct MemoryCopy {
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

/// The column in which rows are looked up.
#[derive(Debug)]
struct LookUp<'n> {
    /// Where it is in a batch; `None` is the snapshot's name.
    position: Option<usize>,
    names: &'n [String],
    hashes: RandomState,
}

impl LookUp<'_> {
    fn hash(&self, snapshot: usize, batch: &Batch, row: usize) -> Option<u64> {
        let value = match self.position {
            None => ValueRef::from(self.names.get(snapshot)?.as_str()),
            Some(at) => to_sqlite(batch.value(row, at)),
        };
        hash(&self.hashes, value)
    }
}

/// A copy that is being made.
#[derive(Debug)]
pub(super) struct Copying<'n> {
    look_up: Option<LookUp<'n>>,
    /// How many bytes may be in memory; what is larger is copied to disk.
    memory: usize,
    width: usize,
    batches: Vec<(usize, Batch)>,
    size: usize,
    disk: Option<DiskCopy>,
}

impl<'n> Copying<'n> {
    /// Starts a copy of what a plan reads, in snapshots with these names.
    pub(super) fn new(plan: &Plan, names: &'n [String], memory: usize) -> Self {
        let look_up = plan.looked_up().map(|column| LookUp {
            position: if column == SNAPSHOT { None } else { plan.position(column) },
            names,
            hashes: RandomState::new(),
        });
        Self {
            look_up,
            // Others have references, which are resolved in memory, and few rows.
            memory: if plan.relation().is_large() { memory } else { usize::MAX },
            width: plan.request().columns.len(),
            batches: Vec::new(),
            size: 0,
            disk: None,
        }
    }

    /// Takes rows to disk, if too many are in memory; otherwise they are left.
    pub(super) fn take(&mut self, snapshot: usize, batch: &mut Batch) -> io::Result<()> {
        self.size += batch.size();
        if self.size <= self.memory {
            return Ok(());
        }
        let failed = |error| io::Error::other(format!("copying a table to disk: {error}"));
        if self.disk.is_none() {
            self.disk = Some(DiskCopy::new(self.width).map_err(failed)?);
        }
        let (Some(disk), look_up) = (&self.disk, &self.look_up) else { return Ok(()) };
        let add = |snapshot, batch: &Batch| {
            let hash = |row| look_up.as_ref()?.hash(snapshot, batch, row);
            disk.add(snapshot, batch, hash).map_err(failed)
        };
        for (snapshot, batch) in std::mem::take(&mut self.batches) {
            add(snapshot, &batch)?;
        }
        add(snapshot, batch)?;
        batch.clear();
        Ok(())
    }

    /// Keeps rows in memory.
    pub(super) fn keep(&mut self, snapshot: usize, batches: Vec<Batch>) {
        self.batches.extend(batches.into_iter().map(|batch| (snapshot, batch)));
    }

    /// Ends the copy.
    pub(super) fn finish(self) -> io::Result<Copy> {
        let Self { look_up, mut batches, disk, .. } = self;
        if let Some(disk) = disk {
            let failed = |error| io::Error::other(format!("copying a table to disk: {error}"));
            for (snapshot, batch) in &batches {
                let hash = |row| look_up.as_ref()?.hash(*snapshot, batch, row);
                disk.add(*snapshot, batch, hash).map_err(failed)?;
            }
            batches.clear();
            disk.finish(look_up.is_some()).map_err(failed)?;
            return Ok(Copy::Disk(disk, look_up.map(|look_up| look_up.hashes)));
        }
        let index = look_up.map(|look_up| {
            let mut places = Vec::new();
            for (at, (snapshot, batch)) in batches.iter().enumerate() {
                for row in 0..batch.rows() {
                    if let Some(hash) = look_up.hash(*snapshot, batch, row)
                        && let (Ok(at), Ok(row)) = (u32::try_from(at), u32::try_from(row))
                    {
                        places.push((hash, at, row));
                    }
                }
            }
            places.sort_unstable();
            Index { places, hashes: look_up.hashes }
        });
        Ok(Copy::Memory(MemoryCopy { batches, index }))
    }
}

/// The rows of a copy that a value selects.
pub(super) enum Selected {
    /// All, or those in this range of places in memory.
    Memory(Option<(usize, usize)>),
    /// All on disk, or those with this hash; `Some(None)` selects none.
    Disk(Option<Option<u64>>),
}

impl Copy {
    /// The rows that may have this value; all rows without an index, or without a value.
    pub(super) fn find(&self, value: Option<ValueRef<'_>>) -> Selected {
        match (self, value) {
            (Self::Memory(_), None) => Selected::Memory(None),
            (Self::Memory(copy), Some(value)) => Selected::Memory(copy.find(value)),
            (Self::Disk(_, Some(hashes)), Some(value)) => Selected::Disk(Some(hash(hashes, value))),
            (Self::Disk(..), _) => Selected::Disk(None),
        }
    }
}

impl MemoryCopy {
    /// The range of rows that may have this value; all rows without an index.
    fn find(&self, value: ValueRef<'_>) -> Option<(usize, usize)> {
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

//! The index table: the last index of each table, and of some parts of tables. Nearly every write
//! changes one, so they are stored as numbers, not as records.

use crate::document::{Doc, lower};
use crate::rows::{Body, Key};
use foldhash::HashMap;
use snapscope_decode::wire::encode;
use std::borrow::Cow;

/// An index, with the name from its record.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    name: Key,
    value: u64,
}

impl Named {
    fn record(&self) -> Body {
        // Memory for names, numbers and the map.
        let mut body = Vec::with_capacity(self.name.len() + 32);
        encode::map_head(2, &mut body);
        encode::raw(b"Key", &mut body);
        encode::raw(&self.name, &mut body);
        encode::raw(b"Value", &mut body);
        encode::uint(self.value, &mut body);
        body.into()
    }
}

/// The index table. Names are compared without case.
#[derive(Debug, Default)]
pub(crate) struct IndexTable {
    /// The position of each index, by its name in lower case.
    places: HashMap<Vec<u8>, usize>,
    /// All indexes; `None` for removed ones.
    indexes: Vec<Option<Named>>,
    /// Positions of the indexes that the current write changed, and their former values.
    journal: Vec<(usize, Option<Named>)>,
}

/// An index that is moved repeatedly, looked up once.
#[derive(Debug)]
pub(crate) struct FoundIndex {
    place: usize,
    name: Key,
}

/// An index before and after a write.
#[derive(Debug)]
pub(crate) struct ChangedIndex<'t> {
    pub(crate) key: &'t [u8],
    pub(crate) before: Option<Body>,
    pub(crate) after: Option<Body>,
}

/// A name in the form in which names are compared.
fn folded(name: &[u8]) -> Cow<'_, [u8]> {
    let is_lower = |byte: &u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if name.iter().all(is_lower) { Cow::Borrowed(name) } else { Cow::Owned(lower(name)) }
}

impl IndexTable {
    /// An index; 0 if absent.
    pub(crate) fn get(&self, name: &[u8]) -> u64 {
        let place = self.places.get(&*folded(name)).and_then(|place| self.indexes.get(*place));
        place.and_then(Option::as_ref).map_or(0, |index| index.value)
    }

    pub(crate) fn set(&mut self, name: &[u8], value: u64) {
        let place = self.place(name);
        let Some(index) = self.indexes.get_mut(place) else { return };
        let name = match index {
            Some(index) if *index.name == *name => index.name.clone(),
            _ => name.into(),
        };
        let before = index.replace(Named { name, value });
        self.journal.push((place, before));
    }

    /// The place of an index, which it keeps even if it is removed.
    fn place(&mut self, name: &[u8]) -> usize {
        let key = folded(name);
        if let Some(place) = self.places.get(&*key) {
            return *place;
        }
        let place = self.indexes.len();
        self.places.insert(key.into_owned(), place);
        self.indexes.push(None);
        place
    }

    /// Finds an index to set it later.
    pub(crate) fn find(&mut self, name: &[u8]) -> FoundIndex {
        FoundIndex { place: self.place(name), name: name.into() }
    }

    /// The same as [`set`](Self::set) for an index that was found before.
    pub(crate) fn set_found(&mut self, found: &FoundIndex, value: u64) {
        let Some(index) = self.indexes.get_mut(found.place) else { return };
        let before = index.replace(Named { name: found.name.clone(), value });
        self.journal.push((found.place, before));
    }

    pub(crate) fn remove(&mut self, name: &[u8]) {
        let Some(place) = self.places.get(&*folded(name)).copied() else { return };
        if let Some(before) = self.indexes.get_mut(place).and_then(Option::take) {
            self.journal.push((place, Some(before)));
        }
    }

    /// Adds an index of a snapshot. False if its record cannot be read.
    pub(crate) fn load(&mut self, record: &[u8]) -> bool {
        let Ok(doc) = Doc::read(record) else { return false };
        self.set(doc.text("Key"), doc.uint("Value"));
        true
    }

    /// Names and values.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.indexes.iter().flatten().map(|index| (&*index.name, index.value))
    }

    /// All indexes as records, in order.
    pub(crate) fn records(&self) -> Vec<(Key, Body)> {
        let mut places: Vec<_> = self.places.iter().collect();
        places.sort_unstable();
        let present = places.into_iter().filter_map(|(key, place)| {
            let index = self.indexes.get(*place)?.as_ref()?;
            Some((key.as_slice().into(), index.record()))
        });
        present.collect()
    }

    /// Starts a write and forgets the changes of the previous one.
    pub(crate) fn begin(&mut self) {
        self.journal.clear();
    }

    /// Reverts the write.
    pub(crate) fn roll_back(&mut self) {
        for (place, before) in std::mem::take(&mut self.journal).into_iter().rev() {
            if let Some(index) = self.indexes.get_mut(place) {
                *index = before;
            }
        }
    }

    /// The indexes changed by the write.
    pub(crate) fn changes(&self) -> Vec<ChangedIndex<'_>> {
        let changed = self.places.iter().filter_map(|(key, place)| {
            let (_, before) = self.journal.iter().find(|(changed, _)| changed == place)?;
            let after = self.indexes.get(*place)?;
            let record = |index: &Option<Named>| index.as_ref().map(Named::record);
            let (before, after) = (record(before), record(after));
            (before != after).then_some(ChangedIndex { key, before, after })
        });
        changed.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_can_be_taken_back() {
        let mut table = IndexTable::default();
        table.set(b"kvs", 5);
        table.set(b"service.Web", 6);
        table.begin();
        table.set(b"kvs", 7);
        table.set(b"kvs", 8);
        table.set(b"new", 8);
        table.remove(b"SERVICE.web");
        assert_eq!([table.get(b"kvs"), table.get(b"service.web"), table.get(b"NEW")], [8, 0, 8]);
        assert_eq!(table.changes().len(), 3);
        table.roll_back();
        assert_eq!([table.get(b"kvs"), table.get(b"service.web"), table.get(b"new")], [5, 6, 0]);
        let names: Vec<_> = table.records().into_iter().map(|(key, _)| key.to_vec()).collect();
        assert_eq!(names, [&b"kvs"[..], b"service.web"]);
    }
}

//! The held rows of a table.

use foldhash::HashMap;
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

/// A row's key, shared with indexes.
pub(crate) type Key = Arc<[u8]>;

/// A row's content: in tables of the snapshot, the record without its type byte.
pub(crate) type Body = Arc<[u8]>;

/// A row, with its shared key.
#[derive(Debug)]
struct Row {
    key: Key,
    body: Body,
}

/// Rows by key. Most writes replace an existing row, so rows are found by hash; their order is kept
/// separately.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    rows: HashMap<Key, Row>,
    order: BTreeSet<Key>,
}

impl Rows {
    pub(crate) fn get(&self, key: &[u8]) -> Option<&Body> {
        self.rows.get(key).map(|row| &row.body)
    }

    pub(crate) fn contains(&self, key: &[u8]) -> bool {
        self.rows.contains_key(key)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Stores a row. Returns its key and the row that it replaces.
    pub(crate) fn insert(&mut self, key: &[u8], body: Body) -> (Key, Option<Body>) {
        if let Some(row) = self.rows.get_mut(key) {
            return (row.key.clone(), Some(std::mem::replace(&mut row.body, body)));
        }
        let key = Key::from(key);
        self.order.insert(key.clone());
        self.rows.insert(key.clone(), Row { key: key.clone(), body });
        (key, None)
    }

    /// Removes a row. Returns it and its key.
    pub(crate) fn remove(&mut self, key: &[u8]) -> Option<(Key, Body)> {
        let Row { key, body } = self.rows.remove(key)?;
        self.order.remove(&key);
        Some((key, body))
    }

    /// All rows, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Key, &Body)> {
        self.order.iter().filter_map(|key| Some((key, self.get(key)?)))
    }

    /// The rows with this key prefix, in order.
    pub(crate) fn below<'r>(
        &'r self,
        prefix: &'r [u8],
    ) -> impl Iterator<Item = (&'r Key, &'r Body)> {
        let range = self.order.range::<[u8], _>((Bound::Included(prefix), Bound::Unbounded));
        let keys = range.take_while(move |key| key.starts_with(prefix));
        keys.filter_map(|key| Some((key, self.get(key)?)))
    }
}

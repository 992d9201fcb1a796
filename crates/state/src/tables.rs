//! The rows of all tables, their indexes, and the changes of the current write.

use crate::table::{Link, TABLES, Table, links};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

/// A row's content: in tables of the snapshot, the record without its type byte.
pub(crate) type Body = Arc<[u8]>;

/// A row before a write.
#[derive(Debug, Clone)]
pub(crate) struct RowChange {
    pub(crate) table: Table,
    pub(crate) key: Vec<u8>,
    pub(crate) before: Option<Body>,
}

impl RowChange {
    /// Whether it is of the same row.
    pub(crate) fn is_of_row(&self, other: &Self) -> bool {
        self.table == other.table && self.key == other.key
    }
}

/// All held rows.
#[derive(Debug)]
pub(crate) struct Tables {
    rows: Vec<BTreeMap<Vec<u8>, Body>>,
    links: BTreeSet<(Link, Vec<u8>, Vec<u8>)>,
    /// Keys of nodes that are not held, of those that entries need to exist.
    nodes_elsewhere: BTreeSet<Vec<u8>>,
    journal: Vec<RowChange>,
}

impl Default for Tables {
    fn default() -> Self {
        let rows = (0..TABLES).map(|_| BTreeMap::new()).collect();
        Self { rows, links: BTreeSet::new(), nodes_elsewhere: BTreeSet::new(), journal: Vec::new() }
    }
}

impl Tables {
    fn of(&self, table: Table) -> Option<&BTreeMap<Vec<u8>, Body>> {
        self.rows.get(table as usize)
    }

    pub(crate) fn get(&self, table: Table, key: &[u8]) -> Option<Body> {
        self.of(table)?.get(key).cloned()
    }

    /// The same, without keeping it.
    pub(crate) fn peek(&self, table: Table, key: &[u8]) -> Option<&[u8]> {
        self.of(table)?.get(key).map(|body| &**body)
    }

    pub(crate) fn contains(&self, table: Table, key: &[u8]) -> bool {
        self.of(table).is_some_and(|rows| rows.contains_key(key))
    }

    /// Whether a node exists, held or not.
    pub(crate) fn has_node(&self, key: &[u8]) -> bool {
        self.contains(Table::Nodes, key) || self.nodes_elsewhere.contains(key)
    }

    /// Notes that a node that is not held exists.
    pub(crate) fn node_is_elsewhere(&mut self, key: Vec<u8>) {
        self.nodes_elsewhere.insert(key);
    }

    /// Whether a table has no held row.
    pub(crate) fn is_empty(&self, table: Table) -> bool {
        self.of(table).is_none_or(BTreeMap::is_empty)
    }

    /// Stores or removes a row; its former content is remembered until the next
    /// [`begin`](Self::begin).
    pub(crate) fn put(&mut self, table: Table, key: Vec<u8>, body: Option<Vec<u8>>) {
        let before = self.replace(table, &key, body.map(Into::into));
        self.journal.push(RowChange { table, key, before });
    }

    pub(crate) fn delete(&mut self, table: Table, key: &[u8]) {
        if self.contains(table, key) {
            self.put(table, key.to_vec(), None);
        }
    }

    fn replace(&mut self, table: Table, key: &[u8], body: Option<Body>) -> Option<Body> {
        let rows = self.rows.get_mut(table as usize)?;
        let after = body.clone();
        let before = match (rows.get_mut(key), body) {
            (Some(row), Some(body)) => Some(std::mem::replace(row, body)),
            (Some(_), None) => rows.remove(key),
            (None, Some(body)) => rows.insert(key.to_vec(), body),
            (None, None) => None,
        };
        self.relink(table, key, before.as_deref(), after.as_deref());
        before
    }

    /// Moves a row from its former index values to its new ones.
    fn relink(&mut self, table: Table, key: &[u8], before: Option<&[u8]>, after: Option<&[u8]>) {
        let of = |body: Option<&[u8]>| body.map_or(Vec::new(), |body| links(table, key, body));
        let (before, after) = (of(before), of(after));
        if before == after {
            return;
        }
        for (link, value) in before {
            self.links.remove(&(link, value, key.to_vec()));
        }
        for (link, value) in after {
            self.links.insert((link, value, key.to_vec()));
        }
    }

    /// Keys of the rows with this index value, in order.
    pub(crate) fn linked(&self, link: Link, value: &[u8]) -> Vec<Vec<u8>> {
        let from = (link, value.to_vec(), Vec::new());
        let range = self.links.range((Bound::Included(from), Bound::Unbounded));
        range
            .take_while(|(l, v, _)| *l == link && v == value)
            .map(|(_, _, key)| key.clone())
            .collect()
    }

    pub(crate) fn is_linked(&self, link: Link, value: &[u8]) -> bool {
        let from = (link, value.to_vec(), Vec::new());
        let mut range = self.links.range((Bound::Included(from), Bound::Unbounded));
        range.next().is_some_and(|(l, v, _)| *l == link && v == value)
    }

    /// The rows with this key prefix, in order.
    pub(crate) fn below(&self, table: Table, prefix: &[u8]) -> Vec<(Vec<u8>, Body)> {
        let Some(rows) = self.of(table) else { return Vec::new() };
        let range = rows.range::<[u8], _>((Bound::Included(prefix), Bound::Unbounded));
        range
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(key, body)| (key.clone(), body.clone()))
            .collect()
    }

    /// All rows of a table, in order.
    pub(crate) fn rows(&self, table: Table) -> impl Iterator<Item = (&Vec<u8>, &Body)> {
        self.of(table).into_iter().flatten()
    }

    /// Reverts the write's changes to the index table only.
    pub(crate) fn forget_indexes_of_write(&mut self) {
        for RowChange { table, key, before } in std::mem::take(&mut self.journal).into_iter().rev()
        {
            if table == Table::Index {
                self.replace(table, &key, before);
            }
        }
    }

    /// Starts a write and forgets the changes of the previous one.
    pub(crate) fn begin(&mut self) {
        self.journal.clear();
    }

    /// The changes of the write.
    pub(crate) fn journal(&self) -> &[RowChange] {
        &self.journal
    }

    /// Reverts the write.
    pub(crate) fn roll_back(&mut self) {
        for RowChange { table, key, before } in std::mem::take(&mut self.journal).into_iter().rev()
        {
            self.replace(table, &key, before);
        }
    }
}

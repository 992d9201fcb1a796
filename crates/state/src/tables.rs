//! The rows of all tables, their indexes, and the changes of the current write.

use crate::index_table::{FoundIndex, IndexTable};
use crate::linked_keys::LinkedKeys;
use crate::rows::{Body, Key, Rows};
use crate::table::{Link, TABLES, Table, links};
use foldhash::HashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A row before and after a step of a write.
#[derive(Debug, Clone)]
pub(crate) struct RowChange {
    pub(crate) table: Table,
    pub(crate) key: Key,
    pub(crate) before: Option<Body>,
    pub(crate) after: Option<Body>,
}

/// All held rows.
#[derive(Debug)]
pub(crate) struct Tables {
    rows: Vec<Rows>,
    /// The index table. Its rows are not in `rows`.
    pub(crate) indexes: IndexTable,
    links: LinkedKeys,
    /// Keys of nodes that are not held, among those that entries require to exist.
    nodes_elsewhere: BTreeSet<Vec<u8>>,
    /// By the key of a node, the indexes that move with all of its services, until one of these changes. Every new status of
    /// a node's check moves them.
    indexes_of_services: HashMap<Vec<u8>, Arc<[FoundIndex]>>,
    journal: Vec<RowChange>,
    /// The last row that was deleted from each table that then had none.
    last: Vec<Option<Body>>,
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            rows: (0..TABLES).map(|_| Rows::default()).collect(),
            indexes: IndexTable::default(),
            links: LinkedKeys::default(),
            nodes_elsewhere: BTreeSet::new(),
            indexes_of_services: HashMap::default(),
            journal: Vec::new(),
            last: vec![None; TABLES],
        }
    }
}

/// The key of the node in the key of a service.
fn node_of(service: &[u8]) -> &[u8] {
    let mut ends = service.iter().enumerate().filter(|(_, byte)| **byte == 0);
    let end = ends.nth(1).map_or(service.len(), |(at, _)| at + 1);
    service.get(..end).unwrap_or(service)
}

impl Tables {
    fn of(&self, table: Table) -> Option<&Rows> {
        self.rows.get(table as usize)
    }

    pub(crate) fn get(&self, table: Table, key: &[u8]) -> Option<Body> {
        self.of(table)?.get(key).cloned()
    }

    pub(crate) fn contains(&self, table: Table, key: &[u8]) -> bool {
        self.of(table).is_some_and(|rows| rows.contains(key))
    }

    /// Whether a node exists, held or not.
    pub(crate) fn has_node(&self, key: &[u8]) -> bool {
        self.contains(Table::Nodes, key) || self.nodes_elsewhere.contains(key)
    }

    /// Records that a node exists that is not held.
    pub(crate) fn node_is_elsewhere(&mut self, key: Vec<u8>) {
        self.nodes_elsewhere.insert(key);
    }

    /// Whether a table has no held row.
    pub(crate) fn is_empty(&self, table: Table) -> bool {
        self.of(table).is_none_or(Rows::is_empty)
    }

    /// Stores a row. Its former content is remembered until the next [`begin`](Self::begin).
    pub(crate) fn put(&mut self, table: Table, key: &[u8], body: Body) {
        let Some(rows) = self.rows.get_mut(table as usize) else { return };
        let (key, before) = rows.insert(key, body.clone());
        self.relink(table, &key, before.as_deref(), Some(&body));
        self.journal.push(RowChange { table, key, before, after: Some(body) });
    }

    /// Stores a row that has the same index values as the row that it replaces.
    pub(crate) fn put_unlinked(&mut self, table: Table, key: &[u8], body: Body) {
        let Some(rows) = self.rows.get_mut(table as usize) else { return };
        let (key, before) = rows.insert(key, body.clone());
        self.journal.push(RowChange { table, key, before, after: Some(body) });
    }

    /// Removes a row if it exists.
    pub(crate) fn delete(&mut self, table: Table, key: &[u8]) {
        let Some(rows) = self.rows.get_mut(table as usize) else { return };
        if let Some((key, before)) = rows.remove(key) {
            if rows.is_empty()
                && let Some(last) = self.last.get_mut(table as usize)
            {
                *last = Some(before.clone());
            }
            self.relink(table, &key, Some(&before), None);
            self.journal.push(RowChange { table, key, before: Some(before), after: None });
        }
    }

    /// Restores a row.
    fn restore(&mut self, table: Table, key: &Key, body: Option<Body>) {
        let Some(rows) = self.rows.get_mut(table as usize) else { return };
        let replaced = match &body {
            Some(body) => rows.insert(key, body.clone()).1,
            None => rows.remove(key).map(|(_, body)| body),
        };
        self.relink(table, key, replaced.as_deref(), body.as_deref());
    }

    /// The indexes that move with all services of a node, if they were found since one of these changed.
    pub(crate) fn indexes_of_services(&self, node: &[u8]) -> Option<Arc<[FoundIndex]>> {
        self.indexes_of_services.get(node).cloned()
    }

    /// Remembers the indexes that move with all services of a node.
    pub(crate) fn remember_indexes_of_services(&mut self, node: Vec<u8>, found: Arc<[FoundIndex]>) {
        // In the keys of its services, a name with a zero byte would be taken for a shorter one.
        if node_of(&node) == node {
            self.indexes_of_services.insert(node, found);
        }
    }

    /// Moves a row from its former index values to its new ones.
    fn relink(&mut self, table: Table, key: &Key, before: Option<&[u8]>, after: Option<&[u8]>) {
        if table == Table::Services {
            self.indexes_of_services.remove(node_of(key));
        }
        let of = |body: Option<&[u8]>| body.map_or(Vec::new(), |body| links(table, key, body));
        let (before, after) = (of(before), of(after));
        if before == after {
            return;
        }
        for (link, value) in before {
            self.links.remove(link, &value, key);
        }
        for (link, value) in after {
            self.links.insert(link, value, key);
        }
    }

    /// Keys of the rows with this index value, in order.
    pub(crate) fn linked(&self, link: Link, value: &[u8]) -> Vec<Key> {
        self.links.keys(link, value)
    }

    pub(crate) fn is_linked(&self, link: Link, value: &[u8]) -> bool {
        self.links.contains(link, value)
    }

    /// The rows with this key prefix, in order.
    pub(crate) fn below(&self, table: Table, prefix: &[u8]) -> Vec<(Key, Body)> {
        let rows = self.of(table).into_iter().flat_map(|rows| rows.below(prefix));
        rows.map(|(key, body)| (key.clone(), body.clone())).collect()
    }

    /// All rows of a table, in order.
    pub(crate) fn rows(&self, table: Table) -> impl Iterator<Item = (&Key, &Body)> {
        self.of(table).into_iter().flat_map(Rows::iter)
    }

    /// A row that shows which fields the rows of a table have. It may have been deleted.
    pub(crate) fn example(&self, table: Table) -> Option<&Body> {
        let held = self.rows(table).next().map(|(_, body)| body);
        held.or_else(|| self.last.get(table as usize)?.as_ref())
    }

    /// Starts a write and forgets the changes of the previous one.
    pub(crate) fn begin(&mut self) {
        self.journal.clear();
        self.indexes.begin();
    }

    /// The changes of the write, except for those of the index table.
    pub(crate) fn journal(&self) -> &[RowChange] {
        &self.journal
    }

    /// Reverts the write.
    pub(crate) fn roll_back(&mut self) {
        self.indexes.roll_back();
        for RowChange { table, key, before, .. } in
            std::mem::take(&mut self.journal).into_iter().rev()
        {
            self.restore(table, &key, before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_row_of_a_table_remains_an_example() {
        let mut tables = Tables::default();
        assert_eq!(tables.example(Table::Tokens), None);
        for (key, body) in [(b"a", b"first"), (b"b", b"other")] {
            tables.put(Table::Tokens, key, Body::from(&body[..]));
        }
        tables.delete(Table::Tokens, b"a");
        assert_eq!(tables.example(Table::Tokens).map(|body| &**body), Some(&b"other"[..]));
        tables.delete(Table::Tokens, b"b");
        assert_eq!(tables.example(Table::Tokens).map(|body| &**body), Some(&b"other"[..]));
    }
}

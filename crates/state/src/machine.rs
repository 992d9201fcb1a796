//! The state of a server, and operations that all commands share.

use crate::document::{Applied, Doc, Refused, refused};
use crate::rows::Body;
use crate::rules::Rules;
use crate::table::{Table, key_of};
use crate::tables::Tables;
use snapscope_decode::{Kind, ServerVersion};
use snapscope_raftlog::Chunks;
use std::collections::{BTreeMap, BTreeSet};

/// The state of a server.
#[derive(Debug)]
pub struct Machine {
    pub(crate) tables: Tables,
    pub(crate) rules: Rules,
    /// The index of the current entry.
    pub(crate) index: u64,
    pub(crate) chunks: Chunks,
    /// For each operation of the current transaction, the end of its changes in the journal.
    pub(crate) operations: Vec<usize>,
    inexact: BTreeMap<Kind, &'static str>,
    /// Keys of mappings of gateways that a registration may have changed before the snapshot.
    pub(crate) unsure_mappings: BTreeSet<Vec<u8>>,
    /// A buffer in which rows are built, so that each takes one allocation.
    buffer: Vec<u8>,
}

impl Machine {
    /// The empty state of a server of that version.
    #[must_use]
    pub fn new(version: ServerVersion) -> Self {
        Self {
            tables: Tables::default(),
            rules: Rules::new(version),
            index: 0,
            chunks: Chunks::default(),
            operations: Vec::new(),
            inexact: BTreeMap::new(),
            unsure_mappings: BTreeSet::new(),
            buffer: Vec::new(),
        }
    }

    /// Record types that may differ from the servers' state, and why.
    #[must_use]
    pub const fn inexact(&self) -> &BTreeMap<Kind, &'static str> {
        &self.inexact
    }

    /// Notes that records of a type may differ from the servers' state.
    pub(crate) fn is_inexact(&mut self, kind: Kind, why: &'static str) {
        self.inexact.entry(kind).or_insert(why);
    }

    pub(crate) fn get(&self, table: Table, key: &[u8]) -> Option<Body> {
        self.tables.get(table, key)
    }

    pub(crate) fn put(&mut self, table: Table, key: &[u8], body: &Doc<'_>) {
        self.buffer.clear();
        body.write(&mut self.buffer);
        self.tables.put(table, key, Body::from(&*self.buffer));
    }

    /// The content of a row, which can be appended to a buffer.
    pub(crate) fn body(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), Refused>,
    ) -> Result<Body, Refused> {
        self.buffer.clear();
        write(&mut self.buffer)?;
        Ok(Body::from(&*self.buffer))
    }

    /// Sets an index of the index table to the current one.
    pub(crate) fn move_index(&mut self, name: &[u8]) {
        self.set_index(name, self.index);
    }

    pub(crate) fn set_index(&mut self, name: &[u8], value: u64) {
        self.tables.indexes.set(name, value);
    }

    /// An index of the index table; 0 if absent.
    pub(crate) fn index_of(&self, name: &[u8]) -> u64 {
        self.tables.indexes.get(name)
    }

    /// Stores a row and moves the table's index. A row that it replaces passes on its creation
    /// index.
    pub(crate) fn upsert(
        &mut self,
        table: Table,
        key: &[u8],
        doc: &mut Doc<'_>,
        index: &[u8],
    ) -> Applied {
        let before = self.get(table, key);
        let before = before.as_deref().map(Doc::read).transpose()?;
        doc.stamp_over(before.as_ref(), self.index);
        self.put(table, key, doc);
        if !index.is_empty() {
            self.move_index(index);
        }
        Ok(())
    }

    /// Removes a row; the table's index moves if it existed.
    pub(crate) fn remove(&mut self, table: Table, key: &[u8], index: &[u8]) {
        if self.tables.contains(table, key) {
            self.tables.delete(table, key);
            self.move_index(index);
        }
    }

    /// The value of a key of the system metadata.
    pub(crate) fn has_metadata(&self, key: &[u8]) -> bool {
        self.get(Table::Metadata, &key_of(&[key]))
            .is_some_and(|body| Doc::read(&body).is_ok_and(|doc| !doc.text("Value").is_empty()))
    }
}

/// Whether a check-and-set may proceed: 0 requires that the object does not exist, another number
/// that it has this index.
pub(crate) fn is_current(asked: u64, existing: Option<u64>) -> bool {
    match existing {
        None => asked == 0,
        Some(index) => asked != 0 && asked == index,
    }
}

/// Refuses an unknown operation.
pub(crate) fn unknown_operation() -> Applied {
    refused("unknown operation")
}

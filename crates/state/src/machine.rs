//! Applies log entries to a state, as a server's state machine does.

use crate::apply::COMMANDS;
use crate::document::{Applied, Doc, raw, refused, uint};
use crate::rules::Rules;
use crate::same::same_record;
use crate::table::{STORED, Table, key_of};
use crate::tables::{Body, Tables};
use snapscope_decode::wire::encode;
use snapscope_decode::{Kind, ServerVersion};
use snapscope_raftlog::{Assembled, Chunks, Command, Entry};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The state of a server.
#[derive(Debug)]
pub struct Machine {
    pub(crate) tables: Tables,
    pub(crate) rules: Rules,
    /// The index of the current entry.
    pub(crate) index: u64,
    pub(crate) chunks: Chunks,
    inexact: BTreeMap<Kind, &'static str>,
}

/// The effect of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The number of records changed, without bookkeeping.
    Changed(usize),
    /// Accepted, without a change.
    Unchanged,
    /// Refused by the servers.
    Refused(Cow<'static, str>),
    /// Part of a command that a later entry completes.
    Part,
    /// Its effect is unknown.
    NotApplied(&'static str),
    /// Not a command.
    NoCommand,
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
            inexact: BTreeMap::new(),
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

    /// Applies the next entry of the log.
    pub fn apply(&mut self, entry: &Entry<'_>) -> Effect {
        self.index = entry.index;
        let data = match self.chunks.take(entry) {
            Assembled::Whole(data) => data,
            Assembled::Part => return Effect::Part,
            Assembled::Other => return Effect::NoCommand,
            Assembled::Incomplete => {
                return Effect::NotApplied("earlier parts of the command are not in the log");
            }
        };
        match Command::read(&data) {
            Some(command) => self.command(&command),
            None => Effect::NotApplied("it is empty"),
        }
    }

    fn command(&mut self, command: &Command<'_>) -> Effect {
        let Some(row) = COMMANDS.iter().find(|row| row.kind == command.kind) else {
            let why = "entries of this type are not applied";
            self.is_inexact(command.kind, why);
            return Effect::NotApplied(why);
        };
        self.tables.begin();
        match (row.apply)(self, command.request) {
            Ok(()) => match self.changed() {
                0 => Effect::Unchanged,
                records => Effect::Changed(records),
            },
            Err(e) => {
                self.tables.roll_back();
                Effect::Refused(e.0)
            }
        }
    }

    /// Number of records that the last write changed, without bookkeeping.
    fn changed(&self) -> usize {
        let is_bookkeeping = |table| {
            matches!(table, Table::Index | Table::Gateways | Table::Topology | Table::KindNames)
        };
        let mut first = BTreeMap::new();
        for change in self.tables.journal() {
            if !is_bookkeeping(change.table) {
                first.entry((change.table, &change.key)).or_insert(&change.before);
            }
        }
        let differs = |((table, key), before): &((Table, &Vec<u8>), &Option<Body>)| match (
            before,
            self.tables.get(*table, key),
        ) {
            (None, None) => false,
            (Some(before), Some(now)) => !same_record(record_kind(*table), before, &now),
            _ => true,
        };
        first.into_iter().filter(differs).count()
    }

    pub(crate) fn get(&self, table: Table, key: &[u8]) -> Option<Body> {
        self.tables.get(table, key)
    }

    pub(crate) fn put(&mut self, table: Table, key: Vec<u8>, body: &Doc<'_>) {
        self.tables.put(table, key, Some(body.bytes()));
    }

    /// Sets an index of the index table to the current one.
    pub(crate) fn move_index(&mut self, name: &[u8]) {
        self.set_index(name, self.index);
    }

    pub(crate) fn set_index(&mut self, name: &[u8], value: u64) {
        let mut body = Vec::new();
        encode::map_head(2, &mut body);
        body.extend(raw(b"Key"));
        body.extend(raw(name));
        body.extend(raw(b"Value"));
        body.extend(uint(value));
        self.tables.put(Table::Index, key_of(&[name]), Some(body));
    }

    /// An index of the index table; 0 if absent.
    pub(crate) fn index_of(&self, name: &[u8]) -> u64 {
        self.get(Table::Index, &key_of(&[name]))
            .and_then(|body| Doc::read(&body).ok().map(|doc| doc.uint("Value")))
            .unwrap_or(0)
    }

    /// Stores a row and moves the table's index. A row that it replaces passes on its creation
    /// index.
    pub(crate) fn upsert(
        &mut self,
        table: Table,
        key: Vec<u8>,
        doc: &mut Doc<'_>,
        index: &[u8],
    ) -> Applied {
        let before = self.get(table, &key);
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

/// The type of a table's records.
fn record_kind(table: Table) -> Kind {
    STORED.iter().find(|(stored, _)| *stored == table).map_or(Kind::REGISTER, |(_, kind)| *kind)
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

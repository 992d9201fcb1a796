//! Applies log entries to a state, as a server's state machine does.

use crate::apply::COMMANDS;
use crate::changes::changed_rows;
use crate::machine::Machine;
use crate::rows::Body;
use crate::same::same_record;
use crate::table::{Table, kind_of};
use crate::tables::RowChange;
use snapscope_raftlog::{Assembled, Chunks, Command, Entry};
use std::borrow::Cow;

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
    /// Applies the next entry of the log.
    pub fn apply(&mut self, entry: &Entry<'_>) -> Effect {
        self.perform(entry).unwrap_or_else(|| self.effect())
    }

    /// Applies the next entry of the log, whose command was already reassembled.
    pub fn apply_assembled(&mut self, index: u64, command: Assembled<'_>) -> Effect {
        self.perform_assembled(index, command).unwrap_or_else(|| self.effect())
    }

    /// Applies the next entry of the log, without returning its effect.
    pub fn advance(&mut self, entry: &Entry<'_>) {
        self.perform(entry);
    }

    /// Returns the chunks of incomplete commands, for a caller that reassembles commands.
    pub fn take_chunks(&mut self) -> Chunks {
        std::mem::take(&mut self.chunks)
    }

    /// The effect of an entry that was accepted.
    fn effect(&self) -> Effect {
        match self.changed() {
            0 => Effect::Unchanged,
            records => Effect::Changed(records),
        }
    }

    /// Applies an entry. Returns `None` if it was accepted; then its changes are its effect.
    fn perform(&mut self, entry: &Entry<'_>) -> Option<Effect> {
        let command = self.chunks.take(entry);
        self.perform_assembled(entry.index, command)
    }

    fn perform_assembled(&mut self, index: u64, command: Assembled<'_>) -> Option<Effect> {
        self.index = index;
        // The changes of an entry that changes nothing are none, not those of the entry before it.
        self.tables.begin();
        self.operations.clear();
        let data = match command {
            Assembled::Whole(data) => data,
            Assembled::Part => return Some(Effect::Part),
            Assembled::Other => return Some(Effect::NoCommand),
            Assembled::Incomplete => {
                let why = "earlier parts of the command are not in the log";
                return Some(Effect::NotApplied(why));
            }
        };
        match Command::read(&data) {
            Some(command) => self.command(&command),
            None => Some(Effect::NotApplied("it is empty")),
        }
    }

    fn command(&mut self, command: &Command<'_>) -> Option<Effect> {
        let Some(row) = COMMANDS.iter().find(|row| row.kind == command.kind) else {
            let why = "entries of this type are not applied";
            self.is_inexact(command.kind, why);
            return Some(Effect::NotApplied(why));
        };
        let refused = (row.apply)(self, command.request).err()?;
        self.tables.roll_back();
        Some(Effect::Refused(refused.0))
    }

    /// Number of records that each operation of the last write changed, without bookkeeping; empty unless it was a
    /// transaction.
    #[must_use]
    pub fn changed_by_operations(&self) -> Vec<usize> {
        let starts = std::iter::once(0).chain(self.operations.iter().copied());
        starts.zip(&self.operations).map(|(start, end)| self.changed_between(start, *end)).collect()
    }

    /// For each operation of the last write, whether it deleted a key that `is_meant` accepts; one
    /// item unless it was a transaction.
    #[must_use]
    pub fn deleted_by_operations(&self, is_meant: &dyn Fn(&[u8]) -> bool) -> Vec<bool> {
        let journal = self.tables.journal();
        let whole = [journal.len()];
        let ends =
            if self.operations.is_empty() { whole.as_slice() } else { self.operations.as_slice() };
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let is_it = |change: &RowChange| {
            change.table == Table::Kv && change.after.is_none() && is_meant(&change.key)
        };
        // A refused write has no changes, but its operations remain.
        let part = |(start, end): (usize, &usize)| journal.get(start..*end).unwrap_or_default();
        starts.zip(ends).map(|range| part(range).iter().any(is_it)).collect()
    }

    /// Number of records that the last write changed, without bookkeeping.
    fn changed(&self) -> usize {
        self.changed_between(0, self.tables.journal().len())
    }

    /// Number of records that some of the last write's changes affected.
    fn changed_between(&self, start: usize, end: usize) -> usize {
        let part = self.tables.journal().get(start..end).unwrap_or_default();
        let part = || part.iter().filter(|change| !is_bookkeeping(change.table));
        let mut changes = part();
        if let (Some(change), None) = (changes.next(), changes.next()) {
            // Most writes change one record.
            return usize::from(differs(change.table, &change.before, &change.after));
        }
        let rows = changed_rows(part());
        rows.iter().filter(|((table, _), (before, after))| differs(*table, before, after)).count()
    }
}

/// Whether a record differs before and after a write. Writing a key without a change stores
/// nothing.
fn differs(table: Table, before: &Option<Body>, after: &Option<Body>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => {
            table == Table::Kv || !same_record(kind_of(table), before, after)
        }
        (before, after) => before.is_some() != after.is_some(),
    }
}

/// Whether a table is bookkeeping of the servers.
const fn is_bookkeeping(table: Table) -> bool {
    matches!(table, Table::Index | Table::Gateways | Table::Topology | Table::KindNames)
}

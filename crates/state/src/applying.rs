//! Applies log entries to a state, as a server's state machine does.

use crate::apply::COMMANDS;
use crate::changes::Changed;
use crate::machine::Machine;
use crate::same::same_record;
use crate::table::{Table, kind_of};
use snapscope_raftlog::{Assembled, Command, Entry};
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
        self.index = entry.index;
        // An entry that changes nothing has no changes, not those of the one before.
        self.tables.begin();
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
        let journal =
            || self.tables.journal().iter().filter(|change| !is_bookkeeping(change.table));
        let differs = |table, before: Option<&[u8]>, now: Option<&[u8]>| match (before, now) {
            (Some(before), Some(now)) => !same_record(kind_of(table), before, now),
            (before, now) => before.is_some() != now.is_some(),
        };
        let mut changes = journal();
        if let (Some(change), None) = (changes.next(), changes.next()) {
            // Most writes change one record.
            let now = self.tables.peek(change.table, &change.key);
            return usize::from(differs(change.table, change.before.as_deref(), now));
        }
        let changed = self.changed_rows(|table| !is_bookkeeping(table));
        let differs = |((table, _), row): &(&(Table, &[u8]), &Changed)| {
            differs(*table, row.before.as_deref(), row.after.as_deref())
        };
        changed.iter().filter(differs).count()
    }
}

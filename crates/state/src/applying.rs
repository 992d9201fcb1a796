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
        self.perform(entry).unwrap_or_else(|| match self.changed() {
            0 => Effect::Unchanged,
            records => Effect::Changed(records),
        })
    }

    /// The same, for those who do not need to know what it did.
    pub fn advance(&mut self, entry: &Entry<'_>) {
        self.perform(entry);
    }

    /// Applies an entry. `None` if it was accepted: then its changes are its effect.
    fn perform(&mut self, entry: &Entry<'_>) -> Option<Effect> {
        self.index = entry.index;
        // An entry that changes nothing has no changes, not those of the one before.
        self.tables.begin();
        let data = match self.chunks.take(entry) {
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

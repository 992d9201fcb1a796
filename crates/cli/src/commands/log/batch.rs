//! Entries with their effects, ready to be made into lines on any thread.

use super::line::{Line, PartOf, entry_name};
use crate::authors::{Named, command_name, object_of};
use snapscope_decode::GoTime;
use snapscope_raftlog::{Command, Entry, EntryKind};
use snapscope_state::{Described, Effect, Identities};
use std::borrow::Cow;
use std::ops::Range;

/// Bytes and entries of a full batch.
const FULL: (usize, usize) = (128 << 10, 512);

/// Some entries, in order.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    commands: Vec<u8>,
    entries: Vec<Taken>,
}

#[derive(Debug)]
struct Taken {
    index: u64,
    term: u64,
    kind: EntryKind,
    time: Option<GoTime>,
    bytes: u64,
    /// The place of its command, if it has a whole one.
    command: Option<Range<usize>>,
    part_of: Option<PartOf>,
    effect: Known,
}

/// What is known of an entry's effect.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    effect: Option<&'static str>,
    changes: Option<u64>,
    reason: Cow<'static, str>,
}

impl Known {
    /// Nothing, and why.
    pub(crate) const fn nothing(reason: &'static str) -> Self {
        Self { effect: None, changes: None, reason: Cow::Borrowed(reason) }
    }

    /// Nothing, because nothing vouches for the entry.
    pub(crate) const fn unvouched(reason: &'static str) -> Self {
        Self { effect: Some("unvouched"), changes: None, reason: Cow::Borrowed(reason) }
    }
}

impl From<Effect> for Known {
    fn from(effect: Effect) -> Self {
        let (effect, changes, reason) = match effect {
            Effect::Changed(records) => (Some("changed"), Some(records as u64), "".into()),
            Effect::Unchanged => (Some("none"), Some(0), "".into()),
            Effect::Refused(why) => (Some("refused"), Some(0), why),
            Effect::Part => (Some("part"), Some(0), "".into()),
            Effect::NotApplied(why) => (Some("unknown"), None, why.into()),
            Effect::NoCommand => (None, None, "".into()),
        };
        Self { effect, changes, reason }
    }
}

impl Batch {
    pub(crate) const fn is_full(&self) -> bool {
        self.commands.len() >= FULL.0 || self.entries.len() >= FULL.1
    }

    /// Adds an entry, its whole command if it has one, and its effect.
    pub(crate) fn push(&mut self, entry: &Entry<'_>, command: Option<&[u8]>, effect: Known) {
        let command = command.map(|command| {
            let from = self.commands.len();
            self.commands.extend_from_slice(command);
            from..self.commands.len()
        });
        let part_of = entry
            .chunk()
            .map(|chunk| PartOf { operation: chunk.operation, is_last: command.is_some() });
        self.entries.push(Taken {
            index: entry.index,
            term: entry.term,
            kind: entry.kind,
            time: entry.appended_at,
            bytes: entry.data.len() as u64 + entry.extensions.len() as u64,
            command,
            part_of,
            effect,
        });
    }

    /// Gives the lines of all entries: one for each, or for each of its operations.
    pub(crate) fn lines<'i>(&self, identities: &'i Identities, each: &mut dyn FnMut(&Line<'i>)) {
        for entry in &self.entries {
            self.lines_of(entry, identities, each);
        }
    }

    fn lines_of<'i>(
        &self,
        entry: &Taken,
        identities: &'i Identities,
        each: &mut dyn FnMut(&Line<'i>),
    ) {
        let Known { effect, changes, reason } = entry.effect.clone();
        let mut line = Line {
            index: entry.index,
            term: entry.term,
            time: entry.time,
            kind: entry_name(entry.kind),
            effect,
            changes,
            reason,
            bytes: entry.bytes,
            part_of: entry.part_of,
            ..Line::default()
        };
        let data = entry.command.clone().and_then(|place| self.commands.get(place));
        let Some(command) = data.and_then(Command::read) else { return each(&line) };
        line.kind = command_name(&command);
        let described = Described::of(&command);
        let author = Named::of(described.token.as_deref().unwrap_or_default(), identities);
        line.accessor = author.accessor;
        line.who = author.who;
        line.auth_method = author.auth_method;
        if described.operations.is_empty() {
            return each(&line);
        }
        for operation in described.operations {
            line.object = object_of(&operation);
            line.op = operation.op;
            each(&line);
        }
    }
}

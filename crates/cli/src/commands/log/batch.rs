//! Entries between the log and the output: one thread reads them, a second one applies them, and
//! several make lines of them.

use super::line::{Line, PartOf, entry_name};
use super::requested::Requested;
use crate::authors::{Named, command_name, object_of};
use snapscope_decode::GoTime;
use snapscope_raftlog::{Assembled, Command, Entry, EntryKind};
use snapscope_state::{Described, Effect, Identities, Machine};
use std::borrow::Cow;
use std::ops::Range;

/// Maximum number of bytes and entries in a batch.
const FULL: (usize, usize) = (128 << 10, 512);

/// The effect of recovered entries.
const UNVOUCHED: &str = "unvouched";

/// Why the effect of an entry that was found by its structure is not known.
const RECOVERED: &str = "found by structure, since the pages that lead to it are damaged";

/// Some entries, in order.
#[derive(Debug)]
pub(crate) struct Batch {
    commands: Vec<u8>,
    entries: Vec<Taken>,
    /// Number of entries whose effects are known.
    known: usize,
}

#[derive(Debug)]
struct Taken {
    index: u64,
    term: u64,
    kind: EntryKind,
    time: Option<GoTime>,
    bytes: u64,
    command: Stored,
    part_of: Option<PartOf>,
    effect: Known,
    is_recovered: bool,
}

/// The command of an entry.
#[derive(Debug, Clone)]
enum Stored {
    /// All of it, at this position.
    Whole(Range<usize>),
    Part,
    Incomplete,
    Other,
}

/// The known effect of an entry.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    effect: Option<&'static str>,
    changes: Option<u64>,
    reason: Cow<'static, str>,
    /// Number of records changed by each operation of a transaction.
    operations: Vec<usize>,
    /// Whether each operation deleted a requested key; empty if that is unknown.
    deletes_requested: Vec<bool>,
}

impl Known {
    /// Nothing, and why.
    pub(crate) fn nothing(reason: &'static str) -> Self {
        Self { reason: Cow::Borrowed(reason), ..Self::default() }
    }

    /// None: recovered entries may never have been committed.
    pub(crate) fn unvouched(reason: &'static str) -> Self {
        Self { effect: Some(UNVOUCHED), ..Self::nothing(reason) }
    }

    /// The effect of the last applied entry, also on requested keys.
    pub(crate) fn of(effect: Effect, machine: &Machine, requested: Option<&Requested>) -> Self {
        let deletes_requested = match (requested, &effect) {
            (Some(keys), Effect::Changed(_) | Effect::Unchanged | Effect::Refused(_)) => {
                machine.deleted_by_operations(&|key| keys.include(key))
            }
            _ => Vec::new(),
        };
        let operations = match effect {
            Effect::Changed(_) => machine.changed_by_operations(),
            _ => Vec::new(),
        };
        let (effect, changes, reason) = match effect {
            Effect::Changed(records) => {
                (Some(changed_word(records)), Some(records as u64), "".into())
            }
            Effect::Unchanged => (Some(changed_word(0)), Some(0), "".into()),
            Effect::Refused(why) => (Some("refused"), Some(0), why),
            Effect::Part => (Some("part"), Some(0), "".into()),
            Effect::NotApplied(why) => (Some("unknown"), None, why.into()),
            Effect::NoCommand => (None, None, "".into()),
        };
        Self { effect, changes, reason, operations, deletes_requested }
    }
}

/// Whether it changed something, in one word.
const fn changed_word(records: usize) -> &'static str {
    if records == 0 { "none" } else { "changed" }
}

impl Default for Batch {
    /// Reserves space for all entries at once. Growing later could use the allocator's memory of
    /// another thread, which would then have to wait.
    fn default() -> Self {
        let (bytes, entries) = FULL;
        let commands = Vec::with_capacity(bytes);
        Self { commands, entries: Vec::with_capacity(entries), known: 0 }
    }
}

impl Batch {
    pub(crate) const fn is_full(&self) -> bool {
        self.commands.len() >= FULL.0 || self.entries.len() >= FULL.1
    }

    /// Adds an entry and its command. Its effect is not known yet.
    pub(crate) fn push(&mut self, entry: &Entry<'_>, command: &Assembled<'_>) {
        let command = match command {
            Assembled::Whole(command) => {
                let from = self.commands.len();
                self.commands.extend_from_slice(command);
                Stored::Whole(from..self.commands.len())
            }
            Assembled::Part => Stored::Part,
            Assembled::Incomplete => Stored::Incomplete,
            Assembled::Other => Stored::Other,
        };
        let is_last = matches!(command, Stored::Whole(_));
        let part_of = entry.chunk().map(|chunk| PartOf { operation: chunk.operation, is_last });
        self.entries.push(Taken {
            index: entry.index,
            term: entry.term,
            kind: entry.kind,
            time: entry.appended_at,
            bytes: entry.data.len() as u64 + entry.extensions.len() as u64,
            command,
            part_of,
            effect: Known::default(),
            is_recovered: entry.is_recovered,
        });
    }

    /// Records the effects of the entries added since the last call.
    pub(crate) fn learn(&mut self, mut effect: impl FnMut(u64, Assembled<'_>) -> Known) {
        for entry in self.entries.iter_mut().skip(self.known) {
            let command = match &entry.command {
                Stored::Whole(place) => {
                    let command = self.commands.get(place.clone()).unwrap_or_default();
                    Assembled::Whole(Cow::Borrowed(command))
                }
                Stored::Part => Assembled::Part,
                Stored::Incomplete => Assembled::Incomplete,
                Stored::Other => Assembled::Other,
            };
            entry.effect = effect(entry.index, command);
        }
        self.known = self.entries.len();
    }

    /// Makes lines of all entries: one for each, or one for each operation.
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
        let known = match entry.is_recovered && entry.effect.effect != Some(UNVOUCHED) {
            true => Known::unvouched(RECOVERED),
            false => entry.effect.clone(),
        };
        let Known { effect, changes, reason, operations: changed, deletes_requested } = known;
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
        let data = match &entry.command {
            Stored::Whole(place) => self.commands.get(place.clone()),
            _ => None,
        };
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
        // Each operation of a transaction has its own effect.
        let count = described.operations.len();
        let changed = (changed.len() == count).then_some(changed);
        let deletes = (deletes_requested.len() == count).then_some(deletes_requested);
        for (at, operation) in described.operations.into_iter().enumerate() {
            if let Some(records) = changed.as_ref().and_then(|changed| changed.get(at)) {
                line.effect = Some(changed_word(*records));
                line.changes = Some(*records as u64);
            }
            line.deletes_requested = deletes.as_ref().and_then(|deletes| deletes.get(at).copied());
            line.object = object_of(&operation);
            line.op = operation.op;
            each(&line);
        }
    }
}

//! Reads a log in order, with authors and effects.

use super::batch::{Batch, Known};
use super::effects::Effects;
use super::learned::Learned;
use super::requested::Requested;
use crate::log_damage::{Losses, damage_of, note_once};
use crate::reading::ReadArgs;
use crate::render::escape::one_line;
use crate::server_log::{ServerLog, ServerSnapshot};
use anyhow::Result;
use snapscope_archive::Source;
use snapscope_raftlog::{Assembled, Chunks, Entry, LogFinding};
use snapscope_state::{Identities, Loaded, Loading, Machine};
use std::ops::ControlFlow;

/// What must be known before the first line.
pub(crate) struct Reader {
    pub(crate) identities: Identities,
    pub(crate) entries: Entries,
    pub(crate) state: AppliedTo,
    /// What is missing in the snapshots, as far as it matters.
    pub(crate) losses: Losses,
}

/// The position in the log.
pub(crate) struct Entries {
    chunks: Chunks,
    /// The last entry to read: the last of the log when reading began, or the last requested one.
    end: u64,
}

/// The state to which entries are applied.
pub(crate) struct AppliedTo {
    /// The state, and the index of its snapshot.
    state: Option<(u64, Machine)>,
    /// Why effects are unknown without a state.
    unknown: &'static str,
    /// The last entry that was applied.
    last: Option<u64>,
    /// The keys of which deletions are noted.
    pub(super) requested: Option<Requested>,
}

/// The snapshot that the log continues; none if the log starts with its first entry.
fn base(server: &ServerLog, first: Option<u64>) -> Option<&ServerSnapshot> {
    let first = first.filter(|first| *first != 1)?;
    server.snapshots.iter().find(|snapshot| snapshot.index.saturating_add(1) >= first)
}

impl Reader {
    /// Collects tokens and, if effects are requested, the state before the log.
    pub(crate) fn prepare(
        server: &ServerLog,
        read: &ReadArgs,
        effects: Effects,
        last: u64,
    ) -> Result<Self> {
        let Learned { mut identities, touched, first, end, is_whole } =
            Learned::from(server, effects, last, read.jobs().0)?;
        let base = base(server, first);
        let mut loading = Loading::new(touched);
        // A log from its first entry on names all tokens, and needs no snapshot.
        let is_needed = first != Some(1) || !is_whole;
        let mut losses = if is_needed { server.losses.clone() } else { Losses::default() };
        let mut is_base_whole = true;
        for snapshot in &server.snapshots {
            let is_base = base == Some(snapshot) && effects != Effects::None;
            let source = Source::Directory(snapshot.path.clone());
            let lines: Vec<String> = match read.open_quietly(&source) {
                Ok(mut blocks) => {
                    for block in blocks.by_ref() {
                        for frame in block.frames() {
                            identities.see_record(&frame);
                            if is_base {
                                loading.take(&frame);
                            }
                        }
                    }
                    damage_of(&source.name(), &blocks.finish()).collect()
                }
                Err(e) => vec![one_line(e.to_string().as_bytes())],
            };
            is_base_whole &= !is_base || lines.is_empty();
            for line in lines {
                match is_needed {
                    true => losses.add(&line),
                    false => {
                        note_once(&format!("note: {line}; the log does not need this snapshot"))
                    }
                }
            }
        }
        let mut entries = Entries { chunks: Chunks::default(), end };
        let mut state = AppliedTo { state: None, unknown: "", last: None, requested: None };
        // Without a state before the log, effects are unknown.
        if !is_base_whole {
            state.unknown = "the snapshot before it is damaged";
        } else if effects != Effects::None && (base.is_some() || first == Some(1)) {
            let Loaded { mut machine, .. } = loading.finish();
            // These commands started in chunks that were removed from the log.
            entries.chunks = machine.take_chunks();
            state.state = Some((base.map_or(0, |base| base.index), machine));
        }
        Ok(Self { identities, entries, state, losses })
    }
}

impl Entries {
    /// Passes on all entries that were in the log when reading began, in batches, oldest first.
    pub(crate) fn each(
        &mut self,
        server: &ServerLog,
        seen: &mut dyn FnMut(&Entry<'_>),
        give: &mut dyn FnMut(Batch) -> ControlFlow<()>,
    ) -> Result<Vec<LogFinding>> {
        let mut batch = Batch::default();
        let findings = server.walk(0, &mut |entry| {
            if entry.index > self.end {
                return ControlFlow::Break(());
            }
            seen(&entry);
            self.take(&entry, &mut batch);
            if batch.is_full() {
                return give(std::mem::take(&mut batch));
            }
            ControlFlow::Continue(())
        })?;
        // After a stop, nobody takes the batch.
        let _ = give(batch);
        Ok(findings)
    }

    /// Adds the next entry of the log to a batch.
    pub(crate) fn take(&mut self, entry: &Entry<'_>, batch: &mut Batch) {
        batch.push(entry, &self.chunks.take(entry));
    }
}

impl AppliedTo {
    /// Applies the entries that were added to a batch since the last call.
    pub(crate) fn apply(&mut self, batch: &mut Batch) {
        batch.learn(|index, command| self.effect(index, command));
    }

    /// From here on, effects are unknown.
    pub(crate) fn lose_state(&mut self, why: &'static str) {
        if self.state.take().is_some() {
            self.unknown = why;
        }
    }

    fn effect(&mut self, index: u64, command: Assembled<'_>) -> Known {
        if self.last.is_some_and(|last| last.checked_add(1) != Some(index)) {
            self.lose_state("entries before it are missing");
        }
        self.last = Some(index);
        match &mut self.state {
            None => Known::nothing(self.unknown),
            Some((base, _)) if index <= *base => {
                Known::nothing("it is older than the oldest snapshot")
            }
            Some((_, machine)) => {
                let effect = machine.apply_assembled(index, command);
                Known::of(effect, machine, self.requested.as_ref())
            }
        }
    }
}

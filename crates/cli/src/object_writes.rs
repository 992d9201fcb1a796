//! Shared parts of `history` and `diff`: which objects the writes of a server's Raft log changed.

use crate::authors::{Authors, WriteOf};
use crate::log_damage::Losses;
use crate::render::escape::one_line;
use crate::rolled::{Rolled, Stretch, Watch, runs, stretches};
use crate::server_log::ServerLog;
use crate::terminal::note;
use anyhow::Result;
use snapscope_analyze::changes::{ChangedObject, ChangedObjects};
use snapscope_analyze::compare::Comparer;
use snapscope_archive::{OpenOptions, Source};
use snapscope_decode::{Frame, Kind};
use snapscope_objects::kind::{KindId, ObjectKind, PeerSelection};
use snapscope_raftlog::Entry;
use snapscope_state::{Joined, Machine};
use std::path::Path;

/// A log, and the states to which it can be applied.
pub(crate) struct UsableLog {
    pub(crate) server: ServerLog,
    /// Its name, on one line.
    pub(crate) place: String,
    /// Its entries between gaps, oldest first.
    pub(crate) stretches: Vec<Stretch>,
    /// What is missing in it.
    pub(crate) losses: Losses,
}

impl UsableLog {
    /// Finds the states to which the largest part of a log after one index and up to another one
    /// can be applied. `given` are snapshots that may belong to it. If none exists, a note says so,
    /// and what is missing in the log is returned.
    pub(crate) fn find(
        server: ServerLog,
        place: &Path,
        given: &[Source],
        (after, to): (u64, u64),
        read: &OpenOptions,
    ) -> Result<Result<Self, Losses>> {
        let place = one_line(place.display().to_string().as_bytes());
        let (runs, findings) = runs(&server)?;
        let is_whole =
            |(first, last): &(u64, u64)| *first <= after.saturating_add(1) && *last >= to;
        let losses = match runs.iter().any(is_whole) {
            true => Losses::default(),
            false => Losses::of_log(&findings),
        };
        let mut stretches = stretches(&server, &runs, given, after, read)?;
        stretches.retain(|stretch| stretch.to > after || after == 0);
        if stretches.is_empty() {
            note!(
                "snapscope: {place}: note: the log is not used: it does not continue any of the snapshots"
            );
            return Ok(Err(losses));
        }
        Ok(Ok(Self { server, place, stretches, losses }))
    }

    /// Applies a stretch of the log up to an index, and shows each entry to the watch.
    pub(crate) fn roll(
        &self,
        stretch: &Stretch,
        to: u64,
        read: &OpenOptions,
        watch: &mut dyn Watch,
    ) -> Result<Rolled> {
        Rolled::through(&self.server, stretch, to, read, watch)
    }
}

/// Receives an object that a write changed, and the write.
type Take<'w> = dyn FnMut(ChangedObject, WriteOf) + 'w;

/// Watches a log being applied, and passes on the objects of some kinds that each write changed.
pub(crate) struct ObjectWrites<'w> {
    comparer: &'w Comparer,
    objects: ChangedObjects,
    joined: Option<Joined>,
    authors: Authors,
    /// Writes up to this index are skipped.
    after: u64,
    is_meant: &'w dyn Fn(&ChangedObject) -> bool,
    take: &'w mut Take<'w>,
}

impl<'w> ObjectWrites<'w> {
    /// Passes on objects of kinds for which `is_meant` is true.
    pub(crate) fn new(
        kinds: impl IntoIterator<Item = &'static ObjectKind>,
        peers: &PeerSelection,
        comparer: &'w Comparer,
        is_meant: &'w dyn Fn(&ChangedObject) -> bool,
        take: &'w mut Take<'w>,
    ) -> Self {
        let kinds: Vec<&ObjectKind> = kinds.into_iter().collect();
        Self {
            comparer,
            joined: kinds.iter().find_map(|kind| joined(kind)),
            objects: ChangedObjects::new(kinds, peers),
            authors: Authors::default(),
            after: 0,
            is_meant,
            take,
        }
    }

    /// Passes on only the writes after an index.
    pub(crate) fn after(self, index: u64) -> Self {
        Self { after: index, ..self }
    }

    /// Whether records of this type contain such objects.
    pub(crate) fn are_in(&self, record: Kind) -> bool {
        self.objects.are_in(record)
    }
}

/// The kinds that must be held completely because they are joined from several records.
fn joined(kind: &ObjectKind) -> Option<Joined> {
    match kind.id {
        KindId::Services => Some(Joined::Services),
        KindId::Locks => Some(Joined::Locks),
        _ => None,
    }
}

impl Watch for ObjectWrites<'_> {
    fn joined(&self) -> Option<Joined> {
        self.joined
    }

    fn record(&mut self, frame: &Frame<'_>) {
        self.authors.see_record(frame);
    }

    fn entry(&mut self, entry: &Entry<'_>, machine: &Machine) {
        let Some(data) = self.authors.see(entry) else { return };
        if entry.index <= self.after {
            return;
        }
        let changes = match self.joined {
            Some(joined) => machine.joined_changes(joined),
            None => machine.changes(&|kind| self.objects.are_in(kind)),
        };
        if changes.is_empty() {
            return;
        }
        let Self { comparer, objects, authors, is_meant, take, .. } = self;
        let mut write = None;
        objects.each(&changes.before, &changes.after, &mut |object| {
            if !is_meant(&object) {
                return;
            }
            if write.is_none() {
                write = authors.write(entry, &data);
            }
            let of = write.as_ref().zip(object.row());
            if let Some(write) = of.map(|(write, row)| WriteOf::new(write, row, comparer)) {
                take(object, write);
            }
        });
    }
}

//! Shared parts of `history` and `diff`: which objects the writes of a server's Raft log changed.

use crate::authors::{Authors, WriteOf};
use crate::render::escape::one_line;
use crate::rolled::{Base, Rolled, Watch, base_before, whole_to};
use crate::server_log::{ServerLog, report};
use anyhow::Result;
use snapscope_analyze::changes::{ChangedObject, ChangedObjects};
use snapscope_analyze::compare::Comparer;
use snapscope_archive::{OpenOptions, Source};
use snapscope_decode::{Frame, Kind};
use snapscope_objects::kind::{KindId, ObjectKind, PeerSelection};
use snapscope_raftlog::Entry;
use snapscope_state::{Joined, Machine};
use std::path::Path;

/// A log, and the state to which it can be applied.
pub(crate) struct UsableLog {
    pub(crate) server: ServerLog,
    /// Its name, on one line.
    pub(crate) place: String,
    pub(crate) base: Base,
    /// The last entry before the first gap.
    pub(crate) to: u64,
    /// Whether some of it is damaged.
    pub(crate) is_damaged: bool,
}

impl UsableLog {
    /// Finds the state to which the largest part of a log after an index can be applied. `given`
    /// are snapshots that may belong to it. Returns `None`, with a note, if none exists.
    pub(crate) fn find(
        server: ServerLog,
        place: &Path,
        given: &[Source],
        index: u64,
        read: &OpenOptions,
    ) -> Result<Option<Self>> {
        let place = one_line(place.display().to_string().as_bytes());
        let Some(base) = base_before(&server, &place, given, index, read)? else { return Ok(None) };
        let (to, findings) = whole_to(&server, base.index)?;
        let is_damaged = report(&findings);
        Ok(Some(Self { server, place, base, to, is_damaged }))
    }

    /// Applies the log up to an index, and shows each entry to the watch.
    pub(crate) fn roll(
        &self,
        to: u64,
        read: &OpenOptions,
        watch: &mut dyn Watch,
    ) -> Result<Rolled> {
        Rolled::from_base(&self.server, &self.base, to, read, watch)
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

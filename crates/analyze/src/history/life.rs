//! Derives the events of an object from its states.

use super::seen::Seen;
use super::stored::Stored;
use super::tombstones::{Deletion, Tombstones};
use crate::compare::{Change, Comparer, Difference};
use crate::series::Snapshot;
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::row::Row;
use std::collections::BTreeSet;
use std::io;

/// A change of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// It exists, and no earlier snapshot shows whether it did before.
    FirstSeen,
    /// It exists, and did not before.
    Created,
    /// Its content changed.
    Changed,
    /// It was deleted and created again.
    Recreated,
    /// It was written, but its content is the same.
    Touched,
    /// It no longer exists, or a tombstone shows that it was deleted.
    Deleted,
}

impl EventKind {
    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::FirstSeen => "first-seen",
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Recreated => "recreated",
            Self::Touched => "touched",
            Self::Deleted => "deleted",
        }
    }
}

/// An event of an object between two snapshots.
#[derive(Debug)]
pub struct Event {
    /// The change.
    pub kind: EventKind,
    /// Its raft index, if known.
    pub index: Option<u64>,
    /// The last snapshot before it, as an index into those of the cluster; `None` if it was before
    /// all of them.
    pub since: Option<usize>,
    /// The first snapshot that shows it; past the last one for an event that no snapshot shows, but a
    /// write.
    pub until: usize,
    /// The tombstone of the deletion, even of one before the object was created again.
    pub deletion: Option<Deletion>,
    /// The object before and after, with masked secrets, and the differences; `None` if no snapshot
    /// contains it, because it was created and deleted between two.
    pub difference: Option<Difference>,
    /// `CreateIndex` after it.
    pub create_index: Option<u64>,
    /// `ModifyIndex` after it.
    pub modify_index: Option<u64>,
    /// Whether the state is older than the previous snapshot: it came back with a restore, at an
    /// unknown index.
    pub restored: bool,
    /// Whether it depends on a damaged snapshot, which may be wrong.
    pub damaged: bool,
}

impl Event {
    /// The event of a write whose effect is known: no snapshots are before and after it. `None` if the
    /// object is the same.
    #[must_use]
    pub fn of_write(
        comparer: &Comparer,
        index: u64,
        before: Option<&Row>,
        after: Option<&Row>,
    ) -> Option<Self> {
        let difference = comparer.difference(before, after)?;
        let kind = match (difference.class.change, difference.class.recreated) {
            (Change::Added, _) => EventKind::Created,
            (Change::Removed, _) => EventKind::Deleted,
            (_, true) => EventKind::Recreated,
            (Change::Touched, _) => EventKind::Touched,
            _ => EventKind::Changed,
        };
        Some(Self {
            kind,
            index: Some(index),
            since: None,
            until: usize::MAX,
            deletion: None,
            difference: Some(difference),
            create_index: after.and_then(|row| index_of(row, "CreateIndex")),
            modify_index: after.and_then(|row| index_of(row, "ModifyIndex")),
            restored: false,
            damaged: false,
        })
    }
}

/// An object in stored form, and as a row.
type State = (Vec<u8>, Row);

/// The change.
pub(super) struct Telling<'t> {
    pub(super) id: &'t [u8],
    pub(super) kind: &'static ObjectKind,
    pub(super) snapshots: &'t [Snapshot<Seen>],
    pub(super) tombstones: &'t Tombstones,
    pub(super) comparer: &'t Comparer,
    /// Whether existing from the beginning is an event.
    pub(super) tells_first: bool,
    /// Whether it existed from the beginning.
    pub(super) at_first: bool,
    /// The last snapshot that contains it, and its state, in stored form and as a row.
    pub(super) last: Option<(usize, Option<State>)>,
    /// Tombstones already reported.
    pub(super) reported: BTreeSet<u64>,
    /// Events that are not passed on yet. An event may still be inserted before the last one.
    pub(super) events: Vec<Event>,
}

impl Telling<'_> {
    /// Takes the data of the next snapshot.
    pub(super) fn state(&mut self, at: usize, row: Option<&[u8]>) -> io::Result<()> {
        let since = self.last.as_ref().map(|(since, _)| *since);
        let before = self.last.take().and_then(|(_, row)| row);
        let is_there = row.is_some();
        let now = match (since, before, row) {
            (_, None, None) => None,
            (None, _, Some(row)) => {
                let row = self.kept(row)?;
                self.at_first = true;
                if self.tells_first {
                    self.appears(EventKind::FirstSeen, at, None, &row.1);
                }
                Some(row)
            }
            (Some(since), None, Some(row)) => {
                let row = self.kept(row)?;
                self.appears(EventKind::Created, at, Some(since), &row.1);
                Some(row)
            }
            (since, Some((_, before)), None) => {
                self.vanishes(at, since.unwrap_or(at), &before);
                None
            }
            // Equal states are one.
            (_, Some(before), Some(row)) if before.0 == row => Some(before),
            (Some(since), Some((_, before)), Some(row)) => {
                let row = self.kept(row)?;
                self.stays(at, since, &before, &row.1);
                Some(row)
            }
        };
        self.unseen_deletion(at, since, is_there);
        self.last = Some((at, now));
        Ok(())
    }

    fn kept(&self, row: &[u8]) -> io::Result<(Vec<u8>, Row)> {
        Ok((row.to_vec(), Stored::object(row, self.kind)?))
    }

    /// Skips intact snapshots before `until` in which the object does not exist; `first` and `last`
    /// are the first and last of them.
    pub(super) fn absent(&mut self, first: usize, last: usize) -> io::Result<()> {
        self.state(first, None)?;
        if last > first {
            self.last = Some((last, None));
        }
        Ok(())
    }

    fn appears(&mut self, kind: EventKind, at: usize, since: Option<usize>, row: &Row) {
        let created = index_of(row, "CreateIndex");
        let restored = kind == EventKind::Created && self.is_older(created, since);
        let difference = self.comparer.difference(None, Some(row));
        let index = created.filter(|_| !restored);
        self.push(Event { index, restored, difference, ..self.event(kind, at, since, Some(row)) });
    }

    fn vanishes(&mut self, at: usize, since: usize, before: &Row) {
        let deletion = self.deletion(since, before, self.index(at));
        let index = deletion.as_ref().map(|deletion| deletion.index);
        let difference = self.comparer.difference(Some(before), None);
        let event = self.event(EventKind::Deleted, at, Some(since), None);
        self.push(Event { index, deletion, difference, ..event });
    }

    fn stays(&mut self, at: usize, since: usize, before: &Row, after: &Row) {
        let Some(difference) = self.comparer.difference(Some(before), Some(after)) else { return };
        let class = difference.class;
        let kind = match class.change {
            _ if class.recreated => EventKind::Recreated,
            Change::Touched => EventKind::Touched,
            _ => EventKind::Changed,
        };
        let modified = index_of(after, "ModifyIndex");
        let index = if class.recreated {
            index_of(after, "CreateIndex")
        } else {
            // Objects without their own index, or changed without their own write, have none.
            modified.filter(|_| modified != index_of(before, "ModifyIndex"))
        };
        let restored = self.is_older(index, Some(since));
        let deletion = match index {
            Some(created) if class.recreated && !restored => self.deletion(since, before, created),
            _ => None,
        };
        let index = index.filter(|_| !restored);
        let difference = Some(difference);
        let event = self.event(kind, at, Some(since), Some(after));
        self.push(Event { index, restored, deletion, difference, ..event });
    }

    /// A deletion that no pair of states shows: before the first snapshot, or of an object that
    /// was created and deleted between two of them.
    fn unseen_deletion(&mut self, at: usize, since: Option<usize>, is_there: bool) {
        let Some(index) = self.tombstones.own().get(&at).copied() else { return };
        if !self.reported.insert(index) {
            return;
        }
        // If it exists, the event of this snapshot came later.
        let behind = is_there && self.events.last().is_some_and(|event| event.until == at);
        let deletion = Some(Deletion { index, prefix: None });
        // If the previous snapshot has the same or a higher index, it is not between the two.
        let since = since.filter(|since| self.index(*since) < index);
        let event = self.event(EventKind::Deleted, at, since, None);
        let event = Event { index: Some(index), deletion, ..event };
        let place = self.events.len() - usize::from(behind);
        self.events.insert(place, event);
    }

    fn deletion(&self, since: usize, before: &Row, up_to: u64) -> Option<Deletion> {
        let written = index_of(before, "ModifyIndex").unwrap_or(0);
        self.tombstones.deletion(self.id, self.index(since).max(written), up_to)
    }

    fn index(&self, at: usize) -> u64 {
        self.snapshots.get(at).map_or(0, |snapshot| snapshot.index)
    }

    /// Whether an index cannot be between a snapshot and the next, because it was passed already.
    fn is_older(&self, index: Option<u64>, since: Option<usize>) -> bool {
        index.zip(since).is_some_and(|(index, since)| index <= self.index(since))
    }

    fn event(
        &self,
        kind: EventKind,
        until: usize,
        since: Option<usize>,
        after: Option<&Row>,
    ) -> Event {
        let is_damaged = |at: usize| self.snapshots.get(at).is_some_and(Snapshot::is_damaged);
        Event {
            kind,
            index: None,
            since,
            until,
            deletion: None,
            difference: None,
            create_index: after.and_then(|row| index_of(row, "CreateIndex")),
            modify_index: after.and_then(|row| index_of(row, "ModifyIndex")),
            restored: false,
            damaged: is_damaged(until) || since.is_some_and(is_damaged),
        }
    }

    fn push(&mut self, event: Event) {
        if let Some(deletion) = &event.deletion
            && deletion.prefix.is_none()
        {
            self.reported.insert(deletion.index);
        }
        self.events.push(event);
    }
}

/// An index of an object; records of kinds and versions that do not store one have none.
fn index_of(row: &Row, field: &str) -> Option<u64> {
    row.get(field).and_then(|node| node.uint()).filter(|index| *index > 0)
}

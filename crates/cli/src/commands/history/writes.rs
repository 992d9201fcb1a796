//! The writes of objects in a server's Raft log, with their authors.

use crate::authors::WriteOf;
use crate::exit::Exit;
use crate::object_writes::{ObjectWrites, UsableLog};
use crate::rolled::{Nobody, Rolled, index_of, say_inexact_of, stream_of};
use crate::server_log::ServerLog;
use crate::terminal::say;
use anyhow::Result;
use snapscope_analyze::changes::ChangedObject;
use snapscope_analyze::compare::Comparer;
use snapscope_analyze::history::{Event, Fit, IdQuery, Question};
use snapscope_analyze::series::Named;
use snapscope_archive::{OpenOptions, Source};
use snapscope_objects::row::Row;
use snapscope_runs::{Room, Sorted, Sorter};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// A log, with the question about it.
pub(super) struct Log {
    log: UsableLog,
}

/// The writes of the objects.
pub(super) struct Writes {
    /// The log's name.
    pub(super) place: String,
    /// All writes after this index are known, ...
    pub(super) after: u64,
    /// ... up to this one.
    pub(super) to: u64,
    /// All objects that match, by ID.
    pub(super) fits: BTreeMap<Vec<u8>, Fit>,
    writes: Vec<WriteOf>,
    /// By index of the write: its position, and the object before and after it.
    found: Sorted,
}

impl Log {
    /// Finds the earliest state to which the log can be applied. Returns `None`, with a note, if
    /// there is none.
    pub(super) fn find(place: &Path, given: &[Named], read: &OpenOptions) -> Result<Option<Self>> {
        let given: Vec<Source> = given.iter().map(|named| named.source.clone()).collect();
        let log = UsableLog::find(ServerLog::find(place)?, place, &given, 0, read)?;
        Ok(log.map(|log| Self { log }))
    }

    /// The snapshots that put the writes in order: the state before them and, if the cluster or
    /// later events are unknown without it, the state after them. That is `rolled` if there are
    /// writes.
    pub(super) fn ends(
        &self,
        given: &[Named],
        rolled: Option<&Rolled>,
        read: &OpenOptions,
    ) -> Result<Vec<Named>> {
        let path = |source: &Source| match source {
            Source::File(path) | Source::Directory(path) => Some(path.clone()),
            _ => None,
        };
        let is_given = |source: &Source| {
            path(source).is_some() && given.iter().any(|named| path(&named.source) == path(source))
        };
        let mut ends: Vec<Source> =
            self.log.base.source.iter().filter(|base| !is_given(base)).cloned().collect();
        let is_later = |named: &Named| {
            !named.source.reopenable()
                || index_of(&named.source, read).is_ok_and(|index| index > self.log.to)
        };
        if self.log.base.source.is_none() || given.iter().any(is_later) {
            let own = self.log.server.snapshots.iter().find(|own| own.index == self.log.to);
            let end = match own {
                Some(own) => Source::Directory(own.path.clone()),
                None => {
                    let name = format!("{}@{}", self.log.place, self.log.to);
                    match rolled {
                        Some(rolled) => stream_of(rolled, &name, read)?,
                        None => stream_of(&self.roll(read)?, &name, read)?,
                    }
                }
            };
            if !is_given(&end) {
                ends.push(end);
            }
        }
        Ok(ends.into_iter().map(|source| Named { source, in_folder: false }).collect())
    }

    /// The name of the snapshot before the log.
    pub(super) fn base_name(&self) -> Option<String> {
        self.log.base.source.as_ref().map(Source::name)
    }

    fn roll(&self, read: &OpenOptions) -> Result<Rolled> {
        self.log.roll(self.log.to, read, &mut Nobody)
    }

    /// Finds the writes of the objects, the exit code, and the state after them if there are any
    /// writes.
    pub(super) fn writes(
        &self,
        question: &Question,
        comparer: &Comparer,
        room: &Room,
        read: &OpenOptions,
    ) -> Result<(Writes, Exit, Option<Rolled>)> {
        let mut collected = Collected {
            question,
            writes: Vec::new(),
            fits: BTreeMap::new(),
            found: Sorter::new(room),
            failed: None,
        };
        let mut is_damaged = self.log.is_damaged;
        let mut rolled = None;
        if self.log.to > self.log.base.index {
            let is_meant = |object: &ChangedObject| fit(question, object).is_some();
            let mut take = |object, write| collected.take(object, write);
            let mut watch =
                ObjectWrites::new([question.kind], &question.peers, comparer, &is_meant, &mut take);
            let rolled = rolled.insert(self.log.roll(self.log.to, read, &mut watch)?);
            is_damaged |= say_inexact_of(rolled, &|kind| question.kind.from.contains(&kind));
            is_damaged |= rolled.closing.as_ref().is_some_and(|closing| closing.is_damaged());
        }
        let Collected { writes, fits, found, failed, .. } = collected;
        if let Some(e) = failed {
            return Err(e.into());
        }
        if is_damaged {
            say!(
                "snapscope: {}: the history up to index {} may be incomplete",
                self.log.place,
                self.log.to
            );
        }
        let place = self.log.place.clone();
        let (after, to, found) = (self.log.base.index, self.log.to, found.finish()?);
        let exit = if is_damaged { Exit::Damaged } else { Exit::Done };
        Ok((Writes { place, after, to, fits, writes, found }, exit, rolled))
    }
}

/// How well an object's state before or after the write matches, if at all.
fn fit(question: &Question, object: &ChangedObject) -> Option<Fit> {
    let sides = object.before.iter().chain(object.after.iter());
    sides.filter_map(|row| question.fit(row)).min()
}

/// Collects writes while the log is applied.
struct Collected<'q> {
    question: &'q Question,
    writes: Vec<WriteOf>,
    fits: BTreeMap<Vec<u8>, Fit>,
    found: Sorter,
    failed: Option<io::Error>,
}

impl Collected<'_> {
    fn take(&mut self, object: ChangedObject, write: WriteOf) {
        let (Some(fit), Some(row)) = (fit(self.question, &object), object.row()) else { return };
        if matches!(self.question.ids, IdQuery::Named(_)) {
            let known = self.fits.entry(row.id()).or_insert(fit);
            *known = fit.min(*known);
        }
        let kept = stored(object.before.as_ref(), object.after.as_ref());
        if let Err(e) = self.found.push(&(self.writes.len() as u64).to_be_bytes(), &kept) {
            self.failed.get_or_insert(e);
        }
        self.writes.push(write);
    }
}

/// Two rows as bytes: the size of the first one, then both. A missing row has no bytes.
fn stored(before: Option<&Row>, after: Option<&Row>) -> Vec<u8> {
    let mut out = vec![0; 8];
    if let Some(row) = before {
        row.write(&mut out);
    }
    let size = (out.len() as u64).saturating_sub(8).to_le_bytes();
    if let Some(place) = out.first_chunk_mut() {
        *place = size;
    }
    if let Some(row) = after {
        row.write(&mut out);
    }
    out
}

/// Receives an object's ID, an event, and its author.
type TakeEvent<'t> = dyn FnMut(&[u8], Event, &WriteOf) -> io::Result<()> + 't;

impl Writes {
    /// Passes on the event of each write of the meant objects, in order, with the object's ID and
    /// the author.
    pub(super) fn events(
        &self,
        question: &Question,
        is_meant: &dyn Fn(&[u8]) -> bool,
        comparer: &Comparer,
        each: &mut TakeEvent<'_>,
    ) -> io::Result<()> {
        let mut entries = self.found.entries()?;
        let mut number = 0usize;
        while let Some(entry) = entries.next()? {
            let Some(write) = self.writes.get(number) else { break };
            number += 1;
            let changed = || io::Error::other("the temporary file was changed");
            let (size, rows) = entry.value.split_first_chunk().ok_or_else(changed)?;
            let size = usize::try_from(u64::from_le_bytes(*size)).unwrap_or(usize::MAX);
            let (before, after) = rows.split_at_checked(size).ok_or_else(changed)?;
            let row = |bytes: &[u8]| {
                let row = (!bytes.is_empty()).then(|| Row::read(question.kind, bytes));
                row.map(|row| row.ok_or_else(changed)).transpose()
            };
            let (before, after) = (row(before)?, row(after)?);
            let Some(id) = after.as_ref().or(before.as_ref()).map(Row::id) else { continue };
            if !is_meant(&id) {
                continue;
            }
            let event = Event::of_write(comparer, write.index(), before.as_ref(), after.as_ref());
            if let Some(event) = event {
                each(&comparer.shown_name(id), event, write)?;
            }
        }
        Ok(())
    }
}

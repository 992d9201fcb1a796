//! The writes of objects in a server's Raft log, with their authors.

use crate::authors::WriteOf;
use crate::log_damage::Losses;
use crate::object_writes::{ObjectWrites, UsableLog};
use crate::render::escape::one_line;
use crate::rolled::{Rolled, index_of, say_inexact_of, stream_of};
use crate::server_log::ServerLog;
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

/// All writes after the first index and up to the second one are known.
pub(super) type Covered = (u64, u64);

/// The writes of the objects.
pub(super) struct Writes {
    /// The log's name.
    pub(super) place: String,
    /// All writes after the first index and up to the second one are known.
    pub(super) covered: Vec<Covered>,
    /// All objects that match, by ID.
    pub(super) fits: BTreeMap<Vec<u8>, Fit>,
    writes: Vec<WriteOf>,
    /// By index of the write: its position, and the object before and after it.
    found: Sorted,
}

impl Log {
    /// Finds the earliest states to which the log can be applied. If there are none, a note says so,
    /// and what is missing in the log is returned.
    pub(super) fn find(
        place: &Path,
        given: &[Named],
        read: &OpenOptions,
    ) -> Result<Result<Self, Losses>> {
        let given: Vec<Source> = given.iter().map(|named| named.source.clone()).collect();
        let log = UsableLog::find(ServerLog::find(place)?, place, &given, (0, u64::MAX), read)?;
        Ok(log.map(|log| Self { log }))
    }

    /// Finds the writes of the objects, and what is missing of them. If `given` snapshots are to be
    /// completed, also returns those that put the writes in order.
    pub(super) fn writes(
        &self,
        question: &Question,
        comparer: &Comparer,
        room: &Room,
        read: &OpenOptions,
        given: Option<&[Named]>,
    ) -> Result<(Writes, Losses, Vec<Source>)> {
        let mut collected = Collected {
            question,
            writes: Vec::new(),
            fits: BTreeMap::new(),
            found: Sorter::new(room),
            failed: None,
        };
        let mut losses = self.log.losses.clone();
        let (mut covered, mut ends) = (Vec::new(), Vec::new());
        for (number, stretch) in self.log.stretches.iter().enumerate() {
            let is_meant = |object: &ChangedObject| fit(question, object).is_some();
            let mut take = |object, write| collected.take(object, write);
            let mut watch =
                ObjectWrites::new([question.kind], &question.peers, comparer, &is_meant, &mut take);
            let rolled = match self.log.roll(stretch, stretch.to, read, &mut watch) {
                Ok(rolled) => rolled,
                Err(e) => {
                    losses.add(&one_line(format!("{e:#}").as_bytes()));
                    continue;
                }
            };
            if say_inexact_of(&rolled, &|kind| question.kind.from.contains(&kind)) {
                losses.know("the states in the log may not be exact");
            }
            losses.absorb(rolled.losses.clone());
            if let Some(given) = given {
                let is_last = number + 1 == self.log.stretches.len();
                self.ends(given, &rolled, is_last, read, &mut ends)?;
            }
            if rolled.entries > 0 {
                covered.push((rolled.base.index, stretch.to));
            }
        }
        if given.is_some() {
            ends.extend(self.beside(&covered));
        }
        let Collected { writes, fits, found, failed, .. } = collected;
        if let Some(e) = failed {
            return Err(e.into());
        }
        let (place, found) = (self.log.place.clone(), found.finish()?);
        Ok((Writes { place, covered, fits, writes, found }, losses, ends))
    }

    /// The snapshots that put the writes of a stretch in order: the state before them and, if the
    /// cluster or later events are unknown without it, the state after them.
    fn ends(
        &self,
        given: &[Named],
        rolled: &Rolled,
        is_last: bool,
        read: &OpenOptions,
        ends: &mut Vec<Source>,
    ) -> Result<()> {
        ends.extend(rolled.base.source.clone());
        let is_later = |named: &Named| {
            !named.source.reopenable()
                || index_of(&named.source, read).is_ok_and(|index| index > rolled.at.index)
        };
        if !is_last || rolled.base.source.is_none() || given.iter().any(is_later) {
            let name = format!("{}@{}", self.log.place, rolled.at.index);
            ends.push(stream_of(rolled, &name, read)?);
        }
        Ok(())
    }

    /// The server's own snapshots of which the log does not show how they came about.
    fn beside(&self, covered: &[Covered]) -> impl Iterator<Item = Source> {
        let is_known =
            move |index: u64| covered.iter().any(|(after, to)| (*after..=*to).contains(&index));
        let own = self.log.server.snapshots.iter().filter(move |own| !is_known(own.index));
        own.map(|own| Source::Directory(own.path.clone()))
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

//! What a server's Raft log says of the objects in question: each write of them, with its author.

use crate::authors::{Authors, WriteOf};
use crate::exit::Exit;
use crate::render::escape::one_line;
use crate::rolled::{
    Base, Nobody, Rolled, Watch, base_before, index_of, say_inexact_of, stream_of, whole_to,
};
use crate::server_log::{ServerLog, report};
use crate::terminal::{note, say};
use anyhow::Result;
use snapscope_analyze::changes::{ChangedObjects, is_in_own_records};
use snapscope_analyze::compare::Comparer;
use snapscope_analyze::history::{Event, Fit, Question, Wanted};
use snapscope_analyze::series::Named;
use snapscope_archive::{OpenOptions, Source};
use snapscope_decode::Frame;
use snapscope_objects::row::Row;
use snapscope_raftlog::Entry;
use snapscope_runs::{Room, Sorted, Sorter};
use snapscope_state::Machine;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// A log that the question is put to.
pub(super) struct Log {
    server: ServerLog,
    /// As it was named.
    pub(super) place: String,
    base: Base,
    /// The last entry up to which none is missing.
    to: u64,
    /// Whether some of the log is damaged, or not all of its effects are known.
    is_damaged: bool,
}

/// The writes of the objects in question.
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
    /// By position, the number of the write, and the object before and after it.
    found: Sorted,
}

impl Log {
    /// Finds the state from which the log can be applied: the earliest one. `None`, with a note, if there is
    /// none, or the kind of objects is joined from others.
    pub(super) fn find(
        place: &Path,
        question: &Question,
        given: &[Named],
        read: &OpenOptions,
    ) -> Result<Option<Self>> {
        let server = ServerLog::find(place)?;
        let place = one_line(place.display().to_string().as_bytes());
        if !is_in_own_records(question.kind) {
            let kind = question.kind.name;
            note!(
                "snapscope: {place}: note: the log is not used for {kind}, which are joined from \
                   other objects; the changes are those between snapshots"
            );
            return Ok(None);
        }
        let given: Vec<Source> = given.iter().map(|named| named.source.clone()).collect();
        let Some(base) = base_before(&server, &place, &given, 0, read)? else { return Ok(None) };
        let (to, findings) = whole_to(&server, base.index)?;
        let is_damaged = report(&findings);
        Ok(Some(Self { server, place, base, to, is_damaged }))
    }

    /// The snapshots that are needed to put the writes in their place: the state before them and, if the
    /// cluster or what comes later is not known without it, the state after them, which `rolled` is if there are
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
            self.base.source.iter().filter(|base| !is_given(base)).cloned().collect();
        let is_later = |named: &Named| {
            !named.source.reopenable()
                || index_of(&named.source, read).is_ok_and(|index| index > self.to)
        };
        if self.base.source.is_none() || given.iter().any(is_later) {
            let own = self.server.snapshots.iter().find(|own| own.index == self.to);
            let end = match own {
                Some(own) => Source::Directory(own.path.clone()),
                None => {
                    let name = format!("{}@{}", self.place, self.to);
                    match rolled {
                        Some(rolled) => stream_of(rolled, &name, read)?,
                        None => stream_of(&self.roll(read, &mut Nobody)?, &name, read)?,
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
        self.base.source.as_ref().map(Source::name)
    }

    fn roll(&self, read: &OpenOptions, watch: &mut dyn Watch) -> Result<Rolled> {
        Rolled::from_base(&self.server, &self.base, self.to, read, watch)
    }

    /// Finds the writes of the objects in question, how to exit, and the state after them if there are any writes.
    pub(super) fn writes(
        &self,
        question: &Question,
        comparer: &Comparer,
        room: &Room,
        read: &OpenOptions,
    ) -> Result<(Writes, Exit, Option<Rolled>)> {
        let mut collecting = Collecting {
            question,
            comparer,
            objects: ChangedObjects::new([question.kind], &question.peers),
            authors: Authors::default(),
            writes: Vec::new(),
            fits: BTreeMap::new(),
            found: Sorter::new(room),
            failed: None,
        };
        let mut is_damaged = self.is_damaged;
        let mut rolled = None;
        if self.to > self.base.index {
            let rolled = rolled.insert(self.roll(read, &mut collecting)?);
            is_damaged |= say_inexact_of(rolled, &|kind| question.kind.from.contains(&kind));
            is_damaged |= rolled.closing.as_ref().is_some_and(|closing| closing.is_damaged());
        }
        let Collecting { writes, fits, found, failed, .. } = collecting;
        if let Some(e) = failed {
            return Err(e.into());
        }
        if is_damaged {
            say!(
                "snapscope: {}: the history up to index {} may be incomplete",
                self.place,
                self.to
            );
        }
        let place = self.place.clone();
        let (after, to, found) = (self.base.index, self.to, found.finish()?);
        let exit = if is_damaged { Exit::Damaged } else { Exit::Done };
        Ok((Writes { place, after, to, fits, writes, found }, exit, rolled))
    }
}

/// The writes while the log is applied.
struct Collecting<'q> {
    question: &'q Question,
    comparer: &'q Comparer,
    objects: ChangedObjects,
    authors: Authors,
    writes: Vec<WriteOf>,
    fits: BTreeMap<Vec<u8>, Fit>,
    found: Sorter,
    failed: Option<io::Error>,
}

impl Watch for Collecting<'_> {
    fn record(&mut self, frame: &Frame<'_>) {
        self.authors.see_record(frame);
    }

    fn entry(&mut self, entry: &Entry<'_>, machine: &Machine) {
        let Some(data) = self.authors.see(entry) else { return };
        let changes = machine.changes(&|kind| self.objects.are_in(kind));
        if changes.is_empty() {
            return;
        }
        let Self { question, comparer, objects, authors, writes, fits, found, failed } = self;
        let mut write = None;
        objects.each(&changes.before, &changes.after, &mut |object| {
            let (before, after) = (object.before.as_ref(), object.after.as_ref());
            let sides = before.iter().chain(after.iter());
            let Some(fit) = sides.filter_map(|row| question.fit(row)).min() else { return };
            let Some(row) = object.row() else { return };
            if write.is_none() {
                write = authors.write(entry, &data);
            }
            let Some(write) = &write else { return };
            if matches!(question.wanted, Wanted::Named(_)) {
                let known = fits.entry(row.id()).or_insert(fit);
                *known = fit.min(*known);
            }
            let kept = stored(before, after);
            if let Err(e) = found.push(&(writes.len() as u64).to_be_bytes(), &kept) {
                failed.get_or_insert(e);
            }
            writes.push(WriteOf::new(write, row, comparer));
        });
    }
}

/// Two rows as bytes: the size of the first one, and both; a row that is not there has none.
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

/// Takes an object's ID, an event, and who wrote it.
type TakeEvent<'t> = dyn FnMut(&[u8], Event, &WriteOf) -> io::Result<()> + 't;

impl Writes {
    /// Passes on the event of each write of the objects that are meant, in order: the object's ID, the event
    /// and who wrote it.
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

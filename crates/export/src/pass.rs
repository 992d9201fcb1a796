//! The pass over a snapshot, common to all formats.

use crate::acl::Acl;
use crate::config_entries::ConfigEntries;
use crate::csv::Csv;
use crate::error::ExportError;
use crate::formats::{Format, Place};
use crate::jsonl::Jsonl;
use crate::kv_json::KvJson;
use crate::options::{ExportOptions, Selection, place};
use crate::sqlite::Sqlite;
use crate::target::Target;
use crate::write_behind::is_standard_output;
use crate::writer::{Ending, Part, Writer};
use snapscope_analyze::{Jobs, Problems, ordered};
use snapscope_archive::{Blocks, Closing};
use snapscope_decode::{Block, Kind};
use snapscope_objects::row::{PeerSelection, Reader, Record, Row, RowOptions};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// An export that is checked and has its target staged under a temporary name.
#[derive(Debug)]
pub struct Export {
    format: Format,
    selections: Vec<Selection>,
    target: Target,
    out: PathBuf,
    skip_unimportable: bool,
}

/// The result of an export.
#[derive(Debug)]
pub struct ExportReport {
    /// The kinds, and the number of objects of each.
    pub rows: Vec<(&'static str, u64)>,
    /// Notes for the user.
    pub notes: Vec<String>,
    /// What is known about the container.
    pub closing: Closing,
    /// Malformed records.
    pub problems: Problems,
}

/// Rows of joins are written whenever their pieces reach this size in bytes.
const PIECES: usize = 1 << 20;

/// A worker's result for a block.
#[derive(Debug, Default)]
struct Work<P> {
    part: P,
    /// Objects by selection.
    rows: Vec<u64>,
    /// Records and their bytes by type.
    records: Vec<(u64, u64)>,
}

impl Export {
    /// Checks the options and the target, and stages the target.
    ///
    /// # Errors
    /// If the options contradict each other, the target exists, or the folder is not writable.
    pub fn prepare(options: &ExportOptions) -> Result<Self, ExportError> {
        let selections = options.selections()?;
        let (format, out) = (options.format, options.out.clone());
        let (spec, skip_unimportable) = (format.spec(), options.skip_unimportable);
        if skip_unimportable && format != Format::KvJson {
            return Err(ExportError::SkipUnimportable(spec.name));
        }
        if is_standard_output(&out) && spec.place != Place::Stream {
            return Err(ExportError::StandardOutput(spec.name));
        }
        let target = Target::begin(&out, spec.target_spec(), options.force)?;
        Ok(Self { format, selections, target, out, skip_unimportable })
    }

    /// Reads the snapshot and writes the export, which appears complete or not at all.
    ///
    /// From a damaged snapshot everything readable is written, and the export is marked as
    /// incomplete.
    ///
    /// # Errors
    /// If writing fails.
    pub fn run(self, blocks: Blocks, jobs: Jobs) -> Result<ExportReport, ExportError> {
        match self.format {
            Format::KvJson => self.write::<KvJson>(blocks, jobs),
            Format::ConfigEntries => self.write::<ConfigEntries>(blocks, jobs),
            Format::Acl => self.write::<Acl>(blocks, jobs),
            Format::Jsonl => self.write::<Jsonl>(blocks, jobs),
            Format::Csv => self.write::<Csv>(blocks, jobs),
            Format::Sqlite => self.write::<Sqlite>(blocks, jobs),
        }
    }

    fn write<W: Writer>(self, blocks: Blocks, jobs: Jobs) -> Result<ExportReport, ExportError> {
        let Self { format, selections, target, out, skip_unimportable } = self;
        let failed = |error| ExportError::io(&out)(error);
        let places: Vec<usize> = selections.iter().map(|s| place(s.kind)).collect();
        let mut writer = W::create(target.path(), &places).map_err(failed)?;
        if skip_unimportable {
            writer.skip_unimportable();
        }
        let readers = Readers::new(&selections);
        let mut rows = vec![0; selections.len()];
        let mut records = vec![(0, 0); 256];
        let map = |block: &Block, work: &mut Work<W::Part>, problems: &mut Problems| {
            readers.read(block, &places, work, problems);
        };
        let outcome = ordered(blocks, jobs.and_spare(), map, |work| {
            rows.iter_mut().zip(&work.rows).for_each(|(all, n)| *all += n);
            for (all, of) in records.iter_mut().zip(&work.records) {
                *all = (all.0 + of.0, all.1 + of.1);
            }
            writer.take(&mut work.part)?;
            Ok(ControlFlow::Continue(()))
        })
        .map_err(failed)?;
        readers
            .joins(
                |at, part: &mut W::Part, count| {
                    if let Some(rows) = rows.get_mut(at) {
                        *rows += count;
                    }
                    writer.take(part)
                },
                &places,
            )
            .map_err(failed)?;
        let mut ending = ending(&records, &outcome.closing, &outcome.problems);
        ending.whole = selections.iter().filter(|s| s.is_whole()).map(|s| s.kind.name).collect();
        let notes = writer.finish(&ending).map_err(failed)?;
        let note = match format {
            // These formats mark it in the export itself.
            Format::Jsonl | Format::Sqlite => None,
            _ => ending.incomplete(),
        };
        target.settle(note.as_deref())?;
        let rows = selections.iter().map(|s| s.kind.name).zip(rows).collect();
        Ok(ExportReport { rows, notes, closing: outcome.closing, problems: outcome.problems })
    }
}

/// The readers that workers use while they process a block.
///
/// They form a pool instead of belonging to workers, because the data that joins remember must
/// outlive the workers.
struct Readers<'s> {
    selections: &'s [Selection],
    /// For each record type, the selections that read it.
    of_type: Vec<Vec<usize>>,
    pool: Mutex<Vec<Vec<Reader>>>,
}

impl<'s> Readers<'s> {
    fn new(selections: &'s [Selection]) -> Self {
        let is_for = |kind: Kind| {
            let wanted = |(at, s): (usize, &Selection)| s.kind.from.contains(&kind).then_some(at);
            selections.iter().enumerate().filter_map(wanted).collect()
        };
        let of_type = (0..=u8::MAX).map(|byte| is_for(Kind(byte))).collect();
        Self { selections, of_type, pool: Mutex::default() }
    }

    fn pool(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Reader>>> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<P: Part>(
        &self,
        block: &Block,
        places: &[usize],
        work: &mut Work<P>,
        problems: &mut Problems,
    ) {
        let Work { part, rows, records } = work;
        part.clear();
        rows.clear();
        rows.resize(self.selections.len(), 0);
        records.clear();
        records.resize(256, (0, 0));
        // Taken in a separate statement, which releases the pool before the block is read.
        let taken = self.pool().pop();
        let mut readers = taken.unwrap_or_else(|| {
            let options = RowOptions { peers: PeerSelection::All, ..RowOptions::default() };
            self.selections.iter().map(|s| Reader::new(s.kind, options.clone())).collect()
        });
        for frame in block.frames() {
            if let Some((count, bytes)) = records.get_mut(usize::from(frame.kind.0)) {
                *count += 1;
                *bytes += frame.bytes.len() as u64;
            }
            let Some(wanted) = self.of_type.get(usize::from(frame.kind.0)) else { continue };
            let mut told = false;
            let record = Record::new(frame);
            for &at in wanted {
                let (Some(reader), Some(selection), Some(place), Some(count)) = (
                    readers.get_mut(at),
                    self.selections.get(at),
                    places.get(at),
                    rows.get_mut(at),
                ) else {
                    continue;
                };
                let id =
                    selection.is_whole().then(|| selection.kind.id_of_record(&record)).flatten();
                let found = match id.and_then(|id| part.record(selection.kind, id, &record)) {
                    Some(found) => {
                        *count += 1;
                        found
                    }
                    None => reader.record(&record, &mut |row| {
                        if selection.has(row) {
                            *count += 1;
                            part.row(*place, row);
                        }
                    }),
                };
                // A broken record counts once, even if several kinds come from it.
                if !told && !found.is_empty() {
                    told = true;
                    found.into_iter().for_each(|problem| problems.add(&frame, problem));
                }
            }
        }
        self.pool().push(readers);
    }

    /// Passes on the rows of joins.
    fn joins<P: Part>(
        &self,
        mut take: impl FnMut(usize, &mut P, u64) -> std::io::Result<()>,
        places: &[usize],
    ) -> std::io::Result<()> {
        let mut merged: Vec<Option<Reader>> = self.selections.iter().map(|_| None).collect();
        for set in self.pool().drain(..) {
            for (all, reader) in merged.iter_mut().zip(set) {
                match all {
                    Some(all) => all.merge(reader),
                    None => *all = Some(reader),
                }
            }
        }
        let mut part = P::default();
        for (at, reader) in merged.into_iter().enumerate() {
            let (Some(reader), Some(selection), Some(place)) =
                (reader, self.selections.get(at), places.get(at))
            else {
                continue;
            };
            let mut failed = None;
            let mut count = 0;
            reader.finish(&mut |row| {
                if failed.is_none() && selection.has(row) {
                    count += 1;
                    part.row(*place, row);
                    if part.size() > PIECES {
                        failed = take(at, &mut part, std::mem::take(&mut count)).err();
                        part.clear();
                    }
                }
            });
            if let Some(e) = failed {
                return Err(e);
            }
            take(at, &mut part, count)?;
            part.clear();
        }
        Ok(())
    }
}

impl Selection {
    /// Whether it includes all objects of the kind.
    const fn is_whole(&self) -> bool {
        self.prefix.is_none() && self.filter.is_none()
    }

    fn has(&self, row: &Row) -> bool {
        self.prefix.as_ref().is_none_or(|prefix| row.text("Key").starts_with(prefix))
            && self.filter.as_ref().is_none_or(|filter| filter.holds(row.object()))
    }
}

/// Facts about the snapshot: its index, time and others.
fn facts(closing: &Closing) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(meta) = &closing.meta {
        facts.push(("snapshot_id", meta.id.clone()));
        facts.push(("snapshot_index", meta.index.to_string()));
        facts.push(("snapshot_term", meta.term.to_string()));
        facts.push(("snapshot_version", meta.version.to_string()));
    }
    if let Some(last) = closing.header.as_ref().and_then(|header| header.last_index) {
        facts.push(("last_index", last.to_string()));
    }
    facts
}

fn ending(records: &[(u64, u64)], closing: &Closing, problems: &Problems) -> Ending {
    let of_type = |(byte, (count, bytes)): (usize, &(u64, u64))| {
        let kind = Kind(u8::try_from(byte).unwrap_or(u8::MAX));
        (*count > 0).then(|| (kind.to_string(), *count, *bytes))
    };
    let mut damage: Vec<String> = closing.integrity.damage().map(ToString::to_string).collect();
    damage.extend(problems.first.iter().map(ToString::to_string));
    let more = problems.count - problems.first.len() as u64;
    if more > 0 {
        damage.push(format!("{more} more records are broken"));
    }
    if damage.is_empty() && closing.is_damaged() {
        damage.push("the snapshot is damaged".to_owned());
    }
    Ending {
        facts: facts(closing),
        records: records.iter().enumerate().filter_map(of_type).collect(),
        whole_records: closing.records,
        taken_ms: closing.meta.as_ref().and_then(snapscope_archive::Meta::taken_ms),
        whole: Vec::new(),
        damage,
    }
}

//! The pass over a snapshot, common to all formats.

use crate::acl::Acl;
use crate::config_entries::ConfigEntries;
use crate::csv::Csv;
use crate::error::ExportError;
use crate::formats::Format;
use crate::jsonl::Jsonl;
use crate::kv_json::KvJson;
use crate::layout::Layout;
use crate::options::{ExportOptions, Selection};
use crate::sqlite::Sqlite;
use crate::standard_output::is_standard_output;
use crate::target::Target;
use crate::writer::{Ending, Part, Writer};
use snapscope_analyze::rows::{RowsOf, Sink, read};
use snapscope_analyze::{Jobs, Problems};
use snapscope_archive::{Blocks, Closing};
use snapscope_decode::{Frame, Kind};
use snapscope_objects::kind::{KindId, PeerSelection};
use snapscope_objects::render::{Problem, RecordFields};
use snapscope_objects::row::{Row, RowOptions};
use snapscope_tables::{damage, facts};
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// An export that is checked and has its target staged under a temporary name.
#[derive(Debug)]
pub struct Export {
    format: Format,
    selections: Vec<Selection>,
    target: Target,
    out: PathBuf,
    skip_unimportable: bool,
    #[cfg(feature = "columnar")]
    show_secrets: bool,
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

impl<P: Part> Work<P> {
    fn clear(&mut self) {
        self.part.clear();
        self.rows.clear();
        self.records.clear();
    }

    fn count(&mut self, selection: usize) {
        if self.rows.len() <= selection {
            self.rows.resize(selection + 1, 0);
        }
        if let Some(count) = self.rows.get_mut(selection) {
            *count += 1;
        }
    }
}

/// Turns rows into parts of a format.
struct Parts<'s, P> {
    selections: &'s [Selection],
    parts: PhantomData<fn() -> P>,
}

impl<P: Part> Sink for Parts<'_, P> {
    type Page = Work<P>;

    fn record(&self, frame: &Frame<'_>, work: &mut Work<P>) -> bool {
        if work.records.is_empty() {
            work.records.resize(256, (0, 0));
        }
        if let Some((count, bytes)) = work.records.get_mut(usize::from(frame.kind.0)) {
            *count += 1;
            *bytes += frame.bytes.len() as u64;
        }
        true
    }

    fn whole(
        &self,
        of: usize,
        record: &RecordFields<'_>,
        work: &mut Work<P>,
    ) -> Option<Vec<Problem>> {
        let selection = self.selections.get(of).filter(|selection| selection.is_whole())?;
        let id = selection.kind.id_of_record(record)?;
        let found = work.part.record(selection.kind, id, record)?;
        work.count(of);
        Some(found)
    }

    fn row(&self, of: usize, row: &Row, work: &mut Work<P>) {
        if self.selections.get(of).is_some_and(|selection| selection.has(row)) {
            work.count(of);
            work.part.row(row);
        }
    }

    fn is_full(&self, work: &Work<P>) -> bool {
        work.part.size() > PIECES
    }
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
        if is_standard_output(&out) && spec.layout != Layout::Stream {
            return Err(ExportError::StandardOutput(spec.name));
        }
        let target = Target::begin(&out, spec.target_spec(), options.force)?;
        Ok(Self {
            format,
            selections,
            target,
            out,
            skip_unimportable,
            #[cfg(feature = "columnar")]
            show_secrets: options.show_secrets,
        })
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
            #[cfg(feature = "columnar")]
            Format::Parquet | Format::Arrow => self.write_columns(blocks, jobs),
        }
    }

    fn write<W: Writer>(self, blocks: Blocks, jobs: Jobs) -> Result<ExportReport, ExportError> {
        let Self { format, selections, target, out, skip_unimportable, .. } = self;
        let failed = |error| ExportError::io(&out)(error);
        let kinds: Vec<KindId> = selections.iter().map(|s| s.kind.id).collect();
        let mut writer = W::create(target.path(), &kinds).map_err(failed)?;
        if skip_unimportable {
            writer.skip_unimportable();
        }
        let options = RowOptions { peers: PeerSelection::All, ..RowOptions::default() };
        let of = |s: &Selection| RowsOf { kind: s.kind, options: options.clone() };
        let wanted: Vec<RowsOf> = selections.iter().map(of).collect();
        let mut rows = vec![0; selections.len()];
        let mut records = vec![(0, 0); 256];
        let sink = Parts::<W::Part> { selections: &selections, parts: PhantomData };
        let outcome = read(blocks, jobs.and_spare(), &wanted, &sink, |work| {
            rows.iter_mut().zip(&work.rows).for_each(|(all, n)| *all += n);
            for (all, of) in records.iter_mut().zip(&work.records) {
                *all = (all.0 + of.0, all.1 + of.1);
            }
            writer.take(&mut work.part)?;
            work.clear();
            Ok(ControlFlow::Continue(()))
        })
        .map_err(failed)?;
        let mut ending = ending(&records, &outcome.closing, &outcome.problems);
        ending.whole = selections.iter().filter(|s| s.is_whole()).map(|s| s.kind.id).collect();
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

#[cfg(feature = "columnar")]
impl Export {
    fn write_columns(self, blocks: Blocks, jobs: Jobs) -> Result<ExportReport, ExportError> {
        let Self { format, selections, target, out, show_secrets, .. } = self;
        let masking = (!show_secrets).then(snapscope_tables::Masking::default);
        let path = target.path();
        let outcome = crate::columnar::write_folder(
            blocks,
            jobs,
            &selections,
            masking.as_ref(),
            format,
            path,
        )
        .map_err(ExportError::io(&out))?;
        let ending = ending(&[], &outcome.closing, &outcome.problems);
        target.settle(ending.incomplete().as_deref())?;
        let rows = selections.iter().map(|s| s.kind.name).zip(outcome.out).collect();
        let (closing, problems) = (outcome.closing, outcome.problems);
        Ok(ExportReport { rows, notes: Vec::new(), closing, problems })
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

fn ending(records: &[(u64, u64)], closing: &Closing, problems: &Problems) -> Ending {
    let of_type = |(byte, (count, bytes)): (usize, &(u64, u64))| {
        let kind = Kind(u8::try_from(byte).unwrap_or(u8::MAX));
        (*count > 0).then(|| (kind.to_string(), *count, *bytes))
    };
    Ending {
        facts: facts(closing),
        records: records.iter().enumerate().filter_map(of_type).collect(),
        whole_records: closing.records,
        taken_ms: closing.meta.as_ref().and_then(snapscope_archive::Meta::taken_ms),
        whole: Vec::new(),
        damage: damage(closing, problems),
    }
}

//! Opens the snapshot that a command reads, and reports its problems.

use crate::data_dir;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::render::bytes::byte_size;
use crate::render::damage;
use crate::render::escape::one_line;
use crate::render::incomplete::{Incomplete, incomplete_of};
use crate::rolled::source_at;
use crate::server_log::only_a_log;
use crate::terminal::{note, say};
use anyhow::{Result, anyhow};
use clap::Args;
use snapscope_analyze::rows::kept;
use snapscope_analyze::{Fold, Jobs, Outcome, Problems, fold};
use snapscope_archive::{Blocks, Closing, Integrity, Limits, OpenError, OpenOptions, Source, open};
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::printable::counted;
use snapscope_objects::row::{Row, RowOptions};
use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// How to read a snapshot; flags of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Reading")]
pub(crate) struct ReadArgs {
    /// Number of threads that process records [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Largest record to read, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Limits::RECORD)]
    max_record_size: u64,
    /// Largest state.bin to read, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Limits::STATE)]
    max_state_size: u64,
    /// Maximum number of bytes that each compressed byte may inflate to
    #[arg(long, value_name = "N", default_value_t = Limits::RATIO)]
    max_ratio: u64,
    /// Report on standard error how the snapshot was read
    #[arg(short, long)]
    verbose: bool,
}

/// The possible forms of FILE.
pub(crate) const FILE: &str = "A .snap file, a tar archive, a raft snapshot folder, a data directory, a state.bin, - for \
     standard input, s3://BUCKET/NAME, az://CONTAINER/NAME, gs://BUCKET/NAME, or DATA_DIR@INDEX or \
     DATA_DIR@TIME for the state in a server's Raft log";

/// The FILE argument of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct FileArg {
    #[arg(value_name = "FILE", help = FILE)]
    pub(crate) file: PathBuf,
}

/// The answer to a question about a snapshot.
pub(crate) struct Asked<T> {
    pub(crate) out: T,
    /// The snapshot's name.
    pub(crate) name: String,
    pub(crate) closing: Closing,
    /// Only `restore` reads these.
    #[cfg_attr(not(feature = "live"), allow(dead_code))]
    pub(crate) problems: Problems,
    /// The exit code that follows from the snapshot.
    pub(crate) exit: Exit,
    /// Why the answer is incomplete, if it is.
    pub(crate) incomplete: Option<Incomplete>,
}

#[cfg(feature = "live")]
pub(crate) use crate::remote::source as remote;

/// This build links no code that could reach a bucket.
#[cfg(not(feature = "live"))]
pub(crate) fn remote(name: &Path) -> Result<Option<Source>> {
    let text = name.to_string_lossy();
    if ["s3://", "az://", "azure://", "gs://"].iter().any(|scheme| text.starts_with(scheme)) {
        anyhow::bail!(
            "{text}: this snapscope was built without the feature `live`, so it cannot reach \
             buckets; download the file first"
        );
    }
    Ok(None)
}

/// The given number of threads, or one for each core.
pub(crate) fn jobs(given: Option<NonZeroUsize>) -> Jobs {
    given.map_or_else(Jobs::default, Jobs)
}

impl ReadArgs {
    pub(crate) fn jobs(&self) -> Jobs {
        jobs(self.jobs)
    }

    /// Whether to report how snapshots were read.
    #[cfg(feature = "columnar")]
    pub(crate) const fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Resolves the name to a source.
    pub(crate) fn source(file: &FileArg) -> Result<Source> {
        if let Some(source) = remote(&file.file)? {
            return Ok(source);
        }
        // An existing file with that name takes precedence.
        if let Some(source) = source_at(&file.file)? {
            return Ok(source);
        }
        Source::find(&file.file).map_err(|error| match (&error, snapshots_in(&file.file)) {
            (OpenError::NoSnapshotInFolder { path }, Some((count, first))) => {
                let snapshots = counted(count, "snapshot", "snapshots");
                anyhow!(
                    "{path}: a folder of {snapshots}, such as {first}; name one of them (verify, history and \
                     trend take a whole folder)"
                )
            }
            (OpenError::NoSnapshotInFolder { .. }, _) => {
                only_a_log(&file.file).map_or_else(|| error.into(), |said| anyhow!(said))
            }
            _ => error.into(),
        })
    }

    /// Puts a question to a snapshot: reads it to its end, shows progress, and reports problems on
    /// standard error.
    pub(crate) fn ask<F: Fold>(
        &self,
        file: &FileArg,
        new: impl Fn() -> F + Sync,
    ) -> Result<Asked<F::Out>> {
        let source = Self::source(file)?;
        self.ask_of(&source, |blocks| Ok(fold(blocks, self.jobs(), new)))
    }

    /// Puts a question to a snapshot that is read in another way.
    pub(crate) fn ask_of<T>(
        &self,
        source: &Source,
        read: impl FnOnce(Blocks) -> Result<Outcome<T>>,
    ) -> Result<Asked<T>> {
        self.ask_as(source, |options| read(open(source, options)?))
    }

    /// Puts a question to a snapshot that is opened in another way.
    pub(crate) fn ask_as<T>(
        &self,
        source: &Source,
        read: impl FnOnce(&OpenOptions) -> Result<Outcome<T>>,
    ) -> Result<Asked<T>> {
        let progress = Progress::start(source.size());
        let Outcome { out, closing, problems } = read(&self.watched(&progress))?;
        drop(progress);
        let exit = self.report(source, &closing, &problems);
        let incomplete = incomplete_of(&source.name(), &closing, &problems);
        Ok(Asked { out, name: source.name(), closing, problems, exit, incomplete })
    }

    /// Passes on the results of `look` for each row of a snapshot that was read before, without
    /// reporting problems again.
    pub(crate) fn look_again<K: Send>(
        &self,
        source: &Source,
        kind: &'static ObjectKind,
        options: &RowOptions,
        look: impl Fn(&Row) -> Option<K> + Sync,
        mut take: impl FnMut(K) -> ControlFlow<()> + Send,
    ) -> Result<()> {
        let blocks = self.open_quietly(source)?;
        kept(blocks, self.jobs(), kind, options, |_| true, look, |found| Ok(take(found)))?;
        Ok(())
    }

    /// Opens the snapshot. The progress disappears when the returned value is dropped.
    pub(crate) fn open(&self, source: &Source) -> Result<(Blocks, Progress)> {
        let progress = Progress::start(source.size());
        Ok((open(source, &self.watched(&progress))?, progress))
    }

    /// Opens the snapshot without showing progress.
    pub(crate) fn open_quietly(&self, source: &Source) -> Result<Blocks, OpenError> {
        open(source, &self.options())
    }

    /// Options for opening snapshots with this `progress`.
    pub(crate) fn watched(&self, progress: &Progress) -> OpenOptions {
        OpenOptions { progress: Some(progress.counter()), ..self.options() }
    }

    /// Reports the problems of a snapshot that was read; returns the exit code.
    pub(crate) fn report(&self, source: &Source, closing: &Closing, problems: &Problems) -> Exit {
        let exit = self.report_of(&source.name(), closing, problems);
        let name = source.name();
        for note in data_dir::notes(source, closing, exit != Exit::Done) {
            let (name, note) = (one_line(name.as_bytes()), one_line(note.as_bytes()));
            note!("snapscope: {name}: note: {note}");
        }
        exit
    }

    /// Reports the problems of a snapshot with that name.
    pub(crate) fn report_of(&self, name: &str, closing: &Closing, problems: &Problems) -> Exit {
        let name = one_line(name.as_bytes());
        if self.verbose {
            say!("snapscope: {name}: {}", how_it_was_read(closing));
        }
        for note in closing.integrity.notes() {
            note!("snapscope: {name}: note: {}", one_line(note.to_string().as_bytes()));
        }
        for finding in closing.integrity.damage() {
            let message = one_line(damage::text(finding).as_bytes());
            say!("snapscope: {name}: damaged: {message}");
        }
        for problem in &problems.first {
            let message = one_line(problem.to_string().as_bytes());
            say!("snapscope: {name}: damaged: {message}");
        }
        let more = problems.count - problems.first.len() as u64;
        if more > 0 {
            let more = counted(more, "more record is", "more records are");
            say!("snapscope: {name}: damaged: {more} broken");
        }
        if closing.is_damaged() || problems.count > 0 { Exit::Damaged } else { Exit::Done }
    }

    /// How to open snapshots.
    pub(crate) fn options(&self) -> OpenOptions {
        OpenOptions {
            limits: Limits {
                record: self.max_record_size,
                state: self.max_state_size,
                ratio: self.max_ratio,
                ..Limits::default()
            },
            threads: self.jobs().0.get(),
            ..OpenOptions::default()
        }
    }
}

/// The number of files in a folder that have names of snapshots, and the first of them.
fn snapshots_in(folder: &Path) -> Option<(u64, String)> {
    let names = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".snap")).collect();
    names.sort();
    let first = names.first()?.clone();
    Some((names.len() as u64, first))
}

/// Describes the container, how it was inflated, and the result of the checks.
fn how_it_was_read(closing: &Closing) -> String {
    let Integrity { container, gzip, actual_size, verdict, .. } = &closing.integrity;
    let inflated = gzip.map_or_else(String::new, |gzip| {
        format!("{} compressed, inflated {}, ", byte_size(gzip.compressed), gzip.path)
    });
    let state = byte_size(*actual_size);
    let (container, verdict, records) = (container.name(), verdict.name(), closing.records);
    let records = counted(records, "record", "records");
    format!("{container}, {inflated}{state} of state, {records}, {verdict}")
}

//! Where a new snapshot goes, and how it is written.

use crate::own_input::spare_inputs;
use crate::render::bytes::byte_size;
use crate::render::escape::one_line;
use crate::terminal;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::{Map, Value};
use snapscope_objects::printable::counted;
use snapscope_rewrite::{Level, SnapshotWriter, WriteOptions, Written};
use snapscope_staged::{StagedFile, WriteBehind, remove_on_signals};
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// How to write a new snapshot; flags of every command that writes one.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Writing")]
pub(crate) struct WriteArgs {
    /// File to write the new snapshot to
    #[arg(long, value_name = "FILE", required_unless_present = "dry_run")]
    out: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long)]
    force: bool,
    /// Report what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Compression level, from 0 (none) and 1 (fast) to 9 (small)
    #[arg(long, value_name = "N", default_value_t = Level::default().number(),
          value_parser = clap::value_parser!(u8).range(0..=9))]
    level: u8,
    /// Number of threads that compress [default: one per core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

impl WriteArgs {
    /// Whether existing files are replaced.
    pub(crate) const fn force(&self) -> bool {
        self.force
    }

    /// Creates the file under a temporary name before anything is read, so an unusable name is
    /// reported at once. Returns `None` with `--dry-run`. Never replaces one of the inputs.
    pub(crate) fn stage(&self, inputs: &[&Path]) -> Result<Option<StagedSnapshot>> {
        let Some(target) = self.out.as_deref().filter(|_| !self.dry_run) else { return Ok(None) };
        // The first bytes of a snapshot are known last.
        if target.as_os_str() == "-" {
            bail!(
                "--out -: a snapshot cannot be written to standard output; for a file of that name, use ./-"
            );
        }
        spare_inputs("--out", target, inputs)?;
        remove_on_signals()?;
        let file = StagedFile::begin(target, self.force)?;
        let defaults = WriteOptions::default();
        let options = WriteOptions {
            level: Level::new(self.level).unwrap_or_default(),
            threads: self.threads.unwrap_or(defaults.threads),
        };
        Ok(Some(StagedSnapshot { file, options }))
    }
}

/// A file that gets its name once the snapshot in it is complete. If it is dropped before that, it
/// is removed.
#[derive(Debug)]
pub(crate) struct StagedSnapshot {
    file: StagedFile,
    options: WriteOptions,
}

impl StagedSnapshot {
    /// Starts the snapshot with this `meta.json`.
    pub(crate) fn writer(&self, meta: &Map<String, Value>) -> Result<SnapshotWriter<WriteBehind>> {
        let file = self.file.file().try_clone();
        let behind = file.map(WriteBehind::new);
        let writer = behind.and_then(|file| SnapshotWriter::begin(file, meta, &self.options));
        writer.with_context(|| self.file.target().display().to_string())
    }

    /// Finishes the snapshot, flushes it to disk and renames it to its name.
    pub(crate) fn finish(self, writer: SnapshotWriter<WriteBehind>) -> Result<Written> {
        let finished = writer.finish();
        let written = finished.and_then(|(file, written)| file.finish().map(|()| written));
        let written = written.with_context(|| self.file.target().display().to_string())?;
        self.file.settle()?;
        Ok(written)
    }
}

/// Reports on standard output what was written, or would be written.
pub(crate) fn say_written(
    args: &WriteArgs,
    written: Option<&Written>,
    records: u64,
    state_size: u64,
) -> Result<()> {
    let records = counted(records, "record", "records");
    let line = match (written, &args.out) {
        (Some(written), Some(out)) => {
            let (file, state) = (byte_size(written.file_size), byte_size(written.state_size));
            let out = one_line(out.display().to_string().as_bytes());
            format!("{out}: {records}, {state} of state, {file}\n")
        }
        _ => {
            let state = byte_size(state_size);
            format!("Dry run, nothing was written: {records}, {state} of state\n")
        }
    };
    terminal::out().write_all(line.as_bytes())?;
    Ok(())
}

//! Where a new snapshot goes, and how it is written.

use crate::render::bytes::byte_size;
use crate::render::escape::one_line;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::{Map, Value};
use snapscope_archive::Closing;
use snapscope_rewrite::{Level, SnapshotWriter, WriteOptions, Written};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// How a new snapshot is written; every command that makes one takes these.
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
    /// How hard to compress, from 1 (fast) to 9 (small)
    #[arg(long, value_name = "N", default_value_t = Level::default().number(),
          value_parser = clap::value_parser!(u8).range(1..=9))]
    level: u8,
    /// Threads that compress [default: one per core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

impl WriteArgs {
    /// Whether existing files are replaced.
    pub(crate) const fn force(&self) -> bool {
        self.force
    }

    /// Creates the file under a temporary name, before anything is read: a name that can't be written
    /// to is reported at once. `None` with `--dry-run`.
    pub(crate) fn stage(&self) -> Result<Option<StagedSnapshot>> {
        let Some(target) = self.out.as_deref().filter(|_| !self.dry_run) else { return Ok(None) };
        may_write(target, self.force)?;
        let mut hidden = OsString::from(".");
        hidden.push(target.file_name().unwrap_or_default());
        hidden.push(".");
        let mut builder = tempfile::Builder::new();
        // Only its owner can read it.
        let file = builder.prefix(&hidden).suffix(".part").tempfile_in(folder_of(target));
        let file = file.with_context(|| folder_of(target).display().to_string())?;
        let defaults = WriteOptions::default();
        let options = WriteOptions {
            level: Level::new(self.level).unwrap_or_default(),
            threads: self.threads.unwrap_or(defaults.threads),
        };
        Ok(Some(StagedSnapshot { target: target.into(), force: self.force, file, options }))
    }
}

/// A file that gets its name when the snapshot in it is complete. Dropped before, it is removed.
#[derive(Debug)]
pub(crate) struct StagedSnapshot {
    target: PathBuf,
    force: bool,
    file: NamedTempFile,
    options: WriteOptions,
}

impl StagedSnapshot {
    /// Starts the snapshot with this `meta.json`.
    pub(crate) fn writer(&self, meta: &Map<String, Value>) -> Result<SnapshotWriter<File>> {
        let file = self.file.as_file().try_clone();
        let writer = file.and_then(|file| SnapshotWriter::begin(file, meta, &self.options));
        writer.with_context(|| self.target.display().to_string())
    }

    /// Ends the snapshot, puts it on the disk and gives it its name.
    pub(crate) fn finish(self, writer: SnapshotWriter<File>) -> Result<Written> {
        let name = self.target.display().to_string();
        let (file, written) = writer.finish().with_context(|| name.clone())?;
        file.sync_all().with_context(|| name.clone())?;
        drop(file);
        if self.force {
            // Something else may have taken the name since.
            may_write(&self.target, true)?;
            self.file.persist(&self.target).map_err(|e| e.error).context(name)?;
        } else if let Err(e) = self.file.persist_noclobber(&self.target) {
            match e.error.kind() {
                io::ErrorKind::AlreadyExists => bail!("{}", exists(&self.target)),
                _ => return Err(e.error).context(name),
            }
        }
        // The new name is on the disk only once its folder is; not every file system can do that.
        let _ = File::open(folder_of(&self.target)).and_then(|folder| folder.sync_all());
        Ok(written)
    }
}

fn exists(target: &Path) -> String {
    format!("{} already exists; use --force to overwrite it", target.display())
}

/// Only a regular file is ever replaced, and only with `--force`.
fn may_write(target: &Path, force: bool) -> Result<()> {
    if target.file_name().is_none() {
        bail!("{} is not a file name", target.display());
    }
    match fs::symlink_metadata(target) {
        Ok(there) if !there.is_file() => {
            bail!("{} already exists and is not a regular file", target.display())
        }
        Ok(_) if !force => bail!("{}", exists(target)),
        Ok(_) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e).with_context(|| target.display().to_string()),
    }
}

fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Reports on standard output what was written, or would be.
pub(crate) fn say_written(
    args: &WriteArgs,
    written: Option<&Written>,
    closing: &Closing,
) -> Result<()> {
    let records = closing.records;
    let records = format!("{records} record{}", if records == 1 { "" } else { "s" });
    let line = match (written, &args.out) {
        (Some(written), Some(out)) => {
            let (file, state) = (byte_size(written.file_size), byte_size(written.state_size));
            let out = one_line(out.display().to_string().as_bytes());
            format!("{out}: {records}, {state} of state, {file}\n")
        }
        _ => {
            let state = byte_size(closing.integrity.actual_size);
            format!("Dry run, nothing was written: {records}, {state} of state\n")
        }
    };
    io::stdout().lock().write_all(line.as_bytes())?;
    Ok(())
}

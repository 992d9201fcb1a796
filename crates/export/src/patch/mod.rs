//! A patch: turns the state of one snapshot into that of another.
//!
//! It is a folder with bodies for `/v1/txn`, config entries as files, and a list of all other
//! differences, which no patch can cover. Like every export it contains values as stored, and
//! appears complete or not at all. `snapscope apply` applies it.
//!
//! Anyone who could write one key or register one service put names into the snapshot, but the
//! person who applies the patch may do everything. Therefore names are in bodies, or in a path if
//! [`path::escaped`](snapscope_analyze::api::path::escaped) accepts them. All others are in the
//! list.

mod entries;
pub mod files;
mod keys;
mod not_covered;

use crate::error::ExportError;
use crate::layout::{Layout, TargetSpec};
use crate::target::Target;
use entries::Entries;
use files::{ENTRIES, KEYS, NOT_COVERED};
use keys::Keys;
use not_covered::line;
use snapscope_analyze::compare::Change;
use snapscope_analyze::diff::Found;
use snapscope_objects::kind::KindId;
use snapscope_objects::printable::counted;
use snapscope_staged::create_in;
use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// The script in patches of earlier versions.
const SCRIPT: &str = "apply.sh";

/// A patch being written. Dropped before it is finished, it is removed.
#[derive(Debug)]
pub struct Patch {
    out: PathBuf,
    target: Target,
    keys: Keys,
    entries: Entries,
    not_covered: BufWriter<File>,
    not_covered_count: u64,
    /// Intentions by their destination, with their lines: intentions of a config entry are covered
    /// by it, and the entry may come later.
    intentions: Vec<(Vec<u8>, Vec<u8>)>,
    /// Services whose intentions are covered by a config entry.
    destinations: BTreeSet<Vec<u8>>,
}

impl Patch {
    /// Starts a patch in a folder beside `out`.
    ///
    /// # Errors
    /// If the target exists and may not be replaced, or the system refuses.
    pub fn begin(out: &Path, force: bool) -> Result<Self, ExportError> {
        let owns: fn(&str) -> bool = |name| [KEYS, ENTRIES, SCRIPT, NOT_COVERED].contains(&name);
        let target = Target::begin(out, TargetSpec { layout: Layout::Folder, owns }, force)?;
        let at_out = |e| ExportError::io(out)(e);
        let folder = target.path();
        let keys = Keys::create(folder, KEYS).map_err(at_out)?;
        let entries = Entries::create(folder, ENTRIES).map_err(at_out)?;
        let not_covered = BufWriter::new(create_in(folder, NOT_COVERED).map_err(at_out)?);
        Ok(Self {
            out: out.to_owned(),
            target,
            keys,
            entries,
            not_covered,
            not_covered_count: 0,
            intentions: Vec::new(),
            destinations: BTreeSet::new(),
        })
    }

    /// Adds an object that differs.
    ///
    /// # Errors
    /// If writing fails.
    pub fn take(&mut self, found: &Found<'_>) -> io::Result<()> {
        if matches!(found.class.change, Change::Touched | Change::Recreated) {
            return Ok(());
        }
        let Some(row) = found.after.or(found.before) else { return Ok(()) };
        let why_not = match row.kind.id {
            KindId::Kv => self.keys.take(found)?,
            KindId::ConfigEntries => {
                if row.text("Kind") == b"service-intentions" {
                    self.destinations.insert(row.text("Name").to_vec());
                }
                self.entries.take(found)?
            }
            KindId::Intentions => {
                let destination = row.text("DestinationName").to_vec();
                let line =
                    line(row, found.class.change, "a patch does not cover legacy intentions");
                self.intentions.push((destination, line));
                None
            }
            _ => Some(
                "a patch covers keys and config entries only; `snapscope apply` brings back most others",
            ),
        };
        if let Some(why) = why_not {
            self.not_covered_count += 1;
            self.not_covered.write_all(&line(row, found.class.change, why))?;
        }
        Ok(())
    }

    /// Writes what depends on the whole difference. Its folder has a temporary name until the patch
    /// is [settled](CompletePatch::settle).
    ///
    /// # Errors
    /// If writing fails.
    pub fn complete(mut self) -> Result<CompletePatch, ExportError> {
        let out = self.out.clone();
        let counts = self.write_rest().map_err(ExportError::io(&out))?;
        Ok(CompletePatch { target: self.target, counts })
    }

    fn write_rest(&mut self) -> io::Result<PatchCounts> {
        let legacy = self.intentions.drain(..);
        let without_entry = legacy.filter(|(to, _)| !self.destinations.contains(to));
        let mut lines: Vec<Vec<u8>> = without_entry.map(|(_, line)| line).collect();
        let (entries, not_covered) = std::mem::take(&mut self.entries).finish()?;
        lines.extend(not_covered);
        self.not_covered_count += lines.len() as u64;
        lines.iter().try_for_each(|line| self.not_covered.write_all(line))?;
        self.not_covered.flush()?;
        self.keys.flush()?;
        Ok(PatchCounts {
            keys: self.keys.count,
            requests: self.keys.bodies + self.keys.large,
            entries,
            not_covered: self.not_covered_count,
        })
    }
}

/// A complete patch under a temporary name. Dropped before it is settled, it is removed.
#[derive(Debug)]
pub struct CompletePatch {
    target: Target,
    counts: PatchCounts,
}

impl CompletePatch {
    /// The numbers of its changes.
    #[must_use]
    pub const fn counts(&self) -> PatchCounts {
        self.counts
    }

    /// Flushes everything to disk and renames the folder to its name; `incomplete` is the reason if
    /// the patch is incomplete.
    ///
    /// # Errors
    /// If the system refuses, or the target exists by now.
    pub fn settle(self, incomplete: Option<&str>) -> Result<(), ExportError> {
        let note = incomplete.map(|why| format!("{why}\n").into_bytes());
        self.target.settle(note.as_deref())
    }
}

/// The numbers of changes in a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatchCounts {
    /// Number of keys.
    pub keys: u64,
    /// Number of requests that write them.
    pub requests: u64,
    /// Number of config entries.
    pub entries: u64,
    /// Number of differences that are only listed.
    pub not_covered: u64,
}

impl PatchCounts {
    /// Whether it has no changes, not even in the list.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys + self.entries + self.not_covered == 0
    }
}

impl fmt::Display for PatchCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keys, requests, entries, not_covered } = *self;
        let requests = counted(requests, "request", "requests");
        let entries_text = counted(entries, "config entry", "config entries");
        write!(f, "{} in {requests}, {entries_text}", counted(keys, "key", "keys"))?;
        if not_covered > 0 {
            let differences = counted(not_covered, "difference is", "differences are");
            write!(f, "; {differences} not covered: see {NOT_COVERED}")?;
        }
        if keys + entries > 0 {
            f.write_str("; it contains values, secrets included")?;
        }
        Ok(())
    }
}

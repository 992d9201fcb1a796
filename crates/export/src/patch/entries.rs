//! Config entries as files, and what is to be done with them.

use crate::config_entries::{as_read, write_new};
use crate::file_name::encoded;
use snapscope_analyze::diff::Found;
use snapscope_objects::json::{JsonText, indented};
use snapscope_staged::create_folder_in;
use std::io;
use std::path::{Path, PathBuf};

/// Kinds that others build upon, in the order in which they are written: a server refuses an entry
/// that names what isn't there yet.
static FIRST: &[&[u8]] = &[
    b"proxy-defaults",
    b"service-defaults",
    b"service-resolver",
    b"service-splitter",
    b"service-router",
];

/// What is to be done with an entry.
#[derive(Debug)]
pub(super) enum Step {
    /// Write what is in a file, named from the patch's folder.
    Write(String),
    /// Delete the entry of a kind and name.
    Delete(String, String),
}

/// The entries that are written and deleted.
#[derive(Debug)]
pub(super) struct Entries {
    folder: PathBuf,
    /// Each with what orders it.
    steps: Vec<(usize, Step)>,
}

impl Entries {
    pub(super) fn create(folder: &Path, name: &str) -> io::Result<Self> {
        Ok(Self { folder: create_folder_in(folder, name)?, steps: Vec::new() })
    }

    /// Takes an entry that differs; gives why it can't be carried.
    pub(super) fn take(&mut self, found: &Found<'_>) -> io::Result<Option<&'static str>> {
        let Some(row) = found.after.or(found.before) else { return Ok(None) };
        let kind = row.text("Kind");
        // The mesh entry stores no name; commands call it by its kind.
        let name = if kind == b"mesh" { kind } else { row.text("Name") };
        if kind == b"bound-api-gateway" {
            return Ok(Some("servers make it themselves"));
        }
        let rank = FIRST.iter().position(|k| *k == kind).unwrap_or(FIRST.len());
        let Some(after) = found.after else {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec());
            let (Ok(kind), Ok(name)) = (text(kind), text(name)) else {
                return Ok(Some("its name is not UTF-8"));
            };
            // Deleted in reverse, behind all that is written.
            self.steps.push((2 * FIRST.len() + 1 - rank, Step::Delete(kind, name)));
            return Ok(None);
        };
        let mut json = JsonText::new();
        as_read(after.object(), &mut json);
        let file = format!("{}__{}", encoded(kind), encoded(name));
        let taken = write_new(&self.folder, &file, "json", &indented(json.as_bytes(), "    "))?;
        self.steps.push((rank, Step::Write(format!("{}/{taken}.json", super::ENTRIES))));
        Ok(None)
    }

    pub(super) fn count(&self) -> u64 {
        self.steps.len() as u64
    }

    /// What is to be done, in an order in which servers take it.
    pub(super) fn steps(&mut self) -> Vec<&Step> {
        self.steps.sort_by_key(|(rank, _)| *rank);
        self.steps.iter().map(|(_, step)| step).collect()
    }
}

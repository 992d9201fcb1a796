//! Config entries as files, and the steps to apply them.

use super::files::STEPS;
use super::not_covered::line;
use crate::file_name::encoded;
use crate::new_files::NewFiles;
use snapscope_analyze::api::entries::{
    LAST, altered, as_taken, deletable, folded, has_refused, rank, writable,
};
use snapscope_analyze::diff::Found;
use snapscope_decode::records::entry_name;
use snapscope_objects::json::{JsonText, indented};
use snapscope_staged::{create_folder_in, create_in};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A step. Both contain only letters, digits and `%-._~/`, and no `.` or `..` as a segment.
#[derive(Debug)]
enum Step {
    /// Write the content of a file in the folder.
    Write(String),
    /// Delete the entry at a path after `/v1/config/`.
    Delete(String),
}

/// A step, with the data needed until all steps are known.
#[derive(Debug)]
struct Planned {
    step: Step,
    /// Its sort key.
    rank: usize,
    /// Kind and name of the entry, as servers compare them.
    entry: (Vec<u8>, Vec<u8>),
    /// Its line in `not-covered.jsonl`, if it cannot be done.
    not_covered: Vec<u8>,
}

/// The entries that are written and deleted.
#[derive(Debug, Default)]
pub(super) struct Entries {
    folder: PathBuf,
    files: NewFiles,
    steps: Vec<Planned>,
}

impl Entries {
    pub(super) fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let folder = create_folder_in(folder, name)?;
        Ok(Self { folder, files: NewFiles::default(), steps: Vec::new() })
    }

    /// Adds an entry that differs. Returns why the patch does not cover it, or a part of it.
    pub(super) fn take(&mut self, found: &Found<'_>) -> io::Result<Option<&'static str>> {
        let Some(row) = found.after.or(found.before) else { return Ok(None) };
        let kind = row.text("Kind");
        let name = entry_name(kind, row.text("Name"));
        if let Err(why) = writable(kind, name) {
            return Ok(Some(why));
        }
        let rank = rank(kind);
        let mut plan = |step, rank| {
            let entry = (kind.to_vec(), folded(name));
            let why = "servers treat it and another entry as one: their names differ only in case";
            let not_covered = line(row, found.class.change, why);
            self.steps.push(Planned { step, rank, entry, not_covered });
        };
        let Some(after) = found.after else {
            return Ok(match deletable(kind, name) {
                // In reverse, after all that is written.
                Ok(path) => {
                    plan(Step::Delete(path), 2 * LAST + 1 - rank);
                    None
                }
                Err(_) => Some(
                    "it can only be deleted by a path, and its name is not safe in a \
                                path",
                ),
            });
        };
        if let Some(why) = altered(kind, after.object()) {
            return Ok(Some(why));
        }
        let mut json = JsonText::new();
        as_taken(after.object(), &mut json);
        let file = format!("{}__{}", encoded(kind), encoded(name));
        let text = indented(json.as_bytes(), "    ");
        let taken = self.files.write(&self.folder, &file, "json", &text)?;
        plan(Step::Write(format!("{taken}.json")), rank);
        Ok(has_refused(kind, after.object())
            .then_some("servers refuse LegacyMeta of its sources, so the patch leaves it out"))
    }

    /// Writes the steps in an order that servers accept. Returns the number of entries covered, and
    /// the lines about the others.
    pub(super) fn finish(mut self) -> io::Result<(u64, Vec<Vec<u8>>)> {
        let mut by_entry: BTreeMap<_, Vec<Planned>> = BTreeMap::new();
        for planned in self.steps.drain(..) {
            by_entry.entry(planned.entry.clone()).or_default().push(planned);
        }
        let mut kept: Vec<Planned> = Vec::new();
        let mut not_covered = Vec::new();
        for (_, mut steps) in by_entry {
            let writes = |planned: &Planned| matches!(planned.step, Step::Write(_));
            match steps.iter().filter(|planned| writes(planned)).count() {
                0 => {}
                // Only the case of its name changed: the new entry replaces the old one.
                1 => steps.retain(writes),
                _ => {
                    for Planned { step, not_covered: line, .. } in steps.drain(..) {
                        if let Step::Write(file) = step {
                            fs::remove_file(self.folder.join(file))?;
                        }
                        not_covered.push(line);
                    }
                }
            }
            kept.append(&mut steps);
        }
        kept.sort_by_key(|planned| planned.rank);
        let mut text = String::new();
        for Planned { step, .. } in &kept {
            let (verb, what) = match step {
                Step::Write(file) => ("PUT", file),
                Step::Delete(path) => ("DELETE", path),
            };
            text.extend([verb, ":", what, "\n"]);
        }
        create_in(&self.folder, STEPS)?.write_all(text.as_bytes())?;
        Ok((kept.len() as u64, not_covered))
    }
}

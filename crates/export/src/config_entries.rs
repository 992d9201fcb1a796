//! `config-entries`: `KIND__NAME.json` for each entry, as `consul config read` prints it. Entries
//! that servers refuse in this form are listed beside them.

use crate::exceptions::{Exception, Exceptions};
use crate::file_name::encoded;
use crate::new_files::NewFiles;
use crate::writer::{Ending, Part, Writer};
use snapscope_analyze::api::entries::{altered, as_read, has_refused, writable};
use snapscope_analyze::api::fields;
use snapscope_decode::VersionRange;
use snapscope_decode::records::entry_name;
use snapscope_objects::json::{JsonText, indented};
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;
use snapscope_objects::value::Node;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, Default)]
pub(crate) struct Entries {
    files: Vec<Entry>,
    size: usize,
}

#[derive(Debug)]
struct Entry {
    /// Its name.
    id: String,
    kind: Vec<u8>,
    /// The name its file should have.
    file: String,
    text: Vec<u8>,
    /// Which servers refuse it as it is, and why.
    not_taken: Vec<(VersionRange, String)>,
}

impl Part for Entries {
    fn clear(&mut self) {
        self.files.clear();
        self.size = 0;
    }

    fn row(&mut self, row: &Row) {
        let kind = row.text("Kind");
        let name = entry_name(kind, row.text("Name"));
        let mut json = JsonText::new();
        as_read(row.object(), &mut json);
        let text = indented(json.as_bytes(), "    ");
        self.size += text.len();
        let file = format!("{}__{}", encoded(kind), encoded(name));
        let not_taken = not_taken(kind, name, row.object());
        self.files.push(Entry { id: row.id_text(), kind: kind.to_vec(), file, text, not_taken });
    }

    fn size(&self) -> usize {
        self.size
    }
}

/// Why servers of every version refuse an entry as it is.
fn not_taken(kind: &[u8], name: &[u8], entry: Node<'_>) -> Vec<(VersionRange, String)> {
    let mut all = Vec::new();
    let mut add = |why: &str| all.push((VersionRange::ALL, why.to_owned()));
    if let Err(why) = writable(kind, name) {
        add(why);
    }
    if let Some(why) = altered(kind, entry) {
        add(why);
    }
    if has_refused(kind, entry) {
        add("they refuse LegacyMeta of its sources; remove it");
    }
    all
}

#[derive(Debug)]
pub(crate) struct ConfigEntries {
    folder: PathBuf,
    files: NewFiles,
    exceptions: Exceptions,
}

impl ConfigEntries {
    /// Records which servers refuse the entry in a file.
    fn list(&mut self, entry: &Entry, file: &str) -> io::Result<()> {
        let mut why: Vec<(VersionRange, String)> = entry.not_taken.clone();
        let kind = String::from_utf8_lossy(&entry.kind);
        why.extend(fields::entry_refused(&kind, &serde_json::from_slice(&entry.text)?));
        for (servers, why) in &why {
            self.exceptions.add(&Exception {
                kind: KindId::ConfigEntries,
                id: &entry.id,
                file: Some(file),
                servers: *servers,
                why,
                object: None,
            })?;
        }
        Ok(())
    }
}

impl Writer for ConfigEntries {
    type Part = Entries;

    fn create(at: &Path, _kinds: &[KindId]) -> io::Result<Self> {
        let (folder, files) = (at.to_owned(), NewFiles::default());
        Ok(Self { folder, files, exceptions: Exceptions::new(at) })
    }

    fn take(&mut self, part: &mut Entries) -> io::Result<()> {
        for entry in part.files.drain(..) {
            let taken = self.files.write(&self.folder, &entry.file, "json", &entry.text)?;
            self.list(&entry, &format!("{taken}.json"))?;
        }
        Ok(())
    }

    fn finish(self, _ending: &Ending) -> io::Result<Vec<String>> {
        Ok(self.exceptions.finish()?.into_iter().collect())
    }
}

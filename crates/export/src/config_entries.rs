//! `config-entries`: `KIND__NAME.json` for each entry, as `consul config read` prints it. Entries
//! that servers refuse in this form are listed beside them.

use crate::exceptions::{Exception, Exceptions};
use crate::file_name::encoded;
use crate::new_files::NewFiles;
use crate::writer::{Ending, Part, Writer};
use snapscope_analyze::api::entries::{REFUSED, altered, has_refused, writable};
use snapscope_analyze::api::fields::newer;
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, Sink, indented};
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;
use snapscope_objects::value::{Json, Node};
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
        // The mesh entry stores no name; commands use its kind as the name.
        let name = if kind == b"mesh" { kind } else { row.text("Name") };
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

/// Members that `consul config read` leaves out although the HTTP API shows them: the kind (empty
/// for all), the path with lists seen through, and whether only if empty.
static LEFT_OUT: &[(&str, &[&str], bool)] = &[
    ("", &["Hash"], false),
    // Computed by servers; it cannot be written.
    ("proxy-defaults", &["Protocol"], false),
    ("api-gateway", &["Listeners", "TLS", "CipherSuites"], true),
    ("api-gateway", &["Listeners", "TLS", "MinVersion"], true),
    ("api-gateway", &["Listeners", "TLS", "MaxVersion"], true),
    ("service-defaults", &["UpstreamConfig", "Defaults", "Peer"], true),
    ("service-defaults", &["UpstreamConfig", "Overrides", "Peer"], true),
];

/// Writes an entry as `consul config read` prints it.
fn as_read(entry: Node<'_>, json: &mut JsonText) {
    value(entry, &rules(entry), &mut Vec::new(), json);
}

/// Writes an entry as servers accept it, without the parts that they refuse.
pub(crate) fn as_taken(entry: Node<'_>, json: &mut JsonText) {
    let mut rules = rules(entry);
    let refused = REFUSED.iter().filter(|(of, _)| of.as_bytes() == kind_of(entry));
    rules.extend(refused.map(|(_, path)| (*path, false)));
    value(entry, &rules, &mut Vec::new(), json);
}

fn kind_of(entry: Node<'_>) -> &[u8] {
    entry.get("Kind").and_then(|kind| kind.text()).unwrap_or(&[])
}

/// The parts that are left out of an entry: paths, and whether only if empty.
fn rules(entry: Node<'_>) -> Vec<(&'static [&'static str], bool)> {
    let kind = kind_of(entry);
    let rules = LEFT_OUT.iter().filter(|(of, ..)| of.is_empty() || of.as_bytes() == kind);
    rules.map(|(_, path, if_empty)| (*path, *if_empty)).collect()
}

fn value<'e>(
    node: Node<'e>,
    rules: &[(&[&str], bool)],
    path: &mut Vec<&'e [u8]>,
    json: &mut JsonText,
) {
    match node.json() {
        Json::List(items) => {
            json.begin_list();
            items.for_each(|item| value(item, rules, path, json));
            json.end_list();
        }
        Json::Object(members) => {
            json.begin_object();
            for (key, member) in members {
                path.push(key);
                let left_out = rules.iter().any(|(rule, if_empty)| {
                    rule.iter().map(|name| name.as_bytes()).eq(path.iter().copied())
                        && (!if_empty || is_empty(member))
                });
                if !left_out {
                    json.key(key);
                    value(member, rules, path, json);
                }
                path.pop();
            }
            // For an exposed path it is printed even if it is not stored.
            if path == &[b"Expose".as_slice(), b"Paths"] && node.get("ParsedFromCheck").is_none() {
                json.key(b"ParsedFromCheck");
                json.bool(false);
            }
            json.end_object();
        }
        _ => node.render(json),
    }
}

fn is_empty(node: Node<'_>) -> bool {
    match node.json() {
        Json::Null => true,
        Json::Text(text) => text.is_empty(),
        Json::List(mut items) => items.next().is_none(),
        _ => false,
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
        let fields = newer(&kind, &serde_json::from_slice(&entry.text)?);
        if let Some(newest) = fields.first() {
            let names: Vec<&str> = fields.iter().map(|newer| newer.field).collect();
            why.push((newest.refused_by, format!("they do not know {}", names.join(", "))));
        }
        for (servers, why) in &why {
            self.exceptions.add(&Exception {
                kind: "config-entry",
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

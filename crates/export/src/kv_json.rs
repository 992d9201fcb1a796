//! `kv-json`: what `consul kv export` prints, to the byte.
//!
//! JSON cannot express a key that is not UTF-8. Consul puts U+FFFD in place of each such byte. So
//! does this export, because missing keys would be worse, but it reports these keys. It also
//! reports keys at which `consul kv import` stops or that it changes; those can be left out.

use crate::standard_output;
use crate::writer::{Ending, Part, Writer};
use base64_simd::STANDARD as BASE64;
use snapscope_analyze::api::keys::{Import, NewerCheck, imported, newer_check};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::printable::counted;
use snapscope_objects::row::Row;
use snapscope_objects::value::Json;
use snapscope_staged::WriteBehind;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::Path;

/// Maximum number of keys named in each note.
const NAMED: usize = 1000;

#[derive(Debug, Default)]
pub(crate) struct Pairs {
    json: Vec<u8>,
    /// Pairs that `consul kv import` does not import unchanged.
    unimportable: Vec<Unimportable>,
    /// Keys that newer servers refuse.
    refused_later: Vec<Vec<u8>>,
}

#[derive(Debug)]
struct Unimportable {
    key: Vec<u8>,
    import: Import,
    /// The position of its pair in the JSON.
    pair: Range<usize>,
}

impl Part for Pairs {
    fn clear(&mut self) {
        self.json.clear();
        self.unimportable.clear();
        self.refused_later.clear();
    }

    fn row(&mut self, row: &Row) {
        let key = row.text("Key");
        let value = match row.get("Value").map(|node| node.json()) {
            Some(Json::Bytes(value) | Json::Text(value)) => value,
            _ => &[],
        };
        let flags = row.get("Flags").and_then(|node| node.uint()).unwrap_or(0);
        let readable = readable(key);
        let start = self.json.len();
        // Each pair starts with its comma; the first one loses it when it is written.
        self.json.extend_from_slice(b",\n\t{\n\t\t\"key\": ");
        let mut text = JsonText::appending_to(std::mem::take(&mut self.json));
        text.text(&readable);
        self.json = text.into_bytes();
        self.json.extend_from_slice(b",\n\t\t\"flags\": ");
        self.json.extend_from_slice(itoa::Buffer::new().format(flags).as_bytes());
        self.json.extend_from_slice(b",\n\t\t\"value\": \"");
        BASE64.encode_append(value, &mut self.json);
        self.json.extend_from_slice(b"\"\n\t}");
        if let Some(import) = imported(key, value.len()) {
            let pair = start..self.json.len();
            self.unimportable.push(Unimportable { key: key.to_vec(), import, pair });
        } else if let Some(NewerCheck::Kept(_)) = newer_check(key) {
            self.refused_later.push(key.to_vec());
        }
    }

    fn size(&self) -> usize {
        self.json.len()
    }
}

/// The key with U+FFFD for each byte that is not UTF-8, as Go decodes it.
fn readable(key: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(key).is_ok() {
        return Cow::Borrowed(key);
    }
    let mut out = Vec::with_capacity(key.len() * 3);
    for chunk in key.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        chunk.invalid().iter().for_each(|_| out.extend_from_slice("\u{fffd}".as_bytes()));
    }
    Cow::Owned(out)
}

/// Keys of a note.
#[derive(Debug, Default)]
struct Named {
    count: u64,
    first: Vec<Vec<u8>>,
}

impl Named {
    fn add(&mut self, key: Vec<u8>) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(key);
        }
    }

    /// `1 key WHAT: "key"`.
    fn told(&self, what: &str) -> String {
        let keys = if self.count == 1 { "key" } else { "keys" };
        self.named(&format!("{} {keys} {what}", self.count))
    }

    /// A text followed by the keys.
    fn named(&self, what: &str) -> String {
        let named: Vec<String> =
            self.first.iter().map(|key| format!("\"{}\"", key.escape_ascii())).collect();
        let more = match self.count - self.first.len() as u64 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{what}: {}{more}", named.join(", "))
    }
}

#[derive(Debug)]
pub(crate) struct KvJson {
    file: WriteBehind,
    empty: bool,
    /// Whether to leave out pairs that are not imported unchanged.
    skip: bool,
    /// By the effect of an import on them.
    unimportable: BTreeMap<Import, Named>,
    refused_later: Named,
}

impl KvJson {
    fn pairs(&mut self, mut json: &[u8]) -> io::Result<()> {
        if self.empty && !json.is_empty() {
            json = &json[1..];
            self.empty = false;
        }
        self.file.write_all(json)
    }
}

impl Writer for KvJson {
    type Part = Pairs;

    fn create(at: &Path, _kinds: &[KindId]) -> io::Result<Self> {
        let mut file = standard_output::open(at)?;
        file.write_all(b"[")?;
        let (unimportable, refused_later) = Default::default();
        Ok(Self { file, empty: true, skip: false, unimportable, refused_later })
    }

    fn skip_unimportable(&mut self) {
        self.skip = true;
    }

    fn take(&mut self, part: &mut Pairs) -> io::Result<()> {
        let mut written = 0;
        for Unimportable { key, import, pair } in part.unimportable.drain(..) {
            self.unimportable.entry(import).or_default().add(key);
            if self.skip {
                self.pairs(part.json.get(written..pair.start).unwrap_or(&[]))?;
                written = pair.end;
            }
        }
        self.pairs(part.json.get(written..).unwrap_or(&[]))?;
        part.refused_later.drain(..).for_each(|key| self.refused_later.add(key));
        Ok(())
    }

    fn finish(mut self, _ending: &Ending) -> io::Result<Vec<String>> {
        self.file.write_all(if self.empty { b"]\n" } else { b"\n]\n" })?;
        self.file.finish()?;
        let mut notes = Vec::new();
        for (import, keys) in &self.unimportable {
            let why = import.why();
            let what = match import {
                _ if self.skip => format!(
                    "left out, because `consul kv import` cannot write them \
                                           ({why})"
                ),
                Import::Refused(_) => format!("at which `consul kv import` stops ({why})"),
                Import::Elsewhere(_) => {
                    format!("that `consul kv import` writes elsewhere or not at all ({why})")
                }
                Import::NotText => {
                    let n = keys.count;
                    notes.push(keys.named(&format!(
                        "{} not UTF-8, which JSON cannot express, and U+FFFD is in place of those \
                         bytes, as in `consul kv export`",
                        counted(n, "key is", "keys are")
                    )));
                    continue;
                }
            };
            notes.push(keys.told(&what));
        }
        if !self.unimportable.is_empty() && !self.skip {
            notes.push("--skip-unimportable leaves them out".to_owned());
        }
        if self.refused_later.count > 0 {
            notes.push(self.refused_later.told(
                "that servers from 1.22 on refuse to import (.. percent-encoded, or a space at an \
                 end)",
            ));
        }
        Ok(notes)
    }
}

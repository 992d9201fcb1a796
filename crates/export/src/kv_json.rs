//! `kv-json`: what `consul kv export` prints, to the byte.
//!
//! JSON has no way to say a key that is not UTF-8. Consul puts U+FFFD in place of each such byte,
//! and so does this, since an export that lacks keys is worse; but it says which they are.

use crate::write_behind::WriteBehind;
use crate::writer::{Ending, Part, Writer};
use base64_simd::STANDARD as BASE64;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::row::{Json, Row};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

/// How many keys that JSON can't carry are named.
const NAMED: usize = 1000;

#[derive(Debug, Default)]
pub(crate) struct Pairs {
    json: Vec<u8>,
    not_utf8: Vec<Vec<u8>>,
}

impl Part for Pairs {
    fn clear(&mut self) {
        self.json.clear();
        self.not_utf8.clear();
    }

    fn row(&mut self, _place: usize, row: &Row) {
        let key = row.text("Key");
        let value = match row.get("Value").map(|node| node.json()) {
            Some(Json::Bytes(value) | Json::Text(value)) => value,
            _ => &[],
        };
        let flags = row.get("Flags").and_then(|node| node.uint()).unwrap_or(0);
        let readable = readable(key);
        if matches!(readable, Cow::Owned(_)) {
            self.not_utf8.push(key.to_vec());
        }
        // Each pair has its comma in front; the first of all loses it when it is written.
        self.json.extend_from_slice(b",\n\t{\n\t\t\"key\": ");
        let mut text = JsonText::appending_to(std::mem::take(&mut self.json));
        text.text(&readable);
        self.json = text.into_bytes();
        self.json.extend_from_slice(b",\n\t\t\"flags\": ");
        self.json.extend_from_slice(itoa::Buffer::new().format(flags).as_bytes());
        self.json.extend_from_slice(b",\n\t\t\"value\": \"");
        BASE64.encode_append(value, &mut self.json);
        self.json.extend_from_slice(b"\"\n\t}");
    }

    fn size(&self) -> usize {
        self.json.len()
    }
}

/// The key with U+FFFD for each byte that is not UTF-8, as Go reads it.
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

#[derive(Debug)]
pub(crate) struct KvJson {
    file: WriteBehind,
    empty: bool,
    not_utf8: Vec<Vec<u8>>,
    not_utf8_count: u64,
}

impl Writer for KvJson {
    type Part = Pairs;

    fn create(at: &Path, _kinds: &[usize]) -> io::Result<Self> {
        let mut file = WriteBehind::new(File::options().write(true).open(at)?);
        file.write_all(b"[")?;
        Ok(Self { file, empty: true, not_utf8: Vec::new(), not_utf8_count: 0 })
    }

    fn take(&mut self, part: &mut Pairs) -> io::Result<()> {
        let mut json = part.json.as_slice();
        if self.empty && !json.is_empty() {
            json = &json[1..];
            self.empty = false;
        }
        self.not_utf8_count += part.not_utf8.len() as u64;
        let room = NAMED - self.not_utf8.len().min(NAMED);
        self.not_utf8.extend(part.not_utf8.drain(..).take(room));
        self.file.write_all(json)
    }

    fn finish(mut self, _ending: &Ending) -> io::Result<Vec<String>> {
        self.file.write_all(if self.empty { b"]\n" } else { b"\n]\n" })?;
        self.file.finish()?;
        let mut notes = Vec::new();
        if self.not_utf8_count > 0 {
            let named: Vec<String> =
                self.not_utf8.iter().map(|key| format!("\"{}\"", key.escape_ascii())).collect();
            let more = self.not_utf8_count - self.not_utf8.len() as u64;
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            notes.push(format!(
                "{} keys are not UTF-8, which JSON can't carry; they have U+FFFD in place of those bytes, as \
                 `consul kv export` writes them: {}{more}",
                self.not_utf8_count,
                named.join(", ")
            ));
        }
        Ok(notes)
    }
}

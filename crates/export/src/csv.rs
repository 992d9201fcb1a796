//! `csv`: `KIND.csv` for each kind, after RFC 4180, safe to open in a spreadsheet.
//!
//! The columns are those of the kind's wide table; `json` behind them has the whole object. Of keys,
//! whose columns hold all there is, `more` has what else is stored, which is next to nothing ever.

use crate::options::place;
use crate::target::create_in;
use crate::write_behind::WriteBehind;
use crate::writer::{Ending, Part, Writer};
use base64_simd::STANDARD as BASE64;
use snapscope_objects::json::JsonText;
use snapscope_objects::kinds::{KINDS, ObjectKind};
use snapscope_objects::row::{CellValue, Row};
use std::io::{self, Write as _};
use std::path::Path;

/// In front of a cell that isn't text as spreadsheets know it.
const BASE64_MARK: &str = "base64:";

/// Fields of keys that have columns.
pub(crate) const KV_FIELDS: &[&str] =
    &["Key", "KeyBase64", "Value", "Flags", "Session", "LockIndex", "CreateIndex", "ModifyIndex"];

#[derive(Debug)]
pub(crate) struct Lines {
    /// By the kind's place in the table of kinds.
    of_kind: Vec<Vec<u8>>,
    json: JsonText,
}

impl Default for Lines {
    fn default() -> Self {
        Self { of_kind: vec![Vec::new(); KINDS.len()], json: JsonText::new() }
    }
}

impl Part for Lines {
    fn clear(&mut self) {
        for lines in &mut self.of_kind {
            // Blocks hold few kinds: what a kind took is not kept until it comes again.
            match lines.is_empty() {
                true => *lines = Vec::new(),
                false => lines.clear(),
            }
        }
    }

    fn row(&mut self, place: usize, row: &Row) {
        let Self { of_kind, json } = self;
        let Some(out) = of_kind.get_mut(place) else { return };
        for column in row.kind.columns {
            match column.cell(row.object()) {
                CellValue::Nothing => {}
                CellValue::Text(text) => text_cell(&text, out),
                // Numbers can't be formulas.
                CellValue::Uint(n) => {
                    out.extend_from_slice(itoa::Buffer::new().format(n).as_bytes())
                }
                other => out.extend_from_slice(&other.text()),
            }
            out.push(b',');
        }
        json.clear();
        whole_object(row, json);
        text_cell(json.as_bytes(), out);
        out.extend_from_slice(b"\r\n");
    }

    fn size(&self) -> usize {
        self.of_kind.iter().map(Vec::len).sum()
    }
}

/// What stands in the last column: the object, or of keys the fields without a column, if any.
pub(crate) fn whole_object(row: &Row, json: &mut JsonText) {
    use snapscope_objects::json::Sink as _;
    if row.kind.name != "kv" {
        row.render(json);
        return;
    }
    let mut empty = true;
    for (key, value) in row.object().members() {
        if !KV_FIELDS.iter().any(|known| known.as_bytes() == key) {
            if std::mem::take(&mut empty) {
                json.begin_object();
            }
            json.key(key);
            value.render(json);
        }
    }
    if !empty {
        json.end_object();
    }
}

/// The heading of that column.
pub(crate) fn last_column(kind: &ObjectKind) -> &'static str {
    if kind.name == "kv" { "more" } else { "json" }
}

/// Text that is no formula: spreadsheets take a cell for one that begins with `=`, `+`, `-`, `@`, a
/// tab or a line's end, or with the wide forms of these, so that an apostrophe goes in front. Bytes
/// that are no text, and text that could be taken for the mark of such, stand in base64.
fn text_cell(text: &[u8], out: &mut Vec<u8>) {
    let found = found_in(text);
    let readable = !(found.control && holds_no_text(text))
        && (found.ascii || std::str::from_utf8(text).is_ok())
        && !text.starts_with(BASE64_MARK.as_bytes());
    if !readable {
        out.extend_from_slice(BASE64_MARK.as_bytes());
        BASE64.encode_append(text, out);
        return;
    }
    // The control characters that text has are tabs and the ends of lines.
    let quoted = found.control
        || memchr::memchr3(b'"', b',', b';', text).is_some()
        || text.first() == Some(&b' ')
        || text.last() == Some(&b' ');
    if quoted {
        out.push(b'"');
    }
    if begins_formula(text) {
        out.push(b'\'');
    }
    if quoted {
        doubled_quotes(text, out);
        out.push(b'"');
    } else {
        out.extend_from_slice(text);
    }
}

/// What there is among the bytes of a text.
struct Found {
    /// A control character.
    control: bool,
    /// Nothing that isn't ASCII.
    ascii: bool,
}

/// Looks at every byte, whatever the ones before it were: so the compiler looks at many at once.
fn found_in(text: &[u8]) -> Found {
    let (least, all) = text.iter().fold((u8::MAX, 0), |(least, all), &b| (least.min(b), all | b));
    Found { control: least < 0x20, ascii: all < 0x80 }
}

/// Whether there is a control character that is neither a tab nor a line's end.
fn holds_no_text(text: &[u8]) -> bool {
    text.iter().fold(false, |found, &b| {
        let blank = (b == b'\t') | (b == b'\n') | (b == b'\r');
        found | ((b < 0x20) & !blank)
    })
}

/// Writes a text with every quote doubled.
///
/// In values that are JSON quotes stand so close that to look for the next one costs more than to
/// copy byte by byte: each is written twice, and the second one written over unless it is a quote.
fn doubled_quotes(text: &[u8], out: &mut Vec<u8>) {
    let quotes = memchr::memchr_iter(b'"', text).count();
    if quotes == 0 {
        out.extend_from_slice(text);
        return;
    }
    let start = out.len();
    let end = start + text.len() + quotes;
    // A byte more, for the second one of the last.
    out.resize(end + 1, 0);
    let mut room = out.get_mut(start..).unwrap_or(&mut []);
    for &b in text {
        if let Some(pair) = room.first_chunk_mut() {
            *pair = [b, b];
        }
        room = room.get_mut(1 + usize::from(b == b'"')..).unwrap_or(&mut []);
    }
    out.truncate(end);
}

fn begins_formula(text: &[u8]) -> bool {
    // Some programs drop what is blank in front before they look.
    let start = text.iter().position(|b| !matches!(b, b' ' | b'\n')).unwrap_or(text.len());
    let wide = ["＝", "＋", "－", "＠"];
    let rest = text.get(start..).unwrap_or(&[]);
    matches!(text.first(), Some(b'\n'))
        || matches!(rest.first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r'))
        || wide.iter().any(|sign| rest.starts_with(sign.as_bytes()))
}

#[derive(Debug)]
pub(crate) struct Csv {
    /// By the kind's place in the table of kinds; none for kinds that are not exported.
    files: Vec<Option<WriteBehind>>,
}

impl Writer for Csv {
    type Part = Lines;

    fn create(at: &Path, kinds: &[usize]) -> io::Result<Self> {
        let open = |kind: &&ObjectKind| {
            if !kinds.contains(&place(kind)) {
                return Ok(None);
            }
            let file = create_in(at, &format!("{}.csv", kind.name))?;
            let mut file = WriteBehind::new(file);
            for column in kind.columns {
                write!(file, "{},", column.name)?;
            }
            write!(file, "{}\r\n", last_column(kind))?;
            Ok(Some(file))
        };
        Ok(Self { files: KINDS.iter().map(open).collect::<io::Result<_>>()? })
    }

    fn take(&mut self, part: &mut Lines) -> io::Result<()> {
        for (file, lines) in self.files.iter_mut().zip(&part.of_kind) {
            if let Some(file) = file
                && !lines.is_empty()
            {
                file.write_all(lines)?;
            }
        }
        Ok(())
    }

    fn finish(self, _ending: &Ending) -> io::Result<Vec<String>> {
        for file in self.files.into_iter().flatten() {
            file.finish()?;
        }
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &[u8]) -> String {
        let mut out = Vec::new();
        text_cell(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_are_never_formulas() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@sum", "'@sum"),
            ("\t=1", "\"'\t=1\""),
            ("\n=1", "\"'\n=1\""),
            (" =1", "\"' =1\""),
            ("＝1", "'＝1"),
            ("a\"b,c", "\"a\"\"b,c\""),
            ("=\"x\"", "\"'=\"\"x\"\"\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("a;b", "\"a;b\""),
            ("base64:x", "base64:YmFzZTY0Ong="),
            ("\"", "\"\"\"\""),
            ("\"\"\"", "\"\"\"\"\"\"\"\""),
            ("é\"\t", "\"é\"\"\t\""),
        ] {
            assert_eq!(cell(text.as_bytes()), expected, "{text:?}");
        }
        assert_eq!(cell(b"\xff"), "base64:/w==");
        assert_eq!(cell(b"a\0"), "base64:YQA=");
    }
}

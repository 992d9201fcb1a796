//! One object as JSON, text, or bytes.

use super::table::Page;
use crate::render::escape::one_line;
use anyhow::Result;
use serde_json::Value;
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::row::Row;
use std::fmt::Write as _;

/// Maximum number of bytes shown. Nobody pages through more.
const SHOWN: usize = 1 << 20;

/// Number of bytes on a line of a hex dump, which then fits 80 columns.
const ON_A_LINE: usize = 16;

/// How an object is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Look {
    #[default]
    Json,
    Text,
    Hex,
}

impl Look {
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Json => Self::Text,
            Self::Text => Self::Hex,
            Self::Hex => Self::Json,
        }
    }

    /// The key that leads to it, for the last line.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Json => "Tab JSON",
            Self::Text => "Tab text",
            Self::Hex => "Tab hex",
        }
    }
}

/// An object, and the bytes of its record.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) row: Row,
    /// `None` for an object that is joined from several records.
    pub(super) record: Option<Vec<u8>>,
}

impl Object {
    /// Its page. It contains secrets and values only if `shown`.
    pub(super) fn page(&self, look: Look, shown: bool) -> Result<Page> {
        let options = CompareOptions { hide_values: true, ..CompareOptions::default() };
        let comparer = Comparer::new(options);
        let masked = (!shown).then(|| comparer.masked(&self.row));
        let row = masked.as_deref().unwrap_or(&self.row);
        let id = match shown {
            true => self.row.id(),
            false => comparer.shown_id(&self.row),
        };
        let (called, id) = (called(self.row.kind), one_line(&id));
        // Of some kinds there is only one object.
        let title = if called == id { id } else { format!("{called} {id}") };
        let lines = match look {
            Look::Json => json(row)?,
            Look::Text => text(row)?,
            Look::Hex if shown => self.hex(),
            Look::Hex => vec!["Bytes are hidden; press v to show them.".to_owned()],
        };
        Ok(Page { title, lines, question: None })
    }

    /// The bytes of its value, or of its record if it has none.
    fn hex(&self) -> Vec<String> {
        let value = self.row.kind.traits.value.and_then(|field| self.row.get(field));
        let value = value.map(|value| value.bytes().unwrap_or_default());
        match value.or(self.record.as_deref()) {
            Some(bytes) => hex(bytes),
            None => vec!["This object is made of several records.".to_owned()],
        }
    }
}

/// The word for an object of this kind; "kv" is the store.
fn called(kind: &ObjectKind) -> &'static str {
    if kind.id == KindId::Kv { "key" } else { kind.one }
}

fn json(row: &Row) -> Result<Vec<String>> {
    let object: Value = serde_json::from_slice(&row.to_json())?;
    let laid_out = serde_json::to_string_pretty(&object)?;
    Ok(laid_out.lines().map(|line| one_line(line.as_bytes())).collect())
}

/// The main text of an object: a key's value, a policy's rules; otherwise its fields, one on a
/// line.
fn text(row: &Row) -> Result<Vec<String>> {
    let field = match row.kind.id {
        KindId::Policies => Some("Rules"),
        _ => row.kind.traits.value,
    };
    if let Some(text) = field.and_then(|field| row.get(field)) {
        let text = text.bytes().unwrap_or_default();
        let mut lines: Vec<String> =
            shortened(text).split(|byte| *byte == b'\n').map(one_line).collect();
        // A line feed at the end does not start another line.
        lines.pop_if(|last| last.is_empty());
        lines.extend(left_out(text));
        return Ok(lines);
    }
    let object: Value = serde_json::from_slice(&row.to_json())?;
    let mut lines = Vec::new();
    fields(&object, "", &mut lines);
    Ok(lines)
}

/// Writes a scalar with its path.
fn fields(value: &Value, path: &str, lines: &mut Vec<String>) {
    let below = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, value)| fields(value, &below(name), lines));
        }
        Value::Array(items) if !items.is_empty() => {
            for (n, value) in items.iter().enumerate() {
                fields(value, &below(&n.to_string()), lines);
            }
        }
        Value::String(text) => lines.push(one_line(format!("{path}: {text}").as_bytes())),
        other => lines.push(one_line(format!("{path}: {other}").as_bytes())),
    }
}

fn shortened(bytes: &[u8]) -> &[u8] {
    bytes.get(..SHOWN).unwrap_or(bytes)
}

fn left_out(bytes: &[u8]) -> Option<String> {
    let more = bytes.len().checked_sub(SHOWN).filter(|more| *more > 0)?;
    Some(format!("({more} more bytes; `snapscope get` prints them)"))
}

fn hex(bytes: &[u8]) -> Vec<String> {
    let line = |(n, bytes): (usize, &[u8])| {
        let mut line = format!("{:08x} ", n * ON_A_LINE);
        for at in 0..ON_A_LINE {
            if at % 8 == 0 {
                line.push(' ');
            }
            // Writes to a string cannot fail.
            let _ = match bytes.get(at) {
                Some(byte) => write!(line, "{byte:02x} "),
                None => write!(line, "   "),
            };
        }
        let shown = |byte: &u8| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '.' };
        line.push('|');
        line.extend(bytes.iter().map(shown));
        line.push('|');
        line
    };
    let lines = shortened(bytes).chunks(ON_A_LINE).enumerate().map(line);
    lines.chain(left_out(bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_has_room_on_80_columns() {
        let bytes: Vec<u8> = (0..=255).collect();
        let lines = hex(&bytes);
        assert_eq!(lines.len(), 16);
        assert!(lines.iter().all(|line| line.len() <= 80));
        assert_eq!(
            lines[4],
            "00000040  40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f |@ABCDEFGHIJKLMNO|"
        );
        assert_eq!(hex(b"a\x1b").concat().split_once('|').unwrap().1, "a.|");
        assert_eq!(
            hex(&vec![0; SHOWN + 5]).last().unwrap(),
            "(5 more bytes; `snapscope get` prints them)"
        );
    }

    #[test]
    fn fields_have_their_paths() {
        let object: Value = serde_json::json!({"A": {"B": ["x\u{1b}", 2], "C": []}, "D": null});
        let mut lines = Vec::new();
        fields(&object, "", &mut lines);
        assert_eq!(lines, ["A.B.0: x\\u{1b}", "A.B.1: 2", "A.C: []", "D: null"]);
    }
}

//! A field that differs, as text and as JSON.

use super::escape::one_line;
use snapscope_analyze::compare::{Detail, Digest, FieldChange, Line, Sign};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::row::{Json, Node, Tape};

/// Lines of a text that are shown of one field.
const LINES: usize = 30;

/// The field with what it was and is, on one line or more.
pub(crate) fn text(field: &FieldChange) -> Vec<String> {
    let path = one_line(field.path.as_bytes());
    match &field.detail {
        Detail::Value { before, after } => {
            vec![format!("{path}: {} -> {}", value(before.as_ref()), value(after.as_ref()))]
        }
        Detail::Bytes { before, after } => {
            vec![format!("{path}: {} -> {}", digest(before.as_ref()), digest(after.as_ref()))]
        }
        Detail::Set { removed, added } => {
            let items = |sign: &str, tapes: &[Tape]| -> Vec<String> {
                tapes.iter().map(|tape| format!("{sign}{}", value(Some(tape)))).collect()
            };
            let all = [items("-", removed), items("+", added)].concat();
            vec![format!("{path}: {}", all.join(" "))]
        }
        Detail::Lines(lines) => {
            let mut text = vec![format!("{path}:")];
            text.extend(
                lines.iter().take(LINES).map(|l| format!("  {}", one_line(line(l).as_bytes()))),
            );
            if lines.len() > LINES {
                let more = lines.len() - LINES;
                text.push(format!("  ... {more} more lines; -o json has all"));
            }
            text
        }
    }
}

fn line(line: &Line) -> String {
    match line.sign {
        Sign::Same => format!("  {}", line.text),
        Sign::Removed => format!("- {}", line.text),
        Sign::Added => format!("+ {}", line.text),
        Sign::Gap(1) => "  ... 1 line".to_owned(),
        Sign::Gap(n) => format!("  ... {n} lines"),
    }
}

fn value(tape: Option<&Tape>) -> String {
    let Some(node) = tape.and_then(Tape::root) else { return "nothing".to_owned() };
    match node.json() {
        Json::Null => "nothing".to_owned(),
        Json::Text(text) | Json::Bytes(text) if text.is_empty() => "\"\"".to_owned(),
        Json::Text(text) | Json::Bytes(text) => one_line(text),
        _ => one_line(&json_of(node)),
    }
}

fn json_of(node: Node<'_>) -> Vec<u8> {
    let mut json = JsonText::new();
    node.render(&mut json);
    json.into_bytes()
}

fn digest(digest: Option<&Digest>) -> String {
    match digest {
        None => "nothing".to_owned(),
        Some(Digest { bytes, sha256 }) => {
            format!("{bytes} bytes (SHA-256 {}...)", sha256.get(..12).unwrap_or(sha256))
        }
    }
}

/// The field as an object: its `path`, and `before` and `after`; or `lines`, each with a sign in
/// front; or what was `removed` from a set and `added` to it.
pub(crate) fn json(field: &FieldChange, json: &mut JsonText) {
    json.begin_object();
    json.key(b"path");
    json.text(field.path.as_bytes());
    match &field.detail {
        Detail::Value { before, after } => {
            for (key, tape) in [("before", before), ("after", after)] {
                json.key(key.as_bytes());
                match tape.as_ref().and_then(Tape::root) {
                    Some(node) => node.render(json),
                    None => json.null(),
                }
            }
        }
        Detail::Bytes { before, after } => {
            for (key, digest) in [("before", before), ("after", after)] {
                json.key(key.as_bytes());
                let Some(Digest { bytes, sha256 }) = digest else {
                    json.null();
                    continue;
                };
                json.begin_object();
                json.key(b"bytes");
                json.uint(*bytes);
                json.key(b"sha256");
                json.text(sha256.as_bytes());
                json.end_object();
            }
        }
        Detail::Set { removed, added } => {
            for (key, tapes) in [("removed", removed), ("added", added)] {
                json.key(key.as_bytes());
                json.begin_list();
                for node in tapes.iter().filter_map(Tape::root) {
                    node.render(json);
                }
                json.end_list();
            }
        }
        Detail::Lines(lines) => {
            json.key(b"lines");
            json.begin_list();
            lines.iter().for_each(|l| json.text(line(l).as_bytes()));
            json.end_list();
        }
    }
    json.end_object();
}

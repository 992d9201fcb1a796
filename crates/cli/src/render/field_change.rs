//! A field that differs, as text and as JSON.

use super::bytes::byte_size;
use super::escape::one_line;
use snapscope_analyze::compare::{Detail, Digest, FieldChange, Line, Sign};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::value::{Json, Node, Tape};

/// The field with what it was and is, in one line or more; of a text that was compared line by line
/// at most `most` lines.
pub(crate) fn text(field: &FieldChange, most: usize) -> Vec<String> {
    let path = one_line(field.path.as_bytes());
    match &field.detail {
        Detail::Value { before, after } => {
            vec![format!("{path}: {} -> {}", value(before), value(after))]
        }
        Detail::Bytes { before, after } => {
            vec![format!("{path}: {} -> {}", bytes(before), bytes(after))]
        }
        Detail::Set { removed, added } => {
            // Links to namesakes are told apart by all that is in them.
            let text = |item: &Tape, others: &[Tape]| match item_text(item) {
                name if others.iter().any(|other| item_text(other) == name) => {
                    item.root().map_or(name, node_text)
                }
                name => name,
            };
            let items = |sign: char, items: &[Tape], others: &[Tape]| -> Vec<String> {
                items.iter().map(|item| format!("{sign}{}", text(item, others))).collect()
            };
            let all = [items('-', removed, added), items('+', added, removed)].concat();
            vec![format!("{path}: {}", all.join(" "))]
        }
        Detail::Lines(text) => {
            let mut lines = vec![format!("{path}:")];
            for line in text.iter().take(most) {
                lines.push(format!("  {}", one_line(line_text(line).as_bytes())));
            }
            if text.len() > most {
                lines.push(format!("  ... {} more lines", text.len() - most));
            }
            lines
        }
    }
}

fn value(tape: &Option<Tape>) -> String {
    match tape.as_ref().and_then(Tape::root) {
        None => "(unset)".to_owned(),
        Some(node) => node_text(node),
    }
}

fn node_text(node: Node<'_>) -> String {
    match node.json() {
        Json::Null => "(unset)".to_owned(),
        Json::Text(text) | Json::Bytes(text) => format!("\"{}\"", one_line(text)),
        _ => {
            let mut json = JsonText::new();
            node.render(&mut json);
            one_line(json.as_bytes())
        }
    }
}

/// An item of a set: a link by its name.
fn item_text(item: &Tape) -> String {
    let Some(node) = item.root() else { return String::new() };
    let named = ["Name", "ServiceName", "NodeName", "TemplateName", "ID"]
        .iter()
        .filter_map(|field| node.get(field)?.text())
        .find(|text| !text.is_empty());
    match named.or_else(|| node.text()) {
        Some(text) => one_line(text),
        None => node_text(node),
    }
}

fn bytes(digest: &Option<Digest>) -> String {
    match digest {
        None => "(unset)".to_owned(),
        Some(Digest { bytes, sha256 }) => {
            let start = sha256.get(..12).unwrap_or(sha256);
            format!("{} (sha256 {start}...)", byte_size(*bytes))
        }
    }
}

/// How a field differs as an object: what was `before` and is `after`; or `lines`, each with a sign in
/// front; or what was `removed` from a set and `added` to it.
pub(crate) fn json(detail: &Detail, json: &mut JsonText) {
    json.begin_object();
    match detail {
        Detail::Value { before, after } => {
            for (name, tape) in [("before", before), ("after", after)] {
                json.key(name.as_bytes());
                match tape.as_ref().and_then(Tape::root) {
                    Some(node) => value_json(node, json),
                    None => json.null(),
                }
            }
        }
        Detail::Lines(lines) => {
            json.key(b"lines");
            json.begin_list();
            lines.iter().for_each(|line| json.text(line_text(line).as_bytes()));
            json.end_list();
        }
        Detail::Bytes { before, after } => {
            for (name, digest) in [("before", before), ("after", after)] {
                json.key(name.as_bytes());
                bytes_json(digest.as_ref(), json);
            }
        }
        Detail::Set { removed, added } => {
            for (name, items) in [("removed", removed), ("added", added)] {
                json.key(name.as_bytes());
                json.begin_list();
                items.iter().filter_map(Tape::root).for_each(|item| item.render(json));
                json.end_list();
            }
        }
    }
    json.end_object();
}

/// A value; bytes that are text as text, since they stand beside other texts.
fn value_json(node: Node<'_>, json: &mut JsonText) {
    match node.json() {
        Json::Bytes(bytes) if std::str::from_utf8(bytes).is_ok() => json.text(bytes),
        _ => node.render(json),
    }
}

fn bytes_json(digest: Option<&Digest>, json: &mut JsonText) {
    let Some(Digest { bytes, sha256 }) = digest else {
        json.null();
        return;
    };
    json.begin_object();
    json.key(b"bytes");
    json.uint(*bytes);
    json.key(b"sha256");
    json.text(sha256.as_bytes());
    json.end_object();
}

/// A line with its sign in front.
fn line_text(line: &Line) -> String {
    match line.sign {
        Sign::Same => format!(" {}", line.text),
        Sign::Removed => format!("-{}", line.text),
        Sign::Added => format!("+{}", line.text),
        Sign::Gap(1) => "@ 1 line is the same".to_owned(),
        Sign::Gap(n) => format!("@ {n} lines are the same"),
    }
}

//! A differing field as text and as JSON.

use super::bytes::byte_size;
use super::escape::one_line;
use super::json::{List, Members as _, Object};
use snapscope_analyze::compare::{Detail, Digest, FieldChange, Line, Sign};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::row::Row;
use snapscope_objects::value::{Json, Node, Tape};

/// Renders the field before and after, in one or more lines; at most `most` lines of a text that
/// was compared line by line.
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
            // Links with equal names are distinguished by all their fields.
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

/// Writes the ID of an object as members of an open one. Whatever else an ID that is not UTF-8 looks like,
/// it can be told from others.
pub(crate) fn id_members(id: &[u8], json: &mut JsonText) {
    json.member("id", id);
    if std::str::from_utf8(id).is_err() {
        json.key(b"id_base64");
        json.bytes(id);
    }
}

/// Writes how fields differ as a member of an open object.
pub(crate) fn fields_member(fields: &[FieldChange], json: &mut JsonText) {
    let fields = |json: &mut JsonText| {
        for field in fields {
            json.member(&field.path, Object(|json: &mut JsonText| detail(&field.detail, json)));
        }
    };
    json.member("fields", Object(fields));
}

/// Writes an object as it was and as it is as members of an open one.
pub(crate) fn states_members(before: Option<&Row>, after: Option<&Row>, json: &mut JsonText) {
    for (key, row) in [("before", before), ("after", after)] {
        json.key(key.as_bytes());
        match row {
            Some(row) => Row::render(row, json),
            None => json.null(),
        }
    }
}

/// How a field differs: what was `before` and is `after`; or `lines`, each with a sign in front; or what was
/// `removed` from a set and `added` to it.
fn detail(detail: &Detail, json: &mut JsonText) {
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
            json.member("lines", List(lines.iter().map(line_text)));
        }
        Detail::Bytes { before, after } => {
            let digest = |digest: &'_ Option<Digest>| {
                digest.clone().map(|Digest { bytes, sha256 }| {
                    Object(move |json: &mut JsonText| {
                        json.member("bytes", bytes).member("sha256", sha256);
                    })
                })
            };
            json.member("before", digest(before)).member("after", digest(after));
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
}

/// A value. Bytes that are text are shown as text, because they are next to other texts.
fn value_json(node: Node<'_>, json: &mut JsonText) {
    match node.json() {
        Json::Bytes(bytes) if std::str::from_utf8(bytes).is_ok() => json.text(bytes),
        _ => node.render(json),
    }
}

/// A line with its sign in front.
fn line_text(line: &Line) -> String {
    match line.sign {
        Sign::Same => format!(" {}", line.text),
        Sign::Removed => format!("-{}", line.text),
        Sign::Added => format!("+{}", line.text),
        Sign::Gap(1) => "@ 1 unchanged line".to_owned(),
        Sign::Gap(n) => format!("@ {n} unchanged lines"),
    }
}

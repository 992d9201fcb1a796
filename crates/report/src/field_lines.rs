//! Shows a differing field as lines of text.

use snapscope_analyze::compare::{Detail, Digest, FieldChange};
use snapscope_objects::json::JsonText;
use snapscope_objects::printable::{byte_size, counted, one_line};
use snapscope_objects::value::{Json, Node, Tape};

/// A differing field as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldText {
    /// Its path, and its values unless they are in `block`.
    pub line: String,
    /// The lines of a text that was compared line by line, each after a sign: `+`, `-`, or a blank,
    /// and `@` for lines that are left out.
    pub block: Vec<String>,
}

impl FieldText {
    /// Renders the field before and after. A block has at most `most` lines of a text.
    #[must_use]
    pub fn of(field: &FieldChange, most: usize) -> Self {
        let path = one_line(field.path.as_bytes());
        let Detail::Lines(text) = &field.detail else {
            return Self { line: format!("{path}: {}", change(&field.detail)), block: Vec::new() };
        };
        let lines = text.iter().take(most).map(|line| one_line(line.to_string().as_bytes()));
        let rest = text.len().saturating_sub(most);
        let more =
            (rest > 0).then(|| format!("... {}", counted(rest as u64, "more line", "more lines")));
        Self { line: format!("{path}:"), block: lines.chain(more).collect() }
    }
}

/// Renders the field before and after, as one or more lines. A text that was compared line by line
/// has at most `most` lines.
#[must_use]
pub fn field_lines(field: &FieldChange, most: usize) -> Vec<String> {
    let FieldText { line, block } = FieldText::of(field, most);
    std::iter::once(line).chain(block.into_iter().map(|line| format!("  {line}"))).collect()
}

/// The values before and after, on one line.
fn change(detail: &Detail) -> String {
    match detail {
        Detail::Value { before, after } => format!("{} -> {}", value(before), value(after)),
        Detail::Bytes { before, after } => format!("{} -> {}", bytes(before), bytes(after)),
        Detail::Set { removed, added } => {
            // If links have equal names, all their fields are shown.
            let text = |item: &Tape, others: &[Tape]| match item_text(item) {
                name if others.iter().any(|other| item_text(other) == name) => {
                    item.root().map_or(name, node_text)
                }
                name => name,
            };
            let items = |sign: char, items: &[Tape], others: &[Tape]| -> Vec<String> {
                items.iter().map(|item| format!("{sign}{}", text(item, others))).collect()
            };
            [items('-', removed, added), items('+', added, removed)].concat().join(" ")
        }
        Detail::Lines(_) => String::new(),
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

/// The text for an item of a set. For a link it is the name.
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

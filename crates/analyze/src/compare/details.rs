//! Details of a field that differs.

use super::fields::without;
use super::lines::{Line, is_text, lines};
use sha2::{Digest as _, Sha256};
use snapscope_decode::text::hex;
use snapscope_objects::filter::Shape;
use snapscope_objects::json::{JsonText, indented};
use snapscope_objects::value::{Json, Node, Tape};

/// A field that differs.
#[derive(Debug, Clone)]
pub struct FieldChange {
    /// Its path in the object: `Meta.zone`, `Routes[2].Match`.
    pub path: String,
    /// How it differs.
    pub detail: Detail,
}

/// How a field differs. Secrets in it are masked.
#[derive(Debug, Clone)]
pub enum Detail {
    /// A value changed; `None` if absent.
    Value {
        /// The value before.
        before: Option<Tape>,
        /// The value after.
        after: Option<Tape>,
    },
    /// A text, or a long list as JSON: line by line.
    Lines(Vec<Line>),
    /// Bytes that are not text, or too many.
    Bytes {
        /// The bytes before.
        before: Option<Digest>,
        /// The bytes after.
        after: Option<Digest>,
    },
    /// A list without a meaningful order.
    Set {
        /// The removed members.
        removed: Vec<Tape>,
        /// The added members.
        added: Vec<Tape>,
    },
}

/// Bytes, described by number and hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Their number.
    pub bytes: u64,
    /// Their SHA-256, in hex.
    pub sha256: String,
}

/// Shorter single-line texts are shown side by side.
const LONG_LINE: usize = 200;

/// A value on its own tape.
pub(super) fn tape_of(node: Node<'_>) -> Tape {
    let mut tape = Tape::new();
    node.render(&mut tape);
    tape
}

pub(super) fn detail(before: Option<Tape>, after: Option<Tape>, is_set: bool) -> Detail {
    let nodes = (root(before.as_ref()), root(after.as_ref()));
    if is_set {
        // An absent one has no members.
        let lacks = |one: Option<Node<'_>>, other: Option<Node<'_>>| -> Vec<Tape> {
            let Some(one) = one else { return Vec::new() };
            match other {
                Some(other) => without(one.items(), other.items(), &Shape::Any)
                    .into_iter()
                    .map(tape_of)
                    .collect(),
                None => one.items().map(tape_of).collect(),
            }
        };
        return Detail::Set { removed: lacks(nodes.0, nodes.1), added: lacks(nodes.1, nodes.0) };
    }
    if let (Some(b), Some(a)) = nodes
        && let (Json::List(_), Json::List(_)) = (b.json(), a.json())
        && let Some(lines) = lines(&laid_out(nodes.0), &laid_out(nodes.1))
    {
        return Detail::Lines(lines);
    }
    if let Some(detail) = text(nodes) {
        return detail;
    }
    Detail::Value { before, after }
}

/// Compares two texts, or a text with an absent one.
fn text((before, after): (Option<Node<'_>>, Option<Node<'_>>)) -> Option<Detail> {
    let content = |node: Option<Node<'_>>| match node {
        None => Some(None),
        Some(node) if matches!(node.json(), Json::Null) => Some(None),
        Some(node) => node.bytes().map(|bytes| Some(bytes.to_vec())),
    };
    let (before, after) = (content(before)?, content(after)?);
    let shown = |bytes: &Option<Vec<u8>>| bytes.clone().unwrap_or_default();
    let (b, a) = (shown(&before), shown(&after));
    let digests = || Detail::Bytes {
        before: before.as_deref().map(digest),
        after: after.as_deref().map(digest),
    };
    if !is_text(&b) || !is_text(&a) {
        return Some(digests());
    }
    let (b, a) = (String::from_utf8_lossy(&b), String::from_utf8_lossy(&a));
    let json = |text: &str| {
        text.starts_with(['{', '['])
            && text.trim_end().lines().count() == 1
            && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
    };
    let short = |text: &str| text.trim_end().lines().count() <= 1 && text.len() <= LONG_LINE;
    // JSON without line breaks is indented, so that the member is visible.
    let found = if (json(&b) || b.is_empty()) && (json(&a) || a.is_empty()) {
        let laid_out = |text: &str| match text {
            "" => String::new(),
            text => String::from_utf8_lossy(&indented(text.trim().as_bytes(), "  ")).into_owned(),
        };
        let (laid_b, laid_a) = (laid_out(&b), laid_out(&a));
        // White space between members also counts as a difference.
        if laid_b == laid_a { lines(&b, &a) } else { lines(&laid_b, &laid_a) }
    } else if short(&b) && short(&a) && b.trim_end() != a.trim_end() {
        return None;
    } else {
        lines(&b, &a)
    };
    Some(found.map_or_else(digests, Detail::Lines))
}

fn root(tape: Option<&Tape>) -> Option<Node<'_>> {
    tape.and_then(Tape::root)
}

fn laid_out(node: Option<Node<'_>>) -> String {
    let mut json = JsonText::new();
    if let Some(node) = node {
        node.render(&mut json);
    }
    String::from_utf8_lossy(&indented(json.as_bytes(), "  ")).into_owned()
}

fn digest(bytes: &[u8]) -> Digest {
    Digest { bytes: bytes.len() as u64, sha256: hex(&Sha256::digest(bytes)) }
}

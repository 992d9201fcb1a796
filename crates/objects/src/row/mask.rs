//! Rows for people's eyes: secrets replaced.

use super::{Json, Node, Row, Tape};
use crate::json::Sink;

/// The row with its secret fields replaced by `<masked N bytes>`, N being the length of what was
/// there: the same for the same row, and nothing of the secret in it. Empty ones stay empty.
///
/// What is secret is in the kind's table ([`ObjectKind::secrets`](crate::kinds::ObjectKind)); the
/// values of keys are not, a command that shows them has its own word on that.
#[must_use]
pub fn mask(row: &Row) -> Row {
    let paths: Vec<Vec<&str>> =
        row.kind.secrets.iter().map(|path| path.split('.').collect()).collect();
    let paths: Vec<&[&str]> = paths.iter().map(Vec::as_slice).collect();
    let mut tape = Tape::new();
    copy(row.object(), &paths, &mut tape);
    Row::new(row.kind, tape)
}

/// Copies a value; what a path ends at is masked. `*` stands for any member; lists are seen through.
fn copy(node: Node<'_>, paths: &[&[&str]], out: &mut Tape) {
    if paths.is_empty() {
        node.render(out);
        return;
    }
    if paths.iter().any(|path| path.is_empty()) {
        masked(node, out);
        return;
    }
    match node.json() {
        Json::List(items) => {
            out.begin_list();
            items.for_each(|item| copy(item, paths, out));
            out.end_list();
        }
        Json::Object(members) => {
            out.begin_object();
            for (key, value) in members {
                let inside: Vec<&[&str]> = paths
                    .iter()
                    .filter_map(|path| path.split_first())
                    .filter(|(name, _)| **name == "*" || name.as_bytes() == key)
                    .map(|(_, rest)| rest)
                    .collect();
                out.key(key);
                copy(value, &inside, out);
            }
            out.end_object();
        }
        _ => node.render(out),
    }
}

/// Masks all texts of a value.
fn masked(node: Node<'_>, out: &mut Tape) {
    match node.json() {
        Json::Text(secret) | Json::Bytes(secret) if !secret.is_empty() => {
            out.text(format!("<masked {} bytes>", secret.len()).as_bytes());
        }
        Json::List(items) => {
            out.begin_list();
            items.for_each(|item| masked(item, out));
            out.end_list();
        }
        Json::Object(members) => {
            out.begin_object();
            for (key, value) in members {
                out.key(key);
                masked(value, out);
            }
            out.end_object();
        }
        _ => node.render(out),
    }
}

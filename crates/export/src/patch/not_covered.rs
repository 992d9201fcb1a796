//! Differences that the patch does not cover: one JSON line per object.

use snapscope_analyze::compare::Change;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::row::Row;

/// The line about an object that is not covered, or only in part.
pub(super) fn line(row: &Row, change: Change, why: &str) -> Vec<u8> {
    let mut json = JsonText::new();
    json.begin_object();
    for (name, text) in [
        ("type", row.kind.object_name().as_bytes()),
        ("id", &row.id()),
        ("change", change.word().as_bytes()),
        ("why", why.as_bytes()),
    ] {
        json.key(name.as_bytes());
        json.text(text);
    }
    json.end_object();
    json.end_line();
    json.into_bytes()
}

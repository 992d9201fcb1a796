//! What differs and isn't in the patch: a line of JSON for each object.

use snapscope_analyze::compare::Change;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::row::Row;

/// What is said of an object that isn't covered, or a part of which isn't.
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

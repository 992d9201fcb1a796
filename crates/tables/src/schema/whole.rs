//! The last column of a table: the whole object, or the fields that no other column shows.

use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::row::Row;

/// Writes the content of the last column: the object. If columns show some fields completely, it
/// contains only the other fields, if any.
pub fn whole_object(row: &Row, json: &mut JsonText) {
    let in_columns = row.kind.traits.in_columns;
    if in_columns.is_empty() {
        row.render(json);
        return;
    }
    let mut empty = true;
    for (key, value) in row.object().members() {
        if !in_columns.iter().any(|known| known.as_bytes() == key) {
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

/// The name of that column.
#[must_use]
pub fn last_column(kind: &ObjectKind) -> &'static str {
    if kind.traits.in_columns.is_empty() { "json" } else { "more" }
}

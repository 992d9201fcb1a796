//! Objects of a kind in the form of the API.

pub(super) use crate::answer::{number_member, text_member};

use super::call::Call;
use crate::answer::Refused;
use crate::state::View;
use snapscope_objects::filter::{Filter, Shape};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds;
use snapscope_objects::row::{PackedRow, Reader, Row, RowOptions};
use snapscope_objects::value::Node;

/// Calls `each` with all objects of a kind that has one object in each record, in file order.
pub(super) fn each_row(view: &View<'_>, kind: KindId, each: &mut dyn FnMut(&Row)) {
    let kind = kinds::of(kind);
    let mut reader = Reader::new(kind, RowOptions::default());
    for from in kind.from {
        for frame in view.spool.records(*from) {
            // Problems were reported when the snapshot was read.
            reader.frame(&frame, each);
        }
    }
}

/// The same, sorted by a field.
pub(super) fn each_row_by(view: &View<'_>, kind: KindId, field: &str, each: &mut dyn FnMut(&Row)) {
    let mut rows = Vec::new();
    each_row(view, kind, &mut |row| rows.push(row.pack()));
    let mut rows: Vec<Row> = rows.iter().filter_map(PackedRow::unpack).collect();
    rows.sort_by(|a, b| a.text(field).cmp(b.text(field)));
    rows.iter().for_each(each);
}

/// The object of the record at an offset.
pub(super) fn row_at(view: &View<'_>, kind: KindId, at: u64) -> Option<Row> {
    let mut found = None;
    let frame = view.spool.frame(at)?;
    Reader::new(kinds::of(kind), RowOptions::default())
        .frame(&frame, &mut |row| found = Some(row.clone()));
    found
}

/// The first object of a kind for which `is_it` is true.
pub(super) fn find_row(view: &View<'_>, kind: KindId, is_it: impl Fn(&Row) -> bool) -> Option<Row> {
    let mut found = None;
    each_row(view, kind, &mut |row| {
        if found.is_none() && is_it(row) {
            found = Some(row.clone());
        }
    });
    found
}

/// Writes an object. For each member, `write` may write another form of it or leave it out; it
/// returns whether it did so.
pub(super) fn write_with(
    json: &mut JsonText,
    object: Node<'_>,
    write: &mut dyn FnMut(&mut JsonText, &[u8], Node<'_>) -> bool,
) {
    for (name, value) in object.members() {
        if !write(json, name, value) {
            json.key(name);
            value.render(json);
        }
    }
}

/// The filter of a request for objects of a shape.
///
/// # Errors
/// If the filter is invalid.
pub(super) fn filter(call: &Call<'_>, shape: &Shape) -> Result<Filter, Refused> {
    let text = call.query().text("filter");
    Filter::compile(&text, shape).map_err(|error| {
        let why = match &error.unknown_field {
            Some(field) => format!("Selector \"{field}\" is not valid"),
            None => error.message,
        };
        Refused::new(500, format!("Failed to create boolean expression evaluator: {why}"))
    })
}

/// Whether a list or object is empty.
pub(super) fn is_empty(value: Node<'_>) -> bool {
    value.items().is_empty() && value.members().is_empty()
}

//! A difference as JSON.

use crate::render::field_change;
use snapscope_analyze::compare::Difference;
use snapscope_objects::json::{JsonText, Sink};
use snapscope_objects::row::Row;

/// A difference and the id of its object as it is stored.
pub(super) struct JsonDifference<'d> {
    pub(super) difference: &'d Difference,
    pub(super) id: &'d [u8],
}

impl JsonDifference<'_> {
    pub(super) fn render(&self, json: &mut JsonText) {
        let Difference { kind, id, class, fields, before, after } = self.difference;
        json.begin_object();
        json.key(b"type");
        json.text(kind.object_name().as_bytes());
        json.key(b"id");
        json.text(id);
        // Whatever else an id that is not UTF-8 looks like, it can be told from others.
        if id == self.id && std::str::from_utf8(id).is_err() {
            json.key(b"id_base64");
            json.bytes(id);
        }
        json.key(b"change");
        json.text(class.change.word().as_bytes());
        if class.recreated {
            json.key(b"recreated");
            json.bool(true);
        }
        for (name, row) in [("before", before), ("after", after)] {
            json.key(name.as_bytes());
            match row {
                Some(row) => Row::render(row, json),
                None => json.null(),
            }
        }
        json.key(b"fields");
        json.begin_object();
        for field in fields {
            json.key(field.path.as_bytes());
            field_change::json(&field.detail, json);
        }
        json.end_object();
        json.end_object();
    }
}

//! Marks an answer as incomplete, in each format.

use snapscope_objects::json::{JsonText, Sink as _};

/// Marks an open JSON object as incomplete.
pub(crate) fn mark_incomplete(incomplete: Option<&str>, json: &mut JsonText) {
    if let Some(why) = incomplete {
        json.key(b"Incomplete");
        json.bool(true);
        json.key(b"Damage");
        json.text(why.as_bytes());
    }
}

/// Adds a last line that marks the answer as incomplete.
pub(crate) fn with_line(mut lines: Vec<u8>, incomplete: Option<&str>) -> Vec<u8> {
    if incomplete.is_some() {
        let mut json = JsonText::new();
        json.begin_object();
        mark_incomplete(incomplete, &mut json);
        json.end_object();
        json.end_line();
        lines.extend_from_slice(json.as_bytes());
    }
    lines
}

/// Marks a JSON object as incomplete.
pub(crate) fn mark(object: &mut serde_json::Value, incomplete: Option<&str>) {
    if let Some(why) = incomplete {
        object["Incomplete"] = true.into();
        object["Damage"] = why.into();
    }
}

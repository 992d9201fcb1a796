//! Makes JSON for whole answers.

use snapscope_objects::json::{JsonText, Sink as _};

/// A list.
pub(crate) fn list(write: impl FnOnce(&mut JsonText)) -> Vec<u8> {
    let mut json = JsonText::new();
    json.begin_list();
    write(&mut json);
    json.end_list();
    json.into_bytes()
}

/// An object.
pub(crate) fn object(write: impl FnOnce(&mut JsonText)) -> Vec<u8> {
    let mut json = JsonText::new();
    json.begin_object();
    write(&mut json);
    json.end_object();
    json.into_bytes()
}

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

/// A member that is text.
pub(crate) fn text_member(json: &mut JsonText, name: &str, text: impl AsRef<[u8]>) {
    json.key(name.as_bytes());
    json.text(text.as_ref());
}

/// A member that is a number.
pub(crate) fn number_member(json: &mut JsonText, name: &str, number: u64) {
    json.key(name.as_bytes());
    json.uint(number);
}

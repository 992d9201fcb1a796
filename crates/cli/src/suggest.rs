//! Errors about unknown words: the closest known word, or all known ones.

use anyhow::{Error, anyhow};
use snapscope_objects::nearest;

/// The error about an unknown `what`, with the closest known word, or else with the text `known`.
pub(crate) fn unknown<'k>(
    what: &str,
    given: &str,
    words: impl IntoIterator<Item = &'k str>,
    known: &str,
) -> Error {
    anyhow!("{}", unknown_text(what, given, words, known))
}

/// Its text.
pub(crate) fn unknown_text<'k>(
    what: &str,
    given: &str,
    words: impl IntoIterator<Item = &'k str>,
    known: &str,
) -> String {
    match nearest(given, words) {
        Some(meant) => format!("unknown {what} {given:?}; did you mean {meant:?}?"),
        None => format!("unknown {what} {given:?}; {known}"),
    }
}

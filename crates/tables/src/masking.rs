//! Masks the secrets of a snapshot.

use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::secrets::{Scanner, append_masked};
use snapscope_objects::row::Row;
use std::borrow::Cow;

/// Masks secrets as `list` does. Create one for all snapshots, because it contains the scanner.
#[derive(Debug)]
pub struct Masking {
    comparer: Comparer,
    scanner: Scanner,
}

impl Default for Masking {
    fn default() -> Self {
        let options = CompareOptions { hide_values: true, ..CompareOptions::default() };
        Self { comparer: Comparer::new(options), scanner: Scanner::new() }
    }
}

impl Masking {
    /// An object with masked secrets.
    pub(crate) fn row<'r>(&self, row: &'r Row) -> Cow<'r, Row> {
        self.comparer.masked(row)
    }

    /// The ID of an object; `shown` is the object with masked secrets.
    pub(crate) fn id(row: &Row, shown: &Row) -> Vec<u8> {
        // The ID of a token is not a secret, but may be derived from one.
        if row.kind.id_fields.contains(&"SecretID") { row.id() } else { shown.id() }
    }

    /// A key.
    pub(crate) fn key<'k>(&self, key: &'k [u8]) -> Cow<'k, [u8]> {
        self.scanner.masked_key(key).map_or(Cow::Borrowed(key), Cow::Owned)
    }

    /// Appends what is shown of the value of a key.
    pub(crate) fn value(value: &[u8], shown: &mut Vec<u8>) {
        append_masked(value.len(), shown);
    }
}

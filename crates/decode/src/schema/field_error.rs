//! Errors of fields.

use crate::wire::{Value, WireError};
use std::fmt;

/// A field with an unexpected value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's path in the record: stored names separated by dots.
    pub path: String,
    /// Offset in the record of the innermost known entry.
    pub at: u64,
    /// What is wrong.
    pub found: Mismatch,
}

/// Errors of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// The bytes are not msgpack.
    Wire(WireError),
    /// The value has another type than expected.
    Class {
        /// The expected type.
        want: &'static str,
        /// The actual type.
        got: &'static str,
    },
}

impl FieldError {
    /// The error for a value of another type than `want`.
    #[must_use]
    pub const fn class(want: &'static str, got: &'static str) -> Self {
        Self { path: String::new(), at: 0, found: Mismatch::Class { want, got } }
    }

    /// The same error, seen from the struct whose `field` (entry at byte `at`) holds the value.
    #[must_use]
    pub fn inside(mut self, field: &str, at: usize) -> Self {
        if self.path.is_empty() {
            self.at = at as u64;
            self.path.push_str(field);
        } else {
            self.path.insert(0, '.');
            self.path.insert_str(0, field);
        }
        self
    }
}

impl From<WireError> for FieldError {
    fn from(e: WireError) -> Self {
        Self { path: String::new(), at: e.at, found: Mismatch::Wire(e) }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "field {} ", self.path)?;
        }
        match self.found {
            Mismatch::Wire(e) => write!(f, "cannot be read: {e}"),
            Mismatch::Class { want, got } => {
                write!(f, "is {got}, expected {want} (byte {} of the record)", self.at)
            }
        }
    }
}

impl std::error::Error for FieldError {}

/// The error for a value of another type than its field's.
#[must_use]
pub const fn wrong_class(want: &'static str, got: Value<'_>) -> FieldError {
    FieldError::class(want, got.type_name())
}

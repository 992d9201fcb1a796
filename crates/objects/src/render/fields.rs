//! A record with rows of several kinds.

use super::stored::Stored;
use snapscope_decode::{FieldError, Frame};
use std::cell::OnceCell;

/// A record whose fields are located once for all kinds that need them.
pub struct RecordFields<'a> {
    pub(crate) frame: Frame<'a>,
    stored: OnceCell<Option<Stored<'a>>>,
}

impl<'a> RecordFields<'a> {
    /// Wraps the record of a frame without reading it.
    #[must_use]
    pub const fn new(frame: Frame<'a>) -> Self {
        Self { frame, stored: OnceCell::new() }
    }

    /// Its fields, if its type has a schema and it is a map.
    pub(crate) fn fields(&self) -> Option<&Stored<'a>> {
        self.stored.get_or_init(|| Stored::record(&self.frame, &mut Vec::new())).as_ref()
    }

    /// Its fields; empty, with a problem, if it is not a map.
    pub(crate) fn stored(&self, problems: &mut Vec<FieldError>) -> Option<&Stored<'a>> {
        let fields = self.fields();
        if fields.is_none() {
            // Every caller gets the problem.
            let _ = Stored::record(&self.frame, problems);
        }
        fields
    }
}

impl std::fmt::Debug for RecordFields<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RecordFields").field(&self.frame).finish()
    }
}

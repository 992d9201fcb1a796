//! Answers as Python dictionaries, with the content of `-o json`.

pub(crate) mod acl;
pub(crate) mod audit;
pub(crate) mod diff;
pub(crate) mod history;
pub(crate) mod inspect;

use crate::error::failed;
use pyo3::prelude::*;
use pyo3::types::PyAny;
use snapscope_analyze::Problems;
use snapscope_answers::{Incomplete, Names};
use snapscope_archive::Closing;
use snapscope_objects::json::{JsonText, Sink as _};
use std::io;

/// The JSON of an answer.
pub(crate) struct Answer {
    json: JsonText,
    written: Vec<u8>,
}

impl Answer {
    /// Begins an object.
    fn begin() -> Self {
        let mut json = JsonText::new();
        json.begin_object();
        Self { json, written: Vec::new() }
    }

    /// Writes members. Complete parts may go to the buffer.
    fn members(
        &mut self,
        write: impl FnOnce(&mut JsonText, &mut Vec<u8>) -> io::Result<()>,
    ) -> PyResult<&mut Self> {
        write(&mut self.json, &mut self.written).map_err(failed)?;
        Ok(self)
    }

    /// Marks the answer as incomplete, if it is.
    fn incomplete(&mut self, why: Option<&Incomplete>, names: Names) -> &mut Self {
        if let Some(why) = why {
            why.members(names, &mut self.json);
        }
        self
    }

    /// The whole object.
    fn end(mut self) -> PyResult<Vec<u8>> {
        self.json.end_object();
        self.json.write_to(&mut self.written).map_err(failed)?;
        Ok(self.written)
    }
}

/// The damage in a snapshot that was read; `None` if there is none.
fn incomplete_of(closing: &Closing, problems: &Problems) -> Option<Incomplete> {
    Incomplete::of(closing, problems, ToString::to_string)
}

/// A JSON text as Python's objects.
pub(crate) fn object<'py>(py: Python<'py>, json: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (json,))
}

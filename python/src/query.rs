//! Results of SQL as streams of Arrow's record batches.

mod columns;
mod run;

use crate::reading::Opened;
use crate::stream::{schema_capsule, stream_capsule};
use arrow_schema::SchemaRef;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyCapsule};
use run::Running;
use std::sync::{Arc, Mutex, PoisonError};

/// The result of a query. It hands out Arrow streams, so Polars, DuckDB, pandas and pyarrow take it. The type of a column
/// follows from its first values; a later value that does not fit is an error.
#[pyclass(frozen, module = "snapscope")]
pub(crate) struct Query {
    snapshots: Vec<Arc<Opened>>,
    text: String,
    schema: SchemaRef,
    /// The rows that were begun to learn the columns. The second stream asks again.
    first: Mutex<Option<Running>>,
}

impl Query {
    /// Runs a query until its first rows are known.
    pub(crate) fn start(
        py: Python<'_>,
        snapshots: Vec<Arc<Opened>>,
        text: String,
    ) -> PyResult<Self> {
        let first = py.detach(|| Running::start(&snapshots, &text))?;
        let schema = Arc::clone(&first.schema);
        Ok(Self { snapshots, text, schema, first: Mutex::new(Some(first)) })
    }
}

#[pymethods]
impl Query {
    /// The names of its columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Arrow's interface: a stream of the rows, as a capsule.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let running = match first {
            Some(running) => running,
            None => py.detach(|| Running::start(&self.snapshots, &self.text))?,
        };
        stream_capsule(py, Box::new(running))
    }

    /// Arrow's interface: the schema, as a capsule.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, &self.schema)
    }

    fn __repr__(&self) -> String {
        format!("<snapscope.Query {:?}: {}>", self.text, self.columns().join(", "))
    }
}

//! The rows of a table as a stream of Arrow's record batches, which are made on demand.

use crate::reading::Opened;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, RecordBatchReader};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, Schema, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use snapscope_tables::columnar::{Column, Common, record_batch};
use snapscope_tables::{Batch, Scan};
use std::sync::Arc;

/// The minimum size of a batch, in rows and bytes.
const ROWS: usize = 1 << 16;
const BYTES: usize = 4 << 20;

/// A column of a stream.
#[derive(Debug, Clone)]
pub(crate) enum Chosen {
    /// The common column at this position.
    Common(usize),
    /// A column of the table.
    Own(Column),
}

/// Reads the rows of a table.
pub(crate) struct Rows {
    pub(crate) opened: Arc<Opened>,
    pub(crate) scan: Scan,
    pub(crate) schema: SchemaRef,
    pub(crate) columns: Vec<Chosen>,
    /// The requested columns of the table, in the order in which a batch has them.
    pub(crate) requested: Vec<usize>,
    /// The values of all common columns, if any is requested.
    pub(crate) common: Vec<Common>,
    /// Whether the last row was read.
    pub(crate) is_over: bool,
    /// Whether the consumer knows that.
    pub(crate) is_ended: bool,
}

impl Rows {
    fn batch(&self, batches: &[Batch]) -> Result<RecordBatch, ArrowError> {
        let own = self.columns.iter().filter_map(|column| match column {
            Chosen::Own(column) => Some(column.clone()),
            Chosen::Common(_) => None,
        });
        let own: Vec<Column> = own.collect();
        let made = record_batch(&own, &self.requested, batches)?;
        if own.len() == self.columns.len() {
            return Ok(made);
        }
        let mut arrays = made.columns().iter();
        let array = |column: &Chosen| match column {
            Chosen::Common(at) => self.common.get(*at).map(|v| v.repeated(*at, made.num_rows())),
            Chosen::Own(_) => arrays.next().map(Arc::clone),
        };
        let all: Vec<ArrayRef> = self.columns.iter().filter_map(array).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(made.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), all, &options)
    }
}

impl Iterator for Rows {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (mut batches, mut rows, mut bytes) = (Vec::new(), 0, 0);
        while rows < ROWS && bytes < BYTES && !self.is_over {
            match self.scan.next() {
                Some(Ok(batch)) => {
                    rows += batch.rows();
                    bytes += batch.size();
                    batches.push(batch);
                }
                Some(Err(error)) => {
                    self.is_over = true;
                    return Some(Err(error.into()));
                }
                None => self.is_over = true,
            }
        }
        if batches.is_empty() {
            let is_ended = std::mem::replace(&mut self.is_ended, true);
            return if is_ended { None } else { self.opened.damage_in_stream().map(Err) };
        }
        Some(self.batch(&batches))
    }
}

impl RecordBatchReader for Rows {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

/// A stream in the form of Arrow's interface for Python.
pub(crate) fn stream_capsule(
    py: Python<'_>,
    reader: Box<dyn RecordBatchReader + Send>,
) -> PyResult<Bound<'_, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), c"arrow_array_stream")
}

/// A schema in the form of that interface.
pub(crate) fn schema_capsule<'py>(
    py: Python<'py>,
    schema: &Schema,
) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(schema).map_err(crate::error::failed)?;
    PyCapsule::new_with_value(py, schema, c"arrow_schema")
}

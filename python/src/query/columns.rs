//! Columns of a result: SQLite's values have types, its columns have none.

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{ArrowError, SchemaRef};
use snapscope_tables::columnar::{Class, array};
use snapscope_tables::{Cells, Value};
use std::sync::Arc;

/// Some rows of a result.
#[derive(Debug, Default)]
pub(super) struct Page {
    cells: Cells,
    pub(super) rows: usize,
}

impl Page {
    pub(super) fn add(&mut self, values: &[Value<'_>]) {
        for value in values {
            match value {
                Value::Null => self.cells.null(),
                Value::Int(n) => self.cells.int(*n),
                Value::Real(x) => self.cells.real(*x),
                Value::Text(text) => self.cells.text(text),
                Value::Blob(bytes) => self.cells.blob(bytes),
            }
        }
        self.rows += 1;
    }

    pub(super) const fn size(&self) -> usize {
        self.cells.size()
    }

    fn column(&self, at: usize, width: usize) -> impl Iterator<Item = Value<'_>> {
        (0..self.rows).map(move |row| self.cells.at(row * width + at))
    }

    /// The types that the values have. Text next to bytes, or next to numbers, is text.
    pub(super) fn classes(&self, width: usize) -> Vec<Class> {
        let class = |at| {
            let (mut ints, mut reals, mut texts, mut blobs) = (false, false, false, false);
            for value in self.column(at, width) {
                match value {
                    Value::Null => {}
                    Value::Int(_) => ints = true,
                    Value::Real(_) => reals = true,
                    Value::Text(_) => texts = true,
                    Value::Blob(_) => blobs = true,
                }
            }
            match (ints, reals, texts, blobs) {
                (false, false, false, true) => Class::Bytes,
                (_, true, false, false) => Class::Float,
                (true, false, false, false) => Class::Int,
                _ => Class::Text,
            }
        };
        (0..width).map(class).collect()
    }

    /// The rows as arrays of these types.
    pub(super) fn batch(
        &self,
        schema: &SchemaRef,
        classes: &[Class],
    ) -> Result<RecordBatch, ArrowError> {
        let width = classes.len();
        let arrays = classes.iter().enumerate().map(|(at, class)| {
            if let Some(value) = self.column(at, width).find(|value| !fits(*class, value)) {
                let name = schema.fields().get(at).map_or("", |field| field.name());
                return Err(ArrowError::CastError(format!(
                    "column {name:?} has {} after its first rows had numbers; use CAST({name} AS TEXT)",
                    word(&value)
                )));
            }
            array(*class, self.rows, self.column(at, width))
        });
        let arrays: Vec<ArrayRef> = arrays.collect::<Result<_, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        RecordBatch::try_new_with_options(Arc::clone(schema), arrays, &options)
    }
}

/// Whether a value can be in a column of this type. Everything can be text, and all text can be bytes.
const fn fits(class: Class, value: &Value<'_>) -> bool {
    match (class, value) {
        (Class::Int, Value::Null | Value::Int(_)) => true,
        (Class::Float, Value::Null | Value::Int(_) | Value::Real(_)) => true,
        (Class::Int | Class::Float, _) => false,
        (Class::Bytes, Value::Int(_) | Value::Real(_)) => false,
        _ => true,
    }
}

const fn word(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Int(_) => "an integer",
        Value::Real(_) => "a fraction",
        Value::Text(_) => "text",
        Value::Blob(_) => "bytes",
    }
}

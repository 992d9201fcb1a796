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
                let cast = match (class, &value) {
                    (_, Value::Blob(_)) | (Class::Bytes, _) => "BLOB",
                    (Class::Int, Value::Real(_)) => "REAL",
                    _ => "TEXT",
                };
                let had = noun(*class);
                return Err(ArrowError::CastError(format!(
                    "column {name:?} has {} after its first rows had {had}; use CAST(... AS {cast}) AS {name}",
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

/// The kinds of values that a column had so far.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    ints: bool,
    reals: bool,
    texts: bool,
    blobs: bool,
    /// Bytes that are not UTF-8. Bytes that are have a NUL, which SQLite's text cannot contain.
    odd: bool,
}

/// What is known of the columns' types.
#[derive(Debug)]
pub(super) struct Types(Vec<Seen>);

impl Types {
    pub(super) fn new(width: usize) -> Self {
        Self(vec![Seen::default(); width])
    }

    pub(super) fn see(&mut self, page: &Page) {
        let width = self.0.len();
        for (at, seen) in self.0.iter_mut().enumerate() {
            for value in page.column(at, width) {
                match value {
                    Value::Null => {}
                    Value::Int(_) => seen.ints = true,
                    Value::Real(_) => seen.reals = true,
                    Value::Text(_) => seen.texts = true,
                    Value::Blob(bytes) => {
                        seen.blobs = true;
                        seen.odd |= !is_utf8(bytes);
                    }
                }
            }
        }
    }

    /// Whether each column had a value.
    pub(super) fn are_known(&self) -> bool {
        self.0.iter().all(|seen| seen.ints || seen.reals || seen.texts || seen.blobs)
    }

    /// Text next to numbers is text, and text next to bytes that are not text is bytes.
    pub(super) fn classes(&self) -> Vec<Class> {
        let class = |seen: &Seen| match *seen {
            Seen { odd: true, .. } | Seen { blobs: true, texts: false, .. } => Class::Bytes,
            Seen { texts: true, .. } => Class::Text,
            Seen { reals: true, .. } => Class::Float,
            Seen { ints: true, .. } => Class::Int,
            _ => Class::Text,
        };
        self.0.iter().map(class).collect()
    }
}

fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

/// Whether a value can be in a column of this type without a loss.
fn fits(class: Class, value: &Value<'_>) -> bool {
    match (class, value) {
        (_, Value::Null) | (Class::Int | Class::Float, Value::Int(_)) => true,
        (Class::Float, Value::Real(_)) => true,
        (Class::Int | Class::Float, _) => false,
        (Class::Bytes, Value::Int(_) | Value::Real(_)) => false,
        (Class::Bytes, _) => true,
        (_, Value::Blob(bytes)) => is_utf8(bytes),
        _ => true,
    }
}

const fn word(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Int(_) => "an integer",
        Value::Real(_) => "a fraction",
        Value::Text(_) => "text",
        Value::Blob(_) => "bytes that are not text",
    }
}

const fn noun(class: Class) -> &'static str {
    match class {
        Class::Int => "integers",
        Class::Float => "numbers",
        Class::Bytes => "bytes",
        _ => "text",
    }
}

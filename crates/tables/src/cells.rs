//! Values of rows, stored in two buffers.

use crate::schema::{Holds, TableColumn, whole_object};
use snapscope_decode::records::peer_prefix;
use snapscope_objects::json::JsonText;
use snapscope_objects::kind::Cell::Field;
use snapscope_objects::kind::{CellValue, Reference};
use snapscope_objects::row::Row;
use snapscope_objects::value::Json;

/// A value. Texts are in the buffer of the [`Cells`] that contains it.
#[derive(Debug, Clone, Copy)]
pub struct Cell(Stored);

#[derive(Debug, Clone, Copy)]
enum Stored {
    Null,
    Int(i64),
    Real(f64),
    Text { at: usize, end: usize },
    Blob { at: usize, end: usize },
}

/// A value in the types of SQL.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'c> {
    /// Nothing.
    Null,
    /// An integer.
    Int(i64),
    /// A float.
    Real(f64),
    /// Text in UTF-8 without NUL.
    Text(&'c [u8]),
    /// Bytes.
    Blob(&'c [u8]),
}

/// An object in the form in which it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'r> {
    /// As it is stored.
    pub row: &'r Row,
    /// With masked secrets, unless secrets are shown.
    pub shown: &'r Row,
    /// Its ID.
    pub id: &'r [u8],
}

/// Values of rows.
#[derive(Debug, Default)]
pub struct Cells {
    cells: Vec<Cell>,
    bytes: Vec<u8>,
}

impl Cells {
    /// Removes all values, but keeps the memory.
    pub fn clear(&mut self) {
        self.cells.clear();
        self.bytes.clear();
    }

    /// The number of values.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether it is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Bytes that they take.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.bytes.len() + self.cells.len() * size_of::<Cell>()
    }

    /// Some of the values, by their positions.
    #[must_use]
    pub fn slice(&self, from: usize, to: usize) -> &[Cell] {
        self.cells.get(from..to).unwrap_or(&[])
    }

    /// The value at a position; null after the last one.
    #[must_use]
    pub fn at(&self, at: usize) -> Value<'_> {
        self.cells.get(at).map_or(Value::Null, |cell| self.value(*cell))
    }

    /// A value.
    #[must_use]
    pub fn value(&self, cell: Cell) -> Value<'_> {
        let slice = |at, end| self.bytes.get(at..end).unwrap_or(&[]);
        match cell.0 {
            Stored::Null => Value::Null,
            Stored::Int(n) => Value::Int(n),
            Stored::Real(x) => Value::Real(x),
            Stored::Text { at, end } => Value::Text(slice(at, end)),
            Stored::Blob { at, end } => Value::Blob(slice(at, end)),
        }
    }

    /// Makes a value null.
    pub(crate) fn forget(&mut self, at: usize) {
        if let Some(cell) = self.cells.get_mut(at) {
            *cell = Cell(Stored::Null);
        }
    }

    fn keep(&mut self, bytes: &[u8]) -> (usize, usize) {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        (at, self.bytes.len())
    }

    /// Adds nothing.
    pub fn null(&mut self) {
        self.cells.push(Cell(Stored::Null));
    }

    /// Adds an integer.
    pub fn int(&mut self, n: i64) {
        self.cells.push(Cell(Stored::Int(n)));
    }

    /// Adds a float.
    pub fn real(&mut self, x: f64) {
        self.cells.push(Cell(Stored::Real(x)));
    }

    /// Adds an integer. An integer that is too large for SQL is added as exact text.
    pub fn uint(&mut self, n: u64) {
        match i64::try_from(n) {
            Ok(n) => self.int(n),
            Err(_) => self.text(n.to_string().as_bytes()),
        }
    }

    /// Adds bytes.
    pub fn blob(&mut self, bytes: &[u8]) {
        let (at, end) = self.keep(bytes);
        self.cells.push(Cell(Stored::Blob { at, end }));
    }

    /// Adds text. Bytes that are not UTF-8, or that contain a NUL, at which programs would cut
    /// them, become a blob.
    pub fn text(&mut self, text: &[u8]) {
        let (at, end) = self.keep(text);
        let stored = match is_text(text) {
            true => Stored::Text { at, end },
            false => Stored::Blob { at, end },
        };
        self.cells.push(Cell(stored));
    }

    /// Adds text that `write` appends, which has to be UTF-8 without NUL.
    pub(crate) fn written(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let at = self.bytes.len();
        write(&mut self.bytes);
        self.cells.push(Cell(Stored::Text { at, end: self.bytes.len() }));
    }

    /// Adds the value of a column that is not a reference; a reference may have no target.
    pub fn column(&mut self, column: &TableColumn, seen: Seen<'_>) {
        self.column_with(column, seen, false);
    }

    /// Adds the value, with lists and maps as JSON instead of text for people.
    pub(crate) fn column_with(
        &mut self,
        column: &TableColumn,
        seen: Seen<'_>,
        lists_as_json: bool,
    ) {
        match column.holds {
            Holds::Id => self.text(seen.id),
            Holds::Shown(column) => {
                // Numbers that are derived from a masked value reveal nothing about it.
                let value = seen.row.kind.traits.value;
                let is_size = value.is_some_and(|value| column.is_made_of(value));
                let row = if is_size { seen.row } else { seen.shown };
                match column.cell {
                    Field(_) if lists_as_json => match column.field(row.object()) {
                        Some(node) if matches!(node.json(), Json::List(_) | Json::Object(_)) => {
                            self.json_of(|json| node.render(json));
                        }
                        found => self.shown(found.map_or(CellValue::Nothing, CellValue::from)),
                    },
                    _ => self.shown(column.cell(row.object())),
                }
            }
            Holds::Value(field) => match seen.shown.get(field).map(|node| node.json()) {
                // A masked value is text.
                Some(Json::Text(mask)) if !std::ptr::eq(seen.row, seen.shown) => self.text(mask),
                Some(Json::Bytes(value) | Json::Text(value)) => self.blob(value),
                // Consul does not distinguish empty values from missing ones.
                _ => self.blob(&[]),
            },
            Holds::Reference(reference) => match referenced(reference, seen.shown) {
                Some(key) => self.text(&key),
                None => self.null(),
            },
            Holds::Json => self.json(seen.shown),
        }
    }

    fn shown(&mut self, value: CellValue<'_>) {
        match value {
            CellValue::Nothing => self.null(),
            CellValue::Bool(b) => self.int(b.into()),
            CellValue::Int(n) => self.int(n),
            CellValue::Float(x) => self.real(x),
            CellValue::Text(text) => self.text(&text),
            CellValue::Uint(n) => self.uint(n),
        }
    }

    fn json(&mut self, row: &Row) {
        self.json_of(|json| whole_object(row, json));
    }

    fn json_of(&mut self, write: impl FnOnce(&mut JsonText)) {
        let at = self.bytes.len();
        let mut json = JsonText::appending_to(std::mem::take(&mut self.bytes));
        write(&mut json);
        self.bytes = json.into_bytes();
        let end = self.bytes.len();
        let stored = if end > at { Stored::Text { at, end } } else { Stored::Null };
        self.cells.push(Cell(stored));
    }
}

/// Whether bytes can be text in SQL.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    // Without an early exit, so the compiler can check many bytes at once.
    let is_ascii = bytes.iter().fold(true, |all, b| all & (b.wrapping_sub(1) < 0x7f));
    is_ascii || std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0)
}

/// The ID of the object that an object refers to, whether or not it exists.
#[must_use]
pub fn referenced(reference: &Reference, row: &Row) -> Option<Vec<u8>> {
    let of = |field: &str| row.text(field);
    let parts: Vec<&[u8]> = reference.fields.iter().map(|field| of(field)).collect();
    if parts.iter().any(|part| part.is_empty()) {
        return None;
    }
    let mut key = peer_prefix(reference.peer.map_or(&[][..], of));
    key.extend(parts.join(&b'/'));
    Some(key)
}

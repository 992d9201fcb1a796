//! Rows as values to bind, in a few buffers.

use super::links::{self, LINKS};
use super::tables::{Holds, TABLES};
use crate::csv::whole_object;
use crate::writer::Part;
use rusqlite::types::ValueRef;
use snapscope_decode::records::peer_prefix;
use snapscope_objects::json::JsonText;
use snapscope_objects::kind::{CellValue, Reference};
use snapscope_objects::row::Row;
use snapscope_objects::value::{Json, Node};
use std::sync::LazyLock;

/// A value to bind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text { at: usize, end: usize },
    Blob { at: usize, end: usize },
}

/// Rows of any tables; the tables of links are numbered after those of kinds.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    cells: Vec<Cell>,
    bytes: Vec<u8>,
    /// Table, and where the row's cells end.
    rows: Vec<(usize, usize)>,
    id: Vec<u8>,
}

/// The statements that insert rows, by table.
static INSERTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let insert = |name: &str, columns: usize| {
        format!("INSERT OR IGNORE INTO \"{name}\" VALUES ({})", vec!["?"; columns].join(", "))
    };
    let kinds = TABLES.iter().map(|table| insert(&table.name, table.columns.len()));
    kinds.chain(LINKS.iter().map(|link| insert(&link.name, 4))).collect()
});

/// The statement that inserts a row.
pub(crate) fn insert(table: usize) -> &'static str {
    INSERTS.get(table).map_or("", String::as_str)
}

impl Part for Cells {
    fn clear(&mut self) {
        self.cells.clear();
        self.bytes.clear();
        self.rows.clear();
    }

    fn row(&mut self, row: &Row) {
        let place = row.kind.id.index();
        let Some(table) = TABLES.get(place).filter(|table| !table.is_view()) else { return };
        let mut id = std::mem::take(&mut self.id);
        id.clear();
        id.extend(row.id());
        for column in &table.columns {
            match column.holds {
                Holds::Id => self.text(&id),
                Holds::Shown(column) => self.shown(column.cell(row.object())),
                Holds::Value(field) => match row.get(field).map(|node| node.json()) {
                    Some(Json::Bytes(value) | Json::Text(value)) => self.blob(value),
                    // Consul does not distinguish an empty value from a missing one.
                    _ => self.blob(&[]),
                },
                Holds::Reference(reference) => self.reference(reference, row),
                Holds::Json => self.json(row),
            }
        }
        self.rows.push((place, self.cells.len()));
        for (at, table) in links::of(row.kind) {
            let items = row.get(table.link.list).map(|list| list.items());
            for (position, item) in items.into_iter().flatten().enumerate() {
                let to = item.get(table.link.field).and_then(|node| node.text()).unwrap_or(&[]);
                self.text(&id);
                self.cells.push(Cell::Int(i64::try_from(position).unwrap_or(i64::MAX)));
                self.text(to);
                self.text(to);
                self.rows.push((TABLES.len() + at, self.cells.len()));
            }
        }
        self.id = id;
    }

    fn size(&self) -> usize {
        self.bytes.len()
    }
}

impl Cells {
    /// The rows: table and values.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (usize, &[Cell])> {
        let mut start = 0;
        self.rows.iter().map(move |(table, end)| {
            let cells = self.cells.get(start..*end).unwrap_or(&[]);
            start = *end;
            (*table, cells)
        })
    }

    /// A value as it is bound.
    pub(crate) fn value(&self, cell: Cell) -> ValueRef<'_> {
        let slice = |at, end| self.bytes.get(at..end).unwrap_or(&[]);
        match cell {
            Cell::Null => ValueRef::Null,
            Cell::Int(n) => ValueRef::Integer(n),
            Cell::Real(x) => ValueRef::Real(x),
            Cell::Text { at, end } => ValueRef::Text(slice(at, end)),
            Cell::Blob { at, end } => ValueRef::Blob(slice(at, end)),
        }
    }

    fn keep(&mut self, bytes: &[u8]) -> (usize, usize) {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        (at, self.bytes.len())
    }

    fn blob(&mut self, bytes: &[u8]) {
        let (at, end) = self.keep(bytes);
        self.cells.push(Cell::Blob { at, end });
    }

    /// Text. Bytes that are not UTF-8, or contain a NUL at which programs would cut them, become a
    /// blob.
    fn text(&mut self, text: &[u8]) {
        let (at, end) = self.keep(text);
        let is_text = std::str::from_utf8(text).is_ok() && !text.contains(&0);
        self.cells.push(if is_text { Cell::Text { at, end } } else { Cell::Blob { at, end } });
    }

    fn shown(&mut self, value: CellValue<'_>) {
        match value {
            CellValue::Nothing => self.cells.push(Cell::Null),
            CellValue::Bool(b) => self.cells.push(Cell::Int(b.into())),
            CellValue::Int(n) => self.cells.push(Cell::Int(n)),
            CellValue::Float(x) => self.cells.push(Cell::Real(x)),
            CellValue::Text(text) => self.text(&text),
            // Numbers too large for SQLite's integers stay exact as text.
            CellValue::Uint(n) => match i64::try_from(n) {
                Ok(n) => self.cells.push(Cell::Int(n)),
                Err(_) => self.text(n.to_string().as_bytes()),
            },
        }
    }

    fn reference(&mut self, reference: &Reference, row: &Row) {
        let text = |node: Option<Node<'_>>| node.and_then(|n| n.text().map(<[u8]>::to_vec));
        let of = |field: &str| text(row.get(field)).unwrap_or_default();
        let parts: Vec<Vec<u8>> = reference.fields.iter().map(|field| of(field)).collect();
        if parts.iter().any(Vec::is_empty) {
            self.cells.push(Cell::Null);
            return;
        }
        let mut key = peer_prefix(&reference.peer.map(of).unwrap_or_default());
        key.extend(parts.join(&b'/'));
        self.text(&key);
    }

    fn json(&mut self, row: &Row) {
        let at = self.bytes.len();
        let mut json = JsonText::appending_to(std::mem::take(&mut self.bytes));
        whole_object(row, &mut json);
        self.bytes = json.into_bytes();
        let end = self.bytes.len();
        self.cells.push(if end > at { Cell::Text { at, end } } else { Cell::Null });
    }
}

//! Rows as values to bind, in a few buffers.

use crate::writer::Part;
use rusqlite::types::ValueRef;
use snapscope_objects::row::Row;
use snapscope_tables::schema::{LINKS, TABLES, links_of};
use snapscope_tables::{Cell, Cells, Seen, Value};
use std::sync::LazyLock;

/// Rows of any tables; the tables of links are numbered after those of kinds.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    cells: Cells,
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

impl Part for Bound {
    fn clear(&mut self) {
        self.cells.clear();
        self.rows.clear();
    }

    fn row(&mut self, row: &Row) {
        let place = row.kind.id.index();
        let Some(table) = TABLES.get(place).filter(|table| !table.is_view()) else { return };
        let mut id = std::mem::take(&mut self.id);
        id.clear();
        id.extend(row.id());
        for column in &table.columns {
            self.cells.column(column, Seen { row, shown: row, id: &id });
        }
        self.rows.push((place, self.cells.len()));
        for (at, table) in links_of(row.kind) {
            let items = row.get(table.link.list).map(|list| list.items());
            for (position, item) in items.into_iter().flatten().enumerate() {
                let to = item.get(table.link.field).and_then(|node| node.text()).unwrap_or(&[]);
                self.cells.text(&id);
                self.cells.uint(position as u64);
                self.cells.text(to);
                self.cells.text(to);
                self.rows.push((TABLES.len() + at, self.cells.len()));
            }
        }
        self.id = id;
    }

    fn size(&self) -> usize {
        self.cells.size()
    }
}

impl Bound {
    /// The rows: table and values.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (usize, &[Cell])> {
        let mut start = 0;
        self.rows.iter().map(move |(table, end)| {
            let cells = self.cells.slice(start, *end);
            start = *end;
            (*table, cells)
        })
    }

    /// A value as it is bound.
    pub(crate) fn value(&self, cell: Cell) -> ValueRef<'_> {
        match self.cells.value(cell) {
            Value::Null => ValueRef::Null,
            Value::Int(n) => ValueRef::Integer(n),
            Value::Real(x) => ValueRef::Real(x),
            Value::Text(text) => ValueRef::Text(text),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }
    }
}

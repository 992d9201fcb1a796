//! Tables: one set of rows in four formats.

use super::escape::one_line;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use snapscope_objects::csv::text_cell;
use snapscope_objects::json::{JsonText, Sink as _};

/// The content of a cell.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    /// Text from a snapshot.
    Text(Vec<u8>),
    /// A count.
    Number(u64),
    /// A number of bytes, shown in larger units in tables.
    Bytes(u64),
    /// A part of a whole, from 0 to 1.
    Share(f64),
    /// The difference of two counts.
    Change(i64),
    /// The difference of two sizes, shown in larger units in tables.
    Growth(i64),
    /// An unknown value.
    Unknown,
}

impl Cell {
    /// Number of bytes of text in it.
    pub(crate) const fn text_len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            _ => 0,
        }
    }
}

/// Rows under named columns.
pub(crate) struct Rows {
    /// Name of each column in JSON and CSV.
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// A last line below a table, for totals.
    pub(crate) total: Option<Vec<Option<Cell>>>,
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => one_line(text),
        Cell::Number(n) => n.to_string(),
        Cell::Bytes(n) => super::bytes::byte_size(*n),
        Cell::Share(x) => format!("{:.1}%", x * 100.0),
        Cell::Change(n) => format!("{}{}", sign(*n), n.unsigned_abs()),
        Cell::Growth(n) => format!("{}{}", sign(*n), super::bytes::byte_size(n.unsigned_abs())),
        Cell::Unknown => "-".to_owned(),
    }
}

const fn sign(n: i64) -> &'static str {
    match n {
        1.. => "+",
        0 => "",
        _ => "-",
    }
}

fn json_cell(cell: &Cell, json: &mut JsonText) {
    match cell {
        Cell::Text(text) => json.text(text),
        Cell::Number(n) | Cell::Bytes(n) => json.uint(*n),
        Cell::Share(x) => json.float((x * 1e6).round() / 1e6),
        Cell::Change(n) | Cell::Growth(n) => json.int(*n),
        Cell::Unknown => json.null(),
    }
}

/// Writes a row as an object.
pub(super) fn write_row(columns: &[String], row: &[Cell], json: &mut JsonText) {
    json.begin_object();
    for (column, cell) in columns.iter().zip(row) {
        json.key(column.as_bytes());
        json_cell(cell, json);
    }
    json.end_object();
}

impl Rows {
    /// The line of column names. Comma-separated values are safe against a spreadsheet that takes text for a
    /// formula.
    pub(crate) fn csv_head(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (at, column) in self.columns.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            text_cell(column.as_bytes(), &mut out);
        }
        out.extend_from_slice(b"\r\n");
        out
    }

    /// The rows without the line of column names.
    pub(crate) fn csv_rows(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for row in &self.rows {
            for (at, cell) in row.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                match cell {
                    Cell::Text(text) => text_cell(text, &mut out),
                    Cell::Number(n) | Cell::Bytes(n) => {
                        out.extend_from_slice(n.to_string().as_bytes());
                    }
                    Cell::Share(x) => out.extend_from_slice(format!("{x:.6}").as_bytes()),
                    Cell::Change(n) | Cell::Growth(n) => {
                        out.extend_from_slice(n.to_string().as_bytes());
                    }
                    Cell::Unknown => {}
                }
            }
            out.extend_from_slice(b"\r\n");
        }
        out
    }

    /// Aligned columns. On a terminal the first text column is shortened until all fit; in a pipe
    /// nothing is cut or wrapped.
    pub(crate) fn table(&self) -> Vec<u8> {
        self.page(true)
    }

    /// The same as a page of a long table: only the first page has the header.
    pub(crate) fn page(&self, with_head: bool) -> Vec<u8> {
        lines_of(&self.laid_out(with_head, terminal_width()))
    }

    /// A page with minimum column widths, which come from the other pages; see
    /// [`widths`](Self::widths).
    pub(crate) fn page_as_wide_as(&self, with_head: bool, widths: &[u16]) -> Vec<u8> {
        let mut table = self.laid_out(with_head, None);
        for (at, width) in widths.iter().enumerate() {
            if let Some(column) = table.column_mut(at) {
                let padding = 1 + u16::from(at > 0);
                let width = Width::Fixed(width.saturating_add(padding));
                column.set_constraint(ColumnConstraint::Absolute(width));
            }
        }
        lines_of(&table)
    }

    /// The column widths of a piped table.
    pub(crate) fn widths(&self, with_head: bool) -> Vec<u16> {
        self.laid_out(with_head, None).column_max_content_widths()
    }

    fn laid_out(&self, with_head: bool, width: Option<u16>) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        if with_head {
            table.set_header(self.columns.iter().map(|name| head(name)));
        }
        for row in &self.rows {
            table.add_row(row.iter().map(shown));
        }
        if let Some(total) = &self.total {
            table.add_row(total.iter().map(|cell| cell.as_ref().map(shown).unwrap_or_default()));
        }
        let texts = |at: usize| {
            self.rows.first().is_some_and(|row| matches!(row.get(at), Some(Cell::Text(_))))
        };
        for at in 0..self.columns.len() {
            if let Some(column) = table.column_mut(at) {
                column.set_padding((u16::from(at > 0), 1));
                if !texts(at) {
                    column.set_cell_alignment(CellAlignment::Right);
                    column.set_constraint(ColumnConstraint::ContentWidth);
                } else if width.is_some() {
                    column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(8)));
                }
            }
        }
        match width {
            Some(width) => {
                table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
            }
            None => {
                table.set_content_arrangement(ContentArrangement::Disabled);
            }
        }
        table
    }
}

fn lines_of(table: &Table) -> Vec<u8> {
    let mut out = Vec::new();
    for line in table.lines() {
        out.extend_from_slice(line.trim_end().as_bytes());
        out.push(b'\n');
    }
    out
}

/// The width of the terminal, if standard output is one.
pub(super) fn terminal_width() -> Option<u16> {
    let size = crate::terminal::is_terminal().then(terminal_size::terminal_size).flatten();
    size.map(|(terminal_size::Width(width), _)| width)
}

/// A column's name as a table shows it: `largest_key` as `Largest key`.
fn head(name: &str) -> String {
    let mut text = name.replace('_', " ");
    // p50 and p99 stay lower case everywhere.
    if text.ends_with(|c: char| c.is_ascii_digit()) {
        return text;
    }
    if matches!(name, "id" | "ttl" | "ip") {
        return text.to_uppercase();
    }
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

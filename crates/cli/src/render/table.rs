//! Cells and rows of tables: as JSON, as comma-separated values, and as columns in a pipe.

use super::escape::one_line;
use super::style;
use super::wrap::width;
use crate::display;
use snapscope_objects::csv::CsvRow;
use snapscope_objects::json::{JsonText, Sink as _};
use std::io::{self, Write};

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

    /// Whether it is text.
    pub(super) const fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }
}

/// How tables show the names of their columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heads {
    /// As words: `largest_key` as `Largest key`.
    Words,
    /// As they are, because users write them.
    Names,
}

impl Heads {
    pub(super) fn of(self, name: &str) -> String {
        match self {
            Self::Words => words(name),
            Self::Names => one_line(name.as_bytes()),
        }
    }
}

/// Rows under named columns.
pub(crate) struct Rows {
    /// Name of each column in JSON and CSV.
    pub(crate) columns: Vec<String>,
    pub(crate) heads: Heads,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// A last line below a table, for totals.
    pub(crate) total: Option<Vec<Option<Cell>>>,
}

/// A cell as tables show it.
pub(super) fn shown(cell: &Cell) -> String {
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

/// Writes cells of text, aligned in columns of these widths with two blanks between them. The last
/// one is not padded, and a line ends with its last visible character. `columns` are the names of
/// columns with coloured words.
fn write_line(
    cells: &[String],
    widths: &[usize],
    is_right: impl Fn(usize) -> bool,
    columns: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let last = cells.iter().rposition(|cell| !cell.trim_end().is_empty());
    let mut line = Vec::new();
    for (at, (cell, wide)) in cells.iter().zip(widths).enumerate().take(last.map_or(0, |n| n + 1)) {
        let room = wide.saturating_sub(width(cell));
        let (before, after) = if is_right(at) { (room, 0) } else { (0, room) };
        line.resize(line.len() + before + if at > 0 { 2 } else { 0 }, b' ');
        let style = columns.get(at).and_then(|name| style::of(name, cell));
        let is_last = last == Some(at);
        let text = if is_last { cell.trim_end() } else { cell };
        style::paint(style, text.as_bytes(), &mut line);
        line.resize(line.len() + if is_last { 0 } else { after }, b' ');
    }
    line.push(b'\n');
    out.write_all(&line)
}

/// Maximum width to which columns of a piped table are padded: one long name would push the figures
/// of all other rows out of sight.
const MOST_FILLED: usize = 80;

impl Rows {
    /// The line of column names. Comma-separated values are safe for spreadsheets that evaluate
    /// text as formulas.
    pub(crate) fn csv_head(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !display::has_headers() {
            return out;
        }
        CsvRow::begin(&mut out).texts(&self.columns).end();
        out
    }

    /// The rows without the line of column names.
    pub(crate) fn csv_rows(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for cells in &self.rows {
            let mut row = CsvRow::begin(&mut out);
            for cell in cells {
                match cell {
                    Cell::Text(text) => row.text(text),
                    Cell::Number(n) | Cell::Bytes(n) => row.number(*n),
                    Cell::Share(x) => row.plain(format!("{x:.6}").as_bytes()),
                    Cell::Change(n) | Cell::Growth(n) => row.plain(n.to_string().as_bytes()),
                    Cell::Unknown => row.plain(b""),
                };
            }
            row.end();
        }
        out
    }

    /// Writes a page of a piped table: whole values in aligned columns, each at least `least` wide.
    /// The first page has the head, the last one the totals.
    pub(crate) fn write_page(
        &self,
        with_head: bool,
        least: &[usize],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut widths = self.widths(with_head);
        widths.iter_mut().zip(least).for_each(|(wide, least)| *wide = (*wide).max(*least));
        let is_right =
            |at: usize| !self.rows.first().and_then(|row| row.get(at)).is_some_and(Cell::is_text);
        if with_head && display::has_headers() {
            write_line(&self.heads(), &widths, is_right, &[], out)?;
        }
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(shown).collect();
            write_line(&cells, &widths, is_right, &self.columns, out)?;
        }
        match &self.total {
            Some(total) => write_line(&shown_total(total), &widths, is_right, &[], out),
            None => Ok(()),
        }
    }

    fn heads(&self) -> Vec<String> {
        self.columns.iter().map(|name| self.heads.of(name)).collect()
    }

    /// The column widths of a page of a piped table.
    pub(crate) fn widths(&self, with_head: bool) -> Vec<usize> {
        let mut widths = vec![0; self.columns.len()];
        let mut see = |cells: &[String]| {
            for (widest, cell) in widths.iter_mut().zip(cells) {
                *widest = width(cell).min(MOST_FILLED).max(*widest);
            }
        };
        if with_head && display::has_headers() {
            see(&self.heads());
        }
        for row in &self.rows {
            see(&row.iter().map(shown).collect::<Vec<_>>());
        }
        if let Some(total) = &self.total {
            see(&shown_total(total));
        }
        widths
    }
}

/// The cells of a line of totals.
pub(super) fn shown_total(total: &[Option<Cell>]) -> Vec<String> {
    total.iter().map(|cell| cell.as_ref().map(shown).unwrap_or_default()).collect()
}

/// A column's name as words.
fn words(name: &str) -> String {
    let mut text = one_line(name.replace('_', " ").as_bytes());
    // p50 and p99 are always lower case.
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

//! Writes rows as they arrive, if the form allows it.

use super::incomplete::{Incomplete, Names, last_line};
use super::long_table::{Fitting, LongTable, TakeRow};
use super::table::{Cell, Rows};
use crate::answer::{Indenting, on_terminal};
use crate::form::Form;
use crate::terminal;
use snapscope_objects::kind::CellValue;
use snapscope_runs::{Room, Sorter};
use std::io::{self, Write};

/// Maximum number of rows, or of bytes, of a piped table that are laid out together. This bounds
/// memory for lists of any length, but columns may have other widths on the next page.
const PAGE: usize = 1000;
const PAGE_BYTES: usize = 4 << 20;

/// A row: its cells, or the whole object as JSON.
pub(crate) struct Kept {
    /// Its sort key.
    pub(crate) sort: Option<Vec<u8>>,
    pub(crate) cells: Vec<CellValue<'static>>,
    pub(crate) json: Vec<u8>,
}

impl Kept {
    /// Everything except the sort key, as bytes.
    pub(crate) fn written(&self) -> Vec<u8> {
        let mut out = (self.json.len() as u64).to_le_bytes().to_vec();
        out.extend_from_slice(&self.json);
        self.cells.iter().for_each(|cell| cell.write(&mut out));
        out
    }

    /// Reads a row from the output of [`written`](Self::written).
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let (len, rest) = bytes.split_first_chunk().unwrap_or((&[0; 8], &[]));
        let len = usize::try_from(u64::from_le_bytes(*len)).unwrap_or(0);
        let (json, mut cells) = rest.split_at_checked(len).unwrap_or_default();
        let cells = std::iter::from_fn(|| CellValue::read(&mut cells)).collect();
        Self { sort: None, cells, json: json.to_vec() }
    }
}

/// Writes rows.
pub(crate) struct Writer {
    output: Form,
    out: io::BufWriter<Box<dyn Write + Send>>,
    table: Rows,
    /// Rows for a terminal, where a table is laid out once all rows are known.
    waiting: Option<Sorter>,
    fitting: Fitting,
    /// Number of rows so far.
    pub(crate) rows: u64,
    /// Number of bytes of waiting text.
    bytes: usize,
}

impl Writer {
    /// Writes rows with these columns, in a form for rows.
    pub(crate) fn new(columns: Vec<String>, output: Form, fitting: Fitting, room: &Room) -> Self {
        let table = Rows { columns, heads: fitting.heads, rows: Vec::new(), total: None };
        let out: Box<dyn Write + Send> = match on_terminal().filter(|_| output == Form::Json) {
            Some(by) => Box::new(Indenting::new(by, terminal::out())),
            None => Box::new(terminal::out()),
        };
        let out = io::BufWriter::with_capacity(1 << 16, out);
        let is_shown = output == Form::Text && terminal::is_terminal();
        let waiting = is_shown.then(|| Sorter::new(room));
        Self { output, out, table, waiting, fitting, rows: 0, bytes: 0 }
    }

    /// Writes a row, or keeps it until the table can be laid out.
    pub(crate) fn row(&mut self, kept: Kept) -> io::Result<()> {
        match (self.output, &mut self.waiting) {
            (_, Some(waiting)) => waiting.push(&self.rows.to_be_bytes(), &kept.written())?,
            (Form::Json, _) => {
                self.out.write_all(if self.rows == 0 { b"[" } else { b",\n" })?;
                self.out.write_all(&kept.json)?;
            }
            (Form::Jsonl, _) => {
                self.out.write_all(&kept.json)?;
                self.out.write_all(b"\n")?;
            }
            _ => {
                let cells: Vec<Cell> = kept.cells.into_iter().map(cell).collect();
                self.bytes += cells.iter().map(Cell::text_len).sum::<usize>();
                self.table.rows.push(cells);
            }
        }
        self.rows += 1;
        if self.table.rows.len() == PAGE || self.bytes > PAGE_BYTES {
            self.page()?;
        }
        Ok(())
    }

    /// Writes the waiting rows, the first ones below the head.
    fn page(&mut self) -> io::Result<()> {
        let is_first = self.rows <= self.table.rows.len() as u64;
        if self.output == Form::Text {
            self.table.write_page(is_first, &[], &mut self.out)?;
        } else {
            if is_first {
                self.out.write_all(&self.table.csv_head())?;
            }
            self.out.write_all(&self.table.csv_rows())?;
        }
        self.table.rows.clear();
        self.bytes = 0;
        Ok(())
    }

    /// Lays out the rows for a terminal.
    fn shown(&mut self, waiting: Sorter) -> io::Result<()> {
        let sorted = waiting.finish()?;
        let rows = |take: &mut TakeRow<'_>| {
            let mut entries = sorted.entries()?;
            while let Some(entry) = entries.next()? {
                take(Kept::read(entry.value).cells.into_iter().map(cell).collect())?;
            }
            Ok(())
        };
        let columns = std::mem::take(&mut self.table.columns);
        let table = LongTable { fitting: self.fitting, ..LongTable::new(columns, &rows) };
        table.table(&mut self.out)
    }

    /// Writes the end, including why rows are missing, if any are.
    pub(crate) fn end(mut self, incomplete: Option<&Incomplete>, names: Names) -> io::Result<()> {
        match self.output {
            Form::Json => {
                if self.rows == 0 {
                    self.out.write_all(b"[")?;
                }
                if let Some(why) = incomplete {
                    self.out.write_all(if self.rows == 0 { b"" } else { b",\n" })?;
                    self.out.write_all(&why.item(names))?;
                }
                self.out.write_all(b"]\n")?;
            }
            Form::Jsonl => {}
            _ => match self.waiting.take() {
                Some(waiting) => self.shown(waiting)?,
                None if self.rows == 0 || !self.table.rows.is_empty() => self.page()?,
                None => {}
            },
        }
        if let Some(why) = incomplete.filter(|_| self.output != Form::Json) {
            self.out.write_all(&last_line(why, self.output, names))?;
        }
        self.out.flush()
    }
}

fn cell(value: CellValue<'static>) -> Cell {
    match value {
        CellValue::Uint(n) => Cell::Number(n),
        other => Cell::Text(other.text().into_owned()),
    }
}

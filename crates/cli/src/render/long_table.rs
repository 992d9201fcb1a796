//! Tables of any length in bounded memory: rows are produced as often as needed.

use super::fit::{Freedom, Layout, Measured, Messages, layout, on_screen};
use super::style;
use super::table::{Cell, Heads, Rows, write_row};
use super::wrap::{lines, width, without_middle};
use crate::display;
use crate::terminal::{self, note};
use snapscope_objects::json::JsonText;
use std::io::{self, Write};

/// Receives a row.
pub(crate) type TakeRow<'t> = dyn FnMut(Vec<Cell>) -> io::Result<()> + 't;
/// Produces every row, each time it is called.
pub(crate) type EachRow<'r> = dyn Fn(&mut TakeRow<'_>) -> io::Result<()> + 'r;

/// Rows under named columns.
pub(crate) struct LongTable<'r> {
    /// Name of each column in JSON and CSV.
    pub(crate) columns: Vec<String>,
    /// A last line below a table, for totals.
    pub(crate) total: Option<Vec<Option<Cell>>>,
    pub(crate) rows: &'r EachRow<'r>,
    /// What may be left out on a terminal.
    pub(crate) fitting: Fitting,
}

/// How a table is fitted to a terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fitting {
    /// Which columns of equal values are left out: none, those of text, or all.
    pub(crate) equal: Equal,
    /// The column of messages, which are wrapped at words.
    pub(crate) message: Option<usize>,
    pub(crate) heads: Heads,
    /// How to see everything that is left out.
    pub(crate) all: &'static str,
}

/// Columns of equal values that tables leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Equal {
    Kept,
    /// Figures are informative even if they are all equal.
    TextsLeftOut,
    LeftOut,
}

impl Default for Fitting {
    fn default() -> Self {
        let all = "-o json shows all";
        Self { equal: Equal::TextsLeftOut, message: None, heads: Heads::Words, all }
    }
}

/// Maximum number of rows laid out at once; fewer if they are large.
const PAGE: usize = 5000;
const PAGE_BYTES: usize = 1 << 20;
/// Bytes of JSON that are written at once.
const PIECE: usize = 1 << 16;

impl<'r> LongTable<'r> {
    /// Rows under these columns, without totals.
    pub(crate) fn new<C: Into<String>>(
        columns: impl IntoIterator<Item = C>,
        rows: &'r EachRow<'r>,
    ) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Self { columns, total: None, rows, fitting: Fitting::default() }
    }

    /// Produces the rows in pages, with the page number and whether it is the last. There is always
    /// one.
    fn pages(&self, mut each: impl FnMut(&Rows, usize, bool) -> io::Result<()>) -> io::Result<()> {
        let (columns, heads) = (self.columns.clone(), self.fitting.heads);
        let mut page = Rows { columns, heads, rows: Vec::new(), total: None };
        let (mut at, mut bytes) = (0, 0);
        (self.rows)(&mut |row| {
            if page.rows.len() == PAGE || bytes > PAGE_BYTES {
                each(&page, at, false)?;
                page.rows.clear();
                (at, bytes) = (at + 1, 0);
            }
            bytes += row.iter().map(Cell::text_len).sum::<usize>();
            page.rows.push(row);
            Ok(())
        })?;
        page.total.clone_from(&self.total);
        each(&page, at, true)
    }

    /// Aligned columns: on a terminal as many as fit, in a pipe all of them with whole values, as wide as
    /// the widest row of any page.
    pub(crate) fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        match terminal::width() {
            Some(room) => self.on_terminal(room, out),
            None => self.in_pipe(out),
        }
    }

    fn in_pipe(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut widths: Vec<usize> = Vec::new();
        let mut is_done = false;
        self.pages(|page, at, is_last| {
            if at == 0 && is_last {
                is_done = true;
                return page.write_page(true, &[], out);
            }
            let of_page = page.widths(at == 0);
            widths.resize(of_page.len(), 0);
            widths.iter_mut().zip(of_page).for_each(|(most, width)| *most = width.max(*most));
            Ok(())
        })?;
        if is_done {
            return Ok(());
        }
        self.pages(|page, at, _| page.write_page(at == 0, &widths, out))
    }

    fn on_terminal(&self, room: usize, out: &mut dyn Write) -> io::Result<()> {
        let measured = |name: &String| Measured::new(name, self.fitting.heads);
        let mut measured: Vec<Measured> = self.columns.iter().map(measured).collect();
        (self.rows)(&mut |row| {
            measured.iter_mut().zip(&row).for_each(|(column, cell)| column.see(cell));
            Ok(())
        })?;
        for (column, total) in measured.iter_mut().zip(self.total.iter().flatten()) {
            total.iter().for_each(|cell| column.see_total(cell));
        }
        let Fitting { equal, message, .. } = self.fitting;
        let freedom = Freedom {
            equal_texts: equal != Equal::Kept,
            equal_numbers: equal == Equal::LeftOut,
            message,
        };
        let layout = layout(&measured, room, freedom);
        let screen = OnScreen { table: self, layout: &layout, room };
        screen.head(out)?;
        (self.rows)(&mut |row| screen.row(&row, out))?;
        if let Some(total) = &self.total {
            let cells = total.iter().map(|cell| cell.clone().unwrap_or(Cell::Text(Vec::new())));
            screen.row(&cells.collect::<Vec<_>>(), out)?;
        }
        // Messages about the table come below it.
        out.flush()?;
        self.say_left_out(&layout);
        Ok(())
    }

    /// Reports which columns are not shown, and how to see them.
    fn say_left_out(&self, layout: &Layout) {
        let equal = layout.equal.iter().map(|(name, value)| match value.as_str() {
            "" => format!("{name} (empty)"),
            value => format!("{name} ({value})"),
        });
        let mut left_out: Vec<String> = equal.collect();
        if !layout.no_room.is_empty() {
            let names = layout.no_room.join(", ");
            left_out.push(format!("{names} (no room)"));
        }
        if !left_out.is_empty() {
            let all = self.fitting.all;
            note!("snapscope: note: columns not shown: {}; {all}", left_out.join(", "));
        }
    }

    /// Comma-separated values.
    pub(crate) fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        self.pages(|page, at, _| {
            if at == 0 {
                out.write_all(&page.csv_head())?;
            }
            out.write_all(&page.csv_rows())
        })
    }

    /// One JSON line per row.
    pub(crate) fn lines(&self, json: &mut JsonText, out: &mut dyn Write) -> io::Result<()> {
        self.each_row(json, out, JsonText::end_line)
    }

    /// The rows as items of an open list.
    pub(crate) fn json_rows(&self, json: &mut JsonText, out: &mut dyn Write) -> io::Result<()> {
        self.each_row(json, out, |_| {})
    }

    fn each_row(
        &self,
        json: &mut JsonText,
        out: &mut dyn Write,
        end: fn(&mut JsonText),
    ) -> io::Result<()> {
        (self.rows)(&mut |row| {
            write_row(&self.columns, &row, json);
            end(json);
            if json.as_bytes().len() < PIECE { Ok(()) } else { json.write_to(out) }
        })
    }
}

/// A table that is fitted to a terminal.
struct OnScreen<'s> {
    table: &'s LongTable<'s>,
    layout: &'s Layout,
    room: usize,
}

/// How far messages below their row are indented.
const INDENT: usize = 4;

impl OnScreen<'_> {
    fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        if !display::has_headers() {
            return Ok(());
        }
        let heads = self.table.fitting.heads;
        let name = |at: usize| self.table.columns.get(at).map_or_else(String::new, |n| heads.of(n));
        let heads: Vec<String> = self.layout.columns.iter().map(|c| name(c.at)).collect();
        let message = match (self.layout.messages, self.table.fitting.message) {
            (Messages::Beside(_), Some(at)) => Some(name(at)),
            _ => None,
        };
        self.line(&heads, message.as_deref(), Some(style::Style::Bold), out)
    }

    fn row(&self, row: &[Cell], out: &mut dyn Write) -> io::Result<()> {
        let text = |at: usize| row.get(at).map_or_else(String::new, on_screen);
        let cells: Vec<String> = self.layout.columns.iter().map(|c| text(c.at)).collect();
        let message = self.table.fitting.message.map(text);
        match (self.layout.messages, message) {
            (Messages::Beside(room), Some(message)) => {
                let mut parts = lines(&message, room).into_iter();
                self.line(&cells, parts.next().as_deref(), None, out)?;
                let before = self.room - room;
                parts.try_for_each(|part| writeln!(out, "{:before$}{part}", ""))
            }
            (_, message) => {
                self.line(&cells, None, None, out)?;
                let room = self.room.saturating_sub(INDENT);
                // A colon follows.
                let name =
                    |at: &usize| without_middle(&text(*at), room.saturating_sub(1)).into_owned();
                let below = self.layout.below.iter().map(name).chain(message);
                let below: Vec<String> = below.filter(|text| !text.is_empty()).collect();
                let parts = lines(&below.join(": "), room);
                let mut parts = parts.into_iter().filter(|_| !below.is_empty());
                parts.try_for_each(|part| writeln!(out, "{:INDENT$}{part}", ""))
            }
        }
    }

    fn line(
        &self,
        cells: &[String],
        message: Option<&str>,
        of_all: Option<style::Style>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut line: Vec<u8> = Vec::new();
        // Blanks, written only if something follows them.
        let mut blanks = 0;
        for (at, (cell, column)) in cells.iter().zip(&self.layout.columns).enumerate() {
            let text = column.fitted(cell);
            let rest = column.width.saturating_sub(width(&text));
            let before = if column.is_right { rest } else { 0 };
            blanks += before + if at > 0 { 2 } else { 0 };
            if !text.is_empty() {
                line.resize(line.len() + std::mem::take(&mut blanks), b' ');
                let name = self.table.columns.get(column.at).map_or("", String::as_str);
                style::paint(of_all.or_else(|| style::of(name, cell)), text.as_bytes(), &mut line);
            }
            blanks += rest - before;
        }
        if let Some(message) = message.filter(|message| !message.is_empty()) {
            line.resize(line.len() + blanks + 2, b' ');
            style::paint(of_all, message.as_bytes(), &mut line);
        }
        line.push(b'\n');
        out.write_all(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize) -> Vec<Vec<Cell>> {
        let row = |n: usize| {
            let name = "é".repeat(n % 97).into_bytes();
            vec![Cell::Text(name), Cell::Number(n as u64), Cell::Bytes(n as u64 * 1000)]
        };
        (0..count).map(row).collect()
    }

    #[test]
    fn a_table_of_many_pages_is_the_table_of_one() {
        for count in [0, 1, 7, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 77] {
            let rows = rows(count);
            let columns: Vec<String> = ["name", "count", "bytes"].map(Into::into).into();
            let total =
                Some(vec![Some(Cell::Text(b"Total".to_vec())), None, Some(Cell::Number(7))]);
            let whole = Rows {
                columns: columns.clone(),
                heads: Heads::Words,
                rows: rows.clone(),
                total: total.clone(),
            };
            let each = |take: &mut TakeRow<'_>| rows.iter().try_for_each(|row| take(row.clone()));
            let long = LongTable { total, ..LongTable::new(columns, &each) };
            let text = |write: &dyn Fn(&mut dyn Write) -> io::Result<()>| {
                let mut out = Vec::new();
                write(&mut out).unwrap();
                String::from_utf8(out).unwrap()
            };
            let expected = |text: Vec<u8>| String::from_utf8(text).unwrap();
            let table = text(&|out| long.in_pipe(out));
            assert_eq!(table, text(&|out| whole.write_page(true, &[], out)), "{count}");
            let csv = [whole.csv_head(), whole.csv_rows()].concat();
            assert_eq!(text(&|out| long.csv(out)), expected(csv));
            let lines = |out: &mut dyn Write| {
                let mut json = JsonText::new();
                long.lines(&mut json, out)?;
                json.write_to(out)
            };
            let mut all = JsonText::new();
            for row in &whole.rows {
                write_row(&whole.columns, row, &mut all);
                all.end_line();
            }
            assert_eq!(text(&lines), expected(all.into_bytes()));
        }
    }
}

//! Tables of any length in bounded memory: rows are produced as often as needed.

use super::table::{Cell, Rows, terminal_width, write_row};
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
}

/// Maximum number of rows laid out at once; fewer if they are large.
const PAGE: usize = 5000;
const PAGE_BYTES: usize = 1 << 20;
/// Bytes of JSON that are written at once.
const PIECE: usize = 1 << 16;

impl LongTable<'_> {
    /// Produces the rows in pages, with the page number and whether it is the last. There is always
    /// one.
    fn pages(&self, mut each: impl FnMut(&Rows, usize, bool) -> io::Result<()>) -> io::Result<()> {
        let mut page = Rows { columns: self.columns.clone(), rows: Vec::new(), total: None };
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

    /// Aligned columns. In a pipe they are as wide as the widest row of any page; on a terminal
    /// each page is fitted on its own.
    pub(crate) fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut widths: Vec<u16> = Vec::new();
        let mut is_done = false;
        let on_terminal = terminal_width().is_some();
        self.pages(|page, at, is_last| {
            if on_terminal || at == 0 && is_last {
                is_done = true;
                return out.write_all(&page.page(at == 0));
            }
            let of_page = page.widths(at == 0);
            widths.resize(of_page.len(), 0);
            widths.iter_mut().zip(of_page).for_each(|(most, width)| *most = width.max(*most));
            Ok(())
        })?;
        if is_done {
            return Ok(());
        }
        self.pages(|page, at, _| out.write_all(&page.page_as_wide_as(at == 0, &widths)))
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
            let whole = Rows { columns: columns.clone(), rows: rows.clone(), total: total.clone() };
            let each = |take: &mut TakeRow<'_>| rows.iter().try_for_each(|row| take(row.clone()));
            let long = LongTable { columns, total, rows: &each };
            let text = |write: &dyn Fn(&mut dyn Write) -> io::Result<()>| {
                let mut out = Vec::new();
                write(&mut out).unwrap();
                String::from_utf8(out).unwrap()
            };
            let expected = |text: Vec<u8>| String::from_utf8(text).unwrap();
            assert_eq!(text(&|out| long.table(out)), expected(whole.table()), "{count}");
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

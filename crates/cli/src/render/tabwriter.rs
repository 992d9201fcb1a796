//! Columns aligned as Go's `text/tabwriter` aligns them.
//!
//! Consul prints keys into such a table unescaped, including tabs and newlines, so the same bytes
//! need the same rules. A cell ends with a tab. A column is a run of lines that all have a cell at
//! that position, and is as wide as its widest cell. Text after the last tab of a line belongs to
//! no column. The text is read twice, first to find the widths, so it may have any length.

use snapscope_runs::{Room, Sorter};
#[cfg(any(test, feature = "live"))]
use std::collections::BTreeMap;
#[cfg(any(test, feature = "live"))]
use std::convert::Infallible;
use std::io::{self, Write};

/// Consul's table settings: cells at least 8 wide, 6 spaces between them.
const MIN_WIDTH: usize = 8;
const PADDING: usize = 6;

/// Between two of these bytes nothing ends a cell, and they have no width themselves, but they are
/// printed.
const ESCAPE: u8 = 0xff;

/// What text consists of.
enum Piece<'t> {
    /// Text of a cell, as it is printed.
    Text(&'t [u8]),
    /// The end of a cell in a column, with the cell's width.
    Tab(usize),
    /// The end of a line; a form feed also ends all columns.
    Line { is_form_feed: bool },
}

/// Splits text that comes in pieces; a piece must not end inside a character.
#[derive(Default)]
struct Scanner {
    escaped: bool,
    /// Width of the current cell so far.
    width: usize,
}

impl Scanner {
    fn scan<E>(
        &mut self,
        text: &[u8],
        each: &mut dyn FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut from = 0;
        for (at, &byte) in text.iter().enumerate() {
            let ends_cell = !self.escaped && matches!(byte, b'\t' | 0x0b | b'\n' | 0x0c);
            if !ends_cell && byte != ESCAPE {
                continue;
            }
            self.width += rune_count(&text[from..at]);
            let piece = if byte == ESCAPE { &text[from..=at] } else { &text[from..at] };
            each(Piece::Text(piece))?;
            from = at + 1;
            if byte == ESCAPE {
                self.escaped ^= true;
                continue;
            }
            let width = std::mem::take(&mut self.width);
            each(match byte {
                b'\t' | 0x0b => Piece::Tab(width),
                _ => Piece::Line { is_form_feed: byte == 0x0c },
            })?;
        }
        self.width += rune_count(&text[from..]);
        each(Piece::Text(&text[from..]))
    }
}

/// Where a column starts: the line, and the position among its columns.
type ColumnStart = (u64, usize);

/// The first pass determines the widths of columns. A column is a run of lines that all have a cell
/// at that position.
#[derive(Default)]
struct Measure {
    line: u64,
    /// Widths of the cells of this line that ended with a tab.
    cells: Vec<usize>,
    /// Columns of the previous line: where they start, and their widths so far.
    open: Vec<(ColumnStart, usize)>,
    /// Whether there is text after the last tab.
    text: bool,
}

impl Measure {
    fn take<E>(
        &mut self,
        piece: Piece<'_>,
        found: &mut dyn FnMut(ColumnStart, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        match piece {
            Piece::Text(text) => self.text |= !text.is_empty(),
            Piece::Tab(width) => {
                self.cells.push(width);
                self.text = false;
            }
            Piece::Line { is_form_feed } => {
                self.end_line(found)?;
                self.line += 1;
                if is_form_feed {
                    self.close(0, found)?;
                }
            }
        }
        Ok(())
    }

    fn end_line<E>(
        &mut self,
        found: &mut dyn FnMut(ColumnStart, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        self.close(self.cells.len(), found)?;
        for (at, width) in self.cells.drain(..).enumerate() {
            match self.open.get_mut(at) {
                Some((_, widest)) => *widest = width.max(*widest),
                None => self.open.push(((self.line, at), width)),
            }
        }
        self.text = false;
        Ok(())
    }

    /// Ends all columns except the first `keep`.
    fn close<E>(
        &mut self,
        keep: usize,
        found: &mut dyn FnMut(ColumnStart, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        while self.open.len() > keep
            && let Some((place, width)) = self.open.pop()
        {
            found(place, (width + PADDING).max(MIN_WIDTH))?;
        }
        Ok(())
    }

    /// Nothing ends the last line; without text after its last tab it is not a line.
    fn finish<E>(
        mut self,
        found: &mut dyn FnMut(ColumnStart, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        if !self.text {
            self.cells.pop();
        }
        self.end_line(found)?;
        self.close(0, found)
    }
}

/// The second pass prints.
#[derive(Default)]
struct Print {
    line: u64,
    at: usize,
    /// Widths of the columns of the previous or this line.
    open: Vec<usize>,
    /// Blanks to print if anything follows.
    blanks: usize,
}

impl Print {
    fn take<E>(
        &mut self,
        piece: Piece<'_>,
        width_at: &mut dyn FnMut(ColumnStart) -> Result<Option<usize>, E>,
        out: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        match piece {
            Piece::Text([]) => {}
            Piece::Text(text) => {
                self.blanks(out)?;
                out(text)?;
            }
            Piece::Tab(width) => {
                self.blanks(out)?;
                if self.at == self.open.len() {
                    // Nothing follows a tab that is not in a column.
                    self.open.push(width_at((self.line, self.at))?.unwrap_or(0));
                }
                self.blanks = self.open[self.at].saturating_sub(width);
                self.at += 1;
            }
            Piece::Line { is_form_feed } => {
                self.blanks(out)?;
                out(b"\n")?;
                self.open.truncate(if is_form_feed { 0 } else { self.at });
                self.line += 1;
                self.at = 0;
            }
        }
        Ok(())
    }

    fn blanks<E>(&mut self, out: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        const BLANKS: [u8; 64] = [b' '; 64];
        while self.blanks > 0 {
            let some = self.blanks.min(BLANKS.len());
            out(&BLANKS[..some])?;
            self.blanks -= some;
        }
        Ok(())
    }
}

/// Aligns the columns of `text`.
#[cfg(any(test, feature = "live"))]
pub(crate) fn align(text: &[u8]) -> Vec<u8> {
    let mut widths: BTreeMap<ColumnStart, usize> = BTreeMap::new();
    let mut found = |place, width| {
        widths.insert(place, width);
        Ok::<(), Infallible>(())
    };
    let mut measure = Measure::default();
    let Ok(()) = Scanner::default().scan(text, &mut |piece| measure.take(piece, &mut found));
    let Ok(()) = measure.finish(&mut found);
    let mut out = Vec::with_capacity(text.len() * 2);
    let mut print = Print::default();
    let Ok(()) = Scanner::default().scan(text, &mut |piece| {
        print.take(piece, &mut |place| Ok::<_, Infallible>(widths.get(&place).copied()), &mut |t| {
            out.extend_from_slice(t);
            Ok(())
        })
    });
    out
}

/// Receives a piece of text.
pub(crate) type TakeText<'t> = dyn FnMut(&[u8]) -> io::Result<()> + 't;

/// Aligns the columns of text of any length, which `text` passes on twice, in pieces that start
/// with ASCII.
pub(crate) fn align_long(
    text: &dyn Fn(&mut TakeText<'_>) -> io::Result<()>,
    room: &Room,
    out: &mut dyn Write,
) -> io::Result<()> {
    // Text may have as many columns as lines.
    let mut widths = Sorter::new(room);
    let mut found = |(line, column): ColumnStart, width: usize| {
        let key = [line.to_be_bytes(), (column as u64).to_be_bytes()].concat();
        widths.push(&key, &width.to_be_bytes())
    };
    let mut measure = Measure::default();
    let mut scanner = Scanner::default();
    text(&mut |text| scanner.scan(text, &mut |piece| measure.take(piece, &mut found)))?;
    measure.finish(&mut found)?;
    let widths = widths.finish()?;
    // Columns are requested in the order in which they start.
    let mut widths = widths.entries()?;
    let mut next = |_: ColumnStart| {
        let width = widths.next()?.and_then(|item| item.value.try_into().ok());
        Ok(width.map(usize::from_be_bytes))
    };
    let mut print = Print::default();
    let mut scanner = Scanner::default();
    text(&mut |text| {
        scanner.scan(text, &mut |piece| print.take(piece, &mut next, &mut |t| out.write_all(t)))
    })
}

/// Characters, each byte that is not UTF-8 counting as one.
fn rune_count(text: &[u8]) -> usize {
    text.utf8_chunks().map(|c| c.valid().chars().count() + c.invalid().len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same by Go's own algorithm: lines are kept, and columns are laid out recursively.
    mod oracle {
        use super::super::{ESCAPE, MIN_WIDTH, PADDING, rune_count};

        #[derive(Default)]
        struct Cell {
            text: Vec<u8>,
            width: usize,
        }

        /// Lines of cells; the last cell of a line does not end with a tab.
        struct Table {
            lines: Vec<Vec<Cell>>,
            widths: Vec<usize>,
            out: Vec<u8>,
        }

        /// Aligns the columns of `text`.
        pub(crate) fn align(text: &[u8]) -> Vec<u8> {
            let mut table = Table { lines: vec![Vec::new()], widths: Vec::new(), out: Vec::new() };
            let mut cell = Cell::default();
            let mut escaped = false;
            // The measured part of the cell's text.
            let mut measured = 0;
            for &byte in text {
                if escaped || byte == ESCAPE {
                    if !escaped {
                        cell.width += rune_count(&cell.text[measured..]);
                        measured = cell.text.len();
                    }
                    cell.text.push(byte);
                    if escaped && byte == ESCAPE {
                        cell.width += rune_count(&cell.text[measured..]) - 2;
                        measured = cell.text.len();
                    }
                    escaped ^= byte == ESCAPE;
                    continue;
                }
                if !matches!(byte, b'\t' | 0x0b | b'\n' | 0x0c) {
                    cell.text.push(byte);
                    continue;
                }
                cell.width += rune_count(&cell.text[measured..]);
                measured = 0;
                let cells = table.end_cell(std::mem::take(&mut cell));
                if matches!(byte, b'\n' | 0x0c) {
                    table.lines.push(Vec::new());
                    // A form feed, and a line without tabs, end all columns.
                    if byte == 0x0c || cells == 1 {
                        table.flush();
                    }
                }
            }
            if !cell.text.is_empty() {
                cell.width += rune_count(&cell.text[measured..]);
                table.end_cell(cell);
            }
            table.flush();
            table.out
        }

        impl Table {
            /// Returns how many cells the line has now.
            fn end_cell(&mut self, cell: Cell) -> usize {
                match self.lines.last_mut() {
                    Some(line) => {
                        line.push(cell);
                        line.len()
                    }
                    None => 0,
                }
            }

            /// Writes the collected lines and starts over.
            fn flush(&mut self) {
                let lines = std::mem::take(&mut self.lines);
                self.format(&lines, 0, lines.len());
                self.lines = vec![Vec::new()];
            }

            /// Lays out the lines from `from` to `to`, whose columns up to the current one are known.
            fn format(&mut self, lines: &[Vec<Cell>], from: usize, to: usize) {
                let column = self.widths.len();
                let has_column = |line: &Vec<Cell>| column + 1 < line.len();
                let mut written = from;
                let mut at = from;
                while at < to {
                    if !has_column(&lines[at]) {
                        at += 1;
                        continue;
                    }
                    self.write(lines, written, at);
                    let run = lines[at..to].iter().take_while(|line| has_column(line)).count();
                    let widest = lines[at..at + run].iter().map(|line| line[column].width).max();
                    self.widths.push((widest.unwrap_or(0) + PADDING).max(MIN_WIDTH));
                    self.format(lines, at, at + run);
                    self.widths.pop();
                    at += run;
                    written = at;
                }
                self.write(lines, written, to);
            }

            fn write(&mut self, lines: &[Vec<Cell>], from: usize, to: usize) {
                for (at, line) in lines.iter().enumerate().take(to).skip(from) {
                    for (column, cell) in line.iter().enumerate() {
                        self.out.extend_from_slice(&cell.text);
                        if let Some(width) = self.widths.get(column) {
                            self.out
                                .resize(self.out.len() + width.saturating_sub(cell.width), b' ');
                        }
                    }
                    // Nothing ends the very last line.
                    if at + 1 < lines.len() {
                        self.out.push(b'\n');
                    }
                }
            }
        }
    }

    fn aligned(text: &str) -> String {
        String::from_utf8(align(text.as_bytes())).unwrap()
    }

    proptest! {
        #[test]
        fn text_is_aligned_as_with_all_of_it_in_memory(
            pieces in prop::collection::vec(
                prop_oneof![
                    Just("\t"), Just("\t"), Just("\n"), Just("\n"), Just("\x0b"), Just("\x0c"),
                    Just("E"), Just("a"), Just("long text"), Just("é")
                ], 0..60),
            limit in 0usize..300
        ) {
            let escaped = |piece: &&str| match *piece {
                "E" => vec![ESCAPE],
                piece => piece.as_bytes().to_vec(),
            };
            let text: Vec<u8> = pieces.iter().flat_map(escaped).collect();
            let expected = oracle::align(&text);
            prop_assert_eq!(align(&text), expected.clone());
            let mut out = Vec::new();
            // In pieces that start with ASCII.
            let bits = |take: &mut TakeText<'_>| {
                text.chunk_by(|_, b| !b.is_ascii()).try_for_each(&mut *take)
            };
            align_long(&bits, &Room::new(limit), &mut out).unwrap();
            prop_assert_eq!(out, expected);
        }
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        assert_eq!(aligned("a\tb\nlonger cell\tc\n"), "a                b\nlonger cell      c\n");
        assert_eq!(aligned("a\tb"), "a       b");
        assert_eq!(aligned("\u{e9}\u{e9}\u{e9}\tb"), "\u{e9}\u{e9}\u{e9}      b");
    }

    #[test]
    fn a_line_without_tab_ends_the_columns() {
        assert_eq!(
            aligned("a long first cell\tb\n\nc\td\n"),
            "a long first cell      b\n\nc       d\n"
        );
        assert_eq!(
            aligned("1\t2\n key\nwith newline\t3\n"),
            "1       2\n key\nwith newline      3\n"
        );
    }

    #[test]
    fn the_escape_byte_hides_tabs_and_has_no_width() {
        assert_eq!(
            align(b"\xffa\tb\xff\tc"),
            b"\xffa\tb\xff      c".as_slice().to_vec().as_slice()
        );
        assert_eq!(align(b"a\xff\nb"), b"a\xff\nb");
    }
}

//! Columns aligned as Go's `text/tabwriter` aligns them.
//!
//! Consul prints keys unescaped into such a table, tabs and newlines and all; to print the same
//! bytes the same rules are needed. A cell ends with a tab; a column is a run of lines that all
//! have a cell at that place, and is as wide as its widest cell. Text behind the last tab of a
//! line belongs to no column.

/// How Consul sets its tables: cells at least 8 wide, 6 spaces between them.
const MIN_WIDTH: usize = 8;
const PADDING: usize = 6;

/// Between two of these bytes nothing ends a cell, and they have no width themselves. They are
/// printed nevertheless.
const ESCAPE: u8 = 0xff;

#[derive(Default)]
struct Cell {
    text: Vec<u8>,
    width: usize,
}

/// Lines of cells; the last cell of a line is not ended by a tab.
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
    // What of the cell's text was measured.
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
            // A form feed, and a line without any tab, end all columns.
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
    /// Gives how many cells the line has now.
    fn end_cell(&mut self, cell: Cell) -> usize {
        match self.lines.last_mut() {
            Some(line) => {
                line.push(cell);
                line.len()
            }
            None => 0,
        }
    }

    /// Writes the lines there are and starts anew.
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
                    self.out.resize(self.out.len() + width.saturating_sub(cell.width), b' ');
                }
            }
            // The last line of all is not ended by anything.
            if at + 1 < lines.len() {
                self.out.push(b'\n');
            }
        }
    }
}

/// Characters, each byte that is not UTF-8 counting as one.
fn rune_count(text: &[u8]) -> usize {
    text.utf8_chunks().map(|c| c.valid().chars().count() + c.invalid().len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(text: &str) -> String {
        String::from_utf8(align(text.as_bytes())).unwrap()
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

//! Writes lines as text to standard output.

use super::line::Line;
use crate::answer::{Indenting, on_terminal};
use crate::display::has_headers;
use crate::form::Form;
use crate::render::escape::one_line;
use crate::render::incomplete::{Incomplete, Names, last_line};
use crate::render::wrap::{lines, width, without_end, without_middle};
use crate::terminal::{self, note};
use crate::times::{exact, rfc3339};
use snapscope_objects::csv::CsvRow;
use snapscope_objects::filter::Shape;
use snapscope_objects::json::JsonText;
use snapscope_objects::printable::counted;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

/// Widths of the fixed columns.
const INDEX: usize = 10;
const TIME: usize = 30;
const WHO: usize = 24;
/// Width of an accessor, and of terminals with room for that column.
const ACCESSOR: usize = 36;
const ROOM_FOR_ACCESSORS: usize = 160;
/// Width of a time to the second, as on terminals.
const SECONDS: usize = 20;
/// Blanks between columns.
const GAP: usize = 2;
/// Names up to this width are shown in full.
const LONG_NAME: usize = 40;

/// Width of a token on a terminal with this many columns.
const fn who_on_screen(room: usize) -> usize {
    /// On narrower terminals the written object needs the space.
    const WIDE: usize = 120;
    if room < WIDE { 14 } else { WHO }
}

/// Whether tables show accessors. Many terminals are too narrow for them.
fn has_accessors() -> bool {
    terminal::width().is_none_or(|room| room >= ROOM_FOR_ACCESSORS)
}

/// Separators of a JSON list: between items, and before the first one.
const COMMA: &[u8] = b",";

/// Appends a line in the given form. In a JSON list, a comma precedes it.
pub(crate) fn render(line: &Line<'_>, form: Form, out: &mut Vec<u8>) {
    match form {
        Form::Json | Form::Jsonl => json(form, out, |text| line.render(text)),
        Form::Csv => csv(line, out),
        _ => table(line, out),
    }
}

/// Appends JSON in one of its two forms.
pub(crate) fn json(form: Form, out: &mut Vec<u8>, write: impl FnOnce(&mut JsonText)) {
    let is_list = form == Form::Json;
    if is_list {
        out.extend_from_slice(COMMA);
        out.push(b'\n');
    }
    let mut text = JsonText::appending_to(std::mem::take(out));
    write(&mut text);
    *out = text.into_bytes();
    if !is_list {
        out.push(b'\n');
    }
}

impl Line<'_> {
    /// The written object, on one line.
    pub(crate) fn what(&self) -> String {
        match (self.op.as_slice(), self.object.as_slice()) {
            (b"", _) => self.kind.clone().into_owned(),
            (op, b"") => one_line(op),
            (op, object) => format!("{} {}", one_line(op), one_line(object)),
        }
    }

    /// Index, time and author, in columns.
    pub(crate) fn columns(&self) -> String {
        let (index, time, who) = (self.index, self.shown_time(), self.shown_who());
        let columns = match terminal::width() {
            Some(room) => {
                format!("{index:>INDEX$}  {time:SECONDS$}  {}", self.who_on_screen(room))
            }
            None => format!("{index:>INDEX$}  {time:TIME$}  {who:WHO$}"),
        };
        if !has_accessors() {
            return columns;
        }
        let accessor =
            if self.accessor.is_empty() { NONE.to_owned() } else { one_line(self.accessor) };
        format!("{columns}  {accessor:ACCESSOR$}")
    }

    /// The time in a table: to the second on a terminal.
    fn shown_time(&self) -> String {
        let shown = if terminal::width().is_some() { rfc3339 } else { exact };
        self.time.map_or_else(|| NONE.to_owned(), shown)
    }

    /// The author, on one line.
    fn shown_who(&self) -> String {
        if self.who.is_empty() { NONE.to_owned() } else { one_line(self.who) }
    }

    /// The author on a terminal: a description is cut at its end, an accessor never.
    fn who_on_screen(&self, room: usize) -> String {
        let wide = who_on_screen(room);
        let who = self.shown_who();
        let who = match self.who == self.accessor {
            true => without_middle(&who, wide.max(LONG_NAME)),
            false => without_end(&who, wide),
        };
        let fill = " ".repeat(wide.saturating_sub(width(&who)));
        format!("{who}{fill}")
    }
}

/// Shown for unknown values.
pub(crate) const NONE: &str = "-";

fn table(line: &Line<'_>, out: &mut Vec<u8>) {
    let effect = match (line.effect, &*line.reason) {
        (Some("none"), _) => "  (no effect)".to_owned(),
        (Some("refused"), why) => format!("  (refused: {why})"),
        (Some("unknown"), why) => format!("  (effect unknown: {why})"),
        (Some("unvouched"), why) => format!("  (unvouched: {why})"),
        (Some("part"), _) => "  (part of a larger command)".to_owned(),
        _ => String::new(),
    };
    table_line(&line.columns(), &line.what(), &effect, out);
}

/// Appends a line of the table: its columns, the object and the remarks.
pub(crate) fn table_line(columns: &str, what: &str, remarks: &str, out: &mut Vec<u8>) {
    let text = match terminal::width() {
        Some(room) => on_screen(room, columns, what, remarks.trim_start()),
        None => format!("{columns}  {what}{remarks}\n"),
    };
    out.extend_from_slice(text.as_bytes());
}

/// A line on a terminal of this width. The object and remarks are beside the first columns, or
/// below them if there is not enough space. Only a name wider than a line is cut, in the middle.
fn on_screen(room: usize, before: &str, what: &str, remarks: &str) -> String {
    let beside = room.saturating_sub(width(before) + GAP);
    let below = room.saturating_sub(INDEX + GAP);
    let both = if remarks.is_empty() { what.to_owned() } else { format!("{what}  {remarks}") };
    let (first, rest) = if width(&both) <= beside {
        (both, Vec::new())
    } else if width(what) <= beside {
        (what.to_owned(), lines(remarks, below))
    } else if width(&both) <= below {
        (String::new(), vec![both])
    } else {
        let what = without_middle(what, below).into_owned();
        let remarks = lines(remarks, below).into_iter().filter(|line| !line.is_empty());
        (String::new(), std::iter::once(what).chain(remarks).collect())
    };
    let mut text = format!("{before}  {first}").trim_end().to_owned();
    text.push('\n');
    for line in rest {
        text.push_str(&format!("{:INDEX$}  {}\n", "", without_end(&line, below)));
    }
    text
}

fn csv(line: &Line<'_>, out: &mut Vec<u8>) {
    let mut row = CsvRow::begin(out);
    row.number(line.index).number(line.term);
    row.plain(line.time.map(exact).unwrap_or_default().as_bytes());
    row.texts(line.written()).text(line.effect.unwrap_or_default().as_bytes()).number(line.changes);
    row.text(line.reason.as_bytes()).number(line.bytes).end();
}

/// The head of a table. `more` has further columns after the author.
pub(crate) fn head(more: &str) -> String {
    let screen = terminal::width();
    let (time, who) = screen.map_or((TIME, WHO), |room| (SECONDS, who_on_screen(room)));
    let accessor = match has_accessors() {
        true => format!("  {:ACCESSOR$}", "Accessor"),
        false => String::new(),
    };
    format!("{:>INDEX$}  {:time$}  {:who$}{accessor}{more}  What\n", "Index", "Time", "Who")
}

/// Bytes and lines of a batch of entries.
const EXPECTED: (usize, usize) = (256 << 10, 512);

/// Rendered lines, and where each of them ends.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Rendered {
    /// Adds the line that `render` appends.
    pub(crate) fn add(&mut self, render: impl FnOnce(&mut Vec<u8>)) {
        if self.ends.is_empty() {
            // As for entries, growing would be slow.
            let (bytes, lines) = EXPECTED;
            self.text.reserve(bytes);
            self.ends.reserve(lines);
        }
        render(&mut self.text);
        self.ends.push(self.text.len());
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
}

/// Prints lines, only the first ones if there is a limit.
pub(crate) struct Printer {
    out: BufWriter<Box<dyn Write + Send>>,
    form: Form,
    limit: u64,
    /// Numbers of lines received and printed.
    seen: u64,
    printed: u64,
}

impl Printer {
    /// Starts with the head of a table, or the names of columns.
    pub(crate) fn begin(
        form: Form,
        head: &str,
        fields: &[(&str, Shape)],
        limit: Option<u64>,
    ) -> io::Result<Self> {
        let out: Box<dyn Write + Send> = match on_terminal().filter(|_| form == Form::Json) {
            Some(by) => Box::new(Indenting::new(by, terminal::out())),
            None => Box::new(terminal::out()),
        };
        let mut out = BufWriter::new(out);
        match form {
            Form::Text | Form::Sarif | Form::Patch if has_headers() => {
                out.write_all(head.as_bytes())?;
            }
            Form::Json => out.write_all(b"[")?,
            Form::Csv if has_headers() => {
                let mut names = Vec::new();
                CsvRow::begin(&mut names).texts(fields.iter().map(|(name, _)| name)).end();
                out.write_all(&names)?;
            }
            _ => {}
        }
        Ok(Self { out, form, limit: limit.unwrap_or(u64::MAX), seen: 0, printed: 0 })
    }

    /// Prints lines that were rendered in the same form; stops when enough were printed.
    pub(crate) fn lines(&mut self, rendered: &Rendered) -> io::Result<ControlFlow<()>> {
        let count = rendered.ends.len();
        let left = self.limit.saturating_sub(self.printed);
        let taken = count.min(usize::try_from(left).unwrap_or(usize::MAX));
        let end = taken.checked_sub(1).and_then(|last| rendered.ends.get(last));
        let text = end.and_then(|end| rendered.text.get(..*end)).unwrap_or_default();
        let is_first_of_list = self.form == Form::Json && self.printed == 0;
        let text = match is_first_of_list {
            true => text.strip_prefix(COMMA).unwrap_or(text),
            false => text,
        };
        self.out.write_all(text)?;
        self.seen = self.seen.saturating_add(count as u64);
        self.printed = self.printed.saturating_add(taken as u64);
        Ok(if self.is_full() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// Whether enough lines were printed.
    pub(crate) const fn is_full(&self) -> bool {
        self.printed >= self.limit
    }

    /// Whether no line was received so far.
    pub(crate) const fn is_empty(&self) -> bool {
        self.seen == 0
    }

    /// Reports that only the first lines were read, if more may follow.
    pub(crate) fn say_stopped(&self) {
        if self.is_full() {
            let printed = counted(self.printed, "line", "lines");
            note!("snapscope: note: reading stopped after {printed}; --limit 0 shows all");
        }
    }

    /// Reports on a terminal how many of the lines were printed.
    pub(crate) fn say_left_out(&self) {
        if self.printed < self.seen && terminal::is_watched() {
            note!("snapscope: note: {} of {} lines shown", self.printed, self.seen);
        }
    }

    /// Flushes what was printed.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Ends the list, and marks it if it is incomplete.
    pub(crate) fn end(&mut self, incomplete: Option<&Incomplete>) -> io::Result<()> {
        if self.form == Form::Json {
            if let Some(why) = incomplete {
                self.out.write_all(if self.printed == 0 { b"\n" } else { b",\n" })?;
                self.out.write_all(&why.item(Names::Ours))?;
            }
            let is_empty = self.printed == 0 && incomplete.is_none();
            self.out.write_all(if is_empty { b"]\n" } else { b"\n]\n" })?;
        } else if let Some(why) = incomplete {
            self.out.write_all(&last_line(why, self.form, Names::Ours))?;
        }
        self.out.flush()?;
        let is_table = !matches!(self.form, Form::Json | Form::Jsonl | Form::Csv);
        if is_table && self.printed > 0 && !has_accessors() {
            note!("snapscope: note: columns not shown: accessor; -o json shows all");
        }
        Ok(())
    }
}

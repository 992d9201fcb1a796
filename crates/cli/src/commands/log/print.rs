//! Lines as text, and their way to standard output.

use super::line::Line;
use crate::answer::{Indenting, on_terminal};
use crate::display::has_headers;
use crate::form::Form;
use crate::render::escape::one_line;
use crate::render::wrap::{lines, width, without_end, without_middle};
use crate::terminal::{self, note};
use crate::times::{exact, rfc3339};
use snapscope_objects::csv::CsvRow;
use snapscope_objects::json::JsonText;
use snapscope_objects::printable::counted;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

/// Columns of CSV.
pub(super) const COLUMNS: &[&str] = &[
    "index",
    "term",
    "time",
    "type",
    "op",
    "object",
    "accessor",
    "who",
    "auth_method",
    "effect",
    "changes",
    "reason",
    "bytes",
];

/// Widths of the columns that have one.
pub(crate) const INDEX: usize = 10;
pub(crate) const TIME: usize = 30;
pub(crate) const WHO: usize = 24;
/// Width of a time to the second, as terminals show it.
pub(crate) const SECONDS: usize = 20;
/// Blanks between columns.
pub(crate) const GAP: usize = 2;
/// Names up to this width are whole.
const LONG_NAME: usize = 40;

/// Width of a token on a terminal of some columns.
pub(crate) const fn who_on_screen(room: usize) -> usize {
    /// Below this, what was written needs the room.
    const WIDE: usize = 120;
    if room < WIDE { 14 } else { WHO }
}

/// Between the items of a JSON list, and before the first one.
pub(crate) const COMMA: &[u8] = b",";

/// Appends a line in some form. In a JSON list, a comma comes first.
pub(crate) fn render(line: &Line<'_>, form: Form, out: &mut Vec<u8>) {
    match form {
        Form::Text | Form::Sarif | Form::Patch => table(line, out),
        Form::Json | Form::Jsonl => json(form, out, |text| line.render(text)),
        Form::Csv => csv(line, out),
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
    /// What was written, on one line.
    pub(crate) fn what(&self) -> String {
        match (self.op.as_slice(), self.object.as_slice()) {
            (b"", _) => self.kind.clone().into_owned(),
            (op, b"") => one_line(op),
            (op, object) => format!("{} {}", one_line(op), one_line(object)),
        }
    }

    /// Its time as a table shows it: to the second on a terminal.
    pub(crate) fn shown_time(&self) -> String {
        let shown = if terminal::width().is_some() { rfc3339 } else { exact };
        self.time.map_or_else(|| NONE.to_owned(), shown)
    }

    /// Who wrote it, on one line.
    pub(crate) fn shown_who(&self) -> String {
        if self.who.is_empty() { NONE.to_owned() } else { one_line(self.who) }
    }

    /// The same on a terminal of some columns: a description loses its end, an accessor is whole.
    pub(crate) fn who_on_screen(&self, room: usize) -> String {
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

/// In place of what is not known.
pub(crate) const NONE: &str = "-";

fn table(line: &Line<'_>, out: &mut Vec<u8>) {
    let what = line.what();
    let effect = match (line.effect, &*line.reason) {
        (Some("none"), _) => "  (no effect)".to_owned(),
        (Some("refused"), why) => format!("  (refused: {why})"),
        (Some("unknown"), why) => format!("  (effect unknown: {why})"),
        (Some("unvouched"), why) => format!("  (unvouched: {why})"),
        (Some("part"), _) => "  (part of a larger command)".to_owned(),
        _ => String::new(),
    };
    let (index, time) = (line.index, line.shown_time());
    let text = if let Some(room) = terminal::width() {
        let before = format!("{index:>INDEX$}  {time:SECONDS$}  {}", line.who_on_screen(room));
        on_screen(room, &before, &what, effect.trim_start())
    } else {
        format!("{index:>INDEX$}  {time:TIME$}  {:WHO$}  {what}{effect}\n", line.shown_who())
    };
    out.extend_from_slice(text.as_bytes());
}

/// A line as a terminal of some columns shows it. What was written and what is to be said of it come beside
/// the first columns, or go below if there is no room. Only a name that is wider than a line loses its middle.
pub(crate) fn on_screen(room: usize, before: &str, what: &str, remarks: &str) -> String {
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

/// The head of the table.
pub(super) fn head() -> String {
    let screen = terminal::width();
    let (time, who) = screen.map_or((TIME, WHO), |room| (SECONDS, who_on_screen(room)));
    format!("{:>INDEX$}  {:time$}  {:who$}  What\n", "Index", "Time", "Who")
}

/// Lines that were rendered, and where each of them ends.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Rendered {
    /// Adds the line that `render` appends.
    pub(crate) fn add(&mut self, render: impl FnOnce(&mut Vec<u8>)) {
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
    /// Lines that came, and that were printed.
    seen: u64,
    printed: u64,
}

impl Printer {
    /// Begins with the head of a table, or the names of columns.
    pub(crate) fn begin(
        form: Form,
        head: &str,
        columns: &[&str],
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
                CsvRow::begin(&mut names).texts(columns).end();
                out.write_all(&names)?;
            }
            _ => {}
        }
        Ok(Self { out, form, limit: limit.unwrap_or(u64::MAX), seen: 0, printed: 0 })
    }

    /// Prints lines that were rendered in the same form; breaks if no more are wanted.
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

    /// Whether no more lines are wanted.
    pub(crate) const fn is_full(&self) -> bool {
        self.printed >= self.limit
    }

    /// Whether no line has come so far.
    pub(crate) const fn is_empty(&self) -> bool {
        self.seen == 0
    }

    /// Says that only the first lines were read, if more may follow.
    pub(crate) fn say_stopped(&self) {
        if self.is_full() {
            let printed = counted(self.printed, "line", "lines");
            note!("snapscope: note: reading stopped after {printed}; --limit 0 shows all");
        }
    }

    /// Says how many of the lines that came were printed, to those who see it.
    pub(crate) fn say_left_out(&self) {
        if self.printed < self.seen && terminal::is_watched() {
            note!("snapscope: note: {} of {} lines shown", self.printed, self.seen);
        }
    }

    /// Passes on what was printed so far.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    pub(crate) fn end(&mut self) -> io::Result<()> {
        if self.form == Form::Json {
            self.out.write_all(if self.printed == 0 { b"]\n" } else { b"\n]\n" })?;
        }
        self.out.flush()
    }
}

//! Lines as text, and their way to standard output.

use super::line::Line;
use crate::answer::{Indenting, on_terminal};
use crate::display::has_headers;
use crate::form::Form;
use crate::render::escape::one_line;
use crate::render::wrap::{width, without_end, without_middle};
use crate::terminal;
use crate::times::{exact, rfc3339};
use snapscope_objects::csv::text_cell;
use snapscope_objects::json::JsonText;
use std::io::{self, BufWriter, Write};

/// Columns of CSV.
pub(super) const COLUMNS: &str =
    "index,term,time,type,op,object,accessor,who,auth_method,effect,changes,reason,bytes\n";

/// Widths of the columns that have one.
pub(crate) const INDEX: usize = 10;
pub(crate) const TIME: usize = 30;
pub(crate) const WHO: usize = 24;
/// Width of a time to the second, as terminals show it.
pub(crate) const SECONDS: usize = 20;
/// Blanks between columns.
pub(crate) const GAP: usize = 2;
/// What is left of a long name at least.
const SHORT: usize = 20;

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
    let (index, time, who) = (line.index, line.shown_time(), line.shown_who());
    let text = match terminal::width() {
        Some(room) => on_screen(room, index, &time, &who, &what, effect.trim_start()),
        None => format!("{index:>INDEX$}  {time:TIME$}  {who:WHO$}  {what}{effect}\n"),
    };
    out.extend_from_slice(text.as_bytes());
}

/// A line as a terminal of some columns shows it. What was written is whole: what has no room goes below.
fn on_screen(room: usize, index: u64, time: &str, who: &str, what: &str, effect: &str) -> String {
    let wide = who_on_screen(room);
    let who = without_end(who, wide);
    let fill = " ".repeat(wide.saturating_sub(width(&who)));
    let before = format!("{index:>INDEX$}  {time:SECONDS$}  {who}{fill}");
    let beside = room.saturating_sub(width(&before) + GAP);
    let below = room.saturating_sub(INDEX + GAP);
    let (what_wide, effect_wide) = (width(what), width(effect));
    let whole = if effect_wide == 0 { what_wide } else { what_wide + GAP + effect_wide };
    let both = format!("{what}  {effect}");
    let (first, second) = if whole <= beside {
        (both, String::new())
    } else if what_wide <= beside {
        (what.to_owned(), effect.to_owned())
    } else if whole <= below {
        (String::new(), both)
    } else {
        let what = without_middle(what, below.saturating_sub(GAP + effect_wide).max(SHORT));
        (String::new(), format!("{what}  {effect}"))
    };
    let mut text = format!("{before}  {first}").trim_end().to_owned();
    text.push('\n');
    if !second.is_empty() {
        let second = without_end(second.trim_end(), below).into_owned();
        text.push_str(&format!("{:INDEX$}  {second}\n", ""));
    }
    text
}

fn csv(line: &Line<'_>, out: &mut Vec<u8>) {
    let number = |number: u64| number.to_string();
    let cells = [number(line.index), number(line.term), line.time.map(exact).unwrap_or_default()];
    out.extend_from_slice(cells.join(",").as_bytes());
    let effect = line.effect.unwrap_or_default().as_bytes();
    for text in line.written().into_iter().chain([effect]) {
        out.push(b',');
        text_cell(text, out);
    }
    out.push(b',');
    out.extend(line.changes.map(number).unwrap_or_default().bytes());
    out.push(b',');
    text_cell(line.reason.as_bytes(), out);
    out.push(b',');
    out.extend(number(line.bytes).bytes());
    out.push(b'\n');
}

/// The head of the table.
pub(super) fn head() -> String {
    let screen = terminal::width();
    let (time, who) = screen.map_or((TIME, WHO), |room| (SECONDS, who_on_screen(room)));
    format!("{:>INDEX$}  {:time$}  {:who$}  What\n", "Index", "Time", "Who")
}

pub(crate) struct Printer {
    out: BufWriter<Box<dyn Write + Send>>,
    form: Form,
    is_first: bool,
}

impl Printer {
    /// Begins with the head of a table, or the names of columns.
    pub(crate) fn begin(form: Form, head: &str, columns: &str) -> io::Result<Self> {
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
            Form::Csv if has_headers() => out.write_all(columns.as_bytes())?,
            _ => {}
        }
        Ok(Self { out, form, is_first: true })
    }

    /// Prints lines that were rendered in the same form.
    pub(crate) fn lines(&mut self, rendered: &[u8]) -> io::Result<()> {
        if rendered.is_empty() {
            return Ok(());
        }
        let is_list = self.form == Form::Json;
        let rest = if is_list && self.is_first {
            rendered.strip_prefix(COMMA).unwrap_or(rendered)
        } else {
            rendered
        };
        self.is_first = false;
        self.out.write_all(rest)
    }

    /// Passes on what was printed so far.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    pub(crate) fn end(mut self) -> io::Result<()> {
        if self.form == Form::Json {
            self.out.write_all(if self.is_first { b"]\n" } else { b"\n]\n" })?;
        }
        self.out.flush()
    }
}

//! Lines, printed as they come.

use super::line::{Line, shown_time};
use crate::answer::{Indenting, on_terminal};
use crate::display::has_headers;
use crate::form::Form;
use crate::render::escape::one_line;
use crate::render::wrap::{width, without_end, without_middle};
use crate::terminal;
use crate::times::rfc3339;
use snapscope_objects::csv::text_cell;
use snapscope_objects::json::JsonText;
use std::io::{self, BufWriter, Write};

/// Columns of CSV.
const COLUMNS: &str =
    "index,term,time,type,op,object,accessor,who,auth_method,effect,changes,reason,bytes\n";

/// Widths of the columns that have one.
const INDEX: usize = 10;
const TIME: usize = 30;
const WHO: usize = 24;
/// Width of a time to the second, as terminals show it.
const SECONDS: usize = 20;

pub(crate) struct Printer {
    out: BufWriter<Box<dyn Write>>,
    form: Form,
    is_first: bool,
}

impl Printer {
    pub(crate) fn begin(form: Form) -> io::Result<Self> {
        let out: Box<dyn Write> = match on_terminal().filter(|_| form == Form::Json) {
            Some(by) => Box::new(Indenting::new(by, terminal::out())),
            None => Box::new(terminal::out()),
        };
        let mut out = BufWriter::new(out);
        match form {
            Form::Text | Form::Sarif | Form::Patch => {
                let time = if terminal::is_terminal() { SECONDS } else { TIME };
                if has_headers() {
                    writeln!(out, "{:>INDEX$}  {:time$}  {:WHO$}  WHAT", "INDEX", "TIME", "WHO")?;
                }
            }
            Form::Json => out.write_all(b"[")?,
            Form::Jsonl => {}
            Form::Csv if has_headers() => out.write_all(COLUMNS.as_bytes())?,
            Form::Csv => {}
        }
        Ok(Self { out, form, is_first: true })
    }

    pub(crate) fn line(&mut self, line: &Line) -> io::Result<()> {
        match self.form {
            Form::Text | Form::Sarif | Form::Patch => self.table(line)?,
            Form::Json => {
                self.out.write_all(if self.is_first { b"\n" } else { b",\n" })?;
                self.out.write_all(&json(line))?;
            }
            Form::Jsonl => {
                self.out.write_all(&json(line))?;
                self.out.write_all(b"\n")?;
            }
            Form::Csv => self.csv(line)?,
        }
        self.is_first = false;
        Ok(())
    }

    fn table(&mut self, line: &Line) -> io::Result<()> {
        let dash = || "-".to_owned();
        let shown = |text: &[u8]| if text.is_empty() { dash() } else { one_line(text) };
        let screen = terminal::width();
        let time = match screen {
            Some(_) => line.time.map_or_else(dash, rfc3339),
            None => line.time.map_or_else(dash, shown_time),
        };
        let what = match (line.op.as_slice(), line.object.as_slice()) {
            (b"", _) => line.kind.clone().into_owned(),
            (op, b"") => one_line(op),
            (op, object) => format!("{} {}", one_line(op), one_line(object)),
        };
        let effect = match (line.effect, &*line.reason) {
            (Some("none"), _) => "  (no effect)".to_owned(),
            (Some("refused"), why) => format!("  (refused: {why})"),
            (Some("unknown"), why) => format!("  (effect unknown: {why})"),
            (Some("part"), _) => "  (part of a larger command)".to_owned(),
            _ => String::new(),
        };
        let (index, who) = (line.index, shown(&line.who));
        let Some(room) = screen else {
            return writeln!(self.out, "{index:>INDEX$}  {time:TIME$}  {who:WHO$}  {what}{effect}");
        };
        let who = without_end(&who, WHO);
        let fill = " ".repeat(WHO.saturating_sub(width(&who)));
        let before = format!("{index:>INDEX$}  {time:SECONDS$}  {who}{fill}  ");
        let room = room.saturating_sub(width(&before));
        let what = without_middle(&what, room.saturating_sub(effect.len()).max(20)).into_owned();
        writeln!(self.out, "{before}{}", without_end(&format!("{what}{effect}"), room))
    }

    fn csv(&mut self, line: &Line) -> io::Result<()> {
        let number = |number: u64| number.to_string();
        let cells =
            [number(line.index), number(line.term), line.time.map(shown_time).unwrap_or_default()];
        let mut row = Vec::new();
        row.extend_from_slice(cells.join(",").as_bytes());
        let effect = line.effect.unwrap_or_default();
        for text in [
            line.kind.as_bytes(),
            &line.op,
            &line.object,
            &line.accessor,
            &line.who,
            &line.auth_method,
            effect.as_bytes(),
        ] {
            row.push(b',');
            text_cell(text, &mut row);
        }
        row.push(b',');
        row.extend(line.changes.map(number).unwrap_or_default().bytes());
        row.push(b',');
        text_cell(line.reason.as_bytes(), &mut row);
        row.push(b',');
        row.extend(number(line.bytes).bytes());
        row.push(b'\n');
        self.out.write_all(&row)
    }

    pub(crate) fn end(mut self) -> io::Result<()> {
        if self.form == Form::Json {
            self.out.write_all(if self.is_first { b"]\n" } else { b"\n]\n" })?;
        }
        self.out.flush()
    }
}

fn json(line: &Line) -> Vec<u8> {
    let mut text = JsonText::new();
    line.render(&mut text);
    text.into_bytes()
}

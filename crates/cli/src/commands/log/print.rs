//! Lines, printed as they come.

use super::line::{Line, shown_time};
use crate::form::Form;
use crate::render::escape::one_line;
use crate::terminal::{self, Out};
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

pub(crate) struct Printer {
    out: BufWriter<Out>,
    form: Form,
    is_first: bool,
}

impl Printer {
    pub(crate) fn begin(form: Form) -> io::Result<Self> {
        let mut out = BufWriter::new(terminal::out());
        match form {
            Form::Text | Form::Sarif | Form::Patch => {
                writeln!(out, "{:>INDEX$}  {:TIME$}  {:WHO$}  WHAT", "INDEX", "TIME", "WHO")?;
            }
            Form::Json => out.write_all(b"[")?,
            Form::Jsonl => {}
            Form::Csv => out.write_all(COLUMNS.as_bytes())?,
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
        let time = line.time.map_or_else(dash, shown_time);
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
        writeln!(self.out, "{index:>INDEX$}  {time:TIME$}  {who:WHO$}  {what}{effect}")
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

//! Prints an answer in the requested form, and marks it if it is incomplete.

use crate::form::Form;
use crate::render::incomplete::{Incomplete, Names, last_line};
use crate::render::long_table::{LongTable, TakeRow};
use crate::render::table::Cell;
use crate::render::wrap::wrapped;
use crate::terminal;
use snapscope_objects::json::{Indenter, JsonText, Sink as _};
use std::io::{self, BufWriter, Write};

/// The result of a command, in each form that it offers. Long answers are written as they are
/// produced: [`JsonText::write_to`] writes what is complete so far.
pub(crate) trait Answer {
    /// The indentation of JSON that is laid out as Consul does it.
    const INDENT: Option<&'static str> = None;
    /// Whether JSON is a list instead of an object.
    const IS_LIST: bool = false;
    /// Whether member names in its JSON are Consul's.
    const NAMES: Names = Names::Ours;

    /// For people.
    fn text(&self, out: &mut dyn Write) -> io::Result<()>;

    /// The members of the JSON object, or the items of the list.
    fn json(&self, json: &mut JsonText, out: &mut dyn Write) -> io::Result<()>;

    /// A JSON value on each line.
    fn lines(&self, _: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        Err(io::Error::other("this answer has no JSON lines"))
    }

    /// Comma-separated values with a head.
    fn csv(&self, _: &mut dyn Write) -> io::Result<()> {
        Err(io::Error::other("this answer has no CSV form"))
    }

    /// How text marks an incomplete answer.
    fn incomplete_text(&self, why: &Incomplete, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", why.line())
    }

    /// How JSON marks an incomplete answer.
    fn incomplete(&self, why: &Incomplete, json: &mut JsonText) {
        why.members(Self::NAMES, json);
    }
}

/// Prints an answer. `incomplete` says why it is incomplete, if it is.
pub(crate) fn print<A: Answer>(
    answer: &A,
    form: Form,
    incomplete: Option<&Incomplete>,
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, terminal::out());
    match form {
        Form::Text | Form::Patch => {
            answer.text(&mut out)?;
            if let Some(why) = incomplete {
                answer.incomplete_text(why, &mut out)?;
            }
        }
        Form::Json | Form::Sarif => match A::INDENT.or_else(on_terminal) {
            None => json(answer, incomplete, &mut out)?,
            Some(by) => {
                let mut laid_out = Indenting::new(by, &mut out);
                json(answer, incomplete, &mut laid_out)?;
                laid_out.flush()?;
            }
        },
        Form::Jsonl => {
            let mut json = JsonText::new();
            answer.lines(&mut json, &mut out)?;
            json.write_to(&mut out)?;
            if let Some(why) = incomplete {
                out.write_all(&last_line(why, form, A::NAMES))?;
            }
        }
        Form::Csv => {
            answer.csv(&mut out)?;
            if let Some(why) = incomplete {
                out.write_all(&last_line(why, form, A::NAMES))?;
            }
        }
        // Only for rows of `sql`, which writes it itself.
        #[cfg(feature = "columnar")]
        Form::Parquet => {}
    }
    out.flush()
}

fn json<A: Answer>(
    answer: &A,
    incomplete: Option<&Incomplete>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut json = JsonText::new();
    if A::IS_LIST {
        json.begin_list();
    } else {
        json.begin_object();
    }
    answer.json(&mut json, out)?;
    if let Some(why) = incomplete {
        answer.incomplete(why, &mut json);
    }
    if A::IS_LIST {
        json.end_list();
    } else {
        json.end_object();
    }
    json.end_line();
    json.write_to(out)
}

/// The indentation of JSON on a terminal. JSON in a pipe is not indented.
pub(crate) fn on_terminal() -> Option<&'static str> {
    terminal::is_terminal().then_some("  ")
}

/// Indents the JSON that is written to it.
pub(crate) struct Indenting<W> {
    indenter: Indenter<'static>,
    plain: Option<Unescaped>,
    /// The line end after compact JSON, which is only written at the end.
    line_end: bool,
    laid_out: Vec<u8>,
    out: W,
}

impl<W: Write> Indenting<W> {
    pub(crate) fn new(by: &'static str, out: W) -> Self {
        let plain = terminal::is_terminal().then(Unescaped::default);
        Self { indenter: Indenter::new(by), plain, line_end: false, laid_out: Vec::new(), out }
    }
}

/// Prints `<`, `>` and `&` as they are; JSON for machines escapes them.
#[derive(Debug, Default)]
struct Unescaped {
    /// The start of an escape sequence that continues in the next piece.
    begun: Vec<u8>,
}

impl Unescaped {
    fn pass(&mut self, json: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(json.len());
        for &byte in json {
            if self.begun.is_empty() && byte != b'\\' {
                out.push(byte);
                continue;
            }
            self.begun.push(byte);
            match self.begun.as_slice() {
                b"\\u003c" => out.push(b'<'),
                b"\\u003e" => out.push(b'>'),
                b"\\u0026" => out.push(b'&'),
                begun if b"\\u003c".starts_with(begun) || b"\\u0026".starts_with(begun) => continue,
                other => out.extend_from_slice(other),
            }
            self.begun.clear();
        }
        out
    }
}

impl<W: Write> Write for Indenting<W> {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        self.laid_out.clear();
        for line in json.split_inclusive(|byte| *byte == b'\n') {
            let content = line.strip_suffix(b"\n").unwrap_or(line);
            self.indenter.push(content, &mut self.laid_out);
            self.line_end = content.len() < line.len();
        }
        match &mut self.plain {
            Some(plain) => self.out.write_all(&plain.pass(&self.laid_out))?,
            None => self.out.write_all(&self.laid_out)?,
        }
        Ok(json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.line_end) {
            self.out.write_all(b"\n")?;
        }
        self.out.flush()
    }
}

/// An answer that is a table in all forms.
pub(crate) struct TableAnswer<'a> {
    pub(crate) table: LongTable<'a>,
    /// The JSON member that contains the rows.
    pub(crate) name: &'static str,
    /// Lines for people below the table.
    pub(crate) notes: Vec<String>,
    /// Further members of the JSON object.
    pub(crate) more: &'a dyn Fn(&mut JsonText),
}

impl Answer for TableAnswer<'_> {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        self.table.table(out)?;
        self.notes.iter().try_for_each(|note| write_wrapped(note, out))
    }

    fn json(&self, json: &mut JsonText, out: &mut dyn Write) -> io::Result<()> {
        json.key(self.name.as_bytes());
        json.begin_list();
        self.table.json_rows(json, out)?;
        json.end_list();
        (self.more)(json);
        Ok(())
    }

    fn lines(&self, json: &mut JsonText, out: &mut dyn Write) -> io::Result<()> {
        self.table.lines(json, out)
    }

    fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        self.table.csv(out)
    }
}

/// Writes a line. On a terminal it is wrapped at words.
pub(crate) fn write_wrapped(line: &str, out: &mut dyn Write) -> io::Result<()> {
    match terminal::width() {
        Some(width) => writeln!(out, "{}", wrapped(line, width, 2)),
        None => writeln!(out, "{line}"),
    }
}

/// Rows in memory, as [`LongTable`] reads them.
pub(crate) fn at_hand(rows: &[Vec<Cell>]) -> impl Fn(&mut TakeRow<'_>) -> io::Result<()> {
    |take| rows.iter().try_for_each(|row| take(row.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_sequences_are_unescaped() {
        let json = br#"{"a\\u003c":"\u003cmasked 3 bytes\u003e \u0026 \u009b \n \\\u003c \u003d"}"#;
        let expected = br#"{"a\\u003c":"<masked 3 bytes> & \u009b \n \\< \u003d"}"#;
        for cut in 0..json.len() {
            let mut plain = Unescaped::default();
            let shown = [plain.pass(&json[..cut]), plain.pass(&json[cut..])].concat();
            assert_eq!(String::from_utf8(shown), String::from_utf8(expected.to_vec()));
        }
    }
}

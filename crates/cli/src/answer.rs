//! The frame of an answer: what was found out is printed in the form that was asked for, and says at its
//! end if it is not whole.

use crate::form::Form;
use crate::render::incomplete::Incomplete;
use crate::render::long_table::{LongTable, TakeRow};
use crate::render::table::Cell;
use crate::terminal;
use snapscope_objects::json::{Indenter, JsonText, Sink as _};
use std::io::{self, BufWriter, Write};

/// What a command found out, in each of the forms that it offers. What is long is written as it comes:
/// [`JsonText::write_to`] puts out what there is so far.
pub(crate) trait Answer {
    /// What JSON is indented by, where it is laid out as Consul does.
    const INDENT: Option<&'static str> = None;
    /// Whether JSON is a list instead of an object.
    const IS_LIST: bool = false;

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

    /// How text says that the answer is not whole.
    fn incomplete_text(&self, why: &Incomplete, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", why.line())
    }

    /// How JSON does.
    fn incomplete(&self, why: &Incomplete, json: &mut JsonText) {
        why.members(json);
    }
}

/// Prints an answer; `incomplete` says why it is not whole, if it isn't.
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
        Form::Json | Form::Sarif => match A::INDENT {
            None => json(answer, incomplete, &mut out)?,
            Some(by) => json(answer, incomplete, &mut Indenting::new(by, &mut out))?,
        },
        Form::Jsonl => {
            let mut json = JsonText::new();
            answer.lines(&mut json, &mut out)?;
            json.write_to(&mut out)?;
            if let Some(why) = incomplete {
                out.write_all(&why.json_line())?;
            }
        }
        Form::Csv => {
            answer.csv(&mut out)?;
            if let Some(why) = incomplete {
                out.write_all(&why.csv_line())?;
            }
        }
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

/// Lays out the JSON that is written to it.
struct Indenting<'o> {
    indenter: Indenter<'static>,
    laid_out: Vec<u8>,
    out: &'o mut dyn Write,
}

impl<'o> Indenting<'o> {
    fn new(by: &'static str, out: &'o mut dyn Write) -> Self {
        Self { indenter: Indenter::new(by), laid_out: Vec::new(), out }
    }
}

impl Write for Indenting<'_> {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        self.laid_out.clear();
        self.indenter.push(json, &mut self.laid_out);
        self.out.write_all(&self.laid_out)?;
        Ok(json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// An answer that is a table in every form.
pub(crate) struct TableAnswer<'a> {
    pub(crate) table: LongTable<'a>,
    /// The member that has the rows in JSON.
    pub(crate) name: &'static str,
    /// Lines for people below the table.
    pub(crate) notes: Vec<String>,
    /// Members of the JSON object beside the rows.
    pub(crate) more: &'a dyn Fn(&mut JsonText),
}

impl Answer for TableAnswer<'_> {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        self.table.table(out)?;
        self.notes.iter().try_for_each(|note| writeln!(out, "{note}"))
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

/// Rows that are at hand, as [`LongTable`] asks for them.
pub(crate) fn at_hand(rows: &[Vec<Cell>]) -> impl Fn(&mut TakeRow<'_>) -> io::Result<()> {
    |take| rows.iter().try_for_each(|row| take(row.clone()))
}

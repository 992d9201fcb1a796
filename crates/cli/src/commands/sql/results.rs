//! Prints the rows of queries, and reports problems of their snapshots.

use super::args::SqlArgs;
use super::dot;
use crate::exit::Exit;
use crate::form::Form;
use crate::render::escape::one_line;
use crate::render::incomplete::{Incomplete, Names, incomplete_of};
use crate::render::long_table::{Equal, Fitting};
use crate::render::row_writer::{Kept, Writer};
use crate::render::table::Heads;
use crate::terminal::note;
use anyhow::{Result, anyhow};
#[cfg(feature = "columnar")]
use snapscope_export::AnswerFile;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::CellValue;
use snapscope_runs::Room;
use snapscope_tables::Value;
use snapscope_tables::sql::{Database, Receiver, SqlError};
use std::io;
use std::ops::ControlFlow;

/// Nothing may be left out on a terminal: the query chooses the columns, and their names.
const FITTING: Fitting =
    Fitting { equal: Equal::Kept, message: None, heads: Heads::Names, all: "-o json shows all" };

/// Answers queries on standard output.
pub(super) struct Results<'d> {
    pub(super) database: &'d Database,
    args: &'d SqlArgs,
    room: Room,
    exit: Exit,
    /// Whether a snapshot's damage was already reported.
    reported: Vec<bool>,
}

impl<'d> Results<'d> {
    pub(super) fn new(database: &'d Database, args: &'d SqlArgs) -> Self {
        let reported = vec![false; database.snapshots().len()];
        Self { database, args, room: Room::default(), exit: Exit::Done, reported }
    }

    /// The exit code so far.
    pub(super) const fn exit(&self) -> Exit {
        self.exit
    }

    /// Runs a text: statements, or lines that are commands.
    pub(super) fn answer(&mut self, text: &str) -> Result<()> {
        let mut sql = String::new();
        for line in text.lines() {
            if sql.trim().is_empty() && line.trim_start().starts_with('.') {
                sql.clear();
                if !dot::run(line.trim(), self.database)? {
                    return Ok(());
                }
                continue;
            }
            sql.push_str(line);
            sql.push('\n');
        }
        if sql.trim().is_empty() { Ok(()) } else { self.run(&sql) }
    }

    /// Runs statements.
    fn run(&mut self, sql: &str) -> Result<()> {
        let output = self.args.output;
        #[cfg(feature = "columnar")]
        if output == Form::Parquet {
            return self.write_file(sql);
        }
        let mut printer = Printer { database: self.database, output, room: &self.room, open: None };
        let ran = self.database.run(sql, &mut printer);
        // Earlier output appears before the error.
        let ended = match (&ran, printer.open.take()) {
            (Err(SqlError::Query(_)), Some((writer, _))) if writer.rows > 0 => {
                writer.end(None, Names::Ours)
            }
            _ => Ok(()),
        };
        self.report();
        match ran {
            Ok(()) => Ok(ended?),
            Err(SqlError::Receiver(error)) => Err(error.into()),
            Err(error) => Err(anyhow!("{error}")),
        }
    }

    /// Writes the rows of one statement to a file.
    #[cfg(feature = "columnar")]
    fn write_file(&mut self, sql: &str) -> Result<()> {
        let mut rows = FileOfRows::default();
        let ran = self.database.run(sql, &mut rows);
        self.report();
        match ran {
            Ok(()) => {}
            Err(SqlError::Receiver(error)) => return Err(error.into()),
            Err(error) => return Err(anyhow!("{error}")),
        }
        let Some(answer) = rows.0 else { return Ok(()) };
        let why = incomplete(self.database).map(|why| why.line().to_owned());
        Ok(super::parquet::write(answer, self.args.out.as_deref(), self.args.force, why)?)
    }

    /// Reports the problems of snapshots, once for each.
    fn report(&mut self) {
        for (snapshot, reported) in self.database.snapshots().iter().zip(&mut self.reported) {
            if *reported {
                continue;
            }
            let Some((closing, problems)) = snapshot.outcome() else {
                if snapshot.is_unverified() {
                    note!(
                        "snapscope: {}: note: reading stopped early, so checksums were not verified",
                        one_line(snapshot.name().as_bytes())
                    );
                }
                continue;
            };
            let exit = self.args.read.report_of(&snapshot.name(), &closing, &problems);
            *reported = true;
            self.exit = self.exit.max(exit);
        }
    }
}

/// Prints the rows of the statements in order.
struct Printer<'p> {
    database: &'p Database,
    output: Form,
    room: &'p Room,
    open: Option<(Writer, Vec<String>)>,
}

impl Receiver for Printer<'_> {
    fn begin(&mut self, columns: &[String]) -> io::Result<()> {
        let writer = Writer::new(columns.to_vec(), self.output, FITTING, self.room);
        self.open = Some((writer, columns.to_vec()));
        Ok(())
    }

    fn row(&mut self, values: &[Value<'_>]) -> io::Result<ControlFlow<()>> {
        if let Some((writer, columns)) = &mut self.open {
            writer.row(match self.output {
                Form::Json | Form::Jsonl => {
                    Kept { sort: None, cells: Vec::new(), json: object(columns, values) }
                }
                _ => Kept {
                    sort: None,
                    cells: values.iter().map(|value| cell(*value)).collect(),
                    json: Vec::new(),
                },
            })?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn end(&mut self) -> io::Result<()> {
        match self.open.take() {
            Some((writer, _)) => writer.end(incomplete(self.database).as_ref(), Names::Ours),
            None => Ok(()),
        }
    }
}

/// Receives the rows of one statement.
#[cfg(feature = "columnar")]
#[derive(Default)]
struct FileOfRows(Option<AnswerFile>);

#[cfg(feature = "columnar")]
impl Receiver for FileOfRows {
    fn begin(&mut self, columns: &[String]) -> io::Result<()> {
        if self.0.is_some() {
            let why = "-o parquet takes one statement; a file has the rows of one";
            return Err(io::Error::other(why));
        }
        self.0 = Some(AnswerFile::new(columns)?);
        Ok(())
    }

    fn row(&mut self, values: &[Value<'_>]) -> io::Result<ControlFlow<()>> {
        if let Some(answer) = &mut self.0 {
            answer.row(values)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Why rows may be missing, if that is possible.
fn incomplete(database: &Database) -> Option<Incomplete> {
    let snapshots = database.snapshots();
    if let [only] = snapshots {
        let (closing, problems) = only.outcome()?;
        return incomplete_of(&only.name(), &closing, &problems);
    }
    let damaged = snapshots.iter().filter(|snapshot| {
        snapshot.outcome().is_some_and(|(closing, problems)| {
            incomplete_of(&snapshot.name(), &closing, &problems).is_some()
        })
    });
    let names: Vec<String> = damaged.map(|snapshot| snapshot.name()).collect();
    (!names.is_empty()).then(|| {
        let (count, all) = (names.len(), snapshots.len());
        let names = one_line(names.join(", ").as_bytes());
        Incomplete::because(&format!("{count} of {all} snapshots are damaged: {names}"))
    })
}

fn object(columns: &[String], values: &[Value<'_>]) -> Vec<u8> {
    let mut json = JsonText::new();
    json.begin_object();
    for (column, value) in columns.iter().zip(values) {
        json.key(column.as_bytes());
        match *value {
            Value::Null => json.null(),
            Value::Int(n) => json.int(n),
            Value::Real(x) if x.is_finite() => json.float(x),
            Value::Real(x) => json.text(x.to_string().as_bytes()),
            Value::Text(text) => json.text(text),
            Value::Blob(bytes) => json.bytes(bytes),
        }
    }
    json.end_object();
    json.into_bytes()
}

fn cell(value: Value<'_>) -> CellValue<'static> {
    match value {
        Value::Null => CellValue::Nothing,
        Value::Int(n) => u64::try_from(n).map_or(CellValue::Int(n), CellValue::Uint),
        Value::Real(x) => CellValue::Float(x),
        Value::Text(text) | Value::Blob(text) => CellValue::Text(text.to_vec().into()),
    }
}

//! A line of a timeline.

use crate::commands::log::line::{Line, LineFields};
use crate::commands::log::print::{NONE, head as log_head, json, table_line};
use crate::form::Form;
use crate::render::escape::one_line;
use crate::times::exact;
use snapscope_objects::csv::CsvRow;
use snapscope_objects::filter::Shape;
use snapscope_objects::json::Sink;

/// Whether an entry is known to be committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// A snapshot or most servers prove that it is committed.
    Committed,
    /// Nothing proves it.
    NotProven,
    /// Another entry was committed in its place.
    Replaced,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::NotProven => "not-proven",
            Self::Replaced => "replaced",
        }
    }
}

/// A write, a snapshot, or a gap.
pub(super) struct Event<'e> {
    pub(super) line: &'e Line<'e>,
    /// The last index of a gap.
    pub(super) to: Option<u64>,
    pub(super) status: Option<Status>,
    /// The numbers, from 1, and the names of the inputs that contain it.
    pub(super) inputs: &'e [(usize, &'e str)],
    /// Whether another input has a different entry at its index.
    pub(super) differs: bool,
}

/// The head of the table.
pub(super) fn head() -> String {
    log_head(&format!("  {:<IN$}", "In"))
}

/// Width of the column with the numbers of the inputs.
const IN: usize = 5;

impl Event<'_> {
    /// The fields, for filters.
    pub(super) fn shape() -> Shape {
        Shape::Fields(Self::fields())
    }

    /// The fields, in order.
    pub(super) fn fields() -> LineFields {
        Line::fields_with(
            &[("index", Shape::Uint), ("to", Shape::Uint)],
            vec![
                ("status", Shape::Text),
                ("inputs", Shape::List(Box::new(Shape::Text))),
                ("differs", Shape::Bool),
            ],
        )
    }

    /// Passes on all fields; unknown values are null.
    pub(super) fn render(&self, sink: &mut impl Sink) {
        sink.begin_object();
        self.line.place(sink);
        sink.key(b"to");
        match self.to {
            Some(to) => sink.uint(to),
            None => sink.null(),
        }
        self.line.write(sink);
        sink.key(b"status");
        match self.status {
            Some(status) => sink.text(status.word().as_bytes()),
            None => sink.null(),
        }
        sink.key(b"inputs");
        sink.begin_list();
        self.inputs.iter().for_each(|(_, name)| sink.text(name.as_bytes()));
        sink.end_list();
        sink.key(b"differs");
        sink.bool(self.differs);
        self.line.rest(sink);
        sink.end_object();
    }

    /// Appends the event in the given form. In a JSON list, a comma precedes it.
    pub(super) fn print(&self, form: Form, out: &mut Vec<u8>) {
        match form {
            Form::Csv => self.csv(out),
            Form::Json | Form::Jsonl => json(form, out, |text| self.render(text)),
            _ => self.table(out),
        }
    }

    /// The object and the remarks.
    fn what(&self) -> (String, String) {
        let Line { op, object, reason, .. } = self.line;
        let mut what = self.line.what();
        // Snapshots have no operation, only a name.
        if op.is_empty() && !object.is_empty() {
            what = format!("{what} {}", one_line(object));
        }
        let mut remarks = Vec::new();
        match self.status {
            Some(Status::NotProven) => remarks.push("not proven to be committed"),
            Some(Status::Replaced) => remarks.push("replaced by a new leader"),
            _ => {}
        }
        if self.differs {
            remarks.push("differs between inputs");
        }
        if !reason.is_empty() {
            remarks.push(reason);
        }
        let remarks = match remarks.is_empty() {
            true => String::new(),
            false => format!("  ({})", remarks.join("; ")),
        };
        (what, remarks)
    }

    fn table(&self, out: &mut Vec<u8>) {
        let numbers: Vec<String> =
            self.inputs.iter().map(|(number, _)| number.to_string()).collect();
        let numbers = if numbers.is_empty() { NONE.to_owned() } else { numbers.join(",") };
        let (what, remarks) = self.what();
        table_line(&format!("{}  {numbers:<IN$}", self.line.columns()), &what, &remarks, out);
    }

    fn csv(&self, out: &mut Vec<u8>) {
        let line = self.line;
        let names: Vec<&str> = self.inputs.iter().map(|(_, name)| *name).collect();
        let mut row = CsvRow::begin(out);
        row.number(line.index).number(self.to).number(line.term);
        row.plain(line.time.map(exact).unwrap_or_default().as_bytes());
        row.texts(line.written())
            .text(self.status.map_or("", Status::word).as_bytes())
            .text(names.join(" ").as_bytes());
        row.plain(if self.differs { b"true" } else { b"false" });
        row.text(line.reason.as_bytes()).number(line.bytes).end();
    }
}

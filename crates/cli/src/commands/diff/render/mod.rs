//! Differences as text and JSON.

mod table;

use super::args::DiffArgs;
use super::both::Ended;
use super::writes::Writes;
use crate::answer::{Indenting, on_terminal};
use crate::authors::WriteOf;
use crate::form::Form;
use crate::render::incomplete::Names;
use crate::render::json::{List, Members as _, Object, ToJson as _};
use crate::terminal;
use snapscope_analyze::compare::Comparer;
use snapscope_analyze::diff::Found;
use snapscope_answers::diff::{Compared, counts_members, difference_members};
use snapscope_objects::json::JsonText;
use std::io::{self, BufWriter, Write};
use table::Shown;

/// Prints differences: JSON as they arrive, tables at the end.
pub(super) struct Renderer<'r> {
    args: &'r DiffArgs,
    comparer: &'r Comparer,
    out: BufWriter<Box<dyn Write>>,
    count: u64,
    shown: Shown,
    /// Who made the changes, if there is a log.
    writes: Option<&'r Writes>,
}

impl<'r> Renderer<'r> {
    pub(super) fn new(
        args: &'r DiffArgs,
        comparer: &'r Comparer,
        writes: Option<&'r Writes>,
    ) -> Self {
        let out: Box<dyn Write> = match on_terminal().filter(|_| args.output == Form::Json) {
            Some(by) => Box::new(Indenting::new(by, terminal::out())),
            None => Box::new(terminal::out()),
        };
        let out = BufWriter::with_capacity(1 << 16, out);
        Self { args, comparer, out, count: 0, shown: Shown::new(args.limit), writes }
    }

    pub(super) fn take(&mut self, found: Found<'_>) -> io::Result<()> {
        if self.args.stat {
            return Ok(());
        }
        let Some(row) = found.after.or(found.before) else { return Ok(()) };
        if self.args.output == Form::Text && !self.shown.has_room(row.kind, found.class.change) {
            return Ok(());
        }
        let Some(difference) = self.comparer.difference(found.before, found.after) else {
            return Ok(());
        };
        let id = row.id();
        let writes = self.writes.map(|writes| writes.of(row));
        match self.args.output {
            Form::Json | Form::Jsonl => {
                let line = self.args.output == Form::Jsonl;
                if !line {
                    self.out.write_all(if self.count == 0 {
                        b"{\"changes\":[\n"
                    } else {
                        b",\n"
                    })?;
                }
                let mut json = JsonText::new();
                let members = |json: &mut JsonText| {
                    difference_members(&difference, &id, json);
                    let of = |write: &WriteOf| {
                        let write = write.clone();
                        Object(move |json: &mut JsonText| write.members(json))
                    };
                    json.member_if("writes", writes.map(|writes| List(writes.iter().map(of))));
                };
                Object(members).write(&mut json);
                self.out.write_all(json.as_bytes())?;
                if line {
                    self.out.write_all(b"\n")?;
                }
            }
            _ => self.shown.add(&difference, writes.unwrap_or_default()),
        }
        self.count += 1;
        Ok(())
    }

    pub(super) fn end(mut self, ended: &Ended) -> io::Result<()> {
        match self.args.output {
            Form::Json => {
                let begin: &[u8] = match (self.args.stat, self.count) {
                    (true, _) => b"{",
                    (false, 0) => b"{\"changes\":[],",
                    (false, _) => b"\n],",
                };
                self.out.write_all(begin)?;
                let mut json = JsonText::new();
                json.line(|json| self.whole(ended, json));
                // The object is already open.
                self.out.write_all(json.as_bytes().get(1..).unwrap_or(&[]))?;
            }
            Form::Jsonl => {
                if self.args.stat {
                    self.stat_lines(ended)?;
                }
                if let Some(why) = &ended.incomplete {
                    let mut json = JsonText::new();
                    json.line(|json| {
                        why.members(Names::Ours, json);
                        not_compared(ended, json);
                    });
                    self.out.write_all(json.as_bytes())?;
                }
            }
            _ => {
                let text = self.shown.table(self.args, ended)?;
                self.out.write_all(&text)?;
            }
        }
        self.out.flush()
    }

    /// The members of the JSON other than the changes.
    fn whole(&self, ended: &Ended, json: &mut JsonText) {
        let whole = Compared {
            report: &ended.report,
            files: &ended.names,
            warnings: &ended.warnings,
            with_touched: self.args.with_touched,
        };
        whole.members(json);
        if let Some(why) = &ended.incomplete {
            why.members(Names::Ours, json);
        }
    }

    fn stat_lines(&mut self, ended: &Ended) -> io::Result<()> {
        let mut json = JsonText::new();
        for (kind, counts) in &ended.report.summary {
            json.line(|json| {
                json.member("type", kind.object_name());
                counts_members(counts, self.args.with_touched, json);
            });
        }
        json.write_to(&mut self.out)
    }
}

fn not_compared(ended: &Ended, json: &mut JsonText) {
    let kinds = |json: &mut JsonText| {
        for (kind, counts) in ended.report.summary.iter().filter(|(_, c)| c.not_compared > 0) {
            json.member(kind.object_name(), counts.not_compared);
        }
    };
    json.member("not_compared", Object(kinds));
}

//! Differences as text and JSON.

mod json;
mod table;

use super::{DiffArgs, Ended, Form};
use crate::render::incomplete::mark_incomplete;
use crate::terminal;
use json::JsonDifference;
use snapscope_analyze::compare::{Change, Comparer};
use snapscope_analyze::diff::Found;
use snapscope_objects::json::{JsonText, Sink as _};
use std::io::{self, BufWriter, Write as _};
use table::Shown;

/// Prints what is found: JSON as it comes, tables at the end.
pub(super) struct Renderer<'r> {
    args: &'r DiffArgs,
    comparer: &'r Comparer,
    out: BufWriter<terminal::Out>,
    count: u64,
    shown: Shown,
}

impl<'r> Renderer<'r> {
    pub(super) fn new(args: &'r DiffArgs, comparer: &'r Comparer) -> Self {
        let out = BufWriter::with_capacity(1 << 16, terminal::out());
        Self { args, comparer, out, count: 0, shown: Shown::new(args.limit) }
    }

    pub(super) fn take(&mut self, found: Found<'_>) -> io::Result<()> {
        if self.args.stat {
            return Ok(());
        }
        let Some(row) = found.after.or(found.before) else { return Ok(()) };
        if self.args.output == Form::Table && !self.shown.has_room(row.kind, found.class.change) {
            return Ok(());
        }
        let Some(difference) = self.comparer.difference(found.before, found.after) else {
            return Ok(());
        };
        let id = row.id();
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
                JsonDifference { difference: &difference, id: &id }.render(&mut json);
                self.out.write_all(json.as_bytes())?;
                if line {
                    self.out.write_all(b"\n")?;
                }
            }
            Form::Table | Form::Patch => self.shown.add(&difference),
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
                json.begin_object();
                self.whole(ended, &mut json);
                json.end_object();
                json.end_line();
                // The object was begun already.
                self.out.write_all(json.as_bytes().get(1..).unwrap_or(&[]))?;
            }
            Form::Jsonl => {
                if self.args.stat {
                    self.stat_lines(ended)?;
                }
                if ended.incomplete.is_some() {
                    let mut json = JsonText::new();
                    json.begin_object();
                    mark_incomplete(ended.incomplete.as_deref(), &mut json);
                    self.not_compared(ended, &mut json);
                    json.end_object();
                    json.end_line();
                    self.out.write_all(json.as_bytes())?;
                }
            }
            Form::Table | Form::Patch => {
                let text = self.shown.table(self.args, ended);
                self.out.write_all(&text)?;
            }
        }
        self.out.flush()
    }

    /// The classes that are shown.
    fn changes(&self) -> impl Iterator<Item = Change> + use<> {
        let with_touched = self.args.with_touched;
        Change::ALL.into_iter().filter(move |c| with_touched || *c != Change::Touched)
    }

    /// What stands in JSON besides the changes.
    fn whole(&self, ended: &Ended, json: &mut JsonText) {
        let sides = [("before", &ended.report.before), ("after", &ended.report.after)];
        for ((name, side), file) in sides.into_iter().zip(&ended.names) {
            json.key(name.as_bytes());
            json.begin_object();
            json.key(b"file");
            json.text(file.as_bytes());
            let meta = side.closing.meta.as_ref();
            json.key(b"id");
            match meta {
                Some(meta) => json.text(meta.id.as_bytes()),
                None => json.null(),
            }
            json.key(b"index");
            match meta {
                Some(meta) => json.uint(meta.index),
                None => json.null(),
            }
            json.end_object();
        }
        json.key(b"warnings");
        json.begin_list();
        ended.warnings.iter().for_each(|warning| json.text(warning.as_bytes()));
        json.end_list();
        json.key(b"summary");
        json.begin_object();
        for (kind, counts) in &ended.report.summary {
            json.key(kind.object_name().as_bytes());
            json.begin_object();
            for change in self.changes() {
                json.key(change.word().as_bytes());
                json.uint(counts.of(change));
            }
            if counts.not_compared > 0 {
                json.key(b"not_compared");
                json.uint(counts.not_compared);
            }
            json.end_object();
        }
        json.end_object();
        json.key(b"differences");
        json.uint(ended.report.differences());
        if !ended.report.out_of_order.is_empty() {
            json.key(b"out_of_order");
            json.begin_object();
            for (kind, count) in &ended.report.out_of_order {
                json.key(kind.object_name().as_bytes());
                json.uint(*count);
            }
            json.end_object();
            json.key(b"held_bytes");
            json.uint(ended.report.held as u64);
        }
        mark_incomplete(ended.incomplete.as_deref(), json);
    }

    fn stat_lines(&mut self, ended: &Ended) -> io::Result<()> {
        for (kind, counts) in &ended.report.summary {
            let mut json = JsonText::new();
            json.begin_object();
            json.key(b"type");
            json.text(kind.object_name().as_bytes());
            for change in self.changes() {
                json.key(change.word().as_bytes());
                json.uint(counts.of(change));
            }
            json.end_object();
            json.end_line();
            self.out.write_all(json.as_bytes())?;
        }
        Ok(())
    }

    fn not_compared(&self, ended: &Ended, json: &mut JsonText) {
        json.key(b"NotCompared");
        json.begin_object();
        for (kind, counts) in ended.report.summary.iter().filter(|(_, c)| c.not_compared > 0) {
            json.key(kind.object_name().as_bytes());
            json.uint(counts.not_compared);
        }
        json.end_object();
    }
}

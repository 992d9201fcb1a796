//! `jsonl`: `{"Type": kind, "ID": id, "Data": object}` for each object, with kinds as `list` names
//! them, in the order of the snapshot. Joins come at the end.

use crate::standard_output;
use crate::writer::{Ending, Part, Writer};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::render::{Problem, RecordFields, render_fields};
use snapscope_objects::row::Row;
use snapscope_staged::WriteBehind;
use std::io::{self, Write as _};
use std::path::Path;

#[derive(Debug, Default)]
pub(crate) struct Lines {
    json: JsonText,
}

impl Lines {
    fn line<T>(
        &mut self,
        kind: &ObjectKind,
        id: &[u8],
        render: impl FnOnce(&mut JsonText) -> T,
    ) -> T {
        let json = &mut self.json;
        json.begin_object();
        json.key(b"Type");
        json.text(kind.name.as_bytes());
        json.key(b"ID");
        json.text(id);
        json.key(b"Data");
        let rendered = render(json);
        json.end_object();
        json.end_line();
        rendered
    }
}

impl Part for Lines {
    fn clear(&mut self) {
        self.json.clear();
    }

    fn row(&mut self, row: &Row) {
        self.line(row.kind, &row.id(), |json| row.render(json));
    }

    fn record(
        &mut self,
        kind: &'static ObjectKind,
        id: &[u8],
        record: &RecordFields<'_>,
    ) -> Option<Vec<Problem>> {
        Some(self.line(kind, id, |json| render_fields(record, json)))
    }

    fn size(&self) -> usize {
        self.json.as_bytes().len()
    }
}

#[derive(Debug)]
pub(crate) struct Jsonl(WriteBehind);

impl Writer for Jsonl {
    type Part = Lines;

    fn create(at: &Path, _kinds: &[KindId]) -> io::Result<Self> {
        // A worker's result is as large as a block, so buffering is unnecessary.
        Ok(Self(standard_output::open(at)?))
    }

    fn take(&mut self, part: &mut Lines) -> io::Result<()> {
        self.0.write_all(part.json.as_bytes())
    }

    fn finish(mut self, ending: &Ending) -> io::Result<Vec<String>> {
        if let Some(line) = ending.incomplete() {
            self.0.write_all(&line)?;
        }
        self.0.finish()?;
        Ok(Vec::new())
    }
}

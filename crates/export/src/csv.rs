//! `csv`: `KIND.csv` for each kind, as in RFC 4180, safe to open in a spreadsheet.
//!
//! The columns are those of the kind's wide table, followed by `json` with the whole object. The
//! columns of keys cover all their fields, so `kv.csv` has `more` instead, with any other stored
//! fields; it is almost always empty.

use crate::writer::{Ending, Part, Writer};
use snapscope_objects::csv::CsvRow;
use snapscope_objects::json::JsonText;
use snapscope_objects::kind::{CellValue, KindId, ObjectKind};
use snapscope_objects::kinds::KINDS;
use snapscope_objects::row::Row;
use snapscope_staged::WriteBehind;
use snapscope_staged::create_in;
use snapscope_tables::schema::{last_column, whole_object};
use std::io::{self, Write as _};
use std::path::Path;

#[derive(Debug)]
pub(crate) struct Lines {
    /// Indexed by kind.
    of_kind: Vec<Vec<u8>>,
    json: JsonText,
}

impl Default for Lines {
    fn default() -> Self {
        Self { of_kind: vec![Vec::new(); KINDS.len()], json: JsonText::new() }
    }
}

impl Part for Lines {
    fn clear(&mut self) {
        for lines in &mut self.of_kind {
            // Blocks hold few kinds, so a kind's buffer is not kept until it occurs again.
            match lines.is_empty() {
                true => *lines = Vec::new(),
                false => lines.clear(),
            }
        }
    }

    fn row(&mut self, row: &Row) {
        let Self { of_kind, json } = self;
        let Some(out) = of_kind.get_mut(row.kind.id.index()) else { return };
        let mut cells = CsvRow::begin(out);
        for column in row.kind.columns {
            match column.cell(row.object()) {
                CellValue::Nothing => cells.plain(b""),
                CellValue::Text(text) => cells.text(&text),
                CellValue::Uint(n) => cells.number(n),
                other => cells.plain(&other.text()),
            };
        }
        json.clear();
        whole_object(row, json);
        cells.text(json.as_bytes()).end();
    }

    fn size(&self) -> usize {
        self.of_kind.iter().map(Vec::len).sum()
    }
}

#[derive(Debug)]
pub(crate) struct Csv {
    /// Indexed by kind; `None` for kinds that are not exported.
    files: Vec<Option<WriteBehind>>,
}

impl Writer for Csv {
    type Part = Lines;

    fn create(at: &Path, kinds: &[KindId]) -> io::Result<Self> {
        let open = |kind: &&ObjectKind| {
            if !kinds.contains(&kind.id) {
                return Ok(None);
            }
            let file = create_in(at, &format!("{}.csv", kind.name))?;
            let mut file = WriteBehind::new(file);
            let mut head = Vec::new();
            let columns = kind.columns.iter().map(|column| column.name);
            CsvRow::begin(&mut head).texts(columns.chain([last_column(kind)])).end();
            file.write_all(&head)?;
            Ok(Some(file))
        };
        Ok(Self { files: KINDS.iter().map(open).collect::<io::Result<_>>()? })
    }

    fn take(&mut self, part: &mut Lines) -> io::Result<()> {
        for (file, lines) in self.files.iter_mut().zip(&part.of_kind) {
            if let Some(file) = file
                && !lines.is_empty()
            {
                file.write_all(lines)?;
            }
        }
        Ok(())
    }

    fn finish(self, _ending: &Ending) -> io::Result<Vec<String>> {
        for file in self.files.into_iter().flatten() {
            file.finish()?;
        }
        Ok(Vec::new())
    }
}

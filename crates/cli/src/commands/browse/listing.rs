//! A list of objects. Its lines are in a temporary file, because there may be many.

use super::spool::Part;
use super::stored::read_exactly;
use super::table::{Cell, Heading, Line, Place, Rows, Target, question};
use anyhow::Result;
use snapscope_analyze::acl::protecting;
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::rows::{RowsOf, Sink, read};
use snapscope_analyze::{Jobs, Problems, Stop};
use snapscope_archive::{Blocks, StoppedAt};
use snapscope_decode::Frame;
use snapscope_objects::filter::Filter;
use snapscope_objects::kind::{CellValue, Chosen, ObjectKind, PeerSelection};
use snapscope_objects::kinds::KINDS;
use snapscope_objects::row::{Row, RowOptions};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::ops::ControlFlow;

/// Maximum number of bytes of a text in a line; a screen cannot show more.
const TEXT: usize = 1024;

/// The field of an object that was imported from a peer.
const PEER: &str = "PeerName";

/// The content of a line, and the object's position.
#[derive(Debug, Default)]
struct Kept {
    /// The position and size of the record in the part that is read; none for an object joined from
    /// several records.
    record: Option<(u64, u64)>,
    nth: u32,
    id: Vec<u8>,
    cells: Vec<CellValue<'static>>,
}

impl Kept {
    fn write(&self, out: &mut Vec<u8>) {
        let (offset, size) = self.record.unwrap_or((u64::MAX, 0));
        out.extend_from_slice(&offset.to_le_bytes());
        out.extend_from_slice(&size.to_le_bytes());
        out.extend_from_slice(&self.nth.to_le_bytes());
        CellValue::Text(self.id.as_slice().into()).write(out);
        self.cells.iter().for_each(|cell| cell.write(out));
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (offset, rest) = bytes.split_first_chunk()?;
        let (size, rest) = rest.split_first_chunk()?;
        let (nth, mut rest) = rest.split_first_chunk()?;
        let (offset, size) = (u64::from_le_bytes(*offset), u64::from_le_bytes(*size));
        let id = CellValue::read(&mut rest)?.text().into_owned();
        let cells = std::iter::from_fn(|| CellValue::read(&mut rest)).collect();
        let record = (offset != u64::MAX).then_some((offset, size));
        Some(Self { record, nth: u32::from_le_bytes(*nth), id, cells })
    }
}

/// What is listed.
pub(super) struct Listed<'a> {
    pub(super) kind: &'static ObjectKind,
    pub(super) filter: Option<&'a Filter>,
    pub(super) part: &'a Part,
    /// Whether objects imported from peers are listed, too.
    pub(super) with_imported: bool,
    /// Whether to continue reading.
    pub(super) goes_on: &'a (dyn Fn() -> bool + Sync),
}

/// Lines of a block.
#[derive(Default)]
struct Lines {
    record: Option<(u64, u64)>,
    nth: u32,
    kept: Vec<Kept>,
    /// Number of objects imported from peers.
    imported: u64,
}

/// Makes lines of rows.
struct Making<'a> {
    listed: &'a Listed<'a>,
    columns: Vec<Chosen>,
    comparer: Comparer,
}

impl Making<'_> {
    fn line(&self, row: &Row) -> Kept {
        let kind = self.listed.kind;
        let masked = self.comparer.masked(row);
        let is_size = |column: &Chosen| match (column, kind.traits.value) {
            (Chosen::Column(column), Some(value)) => column.is_made_of(value),
            _ => false,
        };
        let cell = |column: &Chosen| {
            // The size of a value is not a secret.
            let from = if is_size(column) { row } else { &masked };
            match column.cell(from.object()) {
                CellValue::Text(text) => CellValue::Text(beginning(&text).to_vec().into()),
                other => other.into_owned(),
            }
        };
        let cells = self.columns.iter().map(cell).collect();
        Kept { record: None, nth: 0, id: row.id(), cells }
    }
}

/// The start of a text, cut between characters.
fn beginning(text: &[u8]) -> &[u8] {
    let Some(cut) = text.get(..TEXT) else { return text };
    let is_inside = text.get(TEXT).is_some_and(|byte| byte & 0xc0 == 0x80);
    let start = cut.iter().rposition(|byte| byte & 0xc0 != 0x80).filter(|_| is_inside);
    cut.get(..start.unwrap_or(TEXT)).unwrap_or(cut)
}

impl Sink for Making<'_> {
    type Page = Lines;

    fn record(&self, frame: &Frame<'_>, page: &mut Lines) -> bool {
        page.record = Some((self.listed.part.place(frame.offset), frame.size()));
        page.nth = 0;
        true
    }

    fn row(&self, _: usize, row: &Row, page: &mut Lines) {
        let nth = page.nth;
        page.nth += 1;
        if self.listed.filter.is_none_or(|filter| filter.holds(row.object())) {
            let is_imported = self.listed.kind.traits.by_peer && !row.text(PEER).is_empty();
            page.imported += u64::from(is_imported);
            if is_imported && !self.listed.with_imported {
                return;
            }
            let record = page.record.filter(|_| self.listed.kind.is_direct());
            page.kept.push(Kept { record, nth, ..self.line(row) });
        }
    }

    fn is_full(&self, page: &Lines) -> bool {
        page.kept.len() >= 1000
    }
}

/// Objects in a temporary file.
#[derive(Debug)]
pub(super) struct Listing {
    kind: &'static ObjectKind,
    columns: Vec<Chosen>,
    /// Whether each column has content.
    used: Vec<bool>,
    /// Number of objects imported from peers, listed or not.
    pub(super) imported: u64,
    file: File,
    /// The start of each line, and the end of the last one: eight bytes of memory for each.
    starts: Vec<u64>,
}

impl Listing {
    /// Reads the objects of a part; `None` if this was cancelled.
    pub(super) fn read(
        blocks: Blocks,
        jobs: Jobs,
        listed: &Listed<'_>,
    ) -> Result<Option<(Self, Problems)>> {
        let kind = listed.kind;
        let columns = kind.table(true);
        // A list may be long, so it never contains values of keys.
        let options = CompareOptions { hide_values: true, ..CompareOptions::default() };
        let peers = if kind.traits.by_peer { PeerSelection::All } else { PeerSelection::Local };
        let options_of_rows =
            RowOptions { peers, projection: kind.projection(&columns, listed.filter) };
        let mut used = vec![false; columns.len()];
        let mut imported = 0;
        let making = Making { listed, columns: columns.clone(), comparer: Comparer::new(options) };
        let mut out = BufWriter::with_capacity(1 << 18, tempfile::tempfile()?);
        let (mut starts, mut at, mut line) = (vec![0u64], 0u64, Vec::new());
        let rows = [RowsOf { kind, options: options_of_rows }];
        let nowhere = Stop { at: StoppedAt { record: 0, bytes: 0 }, problems: 0 };
        let outcome = read(blocks, jobs, &rows, &making, |page| {
            imported += std::mem::take(&mut page.imported);
            for kept in page.kept.drain(..) {
                line.clear();
                for (used, cell) in used.iter_mut().zip(&kept.cells) {
                    *used |= !cell.text().is_empty();
                }
                kept.write(&mut line);
                out.write_all(&line)?;
                at += line.len() as u64;
                starts.push(at);
            }
            Ok(if (listed.goes_on)() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(nowhere)
            })
        })?;
        if !(listed.goes_on)() {
            return Ok(None);
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let listing = Self { kind, columns, used, imported, file, starts };
        Ok(Some((listing, outcome.problems)))
    }

    /// The headings of the columns that have content. Objects that are never listed elsewhere have
    /// no column with their ID, so that comes first.
    pub(super) fn columns(&self) -> Vec<Heading> {
        let id = (!self.is_listed()).then(|| Heading { name: self.kind.one.to_owned(), rank: 0 });
        let shown = self.columns.iter().zip(self.shown());
        let shown = shown.filter(|(_, is_shown)| *is_shown).map(|(column, _)| column);
        let heading = |column: &Chosen| Heading { name: column.name(), rank: column.rank() };
        id.into_iter().chain(shown.map(heading)).collect()
    }

    fn is_listed(&self) -> bool {
        KINDS.contains(&self.kind)
    }

    /// Whether each column is shown. Without objects, all are.
    fn shown(&self) -> impl Iterator<Item = bool> {
        let is_empty = self.len() == 0;
        self.used.iter().enumerate().map(move |(n, is_used)| *is_used || n == 0 || is_empty)
    }

    /// The default question about who can access an object: about the last resource that protects
    /// it and has a name. A check of a node has no service.
    fn question(&self, kept: &Kept) -> Option<String> {
        let cell = |field: &str| {
            let at = self.columns.iter().position(|column| column.fields() == [field])?;
            Some(kept.cells.get(at)?.text().into_owned())
        };
        protecting(self.kind.id)?.iter().rev().find_map(|(resource, field)| {
            let name = match *field {
                "" => Vec::new(),
                field if self.kind.id_fields == [field] => kept.id.clone(),
                // The end of a long name is cut off.
                field => cell(field).filter(|name| !name.is_empty() && name.len() < TEXT)?,
            };
            question(resource.word(), &name)
        })
    }
}

impl Rows for Listing {
    fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    fn line(&self, n: usize) -> io::Result<Line> {
        let (Some(start), Some(end)) = (self.starts.get(n), self.starts.get(n + 1)) else {
            return Err(io::Error::other("the list has no such line"));
        };
        let mut bytes = Vec::new();
        read_exactly(&self.file, *start..*end, &mut bytes)?;
        let kept = Kept::read(&bytes).ok_or_else(|| io::Error::other("the list cannot be read"))?;
        let question = self.question(&kept);
        let id = kept.id.clone();
        let place = match kept.record {
            Some((offset, size)) => Place::Record { bytes: offset..offset + size, nth: kept.nth },
            None => Place::Named(kept.id),
        };
        let cell = |value: &CellValue<'_>| Cell {
            is_number: matches!(value, CellValue::Uint(_) | CellValue::Int(_)),
            ..Cell::text(&value.text())
        };
        let id = (!self.is_listed()).then(|| Cell::text(&id));
        let shown = kept.cells.iter().zip(self.shown()).filter(|(_, is_shown)| *is_shown);
        let cells = id.into_iter().chain(shown.map(|(value, _)| cell(value))).collect();
        let target = Target::Object(self.kind, place);
        Ok(Line { cells, target, question, is_sentence: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        for record in [None, Some((7, 9))] {
            let cells = vec![CellValue::Uint(3), CellValue::Text(b"a\xff".as_slice().into())];
            let kept = Kept { record, nth: 2, id: b"id".to_vec(), cells };
            let mut bytes = Vec::new();
            kept.write(&mut bytes);
            let again = Kept::read(&bytes).unwrap();
            assert_eq!((again.record, again.nth, again.id), (record, 2, b"id".to_vec()));
            assert_eq!(again.cells, kept.cells);
            assert!(Kept::read(&bytes[..10]).is_none());
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        let text = "é".repeat(TEXT);
        let cut = beginning(text.as_bytes());
        assert!(cut.len() <= TEXT && std::str::from_utf8(cut).is_ok());
        let odd = format!("a{text}");
        assert!(std::str::from_utf8(beginning(odd.as_bytes())).is_ok());
        assert_eq!(beginning(b"short"), b"short");
    }
}

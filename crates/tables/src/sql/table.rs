//! Virtual tables of SQLite.
//!
//! The only file with `unsafe`: SQLite requires that a table and a cursor start with its own
//! structs, which the compiler cannot check.
#![allow(unsafe_code)]

use super::copy::{Copy, Selected};
use super::disk::Page;
use super::plan::{Arguments, Plan, SNAPSHOT, to_sqlite};
use super::session::Session;
use crate::relation::{Class, Relation, relation};
use crate::scan::{Batch, Request, Scan};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::vtab::{
    Context, CreateVTab, Filters, IndexInfo, VTab, VTabConnection, VTabCursor, VTabKind,
    sqlite3_vtab, sqlite3_vtab_cursor,
};
use rusqlite::{Error, Result, ToSql};
use std::borrow::Cow;
use std::ffi::{CStr, CString, c_int};
use std::io;
use std::sync::Arc;

/// A table.
#[repr(C)]
pub(super) struct SnapshotTable {
    base: sqlite3_vtab,
    relation: &'static Relation,
    session: Arc<Session>,
}

// SAFETY: the struct starts with `sqlite3_vtab`, and its layout is C's.
unsafe impl VTab<'_> for SnapshotTable {
    type Aux = Arc<Session>;
    type Cursor = Cursor;

    fn connect(
        _: &mut VTabConnection,
        session: Option<&Arc<Session>>,
        _: &[u8],
        _: &[u8],
        name: &[u8],
        _: &[&[u8]],
    ) -> Result<(Cow<'static, CStr>, Self)> {
        let failed = |what: &str| Error::ModuleError(what.to_owned());
        let name = String::from_utf8_lossy(name);
        let relation = relation(&name).ok_or_else(|| failed("unknown table"))?;
        let session = session.ok_or_else(|| failed("no snapshots"))?;
        let declared = CString::new(declaration(relation, session.snapshots.len() > 1))?;
        let base = sqlite3_vtab::default();
        Ok((declared.into(), Self { base, relation, session: Arc::clone(session) }))
    }

    fn best_index(&self, info: &mut IndexInfo) -> Result<bool> {
        Plan::choose(self.relation, info)?;
        Ok(true)
    }

    fn open(&mut self) -> Result<Cursor> {
        Ok(Cursor {
            base: sqlite3_vtab_cursor::default(),
            session: Arc::clone(&self.session),
            known: None,
            rows: Rows::None,
            number: 0,
        })
    }
}

impl CreateVTab<'_> for SnapshotTable {
    const KIND: VTabKind = VTabKind::Default;
}

/// The declaration of a table. With only one snapshot the column with its name is hidden.
fn declaration(relation: &Relation, has_several: bool) -> String {
    let hidden = if has_several { "" } else { " HIDDEN" };
    let columns = relation.columns.iter().map(|column| {
        let class = match column.class {
            Class::Text => " TEXT",
            Class::Int => " INTEGER",
            Class::Blob => " BLOB",
            Class::Any => "",
        };
        format!(", \"{}\"{class}", column.name)
    });
    format!("CREATE TABLE x (snapshot TEXT{hidden}{})", columns.collect::<String>())
}

/// Reads the rows of a table one by one.
#[repr(C)]
pub(super) struct Cursor {
    base: sqlite3_vtab_cursor,
    session: Arc<Session>,
    /// How the table was read last.
    known: Option<Known>,
    rows: Rows,
    /// The number of the row, from 1.
    number: i64,
}

/// A plan, and what follows from it.
struct Known {
    text: String,
    plan: Plan,
    request: Request,
    /// For each column of the table but `snapshot`, where it is in a batch.
    positions: Vec<Option<usize>>,
    /// All rows, if they were copied.
    copy: Option<Arc<Copy>>,
}

impl Known {
    fn read(text: &str) -> Result<Self> {
        let plan = Plan::read(text).ok_or_else(|| Error::ModuleError("unknown plan".to_owned()))?;
        let request = plan.request();
        let columns = 0..plan.relation().columns.len();
        let position = |column| request.columns.iter().position(|known| *known == column);
        let positions = columns.map(position).collect();
        Ok(Self { text: text.to_owned(), plan, request, positions, copy: None })
    }
}

/// The source of rows.
enum Rows {
    None,
    /// Snapshots, while they are read.
    Stream(Box<Stream>),
    /// All rows of a copy.
    All {
        copy: Arc<Copy>,
        batch: usize,
        row: usize,
    },
    /// Rows that were looked up.
    Found {
        copy: Arc<Copy>,
        at: usize,
        end: usize,
    },
    /// Rows of a copy on disk: all, or those with a hash.
    OnDisk {
        copy: Arc<Copy>,
        hash: Option<u64>,
        page: Box<Page>,
        row: usize,
    },
}

/// The rows of some snapshots, one snapshot after the other.
struct Stream {
    request: Request,
    /// The numbers of the snapshots still to be read, the next one last.
    left: Vec<usize>,
    snapshot: usize,
    scan: Option<Scan>,
    batch: Batch,
    row: usize,
}

// SAFETY: the struct starts with `sqlite3_vtab_cursor`, and its layout is C's.
unsafe impl VTabCursor for Cursor {
    fn filter(&mut self, _: c_int, text: Option<&str>, arguments: &Filters<'_>) -> Result<()> {
        let text = text.unwrap_or("");
        // A look-up has the same plan each time.
        let known = self.known.take().filter(|known| known.text == text);
        let is_repeated = known.is_some();
        let mut known = match known {
            Some(known) => known,
            None => Known::read(text)?,
        };
        let arguments = known.plan.arguments(arguments)?;
        self.rows = Rows::None;
        self.number = 1;
        if !arguments.is_nothing {
            if known.copy.is_none() {
                known.copy = self.session.copy(&known.plan, is_repeated).map_err(failed)?;
            }
            self.rows = self.begin(&known, arguments)?;
        }
        self.known = Some(known);
        self.settle()
    }

    fn next(&mut self) -> Result<()> {
        self.number += 1;
        match &mut self.rows {
            Rows::None => {}
            Rows::Stream(stream) => stream.row += 1,
            Rows::All { row, .. } | Rows::OnDisk { row, .. } => *row += 1,
            Rows::Found { at, .. } => *at += 1,
        }
        self.settle()
    }

    fn eof(&self) -> bool {
        matches!(self.rows, Rows::None)
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        let column = usize::try_from(column).unwrap_or(SNAPSHOT);
        let Some((snapshot, batch, row)) = self.place() else {
            return context.set_result(Borrowed(ValueRef::Null));
        };
        let value = match column.checked_sub(1) {
            None => {
                let name = self.session.names.get(snapshot);
                name.map_or(ValueRef::Null, |name| ValueRef::from(name.as_str()))
            }
            Some(column) => match self.known.as_ref().and_then(|known| known.positions.get(column))
            {
                Some(Some(at)) => to_sqlite(batch.value(row, *at)),
                _ => ValueRef::Null,
            },
        };
        context.set_result(Borrowed(value))
    }

    fn rowid(&self) -> Result<i64> {
        Ok(self.number)
    }
}

impl Cursor {
    /// Where the rows for some arguments come from.
    fn begin(&self, known: &Known, arguments: Arguments) -> Result<Rows> {
        if let Some(copy) = &known.copy {
            let value = arguments.look_up.as_ref().map(|(_, value)| ValueRef::from(value));
            let copy = Arc::clone(copy);
            let hash = match copy.find(value) {
                Selected::Memory(Some((at, end))) => return Ok(Rows::Found { copy, at, end }),
                Selected::Memory(None) => return Ok(Rows::All { copy, batch: 0, row: 0 }),
                // Null equals nothing.
                Selected::Disk(Some(None)) => return Ok(Rows::None),
                Selected::Disk(hash) => hash.flatten(),
            };
            let page = match &*copy {
                Copy::Disk(disk, _) => Box::new(disk.first(hash)?),
                Copy::Memory(_) => Box::default(),
            };
            return Ok(Rows::OnDisk { copy, hash, page, row: 0 });
        }
        let request = Request { narrowing: arguments.narrowing, ..known.request.clone() };
        let name = arguments.snapshot;
        let is_asked = |known: &String| name.as_ref().is_none_or(|name| name == known.as_bytes());
        let names = self.session.names.iter().enumerate().rev();
        let left = names.filter(|(_, known)| is_asked(known)).map(|(at, _)| at).collect();
        let batch = Batch::default();
        let stream = Stream { request, left, snapshot: 0, scan: None, batch, row: 0 };
        Ok(Rows::Stream(Box::new(stream)))
    }

    /// The current row: the number of its snapshot, its batch and its position there.
    fn place(&self) -> Option<(usize, &Batch, usize)> {
        match &self.rows {
            Rows::None => None,
            Rows::Stream(stream) => Some((stream.snapshot, &stream.batch, stream.row)),
            Rows::All { copy, batch, row } => {
                let Copy::Memory(copy) = &**copy else { return None };
                copy.batches.get(*batch).map(|(snapshot, batch)| (*snapshot, batch, *row))
            }
            Rows::Found { copy, at, .. } => {
                let Copy::Memory(copy) = &**copy else { return None };
                let (batch, row) = copy.place(*at)?;
                copy.batches.get(batch).map(|(snapshot, batch)| (*snapshot, batch, row))
            }
            Rows::OnDisk { page, row, .. } => {
                Some((page.snapshots.get(*row).copied()?, &page.rows, *row))
            }
        }
    }

    /// Moves to the next row.
    fn settle(&mut self) -> Result<()> {
        let has_row = match &mut self.rows {
            Rows::None => false,
            Rows::Stream(stream) => stream.settle(&self.session).map_err(failed)?,
            Rows::Found { at, end, .. } => at < end,
            Rows::OnDisk { copy, hash, page, row } => {
                while *row >= page.rows.rows()
                    && let Copy::Disk(disk, _) = &**copy
                    && let Some(next) = disk.after(*hash, page)?
                {
                    (**page, *row) = (next, 0);
                }
                *row < page.rows.rows()
            }
            Rows::All { copy, batch, row } => {
                let Copy::Memory(copy) = &**copy else { return Ok(()) };
                while copy.batches.get(*batch).is_some_and(|(_, rows)| *row >= rows.rows()) {
                    (*batch, *row) = (*batch + 1, 0);
                }
                *batch < copy.batches.len()
            }
        };
        if !has_row {
            self.rows = Rows::None;
        }
        Ok(())
    }
}

impl Stream {
    /// Moves to the next row; returns whether there is one.
    fn settle(&mut self, session: &Session) -> io::Result<bool> {
        while self.row >= self.batch.rows() {
            self.row = 0;
            if let Some(scan) = &mut self.scan {
                match scan.next() {
                    Some(batch) => self.batch = batch?,
                    None => (self.scan, self.batch) = (None, Batch::default()),
                }
                continue;
            }
            let Some(next) = self.left.pop() else { return Ok(false) };
            let Some(snapshot) = session.snapshots.get(next) else { return Ok(false) };
            self.snapshot = next;
            self.scan = Some(Scan::start(Arc::clone(snapshot), self.request.clone()));
        }
        Ok(true)
    }
}

fn failed(error: io::Error) -> Error {
    Error::ModuleError(error.to_string())
}

struct Borrowed<'v>(ValueRef<'v>);

impl ToSql for Borrowed<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

//! Virtual tables of SQLite.
//!
//! The only file with `unsafe`: SQLite requires that a table and a cursor start with its own
//! structs, which the compiler cannot check.
#![allow(unsafe_code)]

use super::copy::Copy;
use super::plan::{Plan, SNAPSHOT, to_sqlite};
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
            positions: Vec::new(),
            is_repeated: false,
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
    /// For each column of the table except `snapshot`, its position in a batch.
    positions: Vec<Option<usize>>,
    /// Whether this cursor has read the table before.
    is_repeated: bool,
    rows: Rows,
    /// The number of the row, from 1.
    number: i64,
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
    fn filter(&mut self, _: c_int, plan: Option<&str>, arguments: &Filters<'_>) -> Result<()> {
        let plan = plan.and_then(Plan::read);
        let plan = plan.ok_or_else(|| Error::ModuleError("unknown plan".to_owned()))?;
        let arguments = plan.arguments(arguments)?;
        self.rows = Rows::None;
        self.number = 1;
        if arguments.is_nothing {
            return Ok(());
        }
        let mut request = plan.request();
        let columns = 0..plan.relation().columns.len();
        let position = |column| request.columns.iter().position(|known| *known == column);
        self.positions = columns.map(position).collect();
        let is_repeated = std::mem::replace(&mut self.is_repeated, true);
        if let Some(copy) = self.session.copy(&plan, is_repeated).map_err(failed)? {
            let found = arguments.look_up.and_then(|(_, value)| copy.find(ValueRef::from(&value)));
            self.rows = match found {
                Some((at, end)) => Rows::Found { copy, at, end },
                None => Rows::All { copy, batch: 0, row: 0 },
            };
            return self.settle();
        }
        request.narrowing = arguments.narrowing;
        let name = arguments.snapshot;
        let is_wanted = |known: &String| name.as_ref().is_none_or(|name| name == known.as_bytes());
        let names = self.session.names.iter().enumerate().rev();
        let left = names.filter(|(_, known)| is_wanted(known)).map(|(at, _)| at).collect();
        let batch = Batch::default();
        let stream = Stream { request, left, snapshot: 0, scan: None, batch, row: 0 };
        self.rows = Rows::Stream(Box::new(stream));
        self.settle()
    }

    fn next(&mut self) -> Result<()> {
        self.number += 1;
        match &mut self.rows {
            Rows::None => {}
            Rows::Stream(stream) => stream.row += 1,
            Rows::All { row, .. } => *row += 1,
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
            Some(column) => match self.positions.get(column) {
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
    /// The current row: the number of its snapshot, its batch and its position there.
    fn place(&self) -> Option<(usize, &Batch, usize)> {
        match &self.rows {
            Rows::None => None,
            Rows::Stream(stream) => Some((stream.snapshot, &stream.batch, stream.row)),
            Rows::All { copy, batch, row } => {
                copy.batches.get(*batch).map(|(snapshot, batch)| (*snapshot, batch, *row))
            }
            Rows::Found { copy, at, .. } => {
                let (batch, row) = copy.place(*at)?;
                copy.batches.get(batch).map(|(snapshot, batch)| (*snapshot, batch, row))
            }
        }
    }

    /// Moves to the next row.
    fn settle(&mut self) -> Result<()> {
        let has_row = match &mut self.rows {
            Rows::None => false,
            Rows::Stream(stream) => stream.settle(&self.session).map_err(failed)?,
            Rows::Found { at, end, .. } => at < end,
            Rows::All { copy, batch, row } => {
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

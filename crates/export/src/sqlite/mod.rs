//! `sqlite`: a database with a table for each kind.
//!
//! Workers turn rows into values to bind, and one writer binds them in one transaction. The
//! database is built without a journal and without waiting for the disk. That is safe, because it
//! has a temporary name until it is complete.

mod cells;
mod schema;

pub use schema::schema;

use crate::writer::{Ending, Writer};
use cells::Bound;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OpenFlags, ToSql};
use snapscope_objects::kind::KindId;
use snapscope_objects::printable::counted;
use snapscope_tables::Cell;
use snapscope_tables::schema::{Holds, LINKS, TABLES, Table};
use std::io;
use std::path::Path;

#[derive(Debug)]
pub(crate) struct Sqlite {
    database: Connection,
    /// Objects with a key that is already taken.
    duplicates: u64,
}

/// Cache for pages that are not written yet, in KiB.
const CACHE: i64 = 24 * 1024;

impl Writer for Sqlite {
    type Part = Bound;

    fn create(at: &Path, _kinds: &[KindId]) -> io::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let database = Connection::open_with_flags(at, flags).map_err(failed)?;
        let build = || -> rusqlite::Result<()> {
            database.pragma_update(None, "journal_mode", "OFF")?;
            database.pragma_update(None, "synchronous", "OFF")?;
            database.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
            database.pragma_update(None, "temp_store", "FILE")?;
            database.pragma_update(None, "cache_size", -CACHE)?;
            // Links are written before their targets; they are resolved at the end.
            database.pragma_update(None, "foreign_keys", "OFF")?;
            database.set_prepared_statement_cache_capacity(TABLES.len() + LINKS.len() + 8);
            database.execute_batch("BEGIN")?;
            database.execute_batch(&schema())
        };
        build().map_err(failed)?;
        Ok(Self { database, duplicates: 0 })
    }

    fn take(&mut self, part: &mut Bound) -> io::Result<()> {
        self.insert(part).map_err(failed)
    }

    fn finish(self, ending: &Ending) -> io::Result<Vec<String>> {
        let Self { database, duplicates } = self;
        let settle = || -> rusqlite::Result<()> {
            for (name, value) in &ending.facts {
                meta(&database, name, value)?;
            }
            let whole = if ending.damage.is_empty() { "0" } else { "1" };
            meta(&database, "incomplete", whole)?;
            meta(&database, "schema_version", "1")?;
            meta(&database, "made_by", concat!("snapscope ", env!("CARGO_PKG_VERSION")))?;
            for (name, count, bytes) in &ending.records {
                let of = [name as &dyn ToSql, &saturated(*count), &saturated(*bytes)];
                database.execute("INSERT INTO record_types VALUES (?, ?, ?)", &of[..])?;
            }
            for damage in &ending.damage {
                database.execute("INSERT INTO damage (message) VALUES (?)", [damage])?;
            }
            database.execute_batch(&schema::settle())?;
            database.execute_batch("COMMIT")
        };
        settle().map_err(failed)?;
        database.close().map_err(|(_, e)| failed(e))?;
        let mut notes = Vec::new();
        if duplicates > 0 {
            notes.push(format!(
                "{} the same key as another of the kind: see the table `duplicates`",
                counted(duplicates, "object has", "objects have")
            ));
        }
        Ok(notes)
    }
}

impl Sqlite {
    fn insert(&mut self, part: &Bound) -> rusqlite::Result<()> {
        let mut open: Option<(usize, CachedStatement<'_>)> = None;
        for (table, values) in part.rows() {
            // Rows of a kind are consecutive, so a statement is looked up once.
            if open.as_ref().is_none_or(|(of, _)| *of != table) {
                open = Some((table, self.database.prepare_cached(cells::insert(table))?));
            }
            let Some((_, statement)) = &mut open else { continue };
            for (at, value) in values.iter().enumerate() {
                statement.raw_bind_parameter(at + 1, ToBind(part.value(*value)))?;
            }
            if statement.raw_execute()? == 0
                && let Some(table) = TABLES.get(table)
            {
                self.duplicates += 1;
                self.duplicate(table, part, values)?;
            }
        }
        Ok(())
    }

    /// Keeps an object whose key is taken, so that it is not lost.
    fn duplicate(&self, table: &Table, part: &Bound, values: &[Cell]) -> rusqlite::Result<()> {
        let value = table.columns.iter().position(|column| matches!(column.holds, Holds::Value(_)));
        let cell = |at: Option<usize>| {
            let found = at.and_then(|at| values.get(at));
            ToBind(found.map_or(ValueRef::Null, |cell| part.value(*cell)))
        };
        let insert = "INSERT INTO duplicates (kind, id, json, value) VALUES (?, ?, ?, ?)";
        let mut statement = self.database.prepare_cached(insert)?;
        statement.raw_bind_parameter(1, table.kind.name)?;
        statement.raw_bind_parameter(2, cell(Some(0)))?;
        statement.raw_bind_parameter(3, cell(values.len().checked_sub(1)))?;
        statement.raw_bind_parameter(4, cell(value))?;
        statement.raw_execute().map(drop)
    }
}

struct ToBind<'v>(ValueRef<'v>);

impl ToSql for ToBind<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

fn meta(database: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    database.execute("INSERT INTO meta VALUES (?, ?)", [name, value]).map(drop)
}

fn saturated(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn failed(error: rusqlite::Error) -> io::Error {
    io::Error::other(error)
}

//! A copy of a large table in a temporary database of SQLite's, which is on disk as far as it does not fit in a little
//! memory.

use super::plan::to_sqlite;
use crate::scan::Batch;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result, ToSql, params_from_iter};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Memory for its pages, in KiB.
const CACHE: i64 = 24 * 1024;
/// Rows that are read at once.
const ROWS: i64 = 256;
/// Bytes of rows after which no more are read at once.
const BYTES: usize = 1 << 20;

/// The rows of a table, each with the hash of a value by which it is found.
#[derive(Debug)]
pub(super) struct DiskCopy {
    /// Only one thread uses it, the one on which the statement runs.
    database: Mutex<Connection>,
    width: usize,
}

/// Some rows.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) rows: Batch,
    /// The number of the snapshot of each.
    pub(super) snapshots: Vec<usize>,
    /// The place of the last one.
    last: i64,
    is_last: bool,
}

impl DiskCopy {
    /// An empty copy with this number of columns.
    pub(super) fn new(width: usize) -> Result<Self> {
        // A database without a name is temporary, and has no other users.
        let database = Connection::open("")?;
        database.pragma_update(None, "cache_size", -CACHE)?;
        database.pragma_update(None, "journal_mode", "OFF")?;
        database.pragma_update(None, "synchronous", "OFF")?;
        let columns: String = (0..width).map(|at| format!(", c{at}")).collect();
        database.execute_batch(&format!(
            "CREATE TABLE copied (place INTEGER PRIMARY KEY, snapshot INTEGER, hash INTEGER{columns}); BEGIN"
        ))?;
        Ok(Self { database: Mutex::new(database), width })
    }

    fn database(&self) -> MutexGuard<'_, Connection> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds rows of a snapshot; `hash` is that of the value by which a row is found.
    pub(super) fn add(
        &self,
        snapshot: usize,
        batch: &Batch,
        hash: impl Fn(usize) -> Option<u64>,
    ) -> Result<()> {
        let database = self.database();
        let places = ", ?".repeat(self.width);
        let insert = format!("INSERT INTO copied VALUES (NULL, ?, ?{places})");
        let mut insert = database.prepare_cached(&insert)?;
        let snapshot = i64::try_from(snapshot).unwrap_or(i64::MAX);
        for row in 0..batch.rows() {
            insert.raw_bind_parameter(1, snapshot)?;
            insert.raw_bind_parameter(2, hash(row).map(u64::cast_signed))?;
            for at in 0..self.width {
                insert.raw_bind_parameter(at + 3, Borrowed(to_sqlite(batch.value(row, at))))?;
            }
            insert.raw_execute()?;
        }
        Ok(())
    }

    /// Ends adding; with `by_hash` rows are found by their hashes from now on.
    pub(super) fn finish(&self, by_hash: bool) -> Result<()> {
        let index = "; CREATE INDEX by_hash ON copied (hash) WHERE hash IS NOT NULL";
        let index = if by_hash { index } else { "" };
        self.database().execute_batch(&format!("COMMIT{index}"))
    }

    /// The first rows, or those with a hash.
    pub(super) fn first(&self, hash: Option<u64>) -> Result<Page> {
        self.page(hash, 0)
    }

    /// The rows after a page; `None` after the last one.
    pub(super) fn after(&self, hash: Option<u64>, page: &Page) -> Result<Option<Page>> {
        if page.is_last {
            return Ok(None);
        }
        self.page(hash, page.last).map(Some)
    }

    fn page(&self, hash: Option<u64>, after: i64) -> Result<Page> {
        let database = self.database();
        let condition = if hash.is_some() { "hash = ?2 AND" } else { "?2 IS NULL AND" };
        let mut rows = database.prepare_cached(&format!(
            "SELECT * FROM copied WHERE {condition} place > ?1 ORDER BY place LIMIT {ROWS}"
        ))?;
        let arguments: [&dyn ToSql; 2] = [&after, &hash.map(u64::cast_signed)];
        let mut rows = rows.query(params_from_iter(arguments))?;
        let mut page = Page { last: after, ..Page::default() };
        let columns: Vec<usize> = (0..self.width).collect();
        let mut count = 0;
        while let Some(row) = rows.next()? {
            page.last = row.get(0)?;
            let snapshot: i64 = row.get(1)?;
            page.snapshots.push(usize::try_from(snapshot).unwrap_or(usize::MAX));
            let mut failed = None;
            page.rows.row(&columns, |at, cells| match row.get_ref(at + 3) {
                Ok(ValueRef::Integer(n)) => cells.int(n),
                Ok(ValueRef::Real(x)) => cells.real(x),
                Ok(ValueRef::Text(text)) => cells.text(text),
                Ok(ValueRef::Blob(bytes)) => cells.blob(bytes),
                Ok(ValueRef::Null) => cells.null(),
                Err(error) => {
                    cells.null();
                    failed = Some(error);
                }
            });
            if let Some(error) = failed {
                return Err(error);
            }
            count += 1;
            if page.rows.size() > BYTES {
                return Ok(page);
            }
        }
        page.is_last = count < ROWS;
        Ok(page)
    }
}

/// A value that is bound without copying it.
struct Borrowed<'v>(ValueRef<'v>);

impl ToSql for Borrowed<'_> {
    fn to_sql(&self) -> Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(rusqlite::types::ToSqlOutput::Borrowed(self.0))
    }
}

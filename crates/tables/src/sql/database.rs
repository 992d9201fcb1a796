//! Answers queries.

use super::authorizer::decide;
use super::consul::CONSUL_VIEWS;
use super::error::{Known, SqlError, explained};
use super::plan::Plan;
use super::session::Session;
use super::table::SnapshotTable;
use crate::cells::Value;
use crate::relation::RELATIONS;
use crate::schema::{VIEWS, View};
use crate::snapshot::Snapshot;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::types::ValueRef;
use rusqlite::vtab::Module;
use rusqlite::{Batch, Connection, InterruptHandle, OpenFlags, Statement};
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

/// The name of the module, and of the function that creates its tables.
const MODULE: &str = "snapshot";

/// Memory for sorting, in KiB; larger results are sorted on disk.
const CACHE: i64 = 32 * 1024;

/// Bytes of a large table that are copied to memory.
const COPIES: usize = 48 << 20;

/// Receives the rows of queries.
pub trait Receiver {
    /// Rows of a statement follow, with these column names.
    ///
    /// # Errors
    /// If the receiver fails.
    fn begin(&mut self, columns: &[String]) -> io::Result<()>;

    /// A row. `Break` ends the statement.
    ///
    /// # Errors
    /// If the receiver fails.
    fn row(&mut self, values: &[Value<'_>]) -> io::Result<ControlFlow<()>>;

    /// The statement has no more rows.
    ///
    /// # Errors
    /// If the receiver fails.
    fn end(&mut self) -> io::Result<()>;
}

/// Snapshots as a read-only database.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    session: Arc<Session>,
}

impl Database {
    /// Creates a database of these snapshots. With more than one, each table starts with a column
    /// `snapshot`.
    ///
    /// # Errors
    /// If SQLite fails, which happens without memory.
    pub fn open(snapshots: Vec<Arc<Snapshot>>) -> Result<Self, SqlError> {
        Self::with_memory(snapshots, COPIES)
    }

    /// The same with another bound of the bytes of a large table that are copied to memory for
    /// look-ups; what is larger is copied to a temporary file.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn with_memory(snapshots: Vec<Arc<Snapshot>>, bytes: usize) -> Result<Self, SqlError> {
        let session = Arc::new(Session::new(snapshots, bytes));
        let connection = connect(&session).map_err(|e| explained(&e, "", Vec::new))?;
        Ok(Self { connection, session })
    }

    /// The snapshots.
    #[must_use]
    pub fn snapshots(&self) -> &[Arc<Snapshot>] {
        &self.session.snapshots
    }

    /// A handle that interrupts a query from another thread.
    #[must_use]
    pub fn interrupt(&self) -> InterruptHandle {
        self.connection.get_interrupt_handle()
    }

    /// Runs the statements of a text, one after the other.
    ///
    /// # Errors
    /// If a statement fails; earlier rows have been received.
    pub fn run(&self, sql: &str, receiver: &mut dyn Receiver) -> Result<(), SqlError> {
        let explain = |error: rusqlite::Error| explained(&error, sql, || self.known());
        let mut batch = Batch::new(&self.connection, sql);
        while let Some(mut statement) = batch.next().map_err(explain)? {
            let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
            receiver.begin(&columns)?;
            self.session.begin(self.plans(&statement).map_err(explain)?);
            self.rows(&mut statement, columns.len(), receiver, sql)?;
            receiver.end()?;
        }
        Ok(())
    }

    fn rows(
        &self,
        statement: &mut Statement<'_>,
        width: usize,
        receiver: &mut dyn Receiver,
        sql: &str,
    ) -> Result<(), SqlError> {
        let explain = |error: rusqlite::Error| explained(&error, sql, || self.known());
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(explain)? {
            let mut values = Vec::with_capacity(width);
            for at in 0..width {
                values.push(match row.get_ref(at).map_err(explain)? {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(n) => Value::Int(n),
                    ValueRef::Real(x) => Value::Real(x),
                    // SQLite calls anything text that was cast to it.
                    ValueRef::Text(text) if std::str::from_utf8(text).is_err() => Value::Blob(text),
                    ValueRef::Text(text) => Value::Text(text),
                    ValueRef::Blob(bytes) => Value::Blob(bytes),
                });
            }
            if receiver.row(&values)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Describes how a statement reads tables.
    fn plans(&self, statement: &Statement<'_>) -> rusqlite::Result<Vec<Plan>> {
        let Some(sql) = statement.expanded_sql().filter(|_| statement.is_explain() == 0) else {
            return Ok(Vec::new());
        };
        let mut explained = self.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let mut rows = explained.query([])?;
        let mut plans = Vec::new();
        while let Some(row) = rows.next()? {
            plans.extend(Plan::in_line(&row.get::<_, String>(3)?));
        }
        Ok(plans)
    }

    /// All tables and views with their columns, tables first.
    #[must_use]
    pub fn known(&self) -> Vec<(String, Vec<String>)> {
        let tables = RELATIONS.iter().map(|relation| relation.name.as_str());
        let names = tables.chain(views().map(|view| view.name));
        let columns = |name: &str| {
            // No row is read.
            let select = format!("SELECT * FROM \"{name}\" LIMIT 0");
            let statement = self.connection.prepare(&select).ok()?;
            Some(statement.column_names().map(str::to_owned).collect())
        };
        let known: Known =
            names.filter_map(|name| Some((name.to_owned(), columns(name)?))).collect();
        known
    }

    /// The content of a table or view, in one line.
    #[must_use]
    pub fn about(name: &str) -> Option<&'static str> {
        let relation = RELATIONS.iter().find(|relation| relation.name == name);
        relation
            .map(|relation| relation.about.as_str())
            .or_else(|| views().find(|view| view.name == name).map(|view| view.about))
    }
}

fn views() -> impl Iterator<Item = &'static View> {
    VIEWS.iter().chain(CONSUL_VIEWS)
}

fn connect(session: &Arc<Session>) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_in_memory_with_flags(flags)?;
    const TABLES: &Module<'_, SnapshotTable> = &Module::read_only_module();
    connection.create_module(MODULE, TABLES, Some(Arc::clone(session)))?;
    connection.pragma_update(None, "cache_size", -CACHE)?;
    let mut schema = String::from("BEGIN;");
    for relation in RELATIONS.iter() {
        schema.push_str(&format!("CREATE VIRTUAL TABLE \"{}\" USING {MODULE};", relation.name));
    }
    let has_several = session.snapshots.len() > 1;
    for view in views() {
        let query = if has_several { view.query_of_several() } else { view.query() };
        schema.push_str(&format!("CREATE VIEW \"{}\" AS {query};", view.name));
    }
    schema.push_str("COMMIT;");
    connection.execute_batch(&schema)?;
    connection.authorizer(Some(decide))?;
    Ok(connection)
}

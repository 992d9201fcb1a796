//! Queries over a snapshot return the rows that they return over its export to SQLite.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use snapscope_analyze::Jobs;
use snapscope_archive::{OpenOptions, Source, open};
use snapscope_export::{Export, ExportOptions, Format};
use snapscope_tables::sql::{Database, Receiver};
use snapscope_tables::{RELATIONS, Relation, Rows, Snapshot, Value};
use snapscope_testkit::fixtures;
use snapscope_testkit::generate::{GenerateOptions, snap};
use snapscope_testkit::random::SplitMix64;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

const SEED: u64 = 2026;

/// Rows as text.
#[derive(Default)]
struct Lines(Vec<String>);

fn shown(value: Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Int(n) => format!("int {n}"),
        Value::Real(x) => format!("real {x}"),
        Value::Text(text) => format!("text {}", String::from_utf8_lossy(text)),
        Value::Blob(bytes) => format!("blob {bytes:?}"),
    }
}

impl Receiver for Lines {
    fn begin(&mut self, _: &[String]) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, values: &[Value<'_>]) -> io::Result<ControlFlow<()>> {
        let cells: Vec<String> = values.iter().map(|value| shown(*value)).collect();
        self.0.push(cells.join(" | "));
        Ok(ControlFlow::Continue(()))
    }

    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn of_snapshot(database: &Database, sql: &str) -> Vec<String> {
    let mut lines = Lines::default();
    database.run(sql, &mut lines).unwrap_or_else(|e| panic!("{sql}: {e}"));
    lines.0.sort_unstable();
    lines.0
}

fn of_export(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    let width = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let cell = |at| {
            shown(match row.get_ref(at).unwrap() {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(n) => Value::Int(n),
                ValueRef::Real(x) => Value::Real(x),
                ValueRef::Text(text) if std::str::from_utf8(text).is_ok() => Value::Text(text),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Value::Blob(bytes),
            })
        };
        lines.push((0..width).map(cell).collect::<Vec<_>>().join(" | "));
    }
    lines.sort_unstable();
    lines
}

fn snapshot(path: &Path) -> Arc<Snapshot> {
    let source = Source::find(path).unwrap();
    Arc::new(Snapshot::new(source, OpenOptions::default(), Jobs::default(), None))
}

fn opened(path: &Path) -> Database {
    Database::open(vec![snapshot(path)]).unwrap()
}

/// The same, without copying large tables to memory.
fn on_disk(path: &Path) -> Database {
    Database::with_memory(vec![snapshot(path)], 0).unwrap()
}

/// Exports a snapshot. Returns `None` if it has objects with equal IDs, which a primary key does
/// not allow.
fn exported(path: &Path, dir: &Path) -> Option<Connection> {
    let out = dir.join("out.db");
    let mut options = ExportOptions::new(Format::Sqlite, &out);
    options.force = true;
    let blocks = open(&Source::find(path).unwrap(), &OpenOptions::default()).unwrap();
    Export::prepare(&options).unwrap().run(blocks, Jobs::default()).unwrap();
    let connection = Connection::open(&out).unwrap();
    let count = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    (count("SELECT count(*) FROM duplicates") == 0).then_some(connection)
}

fn tables() -> Vec<&'static Relation> {
    let is_of_objects =
        |relation: &&Relation| matches!(relation.rows, Rows::Objects(_) | Rows::Links(_));
    RELATIONS.iter().filter(is_of_objects).collect()
}

/// Random queries over the tables of a snapshot.
struct Queries<'q> {
    random: SplitMix64,
    export: &'q Connection,
}

impl Queries<'_> {
    fn table(&mut self) -> (&'static str, &'static [snapscope_tables::RelationColumn]) {
        let tables = tables();
        // Most tables of a small snapshot have few rows.
        for _ in 0..20 {
            let table = *self.random.pick(&tables);
            let sql = format!("SELECT count(*) FROM {}", table.name);
            let count: i64 = self.export.query_row(&sql, [], |row| row.get(0)).unwrap();
            if count > 0 || self.random.percent(5) {
                return (&table.name, &table.columns);
            }
        }
        (&tables[0].name, &tables[0].columns)
    }

    fn column(&mut self, columns: &[snapscope_tables::RelationColumn]) -> String {
        let name = &self.random.pick(columns).name;
        format!("\"{name}\"")
    }

    /// A value of a column, or a similar one, as SQL writes it.
    fn literal(&mut self, table: &str, column: &str) -> String {
        let sql = format!(
            "SELECT quote({column}) FROM {table} ORDER BY 1 LIMIT 1 OFFSET {}",
            self.random.below(40)
        );
        let found: Option<String> = self.export.query_row(&sql, [], |row| row.get(0)).ok();
        match self.random.below(10) {
            0 => "NULL".to_owned(),
            1 => format!("'{}'", self.random.below(300)),
            2 => self.random.below(300).to_string(),
            3 => "x'6170ff'".to_owned(),
            _ => found.unwrap_or_else(|| "'a'".to_owned()),
        }
    }

    fn condition(
        &mut self,
        table: &str,
        columns: &[snapscope_tables::RelationColumn],
        of: &str,
    ) -> String {
        // Conditions on IDs are handled specially.
        let column = match self.random.percent(60) {
            true => format!("\"{}\"", columns[0].name),
            false => self.column(columns),
        };
        let value = self.literal(table, &column);
        let other = self.literal(table, &column);
        let start =
            value.trim_matches('\'').chars().take(3).collect::<String>().replace('\'', "''");
        let one = format!("{of}{column}");
        match self.random.below(12) {
            0 => format!("{one} = {value}"),
            1 => format!("{one} IN ({value}, {other})"),
            2 => format!("{one} > {value}"),
            3 => format!("{one} >= {value} AND {one} < {other}"),
            4 => format!("{one} LIKE '{start}%'"),
            5 => format!("{one} GLOB '{start}*'"),
            6 => format!("{one} IS NOT NULL"),
            7 => format!("{one} <= {value} OR {one} = {other}"),
            8 => format!("{one} COLLATE NOCASE = {value}"),
            9 => format!("NOT {one} BETWEEN {value} AND {other}"),
            10 => format!("{one} <> {value}"),
            _ => format!("{one} LIKE '%{start}_'"),
        }
    }

    fn next(&mut self) -> String {
        let (table, columns) = self.table();
        let first = &columns[0].name;
        let (a, b) = (self.column(columns), self.column(columns));
        let condition = self.condition(table, columns, "");
        match self.random.below(8) {
            0 => format!("SELECT {a}, {b} FROM {table} WHERE {condition}"),
            1 => format!("SELECT count(*) FROM {table} WHERE {condition}"),
            2 => format!("SELECT {a}, count(*), min({b}) FROM {table} GROUP BY {a}"),
            3 => format!("SELECT * FROM {table} WHERE {condition} ORDER BY {a}, \"{first}\""),
            4 => format!("SELECT DISTINCT {a} FROM {table}"),
            _ => self.join(table, columns),
        }
    }

    /// A join along a reference or link, or of any two columns.
    fn join(&mut self, table: &str, columns: &[snapscope_tables::RelationColumn]) -> String {
        let (other, others) = self.table();
        let outer = if self.random.percent(50) { "LEFT JOIN" } else { "JOIN" };
        let (a, b) = (self.column(columns), self.column(others));
        let condition = self.condition(table, columns, "a.");
        let reference = columns.iter().find(|column| column.name.ends_with("_ref"));
        let (on, to) = match reference.filter(|_| self.random.percent(80)) {
            Some(column) => {
                let kind = column.name.trim_end_matches("_ref");
                let to = tables().into_iter().find(|to| match to.rows {
                    Rows::Objects(table) => table.kind.one.replace('-', "_") == kind,
                    _ => false,
                });
                let to = to.expect("references lead to tables");
                (format!("b.\"{}\" = a.\"{}\"", to.columns[0].name, column.name), &*to.name)
            }
            None => (format!("b.{b} = a.{a}"), other),
        };
        match self.random.below(3) {
            0 => format!(
                "SELECT a.{a}, b.rowid IS NULL FROM {table} a {outer} {to} b ON {on} WHERE {condition}"
            ),
            1 => format!(
                "SELECT count(*), count(b.rowid) FROM {table} a {outer} {to} b ON {on} WHERE {condition}"
            ),
            _ => format!(
                "SELECT a.{a} FROM {table} a WHERE EXISTS (SELECT 1 FROM {to} b WHERE {on}) AND {condition}"
            ),
        }
    }
}

/// Joins multiply rows, and rows without an index are compared one by one.
const MOST: i64 = 2_000_000;

#[test]
fn random_queries_have_the_rows_of_the_export() {
    let dir = tempfile::tempdir().unwrap();
    let mut asked = 0;
    let all = fixtures::all_snapshots();
    let each = 400 / all.len() + 1;
    for (at, path) in all.iter().enumerate() {
        let Some(export) = exported(path, dir.path()) else { continue };
        let (database, on_disk) = (opened(path), on_disk(path));
        let mut queries = Queries { random: SplitMix64::new(SEED + at as u64), export: &export };
        let mut left = each;
        while left > 0 {
            let sql = queries.next();
            // Tables without rowids have no `rowid`, and huge products help nobody.
            let size = format!("SELECT count(*) FROM ({sql})");
            let Ok(size) = export.query_row(&size, [], |row| row.get::<_, i64>(0)) else {
                continue;
            };
            if size > MOST {
                continue;
            }
            left -= 1;
            asked += 1;
            let (got, expected) = (of_snapshot(&database, &sql), of_export(&export, &sql));
            assert_eq!(got, expected, "{}: {sql}", path.display());
            if sql.contains(" kv ") && sql.contains(" b ") {
                let got = of_snapshot(&on_disk, &sql);
                assert_eq!(got, expected, "{}, on disk: {sql}", path.display());
            }
        }
    }
    assert!(asked >= 200, "{asked}");
}

/// Copies of keys for look-ups have the same rows on disk and in memory.
#[test]
fn copies_on_disk_have_the_rows_of_those_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (1..3)
        .map(|seed| {
            let path = dir.path().join(format!("{seed}.snap"));
            let options = GenerateOptions { bytes: 300 << 10, seed, ..GenerateOptions::default() };
            std::fs::write(&path, snap(&options).0).unwrap();
            path
        })
        .collect();
    let snapshots = || paths.iter().map(|path| snapshot(path)).collect::<Vec<_>>();
    let memory = Database::open(snapshots()).unwrap();
    for bytes in [0, 100_000] {
        let disk = Database::with_memory(snapshots(), bytes).unwrap();
        for sql in [
            "SELECT a.key, a.value, b.value FROM kv a JOIN kv b ON b.key = a.key AND b.snapshot = a.snapshot",
            "SELECT a.key, b.size FROM kv a LEFT JOIN kv b ON b.key = a.key || 'x' OR b.key = a.key",
            "SELECT count(*), sum(b.size) FROM kv a JOIN kv b ON b.flags = a.flags WHERE a.key < 'b'",
            "SELECT count(*) FROM kv a JOIN kv b ON b.snapshot = a.snapshot WHERE a.key LIKE '%7'",
            "SELECT l.key, b.size, b.session FROM locks l JOIN kv b ON b.key = l.key",
            "SELECT count(*), max(b.bytes) FROM record_types t JOIN records b ON b.type = t.type",
        ] {
            let expected = of_snapshot(&memory, sql);
            assert_eq!(of_snapshot(&disk, sql), expected, "{sql}");
        }
    }
}

#[test]
fn tables_and_views_have_the_rows_of_the_export() {
    let dir = tempfile::tempdir().unwrap();
    for path in fixtures::all_snapshots() {
        let Some(export) = exported(&path, dir.path()) else { continue };
        let database = opened(&path);
        let mut names = export
            .prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
            .unwrap();
        let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap();
        for name in names.map(Result::unwrap) {
            // Their facts are about the export, too.
            if ["duplicates", "meta"].contains(&&*name) {
                continue;
            }
            let sql = format!("SELECT * FROM {name}");
            let (got, expected) = (of_snapshot(&database, &sql), of_export(&export, &sql));
            assert_eq!(got, expected, "{}: {name}", path.display());
        }
    }
}

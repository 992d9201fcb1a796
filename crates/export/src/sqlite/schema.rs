//! The schema, generated from the tables of kinds, references, links and views.

use snapscope_objects::kind::Reference;
use snapscope_tables::schema::{Holds, LINKS, TABLES, Table, VIEWS, table as table_of};
use std::fmt::Write as _;

/// Returns the statements that create the empty database.
#[must_use]
pub fn schema() -> String {
    let mut out = String::new();
    out.push_str("-- Facts about the snapshot; `incomplete` is 1 if it was damaged.\n");
    out.push_str("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT);\n\n");
    out.push_str("-- The damage that was found.\n");
    out.push_str("CREATE TABLE damage (number INTEGER PRIMARY KEY, message TEXT NOT NULL);\n\n");
    out.push_str("-- The snapshot's records by type, as `inspect` counts them.\n");
    out.push_str(
        "CREATE TABLE record_types (type TEXT PRIMARY KEY, records INTEGER NOT NULL, bytes INTEGER NOT NULL);\n\n",
    );
    out.push_str("-- Objects with the same key as another object of their kind.\n");
    out.push_str(
        "CREATE TABLE duplicates (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id, json TEXT, value BLOB);\n\n",
    );
    for table in TABLES.iter().filter(|table| !table.is_view()) {
        create(table, &mut out);
    }
    for link in LINKS.iter() {
        let (from, to) = (table_of(link.from.id), table_of(link.link.to));
        let (Some(from), Some(to)) = (from, to) else { continue };
        let _ = write!(
            out,
            "-- `link` is the stored link; `{}` is null if the object no longer exists.\nCREATE \
             TABLE {} (\n  {} TEXT NOT NULL REFERENCES {} ({}),\n  position INTEGER NOT NULL,\n  \
             link TEXT NOT NULL,\n  {} TEXT REFERENCES {} ({}),\n  PRIMARY KEY ({}, position)\n) \
             WITHOUT ROWID;\n\n",
            link.to_column,
            link.name,
            link.from_column,
            from.name,
            from.key(),
            link.to_column,
            to.name,
            to.key(),
            link.from_column,
        );
    }
    for view in VIEWS {
        let _ = write!(
            out,
            "-- {}.\nCREATE VIEW {} AS\n  {};\n\n",
            view.about,
            view.name,
            view.query()
        );
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn create(table: &Table, out: &mut String) {
    let _ = write!(out, "-- {}.\nCREATE TABLE {} (\n", table.kind.about, table.name);
    let mut lines = Vec::new();
    for column in &table.columns {
        let name = &column.name;
        lines.push(match column.holds {
            Holds::Id => format!("  \"{name}\" TEXT NOT NULL PRIMARY KEY"),
            // A column without a type keeps values as stored: numbers or text.
            Holds::Shown(_) => format!("  \"{name}\""),
            Holds::Value(_) => format!("  \"{name}\" BLOB NOT NULL"),
            Holds::Reference(reference) => {
                let to = table_of(reference.to);
                let (to, key) = to.map_or(("", "id"), |to| (to.name.as_str(), to.key()));
                format!("  \"{name}\" TEXT REFERENCES {to} ({key})")
            }
            Holds::Json => format!("  \"{name}\" TEXT"),
        });
    }
    let _ = write!(out, "{}\n);\n\n", lines.join(",\n"));
}

/// Returns the statements that run after the last row: dangling references become null, and indexes
/// are created.
pub(crate) fn settle() -> String {
    let mut out = String::new();
    let mut clear = |from: &str, column: &str, to: &str, key: &str| {
        let _ = writeln!(
            out,
            "UPDATE {from} SET {column} = NULL WHERE {column} IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM {to} WHERE {to}.{key} = {from}.{column});"
        );
    };
    for (from, column, reference) in references() {
        if let Some(to) = table_of(reference.to) {
            clear(&from.name, column, &to.name, to.key());
        }
    }
    for link in LINKS.iter() {
        if let Some(to) = table_of(link.link.to) {
            clear(&link.name, &link.to_column, &to.name, to.key());
        }
    }
    for (from, column, _) in references() {
        let from = &from.name;
        let _ = writeln!(out, "CREATE INDEX {from}_{column} ON {from} ({column});");
    }
    for link in LINKS.iter() {
        let (name, column) = (&link.name, &link.to_column);
        let _ = writeln!(out, "CREATE INDEX {name}_{column} ON {name} ({column});");
    }
    out
}

/// Columns that refer to other tables, with those tables.
fn references() -> impl Iterator<Item = (&'static Table, &'static str, &'static Reference)> {
    TABLES.iter().flat_map(|table| {
        table.columns.iter().filter_map(move |column| match column.holds {
            Holds::Reference(reference) => Some((table, column.name.as_str(), reference)),
            _ => None,
        })
    })
}

//! The columns of each kind's table.

use snapscope_objects::kind::{Cell, Column, KindId, ObjectKind, Reference};
use snapscope_objects::kinds::{self, KINDS};
use std::sync::LazyLock;

/// The table of a kind.
#[derive(Debug)]
pub struct Table {
    /// The kind.
    pub kind: &'static ObjectKind,
    /// The kind's name with `_` for `-`.
    pub name: String,
    /// The columns.
    pub columns: Vec<TableColumn>,
}

/// A column; the first one of a table is its primary key.
#[derive(Debug)]
pub struct TableColumn {
    /// Its name.
    pub name: String,
    /// Its content.
    pub holds: Holds,
}

/// The content of a column.
#[derive(Debug, Clone, Copy)]
pub enum Holds {
    /// The object's ID.
    Id,
    /// A column of the kind's table in `list`.
    Shown(&'static Column),
    /// The bytes of this field, which users set.
    Value(&'static str),
    /// A reference to an object of another kind.
    Reference(&'static Reference),
    /// The whole object.
    Json,
}

/// The tables, in the order of the kinds. `keys` is a view of `kv`, but has its number here.
pub static TABLES: LazyLock<Vec<Table>> =
    LazyLock::new(|| KINDS.iter().map(|kind| Table::of(kind)).collect());

impl Table {
    fn of(kind: &'static ObjectKind) -> Self {
        let is_id = |column: &Column| match (&column.cell, kind.id_fields) {
            (Cell::Field(path), [only]) => path == only,
            _ => false,
        };
        let own = kind.columns.iter().find(|column| is_id(column));
        let id = own.map_or("id", |column| column.name);
        let mut columns = vec![TableColumn { name: name_of(id), holds: Holds::Id }];
        for column in kind.columns.iter().filter(|column| column.name != id || own.is_none()) {
            let taken = columns.iter().any(|known| known.name == name_of(column.name));
            let name = if taken { format!("{}_id", kind.one) } else { column.name.to_owned() };
            let holds = match (kind.traits.value, &column.cell) {
                (Some(value), Cell::Field(path)) if value == *path => Holds::Value(value),
                _ => Holds::Shown(column),
            };
            columns.push(TableColumn { name: name_of(&name), holds });
        }
        for reference in kind.traits.references {
            let name = name_of(&format!("{}_ref", kinds::of(reference.to).one));
            columns.push(TableColumn { name, holds: Holds::Reference(reference) });
        }
        let last = super::last_column(kind).to_owned();
        columns.push(TableColumn { name: last, holds: Holds::Json });
        Self { kind, name: name_of(kind.name), columns }
    }

    /// Whether it does not have its own table.
    #[must_use]
    pub fn is_view(&self) -> bool {
        self.kind.traits.excerpt_of.is_some()
    }

    /// The name of its primary key.
    #[must_use]
    pub fn key(&self) -> &str {
        self.columns.first().map_or("id", |column| &column.name)
    }
}

/// The table of a kind.
#[must_use]
pub fn table(kind: KindId) -> Option<&'static Table> {
    TABLES.get(kind.index())
}

/// Replaces dashes, so that the name needs no quotes.
#[must_use]
pub fn name_of(name: &str) -> String {
    name.replace('-', "_")
}

//! The columns of each kind's table.

use snapscope_objects::kinds::{KINDS, ObjectKind};
use snapscope_objects::row::{Cell, Column};
use std::sync::LazyLock;

/// The table of a kind.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) kind: &'static ObjectKind,
    /// The kind's name with `_` for `-`.
    pub(crate) name: String,
    pub(crate) columns: Vec<TableColumn>,
}

/// A column; the first one of a table is its primary key.
#[derive(Debug)]
pub(crate) struct TableColumn {
    pub(crate) name: String,
    pub(crate) holds: Holds,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Holds {
    /// The object's ID.
    Id,
    /// A column of the kind's table in `list`.
    Shown(&'static Column),
    /// The bytes of a key's value.
    Value,
    /// A reference to an object of another kind.
    Reference(&'static Reference),
    /// The whole object.
    Json,
}

/// A column that references another table's primary key; null if the target does not exist.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) kind: &'static str,
    pub(crate) column: &'static str,
    pub(crate) to: &'static str,
    /// The fields that form the key, after the peer's name.
    pub(crate) fields: &'static [&'static str],
    /// The field that names the peer the object was imported from.
    pub(crate) peer: Option<&'static str>,
}

/// All references.
pub(crate) static REFERENCES: &[Reference] = &[
    one("instances", "node_ref", "nodes", &["Node"], Some("PeerName")),
    one("instances", "service_ref", "services", &["ServiceName"], Some("PeerName")),
    one("checks", "node_ref", "nodes", &["Node"], Some("PeerName")),
    one("checks", "instance_ref", "instances", &["Node", "ServiceID"], Some("PeerName")),
    one("sessions", "node_ref", "nodes", &["Node"], None),
    one("coordinates", "node_ref", "nodes", &["Node"], None),
    one("locks", "kv_ref", "kv", &["Key"], None),
    one("locks", "session_ref", "sessions", &["Session"], None),
    one("locks", "node_ref", "nodes", &["Node"], None),
    one("tokens", "auth_method_ref", "auth-methods", &["AuthMethod"], None),
    one("binding-rules", "auth_method_ref", "auth-methods", &["AuthMethod"], None),
    one("trust-bundles", "peering_ref", "peerings", &["PeerName"], None),
];

const fn one(
    kind: &'static str,
    column: &'static str,
    to: &'static str,
    fields: &'static [&'static str],
    peer: Option<&'static str>,
) -> Reference {
    Reference { kind, column, to, fields, peer }
}

/// The tables, in the order of the kinds. `keys` is a view of `kv`, but has its number here.
pub(crate) static TABLES: LazyLock<Vec<Table>> =
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
            let holds = if (kind.name, column.name) == ("kv", "value") {
                Holds::Value
            } else {
                Holds::Shown(column)
            };
            columns.push(TableColumn { name: name_of(&name), holds });
        }
        for reference in REFERENCES.iter().filter(|reference| reference.kind == kind.name) {
            let name = reference.column.to_owned();
            columns.push(TableColumn { name, holds: Holds::Reference(reference) });
        }
        let last = crate::csv::last_column(kind).to_owned();
        columns.push(TableColumn { name: last, holds: Holds::Json });
        Self { kind, name: name_of(kind.name), columns }
    }

    /// Whether it does not have its own table.
    pub(crate) fn is_view(&self) -> bool {
        self.kind.name == "keys"
    }

    /// The name of its primary key.
    pub(crate) fn key(&self) -> &str {
        self.columns.first().map_or("id", |column| &column.name)
    }
}

/// Returns the table of a kind, by the kind's name.
pub(crate) fn table(kind: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.kind.name == kind)
}

/// Replaces dashes, so that the name needs no quotes.
pub(crate) fn name_of(name: &str) -> String {
    name.replace('-', "_")
}

//! All tables of SQL: those of the schema, and those with facts about a snapshot.

use crate::schema::{Holds, LINKS, LinkTable, TABLES, Table};
use std::sync::LazyLock;

/// A table.
#[derive(Debug)]
pub struct Relation {
    /// Its name.
    pub name: String,
    /// Its content, in one line.
    pub about: String,
    /// The columns. In the table of a kind, the first one contains IDs.
    pub columns: Vec<RelationColumn>,
    /// The source of its rows.
    pub rows: Rows,
}

/// A column.
#[derive(Debug)]
pub struct RelationColumn {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub class: Class,
}

/// The values of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Text.
    Text,
    /// Integers.
    Int,
    /// Bytes.
    Blob,
    /// The stored type: numbers or text.
    Any,
}

/// The source of a table's rows.
#[derive(Debug, Clone, Copy)]
pub enum Rows {
    /// Objects of a kind.
    Objects(&'static Table),
    /// Links of objects of a kind to others.
    Links(&'static LinkTable),
    /// Numbers of records by type.
    RecordTypes,
    /// The records.
    Records,
    /// Facts about the snapshot.
    Meta,
    /// What is damaged.
    Damage,
    /// What an audit finds.
    Findings,
    /// What tokens may do.
    Grants,
}

/// A table of facts: its name, its content, its source and its columns.
type Facts = (&'static str, &'static str, Rows, &'static [(&'static str, Class)]);

const FACTS: &[Facts] = &[
    (
        "record_types",
        "the snapshot's records by type, as `inspect` counts them",
        Rows::RecordTypes,
        &[("type", Class::Text), ("records", Class::Int), ("bytes", Class::Int)],
    ),
    (
        "records",
        "all records: their type, and where they are in state.bin",
        Rows::Records,
        &[
            ("number", Class::Int),
            ("type", Class::Text),
            ("offset", Class::Int),
            ("bytes", Class::Int),
        ],
    ),
    (
        "meta",
        "facts about the snapshot; `incomplete` is 1 if it is damaged",
        Rows::Meta,
        &[("name", Class::Text), ("value", Class::Text)],
    ),
    (
        "damage",
        "the damage that was found",
        Rows::Damage,
        &[("number", Class::Int), ("message", Class::Text)],
    ),
    (
        "findings",
        "what `audit` finds",
        Rows::Findings,
        &[
            ("rule", Class::Text),
            ("severity", Class::Text),
            ("type", Class::Text),
            ("id", Class::Text),
            ("message", Class::Text),
            ("field", Class::Text),
            ("excerpt", Class::Text),
            ("modified", Class::Int),
            ("title", Class::Text),
        ],
    ),
    (
        "grants",
        "what the rules of each token grant, after merging, and the policy that says so",
        Rows::Grants,
        &[
            ("token", Class::Text),
            ("resource", Class::Text),
            ("segment", Class::Text),
            ("access", Class::Text),
            ("policy", Class::Text),
            ("prefix", Class::Int),
            ("role", Class::Text),
        ],
    ),
];

/// All of them.
pub static RELATIONS: LazyLock<Vec<Relation>> = LazyLock::new(|| {
    let tables = TABLES.iter().filter(|table| !table.is_view()).map(objects);
    let facts = FACTS.iter().map(|(name, about, rows, columns)| Relation {
        name: (*name).to_owned(),
        about: (*about).to_owned(),
        columns: columns.iter().map(|(name, class)| column(name, *class)).collect(),
        rows: *rows,
    });
    tables.chain(LINKS.iter().map(links)).chain(facts).collect()
});

/// The table with this name, ignoring case.
#[must_use]
pub fn relation(name: &str) -> Option<&'static Relation> {
    RELATIONS.iter().find(|relation| relation.name.eq_ignore_ascii_case(name))
}

fn column(name: &str, class: Class) -> RelationColumn {
    RelationColumn { name: name.to_owned(), class }
}

fn objects(table: &'static Table) -> Relation {
    let class = |holds: &Holds| match holds {
        Holds::Id | Holds::Reference(_) | Holds::Json => Class::Text,
        Holds::Shown(_) => Class::Any,
        Holds::Value(_) => Class::Blob,
    };
    let columns = table.columns.iter().map(|one| column(&one.name, class(&one.holds)));
    Relation {
        name: table.name.clone(),
        about: table.kind.about.to_owned(),
        columns: columns.collect(),
        rows: Rows::Objects(table),
    }
}

fn links(table: &'static LinkTable) -> Relation {
    let from = table.from.name;
    Relation {
        name: table.name.clone(),
        about: format!("links of {from}; `{}` is null if they lead nowhere", table.to_column),
        columns: vec![
            column(&table.from_column, Class::Text),
            column("position", Class::Int),
            column("link", Class::Text),
            column(&table.to_column, Class::Text),
        ],
        rows: Rows::Links(table),
    }
}

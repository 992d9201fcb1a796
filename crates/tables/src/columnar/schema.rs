//! The schema of Parquet and Arrow files, and of tables in Python: the columns of a table with types.
//!
//! Files of thousands of snapshots are read as one table, so a column keeps its name and type. The schema has a version,
//! `docs/tables-schema.md` shows it, and a test compares them.

use crate::relation::{Class as SqlClass, Relation, Rows, relation};
use crate::schema::{Holds, TABLES, Table, name_of};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use snapscope_decode::schema::Class as Stored;
use snapscope_objects::filter::Shape;
use snapscope_objects::kind::{Cell, KindId, ObjectKind};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// The version of the schema, in the metadata of each file.
pub const VERSION: &str = "1";
/// The key of the version.
pub const VERSION_KEY: &str = "snapscope.schema_version";

/// Columns that are computed as numbers.
const COMPUTED_NUMBERS: [&str; 3] = ["size", "gateways", "roots"];
/// Fields of the API that have times, of objects that are stored otherwise.
const TIMES: [&str; 2] = ["NotBefore", "NotAfter"];
/// The column with numbers that a signed integer may not hold.
const FLAGS: &str = "flags";

/// The column of a table of links with the object that a link leads to, if it exists.
const LINK_TARGET: usize = 3;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Text in UTF-8; other bytes are replaced by U+FFFD.
    Text,
    /// The text's bytes, where they are not UTF-8.
    OddBytes,
    /// A signed 64-bit integer: of a larger number the same bits.
    Int,
    /// The number as text.
    Digits,
    /// True or false.
    Bool,
    /// A 64-bit float.
    Float,
    /// Bytes.
    Bytes,
    /// Microseconds since 1970, in UTC.
    Time,
    /// A list of texts.
    Texts,
    /// A map of texts to texts.
    TextMap,
}

/// A column of a file.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub class: Class,
    /// The position of the column of the table that it is made from.
    pub from: usize,
}

/// The columns that every file begins with. They are equal in all rows.
pub const COMMON: [(&str, Class); 5] = [
    ("cluster", Class::Text),
    ("datacenter", Class::Text),
    ("snapshot", Class::Text),
    ("taken", Class::Time),
    ("raft_index", Class::Int),
];

/// The table of a kind.
#[must_use]
pub fn table_of(kind: KindId) -> Option<&'static Relation> {
    relation(&TABLES.get(kind.index())?.name)
}

/// The columns of a table's file after the common ones. References to other tables are not among them: where they lead
/// nowhere is known only at the end.
#[must_use]
pub fn columns(relation: &Relation) -> Vec<Column> {
    let Rows::Objects(table) = relation.rows else { return of_facts(relation) };
    let mut columns = Vec::new();
    for (from, column) in table.columns.iter().enumerate() {
        let Some(class) = class(table, from) else { continue };
        let mut add = |name: String, class| columns.push(Column { name, class, from });
        let is_taken = COMMON.iter().any(|(common, _)| *common == column.name);
        let of_kind = || name_of(&format!("{}_{}", table.kind.one, column.name));
        add(if is_taken { of_kind() } else { column.name.clone() }, class);
        if from == 0 && table.kind.traits.keyed {
            add(format!("{}_bytes", column.name), Class::OddBytes);
        }
        if column.name == FLAGS {
            add(format!("{FLAGS}_text"), Class::Digits);
        }
    }
    columns
}

/// The columns of links and facts.
fn of_facts(relation: &Relation) -> Vec<Column> {
    let is_link = matches!(relation.rows, Rows::Links(_));
    let columns = relation.columns.iter().enumerate();
    let own = columns.filter(|(from, _)| !(is_link && *from == LINK_TARGET));
    own.map(|(from, column)| {
        let class = match column.class {
            SqlClass::Int => Class::Int,
            SqlClass::Text | SqlClass::Any => Class::Text,
            SqlClass::Blob => Class::Bytes,
        };
        Column { name: column.name.clone(), class, from }
    })
    .collect()
}

fn class(table: &Table, column: usize) -> Option<Class> {
    Some(match table.columns.get(column)?.holds {
        Holds::Reference(_) => return None,
        Holds::Id | Holds::Json => Class::Text,
        Holds::Value(_) => Class::Bytes,
        Holds::Shown(column) => match &column.cell {
            Cell::Made { .. } if COMPUTED_NUMBERS.contains(&column.name) => Class::Int,
            Cell::Made { .. } => Class::Text,
            Cell::Field(path) => of_field(table.kind, path),
        },
    })
}

fn of_field(kind: &ObjectKind, path: &str) -> Class {
    let member = |shape: Shape, name: &str| shape.member(name.as_bytes());
    match path.split('.').try_fold(kind.shape(), member) {
        Some(Shape::Bool) => Class::Bool,
        Some(Shape::Int | Shape::Uint | Shape::Uint32) => Class::Int,
        Some(Shape::Float | Shape::Float32) => Class::Float,
        Some(Shape::List(of)) if matches!(*of, Shape::Text) => Class::Texts,
        Some(Shape::Map(of)) if matches!(*of, Shape::Text) => Class::TextMap,
        Some(Shape::Text) if is_time(&kind.shape(), path) => Class::Time,
        _ => Class::Text,
    }
}

fn is_time(shape: &Shape, path: &str) -> bool {
    match shape {
        _ if TIMES.contains(&path) => true,
        Shape::With(_, inner) => is_time(inner, path),
        Shape::Struct(schema) => schema
            .fields
            .iter()
            .any(|field| field.json == path && matches!(field.class, Stored::Time)),
        _ => false,
    }
}

/// Text in a list or map.
fn text(name: &str, nullable: bool) -> Arc<Field> {
    Arc::new(Field::new(name, DataType::Utf8, nullable))
}

/// The fields of the entries of a map.
pub(super) fn entries() -> Fields {
    Fields::from(vec![text("keys", false), text("values", true)])
}

/// The items of a list.
pub(super) fn item() -> Arc<Field> {
    text("item", true)
}

fn data_type(class: Class) -> DataType {
    match class {
        Class::Text | Class::Digits => DataType::Utf8,
        Class::OddBytes | Class::Bytes => DataType::Binary,
        Class::Int => DataType::Int64,
        Class::Bool => DataType::Boolean,
        Class::Float => DataType::Float64,
        Class::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Class::Texts => DataType::List(item()),
        Class::TextMap => {
            let entries = Field::new("entries", DataType::Struct(entries()), false);
            DataType::Map(Arc::new(entries), false)
        }
    }
}

/// A column of this type.
#[must_use]
pub fn field(name: &str, class: Class) -> Field {
    Field::new(name, data_type(class), true)
}

/// The schema of the columns after the common ones.
#[must_use]
pub fn own_schema(columns: &[Column]) -> SchemaRef {
    let fields: Vec<Field> = columns.iter().map(|c| field(&c.name, c.class)).collect();
    Arc::new(Schema::new(fields))
}

/// The whole schema.
#[must_use]
pub fn schema(columns: &[Column]) -> SchemaRef {
    let common = COMMON.iter().map(|(name, class)| field(name, *class));
    let fields: Vec<Field> =
        common.chain(columns.iter().map(|c| field(&c.name, c.class))).collect();
    let metadata = HashMap::from([(VERSION_KEY.to_owned(), VERSION.to_owned())]);
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

/// The schema as `docs/tables-schema.md` shows it.
#[must_use]
pub fn columnar_schema() -> String {
    let word = |class| match class {
        Class::Text | Class::Digits => "text",
        Class::OddBytes | Class::Bytes => "binary",
        Class::Int => "int64",
        Class::Bool => "boolean",
        Class::Float => "double",
        Class::Time => "timestamp, microseconds, UTC",
        Class::Texts => "list of text",
        Class::TextMap => "map of text to text",
    };
    let mut out = format!("schema version {VERSION}\n\nall files:\n");
    for (name, class) in COMMON {
        let _ = writeln!(out, "  {name}: {}", word(class));
    }
    for table in TABLES.iter().filter(|table| !table.is_view()) {
        let Some(relation) = table_of(table.kind.id) else { continue };
        let _ = writeln!(out, "\n{}.parquet:", table.kind.name);
        for column in columns(relation) {
            let _ = writeln!(out, "  {}: {}", column.name, word(column.class));
        }
    }
    out
}

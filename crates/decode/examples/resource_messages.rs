//! Writes `src/generated/resources.rs` from the tables in `data/`.
//!
//! For a new version of Consul, edit the tables, then run `cargo run -p snapscope-decode --example
//! resource_messages > crates/decode/src/generated/resources.rs`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "reads tables of ours"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

const MESSAGES: &str = include_str!("../data/resource-messages.tsv");
const TYPES: &str = include_str!("../data/resource-types.tsv");

/// The versions the tables were read from, and the minor version after each.
const READ: [(&str, u32); 6] = [
    ("1.16.3", 16),
    ("1.17.3", 17),
    ("1.18.2", 18),
    ("1.19.2", 19),
    ("1.20.4", 20),
    ("1.21.4", 21),
];

#[allow(clippy::disallowed_methods, reason = "an example that prints a generated file")]
fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(generate().as_bytes())
}

struct FieldRow {
    number: String,
    json: String,
    cardinality: String,
    kind: String,
    refers: String,
    versions: BTreeSet<u32>,
}

#[derive(Default)]
struct Tables {
    fields: BTreeMap<String, Vec<FieldRow>>,
    values: BTreeMap<String, Vec<(i64, String, BTreeSet<u32>)>>,
    /// Type, message, scope, versions.
    types: Vec<(String, String, String, BTreeSet<u32>)>,
}

fn versions(text: &str) -> BTreeSet<u32> {
    text.split(',').filter_map(|v| READ.iter().find(|(name, _)| *name == v)).map(|r| r.1).collect()
}

fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn read() -> Tables {
    let mut tables = Tables::default();
    for row in rows(MESSAGES) {
        let cell = |at: usize| row.get(at).copied().unwrap_or_default().to_owned();
        let name = cell(1);
        if cell(0) == "enum" {
            let number = cell(2).parse().unwrap_or_default();
            tables.values.entry(name).or_default().push((number, cell(3), versions(&cell(7))));
            continue;
        }
        let row = FieldRow {
            number: cell(2),
            json: cell(3),
            cardinality: cell(4),
            kind: cell(5),
            refers: cell(6),
            versions: versions(&cell(7)),
        };
        tables.fields.entry(name).or_default().push(row);
    }
    for row in rows(TYPES) {
        let cell = |at: usize| row.get(at).copied().unwrap_or_default().to_owned();
        tables.types.push((cell(0), cell(1), cell(2), versions(&cell(3))));
    }
    // Messages without fields have no rows of their own.
    let mut empty: Vec<String> = tables.types.iter().map(|t| t.1.clone()).collect();
    empty.extend(
        tables
            .fields
            .values()
            .flatten()
            .filter(|f| f.kind == "message" && f.refers.starts_with("hashicorp."))
            .map(|f| f.refers.clone()),
    );
    for name in empty {
        tables.fields.entry(name).or_default();
    }
    tables
}

/// `hashicorp.consul.auth.v2beta1.Action` is `AUTH_V2BETA1_ACTION`.
fn ident(name: &str) -> String {
    name.trim_start_matches("hashicorp.consul.").replace('.', "_").to_uppercase()
}

/// The versions of a field, if they are not those of its message: `.of(17, 20)`.
fn range(of: &BTreeSet<u32>, within: &BTreeSet<u32>) -> String {
    if of.is_empty() || of == within {
        return String::new();
    }
    let since = of.first().filter(|first| within.first() < Some(first));
    let until = of.last().filter(|last| within.last() > Some(last)).map(|last| last + 1);
    match (since, until) {
        (Some(since), Some(until)) => format!(".of({since}, {until})"),
        (Some(since), None) => format!(".since({since})"),
        (None, Some(until)) => format!(".until({until})"),
        (None, None) => String::new(),
    }
}

fn class(kind: &str, refers: &str) -> String {
    match (kind, refers) {
        ("string", _) => "Text".to_owned(),
        ("bytes", _) => "Bytes".to_owned(),
        ("bool", _) => "Bool".to_owned(),
        ("uint32", _) => "Uint32".to_owned(),
        ("int32", _) => "Int32".to_owned(),
        ("uint64", _) => "Uint".to_owned(),
        ("int64", _) => "Int".to_owned(),
        ("double", _) => "Double".to_owned(),
        ("enum", name) => format!("Named(&{})", ident(name)),
        (_, "google.protobuf.Timestamp") => "Timestamp".to_owned(),
        (_, "google.protobuf.Duration") => "Duration".to_owned(),
        (_, "google.protobuf.Struct") => "Struct".to_owned(),
        (_, "google.protobuf.Any") => "AnyMessage".to_owned(),
        (_, "google.protobuf.BoolValue") => "Wrapped(&Bool)".to_owned(),
        (_, "google.protobuf.UInt32Value") => "Wrapped(&Uint32)".to_owned(),
        (_, "google.protobuf.UInt64Value") => "Wrapped(&Uint)".to_owned(),
        (_, name) => format!("Message(&{})", ident(name)),
    }
}

/// The text of the file.
pub(crate) fn generate() -> String {
    let tables = read();
    let mut out = String::from(
        "// Made by examples/resource_messages.rs from data/; edit the tables, not this file.\n\n\
         use crate::protobuf::MessageClass::{\n    AnyMessage, Bool, Duration, Int32, Map, Message, \
         Named, Struct, Text, Timestamp, Uint, Uint32, Wrapped,\n};\n\
         use crate::protobuf::{EnumValue, MessageSchema, field, value};\n\
         use crate::records::resource_type::ResourceType;\n\n",
    );
    for (name, values) in &tables.values {
        let all: BTreeSet<u32> = values.iter().flat_map(|v| v.2.clone()).collect();
        let _ = writeln!(out, "static {}: [EnumValue; {}] = [", ident(name), values.len());
        for (number, text, versions) in values {
            let _ = writeln!(out, "    value({number}, \"{text}\"){},", range(versions, &all));
        }
        out.push_str("];\n");
    }
    for (name, fields) in &tables.fields {
        let all: BTreeSet<u32> = fields.iter().flat_map(|f| f.versions.clone()).collect();
        let _ = writeln!(out, "\n/// `{name}`");
        let _ = writeln!(out, "pub static {}: MessageSchema = MessageSchema {{", ident(name));
        let _ = writeln!(out, "    name: \"{name}\",");
        out.push_str("    fields: &[");
        let mut groups: Vec<&str> = Vec::new();
        for f in fields {
            let one = class(&f.kind, &f.refers);
            let (class, more) = match f.cardinality.as_str() {
                "repeated" => (one, ".repeated()".to_owned()),
                "optional" => (one, ".optional()".to_owned()),
                "map<string>" => (format!("Map(&{one})"), String::new()),
                "" => (one, String::new()),
                group => {
                    let place = groups.iter().position(|known| *known == group);
                    let place = place.unwrap_or_else(|| {
                        groups.push(group);
                        groups.len() - 1
                    });
                    (one, format!(".one_of({})", place + 1))
                }
            };
            let range = range(&f.versions, &all);
            let _ =
                write!(out, "\n        field({}, \"{}\", {class}){more}{range},", f.number, f.json);
        }
        if !fields.is_empty() {
            out.push_str("\n    ");
        }
        out.push_str("],\n};\n");
    }
    out.push_str("\n/// All messages, by name.\npub static MESSAGES: &[&MessageSchema] = &[\n");
    for name in tables.fields.keys() {
        let _ = writeln!(out, "    &{},", ident(name));
    }
    out.push_str("];\n\n/// The types servers of 1.16 and later register.\n");
    out.push_str("pub static RESOURCE_TYPES: &[ResourceType] = &[\n");
    for (name, message, scope, versions) in &tables.types {
        let first = versions.first().copied().unwrap_or_default();
        let last = versions.last().copied().unwrap_or_default();
        // Types that the newest version registers are assumed to stay.
        let last = if last == READ[READ.len() - 1].1 { 0 } else { last + 1 };
        let _ = writeln!(
            out,
            "    ResourceType::new(\"{name}\", &{}, \"{scope}\", {first}, {last}),",
            ident(message)
        );
    }
    out.push_str("];\n");
    out
}

//! Finds all fields of a snapshot that hold numbers, at any depth, and replaces their values.

use crate::msgpack::Val;
use crate::mutate::read_values;
use crate::records::{Record, kind};
use crate::shapes::{ConsulVersion, fill};
use std::collections::BTreeSet;

/// A field that holds a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    record: usize,
    path: Vec<usize>,
    /// The record's type and the names of the path, such as `22.service-router.Entry.Routes.Destination.NumRetries`.
    pub name: String,
}

/// The first number with each name.
#[must_use]
pub fn numbers(records: &[Record]) -> Vec<Number> {
    let mut found = Found { numbers: Vec::new(), names: BTreeSet::new() };
    for (record, stored) in records.iter().enumerate() {
        let opened = open(stored);
        let name = match &opened {
            Val::Array(parts) if stored.kind == kind::CONFIG_ENTRY => {
                format!("{}.{}", stored.kind, text(&parts[0]))
            }
            _ => stored.kind.to_string(),
        };
        found.walk(record, &opened, &mut Vec::new(), name);
    }
    found.numbers
}

/// The records with other values in some of these places.
#[must_use]
pub fn replaced<'n>(
    records: &[Record],
    changes: impl IntoIterator<Item = (&'n Number, Val)>,
) -> Vec<Record> {
    let mut records = records.to_vec();
    for (number, value) in changes {
        let record = &mut records[number.record];
        let mut opened = open(record);
        *at(&mut opened, &number.path) = value;
        *record = closed(record.kind, opened);
    }
    records
}

/// The records, and before the first of each kind a copy in which empty structs are filled.
#[must_use]
pub fn filled(records: &[Record], version: ConsulVersion) -> Vec<Record> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::with_capacity(records.len());
    for record in records {
        let mut opened = open(record);
        let name = struct_of(record.kind, &opened).filter(|name| seen.insert(name.clone()));
        if let Some(name) = name {
            if let Some(inside) = contents(record.kind, &mut opened) {
                fill(&name, version, inside, DEPTH);
            }
            out.push(closed(record.kind, opened));
        }
        out.push(record.clone());
    }
    out
}

/// How deep nested structs are filled. A service's sidecar is a service, too.
const DEPTH: u32 = 5;

/// The struct in a record, by the name of [`shapes`](crate::shapes).
fn struct_of(number: u8, opened: &Val) -> Option<String> {
    let name = match (number, opened) {
        (kind::REGISTER, body) if body.get("Service").is_some_and(|v| *v != Val::Nil) => "Register",
        (kind::PREPARED_QUERY, _) => "PreparedQuery",
        (kind::INTENTION, _) => "Intention",
        (kind::FEDERATION_STATE, _) => "FederationStateRequest",
        (kind::CONFIG_ENTRY, Val::Array(parts)) => return Some(text(&parts[0])),
        _ => return None,
    };
    Some(name.to_owned())
}

/// The part of an opened record that is that struct.
fn contents(number: u8, opened: &mut Val) -> Option<&mut Val> {
    if number != kind::CONFIG_ENTRY {
        return Some(opened);
    }
    let Val::Array(parts) = opened else { return None };
    match parts.get_mut(1)?.get_mut(ENTRY)? {
        Val::Array(packed_once_more) => packed_once_more.first_mut(),
        entry => Some(entry),
    }
}

struct Found {
    numbers: Vec<Number>,
    names: BTreeSet<String>,
}

impl Found {
    fn walk(&mut self, record: usize, value: &Val, path: &mut Vec<usize>, name: String) {
        match value {
            Val::Map(entries) => {
                for (at, (key, value)) in entries.iter().enumerate() {
                    path.push(at);
                    self.walk(record, value, path, format!("{name}.{}", text(key)));
                    path.pop();
                }
            }
            Val::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    path.push(at);
                    self.walk(record, item, path, name.clone());
                    path.pop();
                }
            }
            Val::Int(_) | Val::Uint(_) | Val::F32(_) | Val::F64(_) => {
                if self.names.insert(name.clone()) {
                    self.numbers.push(Number { record, path: path.clone(), name });
                }
            }
            Val::Nil | Val::Bool(_) | Val::Raw(_) => {}
        }
    }
}

fn text(value: &Val) -> String {
    match value {
        Val::Raw(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("{other:?}"),
    }
}

fn at<'v>(value: &'v mut Val, path: &[usize]) -> &'v mut Val {
    path.iter().fold(value, |value, at| match value {
        Val::Map(entries) => &mut entries[*at].1,
        Val::Array(items) => &mut items[*at],
        other => other,
    })
}

/// The field of a config entry's request that holds the entry. In proxy-defaults it is packed twice.
const ENTRY: &str = "Entry";

/// The content of a record; for a config entry its kind and the request.
fn open(record: &Record) -> Val {
    match &record.body {
        Val::Raw(packed) if record.kind == kind::CONFIG_ENTRY => {
            let mut parts = read_values(packed);
            if let Some(entry) = parts.get_mut(1).and_then(|request| request.get_mut(ENTRY))
                && let Val::Raw(packed) = entry
            {
                *entry = Val::Array(read_values(packed));
            }
            Val::Array(parts)
        }
        body => body.clone(),
    }
}

fn closed(number: u8, opened: Val) -> Record {
    let packed = |parts: &[Val]| {
        let mut out = Vec::new();
        parts.iter().for_each(|part| part.encode(&mut out));
        Val::Raw(out)
    };
    let body = match opened {
        Val::Array(mut parts) if number == kind::CONFIG_ENTRY => {
            if let Some(entry) = parts.get_mut(1).and_then(|request| request.get_mut(ENTRY))
                && let Val::Array(packed_once_more) = entry
            {
                *entry = packed(packed_once_more);
            }
            packed(&parts)
        }
        opened => opened,
    };
    Record::new(number, body)
}

//! Checks that text fields contain text.

use super::finding::{At, Findings};
use super::rules::TEXT;
use crate::registration::Registration;
use snapscope_decode::records::{HealthCheckRef, NodeServiceRef, Record, record_schema};
use snapscope_decode::schema::{Class, Schema, Wire as _, WireStruct as _};
use snapscope_decode::wire::{Entries, Value};
use snapscope_decode::{Frame, Kind};

/// Maximum nesting that is checked; real records have about ten levels.
const DEPTH: u32 = 64;

/// A field, and the struct in it.
type Nested = (&'static str, fn() -> &'static Schema);

/// The parts of a registration that are objects of their own.
const REGISTERED: [Nested; 2] =
    [("Service", NodeServiceRef::schema), ("Check", HealthCheckRef::schema)];

/// Whether there is nothing to check: every text among an object's own fields is UTF-8, or is the
/// key of a tombstone, which may be any bytes.
pub(super) fn is_text(record: &Record<'_>, registration: Option<&Registration<'_>>) -> bool {
    match (record, registration) {
        (Record::Tombstone(_), _) => true,
        // Its fields are read on demand.
        (Record::ConfigEntry(_), _) => false,
        (_, Some(registration)) => {
            record.is_text() && registration.service.is_text() && registration.check.is_text()
        }
        _ => record.is_text(),
    }
}

/// Checks the text fields of a record; in deep mode also those of nested structs.
pub(super) fn check(frame: &Frame<'_>, record: &Record<'_>, in_depth: bool, found: &mut Findings) {
    let depth = if in_depth { DEPTH } else { 1 };
    let field = match record {
        Record::Tombstone(_) => return,
        Record::ConfigEntry(entry) => match (entry.entry, entry.schema()) {
            (Value::Map(entries), Some(schema)) => struct_fields(entries, schema, depth),
            _ => return,
        },
        _ => match (frame.entries(), record_schema(frame.kind)) {
            (Some(entries), Some(schema)) => struct_fields(entries, schema, depth)
                // In deep mode they were checked with the record.
                .or_else(|| if in_depth { None } else { registered(frame.kind, entries) }),
            _ => return,
        },
    };
    if let Some(field) = field {
        found.add(&TEXT, Some(At::from(frame)), || format!("field {field} is not UTF-8"));
    }
}

fn registered(kind: Kind, entries: Entries<'_>) -> Option<String> {
    if kind != Kind::REGISTER {
        return None;
    }
    REGISTERED.iter().find_map(|(name, schema)| {
        let Ok(Some(Value::Map(fields))) = entries.find(name.as_bytes()) else { return None };
        Some(format!("{name}.{}", struct_fields(fields, schema(), 1)?))
    })
}

/// Returns the first invalid field.
fn struct_fields(mut entries: Entries<'_>, schema: &'static Schema, depth: u32) -> Option<String> {
    let mut order = schema.stored_order.iter();
    while !entries.is_empty() {
        // The next field is nearly always the one that servers store next.
        let expected = order.next().and_then(|place| schema.fields.get(usize::from(*place)));
        let place = expected.and_then(|field| entries.next_place_of(field.stored.as_bytes()));
        let (field, value) = match (expected, place) {
            (Some(field), Some(place)) => (field, entries.value_at(place)?),
            _ => {
                let (key, place) = entries.next_place()?.ok()?;
                let Value::Raw(key) = key else { continue };
                let Some(position) = schema.position(key) else {
                    continue;
                };
                order = following(schema, position);
                (schema.fields.get(position)?, entries.value_at(place)?)
            }
        };
        if let Some(inside) = value_of(value, field.class, depth) {
            let dot = if inside.is_empty() { "" } else { "." };
            return Some(format!("{}{dot}{inside}", field.stored));
        }
    }
    None
}

/// The fields stored after the one at a position.
fn following(schema: &'static Schema, position: usize) -> std::slice::Iter<'static, u8> {
    let order = schema.stored_order;
    let at = order.iter().position(|place| usize::from(*place) == position);
    order.get(at.map_or(0, |at| at + 1)..).unwrap_or(&[]).iter()
}

/// Returns the path in a value at which text is invalid; empty for the value itself.
fn value_of(value: Value<'_>, class: &Class, depth: u32) -> Option<String> {
    match (class, value) {
        (Class::Text, Value::Raw(bytes)) if std::str::from_utf8(bytes).is_err() => {
            Some(String::new())
        }
        (Class::Optional(inner), value) => value_of(value, inner, depth),
        (_, Value::Array(_) | Value::Map(_)) if depth == 1 => None,
        (Class::List(inner), Value::Array(items)) => {
            items.flatten().find_map(|item| value_of(item, inner, depth - 1))
        }
        (Class::Map(inner), Value::Map(entries)) => {
            entries.flatten().find_map(|(key, value)| match key {
                Value::Raw(key) if std::str::from_utf8(key).is_err() => Some(String::new()),
                _ => value_of(value, inner, depth - 1),
            })
        }
        (Class::Struct(schema), Value::Map(entries)) => struct_fields(entries, schema(), depth - 1),
        _ => None,
    }
}

//! Positions of a struct's stored fields.

use snapscope_decode::Frame;
use snapscope_decode::records::record_schema;
use snapscope_decode::schema::{FieldError, Schema, wrong_class};
use snapscope_decode::wire::{Entries, Value};

/// Maximum number of fields of a struct.
const MAX_FIELDS: usize = 40;

/// The positions of a struct's stored fields. Each is looked up once and read on demand.
pub(crate) struct Stored<'a> {
    pub(super) schema: &'static Schema,
    pub(super) entries: Option<Entries<'a>>,
    /// For each field of the schema, the position of its value in the record. No value is at 0.
    places: [u32; MAX_FIELDS],
    /// Stored fields that are unknown or stored twice.
    pub(super) unknown: usize,
}

impl<'a> Stored<'a> {
    /// The fields of a map; empty if the value is not a map.
    pub(crate) fn of(schema: &'static Schema, value: Option<Value<'a>>) -> Self {
        let entries = match value {
            Some(Value::Map(entries)) => Some(entries),
            _ => None,
        };
        Self::among(schema, entries)
    }

    /// The fields among the entries of a map.
    pub(super) fn among(schema: &'static Schema, entries: Option<Entries<'a>>) -> Self {
        let mut places = [0; MAX_FIELDS];
        let mut unknown = 0;
        let mut next = 0;
        let mut left = entries;
        while let Some(entries) = &mut left {
            // Servers store fields sorted, some of them only if not empty.
            if let Some(&field) = schema.stored_order.get(next)
                && let Some(spec) = schema.fields.get(usize::from(field))
                && let Some(at) = entries.next_place_of(spec.stored.as_bytes())
            {
                next += 1;
                match places.get_mut(usize::from(field)) {
                    // Records never exceed four gigabytes.
                    Some(place @ 0) => *place = u32::try_from(at).unwrap_or(0),
                    _ => unknown += 1,
                }
                continue;
            }
            let Some(Ok((key, at))) = entries.next_place() else { break };
            let found = match key {
                Value::Raw(key) => position(schema, key, &mut next),
                _ => None,
            };
            match found.and_then(|field| places.get_mut(field)) {
                Some(place @ 0) => *place = u32::try_from(at).unwrap_or(0),
                _ => unknown += 1,
            }
        }
        Self { schema, entries, places, unknown }
    }

    /// The fields of a whole record; empty, with a problem, if it is not a map.
    pub(crate) fn record(frame: &Frame<'a>, problems: &mut Vec<FieldError>) -> Option<Self> {
        let schema = record_schema(frame.kind)?;
        match frame.value() {
            Ok(value) => Self::inside(schema, value, problems),
            Err(e) => {
                problems.push(e.into());
                None
            }
        }
    }

    /// The fields of a struct in a record; empty, with a problem, if it is not a map.
    pub(crate) fn inside(
        schema: &'static Schema,
        value: Value<'a>,
        problems: &mut Vec<FieldError>,
    ) -> Option<Self> {
        if !matches!(value, Value::Map(_)) {
            problems.push(wrong_class("a map", value).inside(schema.name, 0));
            return None;
        }
        Some(Self::of(schema, Some(value)))
    }

    pub(super) fn find(&self, stored: &str) -> Option<usize> {
        self.schema.position(stored.as_bytes())
    }

    /// The stored value of the field at a position of the schema.
    pub(super) fn at(&self, field: usize) -> Option<Value<'a>> {
        let place = *self.places.get(field).filter(|place| **place != 0)?;
        self.entries?.value_at(usize::try_from(place).ok()?)
    }

    /// The stored value of a field; `nil` counts as absent.
    pub(crate) fn get(&self, stored: &str) -> Option<Value<'a>> {
        self.find(stored).and_then(|at| self.at(at)).filter(|value| !value.is_nil())
    }

    /// Whether a field is stored, even as `nil`.
    pub(crate) fn has(&self, stored: &str) -> bool {
        self.find(stored).and_then(|at| self.places.get(at)).is_some_and(|place| *place != 0)
    }

    /// A text field; empty if not stored.
    pub(crate) fn text(&self, stored: &str) -> &'a [u8] {
        match self.get(stored) {
            Some(Value::Raw(text)) => text,
            _ => &[],
        }
    }

    /// A number field; zero if not stored.
    pub(crate) fn uint(&self, stored: &str) -> u64 {
        match self.get(stored) {
            Some(Value::Uint(n)) => n,
            _ => 0,
        }
    }

    /// Unknown fields that are not zero.
    pub(super) fn unknown(&self) -> impl Iterator<Item = (&'a [u8], Value<'a>)> + use<'a> {
        let schema = self.schema;
        self.entries.into_iter().flatten().flatten().filter_map(move |(key, value)| match key {
            Value::Raw(key) if schema.stored(key).is_none() && !value.is_zero() => {
                Some((key, value))
            }
            _ => None,
        })
    }
}

/// Returns the position in its table of the field stored under `key`. `next` is the number of
/// fields already passed: servers store fields sorted, so the next key is usually the next field.
fn position(schema: &Schema, key: &[u8], next: &mut usize) -> Option<usize> {
    let (before, behind) = schema.stored_order.split_at_checked(*next)?;
    let is_it = |place: &u8| {
        schema.fields.get(usize::from(*place)).is_some_and(|field| field.is_stored_as(key))
    };
    let at = match behind.iter().position(is_it) {
        Some(at) => *next + at,
        None => before.iter().position(is_it)?,
    };
    *next = at + 1;
    schema.stored_order.get(at).map(|place| usize::from(*place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapscope_decode::Kind;
    use snapscope_decode::records::{ENTRY_KINDS, record_schema};
    use snapscope_decode::schema::Class;

    fn check(schema: &'static Schema, seen: &mut Vec<&'static str>) {
        if seen.contains(&schema.name) {
            return;
        }
        seen.push(schema.name);
        assert!(schema.fields.len() <= MAX_FIELDS, "{}", schema.name);
        for field in schema.fields {
            inside(field.class, seen);
        }
    }

    fn inside(class: &'static Class, seen: &mut Vec<&'static str>) {
        match class {
            Class::Struct(schema) => check(schema(), seen),
            Class::Optional(of)
            | Class::List(of)
            | Class::Map(of)
            | Class::NumberMap(of)
            | Class::NameMap(of) => inside(of, seen),
            _ => {}
        }
    }

    #[test]
    fn no_struct_has_more_fields_than_there_are_slots() {
        let mut seen = Vec::new();
        for number in 0..=255 {
            if let Some(schema) = record_schema(Kind(number)) {
                check(schema, &mut seen);
            }
        }
        for schema in ENTRY_KINDS.iter().map(|kind| kind.schema) {
            check(schema(), &mut seen);
        }
        assert!(seen.len() > 130, "{} structs", seen.len());
    }
}

//! Single fields of a record, under names other than the stored ones.

use super::engine::{Engine, MAX_FIELDS, position};
use super::zero::is_empty;
use crate::json::Sink;
use snapscope_decode::Frame;
use snapscope_decode::records::record_schema;
use snapscope_decode::schema::{FieldError, Schema, Shown, wrong_class};
use snapscope_decode::wire::{Entries, Value};

/// The positions of a struct's stored fields. Each is looked up once and read on demand.
pub(crate) struct Stored<'a> {
    pub(super) schema: &'static Schema,
    pub(super) entries: Option<Entries<'a>>,
    /// For each field of the schema, the position of its value in the record. No value is at 0.
    places: [u32; MAX_FIELDS],
    /// Stored fields that are unknown or stored twice.
    pub(super) unknown: usize,
}

/// When a field is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// Always; as its zero value if it is not stored.
    Always,
    /// If it is stored, even if empty.
    IfStored,
    /// If it is neither absent nor empty.
    NotEmpty,
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

    fn find(&self, stored: &str) -> Option<usize> {
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
    fn unknown(&self) -> impl Iterator<Item = (&'a [u8], Value<'a>)> + use<'a> {
        let schema = self.schema;
        self.entries.into_iter().flatten().flatten().filter_map(move |(key, value)| match key {
            Value::Raw(key) if schema.stored(key).is_none() && !value.is_zero() => {
                Some((key, value))
            }
            _ => None,
        })
    }
}

impl<S: Sink> Engine<'_, S> {
    /// Renders a field as the member `name` of the open object.
    pub(crate) fn member(&mut self, name: &str, stored: &Stored<'_>, field: &str, show: Show) {
        let Some(at) = stored.find(field) else { return };
        let Some(spec) = stored.schema.fields.get(at) else { return };
        let value = stored.at(at);
        let shown = match show {
            Show::Always => true,
            Show::IfStored => value.is_some(),
            Show::NotEmpty => value.is_some() && !is_empty(spec.class, value),
        };
        if shown && self.sink.wants(name.as_bytes()) {
            if name == spec.json {
                self.sink.field(spec);
            } else {
                self.sink.key(name.as_bytes());
            }
            let before = self.problems.len();
            self.value(spec.class, value);
            for problem in self.problems.iter_mut().skip(before) {
                *problem = problem.clone().inside(field, 0);
            }
        }
    }

    /// Renders a list as a member of the open object; `[]` where the API shows an absent one as
    /// empty.
    pub(crate) fn list_member(&mut self, name: &str, stored: &Stored<'_>, field: &str) {
        if stored.get(field).is_some() {
            self.member(name, stored, field, Show::Always);
        } else if self.sink.wants(name.as_bytes()) {
            self.sink.key(name.as_bytes());
            self.sink.begin_list();
            self.sink.end_list();
        }
    }

    /// Renders a struct without one of its fields, under the names of the API.
    pub(crate) fn members_but(&mut self, stored: &Stored<'_>, but: &str) {
        for field in stored.schema.fields {
            let show = match field.shown {
                Shown::Always => Show::IfStored,
                Shown::OmitEmpty | Shown::OmitZero | Shown::Hidden => Show::NotEmpty,
            };
            if field.stored != but {
                self.member(field.json, stored, field.stored, show);
            }
        }
        self.unknown_members("", stored);
    }

    /// Renders unknown stored fields, with `prefix` before their names.
    pub(crate) fn unknown_members(&mut self, prefix: &str, stored: &Stored<'_>) {
        for (key, value) in stored.unknown() {
            let name = [prefix.as_bytes(), key].concat();
            if self.sink.wants(&name) {
                self.sink.key(&name);
                self.generic(value);
            }
        }
    }

    /// Renders a text as a member of the open object.
    pub(crate) fn text_member(&mut self, name: &str, text: &[u8]) {
        if self.sink.wants(name.as_bytes()) {
            self.sink.key(name.as_bytes());
            self.sink.text(text);
        }
    }

    /// Renders a number as a member of the open object.
    pub(crate) fn uint_member(&mut self, name: &str, n: u64) {
        if self.sink.wants(name.as_bytes()) {
            self.sink.key(name.as_bytes());
            self.sink.uint(n);
        }
    }
}

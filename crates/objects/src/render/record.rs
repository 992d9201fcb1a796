//! A whole record as Consul's JSON.

use super::engine::{Engine, Options, Problem};
use super::fields::RecordFields;
use super::style::Style;
use crate::json::Sink;
use snapscope_decode::VersionRange;
use snapscope_decode::protobuf::MessageSchema;
use snapscope_decode::records::{
    ConfigEntryRef, CoordinateRef, PEERING, PEERING_SECRET, PEERING_TRUST_BUNDLE, RESOURCE,
    ResourceRef, record_schema,
};
use snapscope_decode::schema::{Class, FieldError, List, Wire};
use snapscope_decode::stream::{Frame, Kind};
use snapscope_decode::wire::{Entries, Value};

/// Renders a record's data as one value: as `consul snapshot decode` prints it, or, for types that
/// it gets wrong, as the HTTP API shows it. Stored fields that Consul drops are added if they are
/// not zero.
///
/// A value that does not fit its type is rendered according to its actual type, and reported.
pub fn render_record<S: Sink>(
    frame: &Frame<'_>,
    options: Options<'_>,
    sink: &mut S,
) -> Vec<Problem> {
    let mut engine = engine(frame.kind, options, sink);
    match frame.value() {
        Ok(value) => engine.record(frame.kind, value),
        Err(e) => {
            engine.sink.null();
            engine.problems.push(e.into());
        }
    }
    engine.problems
}

/// The same for a record whose fields others read as well.
pub fn render_fields<S: Sink>(record: &RecordFields<'_>, sink: &mut S) -> Vec<Problem> {
    // For other types some of the record's fields are not shown, or more than them.
    let is_key = matches!(record.frame.kind, Kind::KVS | Kind::TOMBSTONE);
    let Some(stored) = record.fields().filter(|_| is_key) else {
        return render_record(&record.frame, Options::default(), sink);
    };
    let mut engine = engine(record.frame.kind, Options::default(), sink);
    engine.sink.begin_object();
    engine.stored_fields(stored);
    engine.key_in_base64(stored.text("Key"));
    engine.sink.end_object();
    engine.problems
}

fn engine<'s, S: Sink>(kind: Kind, options: Options<'s>, sink: &'s mut S) -> Engine<'s, S> {
    Engine {
        depth: options.depth,
        // The HTTP API is the reference for types that Consul's own decoder gets wrong.
        stored_only: kind.info().is_some_and(|info| info.misread_by_consul),
        written_by: options.written_by,
        ..Engine::new(sink)
    }
}

impl<S: Sink> Engine<'_, S> {
    pub(crate) fn record(&mut self, kind: Kind, value: Value<'_>) {
        match (kind, value) {
            (Kind::INTENTION, Value::Map(entries)) => self.intention(entries),
            (Kind::KVS | Kind::TOMBSTONE, Value::Map(entries)) => self.kv(kind, entries),
            (Kind::CONFIG_ENTRY, value) => self.config_entry(value),
            (Kind::COORDINATE_BATCH_UPDATE, value) => {
                self.value(&<List<'_, Option<CoordinateRef<'_>>> as Wire<'_>>::CLASS, Some(value));
            }
            (Kind::PEERING, value) => self.body(value, &PEERING, Style::GoJson),
            (Kind::PEERING_TRUST_BUNDLE, value) => {
                self.body(value, &PEERING_TRUST_BUNDLE, Style::GoJson);
            }
            (Kind::PEERING_SECRET, value) => self.body(value, &PEERING_SECRET, Style::GoJson),
            (Kind::RESOURCE, value) => self.resource(value, Style::ProtoJson),
            (kind, value) => match (record_schema(kind), value) {
                (Some(schema), Value::Map(entries)) => self.object(schema, Some(entries)),
                (Some(_), other) => {
                    self.problems.push(snapscope_decode::schema::wrong_class("a map", other));
                    self.generic(other);
                }
                (None, other) => self.generic(other),
            },
        }
    }

    /// A legacy intention. The API of servers without permissions also shows empty fields.
    fn intention(&mut self, entries: Entries<'_>) {
        let Some(schema) = record_schema(Kind::INTENTION) else { return };
        self.stored_empty = !matches!(entries.find(b"Permissions"), Ok(Some(_)));
        self.object(schema, Some(entries));
    }

    /// JSON loses the bytes of a key that is not UTF-8, so they are added.
    fn kv(&mut self, kind: Kind, entries: Entries<'_>) {
        let Some(schema) = record_schema(kind) else { return };
        self.sink.begin_object();
        self.fields(schema, Some(entries));
        if let Ok(Some(Value::Raw(key))) = entries.find(b"Key") {
            self.key_in_base64(key);
        }
        self.sink.end_object();
    }

    fn key_in_base64(&mut self, key: &[u8]) {
        if std::str::from_utf8(key).is_err() && self.sink.wants(b"KeyBase64") {
            self.sink.key(b"KeyBase64");
            self.sink.bytes(key);
        }
    }

    fn config_entry(&mut self, value: Value<'_>) {
        let entry = match ConfigEntryRef::read(value) {
            Ok(entry) => entry,
            Err(e) => {
                self.problems.push(e);
                self.generic(value);
                return;
            }
        };
        self.sink.begin_object();
        for field in ["Op", "Datacenter"] {
            self.sink.key(field.as_bytes());
            self.value(&Class::Text, entry.request.find(field.as_bytes()).ok().flatten());
        }
        self.sink.key(b"Entry");
        match (entry.schema(), entry.entry) {
            (Some(schema), Value::Map(fields)) => self.object(schema, Some(fields)),
            (Some(schema), other) => {
                self.problems
                    .push(FieldError::class("a map", other.type_name()).inside(schema.name, 0));
                self.generic(other);
            }
            (None, other) => self.unknown_entry(entry.kind.0, other),
        }
        self.sink.key(b"Token");
        self.value(&Class::Text, entry.request.find(b"Token").ok().flatten());
        for (key, value) in entry.request.flatten() {
            if let Value::Raw(key) = key
                && !matches!(key, b"Op" | b"Datacenter" | b"Entry" | b"Token")
                && !value.is_zero()
            {
                self.sink.key(key);
                self.generic(value);
            }
        }
        self.sink.end_object();
    }

    /// An entry of an unknown kind: as stored, with its kind added if it stores none.
    pub(crate) fn unknown_entry(&mut self, kind: &[u8], entry: Value<'_>) {
        let Value::Map(fields) = entry else {
            self.generic(entry);
            return;
        };
        self.sink.begin_object();
        if !matches!(fields.find(b"Kind"), Ok(Some(_))) {
            self.sink.key(b"Kind");
            self.sink.text(kind);
        }
        for (key, value) in fields.flatten() {
            if let Value::Raw(key) = key {
                self.sink.key(key);
                self.generic(value);
            }
        }
        self.sink.end_object();
    }

    /// A resource. Servers before 1.18 stored the peer in its ID, which distinguishes them.
    pub(crate) fn resource(&mut self, value: Value<'_>, style: Style) {
        if let Value::Raw(message) = value
            && ResourceRef::names_peer(message)
        {
            self.record_versions = VersionRange::before(1, 18);
        }
        self.body(value, &RESOURCE, style);
        self.record_versions = VersionRange::ALL;
    }

    pub(crate) fn body(&mut self, value: Value<'_>, schema: &MessageSchema, style: Style) {
        match value {
            Value::Raw(message) => self.message(message, schema, style),
            other => {
                self.problems.push(FieldError::class("raw bytes", other.type_name()));
                self.generic(other);
            }
        }
    }
}

//! Renders values by the class of their field.

use super::stored::Stored;
use super::written_by::WrittenBy;
use super::zero::{is_all_zero, is_empty};
use crate::json::{Sink, duration_text, ip_text, time_text};
use snapscope_decode::VersionRange;
use snapscope_decode::schema::{Class, FieldError, FieldSpec, Schema, Shown, wrong_class};
use snapscope_decode::time::GoTime;
use snapscope_decode::wire::{Entries, Value};

/// How to render records.
#[derive(Debug, Clone, Copy)]
pub struct Options<'w> {
    /// Maximum nesting of lists and maps; deeper values become `null`, with a problem.
    pub depth: u32,
    /// Which versions can have written the snapshot.
    pub written_by: WrittenBy<'w>,
}

impl Options<'_> {
    /// Real snapshots are nested about ten levels deep.
    pub const DEPTH: u32 = 128;
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { depth: Self::DEPTH, written_by: WrittenBy::default() }
    }
}

/// A part of a record that does not fit its type.
pub type Problem = FieldError;

/// Maximum number of problems counted in one record: a list may have millions of items of the wrong type.
const MOST_PROBLEMS: usize = 1000;

pub(crate) struct Engine<'s, S: Sink> {
    pub(crate) sink: &'s mut S,
    pub(crate) problems: Vec<Problem>,
    pub(crate) depth: u32,
    /// Show only stored fields, as the HTTP API of the version that wrote the record does, instead
    /// of every field of Consul 1.21.
    pub(crate) stored_only: bool,
    /// Show stored fields even if empty, as the API does for legacy intentions.
    pub(crate) stored_empty: bool,
    /// The record is from a server of about 1.8, which shows two empty fields that later versions
    /// leave out.
    pub(crate) early: bool,
    /// A stored field that the API does not show; the struct's name comes first.
    pub(crate) without: Option<(&'static str, &'static str)>,
    /// The versions that can have written the record, judging by the record itself.
    pub(super) record_versions: VersionRange,
    /// The versions that can have written the snapshot.
    pub(super) written_by: WrittenBy<'s>,
}

impl<'s, S: Sink> Engine<'s, S> {
    /// Creates an engine that shows every field, with the default depth.
    pub(crate) fn new(sink: &'s mut S) -> Self {
        Self {
            sink,
            problems: Vec::new(),
            depth: Options::DEPTH,
            stored_only: false,
            stored_empty: false,
            early: false,
            without: None,
            record_versions: VersionRange::ALL,
            written_by: WrittenBy::default(),
        }
    }

    /// The versions that can have written the record.
    pub(super) fn writer(&self) -> VersionRange {
        if self.record_versions == VersionRange::ALL {
            return self.written_by.versions();
        }
        self.record_versions
    }

    /// Creates an engine that shows only stored fields, like the API of the server that stored the
    /// record: a field that its version did not have is in neither.
    pub(crate) fn as_stored(sink: &'s mut S) -> Self {
        Self { stored_only: true, ..Self::new(sink) }
    }

    /// Renders the stored value of a field of this class.
    pub(crate) fn value(&mut self, class: &Class, value: Option<Value<'_>>) {
        let value = value.unwrap_or(Value::Nil);
        match (class, value) {
            (Class::Text, Value::Raw(text)) => self.sink.text(text),
            (Class::Text, Value::Nil) => self.sink.text(b""),
            (Class::Bytes, Value::Raw(bytes)) if !bytes.is_empty() => self.sink.bytes(bytes),
            (Class::Bytes, Value::Nil | Value::Raw(_)) => self.sink.null(),
            (Class::Int | Class::Nanos | Class::Uint, Value::Uint(n)) => self.sink.uint(n),
            (Class::Uint32, Value::Uint(n)) => {
                if n > u64::from(u32::MAX) {
                    self.problem(FieldError::class("an integer of 32 bits", "a larger one"));
                }
                self.sink.uint(n);
            }
            (Class::Int | Class::Nanos, Value::Int(n)) => self.sink.int(n),
            (Class::Int | Class::Nanos | Class::Uint | Class::Uint32, Value::Nil) => {
                self.sink.uint(0);
            }
            (Class::Bool, Value::Bool(b)) => self.sink.bool(b),
            (Class::Bool, Value::Nil) => self.sink.bool(false),
            // Consul reads integers in place of a bool or float, although no server writes them.
            (Class::Bool, Value::Uint(n @ (0 | 1))) => self.sink.bool(n == 1),
            (Class::F32 | Class::F64, Value::Uint(n)) => self.sink.uint(n),
            (Class::F32 | Class::F64, Value::Int(n)) => self.sink.int(n),
            (Class::F32 | Class::F64, Value::Nil) => self.sink.uint(0),
            (Class::F32, Value::F32(x)) => self.float32(x),
            (Class::F64, Value::F32(x)) => self.float(f64::from(x)),
            (Class::F32, Value::F64(x)) => self.float(x),
            (Class::F64, Value::F64(x)) => self.float(x),
            (Class::NanosText, Value::Nil) => self.sink.text(b"0s"),
            (Class::NanosText, Value::Int(n)) => self.sink.text(duration_text(n).as_bytes()),
            (Class::NanosText, Value::Uint(n)) if i64::try_from(n).is_ok() => {
                let nanos = i64::try_from(n).unwrap_or(i64::MAX);
                self.sink.text(duration_text(nanos).as_bytes());
            }
            (Class::Time, Value::Nil) => self.sink.text(time_text(&GoTime::ZERO).as_bytes()),
            (Class::Time, Value::Raw(bytes)) => match GoTime::from_bytes(bytes) {
                Some(time) => self.sink.text(time_text(&time).as_bytes()),
                None => self.mismatch("a time of 15 or 16 bytes", value),
            },
            (Class::Ip, Value::Nil) => self.sink.text(b""),
            (Class::Ip, Value::Raw(bytes)) => match ip_text(bytes) {
                Some(text) => self.sink.text(text.as_bytes()),
                None => self.mismatch("an IP address of 4 or 16 bytes", value),
            },
            (Class::Any, value) => self.generic(value),
            (Class::Optional(_), Value::Nil) => self.sink.null(),
            (Class::Optional(class), value) => self.value(class, Some(value)),
            (Class::List(_), Value::Nil) => self.sink.null(),
            (Class::List(class), Value::Array(items)) => {
                if self.enter() {
                    self.sink.begin_list();
                    for item in items.flatten() {
                        self.value(class, Some(item));
                    }
                    self.sink.end_list();
                    self.leave();
                }
            }
            (Class::NameMap(_), Value::Nil) => {
                self.sink.begin_object();
                self.sink.end_object();
            }
            (Class::Map(_) | Class::NumberMap(_), Value::Nil) => self.sink.null(),
            (
                Class::Map(class) | Class::NumberMap(class) | Class::NameMap(class),
                Value::Map(entries),
            ) => self.map(entries, class),
            (Class::Struct(schema), Value::Nil) => self.object(schema(), None),
            (Class::Struct(schema), Value::Map(entries)) => self.object(schema(), Some(entries)),
            (class, value) => self.mismatch(expectation(class), value),
        }
    }

    /// Adds a problem.
    pub(super) fn problem(&mut self, problem: Problem) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Renders a value of the wrong type according to its actual type.
    fn mismatch(&mut self, want: &'static str, value: Value<'_>) {
        self.problem(wrong_class(want, value));
        self.generic(value);
    }

    fn float(&mut self, x: f64) {
        if x.is_finite() {
            self.sink.float(x);
        } else {
            self.problem(FieldError::class("a finite number", "infinite or not a number"));
            self.sink.text(x.to_string().as_bytes());
        }
    }

    fn float32(&mut self, x: f32) {
        if x.is_finite() {
            self.sink.float32(x);
        } else {
            self.float(f64::from(x));
        }
    }

    /// Descends one level; if that is too deep, writes `null` instead.
    pub(super) fn enter(&mut self) -> bool {
        if self.depth == 0 {
            self.problem(FieldError::class("less deep nesting", "deeper than the limit"));
            self.sink.null();
            return false;
        }
        self.depth -= 1;
        true
    }

    pub(super) fn leave(&mut self) {
        self.depth += 1;
    }

    /// Renders a value of unknown type.
    pub(crate) fn generic(&mut self, value: Value<'_>) {
        match value {
            Value::Nil => self.sink.null(),
            Value::Bool(b) => self.sink.bool(b),
            Value::Int(n) => self.sink.int(n),
            Value::Uint(n) => self.sink.uint(n),
            Value::F32(x) => self.float(f64::from(x)),
            Value::F64(x) => self.float(x),
            Value::Raw(text) | Value::Ext(_, text) => self.sink.text(text),
            Value::Array(_) => self.value(&Class::List(&Class::Any), Some(value)),
            Value::Map(entries) => self.map(entries, &Class::Any),
        }
    }

    /// Renders a map, sorted by the stored bytes of its keys, as Go's JSON is.
    fn map(&mut self, entries: Entries<'_>, class: &Class) {
        if !self.enter() {
            return;
        }
        let mut sorted: Vec<(std::borrow::Cow<'_, [u8]>, Value<'_>)> =
            entries.flatten().map(|(key, value)| (key_text(key), value)).collect();
        sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.sink.begin_object();
        for (key, value) in sorted {
            self.sink.key(&key);
            self.value(class, Some(value));
        }
        self.sink.end_object();
        self.leave();
    }

    /// Renders a struct.
    pub(crate) fn object(&mut self, schema: &'static Schema, entries: Option<Entries<'_>>) {
        if !self.enter() {
            return;
        }
        self.sink.begin_object();
        self.fields(schema, entries);
        self.sink.end_object();
        self.leave();
    }

    /// Renders a struct's fields into an open object.
    pub(crate) fn fields(&mut self, schema: &'static Schema, entries: Option<Entries<'_>>) {
        self.stored_fields(&Stored::among(schema, entries));
    }

    /// Renders located fields into an open object.
    pub(super) fn stored_fields(&mut self, stored: &Stored<'_>) {
        let (schema, entries) = (stored.schema, stored.entries);
        if let Some(kind) = schema.kind_constant
            && self.sink.wants(b"Kind")
        {
            self.sink.key(b"Kind");
            self.sink.text(kind.as_bytes());
        }
        for (at, field) in schema.fields.iter().enumerate() {
            let value = stored.at(at);
            if self.sink.wants(field.json.as_bytes()) && self.is_shown(schema, field, value) {
                self.sink.field(field);
                self.field(schema, field, value);
            }
        }
        if stored.unknown > 0 {
            self.unknown_fields(schema, entries);
        }
    }

    fn is_shown(&self, schema: &Schema, field: &FieldSpec, value: Option<Value<'_>>) -> bool {
        if (self.stored_only && value.is_none())
            || self.without == Some((schema.name, field.stored))
        {
            return false;
        }
        match field.shown {
            Shown::Always => true,
            Shown::OmitEmpty if self.stored_empty => value.is_some(),
            Shown::OmitEmpty if self.early && is_shown_by_early(schema, field) => true,
            Shown::OmitEmpty => !is_empty(field.class, value),
            Shown::OmitZero | Shown::Hidden => value.is_some_and(|v| !is_all_zero(v, self.depth)),
        }
    }

    fn field(&mut self, schema: &Schema, field: &FieldSpec, value: Option<Value<'_>>) {
        let before = self.problems.len();
        match value {
            // The HTTP API ends a root certificate with a newline, even if the stored one has none.
            Some(Value::Raw(pem))
                if schema.name == "ConnectCA"
                    && field.stored == "RootCert"
                    && !pem.is_empty()
                    && !pem.ends_with(b"\n") =>
            {
                let mut pem = pem.to_vec();
                pem.push(b'\n');
                self.sink.text(&pem);
            }
            value => self.value(field.class, value),
        }
        for problem in self.problems.iter_mut().skip(before) {
            *problem =
                std::mem::replace(problem, FieldError::class("", "")).inside(field.stored, 0);
        }
    }

    /// Renders unknown stored fields that are not zero.
    fn unknown_fields(&mut self, schema: &'static Schema, entries: Option<Entries<'_>>) {
        let mut seen: Vec<&[u8]> = Vec::new();
        for (key, value) in entries.into_iter().flatten().flatten() {
            if let Value::Raw(name) = key
                && schema.stored(name).is_some()
                && !seen.contains(&name)
            {
                seen.push(name);
                continue;
            }
            let name = key_text(key);
            if self.sink.wants(&name) && !is_all_zero(value, self.depth) {
                self.sink.key(&name);
                self.generic(value);
            }
        }
    }
}

fn is_shown_by_early(schema: &Schema, field: &FieldSpec) -> bool {
    matches!(
        (schema.name, field.stored),
        ("ExposePath", "ParsedFromCheck") | ("Upstream", "Config")
    )
}

/// A map's key as text: raw bytes unchanged, a service name by its name, anything else as it
/// prints.
fn key_text(key: Value<'_>) -> std::borrow::Cow<'_, [u8]> {
    match key {
        Value::Raw(text) => text.into(),
        Value::Map(entries) => match entries.find(b"Name") {
            Ok(Some(Value::Raw(name))) => name.into(),
            _ => b"".as_slice().into(),
        },
        Value::Uint(n) => n.to_string().into_bytes().into(),
        Value::Int(n) => n.to_string().into_bytes().into(),
        Value::Bool(b) => b.to_string().into_bytes().into(),
        Value::F32(x) => x.to_string().into_bytes().into(),
        Value::F64(x) => x.to_string().into_bytes().into(),
        other => other.type_name().as_bytes().into(),
    }
}

fn expectation(class: &Class) -> &'static str {
    match class {
        Class::Text => "text",
        Class::Bytes => "bytes",
        Class::Int | Class::Nanos | Class::NanosText => "an integer",
        Class::Uint | Class::Uint32 => "a non-negative integer",
        Class::Bool => "a bool",
        Class::F32 | Class::F64 => "a float",
        Class::Time => "a time",
        Class::Ip => "an IP address",
        Class::List(_) => "a list",
        _ => "a map",
    }
}

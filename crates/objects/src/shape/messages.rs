//! Protobuf bodies as Consul's JSON.

use super::engine::Engine;
use crate::json::{Sink, time_text};
use snapscope_decode::protobuf::{FieldValue, MessageClass, MessageField, MessageSchema, fields};
use snapscope_decode::schema::FieldError;
use snapscope_decode::time::GoTime;

/// Which rules a message is shown by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Go's `encoding/json` over generated structs: the peering messages.
    GoJson,
    /// What the HTTP API makes of peering messages: states by name, times as text.
    Api,
    /// Protobuf's own JSON: resources.
    ProtoJson,
}

impl<S: Sink> Engine<'_, S> {
    pub(crate) fn message(&mut self, bytes: &[u8], schema: &MessageSchema, style: Style) {
        if self.depth == 0 {
            self.problems.push(FieldError::class("less deep nesting", "deeper than the limit"));
            self.sink.null();
            return;
        }
        self.depth -= 1;
        self.sink.begin_object();
        for field in schema.fields {
            // The API shows where a peer is even where that isn't known.
            let always = style == Style::Api
                && matches!((schema.name, field.number), ("Peering", 17) | ("RemoteInfo", 1 | 2));
            self.message_field(bytes, field, style, always);
        }
        self.unknown_numbers(bytes, schema);
        if let Some(Err(e)) = fields(bytes).find(Result::is_err) {
            self.problems.push(
                FieldError::class("a protobuf message", "other bytes").inside(schema.name, e.at),
            );
        }
        self.sink.end_object();
        self.depth += 1;
    }

    fn message_field(&mut self, bytes: &[u8], field: &MessageField, style: Style, always: bool) {
        let stored = || fields(bytes).filter_map(Result::ok).filter(|f| f.number == field.number);
        let name = field.json.as_bytes();
        match field.class {
            MessageClass::TextMap => {
                let mut entries: Vec<(&[u8], &[u8])> = stored()
                    .filter_map(|f| as_bytes(f.value))
                    .map(|e| (part(e, 1), part(e, 2)))
                    .collect();
                entries.sort_unstable();
                // Of entries with one key the last one counts; which is last is lost by sorting
                // only if their values differ, and no writer does that.
                entries.dedup_by(|b, a| a.0 == b.0);
                if !entries.is_empty() {
                    self.sink.key(name);
                    self.sink.begin_object();
                    for (key, value) in entries {
                        self.sink.key(key);
                        self.sink.text(value);
                    }
                    self.sink.end_object();
                }
            }
            MessageClass::MessageMap(of) => {
                let mut entries: Vec<(&[u8], &[u8])> = stored()
                    .filter_map(|f| as_bytes(f.value))
                    .map(|e| (part(e, 1), part(e, 2)))
                    .collect();
                entries.sort_unstable();
                if !entries.is_empty() {
                    self.sink.key(name);
                    self.sink.begin_object();
                    for (key, value) in entries {
                        self.sink.key(key);
                        self.message(value, of, style);
                    }
                    self.sink.end_object();
                }
            }
            _ if field.repeated => {
                let mut open = false;
                for item in stored() {
                    if !open {
                        self.sink.key(name);
                        self.sink.begin_list();
                        open = true;
                    }
                    self.message_value(field.class, item.value, style);
                }
                if open {
                    self.sink.end_list();
                }
            }
            _ => {
                let last = stored().last().map(|f| f.value);
                let last = last.or(always.then_some(FieldValue::Bytes(&[])));
                if let Some(last) = last
                    && (always || !is_zero(field.class, last))
                {
                    self.sink.key(name);
                    self.message_value(field.class, last, style);
                }
            }
        }
    }

    fn message_value(&mut self, class: MessageClass, value: FieldValue<'_>, style: Style) {
        match (class, value) {
            (MessageClass::Text, FieldValue::Bytes(text)) => self.sink.text(text),
            (MessageClass::Bytes, FieldValue::Bytes(bytes)) => self.sink.bytes(bytes),
            (MessageClass::Uint | MessageClass::Int, FieldValue::Varint(n))
                if style == Style::ProtoJson =>
            {
                self.sink.text(n.to_string().as_bytes());
            }
            (MessageClass::Int, FieldValue::Varint(n)) => {
                self.sink.int(i64::from_ne_bytes(n.to_ne_bytes()));
            }
            (MessageClass::Uint, FieldValue::Varint(n)) => self.sink.uint(n),
            (MessageClass::Bool, FieldValue::Varint(n)) => self.sink.bool(n != 0),
            (MessageClass::Enum(names), FieldValue::Varint(n)) => {
                let name = usize::try_from(n).ok().and_then(|n| names.get(n));
                match name {
                    Some(name) if style != Style::GoJson => self.sink.text(name.as_bytes()),
                    _ => self.sink.uint(n),
                }
            }
            (MessageClass::Timestamp, FieldValue::Bytes(message)) => {
                let number = |number| {
                    let last = fields(message)
                        .filter_map(Result::ok)
                        .filter(|f| f.number == number)
                        .last();
                    match last.map(|f| f.value) {
                        Some(FieldValue::Varint(n)) => i64::from_ne_bytes(n.to_ne_bytes()),
                        _ => 0,
                    }
                };
                self.timestamp(number(1), number(2), style);
            }
            (MessageClass::Message(schema), FieldValue::Bytes(message)) => {
                self.message(message, schema, style);
            }
            (MessageClass::AnyMessage, FieldValue::Bytes(message)) => {
                self.sink.begin_object();
                self.sink.key(b"@type");
                self.sink.text(part(message, 1));
                self.sink.key(b"value");
                self.sink.bytes(part(message, 2));
                self.sink.end_object();
            }
            (_, value) => {
                self.problems.push(FieldError::class("another protobuf wire type", "this one"));
                self.bare(value);
            }
        }
    }

    fn timestamp(&mut self, seconds: i64, nanos: i64, style: Style) {
        if style == Style::GoJson {
            self.sink.begin_object();
            for (key, n) in [(b"seconds".as_slice(), seconds), (b"nanos", nanos)] {
                if n != 0 {
                    self.sink.key(key);
                    self.sink.int(n);
                }
            }
            self.sink.end_object();
            return;
        }
        let seconds = seconds.saturating_add(GoTime::UNIX_EPOCH);
        let nanos = i32::try_from(nanos).unwrap_or(0);
        let mut text = time_text(&GoTime { seconds, nanos, offset: None });
        // Protobuf's JSON has 0, 3, 6 or 9 digits of fraction.
        if style == Style::ProtoJson
            && let Some(digits) = text.rfind('.').map(|dot| text.len() - dot - 2)
        {
            for _ in digits..digits.next_multiple_of(3) {
                text.insert(text.len() - 1, '0');
            }
        }
        self.sink.text(text.as_bytes());
    }

    /// Renders fields of numbers no schema has.
    fn unknown_numbers(&mut self, bytes: &[u8], schema: &MessageSchema) {
        let mut numbers: Vec<u32> = fields(bytes)
            .filter_map(Result::ok)
            .map(|f| f.number)
            .filter(|n| schema.field(*n).is_none())
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            self.sink.key(format!("field_{number}").as_bytes());
            self.sink.begin_list();
            for field in fields(bytes).filter_map(Result::ok).filter(|f| f.number == number) {
                self.bare(field.value);
            }
            self.sink.end_list();
        }
    }

    fn bare(&mut self, value: FieldValue<'_>) {
        match value {
            FieldValue::Varint(n) | FieldValue::Fixed64(n) => self.sink.uint(n),
            FieldValue::Fixed32(n) => self.sink.uint(u64::from(n)),
            FieldValue::Bytes(bytes) if std::str::from_utf8(bytes).is_ok() => self.sink.text(bytes),
            FieldValue::Bytes(bytes) => {
                self.sink.begin_object();
                self.sink.key(b"$raw");
                self.sink.bytes(bytes);
                self.sink.end_object();
            }
        }
    }
}

const fn as_bytes(value: FieldValue<'_>) -> Option<&[u8]> {
    match value {
        FieldValue::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

/// The last bytes stored under a number of a message; none if there are none.
fn part(message: &[u8], number: u32) -> &[u8] {
    let stored = fields(message).filter_map(Result::ok).filter(|f| f.number == number);
    stored.filter_map(|f| as_bytes(f.value)).last().unwrap_or(&[])
}

/// Whether a field that is not repeated is left out; a message never is.
const fn is_zero(class: MessageClass, value: FieldValue<'_>) -> bool {
    match (class, value) {
        (MessageClass::Message(_) | MessageClass::Timestamp | MessageClass::AnyMessage, _) => false,
        (_, FieldValue::Varint(n) | FieldValue::Fixed64(n)) => n == 0,
        (_, FieldValue::Fixed32(n)) => n == 0,
        (_, FieldValue::Bytes(bytes)) => bytes.is_empty(),
    }
}

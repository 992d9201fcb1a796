//! Protobuf bodies as Consul's JSON.

use super::engine::Engine;
use crate::json::{Sink, time_text};
use snapscope_decode::protobuf::{
    EnumValue, FieldValue, MessageClass, MessageField, MessageSchema, fields, packed,
};
use snapscope_decode::records::message_by_url;
use snapscope_decode::schema::FieldError;
use snapscope_decode::time::GoTime;
use std::borrow::Cow;

/// The rules for rendering a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Go's `encoding/json` over generated structs: the peering messages.
    GoJson,
    /// The HTTP API's form of peering messages: states by name, times as text.
    Api,
    /// Protobuf's own JSON: resources.
    ProtoJson,
    /// The same as the HTTP API shows it: without type URLs.
    ProtoApi,
}

impl Style {
    /// Whether these are the rules of protobuf's own JSON.
    const fn is_proto(self) -> bool {
        matches!(self, Self::ProtoJson | Self::ProtoApi)
    }
}

impl<S: Sink> Engine<'_, S> {
    pub(crate) fn message(&mut self, bytes: &[u8], schema: &MessageSchema, style: Style) {
        if !self.enter_message() {
            return;
        }
        self.sink.begin_object();
        self.message_members(bytes, schema, style);
        self.sink.end_object();
        self.depth += 1;
    }

    fn enter_message(&mut self) -> bool {
        if self.depth == 0 {
            self.problems.push(FieldError::class("less deep nesting", "deeper than the limit"));
            self.sink.null();
            return false;
        }
        self.depth -= 1;
        true
    }

    fn message_members(&mut self, bytes: &[u8], schema: &MessageSchema, style: Style) {
        for field in schema.fields {
            if !self.is_of_version(schema, field) {
                continue;
            }
            // The API shows the location of a peer even if it is unknown.
            let always = style == Style::Api
                && matches!((schema.name, field.number), ("Peering", 17) | ("RemoteInfo", 1 | 2));
            if self.sink.wants(field.json.as_bytes()) && is_chosen(bytes, schema, field) {
                self.message_field(bytes, field, style, always);
            }
        }
        self.unknown_numbers(bytes, schema);
        if let Some(Err(e)) = fields(bytes).find(Result::is_err) {
            self.problems.push(
                FieldError::class("a protobuf message", "other bytes").inside(schema.name, e.at),
            );
        }
    }

    /// Of fields that share a number, the newest one that the writer can have had is shown.
    fn is_of_version(&self, schema: &MessageSchema, field: &MessageField) -> bool {
        let same = || schema.fields.iter().filter(|other| other.number == field.number);
        if same().nth(1).is_none() {
            return true;
        }
        let writer = self.writer();
        let newest = same().rev().find(|other| !other.versions.and(writer).is_empty());
        newest.is_none_or(|newest| std::ptr::eq(newest, field))
    }

    fn message_field(&mut self, bytes: &[u8], field: &MessageField, style: Style, always: bool) {
        let stored = || fields(bytes).filter_map(Result::ok).filter(|f| f.number == field.number);
        let name = field.json.as_bytes();
        if let MessageClass::Map(of) = field.class {
            self.message_map(&mut stored().filter_map(|f| as_bytes(f.value)), name, *of, style);
            return;
        }
        if field.repeated {
            let mut open = false;
            for item in stored() {
                if !std::mem::replace(&mut open, true) {
                    self.sink.key(name);
                    self.sink.begin_list();
                }
                match item.value {
                    FieldValue::Bytes(several) if field.class.is_packable() => {
                        self.packed(field.class, several, style);
                    }
                    value => self.message_value(field.class, value, style),
                }
            }
            if open {
                self.sink.end_list();
            }
            return;
        }
        let joined = joined(bytes, field);
        let last = match &joined {
            Some(joined) => Some(FieldValue::Bytes(joined)),
            None => stored().last().map(|f| f.value),
        };
        let last = last.or(always.then_some(FieldValue::Bytes(&[])));
        if let Some(last) = last
            && (always || field.explicit || !is_zero(field.class, last))
        {
            self.sink.key(name);
            self.message_value(field.class, last, style);
        }
    }

    fn message_map(
        &mut self,
        stored: &mut dyn Iterator<Item = &[u8]>,
        name: &[u8],
        of: MessageClass,
        style: Style,
    ) {
        let mut entries: Vec<(&[u8], Option<FieldValue<'_>>)> =
            stored.map(|entry| (part(entry, 1), last_of(entry, 2))).collect();
        if entries.is_empty() {
            return;
        }
        // The sort is stable: of entries with equal keys the last stored one counts.
        entries.sort_by_key(|(key, _)| *key);
        entries.reverse();
        entries.dedup_by_key(|(key, _)| *key);
        entries.reverse();
        self.sink.key(name);
        self.sink.begin_object();
        for (key, value) in entries {
            self.sink.key(key);
            self.message_value(of, value.unwrap_or(nothing(of)), style);
        }
        self.sink.end_object();
    }

    /// Renders the values of a packed field into an open list.
    fn packed(&mut self, class: MessageClass, bytes: &[u8], style: Style) {
        if matches!(class, MessageClass::Double) {
            let (values, rest) = bytes.as_chunks::<8>();
            for value in values {
                let bits = FieldValue::Fixed64(u64::from_le_bytes(*value));
                self.message_value(class, bits, style);
            }
            if !rest.is_empty() {
                self.problems.push(FieldError::class("floats of eight bytes", "other bytes"));
            }
            return;
        }
        for value in packed(bytes) {
            match value {
                Ok(n) => self.message_value(class, FieldValue::Varint(n), style),
                Err(e) => {
                    let error = FieldError::class("packed integers", "other bytes");
                    self.problems.push(error.inside("packed", e.at));
                }
            }
        }
    }

    fn message_value(&mut self, class: MessageClass, value: FieldValue<'_>, style: Style) {
        match (class, value) {
            (MessageClass::Text, FieldValue::Bytes(text)) => self.sink.text(text),
            (MessageClass::Bytes, FieldValue::Bytes(bytes)) => self.sink.bytes(bytes),
            (MessageClass::Uint, FieldValue::Varint(n)) if style.is_proto() => {
                self.sink.text(n.to_string().as_bytes());
            }
            (MessageClass::Int, FieldValue::Varint(n)) if style.is_proto() => {
                self.sink.text(n.cast_signed().to_string().as_bytes());
            }
            (MessageClass::Int, FieldValue::Varint(n)) => self.sink.int(n.cast_signed()),
            (MessageClass::Uint, FieldValue::Varint(n)) => self.sink.uint(n),
            (MessageClass::Uint32, FieldValue::Varint(n)) => self.sink.uint(n & 0xffff_ffff),
            (MessageClass::Int32, FieldValue::Varint(n)) => self.sink.int(low_half(n).into()),
            (MessageClass::Double, FieldValue::Fixed64(bits)) => self.double(f64::from_bits(bits)),
            (MessageClass::Bool, FieldValue::Varint(n)) => self.sink.bool(n != 0),
            (MessageClass::Enum(names), FieldValue::Varint(n)) => {
                let name = usize::try_from(n).ok().and_then(|n| names.get(n));
                match name {
                    Some(name) if style != Style::GoJson => self.sink.text(name.as_bytes()),
                    _ => self.sink.uint(n),
                }
            }
            (MessageClass::Named(values), FieldValue::Varint(n)) => {
                match self.enum_name(values, low_half(n)) {
                    Some(name) => self.sink.text(name.as_bytes()),
                    None => self.sink.int(low_half(n).into()),
                }
            }
            (MessageClass::Timestamp, FieldValue::Bytes(message)) => {
                let nanos = i64::from(low_half(number(message, 2)));
                self.timestamp(number(message, 1).cast_signed(), nanos, style);
            }
            (MessageClass::Duration, FieldValue::Bytes(message)) => {
                let text =
                    duration_text(number(message, 1).cast_signed(), low_half(number(message, 2)));
                self.sink.text(text.as_bytes());
            }
            (MessageClass::Wrapped(of), FieldValue::Bytes(message)) => {
                self.message_value(*of, last_of(message, 1).unwrap_or(nothing(*of)), style);
            }
            (MessageClass::Struct, FieldValue::Bytes(message)) => self.structure(message, style),
            (MessageClass::Message(schema), FieldValue::Bytes(message)) => {
                self.message(message, schema, style);
            }
            (MessageClass::AnyMessage, FieldValue::Bytes(message)) => self.any(message, style),
            (_, value) => {
                self.problems.push(FieldError::class("another protobuf wire type", "this one"));
                self.bare(value);
            }
        }
    }

    fn enum_name(&self, values: &'static [EnumValue], number: i32) -> Option<&'static str> {
        let mut same = values.iter().rev().filter(|value| value.number == number);
        let newest = same.clone().next()?;
        if values.iter().filter(|value| value.number == number).nth(1).is_none() {
            return Some(newest.name);
        }
        let writer = self.writer();
        let fits = |value: &&EnumValue| !value.versions.and(writer).is_empty();
        Some(same.find(fits).unwrap_or(newest).name)
    }

    /// A message of any type: its fields after its type URL. A message of unknown type stays as
    /// stored.
    fn any(&mut self, message: &[u8], style: Style) {
        let (url, bytes) = (part(message, 1), part(message, 2));
        let schema = message_by_url(url);
        let well_known = well_known(url);
        if !self.enter_message() {
            return;
        }
        self.sink.begin_object();
        let shown = schema.is_some() && style == Style::ProtoApi;
        if !url.is_empty() && !shown {
            self.sink.key(b"@type");
            self.sink.text(url);
        }
        match (schema, well_known) {
            (Some(schema), _) => self.message_members(bytes, schema, style),
            (None, Some(class)) => {
                self.sink.key(b"value");
                self.message_value(class, FieldValue::Bytes(bytes), style);
            }
            (None, None) if url.is_empty() && bytes.is_empty() => {}
            (None, None) => {
                self.sink.key(b"value");
                self.sink.bytes(bytes);
            }
        }
        self.sink.end_object();
        self.depth += 1;
    }

    /// `google.protobuf.Struct`: {1 fields}, each an entry {1 key, 2 value}.
    fn structure(&mut self, message: &[u8], style: Style) {
        if !self.enter_message() {
            return;
        }
        let mut entries: Vec<(&[u8], &[u8])> = fields(message)
            .filter_map(Result::ok)
            .filter(|f| f.number == 1)
            .filter_map(|f| as_bytes(f.value))
            .map(|entry| (part(entry, 1), part(entry, 2)))
            .collect();
        entries.sort_by_key(|(key, _)| *key);
        entries.reverse();
        entries.dedup_by_key(|(key, _)| *key);
        entries.reverse();
        self.sink.begin_object();
        for (key, value) in entries {
            self.sink.key(key);
            self.json_value(value, style);
        }
        self.sink.end_object();
        self.depth += 1;
    }

    /// `google.protobuf.Value`: one of {1 null, 2 number, 3 text, 4 bool, 5 struct, 6 list}.
    fn json_value(&mut self, message: &[u8], style: Style) {
        let last = fields(message).filter_map(Result::ok).filter(|f| (1..=6).contains(&f.number));
        let Some(last) = last.last() else {
            self.sink.null();
            return;
        };
        match (last.number, last.value) {
            (2, FieldValue::Fixed64(bits)) => self.double(f64::from_bits(bits)),
            (3, FieldValue::Bytes(text)) => self.sink.text(text),
            (4, FieldValue::Varint(n)) => self.sink.bool(n != 0),
            (5, FieldValue::Bytes(message)) => self.structure(message, style),
            (6, FieldValue::Bytes(list)) => {
                if !self.enter_message() {
                    return;
                }
                self.sink.begin_list();
                for item in fields(list).filter_map(Result::ok).filter(|f| f.number == 1) {
                    self.json_value(as_bytes(item.value).unwrap_or(&[]), style);
                }
                self.sink.end_list();
                self.depth += 1;
            }
            _ => self.sink.null(),
        }
    }

    fn double(&mut self, x: f64) {
        match x {
            x if x.is_nan() => self.sink.text(b"NaN"),
            f64::INFINITY => self.sink.text(b"Infinity"),
            f64::NEG_INFINITY => self.sink.text(b"-Infinity"),
            x => self.sink.float(x),
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
        if style.is_proto()
            && let Some(digits) = text.rfind('.').map(|dot| text.len() - dot - 2)
        {
            for _ in digits..digits.next_multiple_of(3) {
                text.insert(text.len() - 1, '0');
            }
        }
        self.sink.text(text.as_bytes());
    }

    /// Renders fields whose numbers are in no schema.
    fn unknown_numbers(&mut self, bytes: &[u8], schema: &MessageSchema) {
        let mut numbers: Vec<u32> = fields(bytes)
            .filter_map(Result::ok)
            .map(|f| f.number)
            .filter(|n| schema.field(*n).is_none())
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            let name = format!("field_{number}");
            if !self.sink.wants(name.as_bytes()) {
                continue;
            }
            self.sink.key(name.as_bytes());
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

/// Renders protobuf's own messages whose JSON is not an object of their fields.
fn well_known(url: &[u8]) -> Option<MessageClass> {
    let name = url.rsplit(|b| *b == b'/').next()?;
    Some(match name.strip_prefix(b"google.protobuf.")? {
        b"Timestamp" => MessageClass::Timestamp,
        b"Duration" => MessageClass::Duration,
        b"Struct" => MessageClass::Struct,
        b"Any" => MessageClass::AnyMessage,
        b"BoolValue" => MessageClass::Wrapped(&MessageClass::Bool),
        b"StringValue" => MessageClass::Wrapped(&MessageClass::Text),
        b"BytesValue" => MessageClass::Wrapped(&MessageClass::Bytes),
        b"DoubleValue" => MessageClass::Wrapped(&MessageClass::Double),
        b"Int32Value" => MessageClass::Wrapped(&MessageClass::Int32),
        b"UInt32Value" => MessageClass::Wrapped(&MessageClass::Uint32),
        b"Int64Value" => MessageClass::Wrapped(&MessageClass::Int),
        b"UInt64Value" => MessageClass::Wrapped(&MessageClass::Uint),
        _ => return None,
    })
}

/// Whether this one of mutually exclusive fields was stored last.
fn is_chosen(bytes: &[u8], schema: &MessageSchema, field: &MessageField) -> bool {
    if field.one_of == 0 {
        return true;
    }
    let group = |number: u32| schema.field(number).is_some_and(|f| f.one_of == field.one_of);
    let last = fields(bytes).filter_map(Result::ok).map(|f| f.number).filter(|n| group(*n)).last();
    last == Some(field.number)
}

/// A message stored in pieces, which are merged.
fn joined<'a>(bytes: &'a [u8], field: &MessageField) -> Option<Cow<'a, [u8]>> {
    if !matches!(field.class, MessageClass::Message(_)) {
        return None;
    }
    let stored = fields(bytes).filter_map(Result::ok).filter(|f| f.number == field.number);
    let mut pieces = stored.filter_map(|f| as_bytes(f.value));
    let first = pieces.next()?;
    let mut whole = Cow::Borrowed(first);
    for piece in pieces {
        whole.to_mut().extend_from_slice(piece);
    }
    Some(whole)
}

/// `1.5s`, with 0, 3, 6 or 9 digits of fraction.
fn duration_text(seconds: i64, nanos: i32) -> String {
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    let whole = format!("{sign}{}.{:09}", seconds.unsigned_abs(), nanos.unsigned_abs());
    let short = (0..3).fold(whole.as_str(), |text, _| text.strip_suffix("000").unwrap_or(text));
    format!("{}s", short.strip_suffix('.').unwrap_or(short))
}

/// The lower half of a varint, as 32-bit integers are decoded.
fn low_half(n: u64) -> i32 {
    u32::try_from(n & 0xffff_ffff).unwrap_or(0).cast_signed()
}

const fn as_bytes(value: FieldValue<'_>) -> Option<&[u8]> {
    match value {
        FieldValue::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

/// The last value stored under a number of a message.
fn last_of(message: &[u8], number: u32) -> Option<FieldValue<'_>> {
    let stored = fields(message).filter_map(Result::ok).filter(|f| f.number == number);
    stored.map(|f| f.value).last()
}

/// The last bytes stored under a number of a message; empty if there are none.
fn part(message: &[u8], number: u32) -> &[u8] {
    let stored = fields(message).filter_map(Result::ok).filter(|f| f.number == number);
    stored.filter_map(|f| as_bytes(f.value)).last().unwrap_or(&[])
}

/// The integer stored under a number of a message.
fn number(message: &[u8], number: u32) -> u64 {
    match last_of(message, number) {
        Some(FieldValue::Varint(n)) => n,
        _ => 0,
    }
}

/// Writes the value of an absent field.
const fn nothing(class: MessageClass) -> FieldValue<'static> {
    match class {
        MessageClass::Double => FieldValue::Fixed64(0),
        class if class.is_packable() => FieldValue::Varint(0),
        _ => FieldValue::Bytes(&[]),
    }
}

/// Whether a field that is not repeated is left out; messages never are.
const fn is_zero(class: MessageClass, value: FieldValue<'_>) -> bool {
    match (class, value) {
        (
            MessageClass::Message(_)
            | MessageClass::Timestamp
            | MessageClass::Duration
            | MessageClass::Wrapped(_)
            | MessageClass::Struct
            | MessageClass::AnyMessage,
            _,
        ) => false,
        (_, FieldValue::Varint(n) | FieldValue::Fixed64(n)) => n == 0,
        (_, FieldValue::Fixed32(n)) => n == 0,
        (_, FieldValue::Bytes(bytes)) => bytes.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_protobuf_s() {
        for (seconds, nanos, text) in [
            (0, 0, "0s"),
            (1, 500_000_000, "1.500s"),
            (0, 1_000, "0.000001s"),
            (3, 1, "3.000000001s"),
            (-1, -20_000_000, "-1.020s"),
            (0, -7, "-0.000000007s"),
            (1000, 0, "1000s"),
        ] {
            assert_eq!(duration_text(seconds, nanos), text);
        }
    }
}

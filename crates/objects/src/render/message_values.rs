//! Renders the values of a message's fields as Consul's JSON.

use super::engine::Engine;
use super::message_parts::{as_bytes, last_of, nothing, number, part};
use super::style::Style;
use crate::json::{Sink, time_text};
use snapscope_decode::protobuf::{EnumValue, FieldValue, MessageClass, fields};
use snapscope_decode::records::message_by_url;
use snapscope_decode::schema::FieldError;
use snapscope_decode::time::GoTime;

impl<S: Sink> Engine<'_, S> {
    pub(super) fn message_value(
        &mut self,
        class: MessageClass,
        value: FieldValue<'_>,
        style: Style,
    ) {
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
                self.problem(FieldError::class("another protobuf wire type", "this one"));
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
        if !self.enter() {
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
        self.leave();
    }

    /// `google.protobuf.Struct`: {1 fields}, each an entry {1 key, 2 value}.
    fn structure(&mut self, message: &[u8], style: Style) {
        if !self.enter() {
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
        self.leave();
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
                if !self.enter() {
                    return;
                }
                self.sink.begin_list();
                for item in fields(list).filter_map(Result::ok).filter(|f| f.number == 1) {
                    self.json_value(as_bytes(item.value).unwrap_or(&[]), style);
                }
                self.sink.end_list();
                self.leave();
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

    pub(super) fn bare(&mut self, value: FieldValue<'_>) {
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

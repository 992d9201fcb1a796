//! Protobuf bodies as Consul's JSON.

use super::engine::Engine;
use super::message_parts::{as_bytes, last_of, nothing, part};
use super::style::Style;
use crate::json::Sink;
use snapscope_decode::protobuf::{
    FieldValue, MessageClass, MessageField, MessageSchema, fields, packed,
};
use snapscope_decode::schema::FieldError;
use std::borrow::Cow;

impl<S: Sink> Engine<'_, S> {
    pub(crate) fn message(&mut self, bytes: &[u8], schema: &MessageSchema, style: Style) {
        if !self.enter() {
            return;
        }
        self.sink.begin_object();
        self.message_members(bytes, schema, style);
        self.sink.end_object();
        self.leave();
    }

    pub(super) fn message_members(&mut self, bytes: &[u8], schema: &MessageSchema, style: Style) {
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
            self.problem(
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
                self.problem(FieldError::class("floats of eight bytes", "other bytes"));
            }
            return;
        }
        for value in packed(bytes) {
            match value {
                Ok(n) => self.message_value(class, FieldValue::Varint(n), style),
                Err(e) => {
                    let error = FieldError::class("packed integers", "other bytes");
                    self.problem(error.inside("packed", e.at));
                }
            }
        }
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

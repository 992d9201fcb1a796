//! A walk over a record that copies it and replaces values.
//!
//! The table of fields decides which; the caller provides replacements. Undeclared data is never
//! copied.

use super::fields::{Planned, Treatment};
use super::messages;
use super::opaque::any;
use super::spot::{DEPTH, Replace, Spot, Walked, put_raw};
use super::stored::Stored;
use super::unknown::{field_name, unknown};
use super::unknown_record::unknown_record;
use super::walker::Walker;
use super::words::is_setting;
use snapscope_decode::records;
use snapscope_decode::records::{CoordinateRef, entry_schema, record_schema};
use snapscope_decode::schema::{Class, Schema, WireStruct};
use snapscope_decode::wire::{Cursor, Value, WireError, encode};
use snapscope_decode::{Frame, Kind};

impl Walker<'_> {
    /// Appends a record.
    pub(super) fn record(
        &mut self,
        frame: &Frame<'_>,
        to: &mut dyn Replace,
        out: &mut Vec<u8>,
    ) -> Walked {
        out.push(frame.kind.0);
        let mut cursor = frame.cursor();
        let name = frame.kind.to_string();
        let spot = Spot { owner: &name, field: b"", treatment: Treatment::Unknown, called: b"" };
        match frame.kind {
            Kind::COORDINATE_BATCH_UPDATE => {
                static COORDINATE: Class =
                    Class::Struct(<CoordinateRef<'static> as WireStruct<'static>>::schema);
                static LIST: Class = Class::List(&COORDINATE);
                self.class(&LIST, spot.treated(Treatment::Inside), &mut cursor, DEPTH, to, out)
            }
            Kind::CONFIG_ENTRY => self.config_entry(spot, &mut cursor, to, out),
            Kind::PEERING => messages::raw(self, &records::PEERING, &mut cursor, to, out),
            Kind::PEERING_TRUST_BUNDLE => {
                messages::raw(self, &records::PEERING_TRUST_BUNDLE, &mut cursor, to, out)
            }
            Kind::PEERING_SECRET => {
                messages::raw(self, &records::PEERING_SECRET, &mut cursor, to, out)
            }
            Kind::RESOURCE => messages::raw(self, &records::RESOURCE, &mut cursor, to, out),
            _ => match record_schema(frame.kind) {
                Some(schema) => self.structure(schema, &mut cursor, DEPTH, to, out),
                None => unknown_record(self.table, spot, &mut cursor, to, out),
            },
        }
    }

    /// The kind, then the request around the entry, all in one raw value.
    fn config_entry(
        &mut self,
        spot: Spot<'_>,
        cursor: &mut Cursor<'_>,
        to: &mut dyn Replace,
        out: &mut Vec<u8>,
    ) -> Walked {
        let mut copy = *cursor;
        let Value::Raw(inner) = copy.value()? else {
            return unknown(spot, cursor, DEPTH, to, out);
        };
        *cursor = copy;
        let mut inside = Cursor::new(inner);
        let mut body = Vec::with_capacity(inner.len());
        let kind = inside.take_bytes()?;
        body.extend_from_slice(kind);
        let kind = Value::read(kind)?.as_raw().unwrap_or(&[]);
        let schema = entry_schema(kind);
        let owner = "ConfigEntryRequest";
        let request = Stored::at(inside)?;
        if !matches!(request.value, Value::Map(_)) {
            unknown(spot, &mut inside, DEPTH, to, &mut body)?;
            encode::raw(&body, out);
            return Ok(());
        }
        request.copy_parts(&mut body, |at, body| {
            let key = at.take_bytes()?;
            let Value::Raw(name) = Value::read(key)? else {
                return no_field(spot, at, to, body);
            };
            let treatment = self.table.of_stored(owner, name);
            let spot = Spot { owner, field: name, treatment, called: name };
            field_name(spot, name, key, to, body);
            match (treatment, schema) {
                (Treatment::Inside, Some(schema)) => self.entry(schema, spot, at, to, body),
                (Treatment::Inside, None) => unknown(spot, at, DEPTH, to, body),
                _ => self.class(&Class::Text, spot, at, DEPTH, to, body),
            }
        })?;
        encode::raw(&body, out);
        Ok(())
    }

    /// An entry; that of `proxy-defaults` is a raw value that holds msgpack.
    fn entry(
        &mut self,
        schema: &'static Schema,
        spot: Spot<'_>,
        at: &mut Cursor<'_>,
        to: &mut dyn Replace,
        out: &mut Vec<u8>,
    ) -> Walked {
        let mut ahead = *at;
        match ahead.value()? {
            Value::Raw(encoded) if schema.name == "proxy-defaults" && !encoded.is_empty() => {
                let mut inner = Vec::with_capacity(encoded.len());
                let mut cursor = Cursor::new(encoded);
                self.structure(schema, &mut cursor, DEPTH, to, &mut inner)?;
                encode::raw(&inner, out);
                *at = ahead;
                Ok(())
            }
            Value::Map(_) => self.structure(schema, at, DEPTH, to, out),
            _ => unknown(spot, at, DEPTH, to, out),
        }
    }

    fn structure(
        &mut self,
        schema: &'static Schema,
        cursor: &mut Cursor<'_>,
        depth: usize,
        to: &mut dyn Replace,
        out: &mut Vec<u8>,
    ) -> Walked {
        let mut spot =
            Spot { owner: schema.name, field: b"", treatment: Treatment::Unknown, called: b"" };
        let stored = Stored::at(*cursor)?;
        if !matches!(stored.value, Value::Map(_)) {
            return unknown(spot, cursor, depth, to, out);
        }
        *cursor = stored.after;
        let plan = self.planned(schema);
        let mut next = 0;
        let deeper = depth.saturating_sub(1);
        stored.copy_parts(out, |at, out| {
            let key = at.take_bytes()?;
            let Value::Raw(name) = Value::read(key)? else {
                return no_field(spot, at, to, out);
            };
            spot.field = name;
            spot.called = name;
            match find(&plan, name, &mut next) {
                Some(field) => {
                    out.extend_from_slice(key);
                    self.class(field.class, spot.treated(field.treatment), at, deeper, to, out)
                }
                None => {
                    field_name(spot, name, key, to, out);
                    unknown(spot, at, deeper, to, out)
                }
            }
        })
    }

    fn class(
        &mut self,
        class: &'static Class,
        spot: Spot<'_>,
        cursor: &mut Cursor<'_>,
        depth: usize,
        to: &mut dyn Replace,
        out: &mut Vec<u8>,
    ) -> Walked {
        let stored = Stored::at(*cursor)?;
        let Stored { value, bytes, after, .. } = stored;
        if value.is_nil() {
            out.extend_from_slice(bytes);
            *cursor = after;
            return Ok(());
        }
        if depth == 0 || spot.treatment == Treatment::Unknown {
            return unknown(spot, cursor, depth, to, out);
        }
        match (class, value) {
            (Class::Optional(inner), _) => return self.class(inner, spot, cursor, depth, to, out),
            (Class::Struct(schema), Value::Map(_)) => {
                return self.structure(schema(), cursor, depth, to, out);
            }
            (Class::List(inner), Value::Array(_)) => {
                stored
                    .copy_parts(out, |at, out| self.class(inner, spot, at, depth - 1, to, out))?;
            }
            (
                Class::Map(inner) | Class::NumberMap(inner) | Class::NameMap(inner),
                Value::Map(_),
            ) => {
                let settings = matches!(inner, Class::Any);
                stored.copy_parts(out, |at, out| {
                    let key = self.map_key(spot, settings, at, depth, to, out)?;
                    self.class(inner, spot.under(key), at, depth - 1, to, out)
                })?;
            }
            (Class::Any, _) => return any(spot, cursor, depth, to, out),
            (Class::Text | Class::Bytes | Class::Ip | Class::Time, Value::Raw(raw)) => {
                put_raw(spot, raw, bytes, to, out);
            }
            (
                Class::Int | Class::Uint | Class::Uint32 | Class::Nanos | Class::NanosText,
                Value::Uint(number),
            ) => match to.number(spot, number) {
                Some(other) => encode::uint(other, out),
                None => out.extend_from_slice(bytes),
            },
            (Class::Int | Class::Nanos | Class::NanosText, Value::Int(_))
            | (Class::Bool, Value::Bool(_))
            | (Class::F32 | Class::F64, Value::F32(_) | Value::F64(_) | Value::Uint(_)) => {
                out.extend_from_slice(bytes);
            }
            // It contradicts the declaration, so its meaning is unknown.
            _ => return unknown(spot, cursor, depth, to, out),
        }
        *cursor = after;
        Ok(())
    }

    /// A key of a map: a setting, a name, a number, or a service name, which is a map itself.
    fn map_key<'c>(
        &mut self,
        spot: Spot<'_>,
        settings: bool,
        at: &mut Cursor<'c>,
        depth: usize,
        to: &mut dyn Replace,
        out: &mut Vec<u8>,
    ) -> Result<&'c [u8], WireError> {
        let mut ahead = *at;
        let bytes = ahead.take_bytes()?;
        match Value::read(bytes)? {
            Value::Raw(key) => {
                if settings && is_setting(key) {
                    out.extend_from_slice(bytes);
                } else {
                    put_raw(spot.treated(Treatment::Label), key, bytes, to, out);
                }
                *at = ahead;
                Ok(key)
            }
            Value::Uint(_) => {
                out.extend_from_slice(bytes);
                *at = ahead;
                Ok(&[])
            }
            Value::Map(_) => {
                self.structure(
                    <records::ServiceNameRef<'static> as WireStruct<'static>>::schema(),
                    at,
                    depth - 1,
                    to,
                    out,
                )?;
                Ok(&[])
            }
            _ => {
                unknown(spot, at, depth, to, out)?;
                Ok(&[])
            }
        }
    }
}

fn find<'p>(plan: &'p [Planned], name: &[u8], next: &mut usize) -> Option<&'p Planned> {
    // Servers store fields in order, and mostly all of them.
    if let Some(field) = plan.get(*next)
        && field.stored.as_bytes() == name
    {
        *next += 1;
        return Some(field);
    }
    let at = plan.binary_search_by(|field| field.stored.as_bytes().cmp(name)).ok()?;
    *next = at + 1;
    plan.get(at)
}

/// Removes an entry whose key is not a name: no struct has such a field.
fn no_field(
    spot: Spot<'_>,
    at: &mut Cursor<'_>,
    to: &mut dyn Replace,
    out: &mut Vec<u8>,
) -> Walked {
    to.removed(spot);
    encode::raw(b"", out);
    at.skip()?;
    encode::scalar(Value::Nil, out);
    Ok(())
}

//! A config entry: its kind, its name, and the request around it.

use crate::document::{Applied, Doc, Refused, list, raw, text};
use crate::table::key_of;
use snapscope_decode::records::entry_name;
use snapscope_decode::wire::{Cursor, Value};
use std::borrow::Cow;

/// A config entry with its kind and the surrounding request.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) kind: Vec<u8>,
    pub(super) request: Doc<'a>,
    pub(super) entry: Doc<'a>,
    /// The entry is bytes in the request (`proxy-defaults`).
    is_wrapped: bool,
}

impl<'a> Entry<'a> {
    /// Reads the raw value of a record or command.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Refused> {
        let unreadable = || Refused(Cow::Borrowed("cannot read the config entry"));
        let mut cursor = Cursor::new(bytes);
        let Ok(Value::Raw(kind)) = cursor.value() else { return Err(unreadable()) };
        let mut at = Cursor::new(cursor.rest());
        let Ok(Value::Map(fields)) = at.value() else { return Err(unreadable()) };
        let request = Doc::read(cursor.rest())?;
        let entry = match fields.find(b"Entry") {
            Ok(Some(Value::Raw(inner))) => (Doc::read(inner)?, true),
            _ => (Self::inner(cursor.rest())?, false),
        };
        Ok(Self { kind: kind.to_vec(), request, entry: entry.0, is_wrapped: entry.1 })
    }

    /// The entry in a request, borrowed from the request's bytes.
    fn inner(request: &'a [u8]) -> Result<Doc<'a>, Refused> {
        let Ok(Value::Map(fields)) = Value::read(request) else { return Doc::read(NO_FIELDS) };
        let mut at = Cursor::starting_at(request, fields.at());
        for _ in 0..fields.len() {
            let is_entry = matches!(at.value(), Ok(Value::Raw(b"Entry")));
            let Ok(value) = at.take_bytes() else { break };
            if is_entry {
                return Doc::read(value);
            }
        }
        Doc::read(NO_FIELDS)
    }

    pub(super) fn of_record(body: &'a [u8]) -> Result<Self, Refused> {
        Self::read(text(body))
    }

    pub(super) fn name(&self) -> &[u8] {
        entry_name(&self.kind, self.entry.text("Name"))
    }

    pub(super) fn key(&self) -> Vec<u8> {
        key_of(&[&self.kind, self.name()])
    }

    /// The record; only the entry of the request is stored.
    pub(super) fn record(&self) -> Vec<u8> {
        let mut request = self.request.clone();
        for field in ["Datacenter", "Op", "Token"] {
            request.set_text(field, b"");
        }
        let entry = self.entry.bytes();
        request.set("Entry", if self.is_wrapped { raw(&entry) } else { entry });
        let mut bytes = raw(&self.kind);
        bytes.extend(request.bytes());
        raw(&bytes)
    }
}

const NO_FIELDS: &[u8] = &[0x80];

/// The name of a `service-defaults` entry for a destination outside of the mesh.
pub(super) fn destination(body: &[u8]) -> Option<Vec<u8>> {
    let entry = Entry::of_record(body).ok()?;
    let is_one = entry.kind == b"service-defaults" && !entry.entry.is_nil("Destination");
    is_one.then(|| entry.name().to_vec())
}

/// A new entry of `service-intentions`.
pub(super) fn new_intentions(name: &[u8], fields: Doc<'static>) -> Entry<'static> {
    let mut request = Doc::default();
    for field in ["Datacenter", "Op", "Token"] {
        request.set_text(field, b"");
    }
    let mut entry = fields;
    entry.set_text("Kind", b"service-intentions");
    entry.set_text("Name", name);
    Entry { kind: b"service-intentions".to_vec(), request, entry, is_wrapped: false }
}

/// Copies from the replaced entry the creation times of intentions with an ID.
pub(super) fn keep_creation_times(entry: &mut Doc<'_>, before: Option<&Doc<'_>>) -> Applied {
    let Some(before) = before else { return Ok(()) };
    let mut sources = Vec::new();
    let mut is_changed = false;
    for source in entry.items("Sources") {
        let mut source = Doc::read(source)?;
        if !source.text("LegacyID").is_empty() {
            for old in before.items("Sources") {
                let old = Doc::read(old)?;
                if old.text("LegacyID") == source.text("LegacyID") {
                    let created = old.raw("LegacyCreateTime").to_vec();
                    source.set("LegacyCreateTime", created);
                    is_changed = true;
                }
            }
        }
        sources.push(source.bytes());
    }
    if is_changed {
        entry.set("Sources", list(&sources));
    }
    Ok(())
}

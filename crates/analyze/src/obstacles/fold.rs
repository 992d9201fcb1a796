//! One pass over a snapshot that finds what some version of Consul refuses.

use super::FIELDS;
use super::catalog::Catalog;
use super::fields::RequiredField;
use super::report::{Cause, Example, Obstacle, ObstacleReport};
use super::structures::{
    CONFIG_ENTRY_EMPTY, CONFIG_ENTRY_NAME, STRUCTURES, Structure, VIRTUAL_IP_FORM,
    VIRTUAL_IP_SERVICE,
};
use crate::drivers::{Fold, Problems};
use crate::top::identity;
use snapscope_archive::Closing;
use snapscope_decode::records::{ConfigEntryRef, Record, RegisterRef};
use snapscope_decode::wire::{Entries, Value};
use snapscope_decode::{FieldError, Frame, Kind};
use std::collections::BTreeMap;

/// Finds what servers refuse. It has to see all records in order, which a pass with one worker does.
#[derive(Debug)]
pub struct Obstacles {
    /// By type number; most records add to this alone.
    types: BTreeMap<Kind, u64>,
    found: BTreeMap<Cause, Found>,
    catalog: Catalog,
}

impl Default for Obstacles {
    fn default() -> Self {
        Self { types: BTreeMap::new(), found: BTreeMap::new(), catalog: Catalog::in_order() }
    }
}

#[derive(Debug, Default)]
struct Found {
    records: u64,
    examples: Vec<Example>,
}

/// A map inside of a map.
fn map<'a>(fields: Entries<'a>, name: &[u8]) -> Option<Entries<'a>> {
    match fields.find(name) {
        Ok(Some(Value::Map(inside))) => Some(inside),
        _ => None,
    }
}

/// A name for people; what is not text in it is replaced.
fn text(name: Vec<u8>) -> String {
    String::from_utf8(name).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

/// Records that are named of each cause.
const EXAMPLES: usize = 5;

impl Found {
    fn add(&mut self, frame: &Frame<'_>, name: impl FnOnce() -> String) {
        self.records += 1;
        if self.examples.len() < EXAMPLES {
            let Frame { number, offset, kind, .. } = *frame;
            self.examples.push(Example { number, offset, kind, name: name() });
        }
    }
}

impl Obstacles {
    /// The same for a pass with several workers, none of which sees all records: leaves out what depends
    /// on the registrations before one.
    #[must_use]
    pub fn without_order() -> Self {
        Self { catalog: Catalog::default(), ..Self::default() }
    }

    fn add(&mut self, cause: Cause, frame: &Frame<'_>) {
        let name = || identity(frame).map_or_else(|_| String::new(), text);
        self.found.entry(cause).or_default().add(frame, name);
    }

    fn structure(&mut self, structure: &'static Structure, frame: &Frame<'_>) {
        if let Some(place) = STRUCTURES.iter().position(|row| row.id == structure.id) {
            self.add(Cause::Structure(place), frame);
        }
    }

    /// Takes a record; what can't be decoded in it is an error.
    pub(crate) fn look(&mut self, frame: &Frame<'_>) -> Result<(), FieldError> {
        *self.types.entry(frame.kind).or_default() += 1;
        let value = frame.value().map_err(FieldError::from)?;
        if frame.kind == Kind::CONFIG_ENTRY {
            return self.config_entry(frame);
        }
        for (place, field) in FIELDS.iter().enumerate() {
            if field.kind == frame.kind && !RequiredField::is_met(field, value) {
                self.add(Cause::Field(place), frame);
            }
        }
        match (frame.kind, value) {
            (Kind::REGISTER, _) => match frame.record()? {
                Record::Register(register) => self.register(frame, &register),
                _ => Ok(()),
            },
            (Kind::SERVICE_VIRTUAL_IP, Value::Map(fields)) => {
                self.virtual_ip(frame, fields);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn register(
        &mut self,
        frame: &Frame<'_>,
        register: &RegisterRef<'_>,
    ) -> Result<(), FieldError> {
        let (service, check) = (register.service.get()?, register.check.get()?);
        let mut refused = Vec::new();
        let mut refuse = |structure| refused.push(structure);
        self.catalog.register(register, service.as_ref(), check.as_ref(), &mut refuse)?;
        for structure in refused {
            self.structure(structure, frame);
        }
        Ok(())
    }

    fn config_entry(&mut self, frame: &Frame<'_>) -> Result<(), FieldError> {
        let entry = ConfigEntryRef::read(frame.value().map_err(FieldError::from)?)?;
        self.add(Cause::EntryKind(entry.kind.0.into()), frame);
        if matches!(entry.entry, Value::Nil) {
            self.structure(&CONFIG_ENTRY_EMPTY, frame);
        } else if !matches!(entry.kind.0, b"mesh" | b"proxy-defaults") && entry.name().is_empty() {
            // Of those two there is one each, whose name servers don't read.
            self.structure(&CONFIG_ENTRY_NAME, frame);
        }
        Ok(())
    }

    fn virtual_ip(&mut self, frame: &Frame<'_>, fields: Entries<'_>) {
        let service = map(fields, b"Service");
        let new = service.and_then(|service| map(service, b"ServiceName"));
        if new.is_none() {
            self.structure(&VIRTUAL_IP_FORM, frame);
        }
        let name = new.or(service).map(|name| name.find(b"Name"));
        if !matches!(name, Some(Ok(Some(Value::Raw(name)))) if !name.is_empty()) {
            self.structure(&VIRTUAL_IP_SERVICE, frame);
        }
    }
}

impl Fold for Obstacles {
    type Out = ObstacleReport;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if let Err(e) = self.look(frame) {
            problems.add(frame, e);
        }
    }

    fn merge(&mut self, other: Self) {
        for (kind, records) in other.types {
            *self.types.entry(kind).or_default() += records;
        }
        for (cause, found) in other.found {
            let ours = self.found.entry(cause).or_default();
            ours.records += found.records;
            ours.examples.extend(found.examples);
            ours.examples.sort();
            ours.examples.truncate(EXAMPLES);
        }
    }

    fn finish(self, _: &Closing) -> ObstacleReport {
        let types = self.types.into_iter().map(|(kind, records)| Obstacle {
            cause: Cause::RecordType(kind),
            records,
            examples: Vec::new(),
        });
        let others = self.found.into_iter().map(|(cause, found)| Obstacle {
            cause,
            records: found.records,
            examples: found.examples,
        });
        ObstacleReport { found: types.chain(others).collect() }
    }

    fn is_light(&self) -> bool {
        self.catalog.is_in_order()
    }
}

//! One pass over a snapshot that finds what some version of Consul refuses.

use super::FIELDS;
use super::ca::Ca;
use super::catalog::Catalog;
use super::classes::{Misfit, misfit, misfit_in_list, misfit_in_request};
use super::fields::RequiredField;
use super::nulls::Nulls;
use super::report::{Cause, Example, Obstacle, ObstacleReport};
use super::structures::{
    CA_CONFIG, CA_ROOT, CONFIG_ENTRY_EMPTY, CONFIG_ENTRY_NAME, CONFIG_NULL, CONFIG_NULL_IN_LIST,
    STRUCTURES, Structure, VIRTUAL_IP_FORM, VIRTUAL_IP_SERVICE,
};
use crate::drivers::{Fold, Problems};
use crate::top::identity;
use snapscope_archive::Closing;
use snapscope_decode::records::{ConfigEntryRef, CoordinateRef, Record, record_schema};
use snapscope_decode::schema::WireStruct as _;
use snapscope_decode::stream::Body;
use snapscope_decode::wire::{Entries, Value};
use snapscope_decode::{Frame, Kind};
use std::collections::BTreeMap;

/// Finds what servers refuse. It has to see all records in order, which a pass with one worker does.
#[derive(Debug)]
pub struct Obstacles {
    /// By type number; most records add to this alone.
    types: BTreeMap<Kind, u64>,
    found: BTreeMap<Cause, Found>,
    catalog: Catalog,
    ca: Ca,
}

impl Default for Obstacles {
    fn default() -> Self {
        Self {
            types: BTreeMap::new(),
            found: BTreeMap::new(),
            catalog: Catalog::in_order(),
            ca: Ca::default(),
        }
    }
}

#[derive(Debug, Default)]
struct Found {
    records: u64,
    examples: Vec<Example>,
}

/// What servers expect in a record of a config entry.
const NO_ENTRY: &str = "which is not a config entry";

fn raw(value: Value<'_>) -> Option<Misfit> {
    (!matches!(value, Value::Raw(_) | Value::Nil)).then(|| Misfit::new("a protobuf message"))
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

/// A record, and what its object is called.
fn example(frame: &Frame<'_>) -> Example {
    let Frame { number, offset, kind, .. } = *frame;
    let name = identity(frame).map_or_else(|_| String::new(), text);
    Example { number, offset, kind, name }
}

impl Found {
    fn add(&mut self, example: impl FnOnce() -> Example) {
        self.records += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(example());
        }
    }
}

/// The place of a structure in their table.
fn place_of(structure: &Structure) -> Option<usize> {
    STRUCTURES.iter().position(|row| row.id == structure.id)
}

impl Obstacles {
    /// The same for a pass with several workers, none of which sees all records: leaves out what depends
    /// on the registrations before one.
    #[must_use]
    pub fn without_order() -> Self {
        Self { catalog: Catalog::default(), ..Self::default() }
    }

    fn add(&mut self, cause: Cause, frame: &Frame<'_>) {
        self.found.entry(cause).or_default().add(|| example(frame));
    }

    fn structure(&mut self, structure: &'static Structure, frame: &Frame<'_>) {
        if let Some(place) = place_of(structure) {
            self.add(Cause::Structure(place), frame);
        }
    }

    /// Takes a record. What of it can't be read as its type says is an obstacle, unless servers take it.
    pub(crate) fn look(&mut self, frame: &Frame<'_>) {
        *self.types.entry(frame.kind).or_default() += 1;
        let Ok(value) = frame.value() else { return };
        let kind = frame.kind;
        let misfit = match kind {
            Kind::CONFIG_ENTRY => return self.config_entry(frame, value),
            Kind::COORDINATE_BATCH_UPDATE => misfit_in_list(CoordinateRef::schema(), value),
            _ => match (record_schema(kind), kind.info()) {
                (Some(schema), _) => misfit(schema, value),
                (None, Some(info)) if info.body == Body::Protobuf => raw(value),
                _ => None,
            },
        };
        if let Some(misfit) = misfit {
            return self.misfit(frame, &misfit);
        }
        for (place, field) in FIELDS.iter().enumerate() {
            if field.kind == kind && !RequiredField::is_met(field, value) {
                self.add(Cause::Field(place), frame);
            }
        }
        match (kind, value) {
            (Kind::REGISTER, _) => self.register(frame),
            (Kind::SERVICE_VIRTUAL_IP, Value::Map(fields)) => self.virtual_ip(frame, fields),
            (_, Value::Map(fields)) => self.ca.take(fields, || example(frame), kind),
            _ => {}
        }
    }

    fn misfit(&mut self, frame: &Frame<'_>, misfit: &Misfit) {
        self.add(Cause::Misfit(frame.kind, misfit.text().into()), frame);
    }

    /// Applies a registration. One that can't be read, although servers take it (a number that wraps
    /// around), is not applied: its node and service are those of another record or of no check.
    fn register(&mut self, frame: &Frame<'_>) {
        let mut refused = Vec::new();
        let mut refuse = |structure| refused.push(structure);
        let applied = frame.record().and_then(|record| match record {
            Record::Register(register) => {
                let (service, check) = (register.service.get()?, register.check.get()?);
                let parts = (service.as_ref(), check.as_ref());
                self.catalog.register(&register, parts.0, parts.1, &mut refuse)
            }
            _ => Ok(()),
        });
        if applied.is_ok() {
            for structure in refused {
                self.structure(structure, frame);
            }
        }
    }

    fn config_entry(&mut self, frame: &Frame<'_>, value: Value<'_>) {
        let entry = match ConfigEntryRef::read(value) {
            Ok(entry) => entry,
            Err(_) => return self.add(Cause::Misfit(frame.kind, NO_ENTRY.into()), frame),
        };
        self.add(Cause::EntryKind(entry.kind.0.into()), frame);
        let stored = entry.request.find(b"Entry").ok().flatten();
        let is_packed = entry.kind.0 == b"proxy-defaults";
        if let Some(misfit) = misfit_in_request(entry.request) {
            return self.misfit(frame, &misfit);
        }
        if matches!(stored, Some(Value::Nil)) {
            return self.structure(&CONFIG_ENTRY_EMPTY, frame);
        }
        if is_packed && !matches!(stored, None | Some(Value::Raw(_))) {
            return self.add(Cause::Misfit(frame.kind, NO_ENTRY.into()), frame);
        }
        if let Some(misfit) = entry.schema().and_then(|schema| misfit(schema, entry.entry)) {
            return self.misfit(frame, &misfit);
        }
        if is_packed && let Value::Map(fields) = entry.entry {
            let config = fields.find(b"Config").ok().flatten();
            let nulls = config.map_or(Nulls::default(), Nulls::inside);
            if nulls.in_map {
                self.structure(&CONFIG_NULL, frame);
            }
            if nulls.in_list {
                self.structure(&CONFIG_NULL_IN_LIST, frame);
            }
        }
        // Of mesh and proxy-defaults there is one each, whose name servers don't read.
        let has_fixed_name = is_packed || entry.kind.0 == b"mesh";
        if !has_fixed_name && entry.name().is_empty() {
            self.structure(&CONFIG_ENTRY_NAME, frame);
        }
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

    fn frame(&mut self, frame: &Frame<'_>, _: &mut Problems) {
        self.look(frame);
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
        self.ca.merge(other.ca);
    }

    fn finish(mut self, _: &Closing) -> ObstacleReport {
        if let (Some(config), Some(place)) = (self.ca.bad_config(), place_of(&CA_CONFIG)) {
            self.found.entry(Cause::Structure(place)).or_default().add(|| config);
        }
        if let (Some(root), Some(place)) = (self.ca.lost_root(), place_of(&CA_ROOT)) {
            self.found.entry(Cause::Structure(place)).or_default().add(|| root);
        }
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

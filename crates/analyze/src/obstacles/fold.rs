//! The pass over a snapshot that finds records that some version of Consul refuses.

use super::FIELDS;
use super::ca::Ca;
use super::catalog::Catalog;
use super::classes::{
    Fitting, Misfit, misfit_in_request, misfits, misfits_in_list, misfits_unread,
};
use super::fields::RequiredField;
use super::nulls::Nulls;
use super::report::{Cause, Example, Obstacle, ObstacleReport};
use super::structures::{
    CA_CONFIG, CA_ROOT, CONFIG_ENTRY_EMPTY, CONFIG_ENTRY_NAME, CONFIG_NULL, CONFIG_NULL_IN_LIST,
    STRUCTURES, Structure, VIRTUAL_IP_FORM, VIRTUAL_IP_SERVICE,
};
use super::uuid::is_uuid;
use crate::drivers::{Fold, Problems};
use crate::registration::Registration;
use crate::written_by::{StoredField, stored_fields, stored_fields_of};
use snapscope_archive::Closing;
use snapscope_decode::records::{ConfigEntryRef, CoordinateRef, KvRef, Record, record_schema};
use snapscope_decode::schema::{FieldError, Schema, Text, WireStruct};
use snapscope_decode::stream::Body;
use snapscope_decode::wire::{Entries, Value};
use snapscope_decode::{Frame, Kind, VersionRange};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Finds records that servers refuse. It has to see all records in order, as in a pass with one
/// worker.
#[derive(Debug)]
pub struct Obstacles {
    /// By type number; most records change only this.
    types: Box<[u64; 256]>,
    pub(super) found: BTreeMap<Cause, Found>,
    catalog: Catalog,
    ca: Ca,
    /// By type; for registrations those of the registration itself, of the service and of the
    /// check.
    fitting: BTreeMap<Kind, [Fitting; 3]>,
}

impl Default for Obstacles {
    fn default() -> Self {
        Self {
            types: Box::new([0; 256]),
            found: BTreeMap::new(),
            catalog: Catalog::in_order(),
            ca: Ca::default(),
            fitting: BTreeMap::new(),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Found {
    records: u64,
    examples: Vec<Example>,
}

/// By type number, the required fields, with their positions in the table.
static ROWS: LazyLock<Vec<Vec<(usize, &'static RequiredField)>>> = LazyLock::new(|| {
    let of = |kind: Kind| FIELDS.iter().enumerate().filter(move |(_, field)| field.kind == kind);
    (0..=u8::MAX).map(|number| of(Kind(number)).collect()).collect()
});

fn is_ordinary_kv(kv: &KvRef<'_>) -> bool {
    !kv.key.is_empty() && (kv.session.is_empty() || is_uuid(kv.session.0))
}

/// Whether a record of one of the frequent types has every field that the table requires.
fn is_ordinary(record: &Record<'_>, registration: Option<&Registration<'_>>) -> bool {
    let is_uuid = |text: Text<'_>| is_uuid(text.0);
    match (record, registration) {
        (Record::Register(_), Some(Registration { register, service, check })) => {
            !register.node.is_empty()
                && (register.id.is_empty() || is_uuid(register.id))
                && service.is_none_or(|service| !service.id.is_empty())
                && check.is_none_or(|check| !check.check_id.is_empty())
        }
        (Record::AclPolicy(policy), _) => is_uuid(policy.id) && !policy.name.is_empty(),
        (Record::AclToken(token), _) => {
            let mut links = token.policies.iter().map(|link| Ok(link?.id));
            let mut roles = token.roles.iter().map(|link| Ok(link?.id));
            let is_id = |id: Result<Text<'_>, FieldError>| id.is_ok_and(is_uuid);
            !token.secret_id.is_empty()
                && is_uuid(token.accessor_id)
                && links.all(is_id)
                && roles.all(is_id)
        }
        _ => false,
    }
}

/// The parts of a registration that are read with it.
const READ: &[&str] = &["Service", "Check"];

/// Whether no field is hidden by another one of the same name.
fn is_read_once(record: &Record<'_>, registration: Option<&Registration<'_>>) -> bool {
    let is_in_order = |Registration { service, check, .. }: &Registration<'_>| {
        service.is_none_or(|service| service.is_in_order())
            && check.is_none_or(|check| check.is_in_order())
    };
    record.is_in_order() && registration.is_none_or(is_in_order)
}

/// The misfits in the service or check of a registration.
fn part<'a>(
    name: &'static str,
    read: &impl WireStruct<'a>,
    fitting: &mut Fitting,
) -> impl Iterator<Item = Misfit> {
    let found = misfits_unread(schema_of(read), &[], fitting, |take| read.each_unread(take));
    found.into_iter().map(move |misfit| misfit.inside(name))
}

fn schema_of<'a, T: WireStruct<'a>>(_: &T) -> &'static Schema {
    T::schema()
}

/// The map that servers expect in a config entry record.
const NO_ENTRY: &str = "which is not a config entry";

fn raw(value: Value<'_>) -> Vec<Misfit> {
    match value {
        Value::Raw(_) | Value::Nil => Vec::new(),
        _ => vec![Misfit::new("a protobuf message")],
    }
}

/// A nested map.
fn map<'a>(fields: Entries<'a>, name: &[u8]) -> Option<Entries<'a>> {
    match fields.find(name) {
        Ok(Some(Value::Map(inside))) => Some(inside),
        _ => None,
    }
}

/// A name for messages; bytes that are not text are replaced.
fn text(name: Vec<u8>) -> String {
    String::from_utf8(name).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

/// Maximum number of records named per cause.
const EXAMPLES: usize = 5;

/// A record, and the name of its object.
fn example(frame: &Frame<'_>) -> Example {
    let Frame { number, offset, kind, .. } = *frame;
    let identity = frame.record().and_then(|record| record.identity());
    let name = identity.map_or_else(|_| String::new(), text);
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

/// The index of a structure in the table.
fn place_of(structure: &Structure) -> Option<usize> {
    STRUCTURES.iter().position(|row| row.id == structure.id)
}

impl Obstacles {
    /// The same for a pass with several workers, none of which sees all records: leaves out
    /// everything that depends on earlier registrations.
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

    /// Reads a record. A field that does not fit its type is an obstacle, unless servers accept it.
    pub(crate) fn look(&mut self, frame: &Frame<'_>) {
        self.count(frame.kind);
        self.take(frame, None);
    }

    /// The same for a record whose fields are all readable, given what a registration contains.
    pub(crate) fn look_read(
        &mut self,
        frame: &Frame<'_>,
        record: &Record<'_>,
        registration: Option<&Registration<'_>>,
    ) {
        self.count(frame.kind);
        let is_ordinary = is_ordinary(record, registration);
        let (Some(entries), Some(schema)) = (frame.entries(), record_schema(frame.kind)) else {
            return self.take(frame, registration);
        };
        if !is_read_once(record, registration) {
            return self.take(frame, registration);
        }
        // Other types also have fields with these names.
        let but = if registration.is_some() { READ } else { &[] };
        let [own, service, check] = self.fitting.entry(frame.kind).or_default();
        let mut misfits = misfits_unread(schema, but, own, |take| record.each_unread(take));
        if let Some(Registration { service: Some(read), .. }) = registration {
            misfits.extend(part("Service", read, service));
        }
        if let Some(Registration { check: Some(read), .. }) = registration {
            misfits.extend(part("Check", read, check));
        }
        if self.misfits(frame, || stored_fields_of(frame.kind), misfits) {
            return;
        }
        if !is_ordinary {
            self.fields(frame, Value::Map(entries));
        }
        self.structures(frame, Value::Map(entries), registration);
    }

    /// The same for a key.
    pub(crate) fn look_kv(&mut self, frame: &Frame<'_>, kv: &KvRef<'_>) {
        if is_ordinary_kv(kv) {
            self.count(frame.kind);
        } else {
            self.look(frame);
        }
    }

    fn count(&mut self, kind: Kind) {
        if let Some(count) = self.types.get_mut(usize::from(kind.0)) {
            *count += 1;
        }
    }

    fn take(&mut self, frame: &Frame<'_>, read: Option<&Registration<'_>>) {
        let kind = frame.kind;
        let Ok(value) = frame.value() else { return };
        let misfits = match kind {
            Kind::CONFIG_ENTRY => return self.config_entry(frame, value),
            Kind::COORDINATE_BATCH_UPDATE => misfits_in_list(CoordinateRef::schema(), value),
            _ => match (record_schema(kind), kind.info()) {
                (Some(schema), _) => misfits(schema, value),
                (None, Some(info)) if info.body == Body::Protobuf => raw(value),
                _ => Vec::new(),
            },
        };
        if self.misfits(frame, || stored_fields_of(kind), misfits) {
            return;
        }
        self.fields(frame, value);
        self.structures(frame, value, read);
    }

    /// Whether the fields that servers require are present.
    fn fields(&mut self, frame: &Frame<'_>, value: Value<'_>) {
        let rows = ROWS.get(usize::from(frame.kind.0));
        for (place, field) in rows.into_iter().flatten() {
            if !field.is_met(value) {
                self.add(Cause::Field(*place), frame);
            }
        }
    }

    /// Whether the record fits the other records.
    fn structures(&mut self, frame: &Frame<'_>, value: Value<'_>, read: Option<&Registration<'_>>) {
        match (frame.kind, value) {
            (Kind::REGISTER, _) => self.register(frame, read),
            (Kind::SERVICE_VIRTUAL_IP, Value::Map(fields)) => self.virtual_ip(frame, fields),
            (kind, Value::Map(fields)) => self.ca.take(fields, || example(frame), kind),
            _ => {}
        }
    }

    fn misfit(&mut self, frame: &Frame<'_>, misfit: &Misfit, read_by: VersionRange) {
        self.add(Cause::Misfit(frame.kind, misfit.text().into(), read_by), frame);
    }

    /// Adds the misfits of a record or config entry; returns whether no version restores it. A
    /// version that does not know a field skips its content.
    fn misfits(
        &mut self,
        frame: &Frame<'_>,
        rows: impl FnOnce() -> Option<&'static StoredField>,
        misfits: Vec<Misfit>,
    ) -> bool {
        if misfits.is_empty() {
            return false;
        }
        let rows = rows();
        let read_by = |misfit: &Misfit| {
            rows.map_or(VersionRange::ALL, |rows| rows.versions_of(misfit.path()))
        };
        let misfits: Vec<_> = misfits.iter().map(|misfit| (misfit, read_by(misfit))).collect();
        // If no version restores it, one reason is enough.
        let fatal = misfits.iter().find(|(_, read_by)| *read_by == VersionRange::ALL);
        for (misfit, read_by) in fatal.map_or(&misfits[..], std::slice::from_ref) {
            self.misfit(frame, misfit, *read_by);
        }
        fatal.is_some()
    }

    /// Applies a registration. One that cannot be decoded although servers accept it (a number that
    /// wraps around) is not applied: its node and service are those of another record or of no
    /// check.
    fn register(&mut self, frame: &Frame<'_>, read: Option<&Registration<'_>>) {
        let mut refused = Vec::new();
        let mut refuse = |structure| refused.push(structure);
        let applied = match read {
            Some(registration) => self.catalog.register(registration, &mut refuse),
            None => frame.record().and_then(|record| match record {
                Record::Register(register) => {
                    self.catalog.register(&Registration::read(register)?, &mut refuse)
                }
                _ => Ok(()),
            }),
        };
        if applied.is_ok() {
            for structure in refused {
                self.structure(structure, frame);
            }
        }
    }

    fn config_entry(&mut self, frame: &Frame<'_>, value: Value<'_>) {
        let entry = match ConfigEntryRef::read(value) {
            Ok(entry) => entry,
            Err(_) => return self.no_entry(frame),
        };
        self.add(Cause::EntryKind(entry.kind.0.into()), frame);
        let stored = entry.request.find(b"Entry").ok().flatten();
        let is_packed = entry.kind.0 == b"proxy-defaults";
        if let Some(misfit) = misfit_in_request(entry.request) {
            return self.misfit(frame, &misfit, VersionRange::ALL);
        }
        if matches!(stored, Some(Value::Nil)) {
            return self.structure(&CONFIG_ENTRY_EMPTY, frame);
        }
        if is_packed && !matches!(stored, None | Some(Value::Raw(_))) {
            return self.no_entry(frame);
        }
        let found = entry.schema().map(|schema| misfits(schema, entry.entry));
        if self.misfits(frame, || stored_fields(&entry.kind.lossy()), found.unwrap_or_default()) {
            return;
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
        // There is only one mesh and one proxy-defaults entry, whose name servers do not read.
        let has_fixed_name = is_packed || entry.kind.0 == b"mesh";
        if !has_fixed_name && entry.name().is_empty() {
            self.structure(&CONFIG_ENTRY_NAME, frame);
        }
    }

    fn no_entry(&mut self, frame: &Frame<'_>) {
        self.add(Cause::Misfit(frame.kind, NO_ENTRY.into(), VersionRange::ALL), frame);
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
        for (mine, records) in self.types.iter_mut().zip(other.types.iter()) {
            *mine += records;
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
        let types = (0..=u8::MAX).map(Kind).zip(self.types.iter().copied());
        let types = types.filter(|(_, records)| *records > 0).map(|(kind, records)| Obstacle {
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

#[cfg(test)]
mod tests {
    use super::super::Requirement;
    use super::*;

    /// Both statements about frequent types agree.
    #[test]
    fn an_ordinary_record_is_one_that_the_table_passes() {
        let expected: [(Kind, &[(&str, Requirement)]); 4] = [
            (Kind::KVS, &[("Key", Requirement::Filled), ("Session", Requirement::UuidIfAny)]),
            (
                Kind::REGISTER,
                &[
                    ("Node", Requirement::Filled),
                    ("ID", Requirement::UuidIfAny),
                    ("Service.ID", Requirement::Filled),
                    ("Check.CheckID", Requirement::Filled),
                ],
            ),
            (Kind::ACL_POLICY, &[("ID", Requirement::Uuid), ("Name", Requirement::Filled)]),
            (
                Kind::ACL_TOKEN,
                &[
                    ("SecretID", Requirement::Filled),
                    ("AccessorID", Requirement::UuidIfAny),
                    ("AccessorID", Requirement::Uuid),
                    ("Policies[].ID", Requirement::Uuid),
                    ("Roles[].ID", Requirement::Uuid),
                ],
            ),
        ];
        for (kind, rows) in expected {
            let own: Vec<_> = RequiredField::of(kind).map(|row| (row.name(), row.form)).collect();
            let rows = rows.iter().map(|(name, form)| ((*name).to_owned(), *form));
            assert_eq!(own, rows.collect::<Vec<_>>());
        }
    }
}

//! Determines which versions of Consul can have written a snapshot: a range, with its evidence.
//!
//! Servers from 1.7 on register their version, but a snapshot may have no registered server, and
//! older servers register none. The stored fields then decide. Servers write their structs again in
//! each snapshot, no matter which version stored them first, so both ends of a range follow from
//! those. Resources are copied as their writer encoded them, even after an upgrade: they only show
//! that the server is not older.

mod stored;
mod table;

use crate::drivers::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::protobuf::{FieldValue, MessageClass, MessageSchema, fields};
use snapscope_decode::records::{RESOURCE, ResourceRef, message_by_url, resource_type};
use snapscope_decode::wire::{Entries, Value};
use snapscope_decode::{Frame, Kind, VersionRange};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use table::{GONE, TRACES, fewest_fields};

pub(crate) use stored::{StoredField, stored_fields, stored_fields_of};

/// Which versions can have written a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The versions; all of them without evidence.
    pub versions: VersionRange,
    /// The versions that can have encoded its resources, which may be older.
    pub resources: VersionRange,
    /// The evidence for both ends of the range.
    pub evidence: Vec<Evidence>,
    /// Whether the stored fields fit no version.
    pub contradictory: bool,
}

/// The evidence from a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The record's number.
    pub record: u64,
    /// What it stores or does not store.
    pub what: String,
    /// The versions that fit.
    pub versions: VersionRange,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {} {}: {}", self.record, self.what, self.versions)
    }
}

impl Written {
    /// Whether anything was concluded.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.versions != VersionRange::ALL
    }
}

/// Collects [`Written`].
#[derive(Clone)]
pub struct WrittenBy {
    /// By record type, how much more its records may reveal.
    open: [u8; 256],
    /// By row of the table: the first record with evidence, and whether the field is stored.
    seen: [Option<(u64, bool)>; TRACES.len()],
    /// The first record of each type.
    kinds: BTreeMap<Kind, u64>,
    /// Evidence from resources, by the versions that fit: the first record.
    resources: BTreeMap<VersionRange, (u64, String)>,
}

/// Only the evidence counts, not how much more one worker checks.
impl PartialEq for WrittenBy {
    fn eq(&self, other: &Self) -> bool {
        (&self.seen, &self.kinds, &self.resources) == (&other.seen, &other.kinds, &other.resources)
    }
}

impl Eq for WrittenBy {}

impl fmt::Debug for WrittenBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrittenBy")
            .field("seen", &self.seen)
            .field("kinds", &self.kinds)
            .field("resources", &self.resources)
            .finish_non_exhaustive()
    }
}

/// How much records of each type can reveal: that the type occurs, and the table's rows.
static OPEN: [u8; 256] = {
    let mut open = [1; 256];
    let mut row = 0;
    while row < TRACES.len() {
        let kind = TRACES[row].kind.0 as usize;
        open[kind] += 1;
        row += 1;
    }
    open
};

impl Default for WrittenBy {
    fn default() -> Self {
        Self {
            open: OPEN,
            seen: [None; TRACES.len()],
            kinds: BTreeMap::new(),
            resources: BTreeMap::new(),
        }
    }
}

/// Maximum nesting of messages that is checked.
const DEPTH: u32 = 16;

impl WrittenBy {
    /// Extracts the evidence from a record.
    pub fn look(&mut self, frame: &Frame<'_>) {
        if frame.kind == Kind::RESOURCE {
            self.kinds.entry(frame.kind).or_insert(frame.number);
            if let Ok(Value::Raw(message)) = frame.value() {
                self.resource(frame.number, message);
            }
            return;
        }
        let Some(open) = self.open.get_mut(usize::from(frame.kind.0)).filter(|open| **open > 0)
        else {
            return;
        };
        if let Entry::Vacant(slot) = self.kinds.entry(frame.kind) {
            slot.insert(frame.number);
            *open -= 1;
        }
        if *open == 0 {
            return;
        }
        let Some(fields) = struct_of(frame) else { return };
        let whole = fields.count() >= fewest_fields(frame.kind);
        for (trace, seen) in TRACES.iter().zip(&mut self.seen) {
            if seen.is_none()
                && trace.kind == frame.kind
                && let Some(present) = is_there(fields, trace.path)
                && (present || whole)
            {
                *seen = Some((frame.number, present));
                *open -= 1;
            }
        }
    }

    fn resource(&mut self, number: u64, message: &[u8]) {
        let Ok(resource) = ResourceRef::read(Value::Raw(message)) else { return };
        let name = resource.dotted_type();
        if let Some(known) = resource_type(&name) {
            self.conclude(number, known.versions, || {
                format!("is a resource of type {}", known.name)
            });
        }
        self.message(number, message, &RESOURCE, DEPTH);
        let (url, data) = resource.data();
        if let Some(schema) = message_by_url(url) {
            self.message(number, data, schema, DEPTH);
        }
    }

    fn message(&mut self, number: u64, message: &[u8], schema: &'static MessageSchema, depth: u32) {
        if depth == 0 {
            return;
        }
        for stored in fields(message).map_while(Result::ok) {
            let same = || schema.fields.iter().filter(|field| field.number == stored.number);
            let Some(field) = schema.field(stored.number) else { continue };
            // A number shared by two fields reveals nothing.
            if same().nth(1).is_none() && field.versions != VersionRange::ALL {
                let what = || format!("stores {} of {}", field.json, schema.name);
                self.conclude(number, field.versions, what);
            }
            let FieldValue::Bytes(inner) = stored.value else { continue };
            match field.class {
                MessageClass::Message(schema) => self.message(number, inner, schema, depth - 1),
                MessageClass::Map(MessageClass::Message(schema)) => {
                    self.message(number, ResourceRef::part(inner, 2), schema, depth - 1);
                }
                _ => {}
            }
        }
    }

    fn conclude(&mut self, number: u64, versions: VersionRange, what: impl FnOnce() -> String) {
        if versions == VersionRange::ALL {
            return;
        }
        let first = self.resources.get(&versions).is_none_or(|(known, _)| number < *known);
        if first {
            self.resources.insert(versions, (number, what()));
        }
    }

    /// Merges the evidence of another one.
    pub fn merge(&mut self, other: Self) {
        let first = |a: Option<(u64, bool)>, b: Option<(u64, bool)>| match (a, b) {
            (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
            (a, b) => a.or(b),
        };
        for (mine, theirs) in self.seen.iter_mut().zip(other.seen) {
            *mine = first(*mine, theirs);
        }
        for (kind, number) in other.kinds {
            let mine = self.kinds.entry(kind).or_insert(number);
            *mine = number.min(*mine);
        }
        for (versions, (number, what)) in other.resources {
            self.conclude(number, versions, || what);
        }
    }

    /// Returns the conclusion from all evidence.
    #[must_use]
    pub fn conclusion(&self) -> Written {
        let mut all: Vec<Evidence> = Vec::new();
        for (trace, seen) in TRACES.iter().zip(&self.seen) {
            let Some((record, present)) = *seen else { continue };
            let field = trace.path.join(".");
            let (verb, versions) =
                if present { ("stores", trace.present) } else { ("does not store", trace.absent) };
            let what = format!("({}) {verb} {field}", trace.kind);
            all.push(Evidence { record, what, versions });
        }
        for (kind, record) in &self.kinds {
            let since = kind.info().and_then(|info| info.versions?.since);
            let gone = GONE.iter().find(|(gone, _)| gone == kind).map(|(_, range)| *range);
            let versions =
                VersionRange { since, until: None }.and(gone.unwrap_or(VersionRange::ALL));
            all.push(Evidence { record: *record, what: format!("is of type {kind}"), versions });
        }
        // It was encoded by one of these versions, or before an upgrade from one.
        all.extend(self.resources.iter().map(|(versions, (record, what))| Evidence {
            record: *record,
            what: what.clone(),
            versions: VersionRange { until: None, ..*versions },
        }));
        all.retain(|evidence| evidence.versions != VersionRange::ALL);
        let written = conclusion(&all);
        Written { resources: self.encoders(written.versions), ..written }
    }

    /// The versions that can have encoded the resources of servers of these versions.
    fn encoders(&self, servers: VersionRange) -> VersionRange {
        let own = self.resources.keys().fold(VersionRange::ALL, |range, of| range.and(*of));
        let candidates = [own.and(servers), own];
        candidates.into_iter().find(|range| !range.is_empty()).unwrap_or(servers)
    }
}

fn conclusion(all: &[Evidence]) -> Written {
    let versions = all.iter().fold(VersionRange::ALL, |range, e| range.and(e.versions));
    let first = |sets: &dyn Fn(&Evidence) -> bool| {
        all.iter().filter(|e| sets(e)).min_by_key(|e| e.record).cloned()
    };
    let since = versions.since.and_then(|_| first(&|e| e.versions.since == versions.since));
    let until = versions.until.and_then(|_| first(&|e| e.versions.until == versions.until));
    let mut evidence: Vec<Evidence> = since.into_iter().chain(until).collect();
    evidence.dedup();
    if versions.is_empty() {
        return Written { evidence, contradictory: true, ..Written::default() };
    }
    Written { versions, evidence, ..Written::default() }
}

/// The fields of a record, or of its first item if it is a list.
fn struct_of<'a>(frame: &Frame<'a>) -> Option<Entries<'a>> {
    match frame.value().ok()? {
        Value::Map(entries) => Some(entries),
        Value::Array(mut items) => match items.next()?.ok()? {
            Value::Map(entries) => Some(entries),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a field is stored; `None` if its parent is absent.
fn is_there(mut entries: Entries<'_>, path: &[&str]) -> Option<bool> {
    let (last, around) = path.split_last()?;
    for name in around {
        entries = match entries.find(name.as_bytes()).ok()?? {
            Value::Map(inner) => inner,
            _ => return None,
        };
    }
    Some(entries.find(last.as_bytes()).ok()?.is_some())
}

impl Fold for WrittenBy {
    type Out = Written;

    fn frame(&mut self, frame: &Frame<'_>, _: &mut Problems) {
        self.look(frame);
    }

    fn merge(&mut self, other: Self) {
        Self::merge(self, other);
    }

    fn finish(self, _: &Closing) -> Written {
        self.conclusion()
    }

    fn is_light(&self) -> bool {
        true
    }
}

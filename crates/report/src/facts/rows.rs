//! Facts about objects: their numbers, and the health of services.

use snapscope_analyze::Problems;
use snapscope_archive::Closing;
use snapscope_decode::Frame;
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::kinds::KINDS;
use snapscope_objects::render::RecordFields;
use snapscope_objects::row::{Reader, Row, RowOptions};
use snapscope_objects::value::Projection;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Number of objects of each kind that occurs, in the order of `list --help`.
pub type KindCounts = Vec<(&'static ObjectKind, u64)>;

/// Facts about objects.
#[derive(Debug, Default)]
pub struct RowFacts {
    /// Number of objects of each counted kind.
    pub counts: KindCounts,
    /// The least healthy services, then those with the most instances.
    pub services: Vec<ServiceHealth>,
    /// Number of services by their worst instance: passing, warning, critical.
    pub service_states: [u64; 3],
    /// Number of checks by status.
    pub checks: BTreeMap<Vec<u8>, u64>,
    /// The first failing checks, in the order of the file.
    pub failing: Vec<FailingCheck>,
    /// Number of config entries by kind.
    pub entries: BTreeMap<Vec<u8>, u64>,
}

/// The health of a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceHealth {
    /// Number of critical instances.
    pub critical: u64,
    /// Number of instances with a warning.
    pub warning: u64,
    /// Number of all instances.
    pub instances: u64,
    /// Its name.
    pub name: Reverse<Vec<u8>>,
    /// Its kind; empty for a typical service.
    pub kind: Vec<u8>,
    /// Number of its nodes.
    pub nodes: usize,
}

impl ServiceHealth {
    /// Number of instances that pass all checks.
    #[must_use]
    pub const fn passing(&self) -> u64 {
        self.instances.saturating_sub(self.critical).saturating_sub(self.warning)
    }
}

/// A failing check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FailingCheck {
    /// The number of its record.
    pub number: u64,
    /// Its ID.
    pub id: Vec<u8>,
    /// Its node.
    pub node: Vec<u8>,
    /// Its service; empty for a check of a node.
    pub service: Vec<u8>,
    /// Its name.
    pub name: Vec<u8>,
    /// Its status.
    pub status: Vec<u8>,
}

/// Maximum number of services kept.
const SERVICES: usize = 5_000;
/// Maximum number of failing checks kept.
const CHECKS: usize = 100;
/// Maximum number of distinct texts that are counted: anyone can register texts.
const TEXTS: usize = 1_000;

/// Collects [`RowFacts`].
#[derive(Debug)]
pub(super) struct CollectRows {
    readers: Vec<Reading>,
    facts: Partial,
}

#[derive(Debug)]
struct Reading {
    kind: &'static ObjectKind,
    /// `None` for kinds whose rows are all the records of a type; those are counted without being
    /// read.
    reader: Option<Reader>,
    count: u64,
}

#[derive(Debug, Default)]
struct Partial {
    checks: BTreeMap<Vec<u8>, u64>,
    failing: BTreeMap<(u64, Vec<u8>), FailingCheck>,
    entries: BTreeMap<Vec<u8>, u64>,
}

/// Whether objects of a kind are counted: kinds that show the objects of other kinds in another way
/// are not, but services are.
fn is_counted(kind: &ObjectKind) -> bool {
    (kind.object.is_some() && kind.traits.excerpt_of.is_none()) || kind.id == KindId::Services
}

/// Fields that are read in addition to the ID's.
const FIELDS: [&str; 5] = ["Kind", "Status", "Name", "ServiceName", "CheckID"];

impl CollectRows {
    pub(super) fn new() -> Self {
        let reading = |kind: &&'static ObjectKind| {
            let mut projection = Projection::Only(Vec::new());
            projection.add(kind.id_fields.iter().copied().chain(FIELDS));
            let options = RowOptions { projection, ..RowOptions::default() };
            let reader = (!kind.has_stored_ids()).then(|| Reader::new(kind, options));
            Reading { kind, reader, count: 0 }
        };
        let kinds = KINDS.iter().filter(|kind| is_counted(kind));
        Self { readers: kinds.map(reading).collect(), facts: Partial::default() }
    }

    pub(super) fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        let Self { readers, facts } = self;
        let mut record = None;
        let mut is_reported = false;
        for Reading { kind, reader, count } in readers {
            if !kind.from.contains(&frame.kind) {
                continue;
            }
            let Some(reader) = reader else {
                *count += 1;
                continue;
            };
            let record = record.get_or_insert_with(|| RecordFields::new(*frame));
            let found = reader.record(record, &mut |row| {
                *count += 1;
                facts.row(frame.number, row);
            });
            // Several kinds read the same record; its problems count once.
            if !is_reported && !found.is_empty() {
                is_reported = true;
                found.into_iter().for_each(|problem| problems.add(frame, problem));
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (mine, theirs) in self.readers.iter_mut().zip(other.readers) {
            mine.count += theirs.count;
            if let (Some(mine), Some(theirs)) = (&mut mine.reader, theirs.reader) {
                mine.merge(theirs);
            }
        }
        let Partial { checks, failing, entries } = other.facts;
        checks.into_iter().for_each(|(status, n)| add(&mut self.facts.checks, &status, n));
        entries.into_iter().for_each(|(kind, n)| add(&mut self.facts.entries, &kind, n));
        for (key, check) in failing {
            self.facts.keep(key, check);
        }
    }

    pub(super) fn finish(self, _: &Closing) -> RowFacts {
        let mut facts = RowFacts::default();
        let mut worst: BinaryHeap<Reverse<ServiceHealth>> = BinaryHeap::new();
        for Reading { kind, reader, mut count } in self.readers {
            // Rows that are joined from several records come at the end.
            if let Some(reader) = reader.filter(|_| !kind.is_direct()) {
                reader.finish(&mut |row| {
                    count += 1;
                    if kind.id == KindId::Services {
                        let service = health(row);
                        let state = match &service {
                            ServiceHealth { critical: 1.., .. } => 2,
                            ServiceHealth { warning: 1.., .. } => 1,
                            _ => 0,
                        };
                        facts.service_states[state] += 1;
                        worst.push(Reverse(service));
                        if worst.len() > SERVICES {
                            worst.pop();
                        }
                    }
                });
            }
            if count > 0 {
                facts.counts.push((kind, count));
            }
        }
        // The order is reversed: the smallest is the worst service.
        facts.services = worst.into_sorted_vec().into_iter().map(|Reverse(s)| s).collect();
        facts.checks = self.facts.checks;
        facts.failing = self.facts.failing.into_values().collect();
        facts.entries = self.facts.entries;
        facts
    }
}

/// Counts a text, unless there are too many distinct ones.
fn add(counts: &mut BTreeMap<Vec<u8>, u64>, text: &[u8], n: u64) {
    if let Some(count) = counts.get_mut(text) {
        *count += n;
        return;
    }
    counts.insert(text.to_vec(), n);
    // If there are too many, the first ones in order are kept, so the result does not depend on
    // which worker saw which.
    if counts.len() > TEXTS {
        counts.pop_last();
    }
}

fn health(row: &Row) -> ServiceHealth {
    let number = |field: &str| row.get(field).and_then(|node| node.uint()).unwrap_or(0);
    ServiceHealth {
        critical: number("InstancesCritical"),
        warning: number("InstancesWarning"),
        instances: number("InstanceCount"),
        name: Reverse(row.text("Name").to_vec()),
        kind: row.text("Kind").to_vec(),
        nodes: row.get("Nodes").map_or(0, |nodes| nodes.items().count()),
    }
}

impl Partial {
    fn row(&mut self, number: u64, row: &Row) {
        match row.kind.id {
            KindId::ConfigEntries => add(&mut self.entries, row.text("Kind"), 1),
            KindId::Checks => {
                let status = row.text("Status");
                add(&mut self.checks, status, 1);
                if status != b"passing" {
                    let id = row.text("CheckID").to_vec();
                    let check = FailingCheck {
                        number,
                        id: id.clone(),
                        node: row.text("Node").to_vec(),
                        service: row.text("ServiceName").to_vec(),
                        name: row.text("Name").to_vec(),
                        status: status.to_vec(),
                    };
                    self.keep((number, id), check);
                }
            }
            _ => {}
        }
    }

    fn keep(&mut self, key: (u64, Vec<u8>), check: FailingCheck) {
        if self.failing.len() >= CHECKS
            && self.failing.last_key_value().is_some_and(|(last, _)| *last < key)
        {
            return;
        }
        self.failing.insert(key, check);
        if self.failing.len() > CHECKS {
            self.failing.pop_last();
        }
    }
}

//! One pass over a snapshot that collects all facts of a page.

use super::rows::{CollectRows, RowFacts};
use snapscope_analyze::audit::{Audit, AuditOptions, AuditReport};
use snapscope_analyze::topology::{Topology, TopologyReport};
use snapscope_analyze::{
    Breakdown, BreakdownReport, By, Fold, Inspect, Inspection, Largest, Origin, OriginFacts,
    Problems, Registration, Top,
};
use snapscope_archive::Closing;
use snapscope_decode::records::Record;
use snapscope_decode::{Frame, Kind};
use snapscope_runs::Room;
use std::io;

/// Facts about a snapshot.
#[derive(Debug)]
pub struct Facts {
    /// Records and bytes by type, as `inspect` counts them.
    pub inspection: Inspection,
    /// Keys by their first segment, as `breakdown` groups them.
    pub prefixes: BreakdownReport,
    /// Keys by their first two segments.
    pub subprefixes: BreakdownReport,
    /// The largest records, as `top` lists them.
    pub largest: Vec<Largest>,
    /// The cluster and its servers.
    pub origin: OriginFacts,
    /// Findings, certificates and ACL objects.
    pub audit: AuditReport,
    /// Links between services.
    pub topology: TopologyReport,
    /// Numbers of objects, and the health of services.
    pub rows: RowFacts,
}

/// Collects [`Facts`].
#[derive(Debug)]
pub struct Collect {
    inspect: Inspect,
    prefixes: Breakdown,
    subprefixes: Breakdown,
    top: Top,
    origin: Origin,
    audit: Audit,
    topology: Topology,
    rows: CollectRows,
}

/// Number of largest records that are kept.
const LARGEST: usize = 15;

impl Collect {
    /// Creates an empty collector. Groups that do not fit into `room` go to disk.
    #[must_use]
    pub fn new(options: &AuditOptions, room: &Room) -> Self {
        let by = |depth| Breakdown::new(By::Prefix { depth, under: Vec::new() }, room);
        Self {
            inspect: Inspect::new(),
            prefixes: by(1),
            subprefixes: by(2),
            top: Top::new(LARGEST, None),
            origin: Origin::default(),
            audit: Audit::new(options.clone()),
            topology: Topology::default(),
            rows: CollectRows::new(),
        }
    }
}

/// The registration in a record, if it can be read.
fn registration<'a>(frame: &Frame<'a>) -> Option<Registration<'a>> {
    match (frame.kind == Kind::REGISTER).then(|| frame.record())? {
        Ok(Record::Register(register)) => Registration::read(register).ok(),
        _ => None,
    }
}

impl Fold for Collect {
    type Out = io::Result<Facts>;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        // Several of them report a malformed record, which counts once.
        let mut found = Problems::default();
        // Most records other than keys are registrations, so these are read once for all.
        match registration(frame) {
            Some(registration) => {
                let record = Record::Register(registration.register);
                let all = [
                    self.audit.look_read(frame, &registration),
                    self.topology.look_read(&registration),
                    self.origin.look_read(frame, &record, Some(&registration)),
                ];
                all.into_iter().filter_map(Result::err).for_each(|e| found.add(frame, e));
            }
            None => {
                self.audit.frame(frame, &mut found);
                self.topology.frame(frame, &mut found);
                self.origin.frame(frame, &mut found);
            }
        }
        self.rows.frame(frame, &mut found);
        self.top.frame(frame, &mut found);
        self.inspect.frame(frame, &mut found);
        // Both group keys.
        if frame.kind == Kind::KVS {
            self.prefixes.frame(frame, &mut found);
            self.subprefixes.frame(frame, &mut found);
        }
        if let Some(first) = found.first.into_iter().next() {
            problems.add(frame, first.error);
        }
    }

    fn merge(&mut self, other: Self) {
        self.inspect.merge(other.inspect);
        self.prefixes.merge(other.prefixes);
        self.subprefixes.merge(other.subprefixes);
        self.top.merge(other.top);
        self.origin.merge(other.origin);
        self.audit.merge(other.audit);
        self.topology.merge(other.topology);
        self.rows.merge(other.rows);
    }

    fn finish(self, closing: &Closing) -> io::Result<Facts> {
        Ok(Facts {
            inspection: self.inspect.finish(closing),
            prefixes: self.prefixes.finish(closing)?,
            subprefixes: self.subprefixes.finish(closing)?,
            largest: self.top.finish(closing),
            origin: self.origin.finish(closing),
            audit: self.audit.finish(closing),
            topology: self.topology.finish(closing),
            rows: self.rows.finish(closing),
        })
    }
}

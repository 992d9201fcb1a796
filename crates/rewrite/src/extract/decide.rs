//! The selection of records on their own, before dependencies.

use super::options::{ExtractOptions, Test, TypeFilter};
use snapscope_decode::{Frame, Kind};
use snapscope_objects::filter::RecordFilter;
use snapscope_objects::kind::PeerSelection;
use snapscope_objects::row::{Reader, RowOptions};

/// The selection of a record on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// It is kept.
    Kept,
    /// It is not selected, but may be kept if something needs it.
    Unselected,
    /// It does not match the expression about its type. It may be kept if something needs it;
    /// everything that belongs to it is left out.
    Filtered,
    /// It is left out even if something needs it.
    Dropped,
}

impl Decision {
    /// Whether everything that belongs to it is left out as well.
    pub(super) const fn takes_along(self) -> bool {
        matches!(self, Self::Filtered | Self::Dropped)
    }
}

/// Decides about records one by one. Each worker has its own.
pub(super) struct Decider<'o> {
    options: &'o ExtractOptions,
    tests: Vec<Tester<'o>>,
}

/// Evaluates an expression about a type.
pub(super) enum Tester<'o> {
    Rows(&'o snapscope_objects::filter::Filter, Box<Reader>, &'static [Kind]),
    Records(Kind, Box<RecordFilter>),
    /// Services are known once all records are read.
    Later,
}

impl<'o> Decider<'o> {
    pub(super) fn new(options: &'o ExtractOptions) -> Self {
        Self { options, tests: options.filters.iter().map(Tester::of).collect() }
    }

    pub(super) fn decide(&mut self, frame: &Frame<'_>) -> Decision {
        let ExtractOptions { only, drop, .. } = self.options;
        if drop.iter().any(|choice| choice.has(frame)) {
            return Decision::Dropped;
        }
        if matches!(frame.kind, Kind::KVS | Kind::TOMBSTONE) && !self.keeps_key(frame) {
            return Decision::Dropped;
        }
        // A filter also applies to dependencies.
        if !self.tests.iter_mut().all(|test| test.holds(frame)) {
            return Decision::Filtered;
        }
        if !only.is_empty() && !only.iter().any(|choice| choice.has(frame)) {
            return Decision::Unselected;
        }
        Decision::Kept
    }

    fn keeps_key(&self, frame: &Frame<'_>) -> bool {
        let ExtractOptions { kv_prefixes, drop_kv_prefixes, .. } = self.options;
        if kv_prefixes.is_empty() && drop_kv_prefixes.is_empty() {
            return true;
        }
        let Some(key) = key_of(frame) else { return kv_prefixes.is_empty() };
        let starts = |prefix: &Vec<u8>| key.starts_with(prefix);
        (kv_prefixes.is_empty() || kv_prefixes.iter().any(starts))
            && !drop_kv_prefixes.iter().any(starts)
    }
}

impl<'o> Tester<'o> {
    pub(super) fn of(filter: &'o TypeFilter) -> Self {
        match &filter.0 {
            Test::Rows(kind, _) if !kind.is_direct() => Self::Later,
            Test::Rows(kind, filter) => {
                let projection = kind.projection(&[], Some(filter));
                let rows = RowOptions { peers: PeerSelection::All, projection };
                Self::Rows(filter, Box::new(Reader::new(kind, rows)), kind.from)
            }
            Test::Records(kind, filter) => Self::Records(*kind, Box::new(filter.another())),
        }
    }

    /// Whether it can be evaluated only once all records are read.
    pub(super) const fn is_later(&self) -> bool {
        matches!(self, Self::Later)
    }

    /// Whether the expression matches; `None` if it does not concern this record.
    fn result(&mut self, frame: &Frame<'_>) -> Option<bool> {
        match self {
            Self::Rows(filter, reader, from) if from.contains(&frame.kind) => {
                let (mut rows, mut holds) = (0u64, false);
                reader.frame(frame, &mut |row| {
                    rows += 1;
                    holds |= filter.holds(row.object());
                });
                (rows > 0).then_some(holds)
            }
            Self::Records(kind, filter) if *kind == frame.kind => Some(filter.holds(frame)),
            _ => None,
        }
    }

    /// Whether the expression matches, or does not concern this record.
    fn holds(&mut self, frame: &Frame<'_>) -> bool {
        self.result(frame).unwrap_or(true)
    }

    /// Whether the expression concerns this record and matches.
    pub(super) fn matches(&mut self, frame: &Frame<'_>) -> bool {
        self.result(frame).unwrap_or(false)
    }
}

/// The key of a `KVS` or `Tombstone` record.
pub(super) fn key_of<'f>(frame: &Frame<'f>) -> Option<&'f [u8]> {
    frame.entries()?.find(b"Key").ok()??.as_raw()
}

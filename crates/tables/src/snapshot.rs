//! A snapshot from which tables are read.

use crate::masking::Masking;
use snapscope_analyze::{Jobs, Outcome, Problems};
use snapscope_archive::{Blocks, Closing, OpenError, OpenOptions, Source, open};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A snapshot. It is read again for each table, so its source must permit that.
#[derive(Debug)]
pub struct Snapshot {
    /// Where it is.
    pub source: Source,
    /// Options for opening it.
    pub options: OpenOptions,
    /// Number of threads that process records.
    pub jobs: Jobs,
    /// Masks secrets; `None` to show them.
    pub masking: Option<Arc<Masking>>,
    found: Mutex<Found>,
}

/// The facts known about a snapshot after reading it.
#[derive(Debug, Default)]
struct Found {
    is_opened: bool,
    closing: Option<Closing>,
    problems: Problems,
    /// Records whose problems are known.
    numbers: Vec<u64>,
}

impl Snapshot {
    /// A snapshot at `source`.
    #[must_use]
    pub fn new(
        source: Source,
        options: OpenOptions,
        jobs: Jobs,
        masking: Option<Arc<Masking>>,
    ) -> Self {
        Self { source, options, jobs, masking, found: Mutex::default() }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        self.source.name()
    }

    /// The facts about the container and malformed records, as far as tables were read to their
    /// ends.
    #[must_use]
    pub fn outcome(&self) -> Option<(Closing, Problems)> {
        let found = self.found();
        Some((found.closing.clone()?, found.problems.clone()))
    }

    /// Whether it was read, but never to its end, so that nothing was verified.
    #[must_use]
    pub fn is_unverified(&self) -> bool {
        let found = self.found();
        found.is_opened && found.closing.is_none()
    }

    pub(crate) fn open(&self) -> Result<Blocks, OpenError> {
        self.found().is_opened = true;
        open(&self.source, &self.options)
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers the results of a complete pass.
    pub(crate) fn remember<T>(&self, outcome: &Outcome<T>) {
        let mut found = self.found();
        found.closing.get_or_insert_with(|| outcome.closing.clone());
        // Passes for several tables find the same problems.
        let is_new = |number: &u64| !found.numbers.contains(number);
        let new: Vec<_> =
            outcome.problems.first.iter().filter(|p| is_new(&p.number)).cloned().collect();
        let more = outcome.problems.count - outcome.problems.first.len() as u64;
        let known_more = found.problems.count - found.numbers.len() as u64;
        found.numbers.extend(new.iter().map(|problem| problem.number));
        let first = std::mem::take(&mut found.problems.first);
        let mut all = Problems { first, count: 0 };
        all.merge(Problems { first: new, count: 0 });
        all.count = found.numbers.len() as u64 + more.max(known_more);
        found.problems = all;
    }
}

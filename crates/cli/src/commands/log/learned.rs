//! What a first pass over the log learns: the tokens, and which objects its entries touch.

use super::effects::Effects;
use crate::server_log::ServerLog;
use anyhow::Result;
use snapscope_raftlog::{Assembled, Chunks, Command};
use snapscope_state::{Identities, Touched};
use std::num::NonZeroUsize;
use std::ops::{ControlFlow, RangeInclusive};
use std::thread;

/// What was learned.
pub(super) struct Learned {
    pub(super) identities: Identities,
    pub(super) touched: Touched,
    /// The first and the last entry.
    pub(super) first: Option<u64>,
    pub(super) end: u64,
    /// Whether no entry is missing between them.
    pub(super) is_whole: bool,
}

impl Learned {
    /// Reads all entries up to `last`.
    pub(super) fn from(
        server: &ServerLog,
        effects: Effects,
        last: u64,
        jobs: NonZeroUsize,
    ) -> Result<Self> {
        if let Some(ranges) = ranges(server, effects, last, jobs)
            && let Some(learned) = Self::of_ranges(server, effects, &ranges)?
        {
            return Ok(learned);
        }
        Ok(Part::read(server, effects, 0..=last)?.learned)
    }

    /// Reads all ranges in parallel. Returns `None` if a command begins in one range and ends in another, because then
    /// they must be read in order.
    fn of_ranges(
        server: &ServerLog,
        effects: Effects,
        ranges: &[RangeInclusive<u64>],
    ) -> Result<Option<Self>> {
        let parts: Vec<Result<Part>> = thread::scope(|scope| {
            let read = |range: &RangeInclusive<u64>| {
                let range = range.clone();
                scope.spawn(move || Part::read(server, effects, range))
            };
            let reading: Vec<_> = ranges.iter().map(read).collect();
            let joined = reading.into_iter().map(thread::ScopedJoinHandle::join);
            joined
                .map(|part| part.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        let mut whole: Option<Self> = None;
        for part in parts {
            let Part { learned, is_torn } = part?;
            match &mut whole {
                None => whole = Some(learned),
                Some(_) if is_torn => return Ok(None),
                Some(whole) => whole.absorb(learned),
            }
        }
        // If the log begins later than it seemed to, the touched objects are needed after all.
        Ok(whole.filter(|whole| effects != Effects::OfThese || whole.first == Some(1)))
    }

    /// Adds what was learned from a later range. Touched objects are collected from one range only.
    fn absorb(&mut self, later: Self) {
        self.identities.absorb(later.identities);
        let follows = self.end.checked_add(1) == later.first || later.first.is_none();
        self.is_whole &= later.is_whole && follows;
        self.first = self.first.or(later.first);
        self.end = self.end.max(later.end);
        if later.touched.version() > self.touched.version() {
            self.touched = later.touched;
        }
    }
}

/// The ranges of a large log that are read in parallel, if the order of its entries does not matter.
fn ranges(
    server: &ServerLog,
    effects: Effects,
    last: u64,
    jobs: NonZeroUsize,
) -> Option<Vec<RangeInclusive<u64>>> {
    // Damage is reported by the pass that shows the lines.
    let starts = server.log.starts(jobs.get() as u64).ok()?;
    let (first, later) = starts.split_first()?;
    if effects == Effects::OfThese && *first != 1 {
        return None;
    }
    let later: Vec<u64> = later.iter().copied().filter(|start| *start <= last).collect();
    if !starts.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let ends = later.iter().map(|start| start.saturating_sub(1)).chain([last]);
    let ranges = std::iter::once(0).chain(later.iter().copied()).zip(ends);
    let ranges: Vec<_> = ranges.map(|(start, end)| start..=end).collect();
    (ranges.len() > 1).then_some(ranges)
}

/// What was learned from a range of entries.
struct Part {
    learned: Learned,
    /// Whether it contains the end of a command that began before it.
    is_torn: bool,
}

impl Part {
    fn read(server: &ServerLog, effects: Effects, range: RangeInclusive<u64>) -> Result<Self> {
        let touched = match effects {
            Effects::OfLater => Touched::everything(),
            _ => Touched::new(),
        };
        let mut learned =
            Learned { identities: Identities::new(), touched, first: None, end: 0, is_whole: true };
        let mut chunks = Chunks::default();
        let mut is_torn = false;
        // Damage is reported by the pass that shows the lines.
        server.walk(*range.start(), &mut |entry| {
            if entry.index > *range.end() {
                return ControlFlow::Break(());
            }
            learned.is_whole &= learned.end == 0 || learned.end.checked_add(1) == Some(entry.index);
            learned.first.get_or_insert(entry.index);
            learned.end = entry.index;
            // Later ranges are read only if the log begins with the first entry.
            let is_from_first = *range.start() > 0 || learned.first == Some(1);
            match effects {
                Effects::OfThese if is_from_first => learned.touched.see_version(&entry),
                Effects::OfThese => learned.touched.see(&entry),
                _ => {}
            }
            match chunks.take(&entry) {
                Assembled::Whole(data) => {
                    if let Some(command) = Command::read(&data) {
                        learned.identities.see_command(&command);
                    }
                }
                Assembled::Incomplete => is_torn = true,
                Assembled::Part | Assembled::Other => {}
            }
            ControlFlow::Continue(())
        })?;
        Ok(Self { learned, is_torn })
    }
}

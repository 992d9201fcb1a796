//! The states that a log can give, for errors about one that it cannot.

use super::base::{Base, base_index, runs};
use super::find::{At, Moment, Unreachable};
use crate::server_log::ServerLog;
use anyhow::Result;
use snapscope_archive::OpenOptions;
use std::ops::RangeInclusive;

/// The indexes at which a state can be computed from one of the bases.
pub(super) fn reach(
    server: &ServerLog,
    bases: Vec<Base>,
    read: &OpenOptions,
) -> Result<Vec<RangeInclusive<u64>>> {
    let (runs, _) = runs(server)?;
    let end = At { index: u64::MAX, ..At::default() };
    let mut reach = Vec::new();
    for base in bases {
        // One that cannot be used gives no state.
        let Ok(from) = base_index(server, &base, end, read) else { continue };
        let continues =
            |(first, last): &&(u64, u64)| (first.saturating_sub(1)..*last).contains(&from);
        let run = runs.iter().find(continues);
        // Without an entry, the empty state is the state of no server.
        match run {
            Some((_, last)) => reach.push(from.max(1)..=*last),
            None if base.source.is_some() => reach.push(from..=from),
            None => {}
        }
    }
    Ok(reach)
}

/// Adds the nearest states before and after the missing one to an error about missing entries.
pub(super) fn with_nearest(
    error: anyhow::Error,
    moment: Moment,
    reach: &dyn Fn() -> Result<Vec<RangeInclusive<u64>>>,
) -> anyhow::Error {
    let (Moment::Index(index), true) = (moment, error.is::<Unreachable>()) else { return error };
    let Ok(reach) = reach() else { return error };
    let (before, after) = nearest(&reach, index);
    let nearest = match (before, after) {
        (None, None) => return error,
        (Some(before), None) => format!("the nearest state that can be computed is at {before}"),
        (None, Some(after)) => format!("the nearest state that can be computed is at {after}"),
        (Some(before), Some(after)) => {
            format!("the nearest states that can be computed are at {before} and {after}")
        }
    };
    Unreachable(format!("{error}; {nearest}")).into()
}

/// The last index before another one, and the first one after it.
fn nearest(reach: &[RangeInclusive<u64>], index: u64) -> (Option<u64>, Option<u64>) {
    let before = reach
        .iter()
        .filter(|range| *range.start() < index)
        .map(|range| (*range.end()).min(index - 1))
        .max();
    let after = reach
        .iter()
        .filter(|range| *range.end() > index)
        .map(|range| (*range.start()).max(index + 1))
        .min();
    (before, after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_indexes() {
        let reach = [1..=10, 8..=12, 20..=20, 30..=40];
        for (index, expected) in [
            (0, (None, Some(1))),
            (15, (Some(12), Some(20))),
            (20, (Some(12), Some(30))),
            (25, (Some(20), Some(30))),
            (35, (Some(34), Some(36))),
            (50, (Some(40), None)),
            (u64::MAX, (Some(40), None)),
        ] {
            assert_eq!(nearest(&reach, index), expected, "{index}");
        }
        assert_eq!(nearest(&[], 5), (None, None));
    }
}

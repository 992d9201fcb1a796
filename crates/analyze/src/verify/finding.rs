//! Findings and their places.

use super::rules::{Level, RULES, Rule};
use snapscope_decode::{Frame, Kind};

/// A place in `state.bin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// Number of the record, from 1.
    pub number: u64,
    /// Where it starts in `state.bin`.
    pub offset: u64,
    /// Its type.
    pub kind: Kind,
}

impl From<&Frame<'_>> for At {
    fn from(frame: &Frame<'_>) -> Self {
        Self { number: frame.number, offset: frame.offset, kind: frame.kind }
    }
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The kind of finding.
    pub rule: &'static Rule,
    /// The record, if it concerns one.
    pub at: Option<At>,
    /// The message.
    pub message: String,
}

/// Findings: the first ones of each kind in the file, and their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    kept: Vec<(Vec<Finding>, u64)>,
}

impl Default for Findings {
    fn default() -> Self {
        Self { kept: vec![(Vec::new(), 0); RULES.len()] }
    }
}

impl Findings {
    /// Maximum number kept of each kind.
    pub const KEPT: usize = 20;

    /// Adds a finding. The message is created only if it is kept.
    pub(super) fn add(
        &mut self,
        rule: &'static Rule,
        at: Option<At>,
        message: impl FnOnce() -> String,
    ) {
        let place = RULES.iter().position(|other| other.code == rule.code);
        let Some((kept, count)) = place.and_then(|place| self.kept.get_mut(place)) else { return };
        *count += 1;
        if kept.len() < Self::KEPT || kept.last().is_some_and(|last| at < last.at) {
            kept.push(Finding { rule, at, message: message() });
            kept.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.message.cmp(&b.message)));
            kept.truncate(Self::KEPT);
        }
    }

    /// Counts findings of a kind that are not kept.
    pub(super) fn count_more(&mut self, rule: &'static Rule, more: u64) {
        let place = RULES.iter().position(|other| other.code == rule.code);
        if let Some((_, count)) = place.and_then(|place| self.kept.get_mut(place)) {
            *count += more;
        }
    }

    /// Merges the findings of another worker.
    pub(super) fn merge(&mut self, other: Self) {
        for ((kept, count), (theirs, more)) in self.kept.iter_mut().zip(other.kept) {
            *count += more;
            kept.extend(theirs);
            kept.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.message.cmp(&b.message)));
            kept.truncate(Self::KEPT);
        }
    }

    /// Iterates over the kept findings, by kind in the order of [`RULES`].
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.kept.iter().flat_map(|(kept, _)| kept)
    }

    /// The number of findings of each kind that occurs, including those not kept.
    pub fn counts(&self) -> impl Iterator<Item = (&'static Rule, u64)> {
        let counts = RULES.iter().copied().zip(&self.kept).map(|(rule, (_, count))| (rule, *count));
        counts.filter(|(_, count)| *count > 0)
    }

    /// The worst level of all findings.
    #[must_use]
    pub fn worst(&self) -> Option<Level> {
        self.counts().map(|(rule, _)| rule.level).max()
    }
}

//! The report: what was kept and left out.

use snapscope_decode::{Frame, Kind};

/// The result for the records of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TypeTally {
    /// Records in the new snapshot.
    pub kept: u64,
    /// Their bytes in the old one.
    pub kept_bytes: u64,
    /// Records left out.
    pub dropped: u64,
    /// Their bytes.
    pub dropped_bytes: u64,
    /// Of those kept: dependencies of others.
    pub brought: u64,
    /// Of those left out: objects that belong to something left out.
    pub followed: u64,
}

/// The result for all records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    by_type: Vec<TypeTally>,
    /// Locks whose session is left out, which were released.
    pub locks: u64,
    /// Links of tokens and roles to policies and roles that are left out, which were removed.
    pub links: u64,
    /// Prepared queries that no longer depend on a session that is left out.
    pub query_sessions: u64,
    /// Prepared queries that no longer run with a token that is left out.
    pub query_tokens: u64,
    /// Keys and tombstones that were renamed.
    pub renamed: u64,
}

impl Tally {
    fn of(&mut self, kind: Kind) -> Option<&mut TypeTally> {
        if self.by_type.is_empty() {
            self.by_type.resize(256, TypeTally::default());
        }
        self.by_type.get_mut(usize::from(kind.0))
    }

    pub(super) fn kept(&mut self, frame: &Frame<'_>) {
        if let Some(tally) = self.of(frame.kind) {
            tally.kept += 1;
            tally.kept_bytes += frame.size();
        }
    }

    pub(super) fn brought(&mut self, frame: &Frame<'_>) {
        if let Some(tally) = self.of(frame.kind) {
            tally.brought += 1;
        }
    }

    pub(super) fn dropped(&mut self, frame: &Frame<'_>, followed: bool) {
        if let Some(tally) = self.of(frame.kind) {
            tally.dropped += 1;
            tally.dropped_bytes += frame.size();
            tally.followed += u64::from(followed);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (number, more) in (0..=u8::MAX).zip(&other.by_type) {
            if let Some(tally) = self.of(Kind(number)) {
                tally.kept += more.kept;
                tally.kept_bytes += more.kept_bytes;
                tally.dropped += more.dropped;
                tally.dropped_bytes += more.dropped_bytes;
                tally.brought += more.brought;
                tally.followed += more.followed;
            }
        }
        self.locks += other.locks;
        self.links += other.links;
        self.query_sessions += other.query_sessions;
        self.query_tokens += other.query_tokens;
        self.renamed += other.renamed;
    }

    pub(super) fn clear(&mut self) {
        *self = Self { by_type: std::mem::take(&mut self.by_type), ..Self::default() };
        self.by_type.fill(TypeTally::default());
    }

    /// Record types that occur, in order of their numbers.
    pub fn types(&self) -> impl Iterator<Item = (Kind, TypeTally)> + '_ {
        let all = (0..=u8::MAX).map(Kind).zip(self.by_type.iter().copied());
        all.filter(|(_, tally)| tally.kept + tally.dropped > 0)
    }

    /// The sum over all types.
    #[must_use]
    pub fn total(&self) -> TypeTally {
        self.types().fold(TypeTally::default(), |sum, (_, tally)| TypeTally {
            kept: sum.kept + tally.kept,
            kept_bytes: sum.kept_bytes + tally.kept_bytes,
            dropped: sum.dropped + tally.dropped,
            dropped_bytes: sum.dropped_bytes + tally.dropped_bytes,
            brought: sum.brought + tally.brought,
            followed: sum.followed + tally.followed,
        })
    }
}

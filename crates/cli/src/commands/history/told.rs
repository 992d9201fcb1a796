//! Results after the last snapshot.

use snapscope_analyze::history::{Lives, Question, Seen};
use snapscope_analyze::series::{Cluster, Series};
use snapscope_runs::Sorted;

/// All that was found out.
pub(super) struct Histories<'a> {
    pub(super) question: &'a Question,
    pub(super) series: &'a Series<Seen>,
    /// What became of the objects in each of the clusters.
    pub(super) told: Vec<Told>,
}

/// What became of the objects in one cluster.
pub(super) struct Told {
    pub(super) lives: Lives,
    /// How many events there are.
    pub(super) count: u64,
    /// The events, as they are printed, in order. They may be many and large, as each may have an
    /// object as it was and as it is.
    pub(super) events: Sorted,
    /// The log that was used: its name, and the indexes after which, and up to which, it has all writes.
    pub(super) log: Option<(String, u64, u64)>,
}

impl Histories<'_> {
    /// The clusters with what became of the objects in them.
    pub(super) fn clusters(&self) -> impl Iterator<Item = (&Cluster<Seen>, &Told)> {
        self.series.clusters.iter().zip(&self.told)
    }
}

/// What the objects are called, beside their ids; of those that are others seen otherwise (a service
/// is its instances) the name of the kind.
pub(super) fn object(question: &Question) -> &'static str {
    let kind = question.kind;
    kind.object_name()
}

//! The results, after the last snapshot was read.

use super::writes::Covered;
use snapscope_analyze::history::{Lives, Question, Seen};
use snapscope_analyze::series::{Cluster, Series};
use snapscope_runs::Sorted;

/// All results.
pub(super) struct Histories<'a> {
    pub(super) question: &'a Question,
    pub(super) series: &'a Series<Seen>,
    /// The events of the objects, by cluster.
    pub(super) told: Vec<Told>,
}

/// The events of the objects in one cluster.
pub(super) struct Told {
    pub(super) lives: Lives,
    /// Number of events.
    pub(super) count: u64,
    /// The events in order, ready to be printed. There may be many large ones, since an event can
    /// contain an object before and after a change.
    pub(super) events: Sorted,
    /// The log that was used: its name, and the indexes between which it has all writes.
    pub(super) log: Option<(String, Vec<Covered>)>,
}

impl Histories<'_> {
    /// The clusters with the events of the objects in them.
    pub(super) fn clusters(&self) -> impl Iterator<Item = (&Cluster<Seen>, &Told)> {
        self.series.clusters.iter().zip(&self.told)
    }
}

/// The type of the objects in output. For objects that show others in another way (services show
/// instances) it is the name of the kind.
pub(super) fn object(question: &Question) -> &'static str {
    let kind = question.kind;
    kind.object_name()
}

//! One snapshot of the cluster, and the destinations that have it.

use super::context::Context;
use super::download::Downloaded;
use crate::settings::DestinationSettings;
use crate::store::{SnapshotId, Store};
use jiff::Timestamp;
use tokio::time::Instant;

/// A snapshot on the scratch disk, on its way to the destinations.
pub(super) struct Snapshot {
    pub(super) id: SnapshotId,
    pub(super) time: Timestamp,
    pub(super) downloaded: Downloaded,
    pub(super) begun: Instant,
}

/// One turn of the schedule.
#[derive(Default)]
pub(super) struct Round {
    /// The snapshot, once it is on the scratch disk; kept there until all destinations have it.
    pub(super) snapshot: Option<Snapshot>,
    /// The destinations that have this turn's snapshot.
    pub(super) has: Vec<DestinationSettings>,
}

impl Round {
    /// The destinations without it.
    pub(super) fn lacking<'a>(
        &self,
        context: &'a Context,
    ) -> Vec<(&'a DestinationSettings, &'a Store)> {
        let all = context.settings.destinations.iter().zip(&context.stores);
        all.filter(|(settings, _)| !self.has.contains(settings)).collect()
    }
}

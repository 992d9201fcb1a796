//! Checks schedule and retention.

use super::destination::said;
use super::keys::Mistakes;
use super::layer::{KeepLayer, SnapshotLayer};
use crate::retention::Policy;
use crate::schedule::Schedule;
use std::time::Duration;

/// The shortest interval: below it an agent would only take snapshots.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// When snapshots are due; `None` is a single one.
pub(super) fn schedule(layer: &SnapshotLayer, mistakes: &mut Mistakes) -> Option<Schedule> {
    if let Some(text) = said(layer.schedule.clone()) {
        if layer.interval.is_some() {
            mistakes.add("snapshot.schedule: set either interval or schedule, not both");
        }
        return match text.parse() {
            Ok(times) => Some(Schedule::At(times)),
            Err(e) => {
                mistakes.add(format!("snapshot.schedule: {e}"));
                None
            }
        };
    }
    let interval = layer.interval.or(SnapshotLayer::defaults().interval).unwrap_or_default();
    if !interval.is_zero() && interval < SHORTEST_INTERVAL {
        mistakes.add("snapshot.interval: must be at least 1s; 0 takes a single snapshot");
    }
    (!interval.is_zero()).then_some(Schedule::Every(interval))
}

/// Which snapshots are kept.
pub(super) fn policy(
    layer: &KeepLayer,
    mistakes: &mut Mistakes,
    warnings: &mut Vec<String>,
) -> Policy {
    let count = |number: Option<u64>| usize::try_from(number.unwrap_or(0)).unwrap_or(usize::MAX);
    let within = said(layer.keep_within.clone()).and_then(|text| {
        text.parse().map_err(|e| mistakes.add(format!("snapshot.keep_within: {e}"))).ok()
    });
    let policy = Policy {
        retain: usize::try_from(layer.retain.or(KeepLayer::defaults().retain).unwrap_or(0))
            .unwrap_or(usize::MAX),
        hourly: count(layer.keep_hourly),
        daily: count(layer.keep_daily),
        weekly: count(layer.keep_weekly),
        monthly: count(layer.keep_monthly),
        within,
    };
    if policy.keeps_all() && policy.is_by_calendar() {
        warnings.push(
            "snapshot.retain is 0, which keeps everything, so keep_... has no effect".to_owned(),
        );
    }
    policy
}

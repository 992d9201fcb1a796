//! One turn of the schedule: one snapshot, and the destinations that have it.

use super::context::Context;
use super::take::{list, tidy};
use super::turn::Round;
use crate::retention::{Inventory, Owners};
use crate::schedule::Schedule;
use crate::store::{Lease, SnapshotId};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// The first pause after a failed attempt; each further one is twice as long, but never longer than the
/// interval.
const RETRY: Duration = Duration::from_secs(10);
/// How often to check the clock while waiting for a time of day, because it may be set in the
/// meantime.
const LOOK: Duration = Duration::from_secs(20);

/// The state of the schedule.
pub(super) struct Timetable {
    /// When this turn began, by the monotonic clock, and the time of day then; `None` before the
    /// first.
    turn: Option<(Instant, Timestamp)>,
    /// When the last attempt failed, and the number of consecutive failures.
    failed: Option<(Instant, u64)>,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// A new turn: a snapshot for all destinations.
    Turn,
    /// The same turn's snapshot, for the destinations without it.
    Rest,
    /// Nothing; check the time of day.
    Look,
}

impl Timetable {
    /// Continues where earlier agents stopped: destinations whose newest snapshot belongs to this
    /// turn do not get another one because the leader changed. Otherwise each change of leader, as
    /// when one destination fails for all agents, would cost the others an old snapshot.
    pub(super) async fn begin(
        context: &Context,
        schedule: &Schedule,
        lease: &Lease,
    ) -> (Self, Round) {
        let mut round = Round::default();
        let all = context.settings.destinations.iter().zip(&context.stores);
        let listed = lease.guard(join_all(context.stores.iter().map(list))).await;
        let now = Timestamp::now();
        let mut turn: Option<(Timestamp, SnapshotId)> = None;
        let ours = lease.guard(context.client.cluster_name()).await.unwrap_or_default();
        for ((settings, store), inventory) in all.zip(listed.into_iter().flatten()) {
            let Ok(there) = &inventory else { continue };
            let owners = lease.guard(Owners::find(store, there)).await.unwrap_or_default();
            let own = owners.own(there, &ours);
            let found = newest_taken(&own, now).filter(|(id, _)| !owners.is_cut(*id));
            let Some((id, taken)) = found else { continue };
            if schedule.is_current(taken, now) {
                round.has.push(settings.clone());
                turn = turn.max(Some((taken, id)));
                let scene = (context, lease, store);
                for (_, sentence) in tidy(scene, &inventory, &own, &ours).await.oddities {
                    context.log.warn(sentence);
                }
            }
        }
        let turn = turn.and_then(|(taken, id)| {
            let age = Duration::try_from(now.duration_since(taken)).ok()?;
            let next = schedule.remaining(taken, now).as_secs();
            context.log.info(format!(
                "Snapshot {id} is {} s old; the next one is due in {next} s",
                age.as_secs()
            ));
            Some((Instant::now().checked_sub(age)?, taken))
        });
        if turn.is_none() {
            round.has.clear();
        }
        (Self { turn, failed: None }, round)
    }

    /// What is due next, and when.
    pub(super) fn next(&self, schedule: &Schedule, is_lacking: bool) -> (Instant, Due) {
        let Some((began, time)) = self.turn else { return (Instant::now(), Due::Turn) };
        let mut turn = match schedule {
            Schedule::Every(interval) => began + *interval,
            Schedule::At(_) => {
                let remaining = schedule.remaining(time, Timestamp::now());
                Instant::now() + remaining.min(Duration::from_secs(86_400))
            }
        };
        if let Some((at, _)) = self.failed {
            turn = turn.max(at + RETRY.min(schedule.longest_pause()));
        }
        let rest = is_lacking.then(|| self.again(schedule, began));
        match (rest, schedule) {
            (Some(rest), _) if rest < turn => (rest, Due::Rest),
            (_, Schedule::At(_)) if turn > Instant::now() + LOOK => {
                (Instant::now() + LOOK, Due::Look)
            }
            _ => (turn, Due::Turn),
        }
    }

    /// When a failed attempt is repeated.
    fn again(&self, schedule: &Schedule, otherwise: Instant) -> Instant {
        self.failed.map_or(otherwise, |(at, count)| at + pause(count).min(schedule.longest_pause()))
    }

    /// Starts a turn.
    pub(super) fn turn_begins(&mut self) {
        self.turn = Some((Instant::now(), Timestamp::now()));
    }

    /// Records a failed attempt, with the number of consecutive failures.
    pub(super) fn failed(&mut self, count: u64) {
        self.failed = Some((Instant::now(), count));
    }

    /// Records that all destinations have the turn's snapshot.
    pub(super) fn succeeded(&mut self) {
        self.failed = None;
    }
}

/// The newest snapshot of a destination, and when it was taken: the time in the ID, or the time at
/// which it was written if the ID is in the future because a clock was set back.
fn newest_taken(inventory: &Inventory, now: Timestamp) -> Option<(SnapshotId, Timestamp)> {
    let (id, size, modified) = inventory.newest()?;
    let by_id = Timestamp::from_nanosecond(i128::from(id.0)).ok()?;
    let modified: SystemTime = modified;
    let taken = if by_id <= now { by_id } else { Timestamp::try_from(modified).ok()? };
    (size > 0).then_some((id, taken))
}

/// The pause after this number of consecutive failures.
fn pause(failures: u64) -> Duration {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    RETRY * 2u32.pow(doublings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_but_not_for_ever() {
        assert_eq!(pause(1), RETRY);
        assert_eq!(pause(3), RETRY * 4);
        assert!(pause(u64::MAX) > Duration::from_secs(3600));
    }
}

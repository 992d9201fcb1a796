//! What one turn of the schedule is about: one snapshot, and which destinations have it.

use super::context::Context;
use super::take::{Snapshot, list, tidy};
use crate::retention::Inventory;
use crate::schedule::Schedule;
use crate::settings::DestinationSettings;
use crate::store::{Lease, SnapshotId, Store};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// The first pause after a failed attempt; each further one is twice as long, but never longer than the
/// interval.
const RETRY: Duration = Duration::from_secs(10);
/// How often the time of day is looked at while one is waited for: it may be set meanwhile.
const LOOK: Duration = Duration::from_secs(20);

/// One turn of the schedule.
#[derive(Default)]
pub(super) struct Round {
    /// The snapshot, once it is on the scratch disk; kept there until all destinations have it.
    pub(super) snapshot: Option<Snapshot>,
    /// The destinations that have this turn's snapshot.
    pub(super) has: Vec<DestinationSettings>,
}

impl Round {
    /// The destinations that lack it.
    pub(super) fn lacking<'a>(
        &self,
        context: &'a Context,
    ) -> Vec<(&'a DestinationSettings, &'a Store)> {
        let all = context.settings.destinations.iter().zip(&context.stores);
        all.filter(|(settings, _)| !self.has.contains(settings)).collect()
    }
}

/// When what is to be done.
pub(super) struct Timetable {
    /// When this turn began, by the clock that is never set, and what the time of day was then; `None`
    /// before the first.
    turn: Option<(Instant, Timestamp)>,
    /// When the last attempt failed, and how many did in a row.
    failed: Option<(Instant, u64)>,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// A new turn: a snapshot for all destinations.
    Turn,
    /// The same turn's snapshot, for the destinations that lack it.
    Rest,
    /// Nothing; the time of day is to be looked at.
    Look,
}

impl Timetable {
    /// Begins where earlier agents ended: destinations whose newest snapshot is of this turn are not to
    /// get another one for a new leader's sake. Else each change of leaders, as when one destination
    /// fails for all of them, would cost the others an old snapshot.
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
        for ((settings, store), inventory) in all.zip(listed.into_iter().flatten()) {
            let found = inventory.as_ref().ok().and_then(|found| newest_taken(found, now));
            let Some((id, taken)) = found else { continue };
            if schedule.is_current(taken, now) {
                round.has.push(settings.clone());
                turn = turn.max(Some((taken, id)));
                for (_, sentence) in tidy(context, lease, store, &inventory).await.oddities {
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

    /// A turn begins.
    pub(super) fn turn_begins(&mut self) {
        self.turn = Some((Instant::now(), Timestamp::now()));
    }

    /// An attempt failed, the so-manieth in a row.
    pub(super) fn failed(&mut self, count: u64) {
        self.failed = Some((Instant::now(), count));
    }

    /// All destinations have the turn's snapshot.
    pub(super) fn succeeded(&mut self) {
        self.failed = None;
    }
}

/// The newest snapshot of a destination, and when it was taken. The ID tells, but not where it is of the
/// future, as when a clock was set back: then when it was written does.
fn newest_taken(inventory: &Inventory, now: Timestamp) -> Option<(SnapshotId, Timestamp)> {
    let (id, size, modified) = inventory.newest()?;
    let by_id = Timestamp::from_nanosecond(i128::from(id.0)).ok()?;
    let modified: SystemTime = modified;
    let taken = if by_id <= now { by_id } else { Timestamp::try_from(modified).ok()? };
    (size > 0).then_some((id, taken))
}

/// How long to wait after so many failures in a row.
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

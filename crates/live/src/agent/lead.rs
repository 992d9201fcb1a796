//! Waiting for leadership, leading, and giving it up.

use super::context::Context;
use super::cycle::Cycle;
use super::failure::{Failure, Stage};
use super::health::{Health, Saving};
use super::lock::{Session, contend};
use super::metrics::Metrics;
use super::round::{Due, Timetable};
use super::scratch;
use super::take::{Attempt, Taken, attempt};
use super::turn::Round;
use crate::log::Log;
use crate::store::{Lease, SnapshotId};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, sleep_until, timeout};

/// How long an agent that gave up leadership leaves it to others.
const STAND_BACK: Duration = Duration::from_secs(15);
/// How long giving up the lock may take.
const FAREWELL: Duration = Duration::from_secs(5);

/// Why leadership ended.
enum Ended {
    /// The cycle is over.
    Over,
    /// The lock is lost.
    Lost,
    /// Too many snapshots in a row failed.
    Failures(u64),
}

/// Waits for leadership and leads, again and again, until the cycle is over.
pub(super) async fn contend_and_lead(
    cycle: &Cycle,
    health: &watch::Sender<Health>,
    metrics: &Metrics,
) {
    loop {
        let log = cycle.context().log.clone();
        log.info("Waiting to obtain leadership...");
        metrics.every(cycle.context().settings.longest_pause());
        let Some(session) = contend(cycle, health, metrics).await else { return };
        log.info("Obtained leadership");
        metrics.leads(true);
        health.send_modify(|health| health.begins(session.inherited()));
        let ended = lead(cycle, &session, health, metrics).await;
        metrics.leads(false);
        health.send_modify(Health::ends);
        // The configuration may have been reloaded in the meantime.
        let context = cycle.context();
        let log = &context.log;
        let saving = health.borrow().saving();
        let given_up = timeout(FAREWELL, session.give_up(&context, saving)).await;
        match ended {
            Ended::Over => {
                match given_up {
                    Ok(Ok(())) => log.info("Released leadership"),
                    Ok(Err(e)) => log.warn(format!("Cannot release leadership: {e}")),
                    Err(_) => log.warn("Cannot release leadership: Consul does not answer"),
                }
                return;
            }
            Ended::Lost => log.warn("Lost leadership"),
            Ended::Failures(count) => {
                log.error(format!("Gave up leadership after {count} failures in a row"));
                if cycle.unless_over(sleep(STAND_BACK)).await.is_none() {
                    return;
                }
            }
        }
    }
}

/// Takes snapshots while the lock is held.
async fn lead(
    cycle: &Cycle,
    session: &Session,
    health: &watch::Sender<Health>,
    metrics: &Metrics,
) -> Ended {
    let lease = session.lease();
    let mut contexts = cycle.contexts();
    let context = Arc::clone(&contexts.borrow_and_update());
    let Some(schedule) = context.settings.schedule.clone() else { return Ended::Over };
    remove_leftovers(&context, lease).await;
    let (mut timetable, mut round) = Timetable::begin(&context, &schedule, lease).await;
    drop(context);
    let mut leader = Leader { cycle, session, health, metrics, failures: 0, last: None };
    loop {
        let context = Arc::clone(&contexts.borrow_and_update());
        let Some(schedule) = &context.settings.schedule else { return Ended::Over };
        metrics.every(schedule.longest_pause());
        let (at, due) = timetable.next(schedule, !round.lacking(&context).is_empty());
        tokio::select! {
            biased;
            () = cycle.over() => return Ended::Over,
            () = lease.ended() => return Ended::Lost,
            // The schedule or a destination may have changed.
            Ok(()) = contexts.changed() => continue,
            () = sleep_until(at) => {}
        }
        match due {
            Due::Look => continue,
            Due::Rest => {}
            Due::Turn => {
                round = Round::default();
                timetable.turn_begins();
            }
        }
        if let Some(ended) = leader.attempt(&context, &mut round, &mut timetable).await {
            return ended;
        }
    }
}

/// An agent that leads.
struct Leader<'a> {
    cycle: &'a Cycle,
    session: &'a Session,
    health: &'a watch::Sender<Health>,
    metrics: &'a Metrics,
    failures: u64,
    last: Option<SnapshotId>,
}

impl Leader<'_> {
    /// One attempt to store the round's snapshot where it is missing.
    async fn attempt(
        &mut self,
        context: &Context,
        round: &mut Round,
        timetable: &mut Timetable,
    ) -> Option<Ended> {
        let attempt = {
            let lease = self.session.lease();
            let mut attempt = std::pin::pin!(attempt(context, lease, round, self.last));
            tokio::select! {
                biased;
                () = self.cycle.stopped() => {
                    // Running work ends on its own, and cleans up after itself.
                    self.session.end();
                    attempt.await
                }
                attempt = &mut attempt => attempt,
            }
        };
        let log = &context.log;
        self.metrics.attempted(&attempt);
        self.last = self.last.max(round.snapshot.as_ref().map(|snapshot| snapshot.id));
        if let Some(taken) = &attempt.taken {
            report(taken, &attempt, log);
            self.failures = 0;
            timetable.succeeded();
            // The scratch space is for the next one.
            round.snapshot = None;
            self.health.send_modify(|health| health.stored(taken, &attempt));
            self.session.say(context, Saving::Stored).await;
        }
        if self.cycle.is_stopped() {
            tell_stored(&attempt, log);
            return Some(Ended::Over);
        }
        if attempt.is_lost {
            self.metrics.failed(Stage::Leadership);
            log.warn(Failure::lost());
            tell_stored(&attempt, log);
            return Some(Ended::Lost);
        }
        let failure = attempt.failure()?;
        self.failures += 1;
        timetable.failed(self.failures);
        log.error(format!("Snapshot failed ({} in a row): {failure}", self.failures));
        for (_, sentence) in attempt.oddities() {
            log.warn(sentence);
        }
        self.health.send_modify(|health| health.failed(&failure));
        self.session.say(context, Saving::Failing).await;
        let is_enough = self.failures >= context.settings.max_failures;
        is_enough.then_some(Ended::Failures(self.failures))
    }
}

/// Logs where an incompletely stored snapshot is.
fn tell_stored(attempt: &Attempt, log: &Log) {
    let stored = attempt.stored_at();
    if attempt.taken.is_none() && !stored.is_empty() {
        log.info(format!("The snapshot was stored at {} before the failure", stored.join(", ")));
    }
}

/// Logs a stored snapshot.
pub(super) fn report(taken: &Taken, attempt: &Attempt, log: &Log) {
    log.info(format!("Saved snapshot {}", taken.id));
    let (index, size, took) = (taken.index, taken.size, taken.took.as_secs_f64());
    let records: u64 = taken.counts.values().sum();
    log.debug(format!("Index {index}, {records} records, {size} bytes, {took:.1} s"));
    for (_, sentence) in attempt.oddities() {
        log.warn(sentence);
    }
}

/// Removes unfinished files of killed agents.
pub(super) async fn remove_leftovers(context: &Context, lease: &Lease) {
    // Best effort: missing space is noticed when it is needed.
    let _ = scratch::remove_leftovers(&context.settings.scratch);
    for store in &context.stores {
        match store.remove_leftovers(lease).await {
            Ok(0) => {}
            Ok(count) => {
                context.log.info(format!("{}: removed {count} unfinished files", store.name()));
            }
            Err(e) => context.log.warn(format!("Cannot remove unfinished files: {e}")),
        }
    }
}

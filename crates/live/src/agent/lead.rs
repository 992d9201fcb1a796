//! Waiting for leadership, leading, and giving it up.

use super::context::Context;
use super::cycle::Cycle;
use super::failure::{Failure, Stage};
use super::lock::{Session, contend};
use super::metrics::Metrics;
use super::registration::Standing;
use super::scratch;
use super::take::{Taken, take};
use crate::client::CheckStatus;
use crate::log::Log;
use crate::store::Lease;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// The first pause after a failed snapshot; each further one is twice as long, but never longer
/// than the interval.
const RETRY: Duration = Duration::from_secs(10);
/// How long one that gave leadership up leaves it to others.
const STAND_BACK: Duration = Duration::from_secs(15);
/// How long giving up the lock may take.
const FAREWELL: Duration = Duration::from_secs(5);

/// Why an agent leads no longer.
enum Ended {
    /// The cycle is over.
    Over,
    /// The lock is gone.
    Lost,
    /// Too many snapshots in a row failed.
    Failures(u64),
}

/// Waits for leadership and leads, again and again, until the cycle is over.
pub(super) async fn contend_and_lead(
    cycle: &Cycle,
    standing: &watch::Sender<Standing>,
    metrics: &Metrics,
) {
    loop {
        let log = cycle.context().log.clone();
        log.info("Waiting to obtain leadership...");
        metrics.every(cycle.context().settings.interval.unwrap_or_default());
        let Some(session) = contend(cycle, metrics).await else { return };
        log.info("Obtained leadership");
        metrics.leads(true);
        let output = "no snapshot was due yet since leadership was obtained".to_owned();
        standing.send_replace(Standing { leads: true, saving: CheckStatus::Passing, output });
        let ended = lead(cycle, &session, standing, metrics).await;
        metrics.leads(false);
        standing.send_replace(Standing::default());
        // The configuration may have been read again meanwhile.
        let context = cycle.context();
        let log = &context.log;
        let given_up = timeout(FAREWELL, session.give_up(&context.settings.lock_key)).await;
        match ended {
            Ended::Over => {
                match given_up {
                    Ok(Ok(())) => log.info("Released leadership"),
                    Ok(Err(e)) => log.warn(format!("Leadership can't be released: {e}")),
                    Err(_) => log.warn("Leadership can't be released: Consul doesn't answer"),
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
    standing: &watch::Sender<Standing>,
    metrics: &Metrics,
) -> Ended {
    let lease = session.lease();
    remove_leftovers(&cycle.context(), lease).await;
    let mut failures = 0;
    let mut last = None;
    let mut next = Next { from: Instant::now(), after: After::Nothing };
    let mut contexts = cycle.contexts();
    loop {
        let context = Arc::clone(&contexts.borrow_and_update());
        let interval = context.settings.interval.unwrap_or_default();
        metrics.every(interval);
        tokio::select! {
            biased;
            () = cycle.over() => return Ended::Over,
            () = lease.ended() => return Ended::Lost,
            // Another interval, perhaps.
            Ok(()) = contexts.changed() => continue,
            () = sleep_until(next.due(interval)) => {}
        }
        let begun = Instant::now();
        let taken = {
            let mut attempt = std::pin::pin!(take(&context, lease, last));
            tokio::select! {
                biased;
                () = cycle.stopped() => {
                    // What is under way ends by itself, and cleans up behind itself.
                    session.end();
                    let _ = attempt.await;
                    return Ended::Over;
                }
                taken = &mut attempt => taken,
            }
        };
        let log = &context.log;
        match taken {
            Ok(taken) => {
                failures = 0;
                last = Some(taken.id);
                next = Next { from: begun, after: After::Success };
                metrics.taken(&taken);
                standing.send_modify(|standing| stored(standing, &taken, log));
            }
            Err(Failure { stage: Stage::Leadership, message }) => {
                metrics.failed(Stage::Leadership);
                log.warn(message);
                return Ended::Lost;
            }
            Err(failure) => {
                failures += 1;
                metrics.failed(failure.stage);
                log.error(format!("Snapshot failed ({failures} in a row): {failure}"));
                standing.send_modify(|standing| {
                    standing.saving = CheckStatus::Critical;
                    standing.output = failure.to_string();
                });
                if failures >= context.settings.max_failures {
                    return Ended::Failures(failures);
                }
                next = Next { from: Instant::now(), after: After::Failures(failures) };
            }
        }
    }
}

/// When the next snapshot is to be taken.
struct Next {
    from: Instant,
    after: After,
}

/// What was before.
enum After {
    Nothing,
    /// A snapshot that began then.
    Success,
    /// So many failures in a row, the last one then.
    Failures(u64),
}

impl Next {
    fn due(&self, interval: Duration) -> Instant {
        match self.after {
            After::Nothing => self.from,
            After::Success => self.from + interval,
            After::Failures(count) => self.from + pause(count).min(interval),
        }
    }
}

/// How long to wait after so many failures in a row.
fn pause(failures: u64) -> Duration {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    RETRY * 2u32.pow(doublings)
}

/// Tells of a stored snapshot, in the log and in what the check says.
fn stored(standing: &mut Standing, taken: &Taken, log: &Log) {
    report(taken, log);
    standing.saving =
        if taken.oddities.is_empty() { CheckStatus::Passing } else { CheckStatus::Warning };
    let said = taken.oddities.iter().map(|(_, sentence)| format!("; {sentence}"));
    standing.output = format!("stored snapshot {}{}", taken.id, said.collect::<String>());
}

/// Tells the log of a stored snapshot.
pub(super) fn report(taken: &Taken, log: &Log) {
    log.info(format!("Saved snapshot {}", taken.id));
    let (index, size, took) = (taken.index, taken.size, taken.took.as_secs_f64());
    let records: u64 = taken.counts.values().sum();
    log.debug(format!("Index {index}, {records} records, {size} bytes, {took:.1} s"));
    for (_, sentence) in &taken.oddities {
        log.warn(sentence);
    }
}

/// Removes what killed agents left half-written.
pub(super) async fn remove_leftovers(context: &Context, lease: &Lease) {
    // Best effort: whether there is room shows when it is needed.
    let _ = scratch::remove_leftovers(&context.settings.scratch);
    for store in &context.stores {
        match store.remove_leftovers(lease).await {
            Ok(0) => {}
            Ok(count) => {
                context.log.info(format!("{}: removed {count} unfinished files", store.name()));
            }
            Err(e) => context.log.warn(format!("Unfinished files can't be removed: {e}")),
        }
    }
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

//! A single snapshot, without registration and leadership.

use super::context::Context;
use super::lead::{remove_leftovers, report};
use super::run::{Agent, AgentError};
use super::signals::{Signal, Signals};
use super::take::{Attempt, attempt};
use super::turn::Round;
use crate::store::Lease;
use std::time::Duration;
use tokio::time::Instant;

/// Longer than any snapshot takes.
const NO_END: Duration = Duration::from_secs(u32::MAX as u64);

/// Takes one snapshot, applies retention.
pub(super) async fn run(agent: Agent) -> Result<(), AgentError> {
    let Agent { settings, log, environment, .. } = agent;
    let mut signals = Signals::listen().map_err(AgentError::System)?;
    let context = Context::open(settings, &environment, &log)
        .await
        .map_err(|e| AgentError::Begin(e.to_string()))?;
    let (holder, lease) = Lease::until(Instant::now(), NO_END);
    remove_leftovers(&context, &lease).await;
    let mut round = Round::default();
    let (attempt, is_stopped) = {
        let mut attempt = std::pin::pin!(attempt(&context, &lease, &mut round, None));
        loop {
            tokio::select! {
                attempt = &mut attempt => break (attempt, false),
                signal = signals.next() => if signal == Signal::Stop {
                    holder.end();
                    break (attempt.await, true);
                },
            }
        }
    };
    context.close().await;
    if let Some(taken) = &attempt.taken {
        report(taken, &attempt, &log);
        if is_stopped && !context.settings.keep.keeps_all() {
            log.warn("Stopped by a signal; some old snapshots may not be removed");
        }
        return Ok(());
    }
    for (_, sentence) in attempt.oddities() {
        log.warn(sentence);
    }
    if is_stopped {
        return Err(AgentError::Stopped(stored(&attempt)));
    }
    match attempt.failure() {
        Some(failure) => Err(failure.into()),
        None => Ok(()),
    }
}

/// Describes where an incompletely stored snapshot is.
fn stored(attempt: &Attempt) -> String {
    match attempt.stored_at().as_slice() {
        [] => "nothing was stored".to_owned(),
        places => format!("it is stored only at {}", places.join(", ")),
    }
}

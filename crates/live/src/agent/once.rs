//! One snapshot, and no more: nothing is registered, nobody else is asked.

use super::context::Context;
use super::lead::{remove_leftovers, report};
use super::signals::{Signal, Signals};
use super::take::take;
use super::{Agent, AgentError};
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
    let taken = {
        let mut attempt = std::pin::pin!(take(&context, &lease, None));
        loop {
            tokio::select! {
                taken = &mut attempt => break Some(taken),
                signal = signals.next() => if signal == Signal::Stop {
                    holder.end();
                    let _ = attempt.await;
                    break None;
                },
            }
        }
    };
    context.close().await;
    let taken = taken.ok_or(AgentError::Stopped)??;
    report(&taken, &log);
    Ok(())
}

//! The agent that runs for ever.

use super::context::Context;
use super::cycle::{Cycle, Order};
use super::http;
use super::lead::contend_and_lead;
use super::metrics::Metrics;
use super::registration::{Registration, Standing};
use super::signals::{Signal, Signals};
use super::{Agent, AgentError};
use crate::client::Client;
use crate::config::{Checked, Environment, Settings};
use crate::log::Log;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;

/// Between two tries while nothing can begin.
const TROUBLED: Duration = Duration::from_secs(5);

/// How a cycle ended.
enum Next {
    Stop,
    /// Another one by these settings.
    Again(Box<Settings>),
}

/// Runs until a signal says stop.
pub(super) async fn run(agent: Agent) -> Result<(), AgentError> {
    let Agent { mut settings, reload, log, environment } = agent;
    let mut signals = Signals::listen().map_err(AgentError::System)?;
    let metrics = Arc::new(Metrics::default());
    let mut listener = listen(settings.metrics).await?;
    log.info("Snapshot agent running");
    loop {
        let Some(context) = begin(&settings, &environment, &log, &mut signals).await else {
            break;
        };
        let metrics = Arc::clone(&metrics);
        let cycle = Cycle::new(context);
        let server = listener.take().map(|l| tokio::spawn(http::serve(l, Arc::clone(&metrics))));
        let next = run_cycle(&cycle, &*reload, &environment, &mut signals, metrics).await;
        if let Some(server) = server {
            server.abort();
            let _ = server.await;
        }
        cycle.context().close().await;
        match next {
            Next::Stop => break,
            Next::Again(new) => settings = *new,
        }
        match listen(settings.metrics).await {
            Ok(new) => listener = new,
            Err(e) => log.error(e),
        }
    }
    log.info("Snapshot agent stopped");
    Ok(())
}

async fn listen(address: Option<SocketAddr>) -> Result<Option<TcpListener>, AgentError> {
    let Some(address) = address else { return Ok(None) };
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(Some(listener)),
        Err(error) => Err(AgentError::Metrics { address, error }),
    }
}

/// Makes a context, however long that takes; `None` if a signal says stop first.
async fn begin(
    settings: &Settings,
    environment: &Environment,
    log: &Log,
    signals: &mut Signals,
) -> Option<Context> {
    let mut trouble = String::new();
    loop {
        tokio::select! {
            signal = signals.next() => if signal == Signal::Stop { return None },
            context = Context::open(settings.clone(), environment, log) => match context {
                Ok(context) => return Some(context),
                Err(e) if e.to_string() != trouble => {
                    trouble = e.to_string();
                    log.error(format!("The agent can't begin yet: {trouble}"));
                }
                Err(_) => {}
            },
        }
        tokio::select! {
            signal = signals.next() => if signal == Signal::Stop { return None },
            () = sleep(TROUBLED) => {}
        }
    }
}

/// Leads or waits for leadership until a signal ends the cycle.
async fn run_cycle(
    cycle: &Cycle,
    reload: &dyn Fn() -> Result<Checked, crate::config::ConfigError>,
    environment: &Environment,
    signals: &mut Signals,
    metrics: Arc<Metrics>,
) -> Next {
    let (standing, watched) = watch::channel(Standing::default());
    let id = service_id(&cycle.context().settings.service);
    let registration = Registration::new(id, cycle.contexts(), watched, Arc::clone(&metrics));
    let (end, ended) = watch::channel(false);
    let registered = tokio::spawn(registration.keep(async move {
        let mut ended = ended;
        // A sender that is gone says the same.
        let _ = ended.wait_for(|end| *end).await;
    }));
    let mut next = Next::Stop;
    {
        let mut leading = std::pin::pin!(contend_and_lead(cycle, &standing, &metrics));
        loop {
            tokio::select! {
                () = &mut leading => break,
                signal = signals.next() => match signal {
                    Signal::Stop => {
                        next = Next::Stop;
                        cycle.order(Order::Stop);
                    }
                    Signal::Reload => {
                        if let Some(settings) = take_over(cycle, reload, environment) {
                            next = Next::Again(settings);
                            cycle.order(Order::Wind);
                        }
                    }
                },
            }
        }
    }
    let _ = end.send(true);
    let _ = registered.await;
    if matches!(next, Next::Stop) && !cycle.is_stopped() {
        // It ended by itself, to begin anew with another login.
        return Next::Again(Box::new(cycle.context().settings.clone()));
    }
    next
}

/// Reads the configuration again. What can change while the agent leads changes at once; settings
/// that make it another agent are given back.
fn take_over(
    cycle: &Cycle,
    reload: &dyn Fn() -> Result<Checked, crate::config::ConfigError>,
    environment: &Environment,
) -> Option<Box<Settings>> {
    let context = cycle.context();
    let log = &context.log;
    let Checked { settings, warnings } = match reload() {
        Ok(checked) => checked,
        Err(e) => {
            log.error(format!("The old configuration stays: {e}"));
            return None;
        }
    };
    if settings.interval.is_none() {
        log.error("The old configuration stays: an agent that runs can't change to interval 0");
        return None;
    }
    for warning in warnings {
        log.warn(warning);
    }
    if is_another(&context.settings, &settings) {
        log.info("Configuration read again; beginning anew with it");
        return Some(Box::new(settings));
    }
    // Files behind the options, certificates and tokens, may be other ones now.
    let client = if settings.login.is_some() {
        Ok(context.client.clone())
    } else {
        Client::new(&settings.client)
    };
    let opened = client
        .map_err(Into::into)
        .and_then(|client| Context::with_client(settings, client, environment, log));
    match opened {
        Ok(new) => {
            cycle.replace(new);
            log.info("Configuration read again");
        }
        Err(e) => log.error(format!("The old configuration stays: {e}")),
    }
    None
}

/// Whether an agent by these settings would hold another lock, or be known to Consul otherwise.
fn is_another(old: &Settings, new: &Settings) -> bool {
    old.client != new.client
        || old.login != new.login
        || old.service != new.service
        || old.lock_key != new.lock_key
        || old.deregister_after != new.deregister_after
        || old.metrics != new.metrics
        || old.syslog != new.syslog
}

/// An ID that no other agent has, so that two on one machine don't take each other's place.
fn service_id(service: &str) -> String {
    format!("{service}:{:016x}", fastrand::u64(..))
}

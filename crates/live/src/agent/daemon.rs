//! The agent as a daemon.

use super::context::Context;
use super::cycle::{Cycle, Order};
use super::health::Health;
use super::http::Server;
use super::lead::contend_and_lead;
use super::login;
use super::metrics::Metrics;
use super::registration::Registration;
use super::run::{Agent, AgentError};
use super::signals::{Signal, Signals};
use crate::client::Client;
use crate::config::{Checked, ConfigError};
use crate::log::{Log, Syslog};
use crate::settings::{Environment, Settings};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// Pause between two attempts to start.
const RETRY_PAUSE: Duration = Duration::from_secs(5);

/// How a cycle ended.
enum AfterCycle {
    Stop,
    /// With another cycle, with these settings.
    NewSettings(Box<Settings>),
}

/// Reads the configuration again.
type Reload = dyn Fn() -> Result<Checked, ConfigError>;

/// Runs until a signal.
pub(super) async fn run(agent: Agent) -> Result<(), AgentError> {
    let Agent { mut settings, reload, mut log, environment } = agent;
    let mut signals = Signals::listen().map_err(AgentError::System)?;
    let metrics = Arc::new(Metrics::default());
    let mut server = Server::default();
    server.move_to(settings.metrics, &metrics).await?;
    // A unique ID, so that two agents on one machine do not replace each other.
    let run = fastrand::u64(..);
    log.info("Snapshot agent running");
    loop {
        metrics.every(settings.longest_pause());
        let next = match begin(&settings, &environment, &*reload, &log, &mut signals, &metrics)
            .await
        {
            Started::Context(context) => {
                let cycle = Cycle::new(*context);
                let around = Around { reload: &*reload, environment: &environment, run };
                let metrics = Arc::clone(&metrics);
                let mut earlier = Vec::new();
                let next = run_cycle(&cycle, &around, &mut signals, metrics, &mut earlier).await;
                let context = cycle.context();
                log = context.log.clone();
                earlier.push(context);
                for context in earlier {
                    context.close().await;
                }
                next
            }
            Started::Instead(next) => next,
        };
        match next {
            AfterCycle::Stop => break,
            AfterCycle::NewSettings(new) => {
                log = log_by(&settings, &new, &log);
                settings = *new;
                if let Err(e) = server.move_to(settings.metrics, &metrics).await {
                    log.error(e);
                }
            }
        }
    }
    log.info("Snapshot agent stopped");
    Ok(())
}

/// Reconfigures the log.
fn log_by(old: &Settings, new: &Settings, log: &Log) -> Log {
    if old.syslog == new.syslog {
        return log.at(new.log_level);
    }
    match new.syslog.map(Syslog::local).transpose() {
        Ok(syslog) => Log::new(new.log_level, syslog),
        Err(e) => {
            log.error(format!("Logging to syslog as before: {}", Syslog::unreachable(&e)));
            log.at(new.log_level)
        }
    }
}

/// The result of an attempt to start.
enum Started {
    Context(Box<Context>),
    /// What follows instead, by a signal.
    Instead(AfterCycle),
}

/// Creates a context, and retries until it succeeds or a signal comes.
async fn begin(
    settings: &Settings,
    environment: &Environment,
    reload: &Reload,
    log: &Log,
    signals: &mut Signals,
    metrics: &Metrics,
) -> Started {
    let mut trouble = String::new();
    loop {
        let signal = tokio::select! {
            signal = signals.next() => Some(signal),
            context = Context::open(settings.clone(), environment, log) => match context {
                Ok(context) => return Started::Context(Box::new(context)),
                Err(e) => {
                    metrics.obstructed();
                    if e.to_string() != trouble {
                        trouble = e.to_string();
                        log.error(format!("Cannot start yet: {trouble}"));
                    }
                    tokio::select! {
                        signal = signals.next() => Some(signal),
                        () = sleep(RETRY_PAUSE) => None,
                    }
                }
            },
        };
        match signal {
            None => {}
            Some(Signal::Stop) => return Started::Instead(AfterCycle::Stop),
            // The new configuration may fix the error.
            Some(Signal::Reload) => {
                if let Some(new) = read_again(reload, log) {
                    log.info("Configuration reloaded; starting with it");
                    return Started::Instead(AfterCycle::NewSettings(Box::new(new)));
                }
            }
        }
    }
}

/// The surroundings of a cycle.
struct Around<'a> {
    reload: &'a Reload,
    environment: &'a Environment,
    /// The ID of this run of the program.
    run: u64,
}

/// Leads, or waits for leadership, until a signal ends the cycle. `earlier` collects contexts whose
/// tokens have to be logged out.
async fn run_cycle(
    cycle: &Cycle,
    around: &Around<'_>,
    signals: &mut Signals,
    metrics: Arc<Metrics>,
    earlier: &mut Vec<Arc<Context>>,
) -> AfterCycle {
    let (health, watched) = watch::channel(Health::default());
    let id = service_id(&cycle.context().settings.service, around.run);
    let registration = Registration::new(id, cycle, watched, Arc::clone(&metrics));
    let (end, ended) = watch::channel(false);
    let registered = tokio::spawn(registration.keep(async move {
        let mut ended = ended;
        // A dropped sender means the same.
        let _ = ended.wait_for(|end| *end).await;
    }));
    let mut next = AfterCycle::Stop;
    {
        let mut leading = std::pin::pin!(contend_and_lead(cycle, &health, &metrics));
        let mut logging_in = std::pin::pin!(login::keep(cycle, earlier));
        loop {
            tokio::select! {
                () = &mut leading => break,
                () = &mut logging_in => {}
                signal = signals.next() => match signal {
                    Signal::Stop => {
                        next = AfterCycle::Stop;
                        cycle.order(Order::Stop);
                    }
                    Signal::Reload => {
                        let settings = take_over(cycle, around.reload, around.environment);
                        if let Some(settings) = settings {
                            next = AfterCycle::NewSettings(settings);
                            cycle.order(Order::Finish);
                        }
                    }
                },
            }
        }
    }
    let _ = end.send(true);
    let _ = registered.await;
    next
}

/// Reads the current configuration; `None` if it is invalid, which is logged.
fn read_again(reload: &Reload, log: &Log) -> Option<Settings> {
    let Checked { settings, warnings } = match reload() {
        Ok(checked) => checked,
        Err(e) => {
            // A log message must be one line.
            log.error(format!("Keeping the old configuration: {}", e.0.join("; ")));
            return None;
        }
    };
    if settings.schedule.is_none() {
        log.error("Keeping the old configuration: a running agent cannot change to interval 0");
        return None;
    }
    for warning in warnings {
        log.warn(warning);
    }
    Some(settings)
}

/// Reloads the configuration. Settings that can change while the agent leads change at once;
/// settings that make it another agent are returned.
fn take_over(cycle: &Cycle, reload: &Reload, environment: &Environment) -> Option<Box<Settings>> {
    let context = cycle.context();
    let log = &context.log;
    let settings = read_again(reload, log)?;
    if is_another(&context.settings, &settings) {
        log.info("Configuration reloaded; starting over with it");
        return Some(Box::new(settings));
    }
    // Certificate and token files may have changed.
    let client = if settings.login.is_some() {
        Ok(context.client.clone())
    } else {
        Client::new(&settings.client)
    };
    let opened = client
        .map_err(Into::into)
        .and_then(|client| Context::with_client(settings, client, environment, log));
    match opened {
        Ok(mut new) => {
            new.token.clone_from(&context.token);
            cycle.replace(new);
            log.info("Configuration reloaded");
        }
        Err(e) => log.error(format!("Keeping the old configuration: {e}")),
    }
    None
}

/// Whether an agent with these settings would hold another lock, or be registered differently.
fn is_another(old: &Settings, new: &Settings) -> bool {
    old.client != new.client
        || old.login != new.login
        || old.service != new.service
        || old.lock_key != new.lock_key
        || old.deregister_after != new.deregister_after
        || old.metrics != new.metrics
        || old.syslog != new.syslog
}

/// The service ID of this run of the program.
fn service_id(service: &str, run: u64) -> String {
    format!("{service}:{run:016x}")
}

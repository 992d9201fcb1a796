//! The agent's registration as a Consul service, with its checks.

use super::context::Context;
use super::cycle::Cycle;
use super::failure::Stage;
use super::health::Health;
use super::metrics::Metrics;
use super::process::Process;
use crate::client::{
    CheckRegistration, CheckStatus, ClientError, RegisteredService, ServiceRegistration,
};
use crate::go_duration;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};

/// Name of the check every agent has.
pub const ALIVE: &str = "Consul Snapshot Agent Alive";
/// Name of the check the leading agent has.
pub const SAVING: &str = "Consul Snapshot Agent Saving Snapshots";

/// Time without an update after which Consul marks a check critical.
const CHECK_TTL: Duration = Duration::from_secs(30);
/// Time between updates; a restarted Consul agent misses the registration no longer than this.
const UPDATE_EVERY: Duration = Duration::from_secs(5);
/// Maximum time to deregister the service when the agent stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// How often to look for agents that ended without deregistering.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Key of the process in a service's metadata.
const PROCESS: &str = "snapscope-process";

/// A service with a unique ID.
pub(super) struct Registration {
    id: String,
    contexts: watch::Receiver<Arc<Context>>,
    health: watch::Receiver<Health>,
    metrics: Arc<Metrics>,
    token_refused: Arc<Notify>,
    /// The registered checks, as far as known.
    has_alive: bool,
    has_saving: bool,
    /// The login token they are registered with, which the Consul agent uses to report them to
    /// servers.
    accessor: Option<String>,
    /// When ended agents were last searched for.
    looked: Option<Instant>,
    trouble: String,
}

impl Registration {
    pub(super) fn new(
        id: String,
        cycle: &Cycle,
        health: watch::Receiver<Health>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            id,
            contexts: cycle.contexts(),
            health,
            metrics,
            token_refused: cycle.token_refused(),
            has_alive: false,
            has_saving: false,
            accessor: None,
            looked: None,
            trouble: String::new(),
        }
    }

    /// Keeps the service registered and its checks up to date until `over`, then deregisters it.
    pub(super) async fn keep(mut self, over: impl Future<Output = ()>) {
        let mut over = std::pin::pin!(over);
        loop {
            let context = Arc::clone(&self.contexts.borrow_and_update());
            let health = self.health.borrow_and_update().clone();
            tokio::select! {
                biased;
                () = &mut over => break,
                said = self.say(&context, &health) => self.note(&context, said),
            }
            tokio::select! {
                biased;
                () = &mut over => break,
                _ = self.health.changed() => {}
                // Another token, perhaps.
                _ = self.contexts.changed() => {}
                () = sleep(UPDATE_EVERY) => {}
            }
        }
        let context = Arc::clone(&self.contexts.borrow());
        let farewell = context.client.deregister_service(&self.id);
        match timeout(FAREWELL, farewell).await {
            Ok(Ok(())) => {}
            Ok(Err(e)) => context.log.warn(format!("Cannot deregister the service: {e}")),
            Err(_) => context.log.warn("Cannot deregister the service: Consul does not answer"),
        }
    }

    /// Logs an error once, and its end once.
    fn note(&mut self, context: &Context, said: Result<(), ClientError>) {
        if said.as_ref().is_err_and(ClientError::is_unknown_token) {
            self.token_refused.notify_one();
        }
        let trouble = said.err().map(|e| e.to_string()).unwrap_or_default();
        if !trouble.is_empty() {
            self.metrics.failed(Stage::Registration);
        }
        if trouble != self.trouble {
            match trouble.as_str() {
                "" => context.log.info("Registered with Consul again"),
                trouble => context.log.error(format!("Registering with Consul failed: {trouble}")),
            }
            self.trouble = trouble;
        }
    }

    /// Updates the registration.
    async fn say(&mut self, context: &Context, health: &Health) -> Result<(), ClientError> {
        let accessor = context.token.as_ref().map(|token| token.accessor.clone());
        if accessor != self.accessor {
            // With the old token the Consul agent could soon no longer report these to servers.
            (self.has_alive, self.has_saving) = (false, false);
            self.accessor = accessor;
        }
        self.say_alive(context, health).await?;
        self.say_saving(context, health).await?;
        if self.looked.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            self.looked = Some(Instant::now());
            self.remove_ended(context).await?;
        }
        Ok(())
    }

    async fn say_alive(&mut self, context: &Context, health: &Health) -> Result<(), ClientError> {
        let client = &context.client;
        let (id, passing) = (self.alive_id(), CheckStatus::Passing);
        let role = if health.leads { "leads" } else { "waits for leadership" };
        if self.has_alive {
            match client.update_check(&id, passing, role).await {
                Err(e) if is_forgotten(&e) => {
                    (self.has_alive, self.has_saving) = (false, false);
                    context
                        .log
                        .warn("Consul lost the registration of this agent; registering again");
                }
                said => return said,
            }
        }
        client.register_service(&self.service(context)).await?;
        self.has_alive = true;
        client.update_check(&id, passing, role).await
    }

    async fn say_saving(&mut self, context: &Context, health: &Health) -> Result<(), ClientError> {
        let client = &context.client;
        let id = self.saving_id();
        let Some((status, output)) = &health.check else {
            if self.has_saving {
                client.deregister_check(&id).await?;
                self.has_saving = false;
            }
            return Ok(());
        };
        if self.has_saving {
            match client.update_check(&id, *status, output).await {
                Err(e) if is_forgotten(&e) => self.has_saving = false,
                said => return said,
            }
        }
        client.register_check(&self.saving_check(context, *status)).await?;
        self.has_saving = true;
        client.update_check(&id, *status, output).await
    }

    /// Deregisters services of ended agents, such as killed ones: those of ended processes of this
    /// machine, and those with an overdue check. An agent that still runs registers again within
    /// seconds.
    async fn remove_ended(&self, context: &Context) -> Result<(), ClientError> {
        let client = &context.client;
        let services = client.services().await?;
        let others: Vec<RegisteredService> = services
            .into_values()
            .filter(|other| other.service == context.settings.service && other.id != self.id)
            .filter(|other| is_ours(&other.id, &other.service))
            .collect();
        if others.is_empty() {
            return Ok(());
        }
        let checks = client.checks().await?;
        for other in others {
            let process = other.meta.get(PROCESS);
            let process = process.and_then(|text| serde_json::from_str::<Process>(text).ok());
            let is_late = checks.values().any(|check| {
                check.service_id == other.id && check.name == ALIVE && check.status == "critical"
            });
            if is_late || process.is_some_and(|process| process.has_ended()) {
                client.deregister_service(&other.id).await?;
                context.log.info(format!("Deregistered {}, whose agent has ended", other.id));
            }
        }
        Ok(())
    }

    fn alive_id(&self) -> String {
        format!("{}:alive", self.id)
    }

    fn saving_id(&self) -> String {
        format!("{}:saving", self.id)
    }

    fn service(&self, context: &Context) -> ServiceRegistration {
        let process = Process::own().and_then(|own| serde_json::to_string(&own).ok());
        ServiceRegistration {
            name: context.settings.service.clone(),
            id: Some(self.id.clone()),
            tags: Vec::new(),
            meta: process.map(|process| (PROCESS.to_owned(), process)).into_iter().collect(),
            checks: vec![check(self.alive_id(), ALIVE, None, CheckStatus::Passing, context)],
        }
    }

    fn saving_check(&self, context: &Context, status: CheckStatus) -> CheckRegistration {
        check(self.saving_id(), SAVING, Some(self.id.clone()), status, context)
    }
}

/// Whether an ID has the form of agents' IDs.
fn is_ours(id: &str, service: &str) -> bool {
    let run = id.strip_prefix(service).and_then(|rest| rest.strip_prefix(':'));
    run.is_some_and(|run| run.len() == 16 && run.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Whether a Consul agent refused an update because the check is unknown: newer ones answer 404,
/// older ones 500.
fn is_forgotten(error: &ClientError) -> bool {
    matches!(error.status(), Some(404 | 500))
}

fn check(
    id: String,
    name: &str,
    service_id: Option<String>,
    status: CheckStatus,
    context: &Context,
) -> CheckRegistration {
    let after = context.settings.deregister_after;
    CheckRegistration {
        id,
        name: name.to_owned(),
        service_id,
        ttl: go_duration(CHECK_TTL),
        status,
        deregister_after: (!after.is_zero()).then(|| go_duration(after)),
    }
}

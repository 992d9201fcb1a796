//! The agent as a service that Consul knows, with its checks.

use super::context::Context;
use super::failure::Stage;
use super::metrics::Metrics;
use crate::client::{CheckRegistration, CheckStatus, ClientError, ServiceRegistration};
use crate::go_duration;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// Name of the check every agent has.
pub const ALIVE: &str = "Consul Snapshot Agent Alive";
/// Name of the check the leading agent has.
pub const SAVING: &str = "Consul Snapshot Agent Saving Snapshots";

/// After how long without an update Consul takes a check for critical.
const CHECK_TTL: Duration = Duration::from_secs(30);
/// Between two updates; a Consul agent that was started anew misses us no longer than this.
const UPDATE_EVERY: Duration = Duration::from_secs(5);
/// How long taking the service away may take when the agent stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// What the checks say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    /// Whether this agent leads.
    pub(super) leads: bool,
    /// How its last snapshot went.
    pub(super) saving: CheckStatus,
    /// The same in words.
    pub(super) output: String,
}

impl Default for Standing {
    fn default() -> Self {
        Self { leads: false, saving: CheckStatus::Passing, output: String::new() }
    }
}

/// A service under an ID that no other agent has.
pub(super) struct Registration {
    id: String,
    contexts: watch::Receiver<Arc<Context>>,
    standing: watch::Receiver<Standing>,
    metrics: Arc<Metrics>,
    /// Which checks Consul knows of, as far as we know.
    has_alive: bool,
    has_saving: bool,
    trouble: String,
}

impl Registration {
    pub(super) fn new(
        id: String,
        contexts: watch::Receiver<Arc<Context>>,
        standing: watch::Receiver<Standing>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let trouble = String::new();
        Self { id, contexts, standing, metrics, has_alive: false, has_saving: false, trouble }
    }

    /// Keeps the service registered and its checks up to date, until `over`; then takes it away.
    pub(super) async fn keep(mut self, over: impl Future<Output = ()>) {
        let mut over = std::pin::pin!(over);
        loop {
            let context = Arc::clone(&self.contexts.borrow_and_update());
            let standing = self.standing.borrow_and_update().clone();
            tokio::select! {
                biased;
                () = &mut over => break,
                said = self.say(&context, &standing) => self.note(&context, said),
            }
            tokio::select! {
                biased;
                () = &mut over => break,
                _ = self.standing.changed() => {}
                () = sleep(UPDATE_EVERY) => {}
            }
        }
        let context = Arc::clone(&self.contexts.borrow());
        let farewell = context.client.deregister_service(&self.id);
        match timeout(FAREWELL, farewell).await {
            Ok(Ok(())) => {}
            Ok(Err(e)) => context.log.warn(format!("The service can't be deregistered: {e}")),
            Err(_) => context.log.warn("The service can't be deregistered: Consul doesn't answer"),
        }
    }

    /// Says once what is wrong, and once that it is well again.
    fn note(&mut self, context: &Context, said: Result<(), ClientError>) {
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

    /// Brings what Consul knows up to date.
    async fn say(&mut self, context: &Context, standing: &Standing) -> Result<(), ClientError> {
        self.say_alive(context, standing).await?;
        self.say_saving(context, standing).await
    }

    async fn say_alive(
        &mut self,
        context: &Context,
        standing: &Standing,
    ) -> Result<(), ClientError> {
        let client = &context.client;
        let (id, passing) = (self.alive_id(), CheckStatus::Passing);
        let role = if standing.leads { "leads" } else { "waits for leadership" };
        if self.has_alive {
            match client.update_check(&id, passing, role).await {
                Err(e) if is_forgotten(&e) => {
                    (self.has_alive, self.has_saving) = (false, false);
                    context.log.warn("Consul doesn't know this agent any more; registering again");
                }
                said => return said,
            }
        }
        client.register_service(&self.service(context)).await?;
        self.has_alive = true;
        client.update_check(&id, passing, role).await
    }

    async fn say_saving(
        &mut self,
        context: &Context,
        standing: &Standing,
    ) -> Result<(), ClientError> {
        let client = &context.client;
        let id = self.saving_id();
        if !standing.leads {
            if self.has_saving {
                client.deregister_check(&id).await?;
                self.has_saving = false;
            }
            return Ok(());
        }
        if self.has_saving {
            match client.update_check(&id, standing.saving, &standing.output).await {
                Err(e) if is_forgotten(&e) => self.has_saving = false,
                said => return said,
            }
        }
        client.register_check(&self.saving_check(context)).await?;
        self.has_saving = true;
        client.update_check(&id, standing.saving, &standing.output).await
    }

    fn alive_id(&self) -> String {
        format!("{}:alive", self.id)
    }

    fn saving_id(&self) -> String {
        format!("{}:saving", self.id)
    }

    fn service(&self, context: &Context) -> ServiceRegistration {
        ServiceRegistration {
            name: context.settings.service.clone(),
            id: Some(self.id.clone()),
            tags: Vec::new(),
            meta: BTreeMap::new(),
            checks: vec![check(self.alive_id(), ALIVE, None, context)],
        }
    }

    fn saving_check(&self, context: &Context) -> CheckRegistration {
        check(self.saving_id(), SAVING, Some(self.id.clone()), context)
    }
}

/// Whether an agent refused an update because it knows no such check: newer ones say 404, older ones
/// 500.
fn is_forgotten(error: &ClientError) -> bool {
    matches!(error.status(), Some(404 | 500))
}

fn check(
    id: String,
    name: &str,
    service_id: Option<String>,
    context: &Context,
) -> CheckRegistration {
    CheckRegistration {
        id,
        name: name.to_owned(),
        service_id,
        ttl: go_duration(CHECK_TTL),
        status: CheckStatus::Passing,
        deregister_after: Some(go_duration(context.settings.deregister_after)),
    }
}

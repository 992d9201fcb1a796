//! The lock: the agent that holds the lock key with a Consul session leads.

use super::context::Context;
use super::cycle::Cycle;
use super::failure::Stage;
use super::health::{Health, Saving};
use super::holder::Holder;
use super::metrics::Metrics;
use crate::client::{ClientError, KeyEntry, KeyQuery, SessionRequest};
use crate::go_duration;
use crate::store::{Lease, LeaseHolder};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// Lifetime of a session without renewal. This is Consul's minimum. Its servers wait twice as long
/// before they end a session; the agent does not.
pub const SESSION_TTL: Duration = Duration::from_secs(10);
/// How long after the end of a session nobody gets its lock. Together with the servers' waiting
/// time, another agent leads after at most half a minute.
pub const LOCK_DELAY: Duration = Duration::from_secs(10);

/// Time between renewals: two may fail before the session is given up.
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// How long a renewal may take before it is retried.
const RENEW_PATIENCE: Duration = Duration::from_secs(3);
/// How long servers may delay the answer about the lock's holder.
const WATCH: Duration = Duration::from_secs(30);
/// Pause between attempts while the lock delay lasts.
const TRY_AGAIN: Duration = Duration::from_millis(500);
/// Pause between attempts while Consul cannot be reached.
const TROUBLED: Duration = Duration::from_secs(2);

/// The flags that Consul's own lock commands set, which distinguish a lock from other keys.
const LOCK_FLAGS: u64 = 0x2ddc_cbc0_58a5_0c18;

/// The current context: a login changes the token from time to time.
type Contexts = watch::Receiver<Arc<Context>>;

/// A session that is kept alive until this is dropped.
pub(super) struct Session {
    id: String,
    lease: Lease,
    holder: Arc<LeaseHolder>,
    keeper: JoinHandle<()>,
    watcher: Option<JoinHandle<()>>,
    /// The state of saving of the previous leader.
    inherited: Option<Saving>,
    /// The state in the lock's value.
    said: Mutex<Option<Saving>>,
}

impl Session {
    async fn create(cycle: &Cycle, context: &Context) -> Result<Self, ClientError> {
        let request = SessionRequest {
            name: context.settings.service.clone(),
            node: None,
            ttl: go_duration(SESSION_TTL),
            behavior: "release".to_owned(),
            lock_delay: go_duration(LOCK_DELAY),
        };
        let begun = Instant::now();
        let id = context.client.create_session(&request).await?;
        let (holder, lease) = Lease::until(begun, SESSION_TTL);
        let holder = Arc::new(holder);
        let kept = keep(cycle.contexts(), cycle.token_refused(), id.clone(), Arc::clone(&holder));
        Ok(Self {
            id,
            lease,
            holder,
            keeper: tokio::spawn(kept),
            watcher: None,
            inherited: None,
            said: Mutex::default(),
        })
    }

    /// The right to write, which lasts exactly as long as the lock is held.
    pub(super) const fn lease(&self) -> &Lease {
        &self.lease
    }

    /// The state of saving of the previous leader, if the lock's value has it.
    pub(super) const fn inherited(&self) -> Option<Saving> {
        self.inherited
    }

    /// Ends the right to write at once; everything that depends on it stops.
    pub(super) fn end(&self) {
        self.holder.end();
    }

    /// Writes the state of saving into the lock's value, for the next leader. If that fails, the
    /// next update retries.
    pub(super) async fn say(&self, context: &Context, saving: Saving) {
        let said = || self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if *said() == Some(saving) {
            return;
        }
        let key = &context.settings.lock_key;
        let text = Holder::own(Some(saving)).to_text();
        let written = context.client.acquire(key, &self.id, LOCK_FLAGS, text);
        if let Some(Ok(Ok(true))) = self.lease.guard(timeout(RENEW_PATIENCE, written)).await {
            *said() = Some(saving);
        }
    }

    /// Gives up the lock and ends the session, so that another agent may lead at once.
    pub(super) async fn give_up(
        mut self,
        context: &Context,
        saving: Option<Saving>,
    ) -> Result<(), ClientError> {
        self.end();
        self.stop();
        let (client, key) = (&context.client, &context.settings.lock_key);
        let text = saving.map_or_else(String::new, |saving| Holder::own(Some(saving)).to_text());
        let released = client.release(key, &self.id, LOCK_FLAGS, text).await;
        let destroyed = client.destroy_session(&self.id).await;
        released.and(destroyed)
    }

    fn stop(&mut self) {
        self.keeper.abort();
        if let Some(watcher) = self.watcher.take() {
            watcher.abort();
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Returns the current client.
fn client(contexts: &Contexts) -> crate::client::Client {
    contexts.borrow().client.clone()
}

/// Renews a session while it exists. If Consul cannot be reached, the lease expires on its own,
/// before servers end the session.
async fn keep(contexts: Contexts, refused: Arc<Notify>, id: String, holder: Arc<LeaseHolder>) {
    loop {
        sleep(RENEW_EVERY).await;
        let begun = Instant::now();
        match timeout(RENEW_PATIENCE, client(&contexts).renew_session(&id)).await {
            Ok(Ok(Some(_))) => holder.renew(begun, SESSION_TTL),
            Ok(Ok(None)) => return holder.end(),
            Ok(Err(e)) if e.is_unknown_token() => refused.notify_one(),
            Ok(Err(_)) | Err(_) => {}
        }
    }
}

/// Ends the lease if another session or none holds the key: an operator may have taken it away.
async fn watch(contexts: Contexts, key: String, id: String, holder: Arc<LeaseHolder>) {
    let mut index = None;
    loop {
        let ask = KeyQuery { index, wait: WATCH };
        match client(&contexts).key(&key, &ask).await {
            Ok((entry, now)) => {
                if entry.and_then(|entry| entry.session).as_deref() != Some(&id) {
                    return holder.end();
                }
                // A lower index means that the servers' state was replaced.
                index = Some(now).filter(|now| *now > 0 && index.is_none_or(|last| *now >= last));
            }
            Err(_) => sleep(TROUBLED).await,
        }
    }
}

/// Waits until this agent leads; `None` if the cycle ends first.
pub(super) async fn contend(
    cycle: &Cycle,
    health: &watch::Sender<Health>,
    metrics: &Metrics,
) -> Option<Session> {
    let mut trouble = String::new();
    let mut report = |error: String| {
        let context = cycle.context();
        metrics.obstructed();
        metrics.failed(Stage::Leadership);
        // One line per error, not per attempt.
        if error != trouble {
            context.log.error(format!("Cannot obtain leadership: {error}"));
            trouble = error;
        }
    };
    loop {
        let context = cycle.context();
        let created = cycle.unless_over(Session::create(cycle, &context)).await?;
        let mut session = match created {
            Ok(session) => session,
            Err(e) => {
                report(e.to_string());
                // The login's token was deleted or has expired; a new login follows.
                if e.is_unknown_token() {
                    cycle.token_refused().notify_one();
                }
                cycle.unless_over(sleep(TROUBLED)).await?;
                continue;
            }
        };
        let contender = Contender { cycle, health, metrics, session: &session.id };
        let attempt = cycle.unless_over(session.lease.guard(contender.acquire())).await;
        match attempt {
            None => {
                let _ = timeout(RENEW_PATIENCE, session.give_up(&cycle.context(), None)).await;
                return None;
            }
            // The session expired during the wait.
            Some(None) => {}
            Some(Some(Err(e))) => {
                report(e);
                let _ = timeout(RENEW_PATIENCE, session.give_up(&cycle.context(), None)).await;
                cycle.unless_over(sleep(TROUBLED)).await?;
            }
            Some(Some(Ok(inherited))) => {
                session.inherited = inherited;
                *session.said.get_mut().unwrap_or_else(PoisonError::into_inner) = inherited;
                session.watcher = Some(tokio::spawn(watch(
                    cycle.contexts(),
                    context.settings.lock_key.clone(),
                    session.id.clone(),
                    Arc::clone(&session.holder),
                )));
                return Some(session);
            }
        }
    }
}

/// An agent that waits for the lock.
struct Contender<'a> {
    cycle: &'a Cycle,
    health: &'a watch::Sender<Health>,
    metrics: &'a Metrics,
    session: &'a str,
}

impl Contender<'_> {
    /// Waits for the lock and takes it; returns the state of saving of its previous holder.
    async fn acquire(&self) -> Result<Option<Saving>, String> {
        let said = |e: ClientError| e.to_string();
        let mut index = None;
        loop {
            // The token may have changed.
            let context = self.cycle.context();
            let (client, key) = (&context.client, &context.settings.lock_key);
            let (entry, now) =
                client.key(key, &KeyQuery { index, wait: WATCH }).await.map_err(said)?;
            index = None;
            let holder = entry.as_ref().and_then(|entry| Holder::of(&entry.value));
            match entry {
                Some(KeyEntry { flags, .. }) if flags != LOCK_FLAGS => {
                    return Err(format!(
                        "the key {key} exists and is not a lock; use another -lock-key"
                    ));
                }
                Some(KeyEntry { session: Some(session), .. }) => {
                    if holder.as_ref().is_some_and(Holder::has_ended) {
                        self.take_over(&context, &session, holder).await.map_err(said)?;
                        continue;
                    }
                    self.metrics.another_leads();
                    let saving = holder.and_then(|holder| holder.saving());
                    self.health.send_if_modified(|health| {
                        let before = health.clone();
                        health.another_leads(saving);
                        *health != before
                    });
                    index = Some(now).filter(|now| *now > 0);
                    continue;
                }
                _ => {}
            }
            let saving = holder.and_then(|holder| holder.saving());
            let text = Holder::own(saving).to_text();
            if client.acquire(key, self.session, LOCK_FLAGS, text).await.map_err(said)? {
                return Ok(saving);
            }
            sleep(TRY_AGAIN).await;
        }
    }

    /// Takes the lock over from a process that has ended, such as a killed earlier run of this
    /// agent: nothing writes under it any more, so waiting is unnecessary.
    async fn take_over(
        &self,
        context: &Context,
        session: &str,
        holder: Option<Holder>,
    ) -> Result<(), ClientError> {
        let (client, key) = (&context.client, &context.settings.lock_key);
        let text = holder.map_or_else(String::new, |holder| holder.to_text());
        client.release(key, session, LOCK_FLAGS, text).await?;
        client.destroy_session(session).await?;
        context
            .log
            .info("Took over the lock of an agent on this machine that ended without releasing it");
        Ok(())
    }
}

//! Who leads: whoever holds the lock key with a Consul session.

use super::context::Context;
use super::cycle::{Cycle, Order};
use super::metrics::Metrics;
use crate::client::{Client, ClientError, KeyQuery, SessionRequest};
use crate::go_duration;
use crate::store::{Lease, LeaseHolder};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// How long a session lives without being renewed. The shortest Consul takes; its servers wait
/// twice as long before they end one, we don't.
pub const SESSION_TTL: Duration = Duration::from_secs(10);
/// How long after a session died nobody gets its lock. Together with what servers wait: half a
/// minute at most until another agent leads.
pub const LOCK_DELAY: Duration = Duration::from_secs(10);

/// Between two renewals: two may fail before the session is given up.
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// How long a renewal may take before it is tried anew.
const RENEW_PATIENCE: Duration = Duration::from_secs(3);
/// How long servers may hold back the answer of who holds the lock.
const WATCH: Duration = Duration::from_secs(30);
/// Between two tries while nobody may have the lock yet.
const TRY_AGAIN: Duration = Duration::from_millis(500);
/// Between two tries while Consul can't be asked.
const TROUBLED: Duration = Duration::from_secs(2);

/// What Consul's own lock commands set, to tell a lock from other keys.
const LOCK_FLAGS: u64 = 0x2ddc_cbc0_58a5_0c18;

/// A session that is kept alive until this is dropped.
pub(super) struct Session {
    id: String,
    client: Client,
    lease: Lease,
    holder: Arc<LeaseHolder>,
    keeper: JoinHandle<()>,
    watcher: Option<JoinHandle<()>>,
}

impl Session {
    async fn create(context: &Context) -> Result<Self, ClientError> {
        let request = SessionRequest {
            name: context.settings.service.clone(),
            node: None,
            ttl: go_duration(SESSION_TTL),
            behavior: "release".to_owned(),
            lock_delay: go_duration(LOCK_DELAY),
        };
        let begun = Instant::now();
        let client = context.client.clone();
        let id = client.create_session(&request).await?;
        let (holder, lease) = Lease::until(begun, SESSION_TTL);
        let holder = Arc::new(holder);
        let keeper = tokio::spawn(keep(client.clone(), id.clone(), Arc::clone(&holder)));
        Ok(Self { id, client, lease, holder, keeper, watcher: None })
    }

    /// The right to write; it holds once the lock is held, and no longer than that.
    pub(super) const fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Ends the right to write at once; whatever runs under it stops.
    pub(super) fn end(&self) {
        self.holder.end();
    }

    /// Gives up the lock and ends the session, so that another agent may lead at once.
    pub(super) async fn give_up(mut self, lock_key: &str) -> Result<(), ClientError> {
        self.end();
        self.stop();
        let released = self.client.release(lock_key, &self.id, LOCK_FLAGS).await;
        let destroyed = self.client.destroy_session(&self.id).await;
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

/// Renews a session for as long as there is one. If Consul can't be reached the lease runs out by
/// itself, before servers end the session.
async fn keep(client: Client, id: String, holder: Arc<LeaseHolder>) {
    loop {
        sleep(RENEW_EVERY).await;
        let begun = Instant::now();
        match timeout(RENEW_PATIENCE, client.renew_session(&id)).await {
            Ok(Ok(Some(_))) => holder.renew(begun, SESSION_TTL),
            Ok(Ok(None)) => return holder.end(),
            Ok(Err(_)) | Err(_) => {}
        }
    }
}

/// Ends the lease when the key is somebody else's, or nobody's: an operator may have taken it away.
async fn watch(client: Client, key: String, id: String, holder: Arc<LeaseHolder>) {
    let mut index = None;
    loop {
        let ask = KeyQuery { index, wait: WATCH };
        match client.key(&key, &ask).await {
            Ok((entry, now)) => {
                if entry.and_then(|entry| entry.session).as_deref() != Some(&id) {
                    return holder.end();
                }
                // An index that falls says that the servers' state is another one.
                index = Some(now).filter(|now| *now > 0 && index.is_none_or(|last| *now >= last));
            }
            Err(_) => sleep(TROUBLED).await,
        }
    }
}

/// Waits until this agent leads. `None` if the cycle ends first.
pub(super) async fn contend(cycle: &Cycle, metrics: &Metrics) -> Option<Session> {
    let mut trouble = String::new();
    let mut report = |error: String| {
        let context = cycle.context();
        metrics.obstructed();
        // One line for each trouble, not one for each try.
        if error != trouble {
            context.log.error(format!("Leadership can't be obtained: {error}"));
            trouble = error;
        }
    };
    loop {
        let context = cycle.context();
        let created = cycle.unless_over(Session::create(&context)).await?;
        let session = match created {
            Ok(session) => session,
            Err(e) => {
                report(e.to_string());
                cycle.unless_over(sleep(TROUBLED)).await?;
                // The token of the login was deleted or has expired: the next cycle gets another.
                let is_gone = e.status() == Some(403) && e.to_string().contains("ACL not found");
                if context.settings.login.is_some() && is_gone {
                    cycle.order(Order::Wind);
                }
                continue;
            }
        };
        let attempt =
            cycle.unless_over(session.lease.guard(acquire(&context, &session.id, metrics))).await;
        match attempt {
            None => {
                let _ = timeout(RENEW_PATIENCE, session.give_up(&context.settings.lock_key)).await;
                return None;
            }
            // The session ran out while we waited.
            Some(None) => {}
            Some(Some(Err(e))) => {
                report(e);
                let _ = timeout(RENEW_PATIENCE, session.give_up(&context.settings.lock_key)).await;
                cycle.unless_over(sleep(TROUBLED)).await?;
            }
            Some(Some(Ok(()))) => {
                let mut session = session;
                session.watcher = Some(tokio::spawn(watch(
                    context.client.clone(),
                    context.settings.lock_key.clone(),
                    session.id.clone(),
                    Arc::clone(&session.holder),
                )));
                return Some(session);
            }
        }
    }
}

/// Waits for the lock and takes it.
async fn acquire(context: &Context, session: &str, metrics: &Metrics) -> Result<(), String> {
    let key = &context.settings.lock_key;
    let client = &context.client;
    let said = |e: ClientError| e.to_string();
    let mut index = None;
    loop {
        let (entry, now) = client.key(key, &KeyQuery { index, wait: WATCH }).await.map_err(said)?;
        match entry {
            Some(entry) if entry.session.is_some() => {
                metrics.another_leads();
                index = Some(now).filter(|now| *now > 0);
                continue;
            }
            Some(entry) if entry.flags != LOCK_FLAGS => {
                return Err(format!(
                    "the key {key} is there and is no lock; give another -lock-key"
                ));
            }
            _ => {}
        }
        index = None;
        if client.acquire(key, session, LOCK_FLAGS, holder_text()).await.map_err(said)? {
            return Ok(());
        }
        sleep(TRY_AGAIN).await;
    }
}

/// What the lock's value says to people: where its holder runs.
fn holder_text() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("snapscope agent, process {} on {}", std::process::id(), host.trim())
}

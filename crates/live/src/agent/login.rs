//! Logs in again before the token of the last login expires, or after it was deleted.

use super::context::Context;
use super::cycle::Cycle;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, sleep_until};

/// Pause between attempts, and minimum time between logins.
const PAUSE: Duration = Duration::from_secs(5);

/// Provides the cycle's tasks with a new token in time; leadership and registration are kept.
/// Earlier tokens remain valid for requests that still use them, and are added to `earlier`, to be
/// returned at the end. Never returns.
pub(super) async fn keep(cycle: &Cycle, earlier: &mut Vec<Arc<Context>>) {
    let refused = cycle.token_refused();
    let mut trouble = String::new();
    loop {
        let Some(token) = cycle.context().token.clone() else {
            // Another configuration starts another cycle.
            return std::future::pending().await;
        };
        let due = async {
            match token.renewal() {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = due => {}
            () = refused.notified() => {}
        }
        let context = cycle.context();
        let Some(login) = &context.settings.login else { continue };
        match context.logged_in(login).await {
            Ok(new) => {
                trouble.clear();
                // The configuration may have been reloaded in the meantime.
                let new =
                    Context { client: new.client, token: new.token, ..(*cycle.context()).clone() };
                new.log.info(format!("Logged in again with auth method {}", login.method));
                cycle.replace(new);
                earlier.push(context);
                // A report during the login was about the old token.
                sleep(PAUSE).await;
                let _ = tokio::time::timeout(Duration::ZERO, refused.notified()).await;
            }
            Err(e) => {
                if e.to_string() != trouble {
                    trouble = e.to_string();
                    context.log.error(format!("Logging in again failed: {trouble}"));
                }
                sleep(PAUSE).await;
                refused.notify_one();
            }
        }
    }
}

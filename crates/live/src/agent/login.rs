//! Logging in again before the token of the last login expires, or when it is gone.

use super::context::Context;
use super::cycle::Cycle;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, sleep_until};

/// Between two tries, and between two logins in any case.
const PAUSE: Duration = Duration::from_secs(5);

/// Gives whoever works in the cycle a new token in time; leadership and registration stay. The tokens
/// before are good for what still goes on with them, and are added to `earlier`, to be given back in the
/// end. Returns never.
pub(super) async fn keep(cycle: &Cycle, earlier: &mut Vec<Arc<Context>>) {
    let refused = cycle.token_refused();
    let mut trouble = String::new();
    loop {
        let Some(token) = cycle.context().token.clone() else {
            // Another configuration begins another cycle.
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
                // The configuration may have been read again meanwhile.
                let new =
                    Context { client: new.client, token: new.token, ..(*cycle.context()).clone() };
                new.log.info(format!("Logged in again by auth method {}", login.method));
                cycle.replace(new);
                earlier.push(context);
                // One that was reported while this went on was the last token.
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

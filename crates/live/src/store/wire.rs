//! How patient requests to buckets are.

use super::StoreError;
use crate::client::use_ring;
use crate::settings::Environment;
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use std::time::Duration;

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long one request may take with the bytes of its answer, 8 MiB at most: 30 kB/s have to do.
const REQUEST: Duration = Duration::from_secs(300);
/// How often a request is sent again: an agent that takes a snapshot has another try later, and
/// must not hold up the next one.
const RETRIES: usize = 4;
const RETRY_FOR: Duration = Duration::from_secs(30);

/// How a client behaves.
pub(super) fn client_options(allow_http: bool) -> Result<ClientOptions, StoreError> {
    use_ring();
    let agent = concat!("snapscope/", env!("CARGO_PKG_VERSION"));
    let agent = agent.parse().map_err(|e| StoreError::Options(format!("{agent}: {e}")))?;
    Ok(ClientOptions::new()
        .with_user_agent(agent)
        .with_connect_timeout(CONNECT)
        .with_timeout(REQUEST)
        .with_allow_http(allow_http))
}

/// When a request is sent again.
pub(super) fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(10),
            base: 2.0,
        },
        max_retries: RETRIES,
        retry_timeout: RETRY_FOR,
    }
}

/// Whether a variable says yes.
pub(super) fn is_option(environment: &Environment, name: &str) -> bool {
    environment.text(&[name]).is_some_and(|value| matches!(&*value, "1" | "true" | "TRUE" | "True"))
}

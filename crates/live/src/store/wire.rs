//! Timeouts of requests to buckets.

use super::StoreError;
use crate::client::use_ring;
use crate::settings::Environment;
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use std::time::Duration;

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Timeout of one request with its answer of at most 8 MiB: 30 kB/s have to suffice.
const REQUEST: Duration = Duration::from_secs(300);
/// Number of retries. The agent retries a failed snapshot later, and must not delay the next one.
const RETRIES: usize = 4;
const RETRY_FOR: Duration = Duration::from_secs(30);

/// The options of a client.
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

/// The retry policy.
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

/// Whether a variable is true.
pub(super) fn is_option(environment: &Environment, name: &str) -> bool {
    environment.text(&[name]).is_some_and(|value| matches!(&*value, "1" | "true" | "TRUE" | "True"))
}

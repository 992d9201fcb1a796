//! `/v1/status`.

use super::Client;
use super::error::ClientError;
use super::request::{Query, Request};

impl Client {
    /// Returns the leader's address, or `None` if there is none. Also shows whether the agent can
    /// be reached.
    ///
    /// # Errors
    /// As for every request: no connection, silence, a refusal.
    pub async fn leader(&self) -> Result<Option<String>, ClientError> {
        let leader: String = self.json(&Request::get("v1/status/leader", Query::default())).await?;
        Ok(Some(leader).filter(|address| !address.is_empty()))
    }
}

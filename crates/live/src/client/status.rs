//! `/v1/status`.

use super::Client;
use super::error::ClientError;
use super::request::{Query, Request};

impl Client {
    /// The leader's address, or `None` while there is none. Tells as well whether the agent can be
    /// reached at all.
    ///
    /// # Errors
    /// As every request: no connection, silence, a refusal.
    pub async fn leader(&self) -> Result<Option<String>, ClientError> {
        let leader: String = self.json(&Request::get("v1/status/leader", Query::default())).await?;
        Ok(Some(leader).filter(|address| !address.is_empty()))
    }
}

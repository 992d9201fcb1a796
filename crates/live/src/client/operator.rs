//! `/v1/operator`: the servers and their indexes.

use super::Client;
use super::error::ClientError;
use super::request::{Query, Request};
use serde::Deserialize;

/// A server, as the leader knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ServerHealth {
    /// Its node's name.
    pub name: String,
    /// Its Consul version.
    #[serde(default)]
    pub version: String,
    /// Whether it leads.
    pub leader: bool,
    /// The last Raft index it has.
    pub last_index: u64,
    /// Whether it is healthy.
    pub healthy: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Health {
    #[serde(default)]
    servers: Option<Vec<ServerHealth>>,
}

/// The status of the endpoint if some servers are unhealthy; the answer is the same.
const SOME_ARE_ILL: u16 = 429;

impl Client {
    /// Returns the servers as the leader sees them, updated every two seconds. Needs
    /// `operator:read` if ACLs are enabled.
    ///
    /// # Errors
    /// As for every request; 500 without a leader.
    pub async fn servers(&self) -> Result<Vec<ServerHealth>, ClientError> {
        let request = Request::get("v1/operator/autopilot/health", Query::default());
        let health: Health = self.json(&request.also_good(SOME_ARE_ILL)).await?;
        Ok(health.servers.unwrap_or_default())
    }
}

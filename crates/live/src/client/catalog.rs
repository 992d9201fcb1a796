//! `/v1/agent/services`, `/v1/agent/checks` and `/v1/health`: what is registered.

use super::Client;
use super::agent::CheckStatus;
use super::error::ClientError;
use super::kv::escaped;
use super::request::{Query, Request};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A check, as an agent or the catalog knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NodeCheck {
    /// The node's name.
    #[serde(default)]
    pub node: String,
    /// Its ID.
    #[serde(rename = "CheckID")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: CheckStatus,
    /// Its last output.
    #[serde(default)]
    pub output: String,
    /// The ID of the service it belongs to; empty for the node's own.
    #[serde(rename = "ServiceID", default)]
    pub service_id: String,
    /// That service's name.
    #[serde(default)]
    pub service_name: String,
}

impl Client {
    /// The checks of the agent itself, by ID.
    ///
    /// # Errors
    /// As for every request.
    pub async fn agent_checks(&self) -> Result<BTreeMap<String, NodeCheck>, ClientError> {
        self.json(&Request::get("v1/agent/checks", Query::default())).await
    }

    /// The checks of all instances of a service in the catalog.
    ///
    /// # Errors
    /// As for every request.
    pub async fn service_checks(&self, service: &str) -> Result<Vec<NodeCheck>, ClientError> {
        let path = format!("v1/health/checks/{}", escaped(service));
        self.json(&Request::get(path, Query::default())).await
    }
}

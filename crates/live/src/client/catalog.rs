//! `/v1/health`: the checks of services, and the cluster of the agent.

use super::Client;
use super::agent::CheckStatus;
use super::error::ClientError;
use super::request::{Query, Repeat, Request};
use serde::Deserialize;
use snapscope_analyze::ClusterName;
use snapscope_analyze::api::path::percent_encoded;

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

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Roots {
    /// The cluster's ID, and a suffix.
    #[serde(default)]
    trust_domain: String,
}

impl Client {
    /// The cluster of this agent, as its snapshots name it. Unknown parts are missing: a cluster
    /// without Connect has no ID, and reading the datacenter needs `agent:read` if ACLs are
    /// enabled.
    pub async fn cluster_name(&self) -> ClusterName {
        let request = Request::get("v1/connect/ca/roots", Query::default());
        // Without Connect the answer is always an error.
        let request = Request { repeat: Repeat::Unsent, ..request };
        let roots = self.json::<Roots>(&request).await;
        let id =
            roots.ok().and_then(|roots| Some(roots.trust_domain.split_once('.')?.0.to_owned()));
        let datacenter = self.agent_self().await.ok().map(|agent| agent.config.datacenter);
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        ClusterName { datacenter: some(datacenter), id: some(id) }
    }

    /// The checks of all instances of a service in the catalog.
    ///
    /// # Errors
    /// As for every request.
    pub async fn service_checks(&self, service: &str) -> Result<Vec<NodeCheck>, ClientError> {
        let path = format!("v1/health/checks/{}", percent_encoded(service));
        self.json(&Request::get(path, Query::default())).await
    }
}

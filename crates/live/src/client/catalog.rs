//! `/v1/connect/ca/roots`: the cluster of the agent.

use super::Client;
use super::request::{Query, Repeat, Request};
use serde::Deserialize;
use snapscope_analyze::ClusterName;

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
}

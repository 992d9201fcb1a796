//! `/v1/agent`: facts about the agent, and the services and checks registered with it.

use super::Client;
use super::error::ClientError;
use super::request::{Query, Repeat, Request};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize};
use snapscope_analyze::api::path::percent_encoded;
use std::collections::BTreeMap;

/// Facts about the agent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AgentSelf {
    /// Its configuration.
    pub config: AgentConfig,
    /// Its statistics, by area.
    #[serde(default)]
    pub stats: BTreeMap<String, BTreeMap<String, String>>,
}

impl AgentSelf {
    /// Whether it leads the servers of its datacenter.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        let leader = self.stats.get("consul").and_then(|consul| consul.get("leader"));
        leader.is_some_and(|is| is == "true")
    }
}

/// An agent's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AgentConfig {
    /// Its datacenter.
    pub datacenter: String,
    /// The primary datacenter for ACLs.
    #[serde(default)]
    pub primary_datacenter: String,
    /// Its node's name.
    pub node_name: String,
    /// Its node's ID.
    #[serde(rename = "NodeID", default)]
    pub node_id: String,
    /// Its version, such as `1.8.7`.
    pub version: String,
    /// Whether it is a server.
    pub server: bool,
}

/// A service to register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ServiceRegistration {
    /// Its name.
    pub name: String,
    /// Its ID; the name if it is `None`.
    #[serde(rename = "ID", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Metadata.
    pub meta: BTreeMap<String, String>,
    /// Its checks.
    pub checks: Vec<CheckRegistration>,
}

/// A TTL check to register. Durations are Consul's, such as `72h`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CheckRegistration {
    /// Its ID.
    #[serde(rename = "CheckID")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// The ID of its service, if it is registered separately.
    #[serde(rename = "ServiceID", skip_serializing_if = "Option::is_none")]
    pub service_id: Option<String>,
    /// Time without an update after which it becomes critical.
    #[serde(rename = "TTL")]
    pub ttl: String,
    /// Its status until the first update.
    pub status: CheckStatus,
    /// Time in a critical state after which its service is removed.
    #[serde(rename = "DeregisterCriticalServiceAfter", skip_serializing_if = "Option::is_none")]
    pub deregister_after: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AloneCheck<'a> {
    #[serde(rename = "ID")]
    id: &'a str,
    name: &'a str,
    #[serde(rename = "ServiceID", skip_serializing_if = "Option::is_none")]
    service_id: Option<&'a str>,
    #[serde(rename = "TTL")]
    ttl: &'a str,
    status: CheckStatus,
    #[serde(rename = "DeregisterCriticalServiceAfter", skip_serializing_if = "Option::is_none")]
    deregister_after: Option<&'a str>,
}

/// A service that is registered with the agent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RegisteredService {
    /// Its ID.
    #[serde(rename = "ID")]
    pub id: String,
    /// Its name.
    pub service: String,
    /// Metadata.
    #[serde(default, deserialize_with = "or_default")]
    pub meta: BTreeMap<String, String>,
}

/// A check that is registered with the agent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RegisteredCheck {
    /// Its name.
    pub name: String,
    /// `passing`, `warning` or `critical`.
    pub status: String,
    /// The ID of the service it belongs to.
    #[serde(rename = "ServiceID", default)]
    pub service_id: String,
}

/// Go writes an empty map as null.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// The status of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// Everything works.
    Passing,
    /// Something does not work.
    Warning,
    /// It does not work.
    Critical,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CheckUpdate<'a> {
    status: CheckStatus,
    output: &'a str,
}

impl Client {
    /// Returns facts about the agent. Needs `agent:read` if ACLs are enabled.
    ///
    /// # Errors
    /// As for every request.
    pub async fn agent_self(&self) -> Result<AgentSelf, ClientError> {
        self.json(&Request::get("v1/agent/self", Query::default())).await
    }

    /// Registers a service, or changes it.
    ///
    /// # Errors
    /// As for every request.
    pub async fn register_service(&self, service: &ServiceRegistration) -> Result<(), ClientError> {
        let query = Query::default();
        let request = Request::json("v1/agent/service/register", query, service, Repeat::Safe)?;
        self.bytes(&request).await.map(drop)
    }

    /// The services registered with the agent that the token may read, by ID.
    ///
    /// # Errors
    /// As for every request.
    pub async fn services(&self) -> Result<BTreeMap<String, RegisteredService>, ClientError> {
        self.json(&Request::get("v1/agent/services", Query::default())).await
    }

    /// The checks registered with the agent that the token may read, by ID.
    ///
    /// # Errors
    /// As for every request.
    pub async fn checks(&self) -> Result<BTreeMap<String, RegisteredCheck>, ClientError> {
        self.json(&Request::get("v1/agent/checks", Query::default())).await
    }

    /// Removes a service and its checks.
    ///
    /// # Errors
    /// As for every request.
    pub async fn deregister_service(&self, id: &str) -> Result<(), ClientError> {
        self.put_empty(&format!("v1/agent/service/deregister/{}", percent_encoded(id))).await
    }

    /// Registers a check, or changes it.
    ///
    /// # Errors
    /// As for every request.
    pub async fn register_check(&self, check: &CheckRegistration) -> Result<(), ClientError> {
        // The same fields as for a check in a service's registration, except for the ID's name.
        let body = AloneCheck {
            id: &check.id,
            name: &check.name,
            service_id: check.service_id.as_deref(),
            ttl: &check.ttl,
            status: check.status,
            deregister_after: check.deregister_after.as_deref(),
        };
        let query = Query::default();
        let request = Request::json("v1/agent/check/register", query, &body, Repeat::Safe)?;
        self.bytes(&request).await.map(drop)
    }

    /// Removes a check.
    ///
    /// # Errors
    /// As for every request.
    pub async fn deregister_check(&self, id: &str) -> Result<(), ClientError> {
        self.put_empty(&format!("v1/agent/check/deregister/{}", percent_encoded(id))).await
    }

    /// Updates a TTL check. An agent that does not know the check (it lost its registrations)
    /// refuses with 404, older ones with 500.
    ///
    /// # Errors
    /// As for every request.
    pub async fn update_check(
        &self,
        id: &str,
        status: CheckStatus,
        output: &str,
    ) -> Result<(), ClientError> {
        let path = format!("v1/agent/check/update/{}", percent_encoded(id));
        let body = CheckUpdate { status, output };
        // The caller retries: an unknown check is a 500 here, and waiting does not help.
        let request = Request::json(path, Query::default(), &body, Repeat::Unsent)?;
        self.bytes(&request).await.map(drop)
    }

    async fn put_empty(&self, path: &str) -> Result<(), ClientError> {
        let request = Request::put(path, Query::default(), Bytes::new(), Repeat::Safe);
        self.bytes(&request).await.map(drop)
    }
}

//! `/v1/session`.

use super::Client;
use super::error::ClientError;
use super::request::{Query, Repeat, Request};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use snapscope_analyze::api::path::percent_encoded;

/// A session to create. Durations are Consul's, such as `15s`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SessionRequest {
    /// Its name, for people.
    pub name: String,
    /// The node it belongs to; the agent's own if it is `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Its lifetime without renewal; servers keep it up to twice as long.
    #[serde(rename = "TTL")]
    pub ttl: String,
    /// `release` or `delete`: what happens to the keys it holds.
    pub behavior: String,
    /// How long after its end nobody else gets its locks.
    pub lock_delay: String,
}

/// An existing session.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SessionEntry {
    /// Its ID.
    #[serde(rename = "ID")]
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// The node it belongs to.
    pub node: String,
    /// Its lifetime without renewal.
    #[serde(rename = "TTL", default)]
    pub ttl: String,
}

#[derive(Deserialize)]
struct Created {
    #[serde(rename = "ID")]
    id: String,
}

impl Client {
    /// Creates a session and returns its ID.
    ///
    /// # Errors
    /// As for every request. Never sent twice: each request would create one.
    pub async fn create_session(&self, session: &SessionRequest) -> Result<String, ClientError> {
        let request =
            Request::json("v1/session/create", Query::default(), session, Repeat::Unsent)?;
        let created: Created = self.json(&request).await?;
        Ok(created.id)
    }

    /// Renews a session; `None` if it no longer exists.
    ///
    /// # Errors
    /// As for every request.
    pub async fn renew_session(&self, id: &str) -> Result<Option<SessionEntry>, ClientError> {
        let path = format!("v1/session/renew/{}", percent_encoded(id));
        let request = Request::put(path, Query::default(), Bytes::new(), Repeat::Safe);
        match self.json::<Vec<SessionEntry>>(&request).await {
            Ok(entries) => Ok(entries.into_iter().next()),
            Err(ClientError::Status { status: 404, .. }) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Destroys a session, which releases its locks.
    ///
    /// # Errors
    /// As for every request; a session that has already ended is not an error.
    pub async fn destroy_session(&self, id: &str) -> Result<(), ClientError> {
        let path = format!("v1/session/destroy/{}", percent_encoded(id));
        let request = Request::put(path, Query::default(), Bytes::new(), Repeat::Safe);
        self.bytes(&request).await.map(drop)
    }
}

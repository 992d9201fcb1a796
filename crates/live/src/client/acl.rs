//! `/v1/acl/login` and `/v1/acl/logout`.

use super::Client;
use super::error::ClientError;
use super::request::{Query, Repeat, Request};
use super::secret::Secret;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The input of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The auth method.
    pub auth_method: String,
    /// The bearer token, such as a Kubernetes service account's JWT.
    pub bearer_token: Secret,
    /// Metadata for the new token's description.
    pub meta: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LoginBody<'a> {
    auth_method: &'a str,
    bearer_token: &'a str,
    meta: &'a BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct LoginAnswer {
    #[serde(rename = "AccessorID")]
    accessor: String,
    #[serde(rename = "SecretID")]
    secret: String,
    #[serde(rename = "CreateTime", default)]
    created: Option<String>,
    #[serde(rename = "ExpirationTime", default)]
    expires: Option<String>,
}

/// A token from a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginToken {
    /// Its accessor, which may be shown.
    pub accessor: String,
    /// Its secret.
    pub secret: Secret,
    /// Its lifetime from its creation; `None` if it does not expire.
    pub lifetime: Option<Duration>,
}

impl LoginAnswer {
    /// Both times are the server's, so its clock may differ from ours.
    fn lifetime(&self) -> Option<Duration> {
        let expires: Timestamp = self.expires.as_deref()?.parse().ok()?;
        let created: Timestamp = self.created.as_deref()?.parse().ok()?;
        Duration::try_from(expires.duration_since(created)).ok()
    }
}

impl Client {
    /// Logs in; return the token with [`logout`](Self::logout).
    ///
    /// # Errors
    /// As for every request; 403 if the method does not accept the bearer token or no binding rule
    /// matches. Never sent twice: each request would create a token.
    pub async fn login(&self, login: &Login) -> Result<LoginToken, ClientError> {
        let body = LoginBody {
            auth_method: &login.auth_method,
            bearer_token: login.bearer_token.reveal(),
            meta: &login.meta,
        };
        let request =
            Request::json("v1/acl/login", Query::default(), &body, Repeat::Unsent)?.post();
        // Sent without a token: only the bearer token counts.
        let answer: LoginAnswer = self.with_token(None)?.json(&request).await?;
        let lifetime = answer.lifetime();
        let secret = Secret::new(answer.secret);
        Ok(LoginToken { accessor: answer.accessor, secret, lifetime })
    }

    /// Destroys this client's token from a login.
    ///
    /// # Errors
    /// As for every request.
    pub async fn logout(&self) -> Result<(), ClientError> {
        let path = "v1/acl/logout";
        let request = Request::put(path, Query::default(), Bytes::new(), Repeat::Unsent).post();
        self.bytes(&request).await.map(drop)
    }
}

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

/// What an auth method wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The auth method.
    pub auth_method: String,
    /// What it trusts, such as a Kubernetes service account's JWT.
    pub bearer_token: Secret,
    /// Metadata the new token's description gets.
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

/// A token that a login gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginToken {
    /// Its accessor, which may be shown.
    pub accessor: String,
    /// Its secret.
    pub secret: Secret,
    /// How long it is good from the time it was made; `None` if it doesn't expire.
    pub lifetime: Option<Duration>,
}

impl LoginAnswer {
    /// Both times are the server's, so that its clock may be another one than ours.
    fn lifetime(&self) -> Option<Duration> {
        let expires: Timestamp = self.expires.as_deref()?.parse().ok()?;
        let created: Timestamp = self.created.as_deref()?.parse().ok()?;
        Duration::try_from(expires.duration_since(created)).ok()
    }
}

impl Client {
    /// Logs in; the token is to be given back by [`logout`](Self::logout).
    ///
    /// # Errors
    /// As every request; 403 when the method doesn't accept the bearer token or no binding rule
    /// fits. Never sent twice: each would make a token.
    pub async fn login(&self, login: &Login) -> Result<LoginToken, ClientError> {
        let body = LoginBody {
            auth_method: &login.auth_method,
            bearer_token: login.bearer_token.reveal(),
            meta: &login.meta,
        };
        let request =
            Request::json("v1/acl/login", Query::default(), &body, Repeat::Unsent)?.post();
        // No token goes along: the bearer token is all that counts.
        let answer: LoginAnswer = self.with_token(None)?.json(&request).await?;
        let lifetime = answer.lifetime();
        let secret = Secret::new(answer.secret);
        Ok(LoginToken { accessor: answer.accessor, secret, lifetime })
    }

    /// Ends the life of this client's token, which a login gave.
    ///
    /// # Errors
    /// As every request.
    pub async fn logout(&self) -> Result<(), ClientError> {
        let path = "v1/acl/logout";
        let request = Request::put(path, Query::default(), Bytes::new(), Repeat::Unsent).post();
        self.bytes(&request).await.map(drop)
    }
}

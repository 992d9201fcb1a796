//! `/v1/kv`, as far as a lock needs it.

use super::Client;
use super::error::ClientError;
use super::request::{Query, Repeat, Request, parse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::Deserialize;
use snapscope_analyze::api::path::percent_encoded;
use std::time::Duration;

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: Vec<u8>,
    /// Its flags.
    pub flags: u64,
    /// The session that holds it, if one does.
    pub session: Option<String>,
    /// How often it was locked.
    pub lock_index: u64,
    /// When it changed.
    pub modify_index: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stored {
    key: String,
    #[serde(default)]
    value: Option<String>,
    flags: u64,
    #[serde(default)]
    session: Option<String>,
    lock_index: u64,
    modify_index: u64,
}

/// How to request a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyQuery {
    /// Answer only once the key has changed after this index, or `wait` is over.
    pub index: Option<u64>,
    /// Maximum waiting time.
    pub wait: Duration,
}

/// The time that servers add to a wait, at most a sixteenth of it, with a margin.
const WAIT_SLACK: Duration = Duration::from_secs(30);

impl Client {
    /// Returns a key, and the index to wait from; `None` if the key does not exist.
    ///
    /// # Errors
    /// As for every request: no connection, silence, a refusal.
    pub async fn key(
        &self,
        key: &str,
        ask: &KeyQuery,
    ) -> Result<(Option<KeyEntry>, u64), ClientError> {
        let mut query = Query::default();
        let mut patience = WAIT_SLACK;
        if let Some(index) = ask.index {
            query = query
                .with("index", index.to_string())
                .with("wait", format!("{}ms", ask.wait.as_millis()));
            patience += ask.wait + ask.wait / 8;
        }
        let request = Request::get(path(key), query).waiting(patience);
        let (headers, bytes) = match self.bytes(&request).await {
            Ok(answer) => answer,
            // Consul answers 404 without a text for a missing key.
            Err(ClientError::Status { status: 404, message, .. }) if message.is_empty() => {
                return Ok((None, 0));
            }
            Err(e) => return Err(e),
        };
        let index = headers
            .get("X-Consul-Index")
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .unwrap_or(0);
        let stored: Vec<Stored> = parse(&request, &bytes)?;
        let Some(stored) = stored.into_iter().next() else { return Ok((None, index)) };
        let value =
            BASE64.decode(stored.value.unwrap_or_default()).map_err(|_| ClientError::Answer {
                method: "GET".to_owned(),
                path: request.path.clone(),
                message: "the value is not base64".to_owned(),
            })?;
        let entry = KeyEntry {
            key: stored.key,
            value,
            flags: stored.flags,
            session: stored.session.filter(|session| !session.is_empty()),
            lock_index: stored.lock_index,
            modify_index: stored.modify_index,
        };
        Ok((Some(entry), index))
    }

    /// Locks a key for a session and sets its value; false if another session holds it.
    ///
    /// # Errors
    /// As for every request; 500 if the session does not exist.
    pub async fn acquire(
        &self,
        key: &str,
        session: &str,
        flags: u64,
        value: impl Into<Bytes>,
    ) -> Result<bool, ClientError> {
        self.lock("acquire", key, session, flags, value.into()).await
    }

    /// Unlocks a key and sets its flags and value; false if this session didn't hold it.
    ///
    /// # Errors
    /// As for every request.
    pub async fn release(
        &self,
        key: &str,
        session: &str,
        flags: u64,
        value: impl Into<Bytes>,
    ) -> Result<bool, ClientError> {
        self.lock("release", key, session, flags, value.into()).await
    }

    async fn lock(
        &self,
        verb: &'static str,
        key: &str,
        session: &str,
        flags: u64,
        value: Bytes,
    ) -> Result<bool, ClientError> {
        let query = Query::default().with(verb, session).with("flags", flags.to_string());
        // Both may be repeated: the session that holds a key may acquire it again.
        self.json(&Request::put(path(key), query, value, Repeat::Safe)).await
    }
}

fn path(key: &str) -> String {
    format!("v1/kv/{}", percent_encoded(key))
}

//! Requests that change single objects. They are sent once, because only the caller knows what
//! repeating them would do.

use super::Client;
use super::error::ClientError;
use super::request::{Query, Request, parse};
use bytes::Bytes;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use snapscope_analyze::api::LARGEST_VALUE;
use snapscope_analyze::api::rights::Right;

/// The answer to a transaction.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Transaction {
    /// The objects that its operations wrote or read; empty if it was rolled back.
    #[serde(rename = "Results", default)]
    results: Option<Vec<Map<String, Value>>>,
    #[serde(rename = "Errors", default)]
    errors: Option<Vec<OperationError>>,
}

/// Why a transaction was rolled back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OperationError {
    /// The position of the operation.
    #[serde(rename = "OpIndex")]
    pub operation: usize,
    /// The server's words.
    #[serde(rename = "What")]
    pub what: String,
}

impl Transaction {
    /// What its operations wrote or read, by the name of the table, such as `KV`.
    pub fn of<'t>(&'t self, table: &'t str) -> impl Iterator<Item = &'t Map<String, Value>> {
        self.results.iter().flatten().filter_map(move |result| result.get(table)?.as_object())
    }

    /// The errors that caused a rollback; empty if it was applied.
    #[must_use]
    pub fn errors(&self) -> &[OperationError] {
        self.errors.as_deref().unwrap_or_default()
    }
}

/// The sizes that servers accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum size of a key's value, in bytes.
    pub value: usize,
    /// Maximum size of a transaction's body, in bytes.
    pub transaction: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { value: LARGEST_VALUE, transaction: LARGEST_VALUE }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Debugged {
    #[serde(default)]
    debug_config: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Asked<'r> {
    resource: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    segment: &'r str,
    access: &'r str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answered {
    allow: bool,
}

/// The status of a transaction that was rolled back.
const ROLLED_BACK: u16 = 409;

impl Client {
    /// Sends a request once and returns the answer's bytes.
    ///
    /// # Errors
    /// As for every request: no connection, silence, a refusal.
    pub async fn once(
        &self,
        method: Verb,
        path: &str,
        query: Query,
        body: impl Into<Bytes>,
    ) -> Result<Bytes, ClientError> {
        let mut request = Self::sent_once(path, query, body.into());
        request.method = method.method();
        Ok(self.bytes(&request).await?.1)
    }

    fn sent_once(path: &str, query: Query, body: Bytes) -> Request {
        Request::put(path, query, body, super::Repeat::Unsent)
    }

    /// Sends a transaction once. A rollback by the servers is an answer, not an error.
    ///
    /// # Errors
    /// As for every request: no connection, silence, a refusal.
    pub async fn transaction(&self, body: impl Into<Bytes>) -> Result<Transaction, ClientError> {
        let request = Self::sent_once("v1/txn", Query::default(), body.into());
        let request = request.also_good(ROLLED_BACK);
        let (_, bytes) = self.bytes(&request).await?;
        parse(&request, &bytes)
    }

    /// How often a request is sent again.
    #[must_use]
    pub const fn retries(&self) -> u32 {
        self.retries
    }

    /// The sizes that the agent accepts: its own settings if the token may read them, or else the
    /// defaults.
    pub async fn limits(&self) -> Limits {
        let defaults = Limits::default();
        let Ok(agent) = self.get_json::<Debugged>("v1/agent/self", Query::default()).await else {
            return defaults;
        };
        let size = |name: &str, default| {
            let size = agent.debug_config.get(name).and_then(Value::as_u64);
            size.and_then(|size| usize::try_from(size).ok())
                .filter(|size| *size > 0)
                .unwrap_or(default)
        };
        let value = size("KVMaxValueSize", defaults.value);
        // Before 1.7.2 there was one limit for both.
        Limits { value, transaction: size("TxnMaxReqLen", value) }
    }

    /// Which of some rights the token has; `None` if the servers do not report it: before 1.8 they
    /// cannot, and without ACLs everyone has all rights.
    ///
    /// # Errors
    /// As for every request: no connection, silence, an unknown token.
    pub async fn allowed(&self, rights: &[Right]) -> Result<Option<Vec<bool>>, ClientError> {
        let mut allowed = Vec::new();
        for rights in rights.chunks(MOST_RIGHTS) {
            let asked: Vec<Asked<'_>> = rights
                .iter()
                .map(|right| Asked {
                    resource: right.resource.word(),
                    segment: &right.segment,
                    access: right.access.word(),
                })
                .collect();
            let path = "v1/internal/acl/authorize";
            let request =
                Request::json(path, Query::default(), &asked, super::Repeat::Safe)?.post();
            match self.json::<Vec<Answered>>(&request).await {
                Ok(answers) if answers.len() == rights.len() => {
                    allowed.extend(answers.iter().map(|answer| answer.allow));
                }
                Ok(_) => return Ok(None),
                Err(e) if matches!(e.status(), Some(401 | 404 | 405)) => return Ok(None),
                Err(e)
                    if e.status() == Some(500)
                        && e.to_string().contains("ACL support disabled") =>
                {
                    return Ok(None);
                }
                Err(e) => return Err(e),
            }
        }
        Ok(Some(allowed))
    }
}

/// Maximum number of rights in one question; servers refuse more.
const MOST_RIGHTS: usize = 64;

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Writes under a known name.
    Put,
    /// Creates under a name that the server chooses.
    Post,
    /// Deletes.
    Delete,
}

impl Verb {
    const fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Put => Method::PUT,
            Self::Post => Method::POST,
            Self::Delete => Method::DELETE,
        }
    }
}

//! Sends requests: timeouts, retries, refusals.

use super::Client;
use super::advice::{Asked, advice, of_hanging_up};
use super::error::{ClientError, chain, connect_message};
use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HOST, HeaderMap, LOCATION};
use reqwest::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// When a request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// After any temporary failure: the request is idempotent.
    Safe,
    /// Only if nothing of it can have arrived, because there was no connection.
    Unsent,
}

/// The query string, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Adds `name=value`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a name without a value, such as `recurse`.
    #[must_use]
    pub fn flag(self, name: &str) -> Self {
        self.with(name, "")
    }
}

/// Small answers arrive soon or never.
const SMALL_PATIENCE: Duration = Duration::from_secs(30);
/// Maximum number of bytes of a refusal that are read and shown.
const MESSAGE_LIMIT: usize = 500;
/// The first pause before a request is sent again; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// A request that is not sent yet.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Query,
    pub(super) body: Bytes,
    pub(super) repeat: Repeat,
    /// How long the start of the answer may take.
    pub(super) patience: Duration,
    /// A status other than 2xx that is also a success.
    pub(super) also_good: Option<u16>,
}

impl Request {
    pub(super) fn get(path: impl Into<String>, query: Query) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            query,
            body: Bytes::new(),
            repeat: Repeat::Safe,
            patience: SMALL_PATIENCE,
            also_good: None,
        }
    }

    pub(super) fn put(path: impl Into<String>, query: Query, body: Bytes, repeat: Repeat) -> Self {
        Self { method: Method::PUT, body, repeat, ..Self::get(path, query) }
    }

    pub(super) fn json(
        path: impl Into<String>,
        query: Query,
        body: &impl Serialize,
        repeat: Repeat,
    ) -> Result<Self, ClientError> {
        let path = path.into();
        let body = serde_json::to_vec(body)
            .map_err(|e| ClientError::Options(format!("the body for {path}: {e}")))?;
        Ok(Self::put(path, query, body.into(), repeat))
    }

    /// The same as a POST, which a few endpoints require.
    pub(super) fn post(self) -> Self {
        Self { method: Method::POST, ..self }
    }

    pub(super) fn waiting(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    pub(super) fn also_good(self, status: u16) -> Self {
        Self { also_good: Some(status), ..self }
    }
}

impl Client {
    /// Sends a request, with retries where that is safe, until it succeeds.
    pub(super) async fn send(&self, request: &Request) -> Result<Response, ClientError> {
        let mut pause = FIRST_PAUSE;
        let mut left = self.retries;
        loop {
            let error = match self.send_once(request).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let unsent = matches!(error, ClientError::Connect { .. });
            let may = request.repeat == Repeat::Safe || unsent;
            if left == 0 || !may || !error.is_passing() {
                return Err(error);
            }
            left -= 1;
            // Clients of a recovering server should not all retry at the same time.
            tokio::time::sleep(pause.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
            pause *= 2;
        }
    }

    async fn send_once(&self, request: &Request) -> Result<Response, ClientError> {
        let builder = self
            .builder(request.method.clone(), &request.path, &request.query)?
            .body(request.body.clone());
        let doing = format!("waiting for the answer of {} /{}", request.method, request.path);
        // A short timeout applies everywhere; requests that wait on purpose set their own.
        let patience = if request.patience > SMALL_PATIENCE {
            request.patience
        } else {
            request.patience.min(self.idle_timeout)
        };
        let response = self.within(patience, &doing, builder.send()).await?;
        let response = response.map_err(|e| self.failed(e, &doing))?;
        if request.also_good == Some(response.status().as_u16()) {
            return Ok(response);
        }
        self.good(&request.method, &request.path, response).await
    }

    /// The request with everything that each request carries.
    pub(super) fn builder(
        &self,
        method: Method,
        path: &str,
        query: &Query,
    ) -> Result<RequestBuilder, ClientError> {
        let url = self.address.join(path.trim_start_matches('/'))?;
        let mut builder = self.http.request(method, url).query(&query.0).query(&self.scope.0);
        if let Some(token) = &self.token {
            builder = builder.header("X-Consul-Token", token);
        }
        if let Some(authorization) = &self.authorization {
            builder = builder.header(AUTHORIZATION, authorization);
        }
        if let Some(host) = &self.host {
            builder = builder.header(HOST, host);
        }
        Ok(builder)
    }

    /// Bounds a wait.
    pub(super) async fn within<T>(
        &self,
        patience: Duration,
        doing: &str,
        wait: impl Future<Output = T>,
    ) -> Result<T, ClientError> {
        tokio::time::timeout(patience, wait).await.map_err(|_| ClientError::Silent {
            address: self.shown.clone(),
            doing: doing.to_owned(),
            after: patience,
        })
    }

    /// Converts a transport error.
    pub(super) fn failed(&self, error: reqwest::Error, doing: &str) -> ClientError {
        let address = self.shown.clone();
        if error.is_connect() {
            return ClientError::Connect {
                address,
                message: connect_message(error, self.has_certificate),
            };
        }
        let hung_up = error.is_request() && self.address.url.scheme() == "https";
        let mut message = chain(error);
        if hung_up {
            message.push_str("; ");
            message.push_str(of_hanging_up(&message, self.has_certificate));
        }
        ClientError::Cut { address, doing: doing.to_owned(), message }
    }

    /// Returns the response if its status is a success, or else the refusal.
    pub(super) async fn good(
        &self,
        method: &Method,
        path: &str,
        mut response: Response,
    ) -> Result<Response, ClientError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let mut message = match response.headers().get(LOCATION) {
            Some(to) if status.is_redirection() => {
                format!(
                    "redirected to {}; use that address",
                    String::from_utf8_lossy(to.as_bytes())
                )
            }
            _ => String::new(),
        };
        if message.is_empty() {
            let mut bytes = Vec::new();
            // A partial refusal text is good enough.
            while bytes.len() < MESSAGE_LIMIT
                && let Ok(Ok(Some(chunk))) =
                    self.within(SMALL_PATIENCE.min(self.idle_timeout), path, response.chunk()).await
            {
                bytes.extend_from_slice(&chunk);
            }
            bytes.truncate(MESSAGE_LIMIT);
            message = String::from_utf8_lossy(&bytes).trim().to_owned();
        }
        let status = status.as_u16();
        let anonymous = self.token.is_none();
        let asked = Asked { method: method.as_str(), path, stale: self.stale, anonymous };
        let advice = advice(status, &message, &asked);
        Err(ClientError::Status {
            method: method.to_string(),
            path: format!("/{}", path.trim_start_matches('/')),
            status,
            message,
            advice,
        })
    }

    /// Returns the bytes of a small successful answer.
    pub(super) async fn bytes(&self, request: &Request) -> Result<(HeaderMap, Bytes), ClientError> {
        let response = self.send(request).await?;
        let headers = response.headers().clone();
        let doing = format!("reading the answer of {}", request.path);
        let bytes = self.within(self.idle_timeout, &doing, response.bytes()).await?;
        Ok((headers, bytes.map_err(|e| self.failed(e, &doing))?))
    }

    /// Returns the JSON of a successful answer.
    pub(super) async fn json<T: DeserializeOwned>(
        &self,
        request: &Request,
    ) -> Result<T, ClientError> {
        let (_, bytes) = self.bytes(request).await?;
        parse(request, &bytes)
    }

    /// Returns the JSON of a GET, for endpoints without a method here.
    ///
    /// # Errors
    /// As for every request: no connection, silence, a refusal, unexpected JSON.
    pub async fn get_json<T: DeserializeOwned>(
        &self,
        path: &str,
        query: Query,
    ) -> Result<T, ClientError> {
        self.json(&Request::get(path, query)).await
    }

    /// Puts JSON and returns the answer's.
    ///
    /// # Errors
    /// As for every request: no connection, silence, a refusal, unexpected JSON.
    pub async fn put_json<T: DeserializeOwned>(
        &self,
        path: &str,
        query: Query,
        body: &impl Serialize,
        repeat: Repeat,
    ) -> Result<T, ClientError> {
        self.json(&Request::json(path, query, body, repeat)?).await
    }
}

pub(super) fn parse<T: DeserializeOwned>(
    request: &Request,
    bytes: &[u8],
) -> Result<T, ClientError> {
    serde_json::from_slice(bytes).map_err(|e| ClientError::Answer {
        method: request.method.to_string(),
        path: format!("/{}", request.path),
        message: format!("the answer is not the expected JSON ({e})"),
    })
}

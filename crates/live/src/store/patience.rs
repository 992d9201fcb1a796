//! Gives up requests to buckets that never answer.

use futures_util::future::BoxFuture;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
    ReqwestConnector,
};
use object_store::{ClientOptions, Result};
use std::time::Duration;

/// How long an answer may take once the request is sent.
const ANSWER: Duration = Duration::from_secs(15);
/// Minimum rate of a request in bytes per second.
const SLOWEST: u64 = 100_000;

/// Connects to buckets. A bucket that accepts connections and never answers costs seconds, not the
/// minutes that a large request may take, because other destinations wait for it.
#[derive(Debug)]
pub(super) struct PatientConnector;

impl HttpConnector for PatientConnector {
    fn connect(&self, options: &ClientOptions) -> Result<HttpClient> {
        let client = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(PatientClient(client)))
    }
}

#[derive(Debug)]
struct PatientClient(HttpClient);

impl HttpService for PatientClient {
    // As `async_trait` writes it, without the macro.
    fn call<'s, 'f>(
        &'s self,
        request: HttpRequest,
    ) -> BoxFuture<'f, Result<HttpResponse, HttpError>>
    where
        's: 'f,
        Self: 'f,
    {
        let limit = patience(request.body().content_length() as u64);
        Box::pin(async move {
            let answer = tokio::time::timeout(limit, self.0.execute(request));
            answer.await.unwrap_or_else(|elapsed| {
                Err(HttpError::new(HttpErrorKind::Timeout, NoAnswer(limit, elapsed)))
            })
        })
    }
}

/// The timeout of a request with a body of `bytes`.
const fn patience(bytes: u64) -> Duration {
    ANSWER.saturating_add(Duration::from_millis(bytes.saturating_mul(1000) / SLOWEST))
}

#[derive(Debug, thiserror::Error)]
#[error("no answer within {} s", .0.as_secs())]
struct NoAnswer(Duration, #[source] tokio::time::error::Elapsed);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_requests_get_more_time() {
        assert_eq!(patience(0), ANSWER);
        assert_eq!(patience(8_000_000), ANSWER + Duration::from_secs(80));
        assert!(patience(u64::MAX) >= Duration::from_secs(86_400));
    }
}

//! Turns a request on the wire into a response.

use super::body::{Outgoing, Paged};
use super::page::{is_browser, is_page, page, to_page};
use super::places::Current;
use super::shared::Shared;
use crate::answer::{Answer, Body};
use crate::api::{early_status, respond};
use crate::request::{Query, Request, Wait};
use crate::state::{Gone, Workers};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{Method, Response, StatusCode};
use snapscope_analyze::api::path::percent_decoded;
use snapscope_objects::json::Indenter;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Maximum size of a request's body.
const BODY: usize = 4 << 20;
/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(30);

/// Answers a request. Failures are answers, too.
pub(super) async fn exchange(
    shared: Arc<Shared>,
    request: hyper::Request<Incoming>,
) -> Response<Outgoing> {
    let host = request.headers().get(HOST).map(|host| host.to_str().unwrap_or(""));
    if !shared.hosts.allow(host) {
        let text =
            "snapscope: unexpected Host; use localhost or an address, or start with --allow-host";
        return text_response(403, text);
    }
    let path = request.uri().path().to_owned();
    if is_page(&path) {
        return page(shared, request).await;
    }
    // Clients of the API get the answer of servers.
    if path == "/" && request.method() == Method::GET && is_browser(request.headers()) {
        return to_page();
    }
    let Some((place, prefix, below)) = shared.places.of(&path) else {
        return text_response(404, "snapscope: no snapshot is served under this name");
    };
    let (prefix, below) = (prefix.to_owned(), below.to_owned());
    let current = place.current();
    let Some(decoded) = percent_decoded(below.as_bytes()) else {
        return text_response(400, "400 Bad Request");
    };
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or("").to_owned();
    let body = match timeout(BODY_PATIENCE, Limited::new(body, BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes().to_vec(),
        Ok(Err(_)) => return text_response(413, "snapscope: the request's body is too large"),
        Err(_) => {
            return text_response(408, "snapscope: the request's body did not arrive in time");
        }
    };
    let request = Arc::new(Request {
        method: parts.method.as_str().to_owned(),
        prefix,
        sent_path: below,
        path: decoded,
        query: Query::parse(&query),
        sent_query: query,
        headers: parts.headers,
        body,
    });
    match answer(&shared, &current, request).await {
        Ok(response) => response,
        Err(Gone) => text_response(503, "snapscope: the snapshot was closed; repeat the request"),
    }
}

async fn answer(
    shared: &Shared,
    current: &Current,
    request: Arc<Request>,
) -> Result<Response<Outgoing>, Gone> {
    let workers = &current.opened.workers;
    if !current.is_ready()
        && let Some(meta) = &current.opened.early_meta
        && let Some(answer) = early_status(&request, meta)
    {
        return Ok(response(answer, workers));
    }
    let (answer, wait) = ask(workers, &request).await?;
    let Some(wait) = wait.filter(|wait| answer.index.is_some_and(|index| index <= wait.index))
    else {
        return Ok(response(answer, workers));
    };
    // After the wait the answer is made again, not kept: waiting clients should cost little.
    drop(answer);
    let Ok(_permit) = shared.waiters.try_acquire() else {
        return Ok(text_response(429, "snapscope: too many requests are waiting for an index"));
    };
    waited(shared, wait).await;
    let (answer, _) = ask(workers, &request).await?;
    Ok(response(answer, workers))
}

async fn ask(workers: &Workers, request: &Arc<Request>) -> Result<(Answer, Option<Wait>), Gone> {
    let request = Arc::clone(request);
    workers.ask(move |view| respond(view, &request)).await
}

/// A snapshot never changes, so a blocking query is a pause.
async fn waited(shared: &Shared, wait: Wait) {
    let mut ending = shared.ending.clone();
    tokio::select! {
        () = sleep(wait.time) => {}
        _ = ending.wait_for(|ending| *ending) => {}
    }
}

fn response(answer: Answer, workers: &Workers) -> Response<Outgoing> {
    let indenter = answer.is_pretty.then(|| Indenter::new("    "));
    let body = match answer.body {
        Body::Bytes(bytes) => Outgoing::Whole(Some(bytes.into()).filter(|b: &Bytes| !b.is_empty())),
        Body::Pages { first, rest } => {
            Outgoing::Paged(Paged::new(workers.clone(), first, rest, indenter))
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        // A value that cannot be in a header comes from the snapshot; it is left out.
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}

/// An answer that the server makes without a snapshot.
fn text_response(status: u16, text: &'static str) -> Response<Outgoing> {
    let mut response = Response::new(Outgoing::Whole(Some(Bytes::from_static(text.as_bytes()))));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let media = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, media);
    response
}

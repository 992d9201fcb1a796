//! Answers requests for the browser page.

use super::body::Outgoing;
use super::places::Place;
use super::shared::Shared;
use crate::page::{Ask, INDEX, Point, Reply, difference, file, is_view, respond, secured, series};
use crate::request::Query;
use crate::state::{Gone, View};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION, SET_COOKIE,
};
use hyper::{Method, Response, StatusCode};
use serde_json::{Value, json};
use snapscope_archive::Closing;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Maximum size of a request's body, which is a token.
const BODY: usize = 8 << 10;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// The answer for a browser without the cookie.
const CLOSED: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>snapscope</title>\
    <h1>This page is not open to this browser</h1>\
    <p>Open the address that <code>snapscope serve</code> printed when it started. It works once; send the server SIGHUP for \
    another one.</p></html>";

/// Whether a path belongs to the page.
pub(super) fn is_page(path: &str) -> bool {
    path == "/ui" || path.starts_with("/ui/")
}

/// Answers a request for the page or its data.
pub(super) async fn page(
    shared: Arc<Shared>,
    request: hyper::Request<Incoming>,
) -> Response<Outgoing> {
    let (parts, body) = request.into_parts();
    let query = Query::parse(parts.uri.query().unwrap_or(""));
    let path = parts.uri.path().strip_prefix("/ui").unwrap_or("").trim_start_matches('/');
    if let Some(key) = query.get("key").filter(|_| parts.method == Method::GET && path.is_empty()) {
        // A program that tries the address does not spend it.
        if !is_browser(&parts.headers) {
            return of(406, TEXT, Bytes::from_static(b"Open this address in a web browser.\n"));
        }
        return match shared.sessions.enter(key) {
            Some(cookie) => {
                let mut response = of(303, HTML, Bytes::new());
                let headers = response.headers_mut();
                headers.insert(LOCATION, HeaderValue::from_static("/ui/overview"));
                if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                    headers.insert(SET_COOKIE, cookie);
                }
                response
            }
            None => of(401, HTML, Bytes::from_static(CLOSED.as_bytes())),
        };
    }
    let sent = parts.headers.get(COOKIE).and_then(|cookie| cookie.to_str().ok());
    let cookie = shared.sessions.cookie(sent);
    if let Some(what) = path.strip_prefix("data/") {
        let Some(cookie) = cookie else {
            return reply(&Reply::error(401, "This browser has not opened the page."));
        };
        let body = match timeout(PATIENCE, Limited::new(body, BODY).collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            _ => return reply(&Reply::error(413, "The request is too large, or did not arrive.")),
        };
        let asked = Asked { shared: &shared, cookie, query };
        let answered = match (&parts.method, what) {
            (&Method::POST, "token") => asked.token(&body).await,
            (&Method::GET, "about") => asked.about().await,
            (&Method::GET, "series") => asked.series().await,
            (&Method::GET, "diff") => asked.diff().await,
            (&Method::GET, what) => asked.data(what.to_owned()).await,
            _ => Ok(Reply::error(405, "The page is read with GET.")),
        };
        return match answered {
            Ok(answer) => reply(&answer),
            Err(Gone) => reply(&Reply::error(503, "The snapshot was closed; reload the page.")),
        };
    }
    if parts.method != Method::GET {
        return of(405, HTML, Bytes::new());
    }
    // The files reveal nothing about a snapshot, but strangers do not need them.
    match path.strip_prefix("files/") {
        _ if cookie.is_none() => of(401, HTML, Bytes::from_static(CLOSED.as_bytes())),
        Some(name) => match file(name) {
            Some((media, bytes)) => of(200, media, Bytes::from_static(bytes)),
            None => of(404, HTML, Bytes::new()),
        },
        None if is_view(path) => of(200, HTML, Bytes::from_static(INDEX)),
        None => of(404, HTML, Bytes::new()),
    }
}

/// Whether a request is from a browser that opens a page.
fn is_browser(headers: &HeaderMap) -> bool {
    let mut accept = headers.get_all(ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    accept.any(|accept| accept.contains("text/html"))
}

fn reply(reply: &Reply) -> Response<Outgoing> {
    of(reply.status, JSON, Bytes::from(reply.json.to_string()))
}

fn of(status: u16, media: &'static str, body: Bytes) -> Response<Outgoing> {
    let mut response = Response::new(Outgoing::Whole(Some(body).filter(|body| !body.is_empty())));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    for (name, value) in secured() {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// Answers a request for data.
struct Asked<'s> {
    shared: &'s Arc<Shared>,
    cookie: String,
    query: Query,
}

type Answered = Result<Reply, Gone>;

impl Asked<'_> {
    /// Finds a snapshot by name; the empty name is the first one.
    fn place(&self, name: &str) -> Option<&Place> {
        let named = |place: &&Place| place.served.name.as_deref().unwrap_or("") == name;
        self.shared.places.all.iter().find(named)
    }

    fn at(&self) -> String {
        self.query.text("at")
    }

    /// Puts a question to a snapshot, with the reader's token for it.
    async fn ask<T: Send + 'static>(
        &self,
        place: &Place,
        work: impl FnOnce(&Ask<'_>) -> T + Send + 'static,
    ) -> Result<T, Gone> {
        let name = place.served.name.clone().unwrap_or_default();
        let (secret, query) =
            (self.shared.sessions.secret(&self.cookie, &name), self.query.clone());
        let workers = place.current().opened.workers;
        workers.ask(move |view: &View<'_>| work(&Ask::new(view, &query, secret.as_deref()))).await
    }

    async fn data(&self, what: String) -> Answered {
        let Some(place) = self.place(&self.at()) else { return Ok(unknown()) };
        self.ask(place, move |ask| respond(ask, &what)).await
    }

    /// Lists the snapshots, and whose rights apply to each.
    async fn about(&self) -> Answered {
        let at = self.at();
        let Some(place) = self.place(&at) else { return Ok(unknown()) };
        let all = self.shared.places.all.iter();
        let all: Vec<_> = all.map(|place| (place.served.name.clone(), place.title())).collect();
        self.ask(place, move |ask| {
            let snapshots = all.iter().map(|(name, title)| {
                json!({"name": name.as_deref().unwrap_or(""), "title": ask.shown(title.as_bytes())})
            });
            let snapshots: Vec<Value> = snapshots.collect();
            Reply::of(json!({
                "at": at,
                "snapshots": snapshots,
                "acl": ask.view.authorizer.is_on(),
                "who": ask.reader(),
                "incomplete": ask.view.facts.is_incomplete,
                "damaged": ask.view.facts.closing.as_ref().is_some_and(Closing::is_damaged),
            }))
        })
        .await
    }

    /// Keeps the reader's token if the snapshot contains it.
    async fn token(&self, body: &[u8]) -> Answered {
        let at = self.at();
        let Some(place) = self.place(&at) else { return Ok(unknown()) };
        let secret = String::from_utf8_lossy(body).trim().to_owned();
        let given = secret.clone();
        let workers = place.current().opened.workers;
        let is_known = workers
            .ask(move |view: &View<'_>| {
                given.is_empty() || view.authorizer.token_of(&given).is_some()
            })
            .await?;
        if !is_known {
            return Ok(Reply::error(403, "No token of this snapshot has this SecretID."));
        }
        self.shared.sessions.keep(&self.cookie, &at, &secret);
        Ok(Reply::of(json!({})))
    }

    /// The timeline of the snapshots that the reader may see.
    async fn series(&self) -> Answered {
        let (mut points, mut denied) = (Vec::new(), None);
        for place in &self.shared.places.all {
            let name = place.served.name.clone().unwrap_or_default();
            let title = place.title();
            let point = self.ask(place, move |ask| {
                ask.whole()?;
                let (inspection, _) = ask.quick()?;
                let Some(closing) = ask.view.facts.closing.as_ref() else {
                    return Err(Reply::error(503, "The snapshot is still being read."));
                };
                let types = inspection.types.iter();
                Ok(Point {
                    name,
                    title: ask.shown(title.as_bytes()),
                    taken_ms: closing.meta.as_ref().and_then(|meta| meta.taken_ms()),
                    index: closing.meta.as_ref().map(|meta| meta.index),
                    records: closing.records,
                    bytes: closing.integrity.actual_size,
                    verdict: closing.integrity.verdict.name(),
                    types: types.map(|(kind, tally)| (kind.consul_label(), tally.size)).collect(),
                })
            });
            match point.await? {
                Ok(point) => points.push(point),
                Err(reply) => denied = Some(reply),
            }
        }
        match denied {
            Some(reply) if points.is_empty() => Ok(reply),
            _ => Ok(Reply::of(series(points, "snapscope trend SNAPSHOT..."))),
        }
    }

    /// The differences between another snapshot and the current one.
    async fn diff(&self) -> Answered {
        let (Some(after), Some(before)) =
            (self.place(&self.at()), self.place(&self.query.text("with")))
        else {
            return Ok(unknown());
        };
        let source = |ask: &Ask<'_>| ask.whole().map(|()| ask.view.source.clone());
        let before = match self.ask(before, source).await? {
            Ok(source) => source,
            Err(reply) => return Ok(reply),
        };
        self.ask(after, move |ask| match ask.whole() {
            Ok(()) => difference(&before, ask.view.source, &ask.view.settings.open),
            Err(reply) => reply,
        })
        .await
    }
}

fn unknown() -> Reply {
    Reply::error(404, "No snapshot is served under this name.")
}

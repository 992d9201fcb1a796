//! Answers requests for the browser page.

use super::body::Outgoing;
use super::places::Place;
use super::shared::Shared;
use crate::page::{
    Ask, INDEX, Point, Reply, difference, file, is_view, respond, secured, timeline,
};
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
use snapscope_analyze::ClusterName;
use snapscope_archive::Closing;
use snapscope_report::words;
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

/// The answer to an unknown path.
const NO_VIEW: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>snapscope</title>\
    <h1>This page does not exist</h1><p><a href=\"/ui/overview\">Overview of the snapshot</a></p></html>";

/// Redirects a browser to the page.
pub(super) fn to_page() -> Response<Outgoing> {
    let mut response = of(307, HTML, Bytes::new());
    response.headers_mut().insert(LOCATION, HeaderValue::from_static("/ui/overview"));
    response
}

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
            None => of(404, HTML, Bytes::from_static(NO_VIEW.as_bytes())),
        },
        None if is_view(path) => of(200, HTML, Bytes::from_static(INDEX)),
        None => of(404, HTML, Bytes::from_static(NO_VIEW.as_bytes())),
    }
}

/// Whether a request is from a browser that opens a page.
pub(super) fn is_browser(headers: &HeaderMap) -> bool {
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
        let (secrets, query) =
            (self.shared.sessions.secrets(&self.cookie, &name), self.query.clone());
        let workers = place.current().opened.workers;
        workers.ask(move |view: &View<'_>| work(&Ask::new(view, &query, &secrets))).await
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
        let (mut points, mut missing, mut denied) = (Vec::new(), Vec::new(), None);
        for place in &self.shared.places.all {
            let name = place.served.name.clone().unwrap_or_default();
            let title = place.title();
            let found = self.ask(place, move |ask| point(ask, name, &title)).await?;
            match found {
                Ok(point) => points.push(point),
                Err(reply) => {
                    let name = place.served.name.clone().unwrap_or_default();
                    missing.push((name, words::shown(place.title().as_bytes())));
                    denied = denied.or(Some(reply));
                }
            }
        }
        let width = self.query.text("width").parse::<f64>().ok().filter(|width| width.is_finite());
        let width = width.map_or(1000.0, |width| width.clamp(300.0, 4000.0));
        match denied {
            Some(reply) if points.is_empty() => Ok(reply),
            _ => Ok(Reply::of(timeline(points, &missing, width))),
        }
    }

    /// The differences between another snapshot and the current one.
    async fn diff(&self) -> Answered {
        let (Some(after), Some(before)) =
            (self.place(&self.at()), self.place(&self.query.text("with")))
        else {
            return Ok(unknown());
        };
        let source = |ask: &Ask<'_>| whole(ask).map(|()| ask.view.source.clone());
        let before = match self.ask(before, source).await? {
            Ok(source) => source,
            Err(reply) => return Ok(named(reply, before)),
        };
        let compared = self.ask(after, move |ask| {
            whole(ask)?;
            Ok::<Reply, Reply>(difference(&before, ask.view.source, &ask.view.settings.open))
        });
        Ok(compared.await?.unwrap_or_else(|reply| named(reply, after)))
    }
}

/// Whether the reader may see all of a snapshot; if not, the answer says whether a token was given.
fn whole(ask: &Ask<'_>) -> Result<(), Reply> {
    ask.whole().map_err(|mut reply| {
        reply.json["is_anonymous"] = ask.reader().is_none().into();
        reply
    })
}

/// A refusal that says for which snapshot a token is missing.
fn named(mut reply: Reply, place: &Place) -> Reply {
    reply.json["at"] = place.served.name.clone().unwrap_or_default().into();
    reply.json["title"] = words::shown(place.title().as_bytes()).into();
    reply
}

/// A snapshot in the timeline, with its cluster.
fn point(ask: &Ask<'_>, name: String, title: &str) -> Result<(ClusterName, Point), Reply> {
    whole(ask)?;
    let (inspection, origin) = ask.quick()?;
    let Some(closing) = ask.view.facts.closing.as_ref() else {
        return Err(Reply::error(503, "The snapshot is still being read."));
    };
    let cluster =
        ClusterName { datacenter: origin.datacenter.clone(), id: origin.cluster_id.clone() };
    let types = inspection.types.iter();
    let point = Point {
        name,
        file: ask.file(),
        title: ask.shown(title.as_bytes()),
        taken_ms: closing.meta.as_ref().and_then(|meta| meta.taken_ms()),
        index: closing.meta.as_ref().map(|meta| meta.index),
        records: closing.records,
        bytes: closing.integrity.actual_size,
        verdict: closing.integrity.verdict.name(),
        is_damaged: ask.view.facts.is_incomplete,
        types: types.map(|(kind, tally)| (kind.consul_label(), tally.size)).collect(),
    };
    Ok((cluster, point))
}

fn unknown() -> Reply {
    Reply::error(404, "No snapshot is served under this name.")
}

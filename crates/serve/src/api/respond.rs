//! Answers a request.

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use super::route::{Route, route};
use super::status;
use crate::answer::{Answer, Body, Found, Media, Refused, finish};
use crate::request::{Consistency, Options, Request, Wait, cleaned};
use crate::state::View;
use crate::versions::PARTITIONS;
use snapscope_archive::Meta;
use snapscope_decode::VersionRange;

/// Until then, redirects were permanent.
const PERMANENT_REDIRECTS: VersionRange = VersionRange::before(1, 20);
/// Until then, answers for unknown paths were empty.
const SILENT_UNKNOWN_PATHS: VersionRange = VersionRange::before(1, 9);
/// Since then, answers to OPTIONS have the content type of JSON, although they have no body.
const JSON_OPTIONS: VersionRange = VersionRange::since(1, 9);
/// Since then, a server without its UI has a text at `/`.
const UI_DISABLED: VersionRange = VersionRange::since(1, 9);

/// Answers a request. Also returns the requested wait, if the endpoint can wait.
pub(crate) fn respond(view: &View<'_>, request: &Request) -> (Answer, Option<Wait>) {
    let (mut answer, wait) = routed(view, request);
    if let Some(id) = view.facts.id() {
        answer.headers.push(("x-snapscope-snapshot", id.to_owned()));
    }
    if view.facts.is_incomplete {
        answer.headers.push(("x-snapscope-incomplete", "true".to_owned()));
    }
    (answer, wait)
}

fn routed(view: &View<'_>, request: &Request) -> (Answer, Option<Wait>) {
    if let Some(clean) = cleaned(&request.sent_path) {
        return (redirect(view, request, &clean), None);
    }
    if request.path == b"/" {
        return (plain(200, root(view).to_owned()), None);
    }
    let (endpoint, rest) = match route(&request.path, view.version()) {
        Route::To(endpoint, rest) => (endpoint, rest),
        Route::Slash => {
            let path = format!("{}/", request.sent_path);
            return (redirect(view, request, &path), None);
        }
        Route::Unknown => {
            return (
                plain(404, unknown(view, "Invalid URL path: not a recognized HTTP API endpoint\n")),
                None,
            );
        }
        Route::Outside => {
            let text = "Invalid URL path: if attempting to use the HTTP API, ensure the path starts with '/v1/'\n";
            return (plain(404, unknown(view, text)), None);
        }
    };
    let mut call = Call {
        view,
        request,
        traits: endpoint.traits,
        rest,
        who: view.authorizer.who(request.token()),
        consistency: Consistency::Leader,
    };
    if let Some(answered) = by_method(&call, endpoint) {
        return (finish(&call, answered, false), None);
    }
    match judged(&call, endpoint) {
        Ok(options) => {
            call.consistency = options.consistency;
            let answered = (endpoint.handler)(&call);
            (finish(&call, answered, options.pretty), options.wait)
        }
        Err(refused) => (finish(&call, Err(refused), false), None),
    }
}

/// The answer, if it depends only on the method.
fn by_method(call: &Call<'_>, endpoint: &Endpoint) -> Option<Result<Found, Refused>> {
    let method = call.request.method.as_str();
    let methods = endpoint.methods_of(&call.rest);
    if endpoint.answered.contains(&method) {
        return None;
    }
    let allow = format!("OPTIONS,{}", methods.join(","));
    if method == "OPTIONS" {
        let body = endpoint.options_body;
        let is_json = !body.is_empty() || call.view.is(JSON_OPTIONS);
        let media = if is_json { Media::Json } else { Media::None };
        let body = Body::Bytes(body.as_bytes().to_vec());
        let found = Found::of(200, media, body, 0).header("allow", allow);
        return Some(Ok(Found { is_about_state: false, ..found }));
    }
    if methods.contains(&method) {
        return Some(Err(Refused::read_only()));
    }
    let refused = Refused::early(405, format!("method {method} not allowed"));
    // Servers do not answer OPTIONS if the methods depend on the path's suffix.
    let forgets = endpoint.methods != methods;
    let allow = if forgets { methods.join(",") } else { allow };
    Some(Err(Refused { allow: Some(allow), ..refused }))
}

/// The parameters that all endpoints take.
fn judged(call: &Call<'_>, endpoint: &Endpoint) -> Result<Options, Refused> {
    tenancy(call, endpoint)?;
    if !endpoint.takes_options {
        let pretty = call.query().has("pretty");
        return Ok(Options {
            consistency: Consistency::Leader,
            wait: None,
            datacenter: None,
            pretty,
        });
    }
    let options = Options::of(call.request)?;
    if let Some(datacenter) = &options.datacenter
        && endpoint.judges_datacenter
        && datacenter != call.view.datacenter()
    {
        return Err(Refused::new(500, "No path to datacenter"));
    }
    Ok(options)
}

/// Whether Enterprise's parameters are errors. They are accepted for snapshots of Enterprise.
fn tenancy(call: &Call<'_>, endpoint: &Endpoint) -> Result<(), Refused> {
    let parameters = [
        ("ns", "x-consul-namespace", "X-Consul-Namespace", "Namespaces"),
        ("partition", "x-consul-partition", "X-Consul-Partition", "Partitions"),
    ];
    for (name, key, header, what) in parameters {
        let is_ignored = match endpoint.tenancy {
            Tenancy::Refused => false,
            Tenancy::OnlyPartition => name == "ns",
            Tenancy::Ignored => true,
        };
        if is_ignored || name == "partition" && !call.view.is(PARTITIONS) {
            continue;
        }
        let sent = if call.request.header(key).is_some() {
            format!("header: \"{header}\"")
        } else if !call.query().text(name).is_empty() {
            format!("query parameter: \"{name}\"")
        } else {
            continue;
        };
        let text = format!("Invalid {sent} - {what} are a Consul Enterprise feature");
        return Err(call.bad_request(&text));
    }
    Ok(())
}

/// The answer of servers at `/`.
fn root(view: &View<'_>) -> &'static str {
    match view.is(UI_DISABLED) {
        true => {
            "Consul Agent: UI disabled. To enable, set ui_config.enabled=true in the agent configuration and restart."
        }
        false => "Consul Agent",
    }
}

fn unknown(view: &View<'_>, text: &str) -> String {
    if view.is(SILENT_UNKNOWN_PATHS) { String::new() } else { text.to_owned() }
}

/// An answer of the router, before it reaches an endpoint.
fn plain(status: u16, text: String) -> Answer {
    let headers = match text.is_empty() {
        true => Vec::new(),
        false => vec![("content-type", "text/plain; charset=utf-8".to_owned())],
    };
    Answer { status, headers, body: Body::Bytes(text.into_bytes()), is_pretty: false, index: None }
}

/// A redirect to another path of the same snapshot.
fn redirect(view: &View<'_>, request: &Request, path: &str) -> Answer {
    let query = if request.sent_query.is_empty() { "" } else { "?" };
    let to = format!("{}{path}{query}{}", request.prefix, request.sent_query);
    let (status, words) = match view.is(PERMANENT_REDIRECTS) {
        true => (301, "Moved Permanently"),
        false => (307, "Temporary Redirect"),
    };
    let mut shown = String::new();
    for c in to.chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&#34;"),
            '\'' => shown.push_str("&#39;"),
            c => shown.push(c),
        }
    }
    let body = format!("<a href=\"{shown}\">{words}</a>.\n\n");
    let mut answer = plain(status, body);
    answer.headers =
        vec![("content-type", "text/html; charset=utf-8".to_owned()), ("location", to)];
    answer
}

/// The answer to a question about the servers only, which does not need the index of the snapshot;
/// `None` for other questions.
pub(crate) fn early_status(request: &Request, meta: &Meta) -> Option<Answer> {
    if request.method != "GET" {
        return None;
    }
    let json = match request.path.strip_prefix(b"/v1/status/")? {
        b"leader" => status::leader_of(&meta.servers),
        b"peers" => status::peers_of(&meta.servers),
        _ => return None,
    };
    Options::of(request).ok()?;
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("vary", "Accept-Encoding".to_owned()),
    ];
    Some(Answer { status: 200, headers, body: Body::Bytes(json), is_pretty: false, index: None })
}

//! A snapshot in a running server, and served: both get the same questions.

use crate::client::Client;
use crate::recording::{Recording, Request};
use crate::{compare, exceptions, served};
use snapscope_archive::Source;
use snapscope_serve::Settings;
use snapscope_testkit::ConsulServer;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// The tokens of the requests. One has expired since the snapshot was recorded.
const TOKENS: [&str; 6] = ["management", "acl-read", "narrow", "anonymous", "unknown", "short"];

/// A minute after its start this server removes nodes from the catalog, and then ends with a panic.
pub(crate) const TIME: Duration = Duration::from_secs(40);

#[test]
fn a_running_server_answers_the_same() {
    let version = "1.8.7";
    let recording = Recording::read(version);
    let Some(mut server) = ConsulServer::for_test("a_running_server_answers_the_same") else {
        return;
    };
    let started = Instant::now();
    server.snapshot_restore(&std::fs::read(&recording.snapshot).unwrap()).unwrap();
    let secret = recording.secret("management");
    settle(&server, &secret);
    let taken =
        snapscope_testkit::http::request(server.http_addr(), "GET", "/v1/snapshot", &secret, b"");
    let taken = taken.unwrap().ok().unwrap();
    let ours = served(Source::Memory(taken.into()), Settings::default());
    let (mut theirs, mut ours) = (Client::new(server.http_addr()), Client::new(ours));
    let mut seen = BTreeSet::new();
    let (mut asked, mut different) = (0, Vec::new());
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    for recorded in &recording.requests {
        let skips = recorded.is_live
            || recorded.is_after_expiry
            || recorded.no_such_endpoint
            || ["blocking", "snapshot"].iter().any(|row| recorded.row.starts_with(row))
            || recorded.unstable.is_some();
        let question = (recorded.method.clone(), recorded.path.clone(), recorded.body.clone());
        if skips || !recorded.headers.is_empty() || !seen.insert(question) {
            continue;
        }
        for token in TOKENS {
            if started.elapsed() > TIME {
                break;
            }
            let request = recorded.by(token, recording.tokens.get(token).cloned());
            let answer = theirs.ask(&request).unwrap();
            let request = Request::answered(request, answer);
            asked += 1;
            *rows.entry(request.row.clone()).or_default() += 1;
            let difference = compare::difference(&request, &ours.ask(&request).unwrap());
            if let Some(difference) = difference
                && exceptions::reason(version, &request).is_none()
            {
                different.push(format!("{request}\n    {difference}"));
            }
        }
    }
    eprintln!(
        "a running {version}: {asked} asked, {} rows, {} different",
        rows.len(),
        different.len()
    );
    let count = different.len();
    different.truncate(10);
    assert!(count == 0, "{}", different.join("\n"));
    assert!(asked > 1000, "{asked}");
}

/// Waits until the server has registered its own node in the restored catalog. Nothing changes
/// afterwards.
pub(crate) fn settle(server: &ConsulServer, secret: &str) {
    let get = |path: &str| {
        let answer = snapscope_testkit::http::request(server.http_addr(), "GET", path, secret, b"");
        answer.unwrap()
    };
    let state = || {
        let own = get("/v1/health/node/testkit");
        let is_there = String::from_utf8_lossy(&own.body).contains("serfHealth");
        let index = get("/v1/catalog/nodes").header("X-Consul-Index").map(str::to_owned);
        (is_there, index)
    };
    let started = Instant::now();
    let mut before = state();
    while started.elapsed() < Duration::from_secs(12) {
        std::thread::sleep(Duration::from_secs(2));
        let now = state();
        if now.0 && now == before {
            return;
        }
        before = now;
    }
}

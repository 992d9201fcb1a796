//! Servers that fail during writes: what is reported as done is done, and a resumed run does the
//! rest.

use super::hooked::{Fate, Hooked};
use super::{api_state, assert_same, command, fill_keys, saved, set, with};
use crate::support::{Ran, finish};
use serde_json::{Value, json};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::random::SplitMix64;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a failing server does with a request.
#[derive(Debug, Clone, Copy)]
enum Failure {
    TooMany,
    NoLeader,
    Broken,
    CutBefore,
    CutAfter,
    Unknown,
}

const FAILURES: [Failure; 6] = [
    Failure::TooMany,
    Failure::NoLeader,
    Failure::Broken,
    Failure::CutBefore,
    Failure::CutAfter,
    Failure::Unknown,
];

impl Failure {
    fn fate(self) -> Fate {
        match self {
            Self::TooMany => {
                Fate::Answer("429 Too Many Requests", "Your IP is issuing too many requests")
            }
            Self::NoLeader => Fate::Answer("500 Internal Server Error", "No cluster leader"),
            Self::Broken => Fate::Answer("500 Internal Server Error", "rpc error making call: EOF"),
            Self::CutBefore => Fate::CutBefore,
            Self::CutAfter => Fate::CutAfter,
            Self::Unknown => Fate::Answer("403 Forbidden", "ACL not found"),
        }
    }
}

/// A server that is to be restored to the state of a snapshot.
fn prepared(server: &ConsulServer, dir: &Path) -> std::path::PathBuf {
    fill_keys(server, "app/", 400);
    for n in 0..6 {
        let entry =
            json!({"Kind": "service-defaults", "Name": format!("s{n}"), "Protocol": "http"});
        server.put("/v1/config", entry.to_string()).unwrap();
        let policy = json!({"Name": format!("p{n}"), "Rules": "key \"x\" { policy = \"read\" }"});
        server.put("/v1/acl/policy", policy.to_string()).unwrap();
        let token =
            json!({"Description": format!("t{n}"), "Policies": [{"Name": format!("p{n}")}]});
        server.put("/v1/acl/token", token.to_string()).unwrap();
    }
    saved(server, dir, "backup.snap")
}

fn scrambled(server: &ConsulServer) {
    server.delete("/v1/kv/app/0001?recurse").unwrap();
    for n in 0..64 {
        set(server, &format!("app/{n:06}"), b"other");
    }
    for n in 0..6 {
        server.delete(&format!("/v1/config/service-defaults/s{n}")).unwrap();
    }
    let list = |path: &str| server.get_json(path).unwrap().as_array().unwrap().clone();
    for token in list("/v1/acl/tokens") {
        if token["Description"].as_str().unwrap().starts_with('t') {
            let accessor = token["AccessorID"].as_str().unwrap();
            server.delete(&format!("/v1/acl/token/{accessor}")).unwrap();
        }
    }
    for policy in list("/v1/acl/policies") {
        if policy["Name"].as_str().unwrap().starts_with('p') {
            server.delete(&format!("/v1/acl/policy/{}", policy["ID"].as_str().unwrap())).unwrap();
        }
    }
}

const TYPES: &str = "kv,config-entries,policies,tokens";

fn run(address: &str, token: &str, args: &[&str]) -> Ran {
    let mut run = command(address, token);
    finish(run.args(["apply", "-y", "-o", "json", "--retries", "2"]).args(args), b"")
}

/// Every object that a report lists as done is in the cluster.
fn check_done(server: &ConsulServer, report: &Value) {
    for id in with(report, "result", "done") {
        let (kind, name) = id.split_once('/').unwrap();
        let path = match kind {
            "kv" => format!("/v1/kv/{name}"),
            "config-entry" => format!("/v1/config/{name}"),
            "token" => format!("/v1/acl/token/{name}"),
            _ => continue,
        };
        assert!(server.get(&path).is_ok(), "{id} is reported as done");
    }
}

fn fail(
    server: &ConsulServer,
    snap: &Path,
    dir: &Path,
    goal: &std::collections::BTreeMap<String, Value>,
    seed: u64,
) -> bool {
    let mut random = SplitMix64::new(seed);
    scrambled(server);
    let before = api_state(server);
    let failure = FAILURES[random.index(FAILURES.len())];
    // The write from which on it fails, and how many times; the last ones fail permanently.
    let first = random.index(16);
    let times = [1, 2, 40, usize::MAX / 2][random.index(4)];
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let hook = move |line: &str, request: &[u8]| {
        let text = String::from_utf8_lossy(request);
        let reads = line.starts_with("GET ")
            || line.contains("/v1/internal/")
            || text.contains("\"Verb\":\"get");
        let at = match reads {
            // Nothing fails before the first write.
            true if counter.load(Ordering::SeqCst) <= first => return Fate::Pass,
            true => counter.load(Ordering::SeqCst) - 1,
            false => counter.fetch_add(1, Ordering::SeqCst),
        };
        if at >= first && at < first.saturating_add(times) { failure.fate() } else { Fate::Pass }
    };
    let proxy = Hooked::start(server.http_addr(), Box::new(hook));
    let undo = dir.join(format!("undo-{seed}"));
    let args = [snap.to_str().unwrap(), "--type", TYPES, "--undo", undo.to_str().unwrap()];
    let ran = run(&proxy.address(), server.token(), &args);
    let about = format!("seed {seed}: {failure:?} from write {first}, {times} times");
    let report = ran.json();
    assert!(ran.code() == 0 || ran.code() == 2, "{about}: {}\n{report}", ran.stderr);
    check_done(server, &report);
    let done = with(&report, "result", "done").len();
    assert_eq!(report["result"]["done"], done, "{about}");
    if ran.code() == 2 {
        assert!(report["result"]["stopped"].is_string(), "{about}: {report}");
    } else {
        assert_same(&api_state(server), goal);
    }
    let ran_again =
        run(&server.http_addr().to_string(), server.token(), &[undo.to_str().unwrap(), "--resume"]);
    assert_eq!(ran_again.code(), 0, "{about}: {}\n{}", ran_again.stderr, ran_again.text());
    assert_same(&api_state(server), goal);
    let redo = dir.join(format!("redo-{seed}"));
    let back = run(
        &server.http_addr().to_string(),
        server.token(),
        &[undo.to_str().unwrap(), "--undo", redo.to_str().unwrap()],
    );
    assert_eq!(back.code(), 0, "{about}: {}\n{}", back.stderr, back.text());
    assert_same(&api_state(server), &before);
    ran.code() == 2
}

fn failures(seeds: std::ops::Range<u64>) {
    let Some(server) = ConsulServer::for_test("failures") else { return };
    let dir = tempfile::tempdir().unwrap();
    let snap = prepared(&server, dir.path());
    let goal = api_state(&server);
    let stopped =
        seeds.clone().filter(|seed| fail(&server, &snap, dir.path(), &goal, *seed)).count();
    let all = seeds.end - seeds.start;
    assert!(all < 10 || (stopped > 0 && (stopped as u64) < all), "{stopped} of {all} ended early");
}

#[test]
fn a_failing_server_is_reported_exactly() {
    failures(0..4);
}

/// `cargo test --test e2e -- --ignored apply_survives_thirty_failures`
#[test]
#[ignore = "takes minutes"]
fn apply_survives_thirty_failures() {
    failures(100..130);
}

/// Servers that accept less than documented: smaller transactions are remembered, not tried again
/// and again.
#[test]
fn the_size_of_transactions_is_learned() {
    let Some(server) = ConsulServer::for_test("the_size_of_transactions") else { return };
    fill_keys(&server, "app/", 3000);
    let dir = tempfile::tempdir().unwrap();
    let snap = saved(&server, dir.path(), "backup.snap");
    let goal = api_state(&server);
    server.delete("/v1/kv/app?recurse").unwrap();
    let refused = Arc::new(AtomicUsize::new(0));
    let counter = refused.clone();
    let hook = move |line: &str, request: &[u8]| {
        if !line.contains("/v1/txn") || request.len() < 2000 {
            return Fate::Pass;
        }
        counter.fetch_add(1, Ordering::SeqCst);
        Fate::Answer("413 Request Entity Too Large", "Request body too large")
    };
    let proxy = Hooked::start(server.http_addr(), Box::new(hook));
    let undo = dir.path().join("undo");
    let args = [snap.to_str().unwrap(), "--prefix", "app/", "--undo", undo.to_str().unwrap()];
    let ran = run(&proxy.address(), server.token(), &args);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_eq!(ran.json()["result"]["done"], 3000);
    assert_same(&api_state(&server), &goal);
    // Those in flight when it was learned; 47 transactions of full size would be refused otherwise.
    let refused = refused.load(Ordering::SeqCst);
    assert!((1..47).contains(&refused), "{refused}");
}

/// The token is deleted while it is used.
#[test]
fn a_token_that_is_revoked_midway_ends_the_run() {
    let Some(server) = ConsulServer::for_test("a_token_that_is_revoked") else { return };
    let server = Arc::new(server);
    let dir = tempfile::tempdir().unwrap();
    let snap = prepared(&server, dir.path());
    let goal = api_state(&server);
    let token = json!({"Description": "x", "Policies": [{"Name": "global-management"}]});
    let token: Value =
        serde_json::from_slice(&server.put("/v1/acl/token", token.to_string()).unwrap()).unwrap();
    scrambled(&server);
    let (accessor, secret) =
        (token["AccessorID"].as_str().unwrap().to_owned(), token["SecretID"].as_str().unwrap());
    let (count, revoking) = (AtomicUsize::new(0), server.clone());
    let hook = move |line: &str, _: &[u8]| {
        if line.contains("/v1/config?") && count.fetch_add(1, Ordering::SeqCst) == 2 {
            revoking.delete(&format!("/v1/acl/token/{accessor}")).unwrap();
        }
        Fate::Pass
    };
    let proxy = Hooked::start(server.http_addr(), Box::new(hook));
    let undo = dir.path().join("undo");
    let args = [snap.to_str().unwrap(), "--type", TYPES, "--undo", undo.to_str().unwrap()];
    let ran = run(&proxy.address(), secret, &args);
    let report = ran.json();
    assert_eq!(ran.code(), 2, "{}\n{report}", ran.stderr);
    assert!(
        report["result"]["stopped"].as_str().unwrap().contains("does not know this token"),
        "{report}"
    );
    check_done(&server, &report);
    assert_eq!(with(&report, "result", "conflict"), [""; 0]);
    let ran =
        run(&server.http_addr().to_string(), server.token(), &[undo.to_str().unwrap(), "--resume"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_same(&api_state(&server), &goal);
}

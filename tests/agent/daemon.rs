//! A running agent: what Consul and Prometheus see, signals, and recovery.

use super::process::AgentProcess;
use super::{ids, names};
use crate::support::write;
use serde_json::{Value, json};
use snapscope_testkit::{ConsulServer, http};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

pub(super) const SOON: Duration = Duration::from_secs(20);

/// A port that was free a moment ago.
pub(super) fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// Waits until `is_so`.
pub(super) fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < SOON, "not within {SOON:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub(super) fn checks(server: &ConsulServer) -> Vec<Value> {
    let checks = server.get_json("/v1/health/checks/consul-snapshot").unwrap();
    checks.as_array().cloned().unwrap()
}

pub(super) fn status(server: &ConsulServer, name: &str) -> String {
    let found = checks(server).into_iter().find(|check| check["Name"] == name);
    found.map_or_else(String::new, |check| check["Status"].as_str().unwrap().to_owned())
}

pub(super) fn page(address: SocketAddr, path: &str) -> http::Response {
    http::request(address, "GET", path, "", b"").unwrap()
}

pub(super) const ALIVE: &str = "Consul Snapshot Agent Alive";
pub(super) const SAVING: &str = "Consul Snapshot Agent Saving Snapshots";

#[test]
fn what_consul_and_prometheus_see() {
    let Some(server) = ConsulServer::for_test("what_consul_and_prometheus_see") else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let metrics = free_address();
    let config = |retain: u64| {
        let config = json!({"snapshot_agent": {
            "http_addr": server.http_addr().to_string(), "token": server.token(),
            "snapshot": {"interval": "2s", "retain": retain, "metrics": metrics.to_string(),
                "local_scratch_path": dir.path(), "max_failures": 30},
            "backup_destinations": {"local_storage": [{"path": store}]}
        }});
        write(dir.path(), "agent.json", config.to_string().as_bytes())
    };
    let file = config(2);
    // Files that a killed agent left are removed.
    write(&store, ".consul-5.snap.abcdef.part", b"half");
    write(dir.path(), ".snapscope-agent-1.snap.abcdef.part", b"half");
    let args = ["-config-file", file.to_str().unwrap()];
    let mut agent = AgentProcess::at(server.http_addr(), "", &args, &dir.path().join("agent.log"));
    agent.expect("Snapshot agent running", SOON);
    agent.expect("Waiting to obtain leadership...", SOON);
    agent.expect("Obtained leadership", SOON);
    for _ in 0..3 {
        agent.expect("Saved snapshot ", SOON);
    }
    until("two are kept", || ids(&store).len() == 2);
    assert!(names(&store).iter().all(|name| name.starts_with("consul-")), "{:?}", names(&store));
    assert!(!dir.path().join(".snapscope-agent-1.snap.abcdef.part").exists());

    until("both checks pass", || {
        status(&server, ALIVE) == "passing" && status(&server, SAVING) == "passing"
    });
    assert_eq!(checks(&server).len(), 2);
    let lock = server.get_json("/v1/kv/consul-snapshot/lock").unwrap();
    assert_eq!(lock[0]["Flags"], 0x2ddc_cbc0_58a5_0c18_u64);
    assert!(lock[0]["Session"].as_str().is_some_and(|session| session.len() == 36));

    let text = String::from_utf8(page(metrics, "/metrics").ok().unwrap()).unwrap();
    for expected in [
        "snapscope_agent_leader 1\n",
        "# TYPE snapscope_agent_snapshots_total counter\n",
        "snapscope_agent_last_success_timestamp_seconds ",
        "snapscope_agent_last_success_age_seconds ",
        "snapscope_agent_snapshot_duration_seconds ",
        "snapscope_agent_snapshot_size_bytes ",
        "snapscope_agent_snapshot_index ",
        "snapscope_agent_snapshot_records{type=\"ACLToken\"} ",
        "snapscope_agent_failures_total{stage=\"store\"} 0\n",
    ] {
        assert!(text.contains(expected), "no {expected:?}:\n{text}");
    }
    assert_eq!(page(metrics, "/healthz").status, 200);
    assert_eq!(page(metrics, "/other").status, 404);

    comes_back(&server, &mut agent, &store, metrics);

    // The files are read again: changes apply at once, and errors are not applied.
    config(4);
    agent.signal("HUP");
    agent.expect("Configuration reloaded", SOON);
    until("four are kept", || ids(&store).len() == 4);
    std::fs::write(&file, r#"{"snapshot_agent": {"nonsense": 1}}"#).unwrap();
    agent.signal("HUP");
    agent.expect("Keeping the old configuration", SOON);
    agent.expect("Saved snapshot ", SOON);
    assert_eq!(agent.count("Obtained leadership"), 1, "{}", agent.text());

    assert_eq!(agent.stop(), 0, "{}", agent.text());
    assert!(agent.text().contains("Released leadership"), "{}", agent.text());
    assert_eq!(checks(&server), [] as [Value; 0]);
    let lock = server.get_json("/v1/kv/consul-snapshot/lock").unwrap();
    assert_eq!(lock[0].get("Session"), None);
    assert_eq!(lock[0]["Flags"], 0x2ddc_cbc0_58a5_0c18_u64);
    assert_eq!(server.get_json("/v1/session/list").unwrap(), json!([]));
    assert_eq!(names(dir.path()), ["agent.json", "agent.log", "store"]);
}

/// A store that fails and recovers, and a registration that does.
fn comes_back(server: &ConsulServer, agent: &mut AgentProcess, store: &Path, metrics: SocketAddr) {
    let away = store.with_file_name("away");
    std::fs::rename(store, &away).unwrap();
    agent.expect("Snapshot failed", SOON);
    until("the check is critical", || status(server, SAVING) == "critical");
    assert_eq!(status(server, ALIVE), "passing");
    until("it is unhealthy", || page(metrics, "/healthz").status == 503);
    let text = String::from_utf8(page(metrics, "/metrics").ok().unwrap()).unwrap();
    assert!(!text.contains("failures_total{stage=\"store\"} 0"), "{text}");
    std::fs::rename(&away, store).unwrap();
    agent.expect("Saved snapshot ", SOON);
    until("the check passes again", || status(server, SAVING) == "passing");
    assert_eq!(page(metrics, "/healthz").status, 200);

    let id = checks(server)[0]["ServiceID"].as_str().unwrap().to_owned();
    server.put(&format!("/v1/agent/service/deregister/{id}"), b"").unwrap();
    until("it is registered again", || {
        status(server, ALIVE) == "passing" && status(server, SAVING) == "passing"
    });
}

/// An agent whose store fails lets another one lead.
#[test]
fn failures_in_a_row_give_leadership_to_another() {
    let Some(server) = ConsulServer::for_test("failures_in_a_row_give_leadership_to_another")
    else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (good, bad) = (dir.path().join("good"), dir.path().join("bad"));
    std::fs::create_dir(&good).unwrap();
    std::fs::create_dir(&bad).unwrap();
    let start = |store: &Path, log: &str| {
        let store = store.to_str().unwrap();
        let args = ["-interval=1s", "-max-failures=2", "-local-path", store, "-service", "nightly"];
        AgentProcess::at(server.http_addr(), server.token(), &args, &dir.path().join(log))
    };
    let mut first = start(&bad, "first.log");
    first.expect("Saved snapshot ", SOON);
    let mut second = start(&good, "second.log");
    second.expect("Waiting to obtain leadership...", SOON);
    until("both are registered", || {
        let checks = server.get_json("/v1/health/checks/nightly").unwrap();
        checks.as_array().unwrap().iter().filter(|check| check["Name"] == ALIVE).count() == 2
    });
    std::fs::remove_dir_all(&bad).unwrap();
    first.expect("Gave up leadership after 2 failures in a row", SOON);
    second.expect("Saved snapshot ", SOON);
    // At no moment did both lead.
    let (one, two) = (first.tenures()[0], second.tenures()[0]);
    assert!(one.1 <= two.0 + 0.05, "{one:?} {two:?}");
    assert_eq!((first.stop(), second.stop()), (0, 0));
}

/// A silent client cannot keep others from being answered.
#[test]
fn idle_connections_block_nobody() {
    let Some(server) = ConsulServer::for_test("idle_connections_block_nobody") else { return };
    let dir = tempfile::tempdir().unwrap();
    let metrics = free_address();
    let (folder, address) = (dir.path().to_str().unwrap(), metrics.to_string());
    let args = ["-interval=1h", "-local-path", folder, "-metrics", &address];
    let log = dir.path().join("log");
    let mut agent = AgentProcess::at(server.http_addr(), server.token(), &args, &log);
    agent.expect("Saved snapshot ", SOON);
    let mut idle = Vec::new();
    for _ in 0..60 {
        for _ in 0..5 {
            idle.push(std::net::TcpStream::connect(metrics).unwrap());
        }
        let begun = Instant::now();
        assert_eq!(page(metrics, "/healthz").status, 200);
        assert_eq!(page(metrics, "/metrics").status, 200);
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
    // Neither can half a request, and a client that sends in pieces is answered.
    use std::io::{Read as _, Write as _};
    for _ in 0..150 {
        let mut half = std::net::TcpStream::connect(metrics).unwrap();
        half.write_all(b"GET /metrics HTTP/1.1\r\n").unwrap();
        idle.push(half);
    }
    let mut pieces = std::net::TcpStream::connect(metrics).unwrap();
    for piece in ["GET /hea", "lthz HTTP/1.1\r\n", "Host: x\r\n\r\n"] {
        pieces.write_all(piece.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut answer = String::new();
    pieces.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert_eq!(agent.stop(), 0);
}

/// Snapshots at the times of a cron expression.
#[test]
fn snapshots_by_a_schedule() {
    let Some(server) = ConsulServer::for_test("snapshots_by_a_schedule") else { return };
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_str().unwrap();
    let args = ["-schedule", "*/3 * * * * *", "-retain=2", "-local-path", folder];
    let log = dir.path().join("log");
    let mut agent = AgentProcess::at(server.http_addr(), server.token(), &args, &log);
    for _ in 0..4 {
        agent.expect("Saved snapshot ", SOON);
    }
    until("two are kept", || ids(dir.path()).len() == 2);
    assert_eq!(agent.stop(), 0, "{}", agent.text());
    // All but the first, which was due at once, were taken at the times of the expression.
    for (_, id) in agent.saved().into_iter().skip(1) {
        let second = id / 1_000_000_000;
        assert!(second % 3 == 0, "{second}: {}", agent.text());
    }
}

/// A restarted agent continues where it was: it takes no snapshot only because of the restart.
#[test]
fn a_restart_takes_no_snapshot_before_its_time() {
    let test = "a_restart_takes_no_snapshot_before_its_time";
    let Some(server) = ConsulServer::for_test(test) else { return };
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_str().unwrap();
    let log = dir.path().join("log");
    let start = |interval: &str| {
        let args = [interval, "-retain=2", "-local-path", folder];
        AgentProcess::at(server.http_addr(), server.token(), &args, &log)
    };
    let mut first = start("-interval=1h");
    first.expect("Saved snapshot ", SOON);
    assert_eq!(first.stop(), 0);
    let kept = ids(dir.path());
    for _ in 0..3 {
        let mut again = start("-interval=1h");
        again.expect("the next one is due in ", SOON);
        assert_eq!(again.stop(), 0);
    }
    assert_eq!(ids(dir.path()), kept);
    let mut due = start("-interval=2s");
    due.expect("Saved snapshot ", SOON);
    assert_eq!(due.stop(), 0);
}

/// An agent that is refused a session does not lead, and counts that.
#[test]
fn what_keeps_an_agent_from_leading_is_counted() {
    let test = "what_keeps_an_agent_from_leading_is_counted";
    let Some(server) = ConsulServer::for_test(test) else { return };
    let dir = tempfile::tempdir().unwrap();
    let metrics = free_address();
    let address = metrics.to_string();
    let args = ["-metrics", &address, "-local-path", dir.path().to_str().unwrap()];
    // The anonymous token has no permissions.
    let log = dir.path().join("agent.log");
    let mut agent = AgentProcess::at(server.http_addr(), "", &args, &log);
    agent.expect("Cannot obtain leadership", SOON);
    until("the failure is counted", || {
        let text = String::from_utf8(page(metrics, "/metrics").ok().unwrap()).unwrap();
        let line = text.lines().find(|line| line.contains("{stage=\"leadership\"}")).unwrap();
        !line.ends_with(" 0")
    });
    assert_eq!(agent.stop(), 0);
}

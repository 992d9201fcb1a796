//! Signals at awkward moments.

use super::daemon::{SOON, free_address, page, until};
use super::gate::{Gate, Mode};
use super::process::AgentProcess;
use super::{ids, names};
use crate::support::write;
use serde_json::json;
use snapscope_testkit::ConsulServer;
use snapscope_testkit::random::SplitMix64;
use std::time::{Duration, Instant};

/// Health reports an invalid configuration, and SIGHUP loads the corrected one.
#[test]
fn what_can_t_begin_is_unhealthy_until_its_configuration_is_mended() {
    let test = "what_can_t_begin_is_unhealthy_until_its_configuration_is_mended";
    let Some(server) = ConsulServer::for_test(test) else { return };
    let dir = tempfile::tempdir().unwrap();
    let metrics = free_address();
    let config = |login: serde_json::Value| {
        let config = json!({"snapshot_agent": {
            "http_addr": server.http_addr().to_string(), "token": server.token(), "login": login,
            "snapshot": {"interval": "1s", "metrics": metrics.to_string(),
                "local_scratch_path": dir.path()},
            "local_storage": {"path": dir.path()}
        }});
        write(dir.path(), "agent.json", config.to_string().as_bytes())
    };
    let file = config(json!({"auth_method": "no-such-method", "bearer_token": "not-a-token"}));
    let args = ["-config-file", file.to_str().unwrap()];
    let mut agent = AgentProcess::at(server.http_addr(), "", &args, &dir.path().join("log"));
    agent.expect("Cannot start yet", SOON);
    until("it is unhealthy", || page(metrics, "/healthz").status == 503);
    // An error changes nothing, and is reported in one readable line.
    std::fs::write(&file, r#"{"snapshot_agent": {"nonsense": 1, "folly": 2}}"#).unwrap();
    agent.signal("HUP");
    agent.expect("Keeping the old configuration: ", SOON);
    let text = agent.text();
    let line = text.lines().find(|line| line.contains("Keeping the old configuration")).unwrap();
    assert!(line.contains("\"nonsense\"; ") || line.contains("\"folly\"; "), "{line}");
    assert!(!line.contains("\\n"), "{line}");
    config(json!({}));
    agent.signal("HUP");
    agent.expect("Configuration reloaded", SOON);
    agent.expect("Saved snapshot ", SOON);
    assert_eq!(page(metrics, "/healthz").status, 200);
    assert_eq!(agent.stop(), 0, "{}", agent.text());
    assert!(!agent.text().contains("not-a-token"), "{}", agent.text());
}

/// An agent that cannot reach Consul is unhealthy even if it does not lead.
#[test]
fn who_reaches_no_consul_is_unhealthy() {
    let Some(server) = ConsulServer::for_test("who_reaches_no_consul_is_unhealthy") else { return };
    let dir = tempfile::tempdir().unwrap();
    let gate = Gate::to(server.http_addr());
    gate.set(Mode::Cut);
    let metrics = free_address();
    let folder = dir.path().to_str().unwrap();
    let address = metrics.to_string();
    let args = ["-interval=1s", "-local-path", folder, "-metrics", &address];
    let log = dir.path().join("log");
    let mut agent = AgentProcess::at(gate.address(), server.token(), &args, &log);
    agent.expect("Cannot obtain leadership", SOON);
    until("it is unhealthy", || page(metrics, "/healthz").status == 503);
    gate.set(Mode::Open);
    agent.expect("Saved snapshot ", SOON);
    until("it is well again", || page(metrics, "/healthz").status == 200);
    assert_eq!(agent.stop(), 0, "{}", agent.text());
}

/// SIGTERM during a download: nothing is stored, nothing is left, and it ends soon.
#[test]
fn stopping_within_a_download_leaves_nothing() {
    let test = "stopping_within_a_download_leaves_nothing";
    let Some(server) = ConsulServer::for_test(test) else { return };
    let mut noise = SplitMix64::new(5);
    for at in 0..8 {
        let mut value = vec![0; 500_000];
        noise.fill(&mut value);
        server.put(&format!("/v1/kv/app/{at}"), value).unwrap();
    }
    for (interval, code) in [("-interval=1h", 0), ("-interval=0", 2)] {
        let dir = tempfile::tempdir().unwrap();
        let [store, scratch] = ["store", "scratch"].map(|name| dir.path().join(name));
        std::fs::create_dir(&store).unwrap();
        std::fs::create_dir(&scratch).unwrap();
        let gate = Gate::to(server.http_addr());
        // A piece has 64 KiB at most, so the four megabytes would take half a minute.
        gate.set(Mode::Slow(Duration::from_millis(500)));
        let args = [
            interval,
            "-local-path",
            store.to_str().unwrap(),
            "-local-scratch-path",
            scratch.to_str().unwrap(),
        ];
        let log = dir.path().join("log");
        let mut agent = AgentProcess::at(gate.address(), server.token(), &args, &log);
        let some = || names(&scratch).first().and_then(|name| scratch.join(name).metadata().ok());
        until("bytes come", || some().is_some_and(|part| part.len() > 0));
        let begun = Instant::now();
        assert_eq!(agent.stop(), code, "{}", agent.text());
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        assert_eq!((names(&scratch), ids(&store)), (Vec::new(), Vec::new()), "{}", agent.text());
        assert_eq!(agent.count("Saved snapshot"), 0, "{}", agent.text());
    }
}

/// A shorter interval applies at once, not after the current one.
#[test]
fn a_new_interval_holds_at_once() {
    let Some(server) = ConsulServer::for_test("a_new_interval_holds_at_once") else { return };
    let dir = tempfile::tempdir().unwrap();
    let config = |interval: &str| {
        let config = json!({"snapshot_agent": {
            "http_addr": server.http_addr().to_string(), "token": server.token(),
            "snapshot": {"interval": interval, "local_scratch_path": dir.path()},
            "local_storage": {"path": dir.path()}
        }});
        write(dir.path(), "agent.json", config.to_string().as_bytes())
    };
    let file = config("1h");
    let args = ["-config-file", file.to_str().unwrap()];
    let mut agent = AgentProcess::at(server.http_addr(), "", &args, &dir.path().join("log"));
    agent.expect("Saved snapshot ", SOON);
    config("1s");
    agent.signal("HUP");
    agent.expect("Configuration reloaded", SOON);
    agent.expect("Saved snapshot ", SOON);
    assert_eq!(agent.count("Obtained leadership"), 1, "{}", agent.text());
    assert_eq!(agent.stop(), 0, "{}", agent.text());
}

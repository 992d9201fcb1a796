//! An agent that runs: what Consul and Prometheus see of it, signals, what comes back by itself.

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

fn checks(server: &ConsulServer) -> Vec<Value> {
    let checks = server.get_json("/v1/health/checks/consul-snapshot").unwrap();
    checks.as_array().cloned().unwrap()
}

fn status(server: &ConsulServer, name: &str) -> String {
    let found = checks(server).into_iter().find(|check| check["Name"] == name);
    found.map_or_else(String::new, |check| check["Status"].as_str().unwrap().to_owned())
}

pub(super) fn page(address: SocketAddr, path: &str) -> http::Response {
    http::request(address, "GET", path, "", b"").unwrap()
}

const ALIVE: &str = "Consul Snapshot Agent Alive";
const SAVING: &str = "Consul Snapshot Agent Saving Snapshots";

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
    // What a killed one left is cleaned up.
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

    // Read again: what changed holds at once, and what is wrong is not taken over.
    config(4);
    agent.signal("HUP");
    agent.expect("Configuration read again", SOON);
    until("four are kept", || ids(&store).len() == 4);
    std::fs::write(&file, r#"{"snapshot_agent": {"nonsense": 1}}"#).unwrap();
    agent.signal("HUP");
    agent.expect("The old configuration stays", SOON);
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

/// A store that is gone and comes back, and a registration that is.
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

/// An agent whose store is gone lets another one lead.
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
    // Between the two there was no moment at which both led.
    let (one, two) = (first.tenures()[0], second.tenures()[0]);
    assert!(one.1 <= two.0 + 0.05, "{one:?} {two:?}");
    assert_eq!((first.stop(), second.stop()), (0, 0));
}

/// Runs openssl with something on standard input.
fn openssl(args: &[&str], stdin: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut command = Command::new("openssl");
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("openssl is there");
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "openssl {args:?}");
    ended.stdout
}

/// The token comes from a login by a JWT that a key made for the test signed, and is given back.
#[test]
fn a_login_gives_the_token() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    let Some(server) = ConsulServer::for_test("a_login_gives_the_token") else { return };
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key.pem");
    let key = key.to_str().unwrap();
    openssl(&["genrsa", "-out", key, "2048"], b"");
    let public = String::from_utf8(openssl(&["rsa", "-in", key, "-pubout"], b"")).unwrap();
    let expires = super::process::now() as u64 + 3600;
    let claims = json!({"aud": "snapscope", "sub": "agent", "exp": expires, "iat": expires - 3700});
    let signed = format!(
        "{}.{}",
        BASE64.encode(r#"{"alg":"RS256","typ":"JWT"}"#),
        BASE64.encode(claims.to_string())
    );
    let signature = openssl(&["dgst", "-sha256", "-sign", key], signed.as_bytes());
    let bearer =
        write(dir.path(), "bearer", format!("{signed}.{}\n", BASE64.encode(signature)).as_bytes());
    let put = |path: &str, body: Value| server.put(path, body.to_string()).unwrap();
    put(
        "/v1/acl/auth-method",
        json!({"Name": "jwt", "Type": "jwt", "Config": {
        "JWTValidationPubKeys": [public], "BoundAudiences": ["snapscope"],
        "JWTSupportedAlgs": ["RS256"]}}),
    );
    let rules = std::fs::read_to_string(
        snapscope_testkit::fixtures::workspace().join("deploy/agent-policy.hcl"),
    );
    put("/v1/acl/policy", json!({"Name": "agent", "Rules": rules.unwrap()}));
    put("/v1/acl/role", json!({"Name": "agent", "Policies": [{"Name": "agent"}]}));
    put(
        "/v1/acl/binding-rule",
        json!({"AuthMethod": "jwt", "BindType": "role", "BindName": "agent"}),
    );
    let tokens = || {
        let tokens = server.get_json("/v1/acl/tokens?authmethod=jwt").unwrap();
        tokens.as_array().map_or(0, Vec::len)
    };
    let store = dir.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let args = [
        "-interval=1s",
        "-login-auth-method=jwt",
        "-login-bearer-token-file",
        bearer.to_str().unwrap(),
        "-login-meta=a=b",
        "-local-path",
        store.to_str().unwrap(),
    ];
    let mut agent = AgentProcess::at(server.http_addr(), "", &args, &dir.path().join("log"));
    agent.expect("Logged in by auth method jwt", SOON);
    agent.expect("Saved snapshot ", SOON);
    assert_eq!(tokens(), 1);
    assert_eq!(agent.stop(), 0);
    assert_eq!(tokens(), 0);
}

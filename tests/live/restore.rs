//! `restore`: what the API says before is what it says after; and everything that is refused.

use super::proxy::{Fault, Proxy, answer};
use super::{command, run_at};
use crate::support::{Fixture, Ran, finish, run, write};
use serde_json::{Value, json};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::fill::fill;
use snapscope_testkit::fixtures;
use snapscope_testkit::generate::{GenerateOptions, snap};
use std::collections::BTreeMap;
use std::path::Path;

/// What the API shows, path by path, but for the server's own registration, which the server renews
/// at its leisure.
fn api_state(server: &ConsulServer) -> BTreeMap<String, Value> {
    let mut state = BTreeMap::new();
    let mut see = |path: String| {
        let value = server.get_json(&path).unwrap_or(Value::Null);
        state.insert(path, value.clone());
        value
    };
    for path in [
        "/v1/kv/?recurse",
        "/v1/session/list",
        "/v1/query",
        "/v1/acl/tokens",
        "/v1/acl/policies",
        "/v1/acl/roles",
        "/v1/acl/auth-methods",
        "/v1/acl/binding-rules",
        "/v1/connect/intentions",
        "/v1/connect/ca/roots",
        "/v1/operator/autopilot/configuration",
        "/v1/config/proxy-defaults",
        "/v1/config/service-defaults",
        "/v1/config/service-resolver",
        "/v1/config/service-router",
        "/v1/config/service-splitter",
        "/v1/config/ingress-gateway",
        "/v1/config/terminating-gateway",
    ] {
        see(path.to_owned());
    }
    let nodes = see("/v1/catalog/nodes".to_owned());
    for node in nodes.as_array().unwrap() {
        let name = node["Node"].as_str().unwrap();
        if name != snapscope_testkit::consul::NODE_NAME {
            see(format!("/v1/health/node/{name}"));
            see(format!("/v1/catalog/node/{name}"));
        }
    }
    let others = |node: &Value| node["Node"] != snapscope_testkit::consul::NODE_NAME;
    let nodes = nodes.as_array().unwrap().iter().filter(|n| others(n)).cloned().collect();
    state.insert("/v1/catalog/nodes".to_owned(), Value::Array(nodes));
    state
}

fn restore(server: &ConsulServer, file: &Path, more: &[&str]) -> Ran {
    let args = ["restore", file.to_str().unwrap()];
    run_at(server, args.iter().chain(more))
}

fn same(after: &BTreeMap<String, Value>, before: &BTreeMap<String, Value>) {
    for (path, value) in before {
        assert_eq!(&after[path], value, "{path}");
    }
}

#[test]
fn the_api_says_after_what_it_said_before() {
    let Some(server) = ConsulServer::for_test("the_api_says_after_what_it_said_before") else {
        return;
    };
    let filled = fill(&server).unwrap();
    let before = api_state(&server);
    assert!(before.values().filter(|v| v.as_array().is_some_and(|a| !a.is_empty())).count() > 15);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("backup.snap");
    let ran = run_at(&server, ["save", file.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));

    let change = || {
        server.delete("/v1/kv/?recurse").unwrap();
        server.put("/v1/kv/new", "value").unwrap();
        for policy in &filled.policies[..1] {
            server.delete(&format!("/v1/acl/policy/{policy}")).unwrap();
        }
        let node = json!({"Node": "newcomer", "Address": "10.9.9.9"});
        server.put("/v1/catalog/register", node.to_string()).unwrap();
        let gone = json!({"Node": filled.nodes[0]});
        server.put("/v1/catalog/deregister", gone.to_string()).unwrap();
    };
    change();
    assert_ne!(api_state(&server), before);

    // The plan alone changes nothing.
    let changed = api_state(&server);
    let ran = restore(&server, &file, &["--dry-run"]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    let row = |kind: &str| {
        let line = ran.text().lines().find(|line| line.trim_start().starts_with(kind));
        line.unwrap_or_else(|| panic!("{kind} in {}", ran.text()))
            .split_whitespace()
            .skip(1)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let keys = filled.keys.len();
    assert_eq!(row("KVS"), [keys.to_string(), "1".into(), format!("{:+}", keys as i64 - 1)]);
    assert_eq!(row("Datacenter"), ["dc1", "dc1"]);
    assert!(!ran.text().contains("Warning"), "{}", ran.text());
    same(&api_state(&server), &changed);

    // Nobody to ask, nothing done.
    let ran = restore(&server, &file, &[]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("-y says yes"), "{}", ran.stderr);
    same(&api_state(&server), &changed);

    let ran = restore(&server, &file, &["-y"]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{}", ran.text());
    assert!(
        ran.text().contains("Restored snapshot ") && ran.text().contains("leads, now at index")
    );
    same(&api_state(&server), &before);

    // The same from what the server keeps itself, by its data-dir, a folder of its, and a bare
    // state.bin with its meta.json beside it; and from the tar archive alone.
    let data = server.data_dir();
    let snapshots = data.join("raft/snapshots");
    let newest = std::fs::read_dir(&snapshots).unwrap().map(|e| e.unwrap().path()).max().unwrap();
    let copy = dir.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    for name in ["meta.json", "state.bin"] {
        std::fs::copy(newest.join(name), copy.join(name)).unwrap();
    }
    let mut tar = Vec::new();
    let bytes = std::fs::read(&file).unwrap();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut tar).unwrap();
    let tar = write(dir.path(), "backup.tar", &tar);
    for source in [copy.as_path(), &copy.join("state.bin"), &tar] {
        change();
        let ran = restore(&server, source, &["-y", "-o", "json"]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        let json = ran.json();
        assert!(json["Restored"]["Index"].as_u64() > json["Cluster"]["Index"].as_u64());
        let keys = json["Types"].as_array().unwrap().iter().find(|t| t["Name"] == "KVS").unwrap();
        assert_eq!(keys["Snapshot"], filled.keys.len());
    }
    // The folder was the state when the plan was made: the server makes one for each snapshot.
    let ran = restore(&server, &data, &["--dry-run", "-o", "json"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    same(&api_state(&server), &before);
}

/// Snapshots of other clusters: one made up, one recorded. What it brings is what was counted.
#[test]
fn snapshots_of_other_clusters() {
    let Some(server) = ConsulServer::for_test("snapshots_of_other_clusters") else { return };
    let dir = tempfile::tempdir().unwrap();
    let options = GenerateOptions { bytes: 2 << 20, ..GenerateOptions::default() };
    let (bytes, _) = snap(&options);
    let generated = write(dir.path(), "generated.snap", &bytes);
    let ran = restore(&server, &generated, &["-y", "-o", "json", "--force"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let plan = ran.json();
    let keys = |json: &Value, side: &str| {
        let types = json["Types"].as_array().unwrap();
        types.iter().find(|t| t["Name"] == "KVS").map(|t| t[side].as_u64().unwrap())
    };
    let stored = server.get_json("/v1/kv/?keys").unwrap().as_array().unwrap().len();
    assert_eq!(keys(&plan, "Snapshot"), Some(stored as u64));

    // The recorded one has tokens of its own: one that was made here is gone with the restore.
    let body = json!({"Policies": [{"Name": "global-management"}]}).to_string();
    let made: Value = serde_json::from_slice(&server.put("/v1/acl/token", body).unwrap()).unwrap();
    let recorded = Fixture::snap("consul-1.8.7/small-a").path;
    let mut restore = command(&server.http_addr().to_string(), made["SecretID"].as_str().unwrap());
    let ran = finish(restore.args(["restore", "-y"]).arg(&recorded), b"");
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    for part in ["Warning: the token in use is not in", "is of the cluster", "leads\n"] {
        assert!(ran.text().contains(part), "{part}: {}", ran.text());
    }
    assert!(ran.stderr.contains("the tokens are the snapshot's now"), "{}", ran.stderr);
    // The server makes the token of its configuration anew.
    let held = run(["list", "kv", "-o", "jsonl", recorded.to_str().unwrap()]).lines().len();
    let stored = server.get_json("/v1/kv/?keys").unwrap().as_array().unwrap().len();
    assert_eq!(stored, held);
}

#[test]
fn what_can_t_be_restored_is_refused() {
    let Some(server) = ConsulServer::for_test("what_can_t_be_restored_is_refused") else { return };
    server.put("/v1/kv/here", "1").unwrap();
    let before = api_state(&server);
    let dir = tempfile::tempdir().unwrap();
    let good = server.snapshot_save().unwrap();

    // Damage: a changed byte, a cut.
    let mut changed = good.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 4;
    let cut = good[..good.len() - 9].to_vec();
    for (name, bytes) in [("changed.snap", changed), ("cut.snap", cut)] {
        let ran = restore(&server, &write(dir.path(), name, &bytes), &["-y", "--force"]);
        assert_eq!((ran.code(), ran.text()), (3, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("damaged") && ran.stderr.contains("the cluster is as it was"));
    }

    // Types that 1.8.7 doesn't know.
    let newer = Fixture::snap("consul-1.21.4/small-a").path;
    let ran = restore(&server, &newer, &["--dry-run"]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (1, ""));
    for part in
        ["of type Peering, which Consul 1.8.7 does not know (known to 1.13.0 and later)", "1.21.4"]
    {
        assert!(ran.text().contains(part), "{part}: {}", ran.text());
    }
    let ran = restore(&server, &newer, &["-y"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("nothing was sent (--force"), "{}", ran.stderr);

    // A state without its index, standard input, no snapshot at all.
    let state = write(dir.path(), "some.bin", &fixtures::state_of(&good));
    let ran = restore(&server, &state, &["-y"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("meta.json"), "{}", ran.stderr);
    let ran = restore(&server, Path::new("-"), &["-y"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("save standard input to a file"), "{}", ran.stderr);
    let ran = restore(&server, Path::new("/no/such.snap"), &["-y"]);
    assert_eq!(ran.code(), 2);
    same(&api_state(&server), &before);

    // What the network does: the plan's download breaks, the upload breaks, the cluster stays away.
    let file = write(dir.path(), "good.snap", &good);
    let through = |faults: Vec<Fault>, more: &[&str]| {
        let proxy = Proxy::start(server.http_addr(), faults);
        let mut command = command(&proxy.address(), server.token());
        command.args(["restore", "-y", "--retries", "0", "--timeout", "5s"]).arg(&file);
        finish(command.args(more), b"")
    };
    let ran = through(vec![Fault::Cut(500_000)], &[]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("the cluster's own snapshot can't be had"), "{}", ran.stderr);
    let refused = answer("500 Internal Server Error", b"snapshot is too old");
    let ran = through(vec![Fault::None, Fault::None, refused], &[]);
    assert_eq!(ran.code(), 2);
    assert!(
        ran.stderr.contains("whether servers took the snapshot is not known"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("snapshot is too old"), "{}", ran.stderr);
    same(&api_state(&server), &before);
    let nobody = answer("200 OK", b"\"\"");
    let ran = through(vec![Fault::None, Fault::None, Fault::None, nobody], &["--wait", "1s"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("the cluster has no leader; look into"), "{}", ran.stderr);
    // Sent it was nevertheless.
    same(&api_state(&server), &before);
}

/// On a terminal it asks, and only a yes is one.
#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_it_asks() {
    let Some(server) = ConsulServer::for_test("on_a_terminal_it_asks") else { return };
    server.put("/v1/kv/a", "1").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "backup.snap", &server.snapshot_save().unwrap());
    server.put("/v1/kv/b", "2").unwrap();
    let keys = || server.get_json("/v1/kv/?keys").unwrap();
    for (word, code, expected) in [("no", 2, json!(["a", "b"])), ("yes", 0, json!(["a"]))] {
        // util-linux's script gives a terminal to what it runs, and tells how it ended.
        let asked = format!("{} restore {}", env!("CARGO_BIN_EXE_snapscope"), file.display());
        let mut script = std::process::Command::new("script");
        script.args(["-qefc", &asked, "/dev/null"]).stdin(std::process::Stdio::piped());
        script.env("CONSUL_HTTP_ADDR", server.http_addr().to_string());
        let ran =
            finish(script.env("CONSUL_HTTP_TOKEN", server.token()), format!("{word}\n").as_bytes());
        let text = ran.text();
        assert!(text.contains(" holds? Type yes: "), "{text}");
        assert_eq!(ran.code(), code, "{text}");
        let says = if code == 0 { "Restored snapshot" } else { "nothing was sent" };
        assert!(text.contains(says), "{text}");
        assert_eq!(keys(), expected);
    }
}

/// What is wrong with a file is told before it matters that nobody can be asked.
#[test]
fn a_damaged_file_is_told_even_if_nobody_can_be_asked() {
    let dir = tempfile::tempdir().unwrap();
    let whole = std::fs::read(Fixture::snap("consul-1.21.4/small-a").path).unwrap();
    let cut = write(dir.path(), "cut.snap", &whole[..5000]);
    let ran = run(["restore", "--http-addr", "127.0.0.1:9", cut.to_str().unwrap()]);
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    let ran = run(["restore", "--http-addr", "127.0.0.1:9", "no-such-file.snap"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("no-such-file.snap"), "{}", ran.stderr);
}

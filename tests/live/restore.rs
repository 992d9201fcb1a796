//! `restore`: what the API returned before, it returns afterwards; and everything that is refused.

use super::proxy::{Fault, Proxy, answer};
use super::{command, run_at};
use crate::support::{Fixture, Ran, finish, run, write};
use serde_json::{Value, json};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::fill::fill;
use snapscope_testkit::fixtures;
use snapscope_testkit::generate::{GenerateOptions, snap};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the API returns, path by path, except for the server's own registration, which the server
/// renews at any time.
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
    // The cluster's own snapshot is saved next to FILE, and nothing may be written among the
    // recorded ones.
    let is_recorded = file.starts_with(fixtures::workspace().join("fixtures"));
    let kept = if is_recorded { &["--no-save-current"][..] } else { &[] };
    run_at(server, args.iter().chain(kept).chain(more))
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
    let added = keys.to_string();
    assert_eq!(row("KVS"), [&added, "1", &added, "1", "0", "0"]);
    assert_eq!(row("Datacenter"), ["dc1", "dc1"]);
    // A policy was deleted, but no token.
    assert!(!ran.text().contains("Warning"), "{}", ran.text());
    same(&api_state(&server), &changed);

    // Without a terminal nothing is done.
    let ran = restore(&server, &file, &[]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("pass -y to restore anyway"), "{}", ran.stderr);
    same(&api_state(&server), &changed);

    let ran = restore(&server, &file, &["-y"]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{}", ran.text());
    undo_is_kept(&server, dir.path(), &before);
    assert!(
        ran.text().contains("Restored snapshot ") && ran.text().contains("leads, now at index")
    );
    same(&api_state(&server), &before);

    // The same from what the server itself stores.
    let data = server.data_dir();
    for source in other_forms(dir.path(), &data, &file) {
        change();
        let ran = restore(&server, &source, &["-y", "-o", "json", "--no-save-current"]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        let json = ran.json();
        assert!(json["Restored"]["Index"].as_u64() > json["Cluster"]["Index"].as_u64());
        let keys = json["Types"].as_array().unwrap().iter().find(|t| t["Name"] == "KVS").unwrap();
        assert_eq!(keys["Snapshot"], filled.keys.len());
    }
    // The folder was the state when the plan was made: the server creates one for each snapshot.
    let ran = restore(&server, &data, &["--dry-run", "-o", "json"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    same(&api_state(&server), &before);
}

/// The other forms of a snapshot: a folder of the server's `raft/snapshots`, a bare state.bin with
/// its meta.json next to it, the tar archive alone.
fn other_forms(dir: &Path, data: &Path, snap: &Path) -> [PathBuf; 3] {
    let snapshots = data.join("raft/snapshots");
    let newest = std::fs::read_dir(&snapshots).unwrap().map(|e| e.unwrap().path()).max().unwrap();
    let copy = dir.join("copy");
    std::fs::create_dir(&copy).unwrap();
    for name in ["meta.json", "state.bin"] {
        std::fs::copy(newest.join(name), copy.join(name)).unwrap();
    }
    let mut tar = Vec::new();
    let bytes = std::fs::read(snap).unwrap();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut tar).unwrap();
    let tar = write(dir, "backup.tar", &tar);
    let state = copy.join("state.bin");
    [copy, state, tar]
}

/// The state before a restore is saved next to FILE, and restoring it returns to that state.
fn undo_is_kept(server: &ConsulServer, dir: &Path, restored: &BTreeMap<String, Value>) {
    let kept: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("before-restore-"))
        .collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(kept[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    // An existing file is not overwritten, and nothing is sent.
    let file = dir.join("backup.snap");
    let taken = ["-y", "--save-current", kept[0].to_str().unwrap()];
    let ran = restore(server, &file, &taken);
    assert_eq!(ran.code(), 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("exists") && ran.stderr.contains("nothing was sent"),
        "{}",
        ran.stderr
    );
    same(&api_state(server), restored);
    let ran = restore(server, &kept[0], &["-y", "--no-save-current"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_eq!(server.get("/v1/kv/new?raw").unwrap(), b"value");
    let again = dir.join("again.snap");
    let ran = restore(server, &file, &["-y", "--save-current", again.to_str().unwrap()]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(
        ran.text().contains(&format!(
            "To return to it: snapscope restore --http-addr http://{} {}",
            server.http_addr(),
            again.display()
        )),
        "{}",
        ran.text()
    );
    for path in [&kept[0], &again] {
        std::fs::remove_file(path).unwrap();
    }
    same(&api_state(server), restored);
}

/// Snapshots of other clusters: one synthetic, one recorded. The content matches the counts.
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

    // The recorded one has its own tokens: the one created here is gone after the restore.
    let body = json!({"Policies": [{"Name": "global-management"}]}).to_string();
    let made: Value = serde_json::from_slice(&server.put("/v1/acl/token", body).unwrap()).unwrap();
    let recorded = Fixture::snap("consul-1.8.7/small-a").path;
    let mut restore = command(&server.http_addr().to_string(), made["SecretID"].as_str().unwrap());
    let ran = finish(restore.args(["restore", "-y", "--no-save-current"]).arg(&recorded), b"");
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    for part in ["Warning: the token in use is not in", "is from the cluster", "leads\n"] {
        assert!(ran.text().contains(part), "{part}: {}", ran.text());
    }
    assert!(ran.stderr.contains("the cluster now has the snapshot's tokens"), "{}", ran.stderr);
    // The server recreates the token of its configuration.
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

    // Damage: a changed byte, a truncation.
    let mut changed = good.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 4;
    let cut = good[..good.len() - 9].to_vec();
    for (name, bytes) in [("changed.snap", changed), ("cut.snap", cut)] {
        let ran = restore(&server, &write(dir.path(), name, &bytes), &["-y", "--force"]);
        assert_eq!((ran.code(), ran.text()), (3, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("damaged") && ran.stderr.contains("the cluster is unchanged"));
    }

    // Types that 1.8.7 does not know.
    let newer = Fixture::snap("consul-1.21.4/small-a").path;
    let ran = restore(&server, &newer, &["--dry-run"]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (1, ""));
    for part in [
        "of type Peering, which Consul 1.8.7 does not support (supported by 1.13 and later)",
        "1.21.4",
    ] {
        assert!(ran.text().contains(part), "{part}: {}", ran.text());
    }
    let ran = restore(&server, &newer, &["-y"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("nothing was sent (use --force"), "{}", ran.stderr);

    // A state without its index, and a file that is not a snapshot.
    let state = write(dir.path(), "some.bin", &fixtures::state_of(&good));
    let ran = restore(&server, &state, &["-y"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("meta.json"), "{}", ran.stderr);
    let ran = restore(&server, Path::new("/no/such.snap"), &["-y"]);
    assert_eq!(ran.code(), 2);
    same(&api_state(&server), &before);

    // Network failures: the plan's download breaks, the upload breaks, the cluster does not return.
    let file = write(dir.path(), "good.snap", &good);
    let through = |faults: Vec<Fault>, more: &[&str]| {
        let proxy = Proxy::start(server.http_addr(), faults);
        let mut command = command(&proxy.address(), server.token());
        command.args(["restore", "-y", "--retries", "0", "--timeout", "5s"]).arg(&file);
        finish(command.args(more), b"")
    };
    let ran = through(vec![Fault::Cut(500_000)], &[]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("cannot take the cluster's own snapshot"), "{}", ran.stderr);
    let refused = answer("500 Internal Server Error", b"snapshot is too old");
    let ran = through(vec![Fault::None, Fault::None, refused], &[]);
    assert_eq!(ran.code(), 2);
    assert!(
        ran.stderr.contains("unknown whether the servers applied the snapshot"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("snapshot is too old"), "{}", ran.stderr);
    same(&api_state(&server), &before);
    let nobody = answer("200 OK", b"\"\"");
    let ran = through(vec![Fault::None, Fault::None, Fault::None, nobody], &["--wait", "1s"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("the cluster has no leader; check their logs"), "{}", ran.stderr);
    // It was sent nevertheless.
    same(&api_state(&server), &before);
}

/// On a terminal it asks, and only "yes" means yes.
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
        // util-linux's script provides a terminal to a command, and returns its exit code.
        let asked = format!("{} restore {}", env!("CARGO_BIN_EXE_snapscope"), file.display());
        let mut script = std::process::Command::new("script");
        script.args(["-qefc", &asked, "/dev/null"]).stdin(std::process::Stdio::piped());
        script.env("CONSUL_HTTP_ADDR", server.http_addr().to_string());
        let ran =
            finish(script.env("CONSUL_HTTP_TOKEN", server.token()), format!("{word}\n").as_bytes());
        let text = ran.text();
        assert!(text.contains("? Type yes: "), "{text}");
        assert_eq!(ran.code(), code, "{text}");
        let says = if code == 0 { "Restored snapshot" } else { "nothing was sent" };
        assert!(text.contains(says), "{text}");
        assert_eq!(keys(), expected);
    }
}

/// Errors in a file are reported before the missing terminal is.
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

/// A plan compares content, not counts: fifty keys with other values are fifty changes.
#[test]
fn a_plan_compares_contents() {
    let Some(server) = ConsulServer::for_test("a_plan_compares_contents") else { return };
    let id =
        |digit: char| format!("{0}{0}-1111-4222-8333-444444444444", digit.to_string().repeat(4));
    let register = |name: &str, digit| {
        let node = json!({"Node": name, "Address": "10.0.0.1", "ID": id(digit)});
        server.put("/v1/catalog/register", node.to_string()).unwrap();
    };
    for key in 0..50 {
        server.put(&format!("/v1/kv/app/{key}"), "before").unwrap();
    }
    register("web-1", '1');
    let body = json!({"Policies": [{"Name": "global-management"}]}).to_string();
    let made: Value = serde_json::from_slice(&server.put("/v1/acl/token", body).unwrap()).unwrap();
    let accessor = made["AccessorID"].as_str().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "backup.snap", &server.snapshot_save().unwrap());

    for key in 0..50 {
        server.put(&format!("/v1/kv/app/{key}"), "after").unwrap();
    }
    server.put("/v1/catalog/deregister", json!({"Node": "web-1"}).to_string()).unwrap();
    register("web-1", '2');
    server.delete(&format!("/v1/acl/token/{accessor}")).unwrap();
    let ran = restore(&server, &file, &["--dry-run", "-o", "json"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let plan = ran.json();
    let keys = plan["Types"].as_array().unwrap().iter().find(|t| t["Name"] == "KVS").unwrap();
    let counts = ["Snapshot", "Cluster", "Added", "Removed", "Changed", "Equal"];
    assert_eq!(counts.map(|name| keys[name].as_u64().unwrap()), [50, 50, 0, 0, 50, 0]);
    let warnings: Vec<&str> =
        plan["Warnings"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let nodes = "1 node has a different ID in the snapshot than in the cluster (web-1)";
    assert!(warnings.iter().any(|text| text.contains(nodes)), "{warnings:?}");
    let token = |text: &&str| text.contains("will be valid again") && text.contains(accessor);
    assert!(warnings.iter().any(token), "{warnings:?}");
    assert_eq!(plan["Obstacles"], json!([]), "warnings are no obstacles");
    assert_eq!(plan["Saved"], Value::Null, "a plan keeps nothing");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

/// A snapshot that Consul refuses because of its packing is packed again, and restored.
#[test]
fn what_consul_refuses_for_its_packing_is_packed_anew() {
    let Some(mut server) =
        ConsulServer::for_test("what_consul_refuses_for_its_packing_is_packed_anew")
    else {
        return;
    };
    server.put("/v1/kv/kept", "1").unwrap();
    let good = server.snapshot_save().unwrap();
    let members = fixtures::unpack(&good).unwrap();
    server.put("/v1/kv/later", "2").unwrap();
    let dir = tempfile::tempdir().unwrap();
    for folder in ["", "backup/"] {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, bytes) in &members {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o600);
            tar.append_data(&mut header, format!("{folder}{name}"), bytes.as_slice()).unwrap();
        }
        let mut tar = tar.into_inner().unwrap();
        // Padded like GNU tar's, which may add nothing by chance.
        tar.resize((tar.len() + 1).next_multiple_of(10_240), 0);
        let packed = snapscope_testkit::archive::gzip(&tar, 6);
        assert!(server.snapshot_restore(&packed).is_err(), "Consul takes it");
        for (name, bytes) in [("packed.snap", &packed), ("packed.tar", &tar)] {
            server.put("/v1/kv/later", "2").unwrap();
            let file = write(dir.path(), name, bytes);
            let ran = restore(&server, &file, &["-y", "--no-save-current"]);
            assert_eq!(ran.code(), 0, "{folder}{name}: {}", ran.stderr);
            assert_eq!(server.get_json("/v1/kv/?keys").unwrap(), json!(["kept"]), "{name}");
        }
    }
}

/// A server without the endpoint that returns the index: there is nothing to wait for.
#[test]
fn a_server_without_the_index_costs_no_patience() {
    let Some(server) = ConsulServer::for_test("a_server_without_the_index_costs_no_patience")
    else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "good.snap", &server.snapshot_save().unwrap());
    let lacks = Fault::Lacks("/v1/operator/autopilot/health");
    let proxy = Proxy::start(server.http_addr(), vec![lacks]);
    let mut command = command(&proxy.address(), server.token());
    command.args(["restore", "-y", "--no-save-current", "--retries", "0"]).arg(&file);
    let begin = std::time::Instant::now();
    let ran = finish(&mut command, b"");
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(begin.elapsed() < std::time::Duration::from_secs(60), "it waited");
    assert!(ran.stderr.contains("older than Consul 0.8"), "{}", ran.stderr);
}

/// Without a cluster the file is still checked, before the error that nobody answers.
#[test]
fn without_a_cluster_the_file_is_judged() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let file = Fixture::snap("consul-1.21.4/small-a");
    let restore = |flag: &str, file: &Path| {
        let mut command = command(&gone.to_string(), "");
        command.args(["restore", flag, "--retries", "0"]).arg(file);
        finish(&mut command, b"")
    };
    let meta: Value = serde_json::from_slice(&file.meta()).unwrap();
    for flag in ["--dry-run", "-y"] {
        let ran = restore(flag, &file.path);
        assert_eq!((ran.code(), ran.text()), (2, ""), "{}", ran.stderr);
        let sound = format!("small-a.snap is sound: index {}, taken 2026-", meta["Index"]);
        let first = ran.stderr.find(&sound).unwrap_or_else(|| panic!("{}", ran.stderr));
        assert!(ran.stderr.contains("datacenter dc1, Consul 1.21.4"), "{}", ran.stderr);
        let second = ran.stderr.find("no connection to").unwrap();
        assert!(first < second && ran.stderr.contains("CONSUL_HTTP_ADDR"), "{}", ran.stderr);
        assert!(ran.stderr.contains("nothing was sent"), "{}", ran.stderr);
    }
    let dir = tempfile::tempdir().unwrap();
    let whole = std::fs::read(&file.path).unwrap();
    let damaged = write(dir.path(), "damaged.snap", &whole[..whole.len() / 2]);
    let ran = restore("--dry-run", &damaged);
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("is damaged") && !ran.stderr.contains("is sound"),
        "{}",
        ran.stderr
    );
}

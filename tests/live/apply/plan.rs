//! The plan: what it reports about the cluster, and that it changes nothing.

use super::{api_state, apply, assert_same, fill_keys, saved, set, with};
use crate::live::run_at;
use crate::support::{finish, run};
use serde_json::{Value, json};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::fill::fill;

#[test]
fn a_plan_says_what_would_be_done_and_does_nothing() {
    let Some(server) = ConsulServer::for_test("a_plan_says") else { return };
    fill_keys(&server, "app/", 5);
    set(&server, "app/password", b"hunter2-before");
    let dir = tempfile::tempdir().unwrap();
    let snap = saved(&server, dir.path(), "backup.snap");
    let snap = snap.to_str().unwrap();
    set(&server, "app/000001", b"newer");
    set(&server, "app/password", b"hunter2-after");
    set(&server, "app/extra", b"x");
    server.delete("/v1/kv/app/000002").unwrap();
    let before = api_state(&server);
    let plan = |more: &[&str]| {
        let args = ["apply", snap, "--prefix", "app/", "--dry-run"];
        run_at(&server, args.iter().chain(more))
    };
    let ran = plan(&[]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    let text = ran.text();
    for line in [
        " Type  create  change  equal\n kv         1       2      3\n",
        " create kv/app/000002\n",
        " change kv/app/000001 (changed since the snapshot: index ",
        "     Flags: 1 -> 0\n",
    ] {
        assert!(text.contains(line) || line.contains("Flags"), "{line:?} in {text}");
    }
    assert!(!text.contains("hunter2") && !text.contains("newer"), "{text}");
    let shown = plan(&["--show-secrets"]);
    assert!(shown.text().contains("hunter2-after"), "{}", shown.text());
    let json = plan(&["-o", "json", "--delete-extra"]).json();
    assert_eq!(with(&json, "action", "delete"), ["kv/app/extra"]);
    let newer =
        json["objects"].as_array().unwrap().iter().find(|o| o["id"] == "app/000001").unwrap();
    assert!(
        newer["changed_since"] == true
            && newer["cluster_index"].as_u64() > newer["snapshot_index"].as_u64()
    );
    let json = plan(&["-o", "json", "--keep-newer"]).json();
    assert_eq!(with(&json, "action", "kept"), ["kv/app/000001", "kv/app/password"]);
    let json = plan(&["-o", "json", "--if-missing"]).json();
    assert_eq!(with(&json, "action", "create"), ["kv/app/000002"]);
    assert_eq!(json["summary"]["kv"]["kept"], 2);
    let json = plan(&["-o", "json", "--rename-prefix", "app/=copy/"]).json();
    assert_eq!(json["summary"]["kv"]["create"], 6);
    assert!(with(&json, "action", "create").contains(&"kv/copy/000001".to_owned()));
    assert_same(&api_state(&server), &before);
    // Without a terminal nothing is done.
    let ran = run_at(&server, ["apply", snap, "--prefix", "app/"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("pass -y to apply anyway"), "{}", ran.stderr);
    assert_same(&api_state(&server), &before);
    let names = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(names, 1, "a plan leaves nothing");
}

#[test]
fn extra_keys_go_and_renamed_ones_come() {
    let Some(server) = ConsulServer::for_test("extra_keys_go") else { return };
    fill_keys(&server, "app/", 70);
    set(&server, "other/x", b"x");
    let dir = tempfile::tempdir().unwrap();
    let snap = saved(&server, dir.path(), "backup.snap");
    fill_keys(&server, "app/extra", 70);
    set(&server, "application", b"not below app/");
    let changed = api_state(&server);
    let undo = dir.path().join("undo");
    let flags = ["--prefix", "app/", "--delete-extra", "--undo", undo.to_str().unwrap()];
    let ran = apply(&server, &snap, &flags);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_eq!(ran.json()["result"]["done"], 70);
    let now = api_state(&server);
    assert_eq!(now.keys().filter(|path| path.starts_with("kv/app/")).count(), 70);
    assert!(now.contains_key("kv/application") && now.contains_key("kv/other/x"));
    let ran = apply(&server, &undo, &[]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_same(&api_state(&server), &changed);

    let ran = apply(
        &server,
        &snap,
        &[
            "--prefix",
            "app/",
            "--rename-prefix",
            "app/=../copy//",
            "--undo",
            dir.path().join("copy").to_str().unwrap(),
        ],
    );
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let copied = api_state(&server);
    assert_eq!(copied.keys().filter(|path| path.starts_with("kv/../copy//")).count(), 70);
    for (path, value) in &changed {
        assert_eq!(&copied[path], value, "{path}");
    }
}

/// A token with few rights: what it may not write is reported in advance, and the rest is done.
#[test]
fn missing_rights_are_said_before() {
    let Some(server) = ConsulServer::for_test("missing_rights") else { return };
    fill(&server).unwrap();
    fill_keys(&server, "app/", 3);
    let dir = tempfile::tempdir().unwrap();
    let snap = saved(&server, dir.path(), "backup.snap");
    server.delete("/v1/kv/app?recurse").unwrap();
    server.delete("/v1/kv/many?recurse").unwrap();
    server.delete("/v1/config/service-router/web").unwrap();
    let rules = "key_prefix \"app/\" { policy = \"write\" } key_prefix \"\" { policy = \"read\" } \
                 service_prefix \"\" { policy = \"read\" }";
    let policy = json!({"Name": "little", "Rules": rules});
    server.put("/v1/acl/policy", policy.to_string()).unwrap();
    let token =
        server.put("/v1/acl/token", json!({"Policies": [{"Name": "little"}]}).to_string()).unwrap();
    let token: Value = serde_json::from_slice(&token).unwrap();
    let secret = token["SecretID"].as_str().unwrap();
    let address = server.http_addr().to_string();
    let undo = dir.path().join("undo");
    let mut command = super::command(&address, secret);
    command.args([
        "apply",
        snap.to_str().unwrap(),
        "--type",
        "kv,config-entries,policies",
        "-y",
        "-o",
        "json",
    ]);
    let ran = finish(command.arg("--undo").arg(&undo), b"");
    let json = ran.json();
    assert_eq!(ran.code(), 1, "{}\n{json}", ran.stderr);
    assert_eq!(with(&json, "result", "done").len(), 3, "{json}");
    let policies = json["summary"]["policy"]["cannot"].as_u64();
    assert!(policies > Some(3), "{json}");
    assert_eq!(with(&json, "result", "refused"), [""; 0], "{json}");
    let why = |id: &str| {
        let object = json["objects"].as_array().unwrap().iter().find(|object| object["id"] == id);
        object.unwrap_or_else(|| panic!("{id} in {json}"))["why"].as_str().unwrap().to_owned()
    };
    assert_eq!(why("many/007"), "the token is missing key = \"write\" for \"many/007\"");
    assert_eq!(why("service-router/web"), "the token is missing service = \"write\" for \"web\"");
    assert!(server.get("/v1/kv/app/000001?raw").is_ok());
    assert!(server.get("/v1/kv/many/007?raw").is_err());
}

/// What cannot be applied is reported in one line.
#[test]
fn what_cannot_be_applied_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let snap = crate::support::Fixture::snap("consul-1.8.7/small-a").path;
    let snap = snap.to_str().unwrap();
    let missing = dir.path().to_str().unwrap();
    for (args, said) in [
        (vec![snap, "-y"], "name the types, such as --type kv,policies"),
        (vec![snap, "--type", "sessions"], "sessions cannot be applied"),
        (vec![snap, "--type", "instances"], "come with their nodes"),
        (vec![snap, "--type", "polices"], "did you mean \"policies\"?"),
        (
            vec![snap, "--type", "policies", "--prefix", "x", "-y"],
            "--prefix and --rename-prefix work with kv",
        ),
        (vec![snap, "--type", "kv", "--filter", "Nope == 1", "-y"], "--filter for kv"),
        (vec![snap, "no-such-key", "--type", "kv", "-y"], "\"no-such-key\" not found"),
        (vec![snap, "--resume", "-y"], "nothing to resume"),
        (vec![missing, "--type", "kv", "-y"], "not a snapshot folder"),
    ] {
        let ran = run(["apply"].iter().chain(&args));
        assert_eq!(ran.code(), 2, "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{args:?}: {}", ran.stderr);
    }
}

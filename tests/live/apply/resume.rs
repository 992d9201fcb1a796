//! Killed anywhere and resumed: the exact end state, and no write that is not in the plan.

use super::{api_state, assert_same, command, fill_keys, saved, set};
use crate::live::run_at;
use crate::support::{finish, json_lines};
use serde_json::{Value, json};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::random::SplitMix64;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

const KEYS: usize = 3000;

/// A server whose keys and entries differ from those of a snapshot.
fn prepared(server: &ConsulServer, dir: &Path) -> std::path::PathBuf {
    fill_keys(server, "app/", KEYS);
    for n in 0..20 {
        let entry =
            json!({"Kind": "service-defaults", "Name": format!("s{n}"), "Protocol": "http"});
        server.put("/v1/config", entry.to_string()).unwrap();
        let policy = json!({"Name": format!("p{n}"), "Rules": "key \"x\" { policy = \"read\" }"});
        server.put("/v1/acl/policy", policy.to_string()).unwrap();
    }
    saved(server, dir, "backup.snap")
}

fn scrambled(server: &ConsulServer) {
    server.delete("/v1/kv/app/0010?recurse").unwrap();
    for n in 0..500 {
        set(server, &format!("app/{n:06}"), b"other");
    }
    fill_keys(server, "app/extra", 300);
    set(server, "bystander", b"stays");
    for n in 0..20 {
        server.delete(&format!("/v1/config/service-defaults/s{n}")).unwrap();
    }
    for policy in server.get_json("/v1/acl/policies").unwrap().as_array().unwrap() {
        if policy["Name"].as_str().unwrap().starts_with('p') {
            server.delete(&format!("/v1/acl/policy/{}", policy["ID"].as_str().unwrap())).unwrap();
        }
    }
}

/// The part of a key's state that the plan does not affect.
fn killed_and_resumed(times: u64, seed: u64) {
    let Some(server) = ConsulServer::for_test("killed_and_resumed") else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut random = SplitMix64::new(seed);
    let snap = prepared(&server, dir.path());
    let mut goal = api_state(&server);
    goal.extend([("kv/bystander".to_owned(), Value::Null)]);
    for round in 0..times {
        scrambled(&server);
        let before = api_state(&server);
        goal.insert("kv/bystander".to_owned(), before["kv/bystander"].clone());
        let undo = dir.path().join(format!("undo-{round}"));
        let run = |rate: &str, more: &[&str]| {
            let mut run = command(&server.http_addr().to_string(), server.token());
            run.args(["apply", "-y", "-o", "json", "--rate", rate]).args(more);
            run
        };
        let args = [
            snap.to_str().unwrap(),
            "--type",
            "kv,config-entries,policies",
            "--prefix",
            "app/",
            "--delete-extra",
            "--undo",
            undo.to_str().unwrap(),
        ];
        let mut child =
            run("4000", &args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(20 + random.below(900)));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut kills = 1;
        while undo.exists() && kills < 3 {
            let resumed = [undo.to_str().unwrap(), "--resume"];
            let mut child =
                run("4000", &resumed).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(random.below(400)));
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
        }
        let ran = if undo.exists() {
            finish(&mut run("1000000", &[undo.to_str().unwrap(), "--resume"]), b"")
        } else {
            finish(&mut run("1000000", &args), b"")
        };
        assert_eq!(ran.code(), 0, "seed {seed}, round {round}: {}\n{}", ran.stderr, ran.text());
        assert_same(&api_state(&server), &goal);
        // Nothing is done twice: a key that was not to change keeps its index.
        let ran = finish(&mut run("1000000", &[undo.to_str().unwrap(), "--resume"]), b"");
        assert_eq!((ran.code(), &ran.json()["objects"]), (0, &json!([])), "{}", ran.stderr);
        let redo = dir.path().join(format!("redo-{round}"));
        let ran = finish(
            &mut run("1000000", &[undo.to_str().unwrap(), "--undo", redo.to_str().unwrap()]),
            b"",
        );
        assert_eq!(ran.code(), 0, "seed {seed}, round {round}: {}\n{}", ran.stderr, ran.text());
        assert_same(&api_state(&server), &before);
        server.delete("/v1/kv/app/extra?recurse").unwrap();
        let ran = run_at(
            &server,
            [
                "apply",
                snap.to_str().unwrap(),
                "--type",
                "kv,config-entries,policies",
                "-y",
                "--undo",
                dir.path().join(format!("end-{round}")).to_str().unwrap(),
            ],
        );
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
    }
}

#[test]
fn an_apply_that_was_killed_is_resumed() {
    killed_and_resumed(2, 1);
}

/// `cargo test --test e2e -- --ignored apply_killed_at_many_places`
#[test]
#[ignore = "takes minutes"]
fn apply_killed_at_many_places() {
    killed_and_resumed(20, 2);
}

/// A journal that ends within a line, as after a power cut, is read up to that line.
#[test]
fn a_torn_journal_is_read() {
    let Some(server) = ConsulServer::for_test("a_torn_journal") else { return };
    fill_keys(&server, "app/", 200);
    let dir = tempfile::tempdir().unwrap();
    let snap = saved(&server, dir.path(), "backup.snap");
    let goal = api_state(&server);
    server.delete("/v1/kv/app?recurse").unwrap();
    let undo = dir.path().join("undo");
    let ran = super::apply(&server, &snap, &["--prefix", "app/", "--undo", undo.to_str().unwrap()]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let journal = undo.join("journal.jsonl");
    let text = std::fs::read(&journal).unwrap();
    let done: usize =
        json_lines(&text).iter().map(|line| line["done"].as_array().unwrap().len()).sum();
    assert_eq!(done, 200, "each step is in it once");
    for cut in [0, 1, text.len() / 3, text.len() - 1] {
        std::fs::write(&journal, &text[..cut]).unwrap();
        let ran = super::apply(&server, &undo, &["--resume"]);
        assert_eq!(ran.code(), 0, "{cut}: {}", ran.stderr);
        assert_eq!(ran.json()["objects"], json!([]), "all is done already");
        assert_same(&api_state(&server), &goal);
    }
    // Other files and damaged lists of steps are refused.
    let steps = std::fs::read(undo.join("steps.jsonl")).unwrap();
    std::fs::write(undo.join("steps.jsonl"), &steps[..steps.len() / 2]).unwrap();
    let ran = super::apply(&server, &undo, &[]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("is damaged"), "{}", ran.stderr);
    assert_same(&api_state(&server), &goal);
}

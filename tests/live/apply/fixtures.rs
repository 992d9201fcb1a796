//! Snapshots of servers of all versions, applied to one of 1.8.7: everything that the plan promises
//! is written.

use super::{api_state, apply, assert_same, with};
use crate::support::{Fixture, all, run};
use serde_json::Value;
use snapscope_testkit::ConsulServer;

const TYPES: &str =
    "kv,config-entries,intentions,policies,roles,auth-methods,binding-rules,tokens,queries,nodes";

#[test]
fn what_a_plan_says_of_a_snapshot_is_done() {
    let is_chosen = |name: &str| ["consul-1.8.7/small-a", "consul-1.21.4/small-a"].contains(&name);
    check(all().into_iter().filter(|fixture| is_chosen(&fixture.name)).collect());
}

/// `cargo test --test e2e -- --ignored what_a_plan_says_of_any_snapshot`
#[test]
#[ignore = "takes minutes"]
fn what_a_plan_says_of_any_snapshot_is_done() {
    check(all());
}

fn check(fixtures: Vec<Fixture>) {
    let Some(server) = ConsulServer::for_test("what_a_plan_says") else { return };
    let dir = tempfile::tempdir().unwrap();
    let empty = crate::support::write(dir.path(), "empty.snap", &server.snapshot_save().unwrap());
    let before = api_state(&server);
    let mut written = 0;
    for (at, fixture) in fixtures.into_iter().enumerate() {
        let name = &fixture.name;
        let out = dir.path().join(format!("patch-{at}"));
        let args = ["diff", "-o", "patch", "--out", out.to_str().unwrap(), empty.to_str().unwrap()];
        let ran = run(args.iter().copied().chain([fixture.path.to_str().unwrap()]));
        assert!(ran.code() <= 1, "{name}: {}", ran.stderr);
        for (what, path, flags) in
            [("all", &fixture.path, &["--type", TYPES][..]), ("patch", &out, &[])]
        {
            let undo = dir.path().join(format!("undo-{what}-{at}"));
            let ran = apply(&server, path, &[flags, &["--undo", undo.to_str().unwrap()]].concat());
            assert!(ran.code() <= 1, "{name}, {what}: {}", ran.stderr);
            let result = ran.json();
            // Servers refuse only what is listed as impossible in advance.
            let refused: Vec<&Value> = result["objects"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|object| object["result"] == "refused" && !is_known(object, &result))
                .collect();
            assert_eq!(refused, Vec::<&Value>::new(), "{name}, {what}");
            assert_eq!(with(&result, "result", "conflict"), [""; 0], "{name}, {what}");
            written += result["result"]["done"].as_u64().unwrap_or(0);
            // Written objects are equal then.
            let again = apply(&server, path, &[flags, &["--dry-run"]].concat()).json();
            let refused = with(&result, "result", "refused");
            for word in ["create", "change", "delete"] {
                let mut left = with(&again, "action", word);
                left.retain(|id| !refused.contains(id));
                assert!(left.is_empty(), "{name}, {what}: {word} again: {left:?}\n{again}");
            }
            if undo.exists() {
                let redo = dir.path().join(format!("redo-{what}-{at}"));
                let ran = apply(&server, &undo, &["--undo", redo.to_str().unwrap()]);
                assert_eq!(ran.code(), 0, "{name}, {what}: {}\n{}", ran.stderr, ran.text());
            }
            assert_same(&api_state(&server), &before);
        }
    }
    assert!(written > 1000, "{written}");
}

/// What a plan does not know: an entry may need one that cannot be written, and servers do not know
/// all fields of newer queries.
fn is_known(object: &Value, result: &Value) -> bool {
    let why = object["result_why"].as_str().unwrap();
    match object["type"].as_str().unwrap() {
        "config-entry" => {
            let cannot = with(result, "action", "cannot");
            why.contains("protocol") && cannot.iter().any(|id| id.starts_with("config-entry/"))
        }
        "query" => why.contains("unknown field"),
        _ => false,
    }
}

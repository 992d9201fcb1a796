//! Jobs about whole files: other versions, damage, copies, a server's data directory.

use super::{Kitchen, accessors, names, tokens};
use crate::support::{Fixture, json_lines};
use serde_json::Value;
use snapscope_testkit::fixtures;

pub(super) fn growth(kitchen: &Kitchen, lines: &[&str]) {
    // An earlier test put a damaged one there.
    let dir = kitchen.file("backups");
    let _ = std::fs::remove_file(dir.join("wednesday.snap"));
    let grown = kitchen.json(lines[0]);
    let cluster = &grown["clusters"][0];
    assert_eq!(cluster["snapshots"].as_array().unwrap().len(), 2);
    let total = cluster["groups"].as_array().unwrap().iter().find(|g| g["by"] == "total").unwrap();
    let state = |at: &str| Fixture::snap(&format!("consul-1.21.4/evolve.{at}")).state().len();
    assert_eq!(total["first_bytes"], state("before"));
    assert_eq!(total["last_bytes"], state("after"));
}

pub(super) fn other_version(kitchen: &Kitchen, lines: &[&str]) {
    let ran = kitchen.run(&format!("{} -o json", lines[0]));
    assert_eq!(ran.code(), 1);
    let report = ran.json();
    let findings = report["snapshots"][0]["findings"].as_array().unwrap().clone();
    let refused =
        findings.iter().filter(|f| f["level"] == "refused").map(|f| f["message"].as_str());
    let refused: Vec<&str> = refused.map(Option::unwrap).collect();
    // Peerings came with 1.13.
    assert!(refused.iter().any(|m| m.contains("of type Peering,")), "{refused:?}");
    assert!(!refused.iter().any(|m| m.contains("of type KVS")), "{refused:?}");
    assert_eq!(kitchen.run(&lines[0].replace("1.8.7", "1.21.4")).code(), 0);
}

pub(super) fn from_disk(kitchen: &Kitchen, lines: &[&str]) {
    kitchen.done(lines[0]);
    let meta = kitchen.json("snapscope inspect from-disk.snap");
    assert_eq!(meta["Meta"]["Index"], 959);
    assert_eq!(kitchen.run("snapscope diff data from-disk.snap").code(), 0);
}

pub(super) fn rescue(kitchen: &Kitchen, lines: &[&str]) {
    let ran = kitchen.run(lines[0]);
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    assert!(ran.text().contains("lost: "), "{}", ran.text());
    let nodes = kitchen.json("snapscope list nodes rescued.snap");
    let all = kitchen.json("snapscope list nodes backup.snap");
    assert_eq!(nodes, all, "nodes come before the damage");
    let keys = |file: &str| kitchen.json(&format!("snapscope list kv {file}"));
    let (rescued, all) = (keys("rescued.snap"), keys("backup.snap"));
    let rescued = rescued.as_array().unwrap();
    assert!(!rescued.is_empty() && rescued.len() < all.as_array().unwrap().len());
    assert!(rescued.iter().all(|pair| all.as_array().unwrap().contains(pair)));
}

pub(super) fn without_secrets(kitchen: &Kitchen, lines: &[&str]) {
    kitchen.done(lines[0]);
    let all = kitchen.done("snapscope decode for-support.snap");
    assert_eq!(all.lines().len(), kitchen.done("snapscope decode backup.snap").lines().len());
    for secret in names(kitchen, "acl_tokens_each", "SecretID") {
        let is_public = secret == "anonymous";
        assert!(is_public || !all.text().contains(&secret), "a SecretID is in the copy");
    }
}

pub(super) fn without_logins(kitchen: &Kitchen, lines: &[&str]) {
    kitchen.done(lines[0]);
    let left = accessors(&kitchen.json("snapscope list tokens small.snap"));
    let is_login = |token: &Value| token["AuthMethod"].as_str().is_some_and(|m| !m.is_empty());
    assert_eq!(left, tokens(kitchen, |token| !is_login(token)));
    assert!(!tokens(kitchen, is_login).is_empty());
}

/// The calls about a key that the server of `data` answered.
fn calls(key: &str) -> Vec<Value> {
    let truth = fixtures::root().join("raftlog/consul-1.21.4-wal/truth.jsonl");
    let calls = json_lines(&std::fs::read(truth).unwrap()).into_iter();
    let path = format!("/v1/kv/{key}");
    let is_it = |call: &Value| {
        let named = call["path"].as_str().and_then(|path| path.split('?').next());
        named == Some(path.as_str()) && call["method"] != "GET" && call["status"] == 200
    };
    calls.filter(is_it).collect()
}

pub(super) fn who_changed(kitchen: &Kitchen, lines: &[&str]) {
    let found = kitchen.done(&format!("{} -o jsonl", lines[0])).lines();
    let calls = calls("app/api/8");
    // Deletions of a whole folder are not calls about the key.
    let own: Vec<&Value> = found.iter().filter(|line| line["object"] == "kv/app/api/8").collect();
    let who: Vec<&Value> = own.iter().map(|line| &line["accessor"]).collect();
    let last = (own.last().unwrap(), calls.last().unwrap());
    assert_eq!(last.0["accessor"], last.1["accessor"]);
    assert!(calls.iter().all(|call| who.contains(&&call["accessor"])), "{who:?}");
    assert!(kitchen.done(lines[0]).text().contains("ci-pipeline"));
}

pub(super) fn before_a_mistake(kitchen: &Kitchen, lines: &[&str]) {
    let value = kitchen.done(lines[0]).text().to_owned();
    // The next write deleted it, after a check-and-set.
    let next = kitchen.run(&lines[0].replace("@946", "@947"));
    assert_eq!((next.code(), next.text()), (1, ""));
    let entry = kitchen.done("snapscope log show 934 data --show-secrets").json();
    assert!(entry.to_string().contains(&format!("\"{value}\"")), "{value}: {entry}");
}

pub(super) fn page(kitchen: &Kitchen, lines: &[&str]) {
    kitchen.done(lines[0]);
    let page = std::fs::read_to_string(kitchen.file("report.html")).unwrap();
    assert!(page.contains("<h1>Consul snapshot of dc1</h1>") && !page.contains(&kitchen.secret));
}

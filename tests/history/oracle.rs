//! Recorded servers, each before and after a known list of changes.

use super::{events, history};
use crate::support::Fixture;
use serde_json::Value;

/// Its name in the list, our name, and the form of an object's ID.
fn kind(of: &str) -> Option<&'static str> {
    Some(match of {
        "kv" => "kv",
        "node" => "node",
        "service" => "instance",
        "check" => "check",
        "session" => "session",
        "acl-token" => "token",
        "acl-policy" => "policy",
        "acl-role" => "role",
        "binding-rule" => "binding-rule",
        "auth-method" => "auth-method",
        "prepared-query" => "query",
        "config-entry" => "config-entry",
        _ => return None,
    })
}

#[test]
fn every_recorded_change_is_told() {
    let mut told = 0;
    for version in ["consul-1.14.7", "consul-1.21.4"] {
        let [before, after] =
            ["before", "after"].map(|end| Fixture::snap(&format!("{version}/evolve.{end}")));
        let mutations = Fixture::snap(&format!("{version}/evolve")).beside(".mutations.json");
        let mutations: Value = serde_json::from_slice(&mutations.unwrap()).unwrap();
        for mutation in mutations["mutations"].as_array().unwrap() {
            let Some(kind) = kind(mutation["type"].as_str().unwrap()) else { continue };
            let id = mutation["id"].as_str().unwrap();
            let ran = history(&[kind, id], &[after.path.clone(), before.path.clone()]);
            assert_eq!(ran.code(), 0, "{mutation}: {}", ran.stderr);
            let events = events(&ran);
            let changes: Vec<&Value> =
                events.iter().filter(|event| event["change"] != "first-seen").collect();
            let index = |side: &str, field: &str| &mutation[side][field];
            let (was, is) = (!mutation["before"].is_null(), !mutation["after"].is_null());
            let same = |field| index("before", field) == index("after", field);
            let expected = match (was, is) {
                (false, true) => "created",
                (true, false) => "deleted",
                // The list has no indexes of checks.
                _ if index("after", "ModifyIndex").is_null() => "changed",
                _ if !same("CreateIndex") => "recreated",
                _ if same("ModifyIndex") => {
                    assert!(changes.is_empty(), "{mutation}: {events:?}");
                    continue;
                }
                _ => "changed",
            };
            told += 1;
            assert_eq!(changes.len(), 1, "{mutation}: {events:?}");
            let word = changes[0]["change"].as_str().unwrap();
            let is_touched = word == "touched" && changes[0]["fields"] == serde_json::json!({});
            assert!(word == expected || expected == "changed" && is_touched, "{mutation}: {word}");
            let at = match expected {
                "deleted" if kind == "kv" => {
                    assert!(changes[0]["index"].is_u64(), "{mutation}");
                    continue;
                }
                "deleted" => continue,
                "changed" => index("after", "ModifyIndex"),
                _ => index("after", "CreateIndex"),
            };
            if !at.is_null() {
                assert_eq!(&changes[0]["index"], at, "{mutation}");
            }
        }
    }
    assert!(told > 40, "{told}");
}

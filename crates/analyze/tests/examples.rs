//! The programs in `examples` give the answers of real servers.

#![allow(clippy::unwrap_used)] // helpers of tests fail as tests do

#[allow(dead_code, reason = "main is for the command line")]
#[path = "../examples/changes.rs"]
mod changes;
#[allow(dead_code, reason = "main is for the command line")]
#[path = "../examples/critical.rs"]
mod critical;
#[allow(dead_code, reason = "main is for the command line")]
#[path = "../examples/folders.rs"]
mod folders;
#[allow(dead_code, reason = "main is for the command line")]
#[path = "../examples/tokens.rs"]
mod tokens;
#[allow(dead_code, reason = "main is for the command line")]
#[path = "../examples/who_can.rs"]
mod who_can;

use serde_json::Value;
use snapscope_testkit::fixtures;
use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};

fn snapshot(name: &str) -> PathBuf {
    fixtures::root().join(format!("{name}.snap"))
}

/// The answer of the server's HTTP API.
fn api(name: &str, file: &str) -> Vec<Value> {
    serde_json::from_slice(&fixtures::read(format!("{name}.api/{file}.json"))).unwrap()
}

/// The lines that a program printed.
fn lines(program: impl FnOnce(&mut Vec<u8>) -> Result<(), Box<dyn Error>>) -> BTreeSet<String> {
    let mut out = Vec::new();
    program(&mut out).unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap()
}

#[test]
fn tokens_without_expiry_are_those_of_the_api() {
    for name in ["consul-1.8.7/small-a", "consul-1.21.4/small-a"] {
        let printed = lines(|out| tokens::tokens(&snapshot(name), out));
        let all = api(name, "acl_tokens_list");
        let expected: BTreeSet<String> = all
            .iter()
            .filter(|token| token.get("ExpirationTime").is_none())
            .map(|token| text(token, "AccessorID").to_owned())
            .collect();
        assert!(expected.len() > 5 && expected.len() < all.len(), "{name}: {}", expected.len());
        let accessors: BTreeSet<String> =
            printed.iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(accessors, expected, "{name}");
        let admin = printed.iter().find(|line| line.contains("global-management")).unwrap();
        assert!(admin.ends_with("[\"global-management\"]"), "{admin}");
    }
}

#[test]
fn critical_checks_are_those_of_the_api() {
    let name = "consul-1.21.4/small-a";
    let printed = lines(|out| critical::critical(&snapshot(name), out));
    let expected: BTreeSet<String> = api(name, "health_state_any")
        .iter()
        .filter(|check| check["Status"] == "critical")
        .map(|check| format!("{:?} {:?}", text(check, "Node"), text(check, "CheckID")))
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(printed, expected);
}

#[test]
fn folders_hold_the_keys_of_the_api() {
    let name = "consul-1.21.4/small-a";
    let printed = lines(|out| folders::folders(&snapshot(name), out));
    let total: usize =
        printed.iter().map(|line| line.split(' ').next().unwrap().parse::<usize>().unwrap()).sum();
    assert_eq!(total, api(name, "kv").len());
    assert!(printed.len() > 5, "{printed:?}");
}

#[test]
fn who_can_write_acls() {
    let printed = lines(|out| {
        who_can::who_can(&snapshot("consul-1.21.4/small-a"), ["acl", "write", ""], out)
    });
    assert!(printed.iter().any(|line| line.ends_with("by \"acl\"")), "{printed:?}");
}

#[test]
fn changes_are_those_that_were_made() {
    let of = |side: &str| snapshot(&format!("consul-1.21.4/evolve.{side}"));
    let printed = lines(|out| changes::changes(&of("before"), &of("after"), out));
    assert!(printed.iter().any(|line| line.starts_with("Added kv ")), "{printed:?}");
    assert!(printed.iter().any(|line| line.starts_with("Removed ")), "{printed:?}");
    let same = lines(|out| changes::changes(&of("after"), &of("after"), out));
    assert!(same.is_empty(), "{same:?}");
}

/// A program against the library is short.
#[test]
fn the_program_about_tokens_has_25_lines() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tokens.rs");
    let text = std::fs::read_to_string(path).unwrap();
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with(['#', '/']);
    assert!(text.lines().filter(is_code).count() <= 25);
}

//! Everything that is linked into the binary, or runs during its build, has a permissive licence.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Licences that require only attribution.
const ALLOWED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    // For data, such as the list of Mozilla's CAs in builds for Android.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Asks cargo, without the network if possible.
pub(crate) fn cargo(args: &[&str]) -> Vec<u8> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut said = String::new();
    // A machine that only built for itself may not have the manifests of crates for other systems.
    for more in [&["--offline"][..], &[]] {
        let output = Command::new(&cargo)
            .current_dir(snapscope_testkit::fixtures::workspace())
            .args(args)
            .args(["--locked"])
            .args(more)
            .output()
            .expect("cargo runs");
        if output.status.success() {
            return output.stdout;
        }
        said.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    panic!("cargo {args:?}: {said}");
}

/// Whether the allowed licences satisfy an SPDX expression.
fn is_allowed(expression: &str) -> bool {
    let tokens: Vec<String> = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let mut at = 0;
    let met = any_of(&tokens, &mut at);
    met && at == tokens.len()
}

fn any_of(tokens: &[String], at: &mut usize) -> bool {
    let mut met = all_of(tokens, at);
    while tokens.get(*at).is_some_and(|t| t == "OR") {
        *at += 1;
        let other = all_of(tokens, at);
        met |= other;
    }
    met
}

fn all_of(tokens: &[String], at: &mut usize) -> bool {
    let mut met = one(tokens, at);
    while tokens.get(*at).is_some_and(|t| t == "AND") {
        *at += 1;
        let other = one(tokens, at);
        met &= other;
    }
    met
}

fn one(tokens: &[String], at: &mut usize) -> bool {
    let Some(token) = tokens.get(*at) else { return false };
    *at += 1;
    if token == "(" {
        let met = any_of(tokens, at);
        *at += 1;
        return met;
    }
    let mut licence = token.clone();
    if tokens.get(*at).is_some_and(|t| t == "WITH") {
        licence = format!("{licence} WITH {}", tokens.get(*at + 1).map_or("", String::as_str));
        *at += 2;
    }
    ALLOWED.contains(&licence.as_str())
}

#[test]
fn expressions_are_understood() {
    for good in ["MIT", "MIT OR GPL-3.0", "(MIT OR Apache-2.0) AND Unicode-3.0", "MIT/Apache-2.0"] {
        assert!(is_allowed(good), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "", "(MIT OR X) AND AGPL-3.0-only", "MPL-2.0", "MIT)"]
    {
        assert!(!is_allowed(bad), "{bad}");
    }
}

#[test]
fn every_dependency_may_be_used() {
    let metadata: Value =
        serde_json::from_slice(&cargo(&["metadata", "--format-version", "1"])).unwrap();
    let packages: BTreeMap<&str, &Value> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package))
        .collect();
    let nodes: BTreeMap<&str, &Value> = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| (node["id"].as_str().unwrap(), node))
        .collect();
    let mut due: Vec<&str> = packages
        .iter()
        .filter(|(_, package)| package["name"] == "snapscope")
        .map(|(id, _)| *id)
        .collect();
    assert_eq!(due.len(), 1);
    let mut seen = BTreeSet::new();
    while let Some(id) = due.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dependency in nodes[id]["deps"].as_array().unwrap() {
            let kinds = dependency["dep_kinds"].as_array().unwrap();
            // Dependencies of tests are not distributed.
            if kinds.iter().any(|kind| kind["kind"] != "dev") {
                due.push(dependency["pkg"].as_str().unwrap());
            }
        }
    }
    assert!(seen.len() > 30, "only {} packages were looked at", seen.len());
    let offenders: Vec<String> = seen
        .iter()
        .map(|id| packages[id])
        .filter(|package| !is_allowed(package["license"].as_str().unwrap_or_default()))
        .map(|package| {
            format!("{} {}: {}", package["name"], package["version"], package["license"])
        })
        .collect();
    assert!(offenders.is_empty(), "not allowed:\n{}", offenders.join("\n"));
}

//! `history` through the binary, with lives that are known because they were planted, recorded, or
//! run on a real server.

mod oracle;
mod planted;
mod server;
mod sources;

use crate::support::{Ran, run};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The output of `history` as JSON.
pub(crate) fn history(args: &[&str], snapshots: &[PathBuf]) -> Ran {
    let mut all: Vec<&str> = vec!["history", "-o", "json"];
    all.extend(args);
    all.extend(snapshots.iter().map(|path| path.to_str().unwrap()));
    run(all)
}

/// The events in the only cluster.
pub(crate) fn events(ran: &Ran) -> Vec<Value> {
    let json = ran.json();
    let clusters = json["clusters"].as_array().unwrap();
    assert_eq!(clusters.len(), 1, "{json}");
    clusters[0]["events"].as_array().unwrap().clone()
}

/// An event in short: what, at which index, and the indexes of the snapshots before and after it.
pub(crate) fn short(event: &Value) -> String {
    let index = |value: &Value| value.as_u64().map_or_else(|| "?".to_owned(), |n| n.to_string());
    format!(
        "{} {} {}..{}",
        event["change"].as_str().unwrap(),
        index(&event["index"]),
        index(&event["since"]["index"]),
        index(&event["until"]["index"])
    )
}

pub(crate) fn shorts(ran: &Ran) -> Vec<String> {
    events(ran).iter().map(short).collect()
}

/// Writes snapshots as `NAME.snap` into a folder.
fn write_all(dir: &Path, snapshots: &[(&str, Vec<u8>)]) -> Vec<PathBuf> {
    let write = |(name, bytes): &(&str, Vec<u8>)| {
        crate::support::write(dir, &format!("{name}.snap"), bytes)
    };
    snapshots.iter().map(write).collect()
}

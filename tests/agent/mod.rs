//! `agent` and `snapshots` against real Consul servers and real stores.

mod broken;
mod bucket;
mod clock;
mod config;
mod daemon;
mod deploy;
mod destinations;
mod faults;
mod gate;
mod identity;
mod keeping;
mod login;
mod memory;
mod once;
mod process;
mod shared;
mod signals;
mod stores;
mod watcher;

use crate::support::{Ran, binary, finish};
use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// The binary, without environment variables that configure access to Consul or a store.
fn bare() -> Command {
    let mut command = binary();
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if ["CONSUL_", "AWS_", "AZURE_", "GOOGLE_"].iter().any(|start| name.starts_with(start)) {
            command.env_remove(name);
        }
    }
    // Otherwise the credentials of the person who runs the tests would be found.
    command.env("HOME", "/nonexistent");
    command
}

/// The same for a Consul agent at this address.
fn at(address: SocketAddr, token: &str) -> Command {
    let mut command = bare();
    command.env("CONSUL_HTTP_ADDR", address.to_string()).env("CONSUL_HTTP_TOKEN", token);
    command
}

/// Runs a command to its end.
fn ran<S: AsRef<OsStr>>(mut command: Command, args: impl IntoIterator<Item = S>) -> Ran {
    finish(command.args(args), b"")
}

/// The names in a folder, in order.
fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The IDs of the snapshots in a folder, oldest first.
fn ids(dir: &Path) -> Vec<u64> {
    let mut ids: Vec<u64> = names(dir)
        .iter()
        .filter_map(|name| name.strip_prefix("consul-")?.strip_suffix(".snap")?.parse().ok())
        .collect();
    ids.sort_unstable();
    ids
}

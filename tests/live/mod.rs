//! Commands that talk to a cluster, with a real server: directly, over TLS, and through a proxy
//! that breaks connections in every way.

mod apply;
pub(crate) mod ca;
mod client;
mod mutations;
mod numbers;
mod plan;
mod proxy;
mod restore;
mod save;
mod undo;

use crate::cli::{examples, shell};
use crate::support::{Ran, binary, finish};
use snapscope_testkit::ConsulServer;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// The binary, with no variables of Consul in its environment except for the given address and
/// token.
fn command(address: &str, token: &str) -> Command {
    let mut command = binary();
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CONSUL_") {
            command.env_remove(name);
        }
    }
    command.env("CONSUL_HTTP_ADDR", address);
    if !token.is_empty() {
        command.env("CONSUL_HTTP_TOKEN", token);
    }
    command
}

/// Runs the binary against a server.
fn run_at<S: AsRef<OsStr>>(server: &ConsulServer, args: impl IntoIterator<Item = S>) -> Ran {
    let address = server.http_addr().to_string();
    finish(command(&address, server.token()).args(args), b"")
}

/// The names in a folder.
fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The examples in the help of these commands run as written, one after the other.
#[test]
fn the_examples_of_live_commands_run() {
    let Some(server) = ConsulServer::for_test("the_examples_of_live_commands_run") else { return };
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("backups")).unwrap();
    std::fs::write(dir.path().join("token"), server.token()).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(server.data_dir(), dir.path().join("consul-data")).unwrap();
    let entry = "{\"Kind\": \"service-defaults\", \"Name\": \"web\", \"Protocol\": \"http\"}";
    server.put("/v1/kv/app/key", "value").unwrap();
    server.put("/v1/config", entry).unwrap();
    for line in ["save", "restore", "apply"].into_iter().flat_map(examples) {
        // So that there is something to restore.
        if line.contains(" apply backup.snap") {
            server.delete("/v1/kv/app/key").unwrap();
            server.delete("/v1/config/service-defaults/web").unwrap();
        }
        let mut shell = shell(&line, dir.path());
        shell.env("CONSUL_HTTP_ADDR", server.http_addr().to_string());
        let ran = finish(shell.env("CONSUL_HTTP_TOKEN", server.token()), b"");
        // The server continues to write, so its log may be ahead of the snapshot in its data
        // directory.
        let is_ahead = |said: &&str| said.contains("note: the Raft log holds ");
        let said: Vec<&str> = ran.stderr.lines().filter(|said| !is_ahead(said)).collect();
        assert!(ran.code() == 0 && said.is_empty(), "{line}: {}", ran.stderr);
        assert!(!ran.stdout.is_empty(), "{line}");
    }
}

/// A file whose size differs from its sidecar, or an empty one, is marked.
#[test]
fn snapshots_marks_what_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let sidecar = r#"{"id":"1","time":"2026-11-23T00:00:00Z","size":1000,"sha256":"","index":7,"term":1,"state_size":1,"records":1,"counts":{}}"#;
    crate::support::write(dir.path(), "a.snap", b"cut");
    crate::support::write(dir.path(), "a.snap.json", sidecar.as_bytes());
    crate::support::write(dir.path(), "b.snap", b"");
    let mut command = binary();
    let ran = finish(command.args(["snapshots", "-o", "json"]).arg(dir.path()), b"");
    let rows = ran.json();
    let marks: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["marked"].as_str().unwrap()).collect();
    assert_eq!(marks, ["damaged: 1000 bytes were stored", "empty"]);
}

/// Other files in a folder of snapshots are named, except for the agent's sidecars.
#[test]
fn snapshots_names_what_it_passes_over() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a.snap", "a.snap.json", "b.tgz", "raft.db", ".hidden"] {
        crate::support::write(dir.path(), name, b"{}");
    }
    let mut command = binary();
    let ran = finish(command.arg("snapshots").arg(dir.path()), b"");
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("not named .snap: b.tgz and 1 more;"), "{}", ran.stderr);
    assert!(ran.text().contains("a.snap") && !ran.text().contains("raft.db"), "{}", ran.text());
}

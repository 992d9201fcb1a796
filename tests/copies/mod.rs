//! `extract` and `redact`: new snapshots are read, and restored into a real server.

mod api;
mod extract;
mod extract_server;
mod fixed_names;
#[cfg(unix)]
mod pipes;
mod redact;
mod redact_server;
mod references;
mod selection;

use crate::support::{Ran, run};
use snapscope_testkit::fixtures;
use std::path::{Path, PathBuf};

/// Runs a command that writes a snapshot next to its input.
fn rewrite(command: &str, input: &Path, out: &Path, more: &[&str]) -> Ran {
    let mut args =
        vec![command, input.to_str().unwrap(), "--out", out.to_str().unwrap(), "--force"];
    args.extend(more);
    run(args)
}

/// The same, which must succeed; returns the new `state.bin`.
fn rewritten(command: &str, input: &Path, more: &[&str]) -> Vec<u8> {
    let (_dir, out) = kept(command, input, more);
    fixtures::state_of(&std::fs::read(out).unwrap())
}

/// The same; returns the new file, and its folder, whose removal removes the file.
fn kept(command: &str, input: &Path, more: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("new.snap");
    let ran = rewrite(command, input, &out, more);
    assert_eq!(ran.code(), 0, "{more:?}: {}{}", ran.text(), ran.stderr);
    (dir, out)
}

//! Finds out which commit is built, for `--version`.
#![allow(clippy::print_stdout)] // this is how Cargo is answered

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SNAPSCOPE_COMMIT");
    let commit = std::env::var("SNAPSCOPE_COMMIT").ok();
    let commit = commit.or_else(packaged).or_else(checked_out).unwrap_or("unknown".to_owned());
    println!("cargo::rustc-env=SNAPSCOPE_COMMIT={commit}");
    let is_on = |feature: &&str| {
        std::env::var_os(format!("CARGO_FEATURE_{}", feature.to_uppercase())).is_some()
    };
    let features: Vec<&str> = ["columnar", "live", "tui"].into_iter().filter(is_on).collect();
    let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
    println!("cargo::rustc-env=SNAPSCOPE_FEATURES={features}");
    let target = std::env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=SNAPSCOPE_TARGET={target}");
}

/// The commit that `cargo package` notes in what it publishes.
fn packaged() -> Option<String> {
    let noted = std::fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let commit = noted.split_once("\"sha1\"")?.1.split('"').nth(1)?;
    Some(commit.get(..12)?.to_owned())
}

/// The commit of the working copy. Files that were changed since are not looked at: that would build this
/// again after every change.
fn checked_out() -> Option<String> {
    let git = |args: &[&str]| {
        let out =
            Command::new("git").args(args).output().ok().filter(|out| out.status.success())?;
        Some(String::from_utf8(out.stdout).ok()?.trim().to_owned())
    };
    // Another repository may hold this folder, say one that vendors it.
    let top = git(&["rev-parse", "--show-toplevel"])?;
    let ours = Path::new("../..").canonicalize().ok()?;
    if Path::new(&top).canonicalize().ok()? != ours {
        return None;
    }
    // Its last line is the commit that is checked out.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    // Cargo would build anew every time for a file that does not exist.
    if Path::new(&log).exists() {
        println!("cargo::rerun-if-changed={log}");
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

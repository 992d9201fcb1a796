//! `diff`: known changes of real servers, a snapshot with itself, reversed, damaged, applied.

mod damage;
mod evolve;
mod forms;
#[cfg(feature = "live")]
mod hostile;
mod mirror;
mod patch;

use crate::support::{Ran, run};
use serde_json::Value;
use std::path::Path;

/// Runs `diff` over two files.
fn diff(before: &Path, after: &Path, more: &[&str]) -> Ran {
    let files = [before.to_str().unwrap(), after.to_str().unwrap()];
    run(["diff"].iter().chain(more).chain(&files))
}

/// The lines of a diff, each with the identity of its object. The exit code says whether there are
/// any.
fn changes(before: &Path, after: &Path, more: &[&str]) -> Vec<Value> {
    let ran = diff(before, after, &[&["-o", "jsonl"], more].concat());
    let lines = ran.lines();
    assert!(ran.code() <= 1, "{}", ran.stderr);
    let real = lines.iter().any(|line| line["change"] != "touched");
    assert_eq!(ran.code(), i32::from(real), "{}", ran.stderr);
    lines
}

/// The identity of a change.
fn name(line: &Value) -> (String, String, String) {
    let text = |field: &str| line[field].as_str().unwrap_or_else(|| panic!("{line}")).to_owned();
    (text("type"), text("id"), text("change"))
}

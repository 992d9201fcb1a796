//! Runs the scripts in `tools` that fetch or build what tests need, once, into the target folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::child::wait_bounded;
use crate::fixtures::{target, workspace};

const PATIENCE: Duration = Duration::from_secs(300);

/// The file with that name that `tools/SCRIPT FOLDER` creates, or why there is none.
pub(crate) fn fetched(script: &str, folder: &str, name: &str) -> Result<PathBuf, String> {
    static FETCHING: Mutex<()> = Mutex::new(());
    let folder = target().join(folder);
    let file = folder.join(name);
    let _one_at_a_time = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    if !file.is_file() {
        fetch(script, &folder, &file)?;
    }
    Ok(file)
}

/// The program that reads policy texts with the reader of newer servers, built by Go from
/// `tools/hcl-rules`; or why there is none.
///
/// # Errors
/// If Go is not there, or can't build it.
pub fn hcl_rules() -> Result<PathBuf, String> {
    built("hcl-rules")
}

/// The program that writes and reads Raft logs with the libraries of servers, built by Go from
/// `tools/raft-logs`; or why there is none.
///
/// # Errors
/// If Go is not there, or can't build it.
pub fn raft_logs() -> Result<PathBuf, String> {
    built("raft-logs")
}

/// The program that renders templates with the client library of consul-template, built by Go from
/// `tools/render-template`; or why there is none.
///
/// # Errors
/// If Go is not there, or can't build it.
pub fn render_template() -> Result<PathBuf, String> {
    built("render-template")
}

/// The program that Go builds from a folder in `tools`.
fn built(name: &str) -> Result<PathBuf, String> {
    static BUILDING: Mutex<()> = Mutex::new(());
    let folder = target().join(name);
    let file = folder.join(name);
    let _one_at_a_time = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(&file).arg(".");
    run(go.current_dir(workspace().join("tools").join(name)), &folder.join("build.log"))?;
    Ok(file)
}

fn fetch(script: &str, folder: &Path, file: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let log = folder.join(format!("{script}.log"));
    run(Command::new(workspace().join("tools").join(script)).arg(folder), &log)?;
    if file.is_file() {
        return Ok(());
    }
    Err(format!("tools/{script} made no {}", file.display()))
}

/// Runs a command with a time limit. If it fails, its output is the error.
///
/// Its output goes to a file, because nobody would read a pipe meanwhile, and a full pipe would block it.
pub(crate) fn run(command: &mut Command, log: &Path) -> Result<(), String> {
    run_within(command, log, PATIENCE)
}

/// Does so with another limit of time.
pub(crate) fn run_within(
    command: &mut Command,
    log: &Path,
    patience: Duration,
) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let out = File::create(log).map_err(|e| format!("{}: {e}", log.display()))?;
    let errors = out.try_clone().map_err(|e| e.to_string())?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(errors)
        .spawn()
        .map_err(|e| format!("{name} can't be run: {e}"))?;
    if !wait_bounded(&mut child, patience) {
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("{name} took more than {patience:?}"));
    }
    let status = child.wait().map_err(|e| e.to_string())?;
    if status.success() {
        return Ok(());
    }
    let text = fs::read(log).unwrap_or_default();
    Err(format!("{name} ended with {status}: {}", String::from_utf8_lossy(&text).trim()))
}

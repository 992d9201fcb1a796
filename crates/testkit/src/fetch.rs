//! What the tests fetch by the scripts in `tools`, once, into the target folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::consul::{target, wait_bounded};
use crate::fixtures::workspace;

const PATIENCE: Duration = Duration::from_secs(300);

/// The file of that name which `tools/SCRIPT FOLDER` makes, or why there is none.
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

fn fetch(script: &str, folder: &Path, file: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    // Into a file, not a pipe: nobody would read the pipe while we wait, and a full one stops the child.
    let log_path = folder.join(format!("{script}.log"));
    let log = File::create(&log_path).map_err(|e| format!("{}: {e}", log_path.display()))?;
    let errors = log.try_clone().map_err(|e| e.to_string())?;
    let mut child = Command::new(workspace().join("tools").join(script))
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .map_err(|e| format!("tools/{script} can't be run: {e}"))?;
    if !wait_bounded(&mut child, PATIENCE) {
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("tools/{script} took more than {PATIENCE:?}"));
    }
    if file.is_file() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&fs::read(log_path).unwrap_or_default()).trim().to_owned())
}

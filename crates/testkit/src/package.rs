//! The Python package of this workspace: its wheel, and fresh environments that have it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::fetch::run_within;
use crate::fixtures::{target, workspace};
use crate::install::python;

/// How long a build of the wheel may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(1800);

/// A folder in the target folder.
fn folder(name: &str) -> Result<PathBuf, String> {
    let folder = target().join("python").join(name);
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    Ok(folder)
}

/// Builds the wheel with a profile of cargo. What was compiled for the tests and benches with this profile is not compiled
/// again. Returns its path.
///
/// # Errors
/// If maturin cannot be installed, or the build fails.
pub fn wheel(profile: &str) -> Result<PathBuf, String> {
    static BUILDING: Mutex<()> = Mutex::new(());
    let tools = python()?;
    let _one_at_a_time = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let out = folder("wheels")?;
    let mut build = Command::new(tools);
    build.args(["-m", "maturin", "build", "--locked", "--features", "as-in-workspace"]);
    build.args(["--profile", profile, "--out"]).arg(&out);
    build.arg("--target-dir").arg(target());
    build.current_dir(workspace().join("python"));
    run_within(&mut build, &out.join("build.log"), PATIENCE)?;
    let files = fs::read_dir(&out).map_err(|e| e.to_string())?.flatten();
    let wheels =
        files.map(|file| file.path()).filter(|path| path.extension() == Some("whl".as_ref()));
    let changed = |path: &PathBuf| path.metadata().and_then(|facts| facts.modified()).ok();
    wheels.max_by_key(changed).ok_or_else(|| format!("{}: no wheel", out.display()))
}

/// A fresh environment in the target folder with a wheel and nothing else. Returns its Python.
///
/// # Errors
/// If it cannot be made.
pub fn fresh(name: &str, wheel: &Path) -> Result<PathBuf, String> {
    let (tools, venv) = (python()?, folder(name)?);
    let log = folder("wheels")?.join(format!("{name}.log"));
    let mut make = Command::new("python3");
    run_within(make.args(["-m", "venv", "--clear", "--without-pip"]).arg(&venv), &log, PATIENCE)?;
    let python = venv.join("bin/python");
    let mut pip = Command::new(tools);
    pip.args(["-m", "pip", "--quiet", "--python"]).arg(&python);
    run_within(pip.args(["install", "--no-deps", "--no-index"]).arg(wheel), &log, PATIENCE)?;
    Ok(python)
}

/// Lets an environment see the libraries of another one.
///
/// # Errors
/// If one of them does not say where its libraries are.
pub fn with_libraries(python: &Path, of: &Path) -> Result<(), String> {
    let place = |python: &Path| {
        let asked = "import sysconfig; print(sysconfig.get_path('purelib'))";
        let said = Command::new(python).args(["-c", asked]).output();
        let said = said.map_err(|e| format!("{}: {e}", python.display()))?;
        Ok::<_, String>(String::from_utf8_lossy(&said.stdout).trim().to_owned())
    };
    let file = Path::new(&place(python)?).join("libraries.pth");
    fs::write(&file, place(of)?).map_err(|e| format!("{}: {e}", file.display()))
}

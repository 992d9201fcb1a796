//! Installs object stores, the driver of the browser and Python packages, once, with a time limit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::fetch::{run, run_within};
use crate::fixtures::target;

const MOTO: &str = "moto[server]==5.2.5";
const DUCKDB: [&str; 2] = ["duckdb==2.0.1", "pyarrow==26.0.1"];
const PYTHON: [&str; 8] = [
    "maturin==1.16.0",
    "pytest==9.2.0",
    "polars==2.1.0",
    "duckdb==2.0.1",
    "pyarrow==26.0.1",
    "pandas==3.1.1",
    "nbclient==0.11.0",
    "ipykernel==7.4.0",
];
const SPARK: [&str; 5] =
    ["pyspark==4.3.0", "pyarrow==26.0.1", "pandas==3.1.1", "polars==2.1.0", "pytest==9.2.0"];
const AZURITE: &str = "azurite@3";
/// How long Python packages may take: PySpark is large, and is built when it is installed.
const PATIENCE: Duration = Duration::from_secs(1200);

/// The Python that has moto.
pub(crate) fn moto() -> Result<PathBuf, String> {
    environment("moto", &[MOTO])
}

/// A Python that has DuckDB and pyarrow, which read Parquet and Arrow files.
///
/// # Errors
/// If they cannot be installed.
pub fn duckdb() -> Result<PathBuf, String> {
    environment("duckdb", &DUCKDB)
}

/// A Python that has the libraries that accept tables of the package `snapscope`, and the tools that build the package
/// and run its tests and notebook.
///
/// # Errors
/// If they cannot be installed.
pub fn python() -> Result<PathBuf, String> {
    environment("python", &PYTHON)
}

/// A Python that has PySpark, with what it needs to accept Arrow's batches.
///
/// # Errors
/// If it cannot be installed.
pub fn spark() -> Result<PathBuf, String> {
    environment("spark", &SPARK)
}

/// A Python environment in the target folder with these packages.
fn environment(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let folder = folder(name);
    let python = folder.join("venv/bin/python");
    once(&folder, |log| {
        let venv = folder.join("venv");
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv), log)?;
        let mut pip = Command::new(&python);
        run_within(pip.args(["-m", "pip", "install", "--quiet"]).args(packages), log, PATIENCE)
    })?;
    Ok(python)
}

/// Azurite's program for blobs.
pub(crate) fn azurite() -> Result<PathBuf, String> {
    let folder = folder("azurite");
    once(&folder, |log| {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&folder).arg(AZURITE);
        run(&mut npm, log)
    })?;
    Ok(folder.join("node_modules/.bin/azurite-blob"))
}

/// Does `work` unless a file shows that it was done before.
pub(crate) fn once(
    folder: &Path,
    work: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<(), String> {
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let done = folder.join("installed");
    if done.is_file() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    work(&folder.join("install.log"))?;
    fs::write(&done, "").map_err(|e| format!("{}: {e}", done.display()))
}

/// The installation folder `name` in the target folder.
pub(crate) fn folder(name: &str) -> PathBuf {
    target().join(name)
}

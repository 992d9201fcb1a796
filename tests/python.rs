//! The Python package: its wheel is built from this workspace, installed into a fresh environment, and its own tests
//! compare what it says with what the binary prints.

use crate::sql::odd;
use crate::support::{Fixture, write};
use snapscope_testkit::records::kv;
use snapscope_testkit::snapshot::SnapshotSpec;
use snapscope_testkit::{consul, fixtures, python, spark};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// A folder in the target folder.
fn folder(name: &str) -> PathBuf {
    let folder = fixtures::target().join("python").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The Python with these libraries, or `None` if they can't be installed.
fn libraries(install: fn() -> Result<PathBuf, String>) -> Option<PathBuf> {
    match install() {
        Ok(python) => Some(python),
        Err(e) if consul::required() => panic!("{e}"),
        Err(e) => {
            #[allow(clippy::print_stderr)]
            {
                eprintln!("skipped: no Python libraries: {e}");
            }
            None
        }
    }
}

fn done(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{command:?} ended with {}: {out}{err}", output.status);
    out
}

/// The profile with which this test was built.
fn profile() -> String {
    let program = std::env::current_exe().unwrap();
    let folder = program.ancestors().nth(2).and_then(Path::file_name).and_then(OsStr::to_str);
    match folder.unwrap() {
        "debug" => "dev".to_owned(),
        other => other.to_owned(),
    }
}

/// Builds the wheel, with what was compiled for the tests. Returns its path.
fn wheel(tools: &Path) -> PathBuf {
    static BUILDING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = BUILDING.lock().unwrap();
    let out = folder("wheels");
    let mut build = Command::new(tools);
    build.args([
        "-m",
        "maturin",
        "build",
        "--locked",
        "--features",
        "as-in-workspace",
        "--profile",
    ]);
    build.arg(profile()).arg("--out").arg(&out);
    build.arg("--target-dir").arg(fixtures::target());
    done(build.current_dir(fixtures::workspace().join("python")));
    let wheels = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path());
    let newest = wheels.max_by_key(|path| path.metadata().unwrap().modified().unwrap());
    let newest = newest.unwrap();
    let name = newest.file_name().unwrap().to_str().unwrap();
    assert!(name.contains("-cp310-abi3-"), "one wheel for all Pythons: {name}");
    newest
}

/// A fresh environment with the wheel and nothing else.
fn fresh(name: &str, tools: &Path) -> PathBuf {
    let venv = folder(name);
    done(Command::new("python3").args(["-m", "venv", "--clear", "--without-pip"]).arg(&venv));
    let python = venv.join("bin/python");
    let mut pip = Command::new(tools);
    pip.args(["-m", "pip", "--quiet", "--python"]).arg(&python);
    done(pip.args(["install", "--no-deps", "--no-index"]).arg(wheel(tools)));
    python
}

/// Lets an environment see the libraries of another one.
fn with_libraries(python: &Path, of: &Path) {
    let place = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let path = |python: &Path| done(Command::new(python).args(["-c", place])).trim().to_owned();
    std::fs::write(Path::new(&path(python)).join("libraries.pth"), path(of)).unwrap();
}

/// Snapshots that no server wrote.
fn made(dir: &Path) {
    write(dir, "odd.snap", &odd());
    let state = Fixture::snap("consul-1.21.4/small-a").state();
    write(dir, "truncated.snap", &state[..state.len() * 2 / 3]);
    let mut spec = SnapshotSpec::new(vec![kv::entry("a", b"1", 0, 1), kv::entry("b", b"2", 0, 2)]);
    spec.records[0] = spec.records[0].clone().with("Flags", "no number");
    write(dir, "broken.snap", &spec.snap());
}

fn pytest(python: &Path, files: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path());
    let tests = fixtures::workspace().join("python/tests");
    let mut pytest = Command::new(python);
    pytest.args(["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]);
    pytest.args(files.iter().map(|file| tests.join(file)));
    pytest.env("SNAPSCOPE_BINARY", env!("CARGO_BIN_EXE_snapscope"));
    pytest.env("SNAPSCOPE_MADE", dir.path()).env("PYTHONDONTWRITEBYTECODE", "1");
    done(pytest.current_dir(dir.path()));
}

#[test]
fn the_wheel_works_alone_and_with_the_libraries_that_take_arrow() {
    let Some(tools) = libraries(python) else { return };
    let python = fresh("fresh", &tools);
    let alone = fixtures::workspace().join("python/tests/alone.py");
    done(Command::new(&python).arg(alone).arg(&Fixture::snap("consul-1.21.4/small-a").path));
    with_libraries(&python, &tools);
    pytest(&python, &["test_tables.py", "test_sql.py", "test_answers.py", "test_docs.py"]);
}

/// Spark needs half a minute to start.
#[test]
#[ignore = "slow: see CONTRIBUTING.md"]
fn spark_reads_what_list_prints() {
    let (Some(tools), Some(spark)) = (libraries(python), libraries(spark)) else { return };
    let python = fresh("fresh-spark", &tools);
    with_libraries(&python, &spark);
    pytest(&python, &["test_spark.py"]);
}

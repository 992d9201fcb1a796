//! The Python package: its wheel is built from this workspace and installed into a new environment,
//! and its own tests compare its answers with the output of the binary.

use crate::sql::odd;
use crate::support::{Fixture, finish_within, write};
use snapscope_testkit::ConsulVersion;
use snapscope_testkit::generate::{GenerateOptions, write_fleet};
use snapscope_testkit::records::kv;
use snapscope_testkit::snapshot::SnapshotSpec;
use snapscope_testkit::{consul, fixtures, package, python, spark};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The Python with these libraries, or `None` if they cannot be installed.
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

/// A fresh environment with the wheel and the libraries of another one.
fn fresh(name: &str) -> PathBuf {
    let wheel = package::wheel(&profile()).unwrap();
    let file = wheel.file_name().unwrap().to_str().unwrap();
    assert!(file.contains("-cp310-abi3-"), "one wheel for all Pythons: {file}");
    package::fresh(name, &wheel).unwrap()
}

/// Synthetic snapshots.
fn made(dir: &Path) {
    write(dir, "odd.snap", &odd());
    let state = Fixture::snap("consul-1.21.4/small-a").state();
    write(dir, "truncated.snap", &state[..state.len() * 2 / 3]);
    let mut spec = SnapshotSpec::new(vec![kv::entry("a", b"1", 0, 1), kv::entry("b", b"2", 0, 2)]);
    spec.records[0] = spec.records[0].clone().with("Flags", "no number");
    write(dir, "broken.snap", &spec.snap());
}

/// Snapshots of some clusters: of one half a file, and one that is none.
fn fleet(folder: &Path) {
    let options = GenerateOptions {
        bytes: 256 << 10,
        version: ConsulVersion::V1_21_4,
        level: 1,
        ..GenerateOptions::default()
    };
    let paths = write_fleet(&options, 3, 9, folder).unwrap();
    let bytes = std::fs::read(&paths[4]).unwrap();
    std::fs::write(&paths[4], &bytes[..bytes.len() / 2]).unwrap();
    std::fs::write(folder.join("none.snap"), "no snapshot at all").unwrap();
}

/// Variables of the environment.
type Variables = Vec<(String, String)>;

/// Runs tests of Python, for a limited time.
fn pytest(python: &Path, files: &[&str], more: &[(String, String)], patience: Duration) {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path());
    fleet(&dir.path().join("fleet"));
    let tests = fixtures::workspace().join("python/tests");
    let mut pytest = Command::new(python);
    pytest.args(["-m", "pytest", "-q", "-x", "--durations=5", "-p", "no:cacheprovider"]);
    pytest.args(files.iter().map(|file| tests.join(file)));
    pytest.env("SNAPSCOPE_BINARY", env!("CARGO_BIN_EXE_snapscope"));
    pytest.env("SNAPSCOPE_MADE", dir.path()).env("PYTHONDONTWRITEBYTECODE", "1");
    pytest.envs(more.iter().cloned());
    let ran = finish_within(pytest.current_dir(dir.path()), b"", patience);
    assert_eq!(ran.code(), 0, "{}{}", ran.text(), ran.stderr);
    #[allow(clippy::print_stdout)] // how long the slowest took
    {
        println!("{}", ran.text());
    }
}

/// A bucket with two snapshots, one of them damaged, and the variables with which the tests find it.
#[cfg(feature = "live")]
fn bucket() -> Option<(Variables, impl Sized)> {
    use snapscope_testkit::stores::{StoreKind, StoreServer};

    let store = StoreServer::for_test(StoreKind::S3, "python")?;
    let whole = std::fs::read(Fixture::snap("consul-1.21.4/small-a").path).unwrap();
    store.put_object("python/a.snap", &whole).unwrap();
    store.put_object("python/b.snap", &whole[..whole.len() / 2]).unwrap();
    let named = store.variables().into_iter().map(|(name, value)| (name.to_owned(), value));
    let place = ("SNAPSCOPE_BUCKET".to_owned(), store.url("python"));
    Some((named.chain([place]).collect(), store))
}

#[cfg(not(feature = "live"))]
fn bucket() -> Option<(Variables, impl Sized)> {
    None::<(Variables, ())>
}

#[test]
fn the_wheel_works_alone_and_with_the_libraries_that_take_arrow() {
    let Some(tools) = libraries(python) else { return };
    let python = fresh("fresh");
    let alone = fixtures::workspace().join("python/tests/alone.py");
    done(Command::new(&python).arg(alone).arg(&Fixture::snap("consul-1.21.4/small-a").path));
    package::with_libraries(&python, &tools).unwrap();
    let mut files = vec!["test_tables.py", "test_sql.py", "test_answers.py", "test_docs.py"];
    let bucket = bucket();
    let variables = match &bucket {
        Some((variables, _)) => {
            files.push("test_buckets.py");
            variables.as_slice()
        }
        None => &[],
    };
    pytest(&python, &files, variables, Duration::from_secs(600));
}

/// Idle processors need a minute and a half. Spark starts a JVM, and each of its tasks costs some 30 ms of processor time.
#[test]
#[ignore = "slow: see CONTRIBUTING.md"]
fn spark_reads_what_list_prints() {
    let (Some(_), Some(spark)) = (libraries(python), libraries(spark)) else { return };
    let python = fresh("fresh-spark");
    package::with_libraries(&python, &spark).unwrap();
    let bucket = bucket();
    let variables = bucket.as_ref().map_or(&[][..], |(variables, _)| variables);
    pytest(&python, &["test_spark.py"], variables, Duration::from_secs(3600));
}

//! Shared by the modules: running the binary with a time limit, and the list of fixtures.

use serde_json::Value;
use snapscope_testkit::snapshot::TAKEN_MS;
use snapscope_testkit::{Meta, Record, SnapshotSpec, fixtures};
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The time after which a run of the binary counts as hanging.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The result of a run of the binary.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Ran {
    /// The exit code; a signal fails the test.
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| panic!("ended by {}: {}", self.status, self.stderr))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("standard output is UTF-8")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.stdout)))
    }

    /// Each line as JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        json_lines(&self.stdout)
    }
}

pub(crate) fn json_lines(text: &[u8]) -> Vec<Value> {
    text.split(|b| *b == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("a line of JSON"))
        .collect()
}

/// The binary, without arguments.
pub(crate) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snapscope"));
    command.stdin(Stdio::null());
    command
}

/// Runs the binary.
pub(crate) fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Ran {
    finish(binary().args(args), b"")
}

/// Runs the binary with the given standard input.
pub(crate) fn run_with<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>, stdin: &[u8]) -> Ran {
    finish(binary().args(args).stdin(Stdio::piped()), stdin)
}

/// Runs a command to its end, or fails if it takes longer than [`PATIENCE`].
pub(crate) fn finish(command: &mut Command, stdin: &[u8]) -> Ran {
    finish_within(command, stdin, PATIENCE)
}

/// Does so with another limit of time.
pub(crate) fn finish_within(command: &mut Command, stdin: &[u8], patience: Duration) -> Ran {
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let mut out = child.stdout.take().expect("piped");
    let mut err = child.stderr.take().expect("piped");
    std::thread::scope(|scope| {
        let out = scope.spawn(move || {
            let mut bytes = Vec::new();
            out.read_to_end(&mut bytes).expect("its output can be read");
            bytes
        });
        let err = scope.spawn(move || {
            let mut bytes = Vec::new();
            err.read_to_end(&mut bytes).expect("its errors can be read");
            bytes
        });
        if let Some(mut pipe) = child.stdin.take() {
            // It may end before it has read everything.
            let _ = pipe.write_all(stdin);
        }
        let status = wait(&mut child, patience);
        let stdout = out.join().expect("the reader lives");
        let stderr = String::from_utf8_lossy(&err.join().expect("the reader lives")).into_owned();
        assert!(!stderr.contains("panicked"), "{stderr}");
        Ran { status, stdout, stderr }
    })
}

fn wait(child: &mut Child, patience: Duration) -> ExitStatus {
    let begin = Instant::now();
    let mut pause = Duration::from_micros(200);
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return status;
        }
        if begin.elapsed() > patience {
            let _ = child.kill();
            panic!("the program still runs after {patience:?}");
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// A recorded server whose calls are all known: its snapshots, its data directory, the calls.
pub(crate) fn recorded(server: &str) -> PathBuf {
    fixtures::root().join("raftlog").join(server)
}

/// Its data directory. It was killed after it had been written to.
pub(crate) fn data_dir(server: &str) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    unpack_data_dir(server, dir.path());
    let path = dir.path().to_str().unwrap().to_owned();
    (dir, path)
}

/// Unpacks its data directory into a folder.
pub(crate) fn unpack_data_dir(server: &str, into: &Path) {
    let packed = std::fs::File::open(recorded(server).join("raft.tar.gz"));
    let packed = packed.expect("the fixture exists");
    let unpacked = tar::Archive::new(flate2::read::GzDecoder::new(packed)).unpack(into);
    unpacked.expect("the fixture is a tar archive");
}

/// A recorded snapshot.
#[derive(Debug, Clone)]
pub(crate) struct Fixture {
    /// Its name below `fixtures/`, `consul-1.21.4/small-a`, to which suffixes such as
    /// `.decode.jsonl` are added.
    pub(crate) name: String,
    /// The path for the binary.
    pub(crate) path: PathBuf,
}

impl Fixture {
    pub(crate) fn snap(name: &str) -> Self {
        Self { name: name.to_owned(), path: fixtures::root().join(format!("{name}.snap")) }
    }

    /// A file that belongs to it, if there is one.
    pub(crate) fn beside(&self, ending: &str) -> Option<Vec<u8>> {
        let name = format!("{}{ending}", self.name);
        fixtures::exists(&name).then(|| fixtures::read(&name))
    }

    /// The answer of the HTTP API.
    pub(crate) fn api(&self, name: &str) -> Option<Value> {
        let bytes = self.beside(&format!(".api/{name}.json"))?;
        Some(serde_json::from_slice(&bytes).expect("the API speaks JSON"))
    }

    pub(crate) fn meta(&self) -> Vec<u8> {
        self.file("meta.json")
    }

    pub(crate) fn state(&self) -> Vec<u8> {
        self.file("state.bin")
    }

    fn file(&self, name: &str) -> Vec<u8> {
        if self.path.is_dir() {
            return std::fs::read(self.path.join(name)).expect("a raft folder has it");
        }
        let snap = std::fs::read(&self.path).expect("the fixture is there");
        let members = fixtures::unpack(&snap).expect("the fixture is an archive");
        members.into_iter().find(|m| m.0 == name).expect("an archive has it").1
    }
}

/// All recorded snapshots, the raft directory last.
pub(crate) fn all() -> Vec<Fixture> {
    let mut all: Vec<Fixture> = fixtures::all_snapshots()
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(fixtures::root()).expect("fixtures lie below the root");
            Fixture { name: name.with_extension("").display().to_string(), path }
        })
        .collect();
    for path in fixtures::raft_dirs() {
        all.push(Fixture { name: "consul-1.21.4/raft-dir".to_owned(), path });
    }
    assert!(all.len() >= 11, "fixtures are missing: {all:?}");
    all
}

/// A file with these bytes in a folder.
pub(crate) fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).expect("a temporary folder can be written to");
    path
}

/// Milliseconds in a day.
pub(crate) const DAY_MS: u64 = 86_400_000;

/// A snapshot at a Raft index, taken this number of days after 2026-11-23T03:10:00Z.
pub(crate) fn taken_on(day: u64, index: u64, records: Vec<Record>) -> SnapshotSpec {
    let mut spec = SnapshotSpec::new(records).in_section_order();
    spec.meta = Meta::at(index);
    spec.meta.id = format!("2-{index}-{}", TAKEN_MS + day * DAY_MS);
    spec.last_index = index;
    spec
}

/// The records of a state.bin, split by an independent reader: type, type byte and value.
pub(crate) fn split(state: &[u8]) -> Vec<(u8, &[u8])> {
    let mut rest = state;
    rmpv::decode::read_value(&mut rest).expect("a header");
    let mut records = Vec::new();
    while let [kind, value @ ..] = rest {
        let mut after = value;
        rmpv::decode::read_value(&mut after).expect("a whole record");
        records.push((*kind, &rest[..rest.len() - after.len()]));
        rest = after;
    }
    records
}

/// Runs a closure on every item, on all cores. A panic is passed on.
pub(crate) fn in_parallel<T: Send + Sync>(items: Vec<T>, work: impl Fn(&T) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, Into::into);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    work(item);
                }
            });
        }
    });
}

/// The peak memory of a process so far, in bytes.
fn most_so_far(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}

/// Runs a command to its end; returns its peak memory and its output. A short one may end before
/// its memory is looked at on a busy machine, and is then run again.
pub(crate) fn watched(command: &mut Command) -> (u64, String) {
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    for _ in 0..50 {
        let (peak, said) = watched_once(command);
        if peak > 4 << 20 {
            return (peak, said);
        }
    }
    panic!("the memory of {command:?} was never seen");
}

fn watched_once(command: &mut Command) -> (u64, String) {
    let mut child = command.spawn().unwrap();
    let (id, mut peak) = (child.id(), 0);
    // The system's sum for ended children is not used, because it includes our own memory at the
    // start.
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(most_so_far(id).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (peak, said)
}

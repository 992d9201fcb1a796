//! One input gives one output: what is printed, where, and the exit code depend only on the input
//! and the command line, not on which thread was faster.

use crate::support::{DAY_MS, Fixture, Ran, run, run_with, taken_on, write};
use snapscope_objects::kinds::KINDS;
use snapscope_testkit::records::{cluster, kv};
use snapscope_testkit::{Archive, ConsulVersion, Meta, Record, Val};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Number of runs of a command whose outputs are compared. `SNAPSCOPE_RUNS` changes it.
fn runs() -> usize {
    std::env::var("SNAPSCOPE_RUNS").map_or(3, |runs| runs.parse().expect("a number"))
}

/// Runs something while every core is busy.
fn while_busy(work: impl FnOnce()) {
    let done = AtomicBool::new(false);
    struct Stop<'a>(&'a AtomicBool);
    impl Drop for Stop<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let _stop = Stop(&done);
        work();
    });
}

/// The result of a run: standard output, standard error, exit code. Ages depend on the clock.
fn shown(ran: &Ran) -> (String, String, i32) {
    let text = String::from_utf8_lossy(&ran.stdout);
    let of_input = |line: &&str| !line.contains("\"AgeSeconds\"") && !line.starts_with(" Age ");
    let lines: Vec<&str> = text.split('\n').filter(of_input).collect();
    (lines.join("\n"), ran.stderr.clone(), ran.code())
}

fn same_every_time(name: &str, mut once: impl FnMut() -> (String, String, i32)) {
    let first = once();
    for nth in 1..runs() {
        let again = once();
        assert!(again == first, "run {nth} of {name}:\n{again:?}\nthe first:\n{first:?}");
    }
}

/// Snapshots that are intact, unusual, or damaged in places that a fast thread reaches first.
fn inputs(dir: &Path) -> Vec<PathBuf> {
    let good = Fixture::snap("consul-1.21.4/small-a").path;
    let bytes = std::fs::read(&good).unwrap();
    let mut records: Vec<Record> = (0..4000)
        .map(|i| kv::entry(format!("app/{:03}/{i}", i % 97), [7; 300], i, i + 10))
        .collect();
    // Well framed, but invalid for its type.
    for at in [5, 1000, 3999] {
        records.insert(at, Record::new(2, Val::Map(vec![("Key".into(), Val::Uint(7))])));
    }
    records.push(cluster::chunking_state(7, 2, &[Some(b"piece"), None]));
    records.push(cluster::chunking_state(3, 2, &[Some(b"other"), None]));
    records.push(cluster::autopilot(ConsulVersion::V1_21_4, 9));
    let spec = taken_on(1, 9000, records);
    let state = spec.state();
    let archive = Archive::new(&Meta::at(9000), &state);
    let mut cut_record = state.clone();
    cut_record.truncate(state.len() - 100);
    let mut flipped = bytes.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x55;
    let last = bytes.len() - 8;
    let mut wrong_crc = bytes.clone();
    wrong_crc[last] ^= 1;
    vec![
        good,
        write(dir, "odd.snap", &spec.snap()),
        write(dir, "late-meta.snap", &archive.clone().order(&["state.bin", "SHA256SUMS"]).snap()),
        write(dir, "more.snap", &archive.clone().with_member("notes", b"hello".to_vec()).snap()),
        write(dir, "wrong-hash.snap", &archive.wrong_hash("state.bin").snap()),
        write(dir, "cut.snap", &bytes[..bytes.len() - 3000]),
        write(dir, "flipped.snap", &flipped),
        write(dir, "wrong-crc.snap", &wrong_crc),
        write(dir, "trailing.snap", &[bytes.as_slice(), b"garbage"].concat()),
        write(dir, "state.bin", &cut_record),
    ]
}

const ONE_FILE: &[&[&str]] = &[
    &["inspect", "-v", "--more", "--kvdetails"],
    &["decode", "-v"],
    &["breakdown", "-v", "--by", "prefix", "-o", "json"],
    &["top", "-v", "-n", "7"],
    &["audit", "-v", "-o", "json"],
    &["list", "-v", "kv", "--limit", "3"],
    &["list", "-v", "kv", "--limit", "997", "-o", "csv"],
    &["list", "-v", "kv", "--limit", "100000", "-o", "json"],
    &["verify", "--deep"],
    &["salvage", "--dry-run", "--out", "x", "-o", "json"],
];

/// Commands like those above, for one file.
const ONCE: &[&[&str]] = &[
    &["inspect", "-v", "--more", "--format", "json"],
    &["decode", "--raw"],
    &["breakdown", "--by", "policy", "-o", "csv"],
    &["audit", "-o", "sarif"],
    &["list", "kv", "--limit", "0"],
    &["list", "kv", "--sort", "-size", "--limit", "3"],
    &["list", "instances", "--limit", "2", "-o", "jsonl"],
    &["verify", "--for-consul", "1.8.7", "-o", "json"],
    &["pack", "--dry-run", "--out", "x"],
    &["extract", "--dry-run", "--out", "x", "--only", "acl", "-o", "json"],
    &["extract", "--dry-run", "--out", "x", "--drop", "acl"],
    &["redact", "--dry-run", "--out", "x", "-o", "json"],
];

fn one_file_commands(files: &[PathBuf]) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for file in files {
        let file = file.to_str().unwrap();
        for command in ONE_FILE {
            commands.push(command.iter().copied().chain([file]).map(str::to_owned).collect());
        }
        for args in [
            &["get", "kv", file, "app/003/100"][..],
            &["diff", &files[0].to_string_lossy(), file, "--limit", "5"],
        ] {
            commands.push(args.iter().map(|arg| (*arg).to_owned()).collect());
        }
    }
    let file = files[0].to_str().unwrap();
    for command in ONCE {
        commands.push(command.iter().copied().chain([file]).map(str::to_owned).collect());
    }
    for args in [
        &["get", "node", file, "e"][..],
        &["acl", "who-can", file, "key", "write", "app/x", "-o", "json"],
        &["acl", "explain", file, "anonymous"],
        &["diff", file, &files[1].to_string_lossy(), "-o", "json"],
    ] {
        commands.push(args.iter().map(|arg| (*arg).to_owned()).collect());
    }
    for kind in KINDS {
        let mut args = vec!["list", "--wide", "-o", "jsonl", kind.name, file];
        if kind.traits.by_peer {
            args.extend(["--peer", "all"]);
        }
        commands.push(args.into_iter().map(str::to_owned).collect());
    }
    commands
}

#[test]
fn whichever_thread_is_faster_a_command_has_one_output() {
    let dir = tempfile::tempdir().unwrap();
    let files = inputs(dir.path());
    while_busy(|| {
        for command in one_file_commands(&files) {
            same_every_time(&format!("{command:?}"), || shown(&run(&command)));
        }
    });
}

/// More threads give the same answer, too; only the way of inflating is reported differently.
#[test]
fn the_number_of_threads_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let files = inputs(dir.path());
    for mut command in one_file_commands(&files) {
        command.retain(|arg| arg != "-v" && arg != "--more");
        let with =
            |jobs: &str| shown(&run(command.iter().map(String::as_str).chain(["--jobs", jobs])));
        let (one, more) = (with("1"), with("3"));
        assert!(more == one, "{command:?} --jobs 3:\n{more:?}\n1:\n{one:?}");
    }
}

/// A pipe may deliver any small amount at a time.
#[test]
fn a_pipe_changes_nothing_but_the_name() {
    let dir = tempfile::tempdir().unwrap();
    for file in inputs(dir.path()) {
        let bytes = std::fs::read(&file).unwrap();
        for command in [ONE_FILE[0], ONE_FILE[1], ONE_FILE[5]] {
            let args: Vec<&str> = command.iter().copied().chain(["-"]).collect();
            same_every_time(&format!("{args:?} {file:?}"), || shown(&run_with(&args, &bytes)));
        }
    }
}

#[test]
fn series_and_exports_have_one_output() {
    let dir = tempfile::tempdir().unwrap();
    let mut series = Vec::new();
    for day in 0..6 {
        let records = (0..300)
            .map(|i| kv::entry(format!("app/{i}"), format!("{}", i * (day + 1) / 50), i, i + day))
            .collect();
        let spec = taken_on(day, 9000 + day, records);
        assert!(
            spec.meta
                .id
                .ends_with(&(snapscope_testkit::snapshot::TAKEN_MS + day * DAY_MS).to_string())
        );
        series.push(write(dir.path(), &format!("{day}.snap"), &spec.snap()));
    }
    let damaged = std::fs::read(&series[3]).unwrap();
    std::fs::write(&series[3], &damaged[..damaged.len() - 20]).unwrap();
    let files: Vec<&str> = series.iter().map(|path| path.to_str().unwrap()).collect();
    let good = inputs(dir.path());
    while_busy(|| {
        for command in [
            &["history", "kv", "--under", "app/1"][..],
            &["history", "kv", "--under", "", "-o", "json"],
            &["history", "kv", "app/299"],
            &["trend", "--by", "type,prefix"],
            &["trend", "--by", "prefix", "-o", "json"],
        ] {
            let args: Vec<&str> = command.iter().chain(&files).copied().collect();
            same_every_time(&format!("{args:?}"), || shown(&run(&args)));
        }
        for to in ["kv-json", "config-entries", "acl", "jsonl", "csv", "sqlite"] {
            for file in &good[..2] {
                let out = dir.path().join(format!("out-{to}"));
                let args = ["export", file.to_str().unwrap(), "-v", "--to", to, "--force", "--out"];
                same_every_time(&format!("{args:?}"), || {
                    let ran = run(args.iter().copied().chain([out.to_str().unwrap()]));
                    let (_, err, code) = shown(&ran);
                    (format!("{:?}", contents(&out)), err, code)
                });
            }
        }
    });
}

/// Written files also depend only on the input, not on the number of threads that compress them.
#[test]
fn new_snapshots_have_one_content() {
    let dir = tempfile::tempdir().unwrap();
    let files = inputs(dir.path());
    let key = write(dir.path(), "key", &[7; 32]);
    let key = key.to_str().unwrap();
    while_busy(|| {
        for command in [
            &["pack"][..],
            &["salvage"],
            &["extract", "--only", "kv", "--rename-prefix", "app/=other/"],
            &["redact", "--key-file", key],
            &["redact", "--key-file", key, "--pseudonymise"],
        ] {
            for file in &files {
                let file = file.to_str().unwrap();
                let out = dir.path().join("out.snap");
                let args = command.iter().copied().chain([file, "--force", "--out"]);
                let args: Vec<&str> = args.chain([out.to_str().unwrap()]).collect();
                let mut nth = 0;
                same_every_time(&format!("{args:?}"), || {
                    let _ = std::fs::remove_file(&out);
                    nth += 1;
                    let threads = nth.to_string();
                    let more = ["--threads", &threads, "--jobs", &threads];
                    let (text, err, code) = shown(&run(args.iter().copied().chain(more)));
                    let written = out.exists().then(|| contents(&out));
                    (format!("{text}{written:?}"), err, code)
                });
            }
        }
    });
}

/// Names and hashes of an export's files.
fn contents(out: &Path) -> BTreeMap<PathBuf, u64> {
    let mut all = BTreeMap::new();
    let mut paths = vec![out.to_owned()];
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let mut hasher = DefaultHasher::new();
            std::fs::read(&path).unwrap().hash(&mut hasher);
            all.insert(path, hasher.finish());
        }
    }
    all
}

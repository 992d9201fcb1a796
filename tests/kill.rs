//! What an ended or killed process leaves of the files that it was writing: nothing, or nothing for
//! long.

use crate::support::{PATIENCE, binary, run, taken_on, write};
use snapscope_testkit::records::kv;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const FORMATS: [&str; 8] =
    ["kv-json", "config-entries", "acl", "jsonl", "csv", "sqlite", "parquet", "arrow"];

fn state() -> Vec<u8> {
    let records = (0..9000).map(|i| kv::entry(format!("app/{i}"), [7; 300], i, i + 10)).collect();
    taken_on(1, 9000, records).state()
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// Runs a command that reads standard input until it starts to write into `dir`, and leaves it
/// waiting for more.
fn begun(args: &[&str], dir: &Path, state: &[u8]) -> Child {
    let mut child = binary()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.as_mut().unwrap().write_all(&state[..state.len() / 2]).unwrap();
    let begin = Instant::now();
    while names(dir).is_empty() {
        assert!(begin.elapsed() < PATIENCE, "{args:?} writes nothing");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

/// Every command that writes secret files while it reads, with the file or folder that it creates.
fn writers(out: &Path, other: &Path) -> Vec<Vec<String>> {
    let (out, other) = (out.to_str().unwrap(), other.to_str().unwrap());
    let mut all: Vec<Vec<&str>> =
        FORMATS.map(|to| vec!["export", "-", "--to", to, "--out", out]).to_vec();
    all.push(vec!["diff", other, "-", "-o", "patch", "--out", out]);
    all.push(vec!["pack", "-", "--out", out]);
    all.push(vec!["salvage", "-", "--out", out]);
    all.push(vec!["extract", "-", "--only", "kv", "--out", out]);
    all.push(vec!["redact", "-", "--out", out]);
    all.into_iter().map(|args| args.into_iter().map(str::to_owned).collect()).collect()
}

fn places() -> (tempfile::TempDir, PathBuf, PathBuf, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let state = state();
    let other = write(dir.path(), "state.bin", &state[..state.len() / 2]);
    let place = dir.path().join("place");
    std::fs::create_dir(&place).unwrap();
    (dir, place, other, state)
}

#[test]
fn a_signal_leaves_nothing() {
    let (_dir, place, other, state) = places();
    for command in writers(&place.join("out"), &other) {
        let args: Vec<&str> = command.iter().map(String::as_str).collect();
        for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
            let mut child = begun(&args, &place, &state);
            let pid = child.id().to_string();
            // Waiting would close it, and a command at the end of its input may finish before the
            // signal.
            let input = child.stdin.take();
            assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
            let status = child.wait().unwrap();
            drop(input);
            assert_eq!(status.signal(), Some(number), "{args:?}: {status}");
            assert_eq!(names(&place), [""; 0], "{args:?} {signal}");
        }
    }
}

#[test]
fn a_signal_that_was_ignored_stays_ignored() {
    let (_dir, place, _, state) = places();
    let out = place.join("out");
    let script = format!("trap '' HUP; exec \"$@\" --out {}", out.display());
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh"]).arg(binary().get_program());
    let mut child =
        command.args(["export", "-", "--to", "jsonl"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&state[..state.len() / 2]).unwrap();
    let begin = Instant::now();
    while names(&place).is_empty() {
        assert!(begin.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "HUP", &pid]).status().unwrap().success());
    stdin.write_all(&state[state.len() / 2..]).unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
    assert_eq!(names(&place), ["out"]);
}

#[test]
fn what_a_kill_left_the_next_run_removes() {
    let (_dir, place, other, state) = places();
    for command in writers(&place.join("out"), &other) {
        let args: Vec<&str> = command.iter().map(String::as_str).collect();
        let mut child = begun(&args, &place, &state);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(names(&place)[0].starts_with(".out."), "{args:?}: {:?}", names(&place));
        let ran = crate::support::run_with(&args, &state);
        assert!(matches!(ran.code(), 0 | 1 | 3), "{args:?}: {}", ran.stderr);
        assert_eq!(names(&place), ["out"], "{args:?}");
        let out = place.join("out");
        let _ = std::fs::remove_file(&out).or_else(|_| std::fs::remove_dir_all(&out));
    }
    let baseline = place.join("known.json");
    write(&place, ".known.json.abcdef.part", b"half");
    let args = ["audit", other.to_str().unwrap(), "--write-baseline", baseline.to_str().unwrap()];
    assert_eq!(run(args).code(), 3);
    assert_eq!(names(&place), ["known.json"]);
}

/// A baseline is written at once at the end, so the signal is sent as soon as there is a file.
#[test]
fn a_signal_while_a_baseline_is_written_leaves_it_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let secret = |i: u64| {
        format!("{{\"password\": \"x7Kq2Lm9Rt{i}\", \"url\": \"redis://u:Zp4Wn8{i}@db\"}}")
    };
    let records = (0..9000).map(|i| kv::entry(format!("app/{i}"), secret(i), i, i + 10)).collect();
    let file = write(dir.path(), "state.bin", &taken_on(1, 9000, records).state());
    let place = dir.path().join("place");
    std::fs::create_dir(&place).unwrap();
    let baseline = place.join("known.json");
    let mut caught = 0;
    for nth in 0..60 {
        let args =
            ["audit", file.to_str().unwrap(), "--write-baseline", baseline.to_str().unwrap()];
        let mut child =
            binary().args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begin = Instant::now();
        while names(&place).is_empty() {
            assert!(begin.elapsed() < PATIENCE, "no baseline is written");
            std::thread::yield_now();
        }
        let signal = ["INT", "TERM", "HUP"][nth % 3];
        let pid = child.id().to_string();
        // It may have ended by itself.
        let _ = Command::new("kill").args(["-s", signal, &pid]).stderr(Stdio::null()).status();
        let status = child.wait().unwrap();
        let left = names(&place);
        if left == ["known.json"] {
            let whole: serde_json::Value =
                serde_json::from_slice(&std::fs::read(&baseline).unwrap()).unwrap();
            assert!(whole["findings"].as_array().unwrap().len() >= 18_000);
            std::fs::remove_file(&baseline).unwrap();
        } else {
            assert_eq!(left, [""; 0], "{signal}: {status}");
            caught += usize::from(status.signal().is_some());
        }
        if caught == 3 {
            return;
        }
    }
    assert!(caught > 0, "no signal came while the baseline was written");
}

/// A map of pseudonyms contains the names that the copy hides.
#[test]
fn a_signal_leaves_no_map_of_pseudonyms() {
    let (_dir, place, _, state) = places();
    let at = |name: &str| place.join(name).to_str().unwrap().to_owned();
    let (out, map) = (at("out"), at("map.json"));
    let args = ["redact", "-", "--pseudonymise", "--map", &map, "--out", &out];
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        let mut child = begun(&args, &place, &state);
        let begin = Instant::now();
        while names(&place).len() < 2 {
            assert!(begin.elapsed() < PATIENCE, "no map is begun");
            std::thread::sleep(Duration::from_millis(5));
        }
        let input = child.stdin.take();
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        let status = child.wait().unwrap();
        drop(input);
        assert_eq!(status.signal(), Some(number));
        assert_eq!(names(&place), [""; 0], "{signal}");
    }
}

/// A device or pipe whose readers would lose it, and a link whose target was not named.
#[test]
fn only_regular_files_are_ever_replaced() {
    let (_dir, place, other, _) = places();
    let at = |name: &str| place.join(name);
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    write(&place, "target", b"kept");
    std::os::unix::fs::symlink(at("target"), at("link")).unwrap();
    std::fs::create_dir(at("folder")).unwrap();
    let input = other.to_str().unwrap();
    for (name, is) in
        [("pipe", "a named pipe"), ("link", "a symbolic link"), ("/dev/null", "a device")]
    {
        let out = at(name);
        let out = out.to_str().unwrap();
        for args in [
            &["export", input, "--to", "jsonl", "--force", "--out", out][..],
            &["export", input, "--to", "csv", "--force", "--out", out],
            &["audit", input, "--write-baseline", out],
            &["pack", input, "--force", "--out", out],
            &["salvage", input, "--force", "--out", out],
            &["extract", input, "--only", "kv", "--force", "--out", out],
            &["redact", input, "--force", "--out", out],
        ] {
            let ran = run(args);
            assert_eq!(ran.code(), 2, "{args:?}: {}", ran.stderr);
            assert!(ran.stderr.contains(is), "{args:?}: {}", ran.stderr);
        }
    }
    let folder = at("folder");
    let args = ["export", input, "--to", "jsonl", "--force", "--out", folder.to_str().unwrap()];
    assert_eq!(run(args).code(), 2);
    assert_eq!(names(&place), ["folder", "link", "pipe", "target"]);
    assert_eq!(std::fs::read(at("target")).unwrap(), b"kept");
}

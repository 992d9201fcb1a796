//! Commands that write snapshots read a pipe like a file. However they end, the new file is
//! complete or missing.

use crate::support::{Fixture, binary, run, run_with, write};
use snapscope_testkit::generate::{GenerateOptions, snap};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The commands. Their output must be the same each time, so `redact` gets a key.
fn commands(key: &str) -> [Vec<&str>; 5] {
    [
        vec!["pack"],
        vec!["salvage"],
        vec!["extract", "--only", "kv"],
        vec!["redact", "--key-file", key],
        vec!["redact", "--pseudonymise", "--key-file", key],
    ]
}

fn with<'a>(command: &[&'a str], input: &'a str, out: &'a str) -> Vec<&'a str> {
    [command, &[input, "--out", out]].concat()
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_pipe_is_read_as_a_file_is() {
    let dir = tempfile::tempdir().unwrap();
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    let bytes = fs::read(&file).unwrap();
    let key = write(dir.path(), "key", b"0123456789abcdef");
    let place = dir.path().join("place");
    fs::create_dir(&place).unwrap();
    let out = place.join("out.snap");
    let out_text = out.to_str().unwrap();
    let taken = |what: &[&str]| {
        assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600, "{what:?}");
        assert_eq!(names(&place), ["out.snap"], "{what:?}");
        let bytes = fs::read(&out).unwrap();
        fs::remove_file(&out).unwrap();
        bytes
    };
    for command in commands(key.to_str().unwrap()) {
        let args = with(&command, file.to_str().unwrap(), out_text);
        assert_eq!(run(&args).code(), 0, "{args:?}");
        let expected = taken(&command);
        let ran = run_with(with(&command, "-", out_text), &bytes);
        assert_eq!(ran.code(), 0, "{command:?}: {}", ran.stderr);
        assert!(taken(&command) == expected, "{command:?} of standard input");
        let fifo = dir.path().join("fifo");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let bytes = bytes.clone();
        let to = fifo.clone();
        let writer = std::thread::spawn(move || fs::write(to, bytes));
        let ran = run(with(&command, fifo.to_str().unwrap(), out_text));
        assert_eq!(ran.code(), 0, "{command:?}: {}", ran.stderr);
        writer.join().unwrap().unwrap();
        assert!(taken(&command) == expected, "{command:?} of a named pipe");
        fs::remove_file(fifo).unwrap();
    }
}

/// Ended at any time, also between two passes and while the file is renamed.
#[test]
fn a_file_is_whole_or_not_there_whenever_the_command_is_ended() {
    let dir = tempfile::tempdir().unwrap();
    let (bytes, _) = snap(&GenerateOptions { bytes: 3 << 20, seed: 19, ..Default::default() });
    let file = write(dir.path(), "in.snap", &bytes);
    let key = write(dir.path(), "key", b"0123456789abcdef");
    let place = dir.path().join("place");
    fs::create_dir(&place).unwrap();
    let out = place.join("out.snap");
    for command in commands(key.to_str().unwrap()) {
        let args = with(&command, file.to_str().unwrap(), out.to_str().unwrap());
        let begin = std::time::Instant::now();
        assert_eq!(run(&args).code(), 0, "{args:?}");
        let (whole, takes) = (fs::read(&out).unwrap(), begin.elapsed());
        fs::remove_file(&out).unwrap();
        for (nth, signal) in ["KILL", "TERM", "KILL", "INT", "KILL"].into_iter().enumerate() {
            let mut child =
                binary().args(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(takes.mul_f64(0.2 * nth as f64) + Duration::from_millis(1));
            let pid = child.id().to_string();
            // It may have ended by itself.
            let _ = Command::new("kill").args(["-s", signal, &pid]).stderr(Stdio::null()).status();
            child.wait().unwrap();
            if out.exists() {
                assert!(fs::read(&out).unwrap() == whole, "{command:?} {signal}");
                fs::remove_file(&out).unwrap();
            }
            let left = names(&place);
            let may_be_left = signal == "KILL";
            assert!(
                left.iter().all(|name| may_be_left && name.starts_with(".out.snap.")),
                "{command:?} {signal}: {left:?}"
            );
        }
        assert_eq!(run(&args).code(), 0);
        assert_eq!(names(&place), ["out.snap"], "{command:?}");
        fs::remove_file(&out).unwrap();
    }
}

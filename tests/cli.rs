//! The command line: help and its examples, flags, exit codes, pipes, unreadable files.

use crate::help::listed;
use crate::support::{Fixture, binary, finish, run, run_with, unpack_data_dir, write};
use std::io::Read as _;
use std::process::{Command, Stdio};

const COMMANDS: [&str; 5] = ["inspect", "decode", "breakdown", "top", "trend"];

#[test]
fn the_commands_there_are_have_tests() {
    let listed = listed();
    for command in COMMANDS {
        assert!(listed.iter().any(|name| name == command), "{command} is missing in {listed:?}");
    }
}

/// The examples at the end of a command's help.
pub(crate) fn examples(command: &str) -> Vec<String> {
    let help = run([command, "--help"]);
    assert_eq!(help.code(), 0);
    let examples = help.text().split_once("Examples:").expect("examples").1;
    let lines = examples.lines().map(str::trim).filter(|line| line.starts_with("snapscope "));
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    assert!(lines.len() >= 2, "{command}: {examples}");
    lines
}

/// A shell that runs an example as written, in a folder.
pub(crate) fn shell(line: &str, dir: &std::path::Path) -> Command {
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_snapscope")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(folder.to_owned())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    )
    .unwrap();
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(line).current_dir(dir).env("PATH", &path).stdin(Stdio::null());
    shell
}

/// Each command's help ends with examples, and each of them runs as written.
#[test]
fn the_examples_in_the_help_run() {
    let dir = tempfile::tempdir().unwrap();
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    std::fs::copy(&fixture.path, dir.path().join("backup.snap")).unwrap();
    unpack_data_dir("consul-1.21.4-wal", &dir.path().join("data"));
    for command in COMMANDS.into_iter().chain(["history"]) {
        for line in examples(command) {
            let ran = finish(&mut shell(&line, dir.path()), b"");
            assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{line}");
            assert!(!ran.stdout.is_empty(), "{line}");
        }
    }
}

#[test]
fn help_and_version_are_successes() {
    for args in [&["--help"][..], &["-h"], &["help"], &["--version"], &["-V"], &["-help"]] {
        let ran = run(args);
        assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{args:?}");
        assert!(!ran.stdout.is_empty());
    }
    assert!(run(["--version"]).text().starts_with(concat!(
        "snapscope ",
        env!("CARGO_PKG_VERSION"),
        "\n"
    )));
    for command in COMMANDS {
        assert_eq!(run([command, "-h"]).code(), 0);
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    let file = Fixture::snap("consul-1.21.4/empty").path;
    let file = file.to_str().unwrap();
    for args in [
        &[][..],
        &["no-such-command"],
        &["inspect"],
        &["inspect", "--no-such-flag", file],
        &["inspect", "-format=xml", file],
        &["inspect", "-kvdepth=x", file],
        &["inspect", "--jobs", "0", file],
        &["inspect", file, file],
        &["decode", "--type", "NoSuchType", file],
        &["decode", "--max-depth", "0", file],
        &["breakdown", "--by", "colour", file],
        &["breakdown", "--by", "prefix", "--depth", "0", file],
        &["breakdown", "--by", "type", "--prefix", "app/", file],
        &["trend", "--by", "service", "--depth", "2", file],
        &["top", "-n", "many", file],
        &["top", "--type", "NoSuchType", file],
    ] {
        let ran = run(args);
        assert_eq!(ran.code(), 2, "{args:?}");
        assert_eq!(ran.stdout, b"", "{args:?}");
        assert!(!ran.stderr.is_empty(), "{args:?}");
    }
}

/// Flags with one dash, as programs in Go accept them.
#[test]
fn flags_may_have_one_dash() {
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    let file = file.to_str().unwrap();
    for (one, two) in [
        (
            &["inspect", "-kvdetails", "-kvdepth", "1", file][..],
            &["inspect", "--kvdetails", "--kvdepth", "1", file][..],
        ),
        (
            &["inspect", "-kvdetails=true", "-format=json", file],
            &["inspect", "--kvdetails", "--format", "json", file],
        ),
        (&["decode", "-type", "KVS", file], &["decode", "--type=KVS", file]),
        (
            &["breakdown", "-by", "prefix", "-output", "csv", file],
            &["breakdown", "--by=prefix", "-o", "csv", file],
        ),
        (&["top", "-number=3", file], &["top", "-n3", file]),
    ] {
        let (one, two) = (run(one), run(two));
        assert_eq!((one.code(), two.code()), (0, 0), "{}", one.stderr);
        assert!(one.stdout == two.stdout);
    }
}

#[test]
fn what_is_not_there_is_told_with_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("no-such.snap");
    let empty = dir.path().join("folder");
    std::fs::create_dir(&empty).unwrap();
    for command in COMMANDS {
        for path in [&missing, &empty] {
            let ran = run([command, path.to_str().unwrap()]);
            assert_eq!((ran.code(), ran.stdout.as_slice()), (2, &b""[..]), "{}", ran.stderr);
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(ran.stderr.contains(name), "{}", ran.stderr);
        }
    }
}

#[test]
fn an_empty_file_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "empty", b"");
    for command in COMMANDS {
        let ran = run([command, path.to_str().unwrap()]);
        assert_eq!(ran.code(), 3, "{}", ran.stderr);
        assert!(ran.stderr.contains("empty"), "{}", ran.stderr);
        let ran = run_with([command, "-"], b"");
        assert_eq!(ran.code(), 3, "{}", ran.stderr);
    }
}

/// Anything but a snapshot is refused at once, with its first bytes in the message.
#[test]
fn other_files_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    for bytes in
        [&b"#!/bin/sh\necho hello\n"[..], b"\x7fELF\x02\x01\x01", b"PK\x03\x04zip", b"{\"a\":1}"]
    {
        let path = write(dir.path(), "x", bytes);
        for command in COMMANDS {
            let ran = run([command, path.to_str().unwrap()]);
            assert_eq!(ran.code(), 3, "{}", ran.stderr);
            assert!(ran.stderr.contains("snapshot"), "{}", ran.stderr);
            assert!(ran.stderr.contains(&format!("{:02x}", bytes[0])), "{}", ran.stderr);
        }
    }
}

/// A user who may not read a file gets an error. The superuser may read all files, so the test
/// gives up that right first.
#[cfg(unix)]
#[test]
fn missing_permissions_are_told() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    let dir = tempfile::tempdir().unwrap();
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(dir.path(), 0o755);
    let file = write(dir.path(), "secret.snap", b"whatever");
    mode(&file, 0o000);
    let folder = dir.path().join("closed");
    std::fs::create_dir(&folder).unwrap();
    mode(&folder, 0o000);
    let is_root = std::fs::metadata(dir.path()).unwrap().uid() == 0;
    for path in [&file, &folder] {
        for name in COMMANDS {
            let mut command = binary();
            command.arg(name).arg(path);
            if is_root {
                command.uid(65_534).gid(65_534);
                if command.output().is_err() {
                    #[allow(clippy::print_stderr)]
                    {
                        eprintln!("skipped: run by root, and the binary can't be run by another");
                    }
                    mode(&folder, 0o755);
                    return;
                }
            }
            let ran = finish(&mut command, b"");
            assert_eq!((ran.code(), ran.stdout.as_slice()), (2, &b""[..]), "{}", ran.stderr);
            assert!(ran.stderr.to_lowercase().contains("permission denied"), "{}", ran.stderr);
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(ran.stderr.contains(name), "{}", ran.stderr);
        }
    }
    mode(&folder, 0o755);
}

/// Closing the pipe is success, without a message.
#[test]
fn a_closed_pipe_is_success() {
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    let file = file.to_str().unwrap();
    let few: [&[&str]; 5] = [
        &["decode", file],
        &["decode", "--raw", "--jobs", "1", file],
        &["inspect", "-kvdetails", "-kvdepth=5", file],
        &["breakdown", "--by", "prefix", "--depth", "9", "-o", "json", file],
        &["top", "-n", "100000", "-o", "jsonl", file],
    ];
    for args in few {
        for read in [0, 100] {
            let mut child =
                binary().args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            let mut out = child.stdout.take().unwrap();
            out.read_exact(&mut vec![0; read]).unwrap();
            drop(out);
            let done = child.wait_with_output().unwrap();
            assert_eq!(done.status.code(), Some(0), "{args:?}");
            assert_eq!(String::from_utf8_lossy(&done.stderr), "", "{args:?}");
        }
    }
}

/// A full disk is an error of the system, not success.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    for command in COMMANDS {
        let mut child = binary();
        child.arg(command).arg(&file).stdout(full.try_clone().unwrap()).stderr(Stdio::piped());
        let done = child.spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{command}");
        assert!(!done.stderr.is_empty(), "{command}");
    }
}

/// Locale, time zone, colour settings and terminal width have no effect without a terminal.
#[test]
fn surroundings_do_not_change_output() {
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    for args in [&["inspect", "--kvdetails"][..], &["decode"], &["breakdown"], &["top"]] {
        let plain = finish(binary().args(args).arg(&file), b"");
        let mut command = binary();
        command.args(args).arg(&file);
        command.envs([
            ("TZ", "America/New_York"),
            ("LC_ALL", "de_DE.UTF-8"),
            ("LANG", "tr_TR.UTF-8"),
            ("NO_COLOR", "1"),
            ("COLUMNS", "20"),
            ("TERM", "xterm-256color"),
        ]);
        let other = finish(&mut command, b"");
        assert!(plain.stdout == other.stdout, "{args:?}");
        let mut command = binary();
        command.args(args).arg(&file).env_clear();
        let bare = finish(&mut command, b"");
        assert!(plain.stdout == bare.stdout, "{args:?}");
        assert!(!plain.stdout.contains(&0x1b), "{args:?}: colours in a pipe");
    }
}

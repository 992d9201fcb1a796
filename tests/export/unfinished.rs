//! Exports that are refused or interrupted: existing files stay, and nothing of the new ones is
//! left.

use super::{FORMATS, done, export, json_file};
use crate::support::{Fixture, binary, finish, write};
use std::process::Command;

#[test]
fn what_stands_there_is_kept_unless_forced() {
    let dir = tempfile::tempdir().unwrap();
    let snap = Fixture::snap("consul-1.8.7/small-a").path;
    for format in FORMATS {
        let out = dir.path().join(format);
        done(&export(&snap, format, &out, &[]));
        let ran = export(&snap, format, &out, &[]);
        assert_eq!(ran.code(), 2);
        assert!(ran.stderr.contains("already exists; use --force"), "{}", ran.stderr);
        done(&export(&snap, format, &out, &["--force"]));
        #[cfg(unix)]
        {
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&out.metadata().unwrap().permissions());
            assert_eq!(mode & 0o777, if out.is_dir() { 0o700 } else { 0o600 }, "{format}");
        }
    }
    // A folder with other content is not replaced.
    let precious = write(&dir.path().join("csv"), "thesis.txt", b"mine");
    assert_eq!(export(&snap, "csv", &dir.path().join("csv"), &["--force"]).code(), 2);
    assert_eq!(export(&snap, "kv-json", &dir.path().join("csv"), &["--force"]).code(), 2);
    assert!(precious.exists());
    let names = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(names, FORMATS.len(), "something temporary is left");
}

#[test]
fn wrong_questions_are_refused_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let snap = Fixture::snap("consul-1.8.7/small-a").path;
    for (format, more, message) in [
        ("kv-json", &["--type", "nodes"][..], "does not support nodes"),
        ("jsonl", &["--type", "nodes", "--prefix", "x"], "have no keys"),
        ("jsonl", &["--filter", "Key == x"], "is not valid for"),
        ("csv", &["--type", "kv", "--filter", "Key = x"], "^"),
        ("xml", &[], "kv-json"),
    ] {
        let ran = export(&snap, format, &dir.path().join("out"), more);
        assert_eq!(ran.code(), 2, "{format} {more:?}");
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
    }
    assert_eq!(export(&snap, "jsonl", &dir.path().join("no/such/folder"), &[]).code(), 2);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn damage_is_told_in_every_format() {
    let dir = tempfile::tempdir().unwrap();
    let state = Fixture::snap("consul-1.21.4/small-a").state();
    let snap = write(dir.path(), "state.bin", &state[..state.len() * 3 / 4]);
    for format in FORMATS {
        let out = dir.path().join(format);
        assert_eq!(export(&snap, format, &out, &[]).code(), 3, "{format}");
        match format {
            "jsonl" => {
                let text = std::fs::read(&out).unwrap();
                assert_eq!(crate::support::json_lines(&text).last().unwrap()["Incomplete"], true);
            }
            "sqlite" => {
                let database = rusqlite::Connection::open(out).unwrap();
                let query = "SELECT value FROM meta WHERE name = 'incomplete'";
                let value: String = database.query_row(query, [], |row| row.get(0)).unwrap();
                assert_eq!(value, "1");
            }
            "kv-json" => {
                assert_eq!(json_file(&dir.path().join("kv-json.incomplete"))["Incomplete"], true)
            }
            _ => assert_eq!(json_file(&out.join("INCOMPLETE"))["Incomplete"], true),
        }
    }
}

/// A full disk, simulated by a shell's limit on file sizes.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let snap = Fixture::snap("consul-1.21.4/small-a").path;
    for format in ["kv-json", "jsonl", "csv", "sqlite"] {
        let out = dir.path().join(format);
        let mut command = Command::new("sh");
        // Without its signal, the limit is an error like that of a full disk.
        command.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "sh"]);
        command.arg(binary().get_program()).arg("export").arg(&snap);
        let ran = finish(command.args(["--to", format, "--out"]).arg(&out), b"");
        assert_eq!(ran.code(), 2, "{format}: {}", ran.stderr);
        assert!(!out.exists(), "{format}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "something temporary is left");
}

#[cfg(unix)]
#[test]
fn killed_halfway_it_leaves_nothing_under_the_name() {
    let dir = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let out = dir.path().join(format);
        // Endless standard input: it waits for the rest.
        let mut command = binary();
        command.args(["export", "-", "--to", format, "--out"]).arg(&out);
        let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
        let state = Fixture::snap("consul-1.21.4/small-a").state();
        let mut pipe = child.stdin.take().unwrap();
        std::io::Write::write_all(&mut pipe, &state[..state.len() / 2]).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(200));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!out.exists(), "{format}");
    }
}

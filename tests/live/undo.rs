//! The way back from a restore: the saved state, the command that is shown, and what restores leave
//! that sent nothing.

use super::proxy::{Fault, Proxy, answer};
use super::{command, names, run_at};
use crate::support::{finish, write};
use serde_json::json;
use snapscope_testkit::ConsulServer;
use snapscope_testkit::fixtures;
use std::process::{Command, Stdio};

fn keys(server: &ConsulServer) -> serde_json::Value {
    server.get_json("/v1/kv/?keys").unwrap()
}

#[test]
fn the_command_that_is_shown_leads_back() {
    let Some(server) = ConsulServer::for_test("the_command_that_is_shown_leads_back") else {
        return;
    };
    server.put("/v1/kv/a", "1").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("it's $HOME");
    std::fs::create_dir(&folder).unwrap();
    let file = write(&folder, "backup.snap", &server.snapshot_save().unwrap());
    server.put("/v1/kv/b", "2").unwrap();
    let token = write(&folder, "to ken", server.token().as_bytes());
    let address = server.http_addr().to_string();
    // No variable provides it.
    let mut restore = command("127.0.0.1:9", "");
    restore.args(["restore", "-y", "--http-addr", &address, "--datacenter", "dc1", "--token-file"]);
    let ran = finish(restore.arg(&token).arg(&file), b"");
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_eq!(keys(&server), json!(["a"]));
    let text = ran.text();
    let undo = text.lines().find_map(|line| line.strip_prefix("To return to it: snapscope "));
    let undo = undo.unwrap_or_else(|| panic!("{text}"));
    assert!(!undo.contains(server.token()), "{undo}");
    let mut shell = Command::new("sh");
    let line = format!("\"$BIN\" {} -y --no-save-current", undo);
    shell.args(["-c", &line]).env("BIN", env!("CARGO_BIN_EXE_snapscope"));
    shell.env_remove("CONSUL_HTTP_TOKEN").env("CONSUL_HTTP_ADDR", "127.0.0.1:9");
    let ran = finish(&mut shell, b"");
    assert_eq!(ran.code(), 0, "{undo}: {}", ran.stderr);
    assert_eq!(keys(&server), json!(["a", "b"]));

    // A token on the command line is not repeated.
    let mut restore = command("127.0.0.1:9", "");
    restore.args(["restore", "-y", "--http-addr", &address, "--token", server.token()]);
    let ran = finish(restore.arg(&file), b"");
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(!ran.text().contains(server.token()), "{}", ran.text());
    assert!(ran.text().contains("The same token is needed again"), "{}", ran.text());
}

#[test]
fn a_restore_that_sent_nothing_leaves_nothing() {
    let Some(server) = ConsulServer::for_test("a_restore_that_sent_nothing_leaves_nothing") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let good = server.snapshot_save().unwrap();
    let file = write(dir.path(), "backup.snap", &good);
    let path = file.to_str().unwrap();

    // A state without its index is refused before the plan.
    let bare = write(dir.path(), "bare.bin", &fixtures::state_of(&good));
    for more in ["--dry-run", "-y"] {
        let ran = run_at(&server, ["restore", more, bare.to_str().unwrap()]);
        assert_eq!((ran.code(), ran.text()), (2, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("snapscope pack"), "{}", ran.stderr);
    }
    std::fs::remove_file(bare).unwrap();

    // A name that is taken; --force would not help.
    let taken = write(dir.path(), "taken", b"mine");
    let ran = run_at(&server, ["restore", "-y", "--save-current", taken.to_str().unwrap(), path]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("pass another name") && !ran.stderr.contains("--force"));
    std::fs::remove_file(taken).unwrap();
    let ran = run_at(&server, ["restore", "-y", "--save-current", "-", path]);
    assert_eq!(ran.code(), 2, "{}", ran.stderr);
    assert_eq!(names(dir.path()), ["backup.snap"]);

    // Once sending has begun, the file is kept and named.
    let refused = answer("500 Internal Server Error", b"snapshot is too old");
    let proxy = Proxy::start(server.http_addr(), vec![Fault::None, Fault::None, refused]);
    let mut restore = command(&proxy.address(), server.token());
    let ran = finish(restore.args(["restore", "-y", "--retries", "0", path]), b"");
    assert_eq!(ran.code(), 2);
    let left = names(dir.path());
    assert_eq!(left.len(), 2, "{left:?}");
    let kept = left.iter().find(|name| name.starts_with("before-restore-")).unwrap();
    assert!(ran.stderr.contains(kept), "{}", ran.stderr);
}

/// util-linux's script provides a terminal; its line discipline turns ^C into a signal.
#[cfg(target_os = "linux")]
#[test]
fn declined_or_interrupted_it_leaves_nothing() {
    let Some(server) = ConsulServer::for_test("declined_or_interrupted_it_leaves_nothing") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "backup.snap", &server.snapshot_save().unwrap());
    for answer in ["no\n", "\x03"] {
        let asked = format!("{} restore {}", env!("CARGO_BIN_EXE_snapscope"), file.display());
        let mut script = Command::new("script");
        script.args(["-qefc", &asked, "/dev/null"]).stdin(Stdio::piped());
        script.env("CONSUL_HTTP_ADDR", server.http_addr().to_string());
        script.env("CONSUL_HTTP_TOKEN", server.token());
        let text = asked_and_answered(&mut script, answer);
        assert!(text.contains("nothing was sent; the cluster is unchanged"), "{answer:?}: {text}");
        assert_eq!(names(dir.path()), ["backup.snap"], "{answer:?}");
    }
}

/// Answers only when the question appears.
#[cfg(target_os = "linux")]
fn asked_and_answered(command: &mut Command, answer: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut out = child.stdout.take().unwrap();
    let (mut text, mut piece, mut has_answered) = (Vec::new(), [0; 4096], false);
    loop {
        let n = out.read(&mut piece).unwrap_or(0);
        if n == 0 {
            break;
        }
        text.extend_from_slice(&piece[..n]);
        if !has_answered && String::from_utf8_lossy(&text).contains("Type yes: ") {
            stdin.write_all(answer.as_bytes()).unwrap();
            stdin.flush().unwrap();
            has_answered = true;
        }
    }
    assert!(!child.wait().unwrap().success());
    String::from_utf8_lossy(&text).into_owned()
}

#[test]
fn standard_input_is_restored() {
    let Some(server) = ConsulServer::for_test("standard_input_is_restored") else { return };
    server.put("/v1/kv/a", "1").unwrap();
    let good = server.snapshot_save().unwrap();
    server.put("/v1/kv/b", "2").unwrap();
    let address = server.http_addr().to_string();
    let restore = |args: &[&str]| {
        let mut restore = command(&address, server.token());
        finish(restore.args(args).stdin(Stdio::piped()), &good)
    };
    let ran = restore(&["restore", "-"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("pass -y"), "{}", ran.stderr);
    let ran = restore(&["restore", "-y", "--token-file", "-", "-"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("both the snapshot and the token"), "{}", ran.stderr);
    assert_eq!(keys(&server), json!(["a", "b"]));
    let ran = restore(&["restore", "-y", "--no-save-current", "-"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_eq!(keys(&server), json!(["a"]));
}

//! `acl`: compares answers with those of real servers, checks exit codes, and that who-can is the
//! inverse of can.

use crate::support::{Fixture, run, run_with};
use serde_json::Value;
use snapscope_testkit::records::acl::{global_management, management_token, policy, token};
use snapscope_testkit::shapes::ConsulVersion;
use snapscope_testkit::{ConsulServer, SnapshotSpec};
use std::collections::BTreeSet;
use std::time::Instant;

/// Asks all questions of an oracle and compares the answers.
#[test]
fn check_answers_as_servers_do() {
    let mut asked = 0;
    for (name, at) in [
        ("consul-1.8.7/small-a", "2026-11-23T03:09:09Z"),
        ("consul-1.14.7/small-a", "2026-11-23T03:16:29Z"),
        ("consul-1.21.4/small-a", "2026-11-23T03:08:33Z"),
        ("consul-1.21.4/acl-extra", "2026-11-23T03:32:00Z"),
    ] {
        let fixture = Fixture::snap(name);
        let oracle = fixture.beside(".oracle/acl.jsonl").unwrap();
        let begin = Instant::now();
        let ran = run_with(["acl", "check", "--at", at, fixture.path.to_str().unwrap()], &oracle);
        let took = begin.elapsed();
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        assert!(ran.stderr.contains("default policy deny (assumed"), "{}", ran.stderr);
        let want = crate::support::json_lines(&oracle);
        let got = ran.lines();
        assert_eq!(want.len(), got.len());
        for (want, got) in want.iter().zip(&got) {
            assert_eq!(want, got, "{name}");
        }
        asked += want.len();
        assert!(took.as_secs() < 10, "{took:?}");
    }
    assert!(asked > 80_000);
}

#[test]
fn refusals_are_the_servers() {
    let path = Fixture::snap("consul-1.8.7/small-a").path;
    let anonymous = "00000000-0000-0000-0000-000000000002";
    let ask = |accessor: &str, resource: &str, access: &str| {
        let line = format!(
            "{{\"AccessorID\":\"{accessor}\",\"Resource\":\"{resource}\",\"Access\":\"{access}\"}}\n"
        );
        let ran = run_with(["acl", "check", path.to_str().unwrap()], line.as_bytes());
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        ran.lines()[0]["Error"].as_str().unwrap_or("none").to_owned()
    };
    assert_eq!(ask("nobody", "key", "read"), "ACL not found");
    assert_eq!(ask("nobody", "colour", "read"), "ACL not found");
    assert_eq!(ask(anonymous, "colour", "read"), "Invalid ACL resource requested: \"colour\"");
    assert_eq!(ask(anonymous, "mesh", "read"), "Invalid ACL resource requested: \"mesh\"");
    assert_eq!(ask(anonymous, "node", "list"), "Invalid access level for node resource: list");
    assert_eq!(ask(anonymous, "KEY", "READ"), "Invalid ACL resource requested: \"KEY\"");
    assert_eq!(ask(anonymous, "key", "READ"), "none");
    assert_eq!(run_with(["acl", "check", path.to_str().unwrap()], b"no json\n").code(), 2);
    assert_eq!(run_with(["acl", "check", "-"], b"").code(), 2);
}

/// Unreadable policies and rules of legacy tokens, in a real server: `check` prints exactly what
/// the server answers to a token's question.
#[test]
fn what_is_wrong_with_rules_is_said_as_servers_say_it() {
    const TEXTS: &[&str] = &[
        "key \"a\" { policy = \"x\" }",
        "service \"w\u{e9}\\\"\\t\u{1f600}\" { policy = \"read\" intentions = \"list\" }",
        "operator = \"no\" node_prefix \"\" {}",
        "key {",
        "\n  key \"a\" [",
        "acl = \"read\" key = \"x\"",
        "session \"s\" { policy = 1.5 }",
        "query = [{}]",
        "x = \"\\q\" y = \"\\z\"",
        "{\"key\": {\"a\": {\"policy\": \"x\"}}}",
        "{\"operator\": x}",
        "{\"key\": [\"x\"]}",
    ];
    let test = "what_is_wrong_with_rules_is_said_as_servers_say_it";
    let Some(mut server) = ConsulServer::for_test(test) else { return };
    let version = ConsulVersion::V1_8_7;
    let id = |kind: u32, at: usize| format!("{kind:08x}-0000-4000-8000-{at:012x}");
    let mut records = vec![
        global_management(version, 5),
        management_token(version, &id(9, 9), server.token(), 6),
    ];
    for (at, text) in TEXTS.iter().enumerate() {
        let (index, name) = (10 + at as u64, format!("broken-{at}"));
        let link = (&*id(1, at), &*name);
        records.push(policy(version, &id(1, at), &name, text, index));
        records.push(token(version, &id(2, at), &id(3, at), "", &[link], &[], index));
        let legacy = token(version, &id(4, at), &id(5, at), "", &[], &[], index);
        records.push(legacy.with("Rules", *text).with("Type", "client"));
    }
    let snap = SnapshotSpec::new(records).in_section_order().snap();
    server.snapshot_restore(&snap).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = crate::support::write(dir.path(), "broken.snap", &snap);
    let (mut lines, mut theirs) = (String::new(), Vec::new());
    for at in 0..TEXTS.len() {
        for kind in [2, 4] {
            let accessor = id(kind, at);
            lines += &format!(
                "{{\"AccessorID\":\"{accessor}\",\"Resource\":\"acl\",\"Access\":\"read\"}}\n"
            );
            let secret = id(kind + 1, at);
            let question = b"[{\"Resource\":\"acl\",\"Access\":\"read\"}]";
            let path = format!("/v1/internal/acl/authorize?token={secret}");
            // The server closes the connection if its reader panics.
            theirs.push(server.request("POST", &path, question).ok().map(|answer| {
                assert!([200, 500].contains(&answer.status), "{}", answer.status);
                match answer.status {
                    500 => String::from_utf8(answer.body).unwrap(),
                    _ => "none".to_owned(),
                }
            }));
        }
    }
    let ran = run_with(
        ["acl", "check", "--consul-version", "1.8.7", path.to_str().unwrap()],
        lines.as_bytes(),
    );
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let rows = ran.lines();
    assert_eq!(rows.len(), theirs.len());
    for (row, theirs) in rows.iter().zip(&theirs) {
        let ours = row["Error"].as_str().unwrap_or("none");
        match theirs {
            Some(theirs) => assert_eq!(ours, theirs),
            None => assert!(ours.contains("cannot parse"), "{ours}"),
        }
    }
    let refused = theirs.iter().flatten().filter(|text| *text != "none").count();
    assert!(refused > TEXTS.len(), "{refused} of {}", theirs.len());
}

#[test]
fn can_says_yes_or_no_and_why() {
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    let path = path.to_str().unwrap();
    let yes = run(["acl", "can", path, "anonymous", "key", "read", "config/x"]);
    assert_eq!(yes.code(), 0);
    assert!(yes.text().starts_with("yes: "), "{}", yes.text());
    assert!(yes.text().contains("key_prefix \"config/\""), "{}", yes.text());
    assert!(yes.text().contains("default policy deny (assumed"), "{}", yes.text());
    let no = run(["acl", "can", "-o", "json", path, "anonymous", "key", "write", "config/x"]);
    assert_eq!((no.code(), &no.json()["Allow"]), (1, &Value::Bool(false)));
    assert_eq!(no.json()["Rule"]["Origins"][0]["Source"], "policy \"key-read-a\"");
    let default =
        run(["acl", "can", "--default-policy", "allow", path, "anonymous", "node", "write", "x"]);
    assert_eq!(default.code(), 0);
    // The start of an accessor suffices if it is unique.
    assert_eq!(run(["acl", "can", path, "29acb064", "acl", "write"]).code(), 0);
    for wrong in [
        &["nobody", "key", "read"][..],
        &["", "key", "read"],
        &["anonymous", "colour", "read"],
        &["anonymous", "node", "list"],
    ] {
        let ran = run([&["acl", "can", path], wrong].concat());
        assert_eq!((ran.code(), ran.stdout.as_slice()), (2, &b""[..]), "{wrong:?}");
    }
}

/// For each question of a sample, who-can names exactly the tokens for which check allows it.
#[test]
fn who_can_is_the_inverse_of_can() {
    for name in ["consul-1.21.4/acl-extra", "consul-1.8.7/small-a"] {
        let fixture = Fixture::snap(name);
        let path = fixture.path.to_str().unwrap();
        let rows = crate::support::json_lines(&fixture.beside(".oracle/acl.jsonl").unwrap());
        let accessors: BTreeSet<&str> =
            rows.iter().map(|r| r["AccessorID"].as_str().unwrap()).collect();
        let questions: BTreeSet<(&str, &str, &str)> = rows
            .iter()
            .step_by(397)
            .map(|r| {
                let text = |field: &str| r[field].as_str().unwrap_or("");
                (text("Resource"), text("Access"), text("Segment"))
            })
            .collect();
        for (resource, access, segment) in questions {
            let lines: String = accessors
                .iter()
                .map(|a| format!("{}\n", serde_json::json!({"AccessorID": a, "Resource": resource, "Access": access, "Segment": segment})))
                .collect();
            let checked = run_with(["acl", "check", path], lines.as_bytes());
            let can: BTreeSet<String> = checked
                .lines()
                .iter()
                .filter(|r| r["Allow"] == true)
                .map(|r| r["AccessorID"].as_str().unwrap().to_owned())
                .collect();
            let ran = run(["acl", "who-can", "-o", "json", path, resource, access, segment]);
            assert_eq!(ran.code(), 0, "{}", ran.stderr);
            let named: BTreeSet<String> = ran.json()["Tokens"]
                .as_array()
                .unwrap()
                .iter()
                .map(|t| t["AccessorID"].as_str().unwrap().to_owned())
                .filter(|a| accessors.contains(a.as_str()))
                .collect();
            assert_eq!(named, can, "{name}: {resource} {access} {segment:?}");
        }
    }
}

#[test]
fn explain_names_origins_and_warns() {
    let fixture = Fixture::snap("consul-1.21.4/acl-extra");
    let path = fixture.path.to_str().unwrap();
    let rows = crate::support::json_lines(&fixture.beside(".oracle/acl.jsonl").unwrap());
    let accessors: BTreeSet<&str> =
        rows.iter().map(|r| r["AccessorID"].as_str().unwrap()).collect();
    let mut warned = 0;
    for accessor in accessors.iter().take(60) {
        let ran = run(["acl", "explain", "-o", "json", path, accessor]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        let explained = ran.json();
        for rule in explained["Rules"].as_array().into_iter().flatten() {
            assert!(!rule["Origins"].as_array().unwrap().is_empty(), "{rule}");
        }
        warned += usize::from(explained["Warnings"].as_array().is_some_and(|w| !w.is_empty()));
    }
    assert!(warned > 0);
    assert_eq!(run(["acl", "explain", path, "nobody"]).code(), 2);
}

#[test]
fn the_examples_in_the_help_of_acl_and_audit_run() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(Fixture::snap("consul-1.21.4/small-a").path, dir.path().join("backup.snap"))
        .unwrap();
    let binary = env!("CARGO_BIN_EXE_snapscope");
    for command in [
        &["acl"][..],
        &["acl", "check"],
        &["acl", "can"],
        &["acl", "who-can"],
        &["acl", "explain"],
        &["audit"],
    ] {
        let help = run([command, &["--help"]].concat());
        let examples = help.text().split_once("Examples:").unwrap().1.to_owned();
        let lines: Vec<&str> =
            examples.lines().map(str::trim).filter(|l| l.starts_with("snapscope ")).collect();
        assert!(lines.len() >= 2, "{command:?}");
        for line in lines {
            let line = line.replacen("snapscope", binary, 1);
            let mut shell = std::process::Command::new("sh");
            shell.arg("-c").arg(&line).current_dir(dir.path()).stdin(std::process::Stdio::null());
            // The only value that is not secret.
            shell.env("SECRET_ID", "anonymous");
            let ran = crate::support::finish(&mut shell, b"");
            let only_notes = ran.stderr.lines().all(|said| said.starts_with("snapscope: note: "));
            assert!(ran.code() == 0 && only_notes, "{line}: {}", ran.stderr);
        }
    }
}

#[test]
fn tables_for_programs_say_that_they_are_not_whole() {
    let dir = tempfile::tempdir().unwrap();
    let whole = std::fs::read(Fixture::snap("consul-1.21.4/small-a").path).unwrap();
    let path = crate::support::write(dir.path(), "cut.snap", &whole[..whole.len() / 2]);
    let ran = run(["acl", "who-can", "-o", "csv", path.to_str().unwrap(), "acl", "write"]);
    assert_eq!(ran.code(), 3);
    assert!(ran.text().lines().last().unwrap().contains("Incomplete:"), "{}", ran.text());
}

#[test]
fn a_forgotten_segment_is_told() {
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    let path = path.to_str().unwrap();
    let ran = run(["acl", "who-can", path, "key", "write"]);
    assert!(ran.stderr.contains("who can write which key?"), "{}", ran.stderr);
    let ran = run(["acl", "who-can", path, "operator", "write", "x"]);
    assert!(ran.stderr.contains("operator takes no SEGMENT"), "{}", ran.stderr);
    for quiet in [&["key", "write", ""][..], &["acl", "write"]] {
        let ran = run(["acl", "who-can", path].iter().chain(quiet));
        assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    }
}

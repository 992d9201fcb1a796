//! The help: every example runs as written.

use crate::cli::shell;
use crate::support::{Fixture, finish, run, unpack_data_dir};
use snapscope_testkit::fixtures;
use std::fs;
use std::path::Path;

/// The commands that the first page lists, such as `list` and `acl can`.
pub(crate) fn listed() -> Vec<String> {
    let ran = run(["--help"]);
    assert_eq!(ran.code(), 0);
    let groups = ran.text().split_once("Examples:").expect("examples").0;
    let lines = groups.lines().filter_map(|line| line.strip_prefix("  "));
    let names = lines.filter_map(|line| Some(line.split_once("  ")?.0.to_owned()));
    names.filter(|name| name != "help").collect()
}

/// Commands that the first page does not list, because they belong to another.
const MORE: [&str; 4] = ["acl", "log show", "log stats", "agent validate"];

/// Commands that need a cluster; the tests in `live` and `agent` run them.
const LIVE: [&str; 4] = ["save", "restore", "apply", "agent"];

/// The command that needs a terminal; the tests in `browse` run it.
const ON_A_TERMINAL: &str = "snapscope browse ";

/// The command that runs until it is stopped; the tests in `serve` run it.
const UNTIL_STOPPED: &str = "snapscope serve ";

/// The names in examples, and what a test uses instead.
const PLACES: [(&str, &str); 7] = [
    ("/var/backups/consul", "backups"),
    ("2-978-1795403316736", "2-751-1795987054229"),
    // The only value that is not secret.
    ("$SECRET_ID", "anonymous"),
    // Two writes to keys.
    ("12345", "949"),
    ("12347", "958"),
    ("2026-11-23T10:00:00Z", "2026-11-29T21:17:34Z"),
    ("2026-11-23T10:02:00Z", "2026-11-29T21:17:34.7Z"),
];

/// A folder with the files that examples name.
fn kitchen(dir: &Path, example: &str) {
    let copy = |name: &str, to: &str| {
        fs::copy(Fixture::snap(name).path, dir.join(to)).unwrap();
    };
    if !example.contains("--out backup.snap") {
        copy("consul-1.21.4/small-a", "backup.snap");
    }
    if example.contains("day.snap") {
        for (before, after) in [("yesterday.snap", "today.snap"), ("monday.snap", "tuesday.snap")] {
            copy("consul-1.21.4/evolve.before", before);
            copy("consul-1.21.4/evolve.after", after);
        }
    }
    if example.contains("damaged.snap") {
        let whole = fs::read(dir.join("backup.snap")).unwrap();
        fs::write(dir.join("damaged.snap"), &whole[..whole.len() / 2]).unwrap();
    }
    if example.contains("--baseline known.json") {
        let written = "snapscope audit --write-baseline known.json backup.snap";
        assert_eq!(finish(&mut shell(written, dir), b"").code(), 0);
    }
    if example.contains(" backups") {
        fs::create_dir(dir.join("backups")).unwrap();
        for (at, state) in ["before", "after"].iter().enumerate() {
            let name = format!("backups/consul-179540340000000000{at}.snap");
            copy(&format!("consul-1.21.4/evolve.{state}"), &name);
        }
    }
    if example.contains("compact tables") {
        fs::create_dir(dir.join("taken")).unwrap();
        copy("consul-1.21.4/evolve.before", "taken/before.snap");
        copy("consul-1.21.4/evolve.after", "taken/after.snap");
        let written = "snapscope export taken --to parquet --out tables";
        assert_eq!(finish(&mut shell(written, dir), b"").code(), 0);
    }
    if example.contains(" data") {
        unpack_data_dir("consul-1.21.4-wal", &dir.join("data"));
    }
    if example.contains(" server-") {
        for server in ["server-1", "server-2", "server-3"] {
            unpack_data_dir("consul-1.21.4-wal", &dir.join(server).join("data"));
        }
    }
    let raft = fixtures::root().join("consul-1.21.4/raft-dir/2-978-1795403316736");
    fs::copy(raft.join("state.bin"), dir.join("state.bin")).unwrap();
    fs::write(dir.join("secret.key"), [7; 32]).unwrap();
    fs::write(dir.join("agent.json"), "{\"snapshot_agent\": {}}").unwrap();
    fs::create_dir(dir.join("agent.d")).unwrap();
    fs::copy(dir.join("agent.json"), dir.join("agent.d/a.json")).unwrap();
}

fn examples(command: &str) -> Vec<String> {
    let words = command.split(' ').filter(|word| !word.is_empty()).chain(["--help"]);
    let help = run(words);
    assert_eq!(help.code(), 0);
    let examples = help.text().split_once("Examples:").expect("examples").1.to_owned();
    let lines = examples.lines().filter_map(|line| line.strip_prefix("  "));
    lines.filter(|line| line.starts_with("snapscope ")).map(str::to_owned).collect()
}

#[test]
fn every_example_runs() {
    let data = tempfile::tempdir().unwrap();
    unpack_data_dir("consul-1.21.4-wal", data.path());
    let older = tempfile::tempdir().unwrap();
    unpack_data_dir("consul-1.8.7", older.path());
    let mut commands = listed();
    assert!(commands.len() > 20 && commands.iter().any(|name| name == "acl who-can"));
    commands.extend(MORE.map(str::to_owned));
    commands.push(String::new());
    let mut wrong = Vec::new();
    for command in commands {
        for line in examples(&command) {
            let is_live = LIVE.iter().any(|live| line.starts_with(&format!("snapscope {live} ")));
            let is_checked = line.starts_with("snapscope agent validate ");
            // Two never end, and others need a bucket.
            if is_live && !is_checked
                || line.starts_with("snapscope serve ")
                || line.starts_with(ON_A_TERMINAL)
                || line.starts_with(UNTIL_STOPPED)
                || line.contains("://")
                || line.contains("--follow")
            {
                continue;
            }
            let dir = tempfile::tempdir().unwrap();
            let here = PLACES.iter().fold(line.clone(), |line, (of, to)| line.replace(of, to));
            let here = ["/opt/consul/data", "/var/lib/consul"]
                .iter()
                .fold(here, |line, of| line.replace(of, data.path().to_str().unwrap()));
            kitchen(dir.path(), &here);
            if here.contains("raft.db") {
                fs::copy(older.path().join("raft/raft.db"), dir.path().join("raft.db")).unwrap();
            }
            let ran = finish(&mut shell(&here, dir.path()), b"");
            // The answer may be that something was found.
            let may_find = ["diff", "verify --max-age"]
                .iter()
                .any(|found| line.starts_with(&format!("snapscope {found} ")));
            let expected = match ran.code() {
                1 => may_find,
                3 => line.contains("damaged.snap"),
                code => code == 0,
            };
            if !expected {
                wrong.push(format!("{line}: exit code {}: {}", ran.code(), ran.stderr));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The help of the agent shows a configuration that it accepts.
#[cfg(feature = "live")]
#[test]
fn the_configuration_in_the_help_is_valid() {
    let help = run(["agent", "--help"]);
    let (_, rest) = help.text().split_once("A configuration,").expect("a configuration");
    let json = rest.split_once('\n').expect("lines").1;
    let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
    assert!(value["snapshot_agent"]["backup_destinations"].is_object(), "{value}");
    let dir = tempfile::tempdir().unwrap();
    let here = json.replace("/etc/snapscope/token", "token").replace("/var/backups/consul", "kept");
    fs::create_dir(dir.path().join("kept")).unwrap();
    fs::write(dir.path().join("agent.json"), here).unwrap();
    fs::write(dir.path().join("token"), "a token").unwrap();
    let ran =
        finish(&mut shell("snapscope agent validate -config-file agent.json", dir.path()), b"");
    assert_eq!(ran.code(), 0, "{}{}", ran.text(), ran.stderr);
    assert!(ran.text().contains("kept") && ran.text().contains("backups"));
}

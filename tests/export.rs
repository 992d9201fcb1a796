//! `export`, compared with what Consul exports, what a real server accepts, and what SQLite counts.

mod taken;
mod unfinished;

use crate::support::{Fixture, Ran, all, binary, finish, run, write};
use serde_json::{Value, json};
use snapscope_testkit::consul::{self, ConsulServer};
use snapscope_testkit::fill::fill;
use snapscope_testkit::fixtures;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const FORMATS: [&str; 8] =
    ["kv-json", "config-entries", "acl", "jsonl", "csv", "sqlite", "parquet", "arrow"];

fn export(snap: &Path, to: &str, out: &Path, more: &[&str]) -> Ran {
    let (snap, out) = (snap.to_str().unwrap(), out.to_str().unwrap());
    run(["export", snap, "--to", to, "--out", out].iter().chain(more))
}

fn done(ran: &Ran) {
    assert_eq!((ran.code(), ran.text()), (0, ""), "{}", ran.stderr);
}

fn json_file(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// File names and contents.
fn json_files(folder: &Path) -> BTreeMap<String, Value> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), json_file(&path)))
        .collect()
}

#[test]
fn keys_are_what_consul_exports() {
    let dir = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for fixture in all() {
        for (oracle, prefix) in [("kv-export", ""), ("kv-export-prefix", "config/")] {
            let Some(expected) = fixture.beside(&format!(".oracle/{oracle}.json")) else {
                continue;
            };
            let out = dir.path().join(format!("{compared}.json"));
            let ran = export(&fixture.path, "kv-json", &out, &["--prefix", prefix]);
            done(&ran);
            assert!(std::fs::read(&out).unwrap() == expected, "{} {oracle}", fixture.name);
            if prefix.is_empty() {
                assert!(ran.stderr.contains("1 key is not UTF-8"), "{}", ran.stderr);
                assert!(ran.stderr.contains(r"raw/\xff\xfe\x80bytes"), "{}", ran.stderr);
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 7);
}

#[test]
fn config_entries_are_what_consul_reads() {
    let dir = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for fixture in all() {
        let oracle = fixtures::root().join(format!("{}.oracle/config", fixture.name));
        if !oracle.is_dir() {
            continue;
        }
        let out = dir.path().join(compared.to_string());
        done(&export(&fixture.path, "config-entries", &out, &[]));
        let ours = json_files(&out);
        // Those that the command cannot read were requested from the API, and have another suffix.
        let theirs: BTreeMap<String, Value> = json_files(&oracle)
            .into_iter()
            .map(|(name, mut entry)| {
                if name.starts_with("bound-api-gateway__") {
                    // Not stored, but computed when the snapshot was restored.
                    entry.as_object_mut().unwrap().remove("Hash");
                }
                (name.replace(".api.json", ".json"), entry)
            })
            .collect();
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
        for (name, entry) in theirs {
            assert_eq!(ours[&name], entry, "{} {name}", fixture.name);
        }
        compared += 1;
    }
    assert_eq!(compared, 4);
}

#[test]
fn keys_come_back_through_a_real_server() {
    let Some(server) = ConsulServer::for_test("keys_come_back_through_a_real_server") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("keys.json");
    // Except for the keys that the command cannot write: a server can, in a transaction.
    let snap = Fixture::snap("consul-1.21.4/small-a").path;
    let filter = ["--filter", "not Key matches \"^raw/\""];
    done(&export(&snap, "kv-json", &out, &filter));
    let all = json_file(&out);
    done(&export(&snap, "kv-json", &out, &["--force", "--skip-unimportable"]));
    let mut pairs = json_file(&out);
    let mut by_hand: Vec<Value> = all.as_array().unwrap().clone();
    by_hand.retain(|pair| !pairs.as_array().unwrap().contains(pair));
    assert!(!by_hand.is_empty());
    for key in ["//", "/lead", "a//b", "line\nbreak"] {
        by_hand.push(json!({"key": key, "flags": u64::MAX, "value": ""}));
    }
    let empty = json!({"key": "empty", "flags": u64::MAX, "value": ""});
    pairs.as_array_mut().unwrap().push(empty);
    for pair in by_hand {
        let (key, flags, value) = (&pair["key"], &pair["flags"], &pair["value"]);
        let set = json!([{"KV": {"Verb": "set", "Key": key, "Flags": flags, "Value": value}}]);
        server.put("/v1/txn", set.to_string()).unwrap();
    }
    let import = write(dir.path(), "import.json", pairs.to_string().as_bytes());
    let consul = |args: &[&str]| {
        let mut command = Command::new(consul::binary().unwrap());
        command.args(args).env("CONSUL_HTTP_ADDR", server.http_addr().to_string());
        let ran = finish(command.env("CONSUL_HTTP_TOKEN", server.token()), b"");
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        ran
    };
    consul(&["kv", "import", &format!("@{}", import.display())]);
    let theirs = consul(&["kv", "export"]);
    let saved = write(dir.path(), "saved.snap", &server.snapshot_save().unwrap());
    let ours = dir.path().join("ours.json");
    done(&export(&saved, "kv-json", &ours, &[]));
    assert!(std::fs::read(&ours).unwrap() == theirs.stdout, "exports differ");
    assert!(theirs.json().as_array().unwrap().len() >= 370);
}

/// What a server exported goes into an empty one, which then returns the same.
#[test]
fn config_entries_and_acls_come_back_through_a_real_server() {
    let test = "config_entries_and_acls_come_back_through_a_real_server";
    let Some(from) = ConsulServer::for_test(test) else { return };
    fill(&from).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let snap = write(dir.path(), "from.snap", &from.snapshot_save().unwrap());
    let to = ConsulServer::for_test(test).unwrap();
    let consul = consul::binary().unwrap();

    let folder = dir.path().join("config");
    done(&export(&snap, "config-entries", &folder, &[]));
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    // Entries that others need come first: protocols before splitters and routers.
    let order = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let kinds = ["proxy-defaults", "service-defaults", "service-resolver"];
        (kinds.iter().position(|kind| name.starts_with(kind)).unwrap_or(kinds.len()), name)
    };
    files.sort_by_key(order);
    assert!(!files.is_empty());
    for file in &files {
        let mut command = Command::new(&consul);
        command.args(["config", "write"]).arg(file);
        command.env("CONSUL_HTTP_ADDR", to.http_addr().to_string());
        let ran = finish(command.env("CONSUL_HTTP_TOKEN", to.token()), b"");
        assert_eq!(ran.code(), 0, "{}: {}", file.display(), ran.stderr);
    }
    let written = write(dir.path(), "to.snap", &to.snapshot_save().unwrap());
    let again = dir.path().join("config-again");
    done(&export(&written, "config-entries", &again, &[]));
    let indexes = ["CreateIndex", "ModifyIndex"];
    assert_eq!(without(json_files(&folder), &indexes), without(json_files(&again), &indexes));

    let folder = dir.path().join("acl");
    done(&export(&snap, "acl", &folder, &[]));
    let builtin = "00000000-0000-0000-0000-000000000002.json";
    for (kind, path) in [
        ("policies", "policy"),
        ("roles", "role"),
        ("auth-methods", "auth-method"),
        ("binding-rules", "binding-rule"),
        ("tokens", "token"),
    ] {
        for (name, body) in json_files(&folder.join(kind)) {
            // What every server already has cannot be created; its own token is the same here.
            let own = body["SecretID"] == to.token();
            if name == "global-management.json" || name == builtin || own {
                continue;
            }
            to.put(&format!("/v1/acl/{path}"), body.to_string())
                .unwrap_or_else(|e| panic!("{kind}/{name}: {e}\n{body}"));
        }
    }
    let written = write(dir.path(), "acl.snap", &to.snapshot_save().unwrap());
    let again = dir.path().join("acl-again");
    done(&export(&written, "acl", &again, &[]));
    for kind in ["policies", "roles", "auth-methods"] {
        let (ours, theirs) = (json_files(&folder.join(kind)), json_files(&again.join(kind)));
        assert_eq!(ours, theirs, "{kind}");
    }
    // The token that a server creates at its first start has its own accessor.
    let tokens = |folder: &Path| {
        let mut all = json_files(&folder.join("tokens"));
        all.retain(|_, token| token["SecretID"] != to.token());
        all
    };
    assert_eq!(tokens(&folder), tokens(&again));
    let rules = |folder: &Path| {
        let mut all: Vec<String> =
            json_files(&folder.join("binding-rules")).values().map(Value::to_string).collect();
        all.sort();
        all
    };
    assert_eq!(rules(&folder), rules(&again));
    let rules = std::fs::read_dir(folder.join("policies"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "hcl"));
    assert_eq!(rules.count(), json_files(&folder.join("policies")).len());
}

fn without(mut all: BTreeMap<String, Value>, names: &[&str]) -> BTreeMap<String, Value> {
    for entry in all.values_mut() {
        names.iter().for_each(|name| drop(entry.as_object_mut().unwrap().remove(*name)));
    }
    all
}

/// Records by type, as `inspect` counts them.
fn record_counts(fixture: &Fixture) -> BTreeMap<String, u64> {
    let inspected = run([Path::new("inspect"), Path::new("-format=json"), &fixture.path]).json();
    let stats = inspected["Stats"].as_array().unwrap().iter();
    stats
        .map(|row| (row["Name"].as_str().unwrap().to_owned(), row["Count"].as_u64().unwrap()))
        .collect()
}

/// Lines, CSV tables and SQLite tables have the same objects, as many as `inspect` counts.
#[test]
fn all_formats_count_the_same() {
    let dir = tempfile::tempdir().unwrap();
    for (at, fixture) in all().into_iter().enumerate() {
        let inspected = record_counts(&fixture);
        let of = |kind: &str| inspected.get(kind).copied().unwrap_or(0);

        let lines = dir.path().join(format!("{at}.jsonl"));
        done(&export(&fixture.path, "jsonl", &lines, &[]));
        let lines = crate::support::json_lines(&std::fs::read(lines).unwrap());
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for line in &lines {
            *counts.entry(line["Type"].as_str().unwrap()).or_default() += 1;
        }
        let count = |kind: &str| counts.get(kind).copied().unwrap_or(0);
        for (kind, record) in [
            ("kv", "KVS"),
            ("policies", "ACLPolicy"),
            ("roles", "ACLRole"),
            ("sessions", "Session"),
            ("config-entries", "ConfigEntry"),
            ("queries", "PreparedQuery"),
            ("tombstones", "Tombstone"),
            ("indexes", "Index"),
        ] {
            assert_eq!(count(kind), of(record), "{} {kind}", fixture.name);
        }
        // Those of the system before 1.4 are also tokens.
        assert_eq!(count("tokens"), of("ACLToken") + of("ACL"), "{}", fixture.name);
        assert_eq!(count("nodes") + count("instances") + count("checks"), of("Register"));

        let database = dir.path().join(format!("{at}.db"));
        done(&export(&fixture.path, "sqlite", &database, &[]));
        let database = rusqlite::Connection::open(database).unwrap();
        let number =
            |query: &str| -> i64 { database.query_row(query, [], |row| row.get(0)).unwrap() };
        for kind in snapscope_objects::kinds::KINDS {
            let table = kind.name.replace('-', "_");
            let expected = if kind.name == "keys" { count("kv") } else { count(kind.name) };
            let found = number(&format!("SELECT count(*) FROM {table}"));
            assert_eq!(found as u64, expected, "{} {table}", fixture.name);
        }
        assert_eq!(number("SELECT count(*) FROM duplicates"), 0);
        assert_eq!(number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
        assert_eq!(
            number("SELECT coalesce(sum(records), 0) FROM record_types WHERE type = 'Index'")
                as u64,
            of("Index")
        );
        let values: u64 = lines
            .iter()
            .filter(|line| line["Type"] == "kv")
            .filter_map(|line| line["Data"]["Value"].as_str())
            .map(|v| (v.len() / 4 * 3 - v.bytes().rev().take_while(|b| *b == b'=').count()) as u64)
            .sum();
        assert_eq!(number("SELECT coalesce(sum(length(value)), 0) FROM kv") as u64, values);
        assert_eq!(number("SELECT coalesce(sum(size), 0) FROM kv") as u64, values);
        let mut views =
            database.prepare("SELECT name FROM sqlite_master WHERE type = 'view'").unwrap();
        let views: Vec<String> =
            views.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        for view in views {
            number(&format!("SELECT count(*) FROM {view}"));
        }
    }
}

/// The programs that people use for it, which have their own SQLite libraries.
#[test]
fn sqlite_opens_in_other_programs() {
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("small-a.db");
    done(&export(&fixture.path, "sqlite", &database, &[]));
    let inspected = record_counts(&fixture);
    let counts = [("kv", "KVS"), ("tokens", "ACLToken"), ("sessions", "Session")];
    let expected: Vec<String> =
        counts.iter().map(|(_, kind)| inspected[*kind].to_string()).collect();
    let query: Vec<String> =
        counts.iter().map(|(table, _)| format!("(SELECT count(*) FROM {table})")).collect();
    let query = format!("SELECT {};", query.join(", "));
    let python = "import sqlite3, sys\n\
        row = sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()\n\
        print('|'.join(str(n) for n in row))";
    let programs: [(&str, Vec<&str>); 2] =
        [("sqlite3", vec!["-batch"]), ("python3", vec!["-c", python])];
    for (program, args) in programs {
        let ran = Command::new(program).args(args).arg(&database).arg(&query).output();
        match ran {
            Ok(ran) => {
                let said = String::from_utf8_lossy(&ran.stdout);
                let errors = String::from_utf8_lossy(&ran.stderr);
                assert_eq!(said.trim(), expected.join("|"), "{program}: {errors}");
            }
            Err(e) if consul::required() => panic!("{program}: {e}"),
            Err(e) => {
                #[allow(clippy::print_stderr)]
                {
                    eprintln!("skipped: opening the database in {program}: {e}");
                }
            }
        }
    }
}

#[test]
fn the_schema_in_the_docs_is_the_one_there_is() {
    let docs =
        std::fs::read_to_string(fixtures::workspace().join("docs/sqlite-schema.md")).unwrap();
    let written = docs.split("```sql\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(
        written == snapscope_export::sqlite_schema(),
        "docs/sqlite-schema.md is out of date:\n{}",
        snapscope_export::sqlite_schema()
    );
}

#[test]
fn tables_hold_no_formulas() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("tables");
    done(&export(&Fixture::snap("consul-1.21.4/small-a").path, "csv", &out, &[]));
    let kv = std::fs::read_to_string(out.join("kv.csv")).unwrap();
    assert!(kv.starts_with("key,size,flags,session,modified,created,lock-index,value,more\r\n"));
    assert!(kv.contains("\r\n'=cmd|' /C calc'!A0,"), "{kv}");
    let tables = std::fs::read_dir(&out).unwrap().count();
    assert_eq!(tables, snapscope_objects::kinds::KINDS.len() - 1);
}

#[test]
fn the_examples_in_the_help_run() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("backups")).unwrap();
    for name in ["backup.snap", "backups/backup.snap"] {
        let from = Fixture::snap("consul-1.21.4/small-a").path;
        std::fs::copy(from, dir.path().join(name)).unwrap();
    }
    let help = run(["export", "--help"]);
    assert!(help.text().contains("secrets"));
    let examples = help.text().split_once("Examples:").unwrap().1;
    let lines = examples.lines().map(str::trim).filter_map(|l| l.strip_prefix("snapscope "));
    let mut count = 0;
    for line in lines {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("\"$0\" {line}")]).arg(binary().get_program());
        let ran = finish(shell.current_dir(dir.path()), b"");
        assert_eq!((ran.code(), ran.stderr.lines().count()), (0, 1), "{line}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(": wrote ") && ran.stderr.contains("secrets"),
            "{}",
            ran.stderr
        );
        count += 1;
    }
    assert_eq!(count, 4);
    // The snapshot, the folder of snapshots, and the outputs of the examples.
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2 + count);
}

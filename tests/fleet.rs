//! Exports of many snapshots have the same answers as of single ones, into folders and buckets,
//! with any damage.

use crate::support::{Fixture, Ran, binary, finish, run};
use serde_json::{Value, json};
use snapscope_testkit::generate::small_fleet;
use snapscope_testkit::{consul, duckdb, fixtures};
use std::fs;
use std::path::Path;
use std::process::Command;

fn export(from: &Path, to: &str) -> Ran {
    let from = from.to_str().unwrap();
    run(["export", from, "--to", "parquet", "--partition", "cluster,date", "--out", to])
}

/// DuckDB over the files, before and after they are compacted, has the answers of single runs.
#[test]
fn ten_questions_have_the_answers_of_single_runs() {
    let python = match duckdb() {
        Ok(python) => python,
        Err(e) if consul::required() => panic!("{e}"),
        Err(_) => return,
    };
    let dir = tempfile::tempdir().unwrap();
    let from = dir.path().join("in");
    let paths = small_fleet(&from, 3, 9).unwrap();
    // Half a file: its registrations and some keys.
    let bytes = fs::read(&paths[4]).unwrap();
    fs::write(&paths[4], &bytes[..bytes.len() / 2]).unwrap();
    let out = dir.path().join("out");
    let ran = export(&from, out.to_str().unwrap());
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    let broken = paths[4].display().to_string();
    let damaged: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("damaged")).collect();
    assert!(!damaged.is_empty() && damaged.iter().all(|l| l.contains(&broken)), "{}", ran.stderr);
    assert!(ran.stderr.contains("wrote 9 snapshots"), "{}", ran.stderr);
    let root = fixtures::workspace();
    let answers = dir.path().join("answers.json");
    let questions = |engine: &str, place: &Path| {
        let mut command = Command::new(&python);
        command.env("SNAPSCOPE_BINARY", env!("CARGO_BIN_EXE_snapscope"));
        command.arg(root.join("python/tests/questions.py")).arg(engine).arg(place).arg(&answers);
        let ran = finish(&mut command, b"");
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        ran.text().trim().parse::<usize>().unwrap()
    };
    assert_eq!(questions("single", &from), paths.len());
    let ask = || {
        let answered = questions("duckdb", &out);
        assert!(answered >= 9, "only {answered} of ten questions have an answer that is not empty");
    };
    ask();
    let compacted = run(["compact", out.to_str().unwrap()]);
    assert_eq!(compacted.code(), 0, "{}", compacted.stderr);
    assert!(compacted.stderr.contains("merged"), "{}", compacted.stderr);
    ask();
    let again = run(["compact", out.to_str().unwrap()]);
    assert!(again.stderr.contains("nothing to compact"), "{}", again.stderr);
}

#[test]
fn what_cannot_be_read_loses_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let small = Fixture::snap("consul-1.21.4/small-a").path;
    let from = dir.path().join("in");
    fs::create_dir(&from).unwrap();
    fs::copy(&small, from.join("a.snap")).unwrap();
    fs::copy(&small, from.join("copy.snap")).unwrap();
    fs::write(from.join("b\u{1b}[2J.snap"), "no snapshot at all").unwrap();
    fs::write(from.join("notes.txt"), "a note").unwrap();
    let out = dir.path().join("out");
    let ran = export(&from, out.to_str().unwrap());
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    for says in [
        "wrote 1 snapshot,",
        "1 given twice",
        "copy.snap: note: same as",
        "notes.txt",
        "nothing exported",
    ] {
        assert!(ran.stderr.contains(says), "{says}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    for (args, says) in [
        (vec!["--to", "csv"], "takes one snapshot"),
        (vec!["--to", "parquet", "--partition", "color"], "expected cluster, date"),
        (vec!["--to", "parquet", "--partition", "date,date"], "twice"),
        (vec!["--to", "parquet", "--force"], "does not apply"),
        (vec!["--to", "arrow", "--partition", "cluster,date"], "was exported with --to parquet"),
        (vec!["--to", "parquet"], "with --partition cluster,date, not with none"),
    ] {
        let (from, out) = (from.to_str().unwrap(), out.to_str().unwrap());
        let ran = run([&["export", from, "--out", out][..], &args].concat());
        assert_eq!(ran.code(), 2, "{args:?}");
        assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
    }
}

/// Files that are gone are written again, or, if they have rows of other snapshots, named.
#[test]
fn lost_files_are_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let from = dir.path().join("in");
    small_fleet(&from, 1, 2).unwrap();
    let out = dir.path().join("out");
    let export = || export(&from, out.to_str().unwrap());
    assert_eq!(export().code(), 0);
    let files = || {
        let pattern = format!("{}/kv/*/*/*.parquet", out.display());
        let mut command = Command::new("sh");
        finish(command.args(["-c", &format!("ls {pattern}")]), b"").text().to_owned()
    };
    let before = files();
    let first = before.lines().next().unwrap();
    fs::remove_file(first).unwrap();
    let ran = export();
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("wrote 1 snapshot,"), "{}", ran.stderr);
    assert!(ran.stderr.contains("1 already there"), "{}", ran.stderr);
    assert_eq!(files(), before);
    assert_eq!(run(["compact", out.to_str().unwrap()]).code(), 0);
    let compacted = files();
    fs::remove_file(compacted.trim()).unwrap();
    let ran = export();
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("wrote 0 snapshots"), "{}", ran.stderr);
    assert!(ran.stderr.contains("2 with lost files"), "{}", ran.stderr);
    assert!(ran.stderr.contains("kv/cluster=c0000000-"), "{}", ran.stderr);
}

/// Arrow files without partitions, from several arguments.
#[test]
fn arrow_files_are_compacted_too() {
    let dir = tempfile::tempdir().unwrap();
    let paths = small_fleet(dir.path(), 2, 4).unwrap();
    let out = dir.path().join("out");
    let out = out.to_str().unwrap();
    let mut args = vec!["export", "--to", "arrow", "--out", out, "--type", "kv,nodes"];
    args.extend(paths.iter().map(|path| path.to_str().unwrap()));
    let ran = run(&args);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_eq!(fs::read_dir(format!("{out}/kv")).unwrap().count(), 4);
    let ran = run(["compact", out]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    // One for each cluster.
    assert_eq!(fs::read_dir(format!("{out}/kv")).unwrap().count(), 2);
    assert!(run(&args).stderr.contains("4 already there"));
}

/// The rows of a query as a file, with the types of its values.
#[test]
fn answers_of_sql_are_written_as_parquet() {
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    let path = path.to_str().unwrap();
    let query = "select key, size, size * 0.5 as half, null as none_there, key, x'00ff' as bytes from kv where typeof(key) = 'text' order by key";
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("keys.parquet");
    let out = out.to_str().unwrap();
    let ran = run(["sql", path, query, "-o", "parquet", "--out", out]);
    assert_eq!((ran.code(), ran.text()), (0, ""), "{}", ran.stderr);
    let piped = run(["sql", path, query, "-o", "parquet"]);
    assert_eq!(piped.code(), 0, "{}", piped.stderr);
    assert!(piped.stdout == fs::read(out).unwrap());
    let again = run(["sql", path, query, "-o", "parquet", "--out", out]);
    assert_eq!(again.code(), 2);
    assert!(again.stderr.contains("already exists"), "{}", again.stderr);
    let two = run(["sql", path, "select 1; select 2", "-o", "parquet", "--out", out, "--force"]);
    assert!(two.code() == 2 && two.stderr.contains("one statement"), "{}", two.stderr);
    let Ok(python) = duckdb() else { return };
    let script = "import duckdb, json, sys; f = f\"'{sys.argv[1]}'\"; \
         d = duckdb.sql(f'describe from {f}').fetchall(); \
         r = duckdb.sql(f'select key, size, half from {f}').fetchall(); \
         print(json.dumps([[(c[0], c[1]) for c in d], r]))";
    let mut command = Command::new(python);
    let read = finish(command.args(["-c", script, out]), b"").json();
    let types = json!([
        ["key", "VARCHAR"],
        ["size", "BIGINT"],
        ["half", "DOUBLE"],
        ["none_there", "VARCHAR"],
        ["key_2", "VARCHAR"],
        ["bytes", "BLOB"]
    ]);
    assert_eq!(read[0], types);
    let text =
        "select key, size, size * 0.5 as half from kv where typeof(key) = 'text' order by key";
    let rows = run(["sql", path, text, "-o", "json"]).json();
    let rows: Vec<Value> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| json!([row["key"], row["size"], row["half"].as_f64()]))
        .collect();
    let answered = read[1].as_array().unwrap();
    assert!(rows.iter().all(|row| answered.contains(row)) && rows.len() > 3, "{answered:?}");
}

#[cfg(feature = "live")]
mod buckets {
    use super::*;
    use snapscope_testkit::stores::{StoreKind, StoreServer};

    /// From a folder into a bucket, compacted there, and from the bucket of snapshots to another
    /// prefix.
    fn works(kind: StoreKind) {
        let Some(store) = StoreServer::for_test(kind, "fleet") else { return };
        let dir = tempfile::tempdir().unwrap();
        let from = dir.path().join("in");
        small_fleet(&from, 2, 4).unwrap();
        let (from, url) = (from.to_str().unwrap(), store.url("warehouse/consul"));
        let with = |args: &[&str]| finish(binary().args(args).envs(store.variables()), b"");
        let args = [
            "export",
            from,
            "--to",
            "parquet",
            "--partition",
            "cluster,date",
            "--out",
            &url,
            "--type",
            "kv,nodes,tokens",
        ];
        let ran = with(&args);
        assert_eq!(ran.code(), 0, "{kind:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("wrote 4 snapshots"), "{}", ran.stderr);
        assert!(with(&args).stderr.contains("4 already there"), "{kind:?}");
        let ran = with(&["compact", &url]);
        assert_eq!(ran.code(), 0, "{kind:?}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("merged 12 files") && ran.stderr.contains("into 6"),
            "{kind:?}: {}",
            ran.stderr
        );
        let ran = with(&["compact", &url]);
        assert!(ran.stderr.contains("nothing to compact"), "{kind:?}: {}", ran.stderr);
        assert!(with(&args).stderr.contains("4 already there"), "{kind:?}");
        if kind == StoreKind::S3 {
            let day = "warehouse/consul/_snapscope/snapshots/2026-11-23.json";
            let day: Value = serde_json::from_slice(&store.object(day).unwrap()).unwrap();
            let files = day["compacted"].as_array().unwrap();
            assert_eq!(files.len(), 6);
            for file in files {
                let path = format!("warehouse/consul/{}", file["file"].as_str().unwrap());
                let size = store.object(&path).unwrap().len() as u64;
                assert_eq!(file["bytes"].as_u64(), Some(size));
            }
            let first = day["snapshots"][0]["kinds"]["kv"]["file"].as_str().unwrap();
            assert!(first.contains("/cluster=c0000000-5609-") && first.contains("/compacted-"));
            // The small ones are gone.
            assert!(
                store
                    .object(&format!("warehouse/consul/{}", first.replace("compacted-", "2-")))
                    .is_err()
            );
        }
    }

    #[test]
    fn s3() {
        works(StoreKind::S3);
    }

    #[test]
    fn azure() {
        works(StoreKind::Azure);
    }

    #[test]
    fn google() {
        works(StoreKind::Google);
    }
}

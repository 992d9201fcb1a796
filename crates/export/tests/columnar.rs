//! Parquet and Arrow files as DuckDB and pyarrow read them.
#![cfg(feature = "columnar")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use base64_simd::STANDARD as BASE64;
use serde_json::{Value, json};
use snapscope_analyze::Jobs;
use snapscope_analyze::rows::kept;
use snapscope_archive::{OpenOptions, Source, open};
use snapscope_export::{Export, ExportOptions, ExportReport, Format, columnar_schema};
use snapscope_objects::kind::{ObjectKind, PeerSelection};
use snapscope_objects::kinds::KINDS;
use snapscope_objects::row::{Row, RowOptions};
use snapscope_testkit::records::kv;
use snapscope_testkit::snapshot::SnapshotSpec;
use snapscope_testkit::{consul, duckdb, fixtures};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Prints the rows of all files in a folder as JSON. DuckDB and pyarrow have to agree on Parquet.
const READ: &str = r#"
import base64, datetime, json, os, sys
import duckdb, pyarrow as pa, pyarrow.ipc, pyarrow.parquet as pq

def plain(value):
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return dict(value)
    return value

def rows(table):
    return [{name: plain(value) for name, value in row.items()} for row in table.to_pylist()]

files = {}
for name in sorted(os.listdir(sys.argv[1])):
    path, (kind, _, ending) = os.path.join(sys.argv[1], name), name.rpartition(".")
    if ending == "parquet":
        table = pq.read_table(path)
        duck = duckdb.sql(f"select * from read_parquet('{path}')").to_arrow_table()
        assert duck.num_rows == table.num_rows and duck.column_names == table.column_names, name
        count = duckdb.sql(f"select count(*), count(snapshot) from read_parquet('{path}')").fetchall()
        assert count[0][0] == table.num_rows, name
        for column in table.column_names:
            if not pa.types.is_map(table.schema.field(column).type):
                assert duck.column(column).to_pylist() == table.column(column).to_pylist(), (name, column)
        assert pq.ParquetFile(path).metadata.metadata[b"snapscope.schema_version"] == b"1"
    elif ending == "arrow":
        table = pa.ipc.open_file(path).read_all()
    else:
        continue
    files[kind] = {"rows": rows(table), "types": {f.name: str(f.type) for f in table.schema}}
print(json.dumps(files))
"#;

/// The files of an export, by kind; `None` without a Python that reads them.
fn read(folder: &Path) -> Option<BTreeMap<String, Value>> {
    let python: PathBuf = match duckdb() {
        Ok(python) => python,
        Err(e) if consul::required() => panic!("{e}"),
        Err(e) => {
            #[allow(clippy::print_stderr)]
            {
                eprintln!("skipped: no DuckDB and pyarrow: {e}");
            }
            return None;
        }
    };
    let output = Command::new(python).args(["-c", READ]).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn export(path: &Path, out: &Path, format: Format, show_secrets: bool) -> ExportReport {
    let mut options = ExportOptions::new(format, out);
    options.show_secrets = show_secrets;
    options.force = true;
    let blocks = open(&Source::find(path).unwrap(), &OpenOptions::default()).unwrap();
    Export::prepare(&options).unwrap().run(blocks, Jobs::default()).unwrap()
}

/// Whole objects, as lists return them.
fn objects(path: &Path, kind: &'static ObjectKind) -> Vec<Value> {
    let options = RowOptions { peers: PeerSelection::All, ..RowOptions::default() };
    let blocks = open(&Source::find(path).unwrap(), &OpenOptions::default()).unwrap();
    let mut objects = Vec::new();
    let keep = |row: &Row| Some(row.to_json());
    kept(
        blocks,
        Jobs::default(),
        kind,
        &options,
        |_| true,
        keep,
        |json| {
            objects.push(serde_json::from_slice(&json).unwrap());
            Ok(ControlFlow::Continue(()))
        },
    )
    .unwrap();
    objects
}

/// The same for a row of a file.
fn object(kind: &ObjectKind, row: &Value) -> Value {
    if kind.name != "kv" {
        return serde_json::from_str(row["json"].as_str().unwrap()).unwrap();
    }
    let mut object = json!({
        "LockIndex": row["lock_index"],
        "Key": row["key"],
        "Flags": row["flags_text"].as_str().unwrap().parse::<u64>().unwrap(),
        "CreateIndex": row["created"],
        "ModifyIndex": row["modified"],
    });
    let value = row["value"]["base64"].as_str().unwrap();
    object["Value"] = if value.is_empty() { Value::Null } else { json!(value) };
    if let Some(session) = row["session"].as_str() {
        object["Session"] = json!(session);
    }
    if let Some(bytes) = row["key_bytes"].get("base64") {
        object["KeyBase64"] = bytes.clone();
    }
    object
}

fn normal(kind: &ObjectKind, mut object: Value) -> Value {
    if kind.name == "kv" {
        if object["Value"] == "" {
            object["Value"] = Value::Null;
        }
        // Bytes of keys with a NUL are kept as well.
        if object["Key"].as_str().unwrap().contains('\0') {
            object["KeyBase64"] = json!(BASE64.encode_to_string(object["Key"].as_str().unwrap()));
        }
    }
    object
}

fn same(path: &Path, folder: &Path, format: Format) {
    let report = export(path, folder, format, true);
    let Some(files) = read(folder) else { return };
    let kinds = KINDS.iter().filter(|kind| kind.traits.excerpt_of.is_none());
    for (kind, (name, count)) in kinds.zip(&report.rows) {
        assert_eq!(kind.name, *name);
        let file = &files[*name];
        let rows = file["rows"].as_array().unwrap();
        assert_eq!(rows.len() as u64, *count, "{}: {name}", path.display());
        let found: Vec<Value> = rows.iter().map(|row| object(kind, row)).collect();
        let expected: Vec<Value> =
            objects(path, kind).into_iter().map(|object| normal(kind, object)).collect();
        assert_eq!(found, expected, "{}: {name}", path.display());
        let types = &file["types"];
        assert_eq!(types["raft_index"], "int64", "{name}");
        assert_eq!(types["taken"], "timestamp[us, tz=UTC]", "{name}");
        for row in rows {
            assert!(row["snapshot"].is_string(), "{name}");
        }
    }
}

/// Unusual keys and flags.
fn odd(dir: &Path) -> PathBuf {
    let records = vec![
        kv::entry(b"a\xff/x", b"one", 1, 5),
        kv::entry("app/color", b"blue", u64::MAX, 7),
        kv::entry("nul\0key", b"", 1 << 63, 8),
    ];
    let path = dir.join("odd.snap");
    std::fs::write(&path, SnapshotSpec::new(records).in_section_order().snap()).unwrap();
    path
}

#[test]
fn files_have_the_objects_of_lists() {
    let dir = tempfile::tempdir().unwrap();
    let root = fixtures::root();
    let all = [
        odd(dir.path()),
        root.join("consul-1.21.4/small-a.snap"),
        root.join("consul-1.21.4/empty.snap"),
        root.join("consul-1.8.7/small-a.snap"),
    ];
    for path in all.iter().filter(|path| path.exists()) {
        same(path, &dir.path().join("parquet"), Format::Parquet);
        same(path, &dir.path().join("arrow"), Format::Arrow);
    }
}

#[test]
fn columns_have_types_and_secrets_are_masked() {
    let dir = tempfile::tempdir().unwrap();
    let path = fixtures::root().join("consul-1.21.4/small-a.snap");
    let out = dir.path().join("out");
    export(&path, &out, Format::Parquet, false);
    let Some(files) = read(&out) else { return };
    let types = |kind: &str| files[kind]["types"].clone();
    assert_eq!(types("tokens")["created"], "timestamp[us, tz=UTC]");
    assert_eq!(types("tokens")["local"], "bool");
    assert!(types("nodes")["meta"].as_str().unwrap().starts_with("map<string"));
    assert_eq!(types("instances")["tags"], "list<item: string>");
    assert_eq!(types("kv")["flags"], "int64");
    assert_eq!(types("ca-roots")["not_after"], "timestamp[us, tz=UTC]");
    let rows = |kind: &str| files[kind]["rows"].as_array().unwrap().clone();
    assert!(
        rows("instances").iter().any(|row| row["tags"].as_array().is_some_and(|t| !t.is_empty()))
    );
    assert!(rows("nodes").iter().any(|row| row["meta"].is_object()));
    assert!(
        rows("tokens").iter().all(|row| row["created"].is_string() || row["created"].is_null())
    );
    assert!(
        rows("nodes").iter().all(|row| row["datacenter"].is_string() && row["cluster"].is_string())
    );
    for token in objects(&path, KINDS.iter().find(|kind| kind.name == "tokens").unwrap()) {
        let secret = token["SecretID"].as_str().unwrap();
        let is_told = rows("tokens").iter().any(|row| row.to_string().contains(secret));
        assert!(!is_told || secret == "anonymous");
    }
    let masked = BASE64.encode_to_string("<masked ");
    for row in rows("kv") {
        let value = row["value"]["base64"].as_str().unwrap();
        assert!(
            value.is_empty() || value.starts_with(masked.trim_end_matches('=').get(..10).unwrap())
        );
    }
}

#[test]
fn damage_is_marked() {
    let dir = tempfile::tempdir().unwrap();
    let state = fixtures::state_of(&fixtures::read("consul-1.21.4/small-a.snap"));
    let path = dir.path().join("state.bin");
    std::fs::write(&path, &state[..state.len() / 2]).unwrap();
    let out = dir.path().join("out");
    export(&path, &out, Format::Parquet, false);
    assert!(out.join("INCOMPLETE").is_file());
    let Some(files) = read(&out) else { return };
    let kv = KINDS.iter().find(|kind| kind.name == "kv").unwrap();
    assert_eq!(files["kv"]["rows"].as_array().unwrap().len(), objects(&path, kv).len());
}

#[test]
fn the_schema_in_the_docs_is_the_one_there_is() {
    let page = fixtures::workspace().join("docs/tables-schema.md");
    let docs = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = docs.split_once("```text\n").unwrap();
    let (written, after) = rest.split_once("```").unwrap();
    let schema = columnar_schema();
    if written != schema && std::env::var_os("SNAPSCOPE_WRITE_DOCS").is_some() {
        std::fs::write(&page, format!("{before}```text\n{schema}```{after}")).unwrap();
        return;
    }
    // A changed column breaks the queries of everyone who reads old and new files: raise the
    // version.
    assert!(written == schema, "docs/tables-schema.md is out of date:\n{schema}");
}

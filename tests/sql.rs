//! `sql`: the same counts and values as `list`, reading only, and answers from damaged files.

use crate::support::{Fixture, Ran, json_lines, run, run_with, write};
use serde_json::{Value, json};
use snapscope_objects::kinds::KINDS;
use snapscope_testkit::fixtures;
use snapscope_testkit::records::kv;
use snapscope_testkit::snapshot::SnapshotSpec;
use std::path::Path;

fn sql(path: &Path, args: &[&str]) -> Ran {
    let path = path.to_str().unwrap();
    run(["sql", path].iter().chain(args))
}

fn rows(path: &Path, query: &str) -> Value {
    let ran = sql(path, &[query, "-o", "json", "--show-secrets"]);
    assert_eq!(ran.code(), 0, "{query}: {}", ran.stderr);
    ran.json()
}

/// Keys with names that no server has, and flags that no signed integer can hold.
pub(crate) fn odd() -> Vec<u8> {
    let records = vec![
        kv::entry(b"a\xff/x", b"one", 1, 5),
        kv::entry("app/\u{e9}", b"two\0", u64::MAX, 6),
        kv::entry("app/color", b"blue", 0, 7),
        kv::entry("nul\0key", b"", 1 << 63, 8),
    ];
    SnapshotSpec::new(records).in_section_order().snap()
}

fn list(path: &Path, kind: &str) -> Vec<Value> {
    let path = path.to_str().unwrap();
    let mut args = vec!["list", kind, path, "-o", "json", "--show-secrets"];
    if KINDS.iter().any(|known| known.name == kind && known.traits.by_peer) {
        args.extend(["--peer", "all"]);
    }
    let ran = run(&args);
    let Value::Array(mut objects) = ran.json() else { panic!("{args:?}") };
    objects.retain(|object| object.get("Incomplete").is_none());
    objects
}

/// Objects of all kinds as `sql` returns them: statements that one run answers.
fn queried(path: &Path) -> Vec<(&'static str, Vec<Value>)> {
    let kinds = KINDS.iter().filter(|kind| kind.traits.excerpt_of.is_none());
    let kinds: Vec<&str> = kinds.map(|kind| kind.name).collect();
    let query = |kind: &&str| match *kind {
        "kv" => {
            "select key, flags, value, session, lock_index, created, modified from kv;".to_owned()
        }
        kind => format!("select json from {};", kind.replace('-', "_")),
    };
    let text: String = kinds.iter().map(query).collect();
    let args = ["sql", path.to_str().unwrap(), "-o", "jsonl", "--show-secrets"];
    let mut all = Vec::new();
    for (kind, query) in kinds.iter().zip(text.split_inclusive(';')) {
        let ran = run_with(args, query.as_bytes());
        let object = |row: &Value| match row.get("json") {
            Some(json) => serde_json::from_str(json.as_str().unwrap()).unwrap(),
            None => row.clone(),
        };
        let lines = ran.lines();
        let lines = lines.iter().filter(|row| row.get("incomplete").is_none());
        all.push((*kind, lines.map(object).collect()));
    }
    all
}

/// A key as `list` shows it, with the names of columns.
fn key(object: &Value) -> Value {
    let exact = |n: &Value| match n.as_u64() {
        Some(n) if i64::try_from(n).is_err() => json!(n.to_string()),
        _ => n.clone(),
    };
    // Bytes that are not text are base64 in both.
    let text = object["Key"].as_str().unwrap();
    let name = match object.get("KeyBase64") {
        Some(bytes) => bytes.clone(),
        None if text.contains('\0') => json!(base64(text.as_bytes())),
        None => object["Key"].clone(),
    };
    json!({
        "key": name,
        "flags": exact(&object["Flags"]),
        "value": object["Value"].as_str().unwrap_or(""),
        "session": object.get("Session").cloned().unwrap_or(Value::Null),
        "lock_index": object["LockIndex"],
        "created": object["CreateIndex"],
        "modified": object["ModifyIndex"],
    })
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn same_as_list(path: &Path) {
    for (kind, objects) in queried(path) {
        let mut expected = list(path, kind);
        if kind == "kv" {
            expected = expected.iter().map(key).collect();
        }
        assert_eq!(objects, expected, "{}: {kind}", path.display());
    }
}

#[test]
fn tables_have_the_objects_of_lists() {
    let dir = tempfile::tempdir().unwrap();
    same_as_list(&write(dir.path(), "odd.snap", &odd()));
    for name in ["consul-1.21.4/small-a", "consul-1.0.7/small-a", "consul-1.21.4/empty"] {
        let fixture = Fixture::snap(name);
        if fixture.path.exists() {
            same_as_list(&fixture.path);
        }
    }
}

#[test]
fn damaged_files_answer_with_what_there_is() {
    let dir = tempfile::tempdir().unwrap();
    let whole = Fixture::snap("consul-1.21.4/small-a");
    let state = whole.state();
    let path = write(dir.path(), "state.bin", &state[..state.len() * 2 / 3]);
    let counted = |args: &[&str]| sql(&path, args);
    let ran = counted(&["select count(*) as n from kv", "-o", "json"]);
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    let answer = ran.json();
    assert_eq!(answer[0]["n"], list(&path, "kv").len());
    assert_eq!(answer[1]["incomplete"], true);
    assert!(ran.stderr.contains("damaged"), "{}", ran.stderr);
    let ran = counted(&["select count(*) from kv"]);
    assert!(ran.text().contains("Incomplete: "), "{}", ran.text());
    let ran = counted(&["select message from damage", "-o", "jsonl"]);
    assert!(ran.lines()[0]["message"].as_str().unwrap().contains("record"), "{:?}", ran.text());
    // A record that does not fit its type, in an intact file.
    let mut spec = SnapshotSpec::new(vec![kv::entry("a", b"1", 0, 1), kv::entry("b", b"2", 0, 2)]);
    spec.records[0] = spec.records[0].clone().with("Flags", "no number");
    let path = write(dir.path(), "odd.snap", &spec.snap());
    let ran = sql(&path, &["select key from kv where flags is not null", "-o", "jsonl"]);
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("record 1 (KVS"), "{}", ran.stderr);
    let count = sql(&path, &["select key from kv", "-o", "csv"]);
    assert!(count.text().starts_with("key\r\na\r\nb\r\n"), "{}", count.text());
    same_as_list(&path);
}

#[test]
fn conditions_on_keys_find_what_sql_says() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "odd.snap", &odd());
    let keys = |condition: &str| -> usize {
        let query = format!("select key from kv where {condition}");
        let found = rows(&path, &query).as_array().unwrap().len();
        // The same condition without reading a key first.
        let all = format!(
            "select key from (select key, random() from kv) where +key is not null and ({})",
            condition.replace("key", "+key")
        );
        assert_eq!(rows(&path, &all).as_array().unwrap().len(), found, "{condition}");
        found
    };
    assert_eq!(keys("key >= 'app/' and key < 'app0'"), 2);
    assert_eq!(keys("key = 'app/color'"), 1);
    assert_eq!(keys("key like 'APP/%'"), 2);
    assert_eq!(keys("key glob 'APP/*'"), 0);
    assert_eq!(keys("key = 'APP/COLOR' collate nocase"), 1);
    assert_eq!(keys("key > 'z'"), 2);
    assert_eq!(keys("key in ('app/color', x'61ff2f78', 5)"), 2);
    assert_eq!(keys("key = x'61ff2f78'"), 1);
    assert_eq!(keys("key like 'a%'"), 3);
    assert_eq!(keys("key = null"), 0);
    let flags = rows(&path, "select flags from kv order by created");
    assert_eq!(flags[1]["flags"], "18446744073709551615");
    assert_eq!(flags[0]["flags"], 1);
}

#[test]
fn nothing_is_written_and_nothing_else_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "a.snap", &odd());
    let other = dir.path().join("other.db");
    let attach = format!("attach '{}' as other", other.display());
    let into = format!("vacuum into '{}'", other.display());
    for query in [
        &*attach,
        &into,
        "pragma journal_mode = delete",
        "create table t(a)",
        "create temp table t(a)",
        "create view v as select 1",
        "insert into kv(key) values('x')",
        "delete from kv",
        "update kv set size = 1",
        "drop table kv",
        "select load_extension('x')",
        "begin",
    ] {
        let ran = sql(&path, &[query]);
        assert_eq!((ran.code(), ran.text()), (2, ""), "{query}: {}", ran.stderr);
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    assert_eq!(sql(&path, &["select name from pragma_table_info('kv')", "-o", "csv"]).code(), 0);
}

/// Keys that are not UTF-8 count for the same prefix as others.
#[test]
fn prefixes_are_those_of_breakdown() {
    let keys: [&[u8]; 6] =
        [b"\xc3\xbc/\xff", b"a\x80/b", b"alone", b"raw/a", b"raw/\xff", b"raw/b/c"];
    let records = keys.iter().map(|key| kv::entry(key, b"12", 0, 5));
    let spec = SnapshotSpec::new(records.collect()).in_section_order();
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "keys.snap", &spec.snap());
    let found = rows(&path, "select prefix, keys, bytes from kv_prefixes order by keys, prefix");
    let expected = json!([
        {"prefix": "alone", "keys": 1, "bytes": 2},
        {"prefix": "\u{fc}/", "keys": 1, "bytes": 2},
        {"prefix": base64(b"a\x80/"), "keys": 1, "bytes": 2},
        {"prefix": "raw/", "keys": 3, "bytes": 6},
    ]);
    let sorted = |value: &Value| {
        let mut all: Vec<String> = value.as_array().unwrap().iter().map(Value::to_string).collect();
        all.sort();
        all
    };
    assert_eq!(sorted(&found), sorted(&expected), "{found}");
}

#[test]
fn errors_name_what_there_is() {
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    let says = |query: &str| {
        let ran = sql(&path, &[query]);
        assert_eq!(ran.code(), 2, "{query}");
        ran.stderr
    };
    let said = says("select nme from policies");
    assert!(said.contains("did you mean \"name\"?"), "{said}");
    assert!(said.contains("columns of policies: id, name, description"), "{said}");
    assert!(says("select * from polices").contains("did you mean \"policies\"?"));
    assert!(says("select * from xyzzyx").contains("tables: kv, nodes"));
    assert!(says("selec * from kv").contains("syntax error"));
    assert!(says("select * from binding-rules").contains("did you mean \"binding_rules\"?"));
    let views = says("select snapshot from token_permissions");
    assert!(views.contains("if there are several snapshots"), "{views}");
    assert!(says(".schema polices").contains("did you mean \"policies\"?"));
}

#[test]
fn secrets_are_masked() {
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    let secrets = rows(&path, "select json ->> 'SecretID' as s from tokens");
    let secrets: Vec<&str> =
        secrets.as_array().unwrap().iter().filter_map(|row| row["s"].as_str()).collect();
    assert!(secrets.len() > 5);
    let all = "select * from tokens; select * from consul_acl_token; select * from kv; select * from findings;";
    for form in ["table", "json", "jsonl", "csv"] {
        let ran = sql(&path, &[all, "-o", form]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        // The anonymous token's secret is its name.
        for secret in secrets.iter().filter(|secret| **secret != "anonymous") {
            assert!(!ran.text().contains(secret), "{form}");
        }
        assert!(ran.text().contains("masked"), "{form}");
    }
    let size = rows(&path, "select sum(size) as n from kv");
    let masked = sql(&path, &["select sum(size) as n from kv", "-o", "json"]).json();
    assert_eq!(size, masked);
}

#[test]
fn several_snapshots_have_a_column_for_their_names() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["b.snap", "a.snap"] {
        std::fs::copy(Fixture::snap("consul-1.21.4/small-a").path, dir.path().join(name)).unwrap();
    }
    write(dir.path(), "notes.txt", b"no snapshot");
    let one = Fixture::snap("consul-1.21.4/small-a").path;
    let pattern = dir.path().join("*.snap");
    let count = |path: &Path, query: &str| rows(path, query)[0]["n"].as_i64().unwrap();
    let [kv, tokens] =
        ["kv", "token_permissions"].map(|table| format!("select count(*) as n from {table}"));
    for query in [&kv, &tokens] {
        // A join of one snapshot's tokens with another's policies would have four times as many.
        assert_eq!(count(&pattern, query), 2 * count(&one, query), "{query}");
        assert_eq!(count(dir.path(), query), 2 * count(&one, query), "{query}");
    }
    // The same file under several names counts once.
    let again = dir.path().join("./b.snap");
    let [all, again] = [&pattern, &again].map(|path| path.to_str().unwrap());
    let ran = run(["sql", all, again, &kv, "-o", "json"]);
    assert_eq!(ran.json()[0]["n"], 2 * count(&one, &kv));
    assert!(ran.stderr.contains("b.snap is named twice, and read once"), "{}", ran.stderr);
    let names = rows(&pattern, "select snapshot, count(*) as n from kv group by snapshot");
    let name =
        |at: usize| names[at]["snapshot"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!([name(0), name(1)], ["a.snap", "b.snap"]);
    let query = format!(
        "select count(*) as n from kv where snapshot = '{}'",
        dir.path().join("a.snap").display()
    );
    assert_eq!(count(&pattern, &query), count(&one, &kv));
    // With one snapshot the column exists if it is named.
    assert!(rows(&one, "select snapshot from kv limit 1")[0]["snapshot"].is_string());
    assert!(rows(&one, "select * from kv limit 1")[0].get("snapshot").is_none());
}

#[test]
fn facts_are_those_of_other_commands() {
    let path = Fixture::snap("consul-1.21.4/acl-extra").path;
    let snap = path.to_str().unwrap();
    let records = rows(&path, "select type as Name, records as Count from record_types order by 1");
    let inspected = run(["inspect", "--format", "json", snap]).json();
    assert_eq!(records.as_array().unwrap().len(), inspected["Stats"].as_array().unwrap().len());
    for row in records.as_array().unwrap() {
        let same = |stat: &&Value| stat["Name"] == row["Name"];
        let stat = inspected["Stats"].as_array().unwrap().iter().find(same).unwrap();
        assert_eq!(stat["Count"], row["Count"], "{}", row["Name"]);
    }
    let findings = rows(&path, "select rule, id from findings");
    let audited = run(["audit", "-o", "json", "--show-secrets", snap]).json();
    assert_eq!(findings.as_array().unwrap().len(), audited["findings"].as_array().unwrap().len());
    // Each rule that `acl explain` shows is a grant.
    let grants = rows(
        &path,
        "select distinct token, resource, segment, access, prefix from grants where resource <> 'intention'",
    );
    let tokens = rows(&path, "select accessor from tokens limit 30");
    for token in tokens.as_array().unwrap() {
        let accessor = token["accessor"].as_str().unwrap();
        let explained = run(["acl", "explain", "-o", "json", accessor, snap]);
        if explained.code() != 0 {
            continue;
        }
        let explained = explained.json();
        let with_effect = |rule: &&Value| !rule["Access"].is_null();
        let rules: Vec<&Value> =
            explained["Rules"].as_array().unwrap().iter().filter(with_effect).collect();
        // So are the rights that servers derive from `operator`.
        let has = |title: &str| rules.iter().any(|rule| rule["Title"] == title);
        let derived = |title: &&str| has("operator") && !has(title);
        let expected = rules.len() + ["mesh", "peering"].iter().filter(|t| derived(t)).count();
        let of_token = |grant: &&Value| grant["token"] == accessor;
        assert_eq!(
            grants.as_array().unwrap().iter().filter(of_token).count(),
            expected,
            "{accessor}"
        );
    }
}

/// Servers answered each question of a file; the answers follow from the rows. Rights to list or delete below a key,
/// and to the intention `*`, depend on several rules, which docs/tables.md says.
#[test]
fn what_servers_allow_follows_from_grants() {
    for name in ["1.8.7/small-a", "1.14.7/small-a", "1.17.3/small-c", "1.21.4/small-a"] {
        let fixture = Fixture::snap(&format!("consul-{name}"));
        let grants = rows(
            &fixture.path,
            "select distinct token, resource, segment, prefix, access from grants \
             order by length(segment) desc, prefix",
        );
        let allows = |question: &Value| {
            let segment = question["Segment"].as_str().unwrap();
            let decides = |grant: &&Value| {
                let name = grant["segment"].as_str();
                grant["token"] == question["AccessorID"]
                    && grant["resource"] == question["Resource"]
                    && name.is_none_or(|name| match grant["prefix"] == 1 {
                        true => segment.starts_with(name),
                        false => segment == name,
                    })
            };
            let access =
                grants.as_array().unwrap().iter().find(decides).map(|grant| &grant["access"]);
            match access.and_then(Value::as_str) {
                Some("write") => true,
                Some("read" | "list") => question["Access"] == "read",
                _ => false,
            }
        };
        let mut asked = 0;
        for question in json_lines(&fixture.beside(".oracle/acl.jsonl").unwrap()) {
            let is_of_one_rule = matches!(question["Access"].as_str(), Some("read" | "write"))
                && (question["Resource"] != "intention" || question["Segment"] != "*");
            if is_of_one_rule && question["Allow"].is_boolean() {
                assert_eq!(question["Allow"], allows(&question), "{name}: {question}");
                asked += 1;
            }
        }
        assert!(asked > 100, "{name}: {asked}");
    }
}

#[test]
fn queries_come_from_standard_input_and_snapshots_too() {
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    let snap = path.to_str().unwrap();
    let text = ".schema policies\nselect count(*) as n\nfrom policies;\nselect 1 as one;\n";
    let ran = run_with(["sql", snap, "-o", "csv"], text.as_bytes());
    let policies = list(&path, "policies").len();
    let expected = format!(
        "policies(id, name, description, datacenters, rules, modified, json)\nn\r\n{policies}\r\none\r\n1\r\n"
    );
    assert_eq!((ran.code(), ran.text()), (0, &*expected), "{}", ran.stderr);
    let piped = run_with(
        ["sql", "-", "select count(*) as n from policies", "-o", "csv"],
        &fixtures::read("consul-1.21.4/small-a.snap"),
    );
    assert_eq!(piped.text(), format!("n\r\n{policies}\r\n"), "{}", piped.stderr);
    let neither = run(["sql", "-"]);
    assert_eq!(neither.code(), 2);
    assert!(neither.stderr.contains("the query has to be an argument"), "{}", neither.stderr);
}

#[test]
fn published_queries_of_steampipe_run() {
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    for query in [
        "select accessor_id, secret_id, auth_method, local, create_time, expiration_ttl, namespace, partition from consul_acl_token",
        "select accessor_id from consul_acl_token where local = 1",
        "select accessor_id from consul_acl_token where expiration_time is null",
        "select accessor_id from consul_acl_token where roles is null",
        "select accessor_id from consul_acl_token where auth_method = ''",
        "select id, node, address, datacenter, service_id, service_name, namespace from consul_service where checks is null",
        "select id from consul_service where service_tag = 'http'",
        "select id, name, create_index, modify_index, description, namespace from consul_acl_policy",
        "select id, name, create_index, policies, node_identities from consul_acl_role",
        "select name, type, token_locality, max_token_ttl, config from consul_acl_auth_method",
        "select id, auth_method, bind_type, bind_name, selector from consul_acl_binding_rule",
        "select id, source_name, destination_name, action, precedence, permissions from consul_intention",
        "select key, session, create_index, modify_index, lock_index, flags, value from consul_key",
        "select name, description, acls, meta, deleted_at from consul_namespace",
        "select id, node, address, create_index, datacenter, modify_index, peer_name, tagged_addresses, meta from consul_node",
    ] {
        rows(&path, query);
    }
    // The API has only local nodes and services, and null for fields that are not set.
    for (view, kind) in [("consul_node", "nodes"), ("consul_service", "instances")] {
        let count = rows(&path, &format!("select count(*) as n from {view}"));
        let listed = run(["list", kind, path.to_str().unwrap(), "-o", "json"]).json();
        assert_eq!(count[0]["n"], json!(listed.as_array().unwrap().len()), "{view}");
    }
    let texts =
        "select count(*) as n from consul_node where meta = 'null' or tagged_addresses = 'null'";
    assert_eq!(rows(&path, texts)[0]["n"], json!(0));
    let intention =
        rows(&path, "select source_name from consul_intention where source_name is null");
    assert_eq!(intention, json!([]));
}

/// The queries of a page.
fn queries(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(fixtures::workspace().join("docs").join(page)).unwrap();
    let blocks = text.split("```sql\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap().trim().to_owned()).collect()
}

#[test]
fn queries_of_the_page_run_on_one_and_several_snapshots() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["small-a", "acl-extra"] {
        let from = Fixture::snap(&format!("consul-1.21.4/{name}")).path;
        std::fs::copy(from, dir.path().join(format!("{name}.snap"))).unwrap();
    }
    let all = queries("tables.md");
    assert!(all.len() >= 10, "{}", all.len());
    for query in &all {
        rows(dir.path(), query);
        if !query.contains("snapshot") {
            rows(&Fixture::snap("consul-1.21.4/small-a").path, query);
        }
    }
}

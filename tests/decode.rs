//! `decode`, compared with the output of `consul snapshot decode` 1.21.4, and with what the live
//! server's HTTP API returned just before the snapshot was taken.

use crate::support::{Fixture, Ran, all, json_lines, run, run_with, split, write};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use snapscope_testkit::Archive;
use std::collections::BTreeMap;
use std::path::Path;

/// The types whose data Consul's own decoder loses, so they are compared with the API.
const WRONG: [&str; 7] =
    ["KVS", "Session", "Tombstone", "PreparedQuery", "Autopilot", "ConnectCA", "Intention"];

fn decode(flags: &[&str], path: &Path) -> Ran {
    let ran = run(["decode"].iter().chain(flags).map(AsRef::as_ref).chain([path.as_os_str()]));
    assert_eq!(ran.code(), 0, "{}: {}", path.display(), ran.stderr);
    // The reason is stated if a record is missing.
    assert_eq!(ran.stderr.is_empty(), !ran.stdout.is_empty(), "{}: {}", path.display(), ran.stderr);
    ran
}

/// Where `ours` lacks or changes something of `golden`, or adds something that is not zero.
fn difference(golden: &Value, ours: &Value, path: &str) -> Option<String> {
    match (golden, ours) {
        (Value::Object(golden), Value::Object(ours)) => {
            for (key, value) in golden {
                let path = format!("{path}.{key}");
                let Some(our) = ours.get(key) else { return Some(format!("{path} is missing")) };
                if let Some(found) = difference(value, our, &path) {
                    return Some(found);
                }
            }
            ours.iter()
                .find(|(key, value)| !golden.contains_key(*key) && is_zero(value))
                .map(|(key, _)| format!("{path}.{key} is added, but zero"))
        }
        (Value::Array(golden), Value::Array(ours)) => {
            if golden.len() != ours.len() {
                return Some(format!("{path} has {} items, not {}", ours.len(), golden.len()));
            }
            golden
                .iter()
                .zip(ours)
                .enumerate()
                .find_map(|(i, (a, b))| difference(a, b, &format!("{path}[{i}]")))
        }
        _ => (golden != ours).then(|| format!("{path} is {ours}, not {golden}")),
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(b) => !b,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(s) => s.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

#[test]
fn nothing_consul_prints_is_missing_or_different() {
    let mut types = BTreeMap::<String, usize>::new();
    for fixture in all() {
        let golden = json_lines(&fixture.beside(".decode.jsonl").expect("each has one"));
        let ours = decode(&[], &fixture.path).lines();
        // Consul panics in the middle of nulls.snap; the output up to there is compared.
        if fixture.name.ends_with("nulls") {
            assert!(ours.len() > golden.len());
            assert_eq!(ours.len(), 1 + split(&fixture.state()).len());
        } else {
            assert_eq!(ours.len(), golden.len(), "{}", fixture.name);
        }
        for (number, (golden, ours)) in golden.iter().zip(&ours).enumerate() {
            let name = golden["Type"].as_str().unwrap();
            assert_eq!(ours["Type"], name, "{} record {number}", fixture.name);
            let fields: Vec<&String> = ours.as_object().unwrap().keys().collect();
            assert_eq!(fields, ["Type", "Data"], "{} record {number}", fixture.name);
            if WRONG.contains(&name) {
                continue;
            }
            *types.entry(name.to_owned()).or_default() += 1;
            if let Some(found) = difference(&golden["Data"], &ours["Data"], "") {
                panic!("{} record {number} ({name}): {found}", fixture.name);
            }
        }
    }
    assert!(types.len() >= 20, "few types were compared: {types:?}");
}

/// The objects of one type, by a key.
fn by_key<'a>(
    lines: &'a [Value],
    kind: &str,
    key: impl Fn(&Value) -> String,
) -> BTreeMap<String, &'a Value> {
    let mut found = BTreeMap::new();
    for line in lines.iter().filter(|line| line["Type"] == kind) {
        assert!(found.insert(key(&line["Data"]), &line["Data"]).is_none(), "{kind} twice");
    }
    found
}

fn field(name: &'static str) -> impl Fn(&Value) -> String {
    move |value| value[name].as_str().unwrap_or_default().to_owned()
}

/// Fields that the API adds or leaves out; they are removed from both sides before the comparison.
type Without = &'static [&'static str];

fn compare(
    fixture: &Fixture,
    lines: &[Value],
    kind: &str,
    api: Vec<Value>,
    key: impl Fn(&Value) -> String,
    without: Without,
) -> usize {
    let ours = by_key(lines, kind, &key);
    let stripped = |value: &Value| {
        let mut value = value.clone();
        for name in without {
            value.as_object_mut().unwrap().shift_remove(*name);
        }
        value
    };
    let n = api.len();
    assert_eq!(ours.len(), n, "{} {kind}: as many as the API shows", fixture.name);
    for theirs in api {
        let name = key(&theirs);
        let ours = ours.get(&name).unwrap_or_else(|| panic!("{} {kind} {name}", fixture.name));
        assert_eq!(stripped(ours), stripped(&theirs), "{} {kind} {name}", fixture.name);
    }
    n
}

/// What Consul's decoder loses is as in the API of the server that wrote it.
#[test]
fn what_consul_gets_wrong_is_as_the_api_shows_it() {
    let list = |value: Value| match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        other => vec![other],
    };
    let mut compared = BTreeMap::<&str, usize>::new();
    for fixture in all() {
        if fixture.api("autopilot_configuration").is_none() {
            continue;
        }
        let lines = decode(&[], &fixture.path).lines();
        let api = |name: &str| list(fixture.api(name).unwrap_or(Value::Null));
        let mut check = |kind: &'static str, n: usize| *compared.entry(kind).or_default() += n;
        // A key that is not UTF-8 also has its bytes, which the API does not return.
        check("KVS", compare(&fixture, &lines, "KVS", api("kv"), field("Key"), &["KeyBase64"]));
        check("Session", compare(&fixture, &lines, "Session", api("sessions"), field("ID"), &[]));
        let queries = api("queries");
        check(
            "PreparedQuery",
            compare(&fixture, &lines, "PreparedQuery", queries, field("ID"), &[]),
        );
        let autopilot = api("autopilot_configuration");
        let one = |_: &Value| String::new();
        check("Autopilot", compare(&fixture, &lines, "Autopilot", autopilot, one, &[]));
        // Before 1.2 there was none.
        let roots = fixture.api("ca_roots").map_or(Value::Null, |api| api["Roots"].clone());
        // The API hides the keys.
        let hidden: Without = &["SigningCert", "SigningKey", "RotatedOutAt"];
        check(
            "ConnectCA",
            compare(&fixture, &lines, "ConnectCA", list(roots), field("ID"), hidden),
        );
        if lines.iter().any(|line| line["Type"] == "Intention") {
            // Those without an ID are config entries in newer versions.
            let legacy = api("intentions").into_iter().filter(|i| i["ID"] != "").collect();
            check("Intention", compare(&fixture, &lines, "Intention", legacy, field("ID"), &[]));
        }
    }
    for kind in ["KVS", "Session", "PreparedQuery", "Autopilot", "ConnectCA", "Intention"] {
        assert!(compared.get(kind).is_some_and(|n| *n > 0), "{kind} was never compared");
    }
}

/// The stored bytes of a record's field, from an independent reader.
fn stored(bytes: &[u8], field: &str) -> Option<rmpv::Value> {
    let mut body = &bytes[1..];
    let value = rmpv::decode::read_value(&mut body).expect("a record");
    let entries = value.as_map()?.clone();
    entries.into_iter().find(|(k, _)| k.as_str() == Some(field)).map(|(_, v)| v)
}

fn raw(value: Option<rmpv::Value>) -> Vec<u8> {
    match value {
        Some(rmpv::Value::String(text)) => text.into_bytes(),
        None | Some(rmpv::Value::Nil) => Vec::new(),
        Some(other) => panic!("{other} is not raw"),
    }
}

/// Keys, values, flags and tombstones of every fixture are compared with the stored bytes.
#[test]
fn keys_and_values_are_what_is_stored() {
    let (mut odd, mut tombstones) = (0, 0);
    for fixture in all() {
        let state = fixture.state();
        let lines = decode(&["--type", "KVS,Tombstone"], &fixture.path).lines();
        let records: Vec<_> =
            split(&state).into_iter().filter(|(kind, _)| matches!(kind, 2 | 5)).collect();
        assert_eq!(lines.len(), records.len(), "{}", fixture.name);
        for (line, (kind, bytes)) in lines.iter().zip(records) {
            let data = &line["Data"];
            let key = raw(stored(bytes, "Key"));
            assert_eq!(data["Key"], String::from_utf8_lossy(&key).as_ref());
            if std::str::from_utf8(&key).is_err() {
                assert_eq!(data["KeyBase64"], BASE64.encode(&key));
                assert!(data["Key"].as_str().unwrap().contains('\u{fffd}'));
                odd += 1;
            } else {
                assert!(data.get("KeyBase64").is_none());
            }
            let value = raw(stored(bytes, "Value"));
            let expected =
                if value.is_empty() { Value::Null } else { BASE64.encode(&value).into() };
            assert_eq!(data["Value"], expected);
            assert_eq!(line["Type"], if kind == 2 { "KVS" } else { "Tombstone" });
            for name in ["Flags", "LockIndex", "CreateIndex", "ModifyIndex"] {
                assert_eq!(data[name].as_u64(), stored(bytes, name).unwrap().as_u64(), "{name}");
            }
            tombstones += usize::from(kind == 5);
        }
    }
    assert!(odd > 0, "no fixture has a key that is not UTF-8");
    assert!(tombstones > 0, "no fixture has a tombstone");
}

/// The fields that 1.21.4 drops are kept if they have a value.
#[test]
fn what_consul_drops_is_kept() {
    let lines = decode(&[], &Fixture::snap("consul-1.8.7/small-a").path).lines();
    let with = |kind: &str, field: &str| {
        lines
            .iter()
            .filter(|line| line["Type"] == kind)
            .filter(|line| line["Data"].get(field).is_some_and(|v| !is_zero(v)))
            .count()
    };
    assert!(with("ACLToken", "Rules") > 0, "legacy tokens have rules");
    assert!(with("ACLToken", "Type") > 0, "legacy tokens have a type");
    for fixture in all() {
        let lines = decode(&["--type", "ConnectCAConfig"], &fixture.path).lines();
        assert!(lines.iter().all(|line| line["Data"]["ClusterID"].is_string()), "{}", fixture.name);
    }
}

#[test]
fn the_header_line_is_meta_json_without_its_checksum() {
    for fixture in all() {
        let mut meta: Value = serde_json::from_slice(&fixture.meta()).unwrap();
        meta.as_object_mut().unwrap().shift_remove("CRC");
        for flags in [&[][..], &["--raw"]] {
            let ran = decode(flags, &fixture.path);
            let first = ran.stdout.split(|b| *b == b'\n').next().unwrap();
            let line: Value = serde_json::from_slice(first).unwrap();
            assert_eq!(line["Type"], "SnapshotHeader");
            assert_eq!(line["Data"], meta, "{}", fixture.name);
        }
    }
}

/// If state.bin precedes meta.json, the header line still comes first if the input can be read
/// twice; otherwise it comes last. Nothing else changes.
#[test]
fn meta_behind_state_is_found() {
    for name in ["consul-1.21.4/empty", "consul-1.14.7/small-a"] {
        meta_behind_state(&Fixture::snap(name));
    }
}

fn meta_behind_state(fixture: &Fixture) {
    let expected = decode(&[], &fixture.path);
    let archive = Archive::of_files(&fixture.meta(), &fixture.state());
    let dir = tempfile::tempdir().unwrap();
    for order in [
        ["state.bin", "meta.json", "SHA256SUMS"],
        ["SHA256SUMS", "state.bin", "meta.json"],
        ["state.bin", "SHA256SUMS", "meta.json"],
    ] {
        let archive = archive.clone().order(&order);
        for bytes in [archive.snap(), archive.tar()] {
            let path = write(dir.path(), "x", &bytes);
            for jobs in ["1", "2", "4"] {
                let ran = decode(&["--jobs", jobs], &path);
                assert!(ran.stdout == expected.stdout, "{order:?}");
            }
            let ran = run_with(["decode", "-"], &bytes);
            assert_eq!(ran.code(), 0, "{}", ran.stderr);
            // If everything fits into one piece, the line comes first anyway.
            let mut lines: Vec<&[u8]> = ran.stdout.split_inclusive(|b| *b == b'\n').collect();
            if !lines[0].starts_with(b"{\"Type\":\"SnapshotHeader\"") {
                lines.rotate_right(1);
            }
            assert!(lines.concat() == expected.stdout, "{order:?} from standard input");
        }
    }
}

#[test]
fn a_bare_state_has_no_header_line() {
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    let expected = decode(&[], &fixture.path);
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "alone", &fixture.state());
    let at = expected.stdout.iter().position(|b| *b == b'\n').unwrap() + 1;
    assert!(decode(&[], &path).stdout == expected.stdout[at..]);
    assert!(run_with(["decode", "-"], &fixture.state()).stdout == expected.stdout[at..]);
}

#[test]
fn output_is_the_same_for_any_number_of_jobs() {
    for fixture in all() {
        for flags in [&[][..], &["--raw"], &["--type", "Register,kvs"]] {
            let with = |jobs: &str| decode(&[flags, &["--jobs", jobs]].concat(), &fixture.path);
            let one = with("1").stdout;
            for jobs in ["2", "4", "13"] {
                assert!(with(jobs).stdout == one, "{} {flags:?} {jobs} jobs", fixture.name);
            }
        }
    }
}

#[test]
fn types_are_chosen_by_name() {
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    let whole = decode(&[], &fixture.path).lines();
    let mut names: Vec<&str> = whole.iter().map(|l| l["Type"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names.into_iter().filter(|name| *name != "SnapshotHeader") {
        let chosen: Vec<&Value> = whole.iter().filter(|line| line["Type"] == name).collect();
        for spelled in [name.to_owned(), name.to_lowercase(), format!("Txn,{name}")] {
            let ran = decode(&["--type", &spelled], &fixture.path);
            assert_eq!(ran.lines().iter().collect::<Vec<_>>(), chosen, "{spelled}");
        }
    }
    assert_eq!(decode(&["--type", "Unknown(99)"], &fixture.path).stdout, b"");
    // The kind of object that is stored in the type.
    assert_eq!(
        decode(&["--type", "kv"], &fixture.path).stdout,
        decode(&["--type", "KVS"], &fixture.path).stdout
    );
    let ran = run(["decode", "--type", "Unheard", fixture.path.to_str().unwrap()]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("KVS"), "{}", ran.stderr);
    assert_eq!(ran.stdout, b"");
}

/// Consul panics here: nulls inside lists of opaque config, which stay nulls.
#[test]
fn nulls_in_lists_survive() {
    let fixture = Fixture::snap("consul-1.21.4/nulls");
    let lines = decode(&[], &fixture.path).lines();
    fn has_null_in_list(value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(|v| v.is_null() || has_null_in_list(v)),
            Value::Object(fields) => fields.values().any(has_null_in_list),
            _ => false,
        }
    }
    let found: Vec<&str> = lines
        .iter()
        .filter(|line| has_null_in_list(&line["Data"]))
        .map(|line| line["Type"].as_str().unwrap())
        .collect();
    assert!(!found.is_empty());
    assert_eq!(lines.len(), 1 + split(&fixture.state()).len());
}

/// A record of an unknown type is shown as far as it can be read.
#[test]
fn unknown_types_are_shown() {
    use snapscope_testkit::msgpack::structure;
    use snapscope_testkit::{Record, SnapshotSpec, Val};
    let body = structure([("A", Val::Uint(7)), ("B", "text".into())]);
    let records =
        vec![Record::new(200, body), Record::new(65, Val::Raw(b"\x0a\x01x\xff".to_vec()))];
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.snap", &SnapshotSpec::new(records).snap());
    let lines = decode(&[], &path).lines();
    assert_eq!(lines[1], json!({"Type": "Unknown(200)", "Data": {"A": 7, "B": "text"}}));
    assert_eq!(lines[2]["Type"], "Unknown(65)");
    assert_eq!(lines[2]["DataBase64"], BASE64.encode(b"\x0a\x01x\xff"));
}

/// A field that is newer than this program, and one of an unexpected class.
#[test]
fn unknown_fields_are_kept_and_wrong_ones_are_told() {
    use snapscope_testkit::records::kv;
    use snapscope_testkit::{SnapshotSpec, Val};
    let dir = tempfile::tempdir().unwrap();
    let newer = kv::entry("k", "v", 0, 5).with("Zone", Val::from("north"));
    let empty = kv::entry("l", "v", 0, 6).with("Zone", Val::from(""));
    let path = write(dir.path(), "x.snap", &SnapshotSpec::new(vec![newer, empty]).snap());
    let lines = decode(&[], &path).lines();
    assert_eq!(lines[1]["Data"]["Zone"], "north");
    assert!(lines[2]["Data"].get("Zone").is_none());
    let wrong = kv::entry("k", "v", 0, 5).with("Flags", Val::from("many"));
    let good = kv::entry("l", "v", 0, 6);
    let path = write(dir.path(), "y.snap", &SnapshotSpec::new(vec![wrong, good]).snap());
    let ran = run(["decode", path.to_str().unwrap()]);
    assert_eq!(ran.code(), 3);
    assert!(ran.stderr.contains("Flags"), "{}", ran.stderr);
    let lines = ran.lines();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[1]["Data"]["Flags"], "many");
    assert_eq!(lines[2]["Data"]["Key"], "l");
    assert_eq!(lines[3]["Incomplete"], true);
}

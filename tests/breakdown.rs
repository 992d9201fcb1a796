//! `breakdown` and `top` against a plain count of the records that an independent reader splits.

use crate::support::{Fixture, Ran, all, run, split};
use serde_json::Value;
use std::collections::BTreeMap;

fn json(args: &[&str], fixture: &Fixture) -> Value {
    let path = fixture.path.to_str().unwrap();
    let ran: Ran = run(args.iter().copied().chain(["-o", "json", path]));
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{args:?} {}", fixture.name);
    ran.json()
}

/// Count, bytes and largest are exact; percentiles are at most an eighth too large.
fn check(groups: &BTreeMap<String, Vec<u64>>, answer: &Value, name: &str, what: &str) {
    let rows = answer["groups"].as_array().unwrap();
    assert_eq!(rows.len(), groups.len(), "{what}");
    for row in rows {
        let key = row[name].as_str().unwrap();
        let mut sizes = groups.get(key).unwrap_or_else(|| panic!("{what}: {key}")).clone();
        sizes.sort_unstable();
        let sum: u64 = sizes.iter().sum();
        assert_eq!(row["count"], sizes.len(), "{what}: {key}");
        assert_eq!(row["bytes"], sum, "{what}: {key}");
        assert_eq!(row["largest"], *sizes.last().unwrap(), "{what}: {key}");
        let mean = (sum as f64 / sizes.len() as f64).round();
        assert_eq!(row["mean"].as_u64().unwrap() as f64, mean, "{what}: {key}");
        for (column, percent) in [("p50", 50), ("p99", 99)] {
            let exact = sizes[(sizes.len() * percent).div_ceil(100) - 1];
            let got = row[column].as_u64().unwrap();
            assert!((exact..=exact + exact / 8).contains(&got), "{what}: {key} {column} {got}");
        }
    }
    let sizes: Vec<u64> = rows.iter().map(|row| row["bytes"].as_u64().unwrap()).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{what}: largest first");
}

#[test]
fn by_type_is_a_plain_count() {
    for fixture in all() {
        let state = fixture.state();
        let mut groups = BTreeMap::<String, Vec<u64>>::new();
        for (kind, bytes) in split(&state) {
            let name = snapscope_decode::Kind(kind).to_string();
            groups.entry(name).or_default().push(bytes.len() as u64);
        }
        for jobs in ["1", "3"] {
            let answer = json(&["breakdown", "--jobs", jobs], &fixture);
            check(&groups, &answer, "type", &fixture.name);
            assert_eq!(answer["count"], split(&state).len());
        }
    }
}

fn key_of(bytes: &[u8]) -> Vec<u8> {
    let mut body = &bytes[1..];
    let value = rmpv::decode::read_value(&mut body).unwrap();
    let key = value.as_map().unwrap().iter().find(|(k, _)| k.as_str() == Some("Key")).unwrap();
    match &key.1 {
        rmpv::Value::String(text) => text.as_bytes().to_vec(),
        other => panic!("{other}"),
    }
}

#[test]
fn by_prefix_groups_keys() {
    for fixture in all() {
        let state = fixture.state();
        for depth in 1..=4usize {
            for under in ["", "config/", "vault"] {
                let mut groups = BTreeMap::<String, Vec<u64>>::new();
                for (_, bytes) in split(&state).into_iter().filter(|(kind, _)| *kind == 2) {
                    let key = key_of(bytes);
                    if !key.starts_with(under.as_bytes()) {
                        continue;
                    }
                    let parts: Vec<&[u8]> = key.split(|b| *b == b'/').collect();
                    let group = parts[..depth.min(parts.len())].join(&b'/');
                    let group = String::from_utf8_lossy(&group).into_owned();
                    groups.entry(group).or_default().push(bytes.len() as u64);
                }
                let depth = depth.to_string();
                let args = ["breakdown", "--by", "prefix", "--depth", &depth, "--prefix", under];
                check(
                    &groups,
                    &json(&args, &fixture),
                    "prefix",
                    &format!("{} {args:?}", fixture.name),
                );
            }
        }
    }
}

/// Every grouping of every fixture is answered without any report of damage, in each form, and the
/// same for any number of jobs.
#[test]
fn every_grouping_is_answered_for_every_fixture() {
    for fixture in all() {
        let path = fixture.path.to_str().unwrap();
        for by in ["type", "prefix", "service", "node", "kind", "policy", "namespace"] {
            for form in ["table", "json", "jsonl", "csv"] {
                let with = |jobs: &str| {
                    let ran = run(["breakdown", "--by", by, "-o", form, "--jobs", jobs, path]);
                    let what = format!("{} --by {by}", fixture.name);
                    let said = ran.stderr.lines().find(|line| !line.contains("note: no groups by"));
                    assert_eq!((ran.code(), said), (0, None), "{what}");
                    ran.stdout
                };
                assert!(with("1") == with("4"), "{} --by {by} -o {form}", fixture.name);
            }
        }
    }
}

#[test]
fn by_service_and_node_group_registrations() {
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    let state = fixture.state();
    let (mut services, mut nodes) =
        (BTreeMap::<String, u64>::new(), BTreeMap::<String, u64>::new());
    for (_, bytes) in split(&state).into_iter().filter(|(kind, _)| *kind == 0) {
        let mut body = &bytes[1..];
        let value = rmpv::decode::read_value(&mut body).unwrap();
        let json: Value = serde_json::from_str(&text_of(&value)).unwrap();
        *nodes.entry(json["Node"].as_str().unwrap().to_owned()).or_default() += bytes.len() as u64;
        let service = json["Service"]["Service"].as_str();
        let checked = json["Check"]["ServiceName"].as_str().filter(|name| !name.is_empty());
        if let Some(name) = service.or(checked) {
            *services.entry(name.to_owned()).or_default() += bytes.len() as u64;
        }
    }
    let found = json(&["breakdown", "--by", "service"], &fixture);
    let found: BTreeMap<String, u64> = found["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["service"].as_str().unwrap().to_owned(), row["bytes"].as_u64().unwrap()))
        .collect();
    assert_eq!(found, services);
    let found = json(&["breakdown", "--by", "node"], &fixture);
    for row in found["groups"].as_array().unwrap() {
        let least = nodes.get(row["node"].as_str().unwrap()).copied().unwrap_or(0);
        assert!(row["bytes"].as_u64().unwrap() >= least, "{row}");
    }
}

/// Raw bytes as lossy text, which suffices to compare names.
fn text_of(value: &rmpv::Value) -> String {
    fn convert(value: &rmpv::Value) -> Value {
        match value {
            rmpv::Value::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(k, v)| (k.as_str().unwrap_or_default().to_owned(), convert(v)))
                    .collect(),
            ),
            rmpv::Value::Array(items) => Value::Array(items.iter().map(convert).collect()),
            rmpv::Value::String(text) => {
                String::from_utf8_lossy(text.as_bytes()).into_owned().into()
            }
            rmpv::Value::Integer(n) => n.as_i64().into(),
            rmpv::Value::Boolean(b) => (*b).into(),
            _ => Value::Null,
        }
    }
    convert(value).to_string()
}

#[test]
fn sort_and_limit_do_what_they_say() {
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    let column = |sort: &str, column: &str| -> Vec<Value> {
        let answer = json(&["breakdown", "--by", "prefix", "--sort", sort], &fixture);
        answer["groups"].as_array().unwrap().iter().map(|row| row[column].clone()).collect()
    };
    for (sort, name) in
        [("size", "bytes"), ("count", "count"), ("mean", "mean"), ("largest", "largest")]
    {
        let values: Vec<u64> = column(sort, name).iter().map(|v| v.as_u64().unwrap()).collect();
        assert!(values.len() > 5 && values.is_sorted_by(|a, b| a >= b), "{sort}");
    }
    let names = column("name", "prefix");
    let names: Vec<&str> = names.iter().map(|v| v.as_str().unwrap()).collect();
    assert!(names.is_sorted());
    let all = json(&["breakdown", "--by", "prefix"], &fixture);
    let three = json(&["breakdown", "--by", "prefix", "--limit", "3"], &fixture);
    assert_eq!(three["groups"].as_array().unwrap(), &all["groups"].as_array().unwrap()[..3]);
    assert_eq!((&three["count"], &three["bytes"]), (&all["count"], &all["bytes"]));
}

#[test]
fn top_shows_the_largest_records() {
    for fixture in all() {
        let state = fixture.state();
        let header = state.len() - split(&state).iter().map(|(_, b)| b.len()).sum::<usize>();
        let mut at = header as u64;
        let mut records: Vec<(u64, u64, u64, u8)> = Vec::new();
        for (number, (kind, bytes)) in split(&state).into_iter().enumerate() {
            records.push((bytes.len() as u64, at, number as u64 + 1, kind));
            at += bytes.len() as u64;
        }
        records.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for (args, expected) in [
            (&["top"][..], records.iter().take(20).collect::<Vec<_>>()),
            (&["top", "-n", "100000"], records.iter().collect()),
            (
                &["top", "-n", "5", "--type", "KVS,Index"],
                records.iter().filter(|r| matches!(r.3, 2 | 16)).take(5).collect(),
            ),
        ] {
            for jobs in ["1", "4"] {
                let answer = json(&[args, &["--jobs", jobs]].concat(), &fixture);
                let shown: Vec<(u64, u64, u64)> = answer["records"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|r| ["bytes", "offset", "record"].map(|name| r[name].as_u64().unwrap()))
                    .map(|[bytes, offset, record]| (bytes, offset, record))
                    .collect();
                let expected: Vec<(u64, u64, u64)> =
                    expected.iter().map(|r| (r.0, r.1, r.2)).collect();
                assert_eq!(shown, expected, "{} {args:?}", fixture.name);
            }
        }
    }
}

/// No record's name contains a secret: tokens are named by their accessors.
#[test]
fn top_shows_no_secrets() {
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    let secrets = run(["decode", "--type", "ACLToken", fixture.path.to_str().unwrap()]).lines();
    let ran = run(["top", "-n", "100000", fixture.path.to_str().unwrap()]);
    for token in secrets {
        let secret = token["Data"]["SecretID"].as_str().unwrap();
        assert!(!ran.text().contains(secret), "a secret is shown");
    }
}

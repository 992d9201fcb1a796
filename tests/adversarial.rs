//! Snapshots of hostile shapes: the answers are correct, and memory does not grow with the
//! snapshot. Time grows in proportion. The growth bench measures larger ones.

use crate::support::{binary, run, watched};
use serde_json::Value;
use snapscope_testkit::adversarial::Shape;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The memory limit of all commands for any snapshot. Some 60 to 130 MiB were measured.
const LIMIT: u64 = 160 << 20;

struct Shapes(TempDir);

impl Shapes {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn make(&self, name: &str, size: u64) -> PathBuf {
        let path = self.0.path().join(format!("{name} {size}.state.bin"));
        Shape::named(name).write_to(size, &path).unwrap();
        path
    }
}

/// Runs a command for its answer, and again for its memory.
fn bounded(args: &[&str], path: &Path) -> Vec<u8> {
    let path = path.to_str().unwrap();
    let (peak, _) = watched(binary().args(args).arg(path));
    assert!(peak < LIMIT, "{args:?} of {path}: {} MiB", peak >> 20);
    run(args.iter().chain([&path])).stdout
}

fn lines(text: &[u8]) -> Vec<String> {
    String::from_utf8(text.to_vec()).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_hundred_thousand_prefixes_are_all_shown() {
    const COUNT: usize = 100_000;
    let shapes = Shapes::new();
    let path = shapes.make("prefixes", COUNT as u64);
    let csv = lines(&bounded(&["breakdown", "--by", "prefix", "-o", "csv"], &path));
    assert_eq!(csv.len(), COUNT + 1);
    // Records with a larger index have a byte or two more; those of equal size are sorted by name.
    let sizes: Vec<(u64, &str)> = csv[1..]
        .iter()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells[1], "1", "{line}");
            (cells[2].parse().unwrap(), cells[0])
        })
        .collect();
    assert!(sizes.is_sorted_by(|a, b| a.0 > b.0 || a.0 == b.0 && a.1 < b.1));
    let table =
        lines(&bounded(&["breakdown", "--by", "prefix", "--sort", "name", "--limit", "0"], &path));
    assert_eq!(table.len(), COUNT + 2);
    // Every page has the same columns.
    assert!(table[1..=COUNT].iter().all(|line| line.len() == table[1].len()));
    assert!(table[1].starts_with("prefix-000000000 ") && table[COUNT].contains("-000099999 "));

    let text = lines(&bounded(&["inspect", "--kvdetails", "--kvdepth", "1"], &path));
    let keys: Vec<&String> = text.iter().filter(|line| line.starts_with(" prefix-")).collect();
    assert_eq!(keys.len(), COUNT);
    // Names are 17 characters wide with the preceding space, and counts are aligned.
    assert!(keys.iter().all(|line| line.get(17..31) == Some("      1       ")), "{}", keys[0]);
    let json = bounded(&["inspect", "--kvdetails", "--format", "json"], &path);
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["StatsKV"].as_array().unwrap().len(), COUNT);

    let trend = bounded(&["trend", "--by", "prefix", "-o", "jsonl"], &path);
    assert_eq!(lines(&trend).len(), COUNT + 1);
}

#[test]
fn a_history_of_all_keys_is_told() {
    const COUNT: usize = 60_000;
    let shapes = Shapes::new();
    let path = shapes.make("keys in no order", COUNT as u64);
    let told = lines(&bounded(&["history", "--under", "", "kv"], &path));
    assert!(
        told.iter().any(|line| *line == format!("{COUNT} kv in the first snapshot; no changes."))
    );
    let nothing = shapes.make("nothing", 0);
    let args = ["history", "--under", "", "-o", "jsonl", "kv", nothing.to_str().unwrap()];
    let events = bounded(&args, &path);
    assert_eq!(lines(&events).len(), COUNT);
}

#[test]
fn of_one_key_many_times_the_last_counts() {
    let shapes = Shapes::new();
    let path = shapes.make("one key repeated", 50_000);
    let told = bounded(&["history", "-o", "json", "--show-secrets", "kv", "app/key"], &path);
    let told: Value = serde_json::from_slice(&told).unwrap();
    let events = told["clusters"][0]["events"].as_array().unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["modify_index"], 50_000);
    let large = shapes.make("versions of a large value", 1000);
    let told = bounded(&["history", "-o", "json", "kv", "app/large"], &large);
    let told: Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["clusters"][0]["events"][0]["modify_index"], 1000);
}

#[test]
fn repeated_and_unordered_keys_are_compared() {
    const COUNT: u64 = 50_000;
    let shapes = Shapes::new();
    let [nothing, repeated, ordered, unordered] = [
        shapes.make("nothing", 0),
        shapes.make("one key repeated", COUNT),
        shapes.make("keys in order", COUNT),
        shapes.make("keys in no order", COUNT),
    ];
    let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let diff = |before: &PathBuf, after: &PathBuf| -> Value {
        let args = ["diff", "--stat", "-o", "json", &text(before)];
        serde_json::from_slice(&bounded(&args, after)).unwrap()
    };
    assert_eq!(diff(&nothing, &repeated)["summary"]["kv"]["added"], COUNT);
    assert_eq!(diff(&repeated, &nothing)["summary"]["kv"]["removed"], COUNT);
    let same = diff(&ordered, &unordered);
    assert_eq!(same["differences"], 0);
    assert!(same["out_of_order"]["kv"].as_u64().unwrap() > COUNT / 2, "{same}");
    let both = diff(&repeated, &unordered);
    assert_eq!(both["summary"]["kv"]["removed"], COUNT);
    assert_eq!(both["summary"]["kv"]["added"], COUNT);
}

#[test]
fn every_rule_that_lets_a_token_is_listed() {
    const COUNT: usize = 50_000;
    let shapes = Shapes::new();
    for name in ["one policy of matching rules", "policies that match"] {
        let count = if name == "policies that match" { COUNT / 4 } else { COUNT };
        let path = shapes.make(name, count as u64);
        let path = path.to_str().unwrap();
        let args = ["acl", "who-can", "-o", "json", path, "key", "read"];
        let answer = bounded(&args, Path::new("app/x"));
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let tokens = answer["Tokens"].as_array().unwrap();
        assert_eq!(tokens.len(), 1);
        assert_eq!(tokens[0]["Rule"]["Origins"].as_array().unwrap().len(), count, "{name}");
        let table = bounded(&["acl", "who-can", path, "key", "read"], Path::new("app/x"));
        assert_eq!(lines(&table)[2], "1 token can read key \"app/x\".");
    }
}

/// Looking for a free name from the start each time would take half a minute for 4000 names.
#[test]
fn thousands_of_one_name_become_files() {
    let shapes = Shapes::new();
    for (name, format, folder) in [
        ("one config entry repeated", "config-entries", "."),
        ("one accessor repeated", "acl", "tokens"),
    ] {
        let path = shapes.make(name, 10_000);
        let out = shapes.0.path().join(format);
        let out_text = out.to_str().unwrap();
        let ran = run(["export", path.to_str().unwrap(), "--to", format, "--out", out_text]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        // Next to them is the list of what some servers refuse.
        let is_object = |path: &Path| path.extension().is_some_and(|end| end == "json");
        let files = std::fs::read_dir(out.join(folder)).unwrap();
        let objects = files.filter(|file| is_object(&file.as_ref().unwrap().path())).count();
        assert_eq!(objects, 10_000, "{name}");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn every_token_of_a_role_with_many_policies_is_listed_with_the_rule() {
    const COUNT: usize = 3_000;
    let shapes = Shapes::new();
    let path = shapes.make("one role of many policies", COUNT as u64);
    let args = ["acl", "who-can", "-o", "json", text(&path), "key", "read"];
    let answer: Value = serde_json::from_slice(&bounded(&args, Path::new("app/7"))).unwrap();
    let tokens = answer["Tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), COUNT);
    let policy = "policy \"00000000-0000-4000-8000-000000000011\"";
    for token in tokens {
        let origins = token["Rule"]["Origins"].as_array().unwrap();
        assert_eq!(origins.len(), 1);
        assert_eq!(origins[0]["Source"], policy);
        assert_eq!(origins[0]["Via"][0], "role \"role\"");
    }
    let args = ["acl", "who-can", "-o", "csv", text(&path), "key", "read"];
    let csv = lines(&bounded(&args, Path::new("app/7")));
    assert_eq!(csv.len(), COUNT + 1);
    assert!(csv[1..].iter().all(|line| line.contains("-000000000011")), "{}", csv[1]);
}

#[test]
fn each_rule_of_a_token_with_thousands_is_explained() {
    const COUNT: usize = 5_000;
    let shapes = Shapes::new();
    let token = Path::new("00000000-0000-4000-8000-000000000001");
    for (name, sources) in [("one token with many rules", COUNT), ("one policy with many names", 1)]
    {
        let path = shapes.make(name, COUNT as u64);
        let args = ["acl", "explain", "-o", "json", text(&path)];
        let answer: Value = serde_json::from_slice(&bounded(&args, token)).unwrap();
        assert_eq!(answer["Policies"].as_array().unwrap().len(), sources);
        let rules = answer["Rules"].as_array().unwrap();
        assert_eq!(rules.len(), COUNT, "{name}");
        assert!(rules.iter().all(|rule| rule["Origins"].as_array().unwrap().len() == 1));
    }
    let path = shapes.make("one token with many templates", COUNT as u64);
    let answer = bounded(&["acl", "explain", "-o", "json", text(&path)], token);
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["Policies"].as_array().unwrap().len(), COUNT);
}

#[test]
fn every_binding_rule_that_grants_the_access_is_listed() {
    const COUNT: usize = 2_000;
    let shapes = Shapes::new();
    let path = shapes.make("many binding rules", COUNT as u64);
    let args = ["acl", "who-can", "-o", "json", text(&path), "key", "read"];
    let answer: Value = serde_json::from_slice(&bounded(&args, Path::new("app/x"))).unwrap();
    let logins = answer["Logins"].as_array().unwrap();
    assert_eq!(logins.len(), COUNT);
    let depends = logins.iter().filter(|login| login["DependsOnName"] == true).count();
    assert_eq!(depends, COUNT / 10);
    let answer = bounded(&args, Path::new("app/y"));
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["Logins"].as_array().unwrap().len(), 0);
}

/// Bytes that look like large records, or like records in values, hide no later records.
#[test]
fn records_after_thousands_of_lies_are_recovered() {
    const COUNT: u64 = 20_000;
    let shapes = Shapes::new();
    let good = std::fs::read(shapes.make("keys in order", COUNT)).unwrap();
    let header = snapscope_testkit::snapshot::header(7).len();
    for (name, size) in [
        ("lengths that lie", 20_000),
        ("large lengths that lie", 20_000),
        ("lists without end", 20_000),
        ("records in values", 20),
    ] {
        let path = shapes.make(name, size);
        let mut bytes = std::fs::read(&path).unwrap();
        // An invalid type byte, so that nothing before it ends where these begin.
        bytes.push(0xff);
        bytes.extend_from_slice(&good[header..]);
        std::fs::write(&path, &bytes).unwrap();
        let out = shapes.0.path().join("out.snap");
        bounded(&["salvage", "--force", "--out", text(&out)], &path);
        let keys = run(["list", "kv", "-o", "jsonl", text(&out)]);
        assert_eq!(keys.code(), 0, "{}", keys.stderr);
        let found = lines(&keys.stdout);
        let good = found.iter().filter(|line| line.contains("\"app/0000"));
        assert!(good.count() as u64 >= COUNT, "{name}");
    }
}

#[test]
fn large_differences_are_shown() {
    const COUNT: usize = 10_000;
    let shapes = Shapes::new();
    for (before, after, path) in [
        ("many routes", "other routes", "Routes[0].Destination.Service"),
        ("large metadata", "other large metadata", "Meta.key-000000000"),
    ] {
        let (a, b) = (shapes.make(before, COUNT as u64), shapes.make(after, COUNT as u64));
        let answer = bounded(&["diff", "--limit", "0", "-o", "json", text(&a)], &b);
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let fields = answer["changes"][0]["fields"].as_object();
        let fields = fields.unwrap_or_else(|| panic!("{before}: {}", answer["changes"][0]));
        assert_eq!(fields.len(), COUNT, "{before}");
        assert!(fields.contains_key(path), "{before}: {:?}", fields.keys().next());
    }
}

#[test]
fn long_runs_and_repeated_names_hide_no_secret() {
    let shapes = Shapes::new();
    let path = shapes.make("runs of base64", 10_000);
    bounded(&["audit", "-o", "json"], &path);
    let path = shapes.make("many vaults", 2_000);
    let report: Value = serde_json::from_slice(&bounded(&["audit", "-o", "json"], &path)).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let secrets = findings.iter().filter(|f| f["rule"] == "SECRET007" || f["rule"] == "SECRET008");
    // A secret outside of Vault's own folders is not Vault's data.
    assert_eq!(secrets.count(), 2_000, "{}", findings.len());
    let path = shapes.make("one secret named often", 2_000);
    let out = shapes.0.path().join("redacted.snap");
    bounded(&["redact", "--out", text(&out)], &path);
    let rules = run(["list", "policies", "-o", "json", "--show-secrets", text(&out)]).stdout;
    let rules = String::from_utf8(rules).unwrap();
    assert!(!rules.contains("x7Kq2Lm9Rt4Vw8Zp"));
    assert_eq!(rules.matches("policy = ").count(), 2_000);
}

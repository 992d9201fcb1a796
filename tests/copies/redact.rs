//! No secret is left, everything else is, and the same key gives the same names.

use super::{kept, rewrite, rewritten};
use crate::support::{Fixture, all, run, split, write};
use serde_json::Value;
use snapscope_testkit::msgpack::structure;
use snapscope_testkit::records::{Record, catalog, kind, kv};
use snapscope_testkit::shapes::ConsulVersion;
use snapscope_testkit::{SnapshotSpec, Val, fixtures};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// The content of the new file: `meta.json` and `state.bin`.
fn contents(file: &Path) -> Vec<u8> {
    let members = fixtures::unpack(&std::fs::read(file).unwrap()).unwrap();
    members.into_iter().flat_map(|(_, content)| content).collect()
}

/// Forbidden texts, by their first bytes.
#[derive(Default)]
struct Needles(HashMap<[u8; 6], BTreeSet<Vec<u8>>>);

impl Needles {
    fn add(&mut self, needle: &[u8]) {
        if let Some(head) = needle.first_chunk() {
            self.0.entry(*head).or_default().insert(needle.to_vec());
        }
    }

    fn found(&self, text: &[u8]) -> Vec<String> {
        let mut found = BTreeSet::new();
        for (at, window) in text.windows(6).enumerate() {
            let Some(needles) = self.0.get(window) else { continue };
            for needle in needles.iter().filter(|needle| text[at..].starts_with(needle)) {
                found.insert(String::from_utf8_lossy(needle).into_owned());
            }
        }
        found.into_iter().collect()
    }
}

/// The lines of `decode`.
fn decoded(path: &Path) -> Vec<(String, Value)> {
    let ran = run(["decode".as_ref(), path.as_os_str()]);
    let of = |line: Value| (line["Type"].as_str().unwrap_or("").to_owned(), line["Data"].clone());
    ran.lines().into_iter().map(of).collect()
}

fn base64(text: &Value) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap_or("")).unwrap()
}

/// Words that servers themselves use.
fn is_reserved(text: &[u8]) -> bool {
    text.starts_with(b"00000000-0000-0000-0000-0000000000")
        || matches!(text, b"anonymous" | b"global-management" | b"serfHealth")
}

/// All secrets in a snapshot: SecretIDs, values of keys, private keys, planted secrets.
fn secrets(fixture: &Fixture) -> Needles {
    let mut needles = Needles::default();
    let mut add = |text: &[u8]| {
        if text.len() >= 6 && !is_reserved(text) {
            needles.add(text);
        }
    };
    let mut metas: BTreeMap<(String, String), Value> = BTreeMap::new();
    for (kind, data) in decoded(&fixture.path) {
        match kind.as_str() {
            "KVS" => {
                let value = base64(&data["Value"]);
                if value.len() >= 8 {
                    add(&value);
                }
            }
            "ACLToken" => add(data["SecretID"].as_str().unwrap().as_bytes()),
            "PreparedQuery" => add(data["Token"].as_str().unwrap().as_bytes()),
            "Register" => {
                let service = &data["Service"];
                let id = service["ID"].as_str().unwrap_or_default().to_owned();
                let node = data["Node"].as_str().unwrap().to_owned();
                metas.insert((node, id), service["Meta"].clone());
            }
            _ => {}
        }
        private_keys(&data, &mut add);
    }
    let planted = fixture.beside(".planted.json").unwrap_or_else(|| b"[]".to_vec());
    for plant in serde_json::from_slice::<Vec<Vec<String>>>(&planted).unwrap() {
        if let [place, node, id, key] = plant.as_slice()
            && place == "service-meta"
        {
            let meta = &metas[&(node.clone(), id.clone())];
            add(meta[key].as_str().expect("it was planted there").as_bytes());
        }
    }
    needles
}

/// The lines of all private keys in a value.
fn private_keys(value: &Value, add: &mut impl FnMut(&[u8])) {
    match value {
        Value::String(text) if text.contains("PRIVATE KEY-----") => {
            for line in text.lines().filter(|line| line.len() > 20 && !line.starts_with("---")) {
                add(line.as_bytes());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| private_keys(item, add)),
        Value::Object(object) => object.values().for_each(|value| private_keys(value, add)),
        _ => {}
    }
}

fn types(state: &[u8]) -> BTreeMap<u8, usize> {
    let mut types = BTreeMap::new();
    split(state).iter().for_each(|(kind, _)| *types.entry(*kind).or_default() += 1);
    types
}

#[test]
fn no_secret_of_any_snapshot_is_left_and_no_record_is_lost() {
    let ways: [&[&str]; 3] = [&[], &["--values", "fake"], &["--pseudonymise"]];
    for fixture in all() {
        let secrets = secrets(&fixture);
        let before = types(&fixture.state());
        for way in ways {
            let (_dir, out) = kept("redact", &fixture.path, way);
            let found = secrets.found(&contents(&out));
            assert!(found.is_empty(), "{} {way:?}: {found:?}", fixture.name);
            let state = fixtures::state_of(&std::fs::read(&out).unwrap());
            assert_eq!(types(&state), before, "{} {way:?}", fixture.name);
            let read = run(["decode".as_ref(), out.as_os_str()]);
            assert_eq!(read.code(), 0, "{} {way:?}: {}", fixture.name, read.stderr);
        }
    }
}

#[test]
fn only_secrets_are_replaced_and_references_still_lead_somewhere() {
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    let (_dir, out) = kept("redact", &fixture.path, &[]);
    let (before, after) = (decoded(&fixture.path), decoded(&out));
    assert_eq!(before.len(), after.len());
    for ((kind, before), (_, after)) in before.iter().zip(&after) {
        let same: &[&str] = match kind.as_str() {
            "ACLToken" => &["AccessorID", "Policies", "Roles", "CreateTime", "ModifyIndex"],
            "ACLPolicy" => &["ID", "Name", "Rules"],
            "KVS" => &["Flags", "LockIndex", "CreateIndex"],
            "Index" => &["Value"],
            "Session" => &["Node", "Behavior", "LockDelay"],
            _ => &[],
        };
        for field in same {
            assert_eq!(before[field], after[field], "{kind} {field}");
        }
        if kind == "KVS" {
            assert_eq!(base64(&before["Value"]).len(), base64(&after["Value"]).len());
        }
    }
    let sessions: BTreeSet<&str> = after
        .iter()
        .filter(|(kind, _)| kind == "Session")
        .map(|(_, data)| data["ID"].as_str().unwrap())
        .collect();
    let held: Vec<&str> = after
        .iter()
        .filter(|(kind, _)| kind == "KVS")
        .filter_map(|(_, data)| data["Session"].as_str().filter(|s| !s.is_empty()))
        .collect();
    assert!(!held.is_empty() && held.iter().all(|session| sessions.contains(session)));
}

/// The values of fields that contain names, keys and addresses.
fn names(path: &Path) -> BTreeSet<String> {
    const FIELDS: [&str; 12] = [
        "Node",
        "Service",
        "Name",
        "Key",
        "ServiceName",
        "DestinationServiceName",
        "AuthMethod",
        "SourceName",
        "DestinationName",
        "Address",
        "ServiceID",
        "PeerName",
    ];
    fn walk(value: &Value, names: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    match value {
                        Value::String(text) if FIELDS.contains(&key.as_str()) => {
                            names.insert(text.clone());
                        }
                        other => walk(other, names),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, names)),
            _ => {}
        }
    }
    let mut all = BTreeSet::new();
    for (kind, data) in decoded(path) {
        if kind != "SystemMetadata" && kind != "SnapshotHeader" && kind != "Index" {
            walk(&data, &mut all);
        }
    }
    all
}

#[test]
fn pseudonyms_are_the_same_for_the_same_key_and_no_name_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let key = write(dir.path(), "key", b"0123456789abcdef0123");
    let key = key.to_str().unwrap();
    // Words that have the same meaning in every cluster.
    let reserved = [
        "consul",
        "serfHealth",
        "Serf Health Status",
        "global-management",
        "global",
        "default",
        "builtin/global-read-only",
        "Consul CA Root Cert",
        "Consul CA Primary Cert",
        "Master Token",
        "127.0.0.1",
        "localhost",
        "anonymous",
        "Anonymous Token",
        "consul-sidecar-proxy",
        "Authorization",
    ];
    for fixture in all() {
        let more = ["--pseudonymise", "--key-file", key];
        let (_dir, first) = kept("redact", &fixture.path, &more);
        let (_other, second) = kept("redact", &fixture.path, &more);
        assert!(std::fs::read(&first).unwrap() == std::fs::read(second).unwrap());
        let mut needles = Needles::default();
        for name in names(&fixture.path) {
            let word = |c: char| c.is_alphanumeric();
            // Templates are filled in elsewhere.
            if name.contains("${") {
                continue;
            }
            let is_number = name.split(|c| !word(c)).all(|w| w.chars().all(|c| c.is_ascii_digit()));
            if name.len() >= 6 && !is_number && !reserved.contains(&name.as_str()) {
                needles.add(name.as_bytes());
            }
        }
        let found = needles.found(&contents(&first));
        let left: Vec<_> = found.iter().filter(|name| !is_format_word(name)).collect();
        assert!(left.is_empty(), "{}: {left:?}", fixture.name);
    }
}

/// Field names and values of closed sets, which are in every snapshot.
fn is_format_word(name: &str) -> bool {
    [
        "session",
        "service",
        "operator",
        "policy",
        "virtual",
        "destination",
        "namespace",
        "sentinel",
        "keyring",
        "peering",
    ]
    .contains(&name)
}

#[test]
fn names_can_be_led_back_and_what_belongs_together_still_does() {
    let dir = tempfile::tempdir().unwrap();
    let fixture = Fixture::snap("consul-1.14.7/small-a");
    let map = dir.path().join("names.json");
    let out = dir.path().join("out.snap");
    let more = ["--pseudonymise", "--map", map.to_str().unwrap(), "--keep-prefix", "apps/"];
    let ran = rewrite("redact", &fixture.path, &out, &more);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let map: Value = serde_json::from_slice(&std::fs::read(map).unwrap()).unwrap();
    let originals: HashMap<&str, &str> = map["Names"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|name| Some((name["Pseudonym"].as_str()?, name["Original"].as_str()?)))
        .collect();
    let (before, after) = (decoded(&fixture.path), decoded(&out));
    let mut kept_prefix = 0;
    for ((kind, before), (_, after)) in before.iter().zip(&after) {
        for field in ["Node", "Key", "Name"] {
            let (Some(old), Some(new)) = (before[field].as_str(), after[field].as_str()) else {
                continue;
            };
            if matches!(kind.as_str(), "KVS" | "Register" | "ACLPolicy")
                && old != new
                && !old.contains('\u{fffd}')
            {
                assert_eq!(originals.get(new), Some(&old), "{kind}");
                assert_eq!(new.len(), old.len(), "{old} {new}");
            }
            if field == "Key" && old.starts_with("apps/") {
                assert!(new.starts_with("apps/"));
                kept_prefix += 1;
            }
        }
    }
    assert!(kept_prefix > 0);
    let groups = |lines: &[(String, Value)]| {
        let mut nodes: BTreeMap<String, usize> = BTreeMap::new();
        for (kind, data) in lines.iter().filter(|(kind, _)| kind == "Register") {
            let _ = kind;
            *nodes.entry(data["Node"].as_str().unwrap().to_lowercase()).or_default() += 1;
        }
        let mut sizes: Vec<usize> = nodes.into_values().collect();
        sizes.sort_unstable();
        sizes
    };
    assert_eq!(groups(&before), groups(&after));
}

#[test]
fn a_secret_is_replaced_wherever_it_occurs_and_everywhere_by_the_same() {
    let v = ConsulVersion::V1_21_4;
    let secret = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    let node = catalog::Node {
        meta: vec![("note".into(), format!("token {secret} of app"))],
        ..catalog::Node::new("node-a", "", 10)
    };
    let records = vec![
        node.record(v),
        snapscope_testkit::records::acl::token(
            v,
            "eeeeeeee-0000-4000-8000-000000000001",
            secret,
            &format!("was {secret}"),
            &[],
            &[],
            20,
        ),
        kv::entry("consul/token", secret, 0, 30),
        kv::entry(format!("tokens/{secret}/owner"), "me", 0, 31),
        kv::entry("motd", "a rather long greeting", 0, 32),
        kv::entry("b/motd", "see: a rather long greeting!", 0, 33),
    ];
    let dir = tempfile::tempdir().unwrap();
    let input = write(dir.path(), "in.snap", &SnapshotSpec::new(records).in_section_order().snap());
    let new = write(dir.path(), "state.bin", &rewritten("redact", &input, &[]));
    let lines = decoded(&new);
    let of = |kind: &str| -> Vec<&Value> {
        lines.iter().filter(|(k, _)| k == kind).map(|(_, data)| data).collect()
    };
    let other = of("ACLToken")[0]["SecretID"].as_str().unwrap().to_owned();
    assert_ne!(other, secret);
    let text = lines.iter().map(|(_, data)| data.to_string()).collect::<String>();
    assert_eq!(text.matches(&other).count(), 4, "{text}");
    assert!(of("KVS").iter().any(|data| base64(&data["Value"]) == other.as_bytes()));
    assert!(!text.contains(secret));
}

#[test]
fn what_nobody_knows_is_redacted() {
    let v = ConsulVersion::V1_21_4;
    let inside = structure([("Deep", "planted-deep".into()), ("Number", 987_654_321u64.into())]);
    let records = vec![
        kv::entry("a", "b", 0, 1)
            .with("NewField", "planted-in-a-field")
            .with("NewStruct", inside.clone())
            .with("planted-as-a-name", 1u64),
        catalog::session(v, "bbbbbbbb-0000-4000-8000-000000000001", "s", "n", 2)
            .with("LockDelay", "planted-for-a-number"),
        Record::new(99, structure([("Secret", "planted-in-a-record".into()), ("In", inside)])),
        Record::new(200, Val::from("planted-as-a-record")),
        snapscope_testkit::records::config::wrap(
            "new-kind",
            &structure([("Field", "planted-in-an-entry".into())]),
        ),
        Record::new(
            kind::SYSTEM_METADATA,
            structure([("Key", "x".into()), ("Value", "planted-setting".into())]),
        ),
    ];
    let dir = tempfile::tempdir().unwrap();
    let input = write(dir.path(), "in.snap", &SnapshotSpec::new(records).snap());
    let out = dir.path().join("out.snap");
    let ran = rewrite("redact", &input, &out, &["-o", "json"]);
    let text = contents(&out);
    assert!(!text.windows(7).any(|w| w == b"planted"), "{}", String::from_utf8_lossy(&text));
    assert!(!text.windows(4).any(|w| w == 987_654_321u32.to_be_bytes()));
    assert_eq!(split(&fixtures::state_of(&std::fs::read(&out).unwrap())).len(), 6);
    let fields: Vec<String> = ran.json()["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["field"].as_str().unwrap().to_owned())
        .collect();
    assert!(fields.contains(&"KVS.NewField".to_owned()), "{fields:?}");
}

#[test]
fn the_auditor_gets_a_count_for_each_field() {
    let fixture = Fixture::snap("consul-1.8.7/small-a");
    let dir = tempfile::tempdir().unwrap();
    let ran = rewrite("redact", &fixture.path, &dir.path().join("out.snap"), &["-o", "json"]);
    let report = ran.json();
    let count = |field: &str| {
        let row = report["fields"].as_array().unwrap().iter().find(|row| row["field"] == field);
        row.map_or(0, |row| row["replaced"].as_u64().unwrap())
    };
    let of = |kind: &str, has: fn(&Value) -> bool| {
        decoded(&fixture.path).iter().filter(|(k, data)| k == kind && has(data)).count() as u64
    };
    assert_eq!(count("KVS.Value"), of("KVS", |data| !data["Value"].is_null()));
    assert_eq!(count("ACLToken.SecretID"), of("ACLToken", |data| data["SecretID"] != "anonymous"));
    assert_eq!(count("ConnectCAProviderState.PrivateKey"), 1);
    assert!(count("HealthCheck.Output") > 0);
    assert_eq!(report["records"].as_u64().unwrap() as usize, split(&fixture.state()).len());
}

/// The version that wrote a snapshot restores its copy, according to the tables of what servers
/// refuse.
#[test]
fn no_copy_is_refused_where_the_original_is_not() {
    let verdict = |file: &Path| {
        let ran = run(["verify", "-o", "json", file.to_str().unwrap()]);
        let report = ran.json()["snapshots"][0].clone();
        (report["verdict"].as_str().unwrap().to_owned(), report)
    };
    for fixture in all() {
        let (before, _) = verdict(&fixture.path);
        for more in [&[][..], &["--values", "fake"], &["--pseudonymise"]] {
            let (_dir, out) = kept("redact", &fixture.path, more);
            let (after, report) = verdict(&out);
            assert!(after != "refused" || before == "refused", "{} {report}", fixture.name);
        }
    }
}

#[test]
fn keys_that_can_be_guessed_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let key = write(dir.path(), "key", b"short");
    let out = dir.path().join("out.snap");
    let ran = rewrite("redact", &all()[0].path, &out, &["--key-file", key.to_str().unwrap()]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("at least 16 are required") && !out.exists(), "{}", ran.stderr);
}

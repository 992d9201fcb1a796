//! Generated snapshots: their order, size and reproducibility.

use std::collections::{BTreeMap, HashSet};

use rmpv::Value;
use snapscope_testkit::generate::{Container, GenerateOptions, snap, state_bin, write_to};
use snapscope_testkit::records::kind;
use snapscope_testkit::{ConsulVersion, fixtures};

fn options(version: ConsulVersion) -> GenerateOptions {
    GenerateOptions { bytes: 3_000_000, seed: 9, version, level: 6, changed: 0 }
}

fn field<'a>(value: &'a Value, key: &str) -> &'a Value {
    let map = value.as_map().unwrap();
    &map.iter()
        .find(|(k, _)| k.as_str() == Some(key))
        .unwrap_or_else(|| panic!("no {key} in {value:?}"))
        .1
}

fn bytes(value: &Value, key: &str) -> Vec<u8> {
    match field(value, key) {
        Value::String(s) => s.as_bytes().to_vec(),
        other => panic!("{key} is {other:?}"),
    }
}

fn lower(value: &Value, key: &str) -> Vec<u8> {
    bytes(value, key).to_ascii_lowercase()
}

/// The key by which a server orders a record in its section.
fn order_key(kind: u8, value: &Value) -> Vec<u8> {
    let join = |parts: &[Vec<u8>]| parts.join(&0);
    match kind {
        kind::SERVICE_VIRTUAL_IP => lower(field(field(value, "Service"), "ServiceName"), "Name"),
        kind::REGISTER => {
            let node = lower(value, "Node");
            if !field(value, "Service").is_nil() {
                join(&[node, b"1".to_vec(), lower(field(value, "Service"), "ID")])
            } else if !field(value, "Check").is_nil() {
                join(&[node, b"2".to_vec(), lower(field(value, "Check"), "CheckID")])
            } else {
                join(&[node, b"0".to_vec()])
            }
        }
        kind::COORDINATES => lower(&value.as_array().unwrap()[0], "Node"),
        kind::ACL_TOKEN => bytes(value, "SecretID"),
        kind::ACL_AUTH_METHOD => bytes(value, "Name"),
        kind::KVS | kind::TOMBSTONE | kind::SYSTEM_METADATA => bytes(value, "Key"),
        kind::INDEX => lower(value, "Key"),
        kind::CONFIG_ENTRY => {
            let Value::String(raw) = value else { panic!("raw") };
            let mut rest = raw.as_bytes();
            let kind = rmpv::decode::read_value(&mut rest).unwrap();
            let request = rmpv::decode::read_value(&mut rest).unwrap();
            let name = match field(&request, "Entry") {
                Value::String(_) => b"global".to_vec(),
                entry => bytes(entry, "Name"),
            };
            join(&[kind.as_str().unwrap().as_bytes().to_vec(), name])
        }
        kind::SESSION
        | kind::ACL_POLICY
        | kind::ACL_ROLE
        | kind::ACL_BINDING_RULE
        | kind::PREPARED_QUERY
        | kind::INTENTION => bytes(value, "ID"),
        _ => Vec::new(),
    }
}

#[test]
fn sections_and_records_are_in_a_server_s_order() {
    for version in ConsulVersion::ALL {
        let (state, made) = state_bin(&options(version));
        assert_eq!((state.len() as u64, made.state_bytes), (3_000_000, 3_000_000));
        let mut rest = state.as_slice();
        let header = rmpv::decode::read_value(&mut rest).unwrap();
        let last_index = field(&header, "LastIndex").as_u64().unwrap();
        let (mut last, mut counts) = ((0, Vec::new()), BTreeMap::<u8, u64>::new());
        let (mut highest, mut tables) = (0, HashSet::new());
        let (mut kv_bytes, mut sessions, mut locked) = (0, HashSet::new(), 0);
        while let [kind, value @ ..] = rest {
            let mut after = value;
            let read = rmpv::decode::read_value(&mut after).unwrap();
            let section = kind::SECTIONS
                .iter()
                .position(|k| k == kind)
                .unwrap_or_else(|| panic!("type {kind}"));
            let now = (section, order_key(*kind, &read));
            let ordered = *counts.entry(*kind).or_default() == 0 || now.1.is_empty() || last < now;
            assert!(ordered && last.0 <= now.0, "{last:?} is before {now:?}");
            last = now;
            *counts.entry(*kind).or_default() += 1;
            match *kind {
                kind::KVS => {
                    kv_bytes += value.len() - after.len() + 1;
                    let session = bytes(&read, "Session");
                    locked += u32::from(!session.is_empty());
                    assert!(session.is_empty() || sessions.contains(&session));
                    assert!(
                        field(&read, "CreateIndex").as_u64()
                            <= field(&read, "ModifyIndex").as_u64()
                    );
                    highest = highest.max(field(&read, "ModifyIndex").as_u64().unwrap());
                }
                kind::SESSION => {
                    sessions.insert(bytes(&read, "ID"));
                }
                kind::INDEX => {
                    assert!(tables.insert(bytes(&read, "Key")));
                    let value = field(&read, "Value").as_u64().unwrap();
                    assert!(value <= last_index);
                    if bytes(&read, "Key") == b"kvs" {
                        assert_eq!(value, highest);
                    }
                }
                _ => {}
            }
            rest = after;
        }
        assert_eq!(highest, last_index);
        assert!(locked > 0);
        assert_eq!(counts[&kind::KVS], made.kv);
        assert_eq!(counts[&kind::REGISTER], made.nodes + made.services + made.checks);
        assert_eq!(counts[&kind::ACL_TOKEN], made.tokens);
        assert_eq!(counts[&kind::ACL_POLICY], made.policies);
        assert_eq!(counts.values().sum::<u64>(), made.records);
        assert!(kv_bytes * 100 > state.len() * 80, "KV is {kv_bytes} bytes");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let options = options(ConsulVersion::V1_8_7);
    assert!(snap(&options).0 == snap(&options).0);
    let other = GenerateOptions { seed: 10, ..options.clone() };
    assert!(state_bin(&options).0 != state_bin(&other).0);
}

#[test]
fn any_size_comes_out_exactly() {
    for extra in 0..120 {
        let options = GenerateOptions {
            bytes: 300_000 + extra * 7,
            seed: extra,
            ..GenerateOptions::default()
        };
        assert_eq!(state_bin(&options).0.len() as u64, options.bytes);
    }
    let tiny = GenerateOptions { bytes: 1, ..GenerateOptions::default() };
    assert_eq!(state_bin(&tiny).0.len() as u64, tiny.state_bytes());
}

#[test]
fn all_forms_hold_the_same_state() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(ConsulVersion::V1_21_4);
    let (state, made) = state_bin(&options);
    let (snap_path, from_snap) =
        write_to(&options, Container::Snap, &dir.path().join("a.snap")).unwrap();
    assert_eq!(from_snap, made);
    assert!(fixtures::state_of(&std::fs::read(snap_path).unwrap()) == state);
    let (folder, _) = write_to(&options, Container::RaftDir, dir.path()).unwrap();
    assert!(std::fs::read(folder.join("state.bin")).unwrap() == state);
    let meta =
        options.meta().json(state.len() as u64, Some(snapscope_testkit::snapshot::crc64(&state)));
    assert_eq!(std::fs::read_to_string(folder.join("meta.json")).unwrap(), meta);
    let (tar, _) = write_to(&options, Container::Tar, &dir.path().join("a.tar")).unwrap();
    let spec = snapscope_testkit::Archive::new(&options.meta(), &state);
    assert!(std::fs::read(tar).unwrap() == spec.tar());
}

/// gzip -6 compresses real data to about 1 : 2.3. Measurements on generated files would mean little
/// if they differed much.
#[test]
fn compresses_like_real_data() {
    let options = GenerateOptions { bytes: 16 << 20, ..GenerateOptions::default() };
    let ratio = options.bytes as f64 / snap(&options).0.len() as f64;
    assert!((2.1..2.5).contains(&ratio), "{ratio}");
}

//! What is built here, compared with what real servers wrote.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use rmpv::Value;
use snapscope_testkit::archive::gzip;
use snapscope_testkit::records::{Record, acl, catalog, cluster, config, connect, kv};
use snapscope_testkit::shapes::{ConsulVersion, field_class, field_names};
use snapscope_testkit::snapshot::crc64;
use snapscope_testkit::{Archive, fixtures};

/// A state file split by an independent reader: type byte, value, the value's bytes.
fn records(state: &[u8]) -> Vec<(u8, Value, &[u8])> {
    let mut rest = state;
    rmpv::decode::read_value(&mut rest).unwrap();
    let mut out = Vec::new();
    while let [kind, value @ ..] = rest {
        let mut after = value;
        let read = rmpv::decode::read_value(&mut after).unwrap();
        out.push((*kind, read, &value[..value.len() - after.len()]));
        rest = after;
    }
    out
}

fn get<'a>(value: &'a Value, key: &str) -> &'a Value {
    value
        .as_map()
        .unwrap()
        .iter()
        .find(|(k, _)| k.as_str() == Some(key))
        .map_or(&Value::Nil, |(_, v)| v)
}

fn text(value: &Value, key: &str) -> String {
    get(value, key).as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value, key: &str) -> u64 {
    get(value, key).as_u64().unwrap()
}

#[test]
fn crc_of_the_raft_directory() {
    assert_eq!(crc64(b"123456789"), 0x995d_c9bb_df19_39fa, "the check value of CRC-64/XZ");
    for dir in fixtures::raft_dirs() {
        let meta: serde_json::Value =
            serde_json::from_slice(&fixtures::try_read(&dir.join("meta.json")).unwrap()).unwrap();
        let state = fixtures::try_read(&dir.join("state.bin")).unwrap();
        let crc = base64::engine::general_purpose::STANDARD.encode(crc64(&state).to_be_bytes());
        assert_eq!(meta["CRC"], crc.as_str());
    }
}

/// Fixtures that servers wrote; the one with all resources was packed by another program.
fn of_servers() -> Vec<std::path::PathBuf> {
    let mut all = fixtures::all_snapshots();
    all.retain(|path| !path.ends_with("resources-all.snap"));
    all
}

/// Meta, tar and gzip headers that are rebuilt from a fixture's own files equal the fixture, except
/// for the compressor's choices.
#[test]
fn archives_are_a_server_s_to_the_byte() {
    for path in of_servers() {
        let snap = fixtures::try_read(&path).unwrap();
        let members = fixtures::unpack(&snap).unwrap();
        let names: Vec<&str> = members.iter().map(|m| m.0.as_str()).collect();
        assert_eq!(names, ["meta.json", "state.bin", "SHA256SUMS"], "{}", path.display());
        let mut archive = Archive::of_files(&members[0].1, &members[1].1);
        // Servers write the two hash lines in either order.
        let lines = |text: &[u8]| -> BTreeSet<String> {
            String::from_utf8_lossy(text).lines().map(str::to_owned).collect()
        };
        assert_eq!(lines(&archive.members[2].1), lines(&members[2].1));
        archive.members[2].1.clone_from(&members[2].1);
        let mut tar = Vec::new();
        std::io::Read::read_to_end(
            &mut flate2::read::MultiGzDecoder::new(snap.as_slice()),
            &mut tar,
        )
        .unwrap();
        let mtime = std::str::from_utf8(&tar[136..147]).unwrap();
        archive.mtime = u64::from_str_radix(mtime, 8).unwrap();
        assert!(archive.tar() == tar, "{}: the tar differs", path.display());
        assert_eq!(archive.snap()[..10], snap[..10], "{}: the gzip header differs", path.display());
    }
    assert_eq!(gzip(b"", 6)[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
}

#[test]
fn meta_json_is_a_server_s_to_the_byte() {
    use snapscope_testkit::Meta;
    use snapscope_testkit::snapshot::Server;
    let (mut files, mut seen) = (Vec::new(), 0);
    for path in of_servers() {
        files.push((
            fixtures::unpack(&fixtures::try_read(&path).unwrap()).unwrap().remove(0).1,
            None,
        ));
    }
    for dir in fixtures::raft_dirs() {
        let crc = crc64(&fixtures::try_read(&dir.join("state.bin")).unwrap());
        files.push((fixtures::try_read(&dir.join("meta.json")).unwrap(), Some(crc)));
    }
    for (bytes, crc) in files {
        let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let mut meta = Meta::at(json["Index"].as_u64().unwrap());
        meta.id = json["ID"].as_str().unwrap().to_owned();
        meta.term = json["Term"].as_u64().unwrap();
        meta.configuration_index = json["ConfigurationIndex"].as_u64().unwrap();
        meta.servers = json["Configuration"]["Servers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| Server {
                suffrage: s["Suffrage"].as_u64().unwrap(),
                id: s["ID"].as_str().unwrap().to_owned(),
                address: s["Address"].as_str().unwrap().to_owned(),
            })
            .collect();
        let size = json["Size"].as_u64().unwrap();
        assert_eq!(meta.json(size, crc), String::from_utf8(bytes).unwrap());
        seen += 1;
    }
    assert!(seen > 0);
}

/// Walks a stored value along the shapes, and records where the stored fields differ from the
/// tables.
fn compare(
    shape: &str,
    version: ConsulVersion,
    value: &Value,
    seen: &mut BTreeMap<String, String>,
) {
    let Some(entries) = value.as_map() else { return };
    let stored: BTreeSet<&str> = entries.iter().map(|(k, _)| k.as_str().unwrap()).collect();
    let ours: BTreeSet<&str> = field_names(shape, version)
        .unwrap_or_else(|| panic!("no shape {shape}"))
        .into_iter()
        .collect();
    let (more, fewer): (Vec<_>, Vec<_>) =
        (stored.difference(&ours).collect(), ours.difference(&stored).collect());
    let verdict = if more.is_empty() && fewer.is_empty() {
        String::new()
    } else {
        format!("stored only {more:?}, ours only {fewer:?}")
    };
    seen.entry(format!("{shape} of {}", version.number())).or_default().push_str(&verdict);
    for (key, value) in entries {
        let Some(class) = field_class(shape, key.as_str().unwrap()) else { continue };
        descend(class, version, value, seen);
    }
}

fn descend(
    class: &str,
    version: ConsulVersion,
    value: &Value,
    seen: &mut BTreeMap<String, String>,
) {
    let class = class.trim_start_matches('?');
    if let Some(item) = class.strip_prefix('[').and_then(|c| c.strip_suffix(']')) {
        value.as_array().into_iter().flatten().for_each(|v| descend(item, version, v, seen));
    } else if let Some(item) = class.strip_prefix('{').and_then(|c| c.strip_suffix('}')) {
        let item = item.split_once("->").map_or(item, |(_, item)| item);
        value.as_map().into_iter().flatten().for_each(|(_, v)| descend(item, version, v, seen));
    } else if class.starts_with(|c: char| c.is_ascii_uppercase())
        && !matches!(class, "T" | "B" | "D" | "DS")
    {
        compare(class, version, value, seen);
    }
}

#[test]
fn shapes_match_the_fixtures() {
    let mut seen = BTreeMap::new();
    for version in ConsulVersion::ALL {
        if !fixtures::versions().iter().any(|v| v == version.number()) {
            continue;
        }
        let mut states: Vec<Vec<u8>> = fixtures::snapshots(version.number())
            .iter()
            .map(|path| fixtures::state_of(&fixtures::try_read(path).unwrap()))
            .collect();
        if version == ConsulVersion::V1_21_4 {
            states.extend(
                fixtures::raft_dirs()
                    .iter()
                    .map(|dir| fixtures::try_read(&dir.join("state.bin")).unwrap()),
            );
        }
        for state in &states {
            for (kind, value, _) in records(state) {
                let shape = match kind {
                    0 => "Register",
                    2 | 5 => "KVS",
                    3 => "Session",
                    6 => {
                        value
                            .as_array()
                            .unwrap()
                            .iter()
                            .for_each(|v| compare("Coordinate", version, v, &mut seen));
                        continue;
                    }
                    7 => "PreparedQuery",
                    9 => "Autopilot",
                    12 => "Intention",
                    13 => "ConnectCA",
                    14 => "ConnectCAProviderState",
                    15 => "ConnectCAConfig",
                    16 => "Index",
                    17 => "ACLToken",
                    19 => "ACLPolicy",
                    22 => {
                        let Value::String(raw) = &value else { panic!("a config entry is raw") };
                        let mut rest = raw.as_bytes();
                        let entry_kind = rmpv::decode::read_value(&mut rest).unwrap();
                        let request = rmpv::decode::read_value(&mut rest).unwrap();
                        assert!(rest.is_empty());
                        let entry = match get(&request, "Entry") {
                            Value::String(nested) => {
                                rmpv::decode::read_value(&mut nested.as_bytes()).unwrap()
                            }
                            entry => entry.clone(),
                        };
                        compare("ConfigEntryRequest", version, &request, &mut seen);
                        compare(entry_kind.as_str().unwrap(), version, &entry, &mut seen);
                        continue;
                    }
                    23 => "ACLRole",
                    25 => "ACLBindingRule",
                    27 => "ACLAuthMethod",
                    29 => "ChunkingState",
                    30 => "FederationStateRequest",
                    31 => "SystemMetadata",
                    32 => "ServiceVirtualIP",
                    33 => "FreeVirtualIP",
                    35 | 38 | 40 => continue,
                    other => panic!("no shape for records of type {other}"),
                };
                compare(shape, version, &value, &mut seen);
            }
        }
    }
    let wrong: Vec<String> = seen
        .iter()
        .filter(|(_, v)| !v.is_empty())
        .map(|(k, v)| format!("{k}: {}", &v[..v.len().min(200)]))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!seen.is_empty());
}

/// Records that are built from the content of a fixture's record have the fixture's bytes.
#[test]
fn built_records_are_a_server_s_to_the_byte() {
    let mut checked = BTreeMap::<u8, u32>::new();
    for version in ConsulVersion::ALL {
        if !fixtures::versions().iter().any(|v| v == version.number()) {
            continue;
        }
        for path in fixtures::snapshots(version.number()) {
            let state = fixtures::state_of(&fixtures::try_read(&path).unwrap());
            for (kind, value, bytes) in records(&state) {
                let Some(record) = rebuild(version, kind, &value) else { continue };
                assert_eq!(record.bytes()[1..], *bytes, "{}: {value:?}", path.display());
                *checked.entry(kind).or_default() += 1;
            }
        }
    }
    if fixtures::exists("consul-1.8.7/small-a.snap") {
        assert_eq!(checked.keys().copied().collect::<Vec<u8>>(), [2, 3, 5, 9, 16, 19, 29, 31, 33]);
    }
}

fn rebuild(version: ConsulVersion, kind: u8, value: &Value) -> Option<Record> {
    let raw = |key: &str| match get(value, key) {
        Value::String(s) => s.as_bytes().to_vec(),
        _ => Vec::new(),
    };
    let index = || number(value, "ModifyIndex");
    Some(match kind {
        2 => kv::locked(
            raw("Key"),
            raw("Value"),
            number(value, "Flags"),
            index(),
            &text(value, "Session"),
            number(value, "LockIndex"),
        )
        .with("CreateIndex", number(value, "CreateIndex")),
        5 => kv::tombstone(raw("Key"), index()),
        3 if get(value, "NodeChecks").as_array().is_some_and(|c| !c.is_empty())
            && get(value, "ServiceChecks").is_nil() =>
        {
            catalog::session(
                version,
                &text(value, "ID"),
                &text(value, "Name"),
                &text(value, "Node"),
                index(),
            )
            .with("LockDelay", number(value, "LockDelay"))
            .with("Behavior", text(value, "Behavior"))
            .with("TTL", text(value, "TTL"))
            .with("CreateIndex", number(value, "CreateIndex"))
        }
        9 => cluster::autopilot(version, index())
            .with("CreateIndex", number(value, "CreateIndex"))
            .with("CleanupDeadServers", get(value, "CleanupDeadServers").as_bool().unwrap())
            .with("LastContactThreshold", number(value, "LastContactThreshold"))
            .with("MaxTrailingLogs", number(value, "MaxTrailingLogs"))
            .with("ServerStabilizationTime", number(value, "ServerStabilizationTime")),
        16 => cluster::index(&text(value, "Key"), number(value, "Value")),
        19 if text(value, "ID") == acl::GLOBAL_MANAGEMENT => {
            acl::global_management(version, index())
                .with("CreateIndex", number(value, "CreateIndex"))
                .with("Hash", raw("Hash").as_slice())
        }
        29 => cluster::chunking_state_idle(),
        31 => {
            cluster::system_metadata(version, &text(value, "Key"), &text(value, "Value"), index())
                .with("CreateIndex", number(value, "CreateIndex"))
        }
        33 => {
            let ip = raw("IP");
            let offset = u32::from_be_bytes(ip[12..].try_into().unwrap());
            catalog::free_virtual_ip(offset, get(value, "IsCounter").as_bool().unwrap())
        }
        _ => return None,
    })
}

/// Every builder returns a record with exactly the fields of its struct.
#[test]
fn every_builder_fits_its_shape() {
    for version in ConsulVersion::ALL {
        let node = catalog::Node::new("n", "id", 20);
        let service = catalog::Service::new("web-1", "web", 21);
        let check = catalog::Check::of_service(&service, "passing", 22);
        let all = [
            ("Register", node.record(version)),
            ("Register", node.service_record(version, &service)),
            ("Register", node.check_record(version, &check)),
            ("Register", node.check_record(version, &catalog::Check::serf_health(23))),
            ("PreparedQuery", catalog::prepared_query(version, "i", "n", "s", 1)),
            ("ServiceVirtualIP", catalog::service_virtual_ip(version, "web", "", 1, 2)),
            ("ACLToken", acl::management_token(version, "a", "s", 3)),
            ("ACLPolicy", acl::global_management(version, 4)),
            ("ACLRole", acl::role(version, "i", "n", &[("p", "q")], &["web"], 5)),
            ("ACLBindingRule", acl::binding_rule(version, "i", "m", ("role", "r"), 6)),
            ("ACLAuthMethod", acl::auth_method(version, "m", 7)),
            ("Intention", connect::intention(version, "i", "*", "b", "deny", 8)),
            ("ConnectCA", connect::ca_root(version, true, 9)),
            ("ConnectCAProviderState", connect::ca_provider_state(version, 10)),
            ("ConnectCAConfig", connect::ca_config(version, 11)),
            (
                "FederationStateRequest",
                cluster::federation_state(version, "dc1", &[(node, service, vec![check])], 12),
            ),
            ("ChunkingState", cluster::chunking_state(7, 2, &[Some(b"x"), None])),
        ];
        let mut seen = BTreeMap::new();
        for (shape, record) in all {
            let value = rmpv::decode::read_value(&mut &record.bytes()[1..]).unwrap();
            compare(shape, version, &value, &mut seen);
        }
        let kinds = if version == ConsulVersion::V1_8_7 {
            &config::KINDS_1_8_7[..]
        } else {
            &config::KINDS_1_21_4[..]
        };
        for kind in kinds {
            assert_eq!(config::example(version, kind, "n", 1).kind, 22);
        }
        assert!(seen.values().all(String::is_empty), "{seen:?}");
    }
}

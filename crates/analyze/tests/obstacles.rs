//! Which server refuses what: pairs of a snapshot and versions, with the source of each fact.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

use snapscope_analyze::obstacles::{Obstacles, Server};
use snapscope_analyze::{Jobs, fold};
use snapscope_archive::{OpenOptions, Source, open};
use snapscope_testkit::msgpack::{Val, structure};
use snapscope_testkit::random::{SplitMix64, uuid};
use snapscope_testkit::records::catalog::{Check, Node, Service};
use snapscope_testkit::records::{Record, acl, cluster, config, connect, kind, kv, set};
use snapscope_testkit::{ConsulVersion, SnapshotSpec, fixtures};
use std::num::NonZeroUsize;

const V: ConsulVersion = ConsulVersion::V1_8_7;

/// The obstacles of a server with a snapshot, by ID, each once.
fn obstacles(snapshot: &[u8], server: &str) -> Vec<String> {
    let blocks = open(&Source::Memory(snapshot.into()), &OpenOptions::default()).unwrap();
    let outcome = fold(blocks, Jobs(NonZeroUsize::MIN), Obstacles::default);
    let server = Server::parse(server).unwrap();
    let mut ids: Vec<String> =
        outcome.out.of(&server).map(|found| found.cause.id().to_owned()).collect();
    ids.dedup();
    ids
}

struct Pair {
    records: Vec<Record>,
    id: &'static str,
    refused: &'static [&'static str],
    restored: &'static [&'static str],
    source: &'static str,
}

fn node(name: &str, seed: u64) -> Node {
    Node::new(name, &uuid(1, &mut SplitMix64::new(seed)), 10)
}

fn virtual_ip(service: Val) -> Record {
    let body = structure([
        ("Service", service),
        ("IP", Val::Raw(vec![0; 16])),
        ("CreateIndex", 5u64.into()),
        ("ModifyIndex", 5u64.into()),
    ]);
    Record::new(kind::SERVICE_VIRTUAL_IP, body)
}

fn token_without_accessor() -> Record {
    acl::token(V, "", &uuid(7, &mut SplitMix64::new(7)), "", &[], &[], 10)
}

/// A node with a service and a check of it.
fn checked(node: &Node, service: &str) -> Vec<Record> {
    let service = Service::new(service, service, 11);
    vec![
        node.record(V),
        node.service_record(V, &service),
        node.check_record(V, &Check::of_service(&service, "passing", 12)),
    ]
}

/// The proxy-defaults entry with a Config.
fn proxy_defaults(config: Val) -> Record {
    config::entry(V, "proxy-defaults", "global", vec![("Config", config)], 10)
}

fn times(leaf: &str) -> Val {
    structure([("LeafCertTTL", leaf.into()), ("IntermediateCertTTL", "8760h".into())])
}

fn pairs() -> Vec<Pair> {
    [catalog_pairs(), entry_pairs(), ca_pairs(), field_pairs()].into_iter().flatten().collect()
}

/// How the parts of registrations must fit together.
fn catalog_pairs() -> Vec<Pair> {
    let web = node("web-1", 1);
    let other_case = Node { name: "WEB-1".into(), ..web.clone() };
    let other_node = Node { name: "db-1".into(), ..web.clone() };
    let health = Check::serf_health(12);
    let with_check_of = |of: &Node| {
        let (mut at, from) = (web.record(V), of.check_record(V, &health));
        at = at.with("Check", from.body.get("Check").unwrap().clone());
        vec![web.record(V), at]
    };
    // One ID in two spellings: before 1.12 the second one deletes the first one's registration.
    let mut renamed = checked(&web, "api");
    renamed.insert(2, other_case.record(V));
    let api = Service::new("api", "api", 11);
    let orphan = vec![web.record(V), web.check_record(V, &Check::of_service(&api, "passing", 12))];
    let mut meta = api.clone();
    meta.meta = vec![("not allowed".into(), "x".into())];
    vec![
        Pair {
            records: with_check_of(&other_case),
            id: "check-node-case",
            refused: &["1.4.0", "1.8.7", "1.11.0"],
            restored: &["1.12.0", "1.14.7", "1.21.4"],
            source: "GH-6991, GH-5316, GH-4413; mended by GH-12444 (1.12.0); 1.8.7 tried",
        },
        Pair {
            records: with_check_of(&other_node),
            id: "check-node",
            refused: &["1.4.0", "1.8.7", "1.12.0", "1.21.4"],
            restored: &[],
            source: "agent/consul/state/catalog.go; 1.8.7 tried",
        },
        Pair {
            records: renamed,
            id: "check-service-renamed",
            refused: &["1.8.7", "1.11.0"],
            restored: &["1.12.0", "1.21.4"],
            source: "agent/consul/state/catalog.go: ensureNodeTxn; GH-12444; 1.8.7 tried",
        },
        Pair {
            records: orphan,
            id: "check-service",
            refused: &["1.8.7", "1.14.7", "1.21.4"],
            restored: &[],
            source: "agent/consul/state/catalog.go: ErrMissingService; 1.8.7 tried",
        },
        Pair {
            records: vec![web.record(V), web.service_record(V, &meta)],
            id: "service-meta",
            refused: &["1.4.0", "1.8.7", "1.21.4"],
            restored: &[],
            source: "agent/structs/structs.go: ValidateServiceMetadata; 1.8.7 tried",
        },
    ]
}

fn entry_pairs() -> Vec<Pair> {
    vec![
        Pair {
            records: vec![proxy_defaults(structure([("a", Val::Nil)]))],
            id: "config-null",
            refused: &["1.5.1", "1.8.7", "1.13.7", "1.14.6", "1.15.2"],
            restored: &["1.13.8", "1.14.7", "1.15.3", "1.16.0", "1.21.4"],
            source: "GH-17048, backported by GH-17051, GH-17052, GH-17053; 1.8.7 tried",
        },
        Pair {
            records: vec![proxy_defaults(structure([("a", Val::Array(vec![Val::Nil]))]))],
            id: "config-null-in-list",
            refused: &["1.5.1", "1.8.7", "1.14.7", "1.21.4"],
            restored: &[],
            source: "lib/map_walker.go: SliceElem; 1.8.7 tried",
        },
        Pair {
            records: vec![config::example(ConsulVersion::V1_21_4, "mesh", "mesh", 20)],
            id: "config-entry-kind",
            refused: &["1.6.0", "1.8.7", "1.9.0"],
            restored: &["1.10.0", "1.21.4"],
            source: "agent/structs/config_entry.go: MakeConfigEntry; 1.8.7 tried",
        },
    ]
}

fn ca_pairs() -> Vec<Pair> {
    vec![
        Pair {
            records: vec![connect::ca_root(V, true, 5), connect::ca_config(V, 5)],
            id: "ca-root",
            refused: &["1.8.7", "1.21.4"],
            restored: &[],
            source: "GH-6375; agent/consul/leader_connect.go: initializeRootCA; 1.8.7 tried",
        },
        Pair {
            // Without its configuration a server creates another one, and with it another root.
            records: vec![
                connect::ca_root(V, true, 5),
                connect::ca_provider_state(V, 5).with("ID", "aa:".repeat(31) + "aa"),
            ],
            id: "ca-root",
            refused: &["1.8.7", "1.21.4"],
            restored: &[],
            source: "agent/consul/leader_connect.go: initializeCAConfig; 1.8.7 tried",
        },
        Pair {
            records: vec![connect::ca_config(V, 5).with("Config", times("71h0m0sx"))],
            id: "ca-config",
            refused: &["1.8.7", "1.21.4"],
            restored: &[],
            source: "agent/connect/ca/provider_consul_config.go; 1.8.7 tried",
        },
    ]
}

fn field_pairs() -> Vec<Pair> {
    let name = |name: &str| structure([("Name", name.into())]);
    let peered = |name: Val| structure([("ServiceName", name), ("Peer", "".into())]);
    vec![
        Pair {
            records: vec![token_without_accessor()],
            id: "missing-field",
            refused: &["1.15.0", "1.16.4", "1.21.4"],
            restored: &["1.4.0", "1.8.7", "1.14.7"],
            source: "GH-21368; acl_schema.go of 1.14.0 and 1.15.0; 1.8.7 and 1.21.4 tried",
        },
        Pair {
            records: vec![virtual_ip(name("web"))],
            id: "virtual-ip-form",
            refused: &["1.13.0"],
            restored: &["1.11.0", "1.12.3", "1.13.1", "1.21.4"],
            source: "GH-14107, mended by GH-14149 (1.13.1)",
        },
        Pair {
            records: vec![virtual_ip(peered(name("")))],
            id: "virtual-ip-service",
            refused: &["1.13.0", "1.13.9", "1.14.11", "1.15.10"],
            restored: &["1.11.0", "1.12.9"],
            source: "GH-22797; catalog_schema.go of 1.12.0 and 1.13.1",
        },
        Pair {
            records: vec![kv::entry("a", "x", 0, 9).with("ModifyIndex", true)],
            id: "undecodable",
            refused: &["1.8.7", "1.21.4"],
            restored: &[],
            source: "github.com/hashicorp/go-msgpack: codec; 1.8.7 tried",
        },
        Pair {
            records: vec![kv::entry("", "x", 0, 9)],
            id: "missing-field",
            refused: &["1.8.7", "1.21.4"],
            restored: &[],
            source: "agent/consul/state/kvs.go; 1.8.7 tried",
        },
    ]
}

#[test]
fn pairs_of_snapshots_and_versions() {
    for pair in pairs() {
        let snapshot = SnapshotSpec::new(pair.records.clone()).snap();
        assert!(!pair.source.is_empty());
        for version in pair.refused {
            let found = obstacles(&snapshot, version);
            assert!(found.iter().any(|id| id == pair.id), "{} with {version}: {found:?}", pair.id);
        }
        for version in pair.restored {
            let found = obstacles(&snapshot, version);
            // A version that does not know the type at all refuses it for that reason.
            let known: Vec<&String> = found.iter().filter(|id| *id != "record-type").collect();
            assert!(known.is_empty(), "{} with {version}: {known:?}", pair.id);
        }
    }
}

/// Record types with both ends.
#[test]
fn record_types_come_and_go() {
    let record = |kind| Record::new(kind, structure([("ID", "x".into()), ("Key", "x".into())]));
    for (kind, refused, restored) in [
        (4, ["1.15.0", "1.21.4"], ["1.3.0", "1.14.7"]),
        (11, ["1.15.0", "1.21.4"], ["1.3.0", "1.14.7"]),
        (16, ["1.2.0", "1.3.1"], ["1.4.0", "1.21.4"]),
        (31, ["1.8.7", "1.4.0"], ["1.9.0", "1.21.4"]),
        (32, ["1.8.7", "1.10.0"], ["1.11.0", "1.21.4"]),
        (40, ["1.8.7", "1.12.9"], ["1.13.0", "1.14.7"]),
        (45, ["1.21.4", "2.0.0"], ["2.1.0", "2.2.0"]),
        // The bit that lets servers skip log entries has no meaning in a snapshot.
        (0x80 | 50, ["1.8.7", "1.21.4"], ["1.8.7+ent", "1.21.4+ent"]),
        (65, ["1.8.7", "1.21.4"], ["1.8.7+ent", "1.21.4+ent"]),
    ] {
        let mut record = record(kind);
        if kind == 65 {
            record.body = Val::Raw(Vec::new());
        }
        if kind == 40 {
            record.body = Val::Raw(Vec::new());
        }
        let snapshot = SnapshotSpec::new(vec![record]).snap();
        let is_refused =
            |version| obstacles(&snapshot, version).iter().any(|id| id == "record-type");
        assert!(refused.into_iter().all(is_refused), "type {kind}");
        assert!(!restored.into_iter().any(is_refused), "type {kind}");
    }
}

/// A server restores what it wrote, and so do later versions until one drops the support for
/// some content.
#[test]
fn servers_restore_their_own_snapshots() {
    for path in fixtures::all_snapshots() {
        let snapshot = std::fs::read(&path).unwrap();
        let folder = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
        let version = folder.strip_prefix("consul-").unwrap();
        assert_eq!(obstacles(&snapshot, version), [""; 0], "{}", path.display());
        let newest = obstacles(&snapshot, "1.21.4");
        // Legacy tokens that no leader of 1.4 to 1.14 has upgraded yet.
        assert!(newest.iter().all(|id| id == "missing-field" || id == "record-type"), "{newest:?}");
    }
}

/// Several workers find the same as one worker.
#[test]
fn without_order_only_what_is_certain_is_found() {
    for path in fixtures::all_snapshots() {
        let blocks = open(&Source::File(path.clone()), &OpenOptions::default()).unwrap();
        let jobs = Jobs(NonZeroUsize::new(4).unwrap());
        let outcome = fold(blocks, jobs, Obstacles::without_order);
        let ordered = {
            let blocks = open(&Source::File(path), &OpenOptions::default()).unwrap();
            fold(blocks, Jobs(NonZeroUsize::MIN), Obstacles::default).out
        };
        assert_eq!(outcome.out, ordered);
    }
}

/// Unusual, but accepted by servers: numbers that wrap around, nil for anything, integers for
/// floats, unknown fields, a root with its key.
#[test]
fn what_servers_take_is_no_obstacle() {
    let web = node("web-1", 1);
    let mut api = Service::new("api", "api", 11).value(V, "");
    set(&mut api, "Port", u64::MAX.into());
    set(&mut api, "Weights", Val::Nil);
    set(&mut api, "NoSuchField", Val::Array(vec![true.into()]));
    set(&mut api, "Tags", Val::Map(Vec::new()));
    let records = vec![
        web.record(V),
        web.record(V).with("Service", api),
        kv::entry("a", "x", 0, 9).with("Value", Val::Nil).with("LockIndex", Val::Nil),
        cluster::autopilot(V, 10).with("CleanupDeadServers", 1u64),
        connect::ca_root(V, true, 5),
        connect::ca_provider_state(V, 5),
        connect::ca_config(V, 5),
    ];
    assert_eq!(obstacles(&SnapshotSpec::new(records).snap(), "1.8.7"), [""; 0]);
}

/// For a snapshot of many nodes and services only hashes are kept, and nothing is found.
#[test]
fn a_healthy_catalog_has_no_obstacle() {
    let mut records = Vec::new();
    for n in 0..200u64 {
        let node = node(&format!("Node-{n}"), n + 100);
        records.push(node.record(V));
        let services: Vec<Service> =
            (0..5).map(|s| Service::new(&format!("svc-{s}"), "svc", 20)).collect();
        records.extend(services.iter().map(|service| node.service_record(V, service)));
        let check = |service| node.check_record(V, &Check::of_service(service, "passing", 21));
        records.extend(services.iter().map(check));
    }
    records.push(cluster::index("services", 20));
    assert_eq!(obstacles(&SnapshotSpec::new(records).snap(), "1.8.7"), [""; 0]);
}

/// docs/obstacles.md matches the tables; run with SNAPSCOPE_WRITE_DOCS=1 to regenerate it.
#[test]
fn the_page_is_the_table() {
    let path = fixtures::workspace().join("docs/obstacles.md");
    let page = page();
    if std::env::var_os("SNAPSCOPE_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(
        written == page,
        "docs/obstacles.md is out of date: SNAPSCOPE_WRITE_DOCS=1 regenerates it"
    );
}

const HEAD: &str = "\
# What servers refuse

Generated from the tables in `decode` and `crates/analyze/src/obstacles`; `SNAPSCOPE_WRITE_DOCS=1 cargo test -p
snapscope-analyze --test obstacles` regenerates it. `restore`, `verify` and `audit` use these tables.

A server applies a snapshot record by record. The first record that it refuses ends the restore, and the server stops.
So do all other servers of its version, because each restores the same snapshot. All versions also refuse a field whose
value Go's decoder cannot put into it (`undecodable`).

The sources are paths in Consul's repository, read at 1.4.0, 1.6.0, 1.8.7, the first release of each minor version from
1.9 to 1.16, 1.18.0 and 1.22.0. The facts about 1.8.7 are tested with a real server: `tests/live/mutations.rs` restores
hundreds of changed snapshots, and each is refused if and only if an obstacle was found.
";

fn page() -> String {
    use snapscope_analyze::obstacles::{Cause, FIELDS, Requirement, STRUCTURES};
    use snapscope_decode::Kind;
    use snapscope_decode::records::ENTRY_KINDS;
    use snapscope_decode::stream::KINDS;
    use std::fmt::Write as _;

    let mut text = HEAD.to_owned();
    let source = Cause::RecordType(Kind::KVS).source();
    let _ = writeln!(text, "\n## Record types\n\nSource: {source}.\n");
    let _ = writeln!(text, "| number | type | restored by |\n| --- | --- | --- |");
    for kind in KINDS {
        if let Some(versions) = kind.versions {
            let _ = writeln!(text, "| {} | {} | {versions} |", kind.number, kind.name);
        }
    }
    let source = Cause::EntryKind(Box::default()).source();
    let _ = writeln!(text, "\n## Kinds of config entries\n\nSource: {source}.\n");
    let _ = writeln!(text, "| kind | restored by |\n| --- | --- |");
    for kind in ENTRY_KINDS {
        let _ = writeln!(text, "| {} | {} |", kind.name, kind.versions);
    }
    let _ = writeln!(text, "\n## Fields\n\nSources are files in agent/consul/state.\n");
    let _ = writeln!(
        text,
        "| field | must be | otherwise refused by | source |\n| --- | --- | --- | --- |"
    );
    for field in FIELDS {
        let form = match field.form {
            Requirement::Filled => "non-empty",
            Requirement::Uuid => "a UUID",
            Requirement::UuidIfAny => "a UUID or empty",
            Requirement::Present => "present",
            Requirement::TemplateType => "`name_prefix_match` or empty",
            Requirement::CaProvider => "`consul`, `vault`, `aws-pca` or empty",
        };
        let (kind, name) = (field.kind, field.name());
        let (versions, source) = (field.refused_by, field.source);
        let _ = writeln!(text, "| {kind}.{name} | {form} | {versions} | {source} |");
    }
    let _ = writeln!(text, "\n## Structures\n");
    let _ = writeln!(text, "| id | what | refused by | source |\n| --- | --- | --- | --- |");
    for row in STRUCTURES {
        let _ =
            writeln!(text, "| {} | {} | {} | {} |", row.id, row.one, row.versions(), row.source);
    }
    text
}

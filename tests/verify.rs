//! `verify`: servers' own snapshots are intact, planted faults are found and named at their level,
//! and whole folders are checked.

mod faults;

use crate::cli::{examples, shell};
use crate::support::{Fixture, finish, run, run_with, write};
use serde_json::Value;
use snapscope_testkit::fixtures;
use snapscope_testkit::msgpack::Val;
use snapscope_testkit::records::{Record, acl, catalog, cluster, config, connect, kind, kv};
use snapscope_testkit::shapes::ConsulVersion;
use snapscope_testkit::{Archive, ConsulServer, Meta, SnapshotSpec};
use std::path::Path;

const V: ConsulVersion = ConsulVersion::V1_21_4;
const NODE_ID: &str = "11111111-2222-3333-4444-555555555555";
const POLICY: &str = "aaaaaaaa-0000-0000-0000-000000000001";
const ROLE: &str = "bbbbbbbb-0000-0000-0000-000000000001";
const SESSION: &str = "cccccccc-0000-0000-0000-000000000001";
const ACCESSOR: &str = "dddddddd-0000-0000-0000-000000000001";
const SECRET: &str = "eeeeeeee-0000-0000-0000-000000000001";
const NOBODY: &str = "99999999-0000-0000-0000-000000000009";

/// A small intact snapshot.
fn sound() -> Vec<Record> {
    let node = catalog::Node::new("web-1", NODE_ID, 20);
    let service = catalog::Service::new("web", "web", 21);
    let check = catalog::Check::of_service(&service, "passing", 22);
    vec![
        node.record(V),
        node.service_record(V, &service),
        node.check_record(V, &check),
        catalog::session(V, SESSION, "lock", "web-1", 30).with("NodeChecks", Val::Nil),
        acl::token(V, ACCESSOR, SECRET, "", &[(POLICY, "read")], &[(ROLE, "ops")], 40),
        acl::policy(V, POLICY, "read", "key_prefix \"\" { policy = \"read\" }", 38),
        acl::role(V, ROLE, "ops", &[(POLICY, "read")], &[], 39),
        acl::binding_rule(V, NOBODY, "jwt", ("role", "ops"), 37),
        acl::auth_method(V, "jwt", 36),
        kv::entry("app/a", "1", 0, 50),
        kv::locked("app/lock", "x", 0, 51, SESSION, 1),
        connect::ca_root(V, true, 15),
        connect::ca_provider_state(V, 15),
        config::example(V, "service-defaults", "web", 44),
        cluster::index("acl-tokens", 40),
        cluster::index("checks", 22),
        cluster::index("kvs", 51),
        cluster::index("nodes", 20),
        cluster::chunking_state_idle(),
    ]
}

fn verify(snap: &[u8], more: &[&str]) -> (i32, Value) {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "a.snap", snap);
    let ran = run(["verify", "-o", "json", path.to_str().unwrap()].iter().chain(more));
    let json = ran.json();
    (ran.code(), json["snapshots"][0].clone())
}

fn findings(report: &Value) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().unwrap();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings.iter().map(|f| (text(f, "code"), text(f, "level"))).collect()
}

#[test]
fn snapshots_of_servers_have_nothing_worse_than_odd() {
    let mut paths = fixtures::all_snapshots();
    paths.extend(fixtures::raft_dirs());
    assert!(paths.len() > 8);
    for depth in [&[][..], &["--quick"], &["--deep"]] {
        let ran = run(["verify", "-o", "jsonl"]
            .iter()
            .map(std::ffi::OsStr::new)
            .chain(depth.iter().map(std::ffi::OsStr::new))
            .chain(paths.iter().map(|path| path.as_os_str())));
        assert_eq!(ran.code(), 0, "{}", ran.text());
        let reports = ran.lines();
        assert_eq!(reports.len(), paths.len());
        for report in &reports {
            assert!(["sound", "odd"].contains(&report["verdict"].as_str().unwrap()), "{report}");
            assert!(report["records"].as_u64().unwrap() > 5);
            // Records are ordered by what orders them in a server.
            for code in ["record-order", "section-order", "header-index", "index-above-table"] {
                assert!(report["counts"].get(code).is_none(), "{report}");
            }
        }
    }
}

#[test]
fn the_file_itself_is_looked_at() {
    let archive = || SnapshotSpec::new(sound()).archive();
    let snap = archive().snap();
    for (bytes, code, level) in [
        (snap[..snap.len() - 40].to_vec(), 3, "damaged"),
        (archive().wrong_hash("state.bin").snap(), 3, "damaged"),
        (Archive { zero_blocks: 17, ..archive() }.snap(), 1, "refused"),
        (
            SnapshotSpec {
                meta: Meta { size: Some(1), ..Meta::at(54) },
                ..SnapshotSpec::new(sound())
            }
            .snap(),
            0,
            "odd",
        ),
        (b"no snapshot at all".to_vec(), 3, "damaged"),
    ] {
        for depth in [&[][..], &["--quick"], &["--deep"]] {
            let (exit, report) = verify(&bytes, depth);
            assert_eq!((exit, report["verdict"].as_str()), (code, Some(level)), "{report}");
        }
    }
    let (exit, _) = verify(&archive().snap(), &["--strict"]);
    assert_eq!(exit, 0);
}

/// A pipe is read once, by the same worker: a check may come blocks after its service.
#[test]
fn a_pipe_is_verified_as_a_file_is() {
    let options = snapscope_testkit::generate::GenerateOptions {
        bytes: 6 << 20,
        seed: 3,
        ..Default::default()
    };
    let (snap, _) = snapscope_testkit::generate::snap(&options);
    let (_, file) = verify(&snap, &["--jobs", "4"]);
    let piped = run_with(["verify", "-o", "json", "--jobs", "4", "-"], &snap).json();
    assert_eq!(piped["snapshots"][0]["counts"], file["counts"]);
    assert_eq!(file["verdict"], piped["snapshots"][0]["verdict"]);
}

#[test]
fn servers_of_another_version_refuse_what_they_do_not_know() {
    let new = Fixture::snap("consul-1.21.4/small-a");
    let old = Fixture::snap("consul-1.8.7/small-a");
    for (fixture, version, code) in
        [(&new, "1.21.4", 0), (&new, "1.8.7", 1), (&new, "1.14.7", 1), (&old, "1.8.7", 0)]
    {
        let path = fixture.path.to_str().unwrap();
        let ran = run(["verify", "--for-consul", version, path]);
        assert_eq!(ran.code(), code, "{path} {version}: {}", ran.text());
        assert_eq!(ran.text().contains(&format!("Consul {version} does not support")), code == 1);
    }
    assert_eq!(run(["verify", "--for-consul", "x", "y"]).code(), 2);
}

#[test]
fn no_field_is_lost_to_the_version_that_wrote_it() {
    let mut seen = 0;
    for path in fixtures::all_snapshots() {
        let folder = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
        let Some(version) = folder.strip_prefix("consul-") else { continue };
        let ran = run(["verify", "-o", "json", "--for-consul", version, path.to_str().unwrap()]);
        let report = &ran.json()["snapshots"][0];
        assert!(report["counts"].get("dropped-field").is_none(), "{report}");
        seen += 1;
    }
    assert!(seen > 8);
}

/// A value for a field of the first record of a type, or of a struct in one.
type Set = (u8, &'static str, &'static str, Val);

/// A snapshot of 1.8.7 with other values.
fn of_1_8_7_with(values: &[Set]) -> Vec<u8> {
    let original = std::fs::read(Fixture::snap("consul-1.8.7/small-a").path).unwrap();
    let members = fixtures::unpack(&original).unwrap();
    let member = |name: &str| members.iter().find(|m| m.0 == name).unwrap().1.as_slice();
    let (header, mut records) = snapscope_testkit::mutate::read_state(member("state.bin"));
    for (kind, inside, field, value) in values {
        let record = records.iter_mut().find(|record| {
            record.kind == *kind
                && (inside.is_empty() || matches!(record.body.get(inside), Some(Val::Map(_))))
        });
        let record = record.unwrap();
        if inside.is_empty() {
            *record = record.clone().with(field, value.clone());
        } else {
            let mut inner = record.body.get(inside).unwrap().clone();
            snapscope_testkit::records::set(&mut inner, field, value.clone());
            *record = record.clone().with(inside, inner);
        }
    }
    let mut state = header;
    records.iter().for_each(|record| record.encode(&mut state));
    let mut meta: Value = serde_json::from_slice(member("meta.json")).unwrap();
    meta["Size"] = state.len().into();
    Archive::of_files(meta.to_string().as_bytes(), &state).snap()
}

/// A real server of that version restores what another version stored in addition, and drops it.
#[test]
fn fields_that_a_server_does_not_know_are_lost() {
    let newer = snapscope_testkit::msgpack::structure([("TemplateName", "builtin/newer".into())]);
    let snap = of_1_8_7_with(&[
        (kind::REGISTER, "Service", "SocketPath", "/run/newer.sock".into()),
        (kind::ACL_TOKEN, "", "TemplatedPolicies", Val::Array(vec![newer])),
        // These contain nothing.
        (kind::REGISTER, "Check", "Interval", "".into()),
        (kind::ACL_ROLE, "", "TemplatedPolicies", Val::Nil),
    ]);
    let (exit, report) = verify(&snap, &["--for-consul", "1.8.7"]);
    assert_eq!((exit, report["verdict"].as_str()), (1, Some("lost")), "{report}");
    let dropped = |report: &Value| -> Vec<String> {
        let findings = report["findings"].as_array().unwrap();
        let found = findings.iter().filter(|finding| finding["code"] == "dropped-field");
        found.map(|finding| finding["message"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        dropped(&report),
        [
            "Consul 1.8.7 drops Service.SocketPath of 1 Register record (stored by versions 1.9 and later)",
            "Consul 1.8.7 drops TemplatedPolicies of 1 ACLToken record (stored by versions 1.17 and later)",
        ]
    );
    // Newer servers no longer have tokens of the system before 1.4.
    let (_, report) = verify(&snap, &["--for-consul", "1.17.3"]);
    assert_eq!(
        dropped(&report),
        ["Consul 1.17.3 drops Rules of 6 ACLToken records (stored by versions before 1.16)"]
    );
    let (_, report) = verify(&snap, &[]);
    assert_eq!(dropped(&report), Vec::<String>::new());
    let name = "fields_that_a_server_does_not_know_are_lost";
    let Some(mut server) = ConsulServer::for_test(name) else { return };
    let has = |state: &[u8], text: &str| state.windows(text.len()).any(|w| w == text.as_bytes());
    for text in ["/run/newer.sock", "builtin/newer"] {
        assert!(has(&fixtures::state_of(&snap), text));
    }
    server.snapshot_restore(&snap).unwrap();
    let after = fixtures::state_of(&server.snapshot_save().unwrap());
    for text in ["/run/newer.sock", "builtin/newer"] {
        assert!(!has(&after, text), "{text}");
    }
}

/// A server does not decode fields that it drops, whatever their content.
#[test]
fn a_value_that_does_not_fit_matters_only_to_servers_that_read_it() {
    let structure = snapscope_testkit::msgpack::structure::<1>;
    let proxy = structure([("Mode", 7u64.into())]);
    let policy = structure([("TemplateName", Val::Array(vec![1u64.into()]))]);
    let definition = structure([("OSService", 1u64.into())]);
    let newer = [
        (kind::REGISTER, "Service", "Proxy", proxy.clone()),
        (kind::REGISTER, "Check", "Definition", definition),
        (kind::ACL_TOKEN, "", "TemplatedPolicies", Val::Array(vec![policy])),
    ];
    let snap = of_1_8_7_with(&newer);
    let refused = |snap: &[u8], version: &str| -> Vec<String> {
        let (_, report) = verify(snap, &["--for-consul", version]);
        let findings = report["findings"].as_array().unwrap().iter();
        let found = findings
            .filter(|f| f["code"] == "obstacle" && f["message"].to_string().contains("whose"));
        found.map(|f| f["message"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(refused(&snap, "1.8.7"), Vec::<String>::new());
    let found = refused(&snap, "1.21.4");
    for field in
        ["Service.Proxy.Mode", "Check.Definition.OSService", "TemplatedPolicies.TemplateName"]
    {
        assert!(found.iter().any(|message| message.contains(field)), "{field}: {found:?}");
    }
    // A field that every version reads counts, at any position.
    let both =
        Val::Map(vec![("LocalServicePort".into(), "x".into()), ("Mode".into(), 7u64.into())]);
    let old = of_1_8_7_with(&[(kind::REGISTER, "Service", "Proxy", both)]);
    assert_eq!(refused(&old, "1.8.7").len(), 1);
    let name = "a_value_that_does_not_fit_matters_only_to_servers_that_read_it";
    let Some(mut server) = ConsulServer::for_test(name) else { return };
    server.snapshot_restore(&snap).unwrap();
    assert!(server.snapshot_restore(&old).is_err());
}

#[test]
fn a_folder_of_backups_is_verified_whole() {
    let dir = tempfile::tempdir().unwrap();
    let snap = SnapshotSpec::new(sound()).snap();
    let sha = |bytes: &[u8]| {
        use sha2::Digest as _;
        sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    for name in ["a.snap", "b.snap", "c.snap"] {
        write(dir.path(), name, &snap);
        let sidecar = format!("{{\"sha256\":\"{}\"}}", sha(&snap));
        write(dir.path(), &format!("{name}.json"), sidecar.as_bytes());
    }
    write(dir.path(), "notes.txt", b"bring milk");
    let folder = dir.path().to_str().unwrap();
    let verdicts = || -> Vec<String> {
        let ran = run(["verify", "-o", "jsonl", folder]);
        ran.lines().iter().map(|report| report["verdict"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(verdicts(), ["sound", "sound", "sound", "skipped"]);
    assert_eq!(run(["verify", folder]).code(), 0);
    // Another intact snapshot with the same name.
    let mut records = sound();
    records.remove(9);
    write(dir.path(), "b.snap", &SnapshotSpec::new(records).snap());
    assert_eq!(verdicts(), ["sound", "damaged", "sound", "skipped"]);
    let ran = run(["verify", folder]);
    assert_eq!(ran.code(), 3);
    assert!(ran.text().contains("sidecar"), "{}", ran.text());
}

/// A folder with only other files has as few snapshots as an empty one.
#[test]
fn a_folder_without_snapshots_is_no_success() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_str().unwrap();
    let empty = run(["verify", folder]);
    write(dir.path(), "notes.txt", b"bring milk");
    let skipped = run(["verify", folder]);
    for ran in [empty, skipped] {
        assert_eq!(ran.code(), 2, "{}", ran.text());
        assert!(ran.stderr.contains("this folder holds no snapshots"), "{}", ran.stderr);
    }
}

#[test]
fn the_newest_sound_snapshot_must_be_fresh() {
    let dir = tempfile::tempdir().unwrap();
    let taken = |ms: u64| {
        let meta = Meta { id: format!("2-54-{ms}"), ..Meta::at(54) };
        SnapshotSpec { meta, ..SnapshotSpec::new(sound()) }.snap()
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let hours_ago = |hours: u64| now.as_millis() as u64 - hours * 3_600_000;
    write(dir.path(), "old.snap", &taken(hours_ago(50)));
    let new = taken(hours_ago(3));
    write(dir.path(), "new.snap", &new);
    let folder = dir.path().to_str().unwrap();
    for (limit, code) in [("26h", 0), ("2d", 0), ("2h", 1), ("90m", 1)] {
        let ran = run(["verify", "--max-age", limit, folder]);
        assert_eq!(ran.code(), code, "{limit}: {}", ran.text());
        assert_eq!(ran.text().contains("stale"), code == 1);
    }
    // A damaged one does not count.
    write(dir.path(), "new.snap", &new[..new.len() / 2]);
    let ran = run(["verify", "--max-age", "26h", "-o", "json", folder]);
    assert_eq!(ran.code(), 3);
    assert_eq!(ran.json()["stale"][0]["age_seconds"].as_i64().unwrap() / 3600, 50);
}

#[test]
fn the_examples_run() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::copy(Fixture::snap("consul-1.21.4/small-a").path, dir.path().join("backup.snap"))
        .unwrap();
    let local = |line: &String| !line.contains("s3://") && !line.contains("/var/");
    for line in examples("verify").into_iter().filter(local) {
        let ran = finish(&mut shell(&line, Path::new(dir.path())), b"");
        assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{line}");
    }
}

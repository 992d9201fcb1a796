//! What is kept, what is left out, and which references are cut, according to the new snapshot.

use super::{kept, rewrite, rewritten};
use crate::support::{all, run, run_with, split, write};
use serde_json::Value;
use snapscope_testkit::msgpack::Val;
use snapscope_testkit::records::{Record, acl, catalog, cluster, kind, kv, peering};
use snapscope_testkit::shapes::ConsulVersion;
use snapscope_testkit::{SnapshotSpec, fixtures};
use std::path::Path;

const V: ConsulVersion = ConsulVersion::V1_21_4;

/// A snapshot of these records as a file.
fn file(dir: &Path, records: Vec<Record>) -> std::path::PathBuf {
    write(dir, "in.snap", &SnapshotSpec::new(records).in_section_order().snap())
}

/// Two nodes with a service each, its check, the node's check and a session; a locked key for each
/// session; tokens, roles and policies with links to each other.
fn cluster_records() -> Vec<Record> {
    let mut records = Vec::new();
    for (n, name) in ["node-a", "node-b"].into_iter().enumerate() {
        let n = n as u64;
        let node =
            catalog::Node::new(name, &format!("aaaaaaaa-0000-4000-8000-00000000000{n}"), 10 + n);
        let service = catalog::Service::new(&format!("web-{n}"), &format!("web{n}"), 20 + n);
        records.push(node.record(V));
        records.push(node.service_record(V, &service));
        records.push(node.check_record(V, &catalog::Check::serf_health(30 + n)));
        records
            .push(node.check_record(V, &catalog::Check::of_service(&service, "passing", 31 + n)));
        records.push(catalog::coordinate(V, name, [0.0; 8], 0.1));
        let session = format!("bbbbbbbb-0000-4000-8000-00000000000{n}");
        records.push(catalog::session(V, &session, "lock", name, 40 + n));
        records.push(kv::locked(format!("locks/{n}"), "held", 0, 50 + n, &session, 1));
        records.push(cluster::index(&format!("peer.~:service.web{n}"), 20 + n));
        records.push(cluster::index(&format!("peer.~:node.{name}"), 10 + n));
    }
    for table in
        ["kvs", "nodes", "services", "sessions", "acl-tokens", "acl-policies", "tombstones"]
    {
        records.push(cluster::index(table, 99));
    }
    records.push(kv::entry("app/one", "1", 0, 60));
    records.push(kv::entry("app/two", "2", 0, 61));
    records.push(kv::entry("junk/1", "x", 0, 62));
    records.push(kv::tombstone("app/gone", 63));
    records.push(acl::policy(V, POLICY, "readers", "key_prefix \"\" { policy = \"read\" }", 70));
    records.push(acl::policy(
        V,
        OTHER_POLICY,
        "writers",
        "key_prefix \"\" { policy = \"write\" }",
        71,
    ));
    records.push(acl::role(V, ROLE, "people", &[(OTHER_POLICY, "writers")], &[], 72));
    records
}

const POLICY: &str = "cccccccc-0000-4000-8000-000000000001";
const OTHER_POLICY: &str = "cccccccc-0000-4000-8000-000000000002";
const ROLE: &str = "dddddddd-0000-4000-8000-000000000001";

/// Type and one characteristic field of each record.
fn summary(state: &[u8]) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let state = write(dir.path(), "state.bin", state);
    let ran = run([Path::new("decode"), &state]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let told = |line: Value| {
        let data = &line["Data"];
        let text = |path: &str| data.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let what =
            ["/Service/ID", "/Check/CheckID", "/Key", "/AccessorID", "/Name", "/ID", "/0/Node"]
                .iter()
                .find_map(|path| text(path).filter(|text| !text.is_empty()));
        let node = text("/Node").map_or(String::new(), |node| format!("{node} "));
        format!("{} {node}{}", line["Type"].as_str().unwrap(), what.unwrap_or_default())
    };
    ran.lines().into_iter().map(told).collect()
}

#[test]
fn all_of_a_snapshot_is_the_same_state() {
    for fixture in all() {
        let state = rewritten("extract", &fixture.path, &[]);
        assert!(state == fixture.state(), "{}", fixture.name);
    }
}

#[test]
fn what_is_copied_is_copied_byte_by_byte_and_in_order() {
    for fixture in all() {
        let original = fixture.state();
        let mut rest = split(&original).into_iter();
        let new = rewritten("extract", &fixture.path, &["--drop", "sessions,queries"]);
        for (kind, bytes) in split(&new) {
            let there = rest.any(|(_, other)| other == bytes);
            // A lock that was released, and a query that lost its session.
            assert!(there || matches!(kind, kind::KVS), "{}: {kind}", fixture.name);
            if !there {
                rest = split(&original).into_iter().skip(1).collect::<Vec<_>>().into_iter();
            }
        }
        assert!(!split(&new).iter().any(|(kind, _)| *kind == kind::SESSION));
    }
}

#[test]
fn what_belongs_to_a_node_goes_with_it_and_its_locks_are_released() {
    let dir = tempfile::tempdir().unwrap();
    let input = file(dir.path(), cluster_records());
    let new = rewritten("extract", &input, &["--filter", "nodes=Node == \"node-b\""]);
    let records = summary(&new);
    assert!(!records.iter().any(|r| r.contains("node-a") || r.contains("web-0")), "{records:?}");
    for kept in ["Register node-b node-b", "Register node-b web-1", "Register node-b serfHealth"] {
        let there = records
            .iter()
            .any(|r| r == kept || kept.ends_with("node-b") && r.starts_with("Register node-b"));
        assert!(there, "{kept}: {records:?}");
    }
    assert_eq!(records.iter().filter(|r| r.starts_with("Session")).count(), 1);
    let locks: Vec<String> = lines(&new, "KVS", |data| {
        format!("{}={}", data["Key"].as_str().unwrap(), data["Session"].as_str().unwrap_or(""))
    });
    assert!(locks.contains(&"locks/0=".to_owned()), "{locks:?}");
    assert!(locks.contains(&"locks/1=bbbbbbbb-0000-4000-8000-000000000001".to_owned()));
    let indexes = lines(&new, "Index", |data| data["Key"].as_str().unwrap().to_owned());
    assert!(indexes.contains(&"peer.~:service.web1".to_owned()));
    assert!(
        !indexes.iter().any(|key| key.contains("web0") || key.contains("node-a")),
        "{indexes:?}"
    );
}

fn lines(state: &[u8], kind: &str, of: impl Fn(&Value) -> String) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let state = write(dir.path(), "state.bin", state);
    let ran = run(["decode", "--type", kind, state.to_str().unwrap()]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    ran.lines().iter().map(|line| of(&line["Data"])).collect()
}

#[test]
fn indexes_of_tables_that_are_left_out_are_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let input = file(dir.path(), cluster_records());
    let new = rewritten("extract", &input, &["--only", "kv"]);
    let mut indexes = lines(&new, "Index", |data| data["Key"].as_str().unwrap().to_owned());
    indexes.sort();
    assert_eq!(indexes, ["kvs", "tombstones"]);
    let locks = lines(&new, "KVS", |data| data["Session"].as_str().unwrap_or("").to_owned());
    assert!(locks.iter().all(String::is_empty), "{locks:?}");
    assert_eq!(locks.len(), 5);
}

#[test]
fn indexes_of_a_part_agree_with_each_other() {
    for fixture in all() {
        for part in ["kv", "acl", "catalog", "config-entries,intentions", "sessions"] {
            let (_dir, out) = kept("extract", &fixture.path, &["--only", part]);
            let report = run(["verify", "-o", "json", out.to_str().unwrap()]).json();
            let report = &report["snapshots"][0];
            for code in ["header-index", "index-above-header", "index-above-table"] {
                assert!(report["counts"].get(code).is_none(), "{} {part}: {report}", fixture.name);
            }
        }
    }
}

/// A token with links to the policy and the role.
fn token(n: u32, method: &str) -> Record {
    let id = format!("eeeeeeee-0000-4000-8000-0000000000{n:02}");
    let secret = format!("ffffffff-0000-4000-8000-0000000000{n:02}");
    acl::token(V, &id, &secret, "", &[(POLICY, "readers")], &[(ROLE, "people")], 80)
        .with("AuthMethod", method)
}

#[test]
fn tokens_bring_their_policies_and_roles_or_lose_the_links() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = cluster_records();
    records.push(token(1, ""));
    let input = file(dir.path(), records);
    let of = |more: &[&str]| {
        let new = rewritten("extract", &input, more);
        let mut records = summary(&new);
        records.retain(|r| r.starts_with("ACL"));
        let links = lines(&new, "ACLToken", |data| {
            let count = |field: &str| data[field].as_array().map_or(0, Vec::len);
            format!("{} {}", count("Policies"), count("Roles"))
        });
        (records.len(), links.concat())
    };
    assert_eq!(of(&["--only", "tokens"]), (4, "1 1".into()));
    assert_eq!(of(&["--only", "tokens", "--no-deps"]), (1, "0 0".into()));
    assert_eq!(of(&["--only", "tokens", "--drop", "roles"]), (2, "1 0".into()));
    assert_eq!(of(&["--drop", "policies"]), (2, "0 1".into()));
    assert_eq!(of(&["--filter", "policies=Name == writers"]), (4, "1 1".into()));
    let only = ["--filter", "policies=Name == writers", "--no-deps"];
    assert_eq!(of(&only), (3, "0 1".into()));
}

#[test]
fn a_cluster_full_of_junk_keys_and_login_tokens_is_made_small() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = cluster_records();
    records.push(acl::auth_method(V, "k8s", 90));
    records.push(token(1, ""));
    records.extend((2..60).map(|n| token(n, "k8s")));
    records.extend((0..5000).map(|n| kv::entry(format!("junk/{n:05}"), "x", 0, 100)));
    let spec = SnapshotSpec::new(records).in_section_order();
    // A server that no longer starts has only its data directory.
    let raft = dir.path().join("raft/snapshots");
    std::fs::create_dir_all(&raft).unwrap();
    spec.write_raft_dir(&raft).unwrap();
    let more = ["--drop-kv-prefix", "junk/", "--drop", "login-tokens"];
    let new = rewritten("extract", dir.path(), &more);
    assert_eq!(lines(&new, "KVS", |d| d["Key"].as_str().unwrap().to_owned()).len(), 4);
    assert_eq!(lines(&new, "ACLToken", |d| d["AccessorID"].to_string()).len(), 1);
    assert_eq!(lines(&new, "ACLAuthMethod", |d| d["Name"].to_string()).len(), 1);
    // Tokens of an auth method are left out with it.
    let new = rewritten("extract", dir.path(), &["--drop", "auth-methods"]);
    assert_eq!(lines(&new, "ACLToken", |d| d["AccessorID"].to_string()).len(), 1);
}

#[test]
fn imports_from_a_peer_go_with_the_peering() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = cluster_records();
    let node = catalog::Node { peer: "west".into(), ..catalog::Node::new("far", "", 95) };
    records.push(node.record(V));
    records.push(node.service_record(V, &catalog::Service::new("api-1", "api", 96)));
    let id = "abababab-0000-4000-8000-000000000001";
    records.push(peering::peering(id, "west", 97));
    records.push(peering::trust_bundle("west", 98));
    records.push(peering::secret(id, "99999999-0000-4000-8000-000000000001"));
    let input = file(dir.path(), records);
    let count = |more: &[&str]| {
        let new = rewritten("extract", &input, more);
        let far = lines(&new, "Register", |d| d["PeerName"].as_str().unwrap().to_owned());
        let peers = split(&new).iter().filter(|(kind, _)| matches!(kind, 35 | 38 | 40)).count();
        (far.iter().filter(|peer| *peer == "west").count(), peers)
    };
    assert_eq!(count(&[]), (2, 3));
    assert_eq!(count(&["--drop", "peerings"]), (0, 0));
    assert_eq!(count(&["--only", "catalog"]), (0, 0));
    assert_eq!(count(&["--only", "catalog,peerings"]), (2, 3));
}

#[test]
fn keys_are_renamed_unless_two_would_be_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let input = file(dir.path(), cluster_records());
    let new = rewritten("extract", &input, &["--only", "kv", "--rename-prefix", "app/=moved/"]);
    let keys = lines(&new, "KVS", |data| data["Key"].as_str().unwrap().to_owned());
    assert!(keys.contains(&"moved/one".to_owned()) && !keys.iter().any(|k| k.starts_with("app/")));
    let gone = lines(&new, "Tombstone", |data| data["Key"].as_str().unwrap().to_owned());
    assert_eq!(gone, ["moved/gone"]);

    let out = dir.path().join("out.snap");
    let ran = rewrite(
        "extract",
        &input,
        &out,
        &["--rename-prefix", "locks/=app/", "--rename-prefix", "app/one=app/0"],
    );
    assert_eq!(ran.code(), 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("1 in total") && !out.exists(), "{}", ran.stderr);

    // Servers refuse a key without a name.
    let ran = rewrite("extract", &input, &out, &["--rename-prefix", "app/one="]);
    assert_eq!(ran.code(), 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("nothing of the name") && !out.exists(), "{}", ran.stderr);
}

/// Renamed keys are in the order in which servers write keys: before all others, between two, after
/// all.
#[test]
fn renamed_keys_are_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut records: Vec<Record> = (0..3000)
        .flat_map(|n| ["a", "m", "z"].map(|p| (p, n)))
        .map(|(prefix, n)| kv::entry(format!("{prefix}/{n:04}"), "v".repeat(n % 90), 0, 60))
        .collect();
    records.extend((0..40).map(|n| kv::tombstone(format!("z/gone{n:02}"), 63)));
    records.extend((0..40).map(|n| kv::tombstone(format!("a/gone{n:02}"), 63)));
    records.push(cluster::index("kvs", 60));
    records.sort_by_key(|record| match record.body.get("Key") {
        Some(Val::Raw(key)) => key.clone(),
        _ => Vec::new(),
    });
    let input = file(dir.path(), records);
    let mut all = lines(&std::fs::read(&input).unwrap(), "KVS", |d| d.to_string());
    all.sort();
    for renames in [
        &["z/=0/"][..],
        &["a/=zz/"],
        &["a/=m/9", "z/=b/", "m/1=zzz/"],
        &["a/=q/", "m/=p/", "z/=o/"],
        &["=all/"],
    ] {
        let flags: Vec<&str> = renames.iter().flat_map(|r| ["--rename-prefix", r]).collect();
        let new = rewritten("extract", &input, &flags);
        for (kind, count) in [("KVS", 9000), ("Tombstone", 80)] {
            let keys = lines(&new, kind, |data| data["Key"].as_str().unwrap().to_owned());
            assert_eq!(keys.len(), count, "{renames:?}");
            assert!(keys.is_sorted(), "{renames:?} {kind}");
        }
        assert_eq!(lines(&new, "Index", |d| d["Key"].to_string()).len(), 1);
        let state = write(dir.path(), "new.bin", &new);
        let verified = run(["verify", "-o", "json", state.to_str().unwrap()]).json();
        let counts = &verified["snapshots"][0]["counts"];
        assert!(counts.get("record-order").is_none() && counts.get("section-order").is_none());
        // The result does not depend on the number of threads.
        let mut one = flags.clone();
        one.extend(["--jobs", "1"]);
        assert!(rewritten("extract", &input, &one) == new, "{renames:?}");
    }
    // Renaming back restores everything.
    let (_dir, there) = kept("extract", &input, &["--rename-prefix", "z/=0/"]);
    let back = rewritten("extract", &there, &["--rename-prefix", "0/=z/"]);
    assert!(back == fixtures::state_of(&std::fs::read(&input).unwrap()));
}

#[test]
fn prepared_queries_bring_their_token_or_lose_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = cluster_records();
    records.push(acl::auth_method(V, "k8s", 90));
    records.push(token(1, "k8s"));
    records.push(token(2, ""));
    let secret = "ffffffff-0000-4000-8000-000000000001";
    let query =
        |id: &str, token: &str| catalog::prepared_query(V, id, id, "web", 95).with("Token", token);
    records.push(query("12121212-0000-4000-8000-000000000001", secret));
    records.push(query("12121212-0000-4000-8000-000000000002", ""));
    // A missing reference stays, because nothing was left out.
    records.push(query("12121212-0000-4000-8000-000000000003", "gone"));
    let input = file(dir.path(), records);
    let of = |more: &[&str]| {
        let new = rewritten("extract", &input, more);
        let tokens = lines(&new, "PreparedQuery", |d| d["Token"].as_str().unwrap().to_owned());
        let mut acl = summary(&new);
        acl.retain(|r| r.starts_with("ACL"));
        (tokens, acl.len())
    };
    let with = |token: &str| vec![token.to_owned(), String::new(), "gone".to_owned()];
    // The token with its policy, its role and the role's policy, and its auth method.
    assert_eq!(of(&["--only", "queries"]), (with(secret), 5));
    assert_eq!(of(&["--only", "queries", "--no-deps"]), (with(""), 0));
    assert_eq!(of(&["--only", "queries", "--drop", "login-tokens"]), (with(""), 0));
    assert_eq!(of(&["--only", "queries,kv", "--drop", "auth-methods"]), (with(""), 0));
    assert_eq!(of(&["--drop", "acl"]), (with(""), 0));
    assert_eq!(of(&["--drop", "kv"]).0, with(secret));
    let out = dir.path().join("out.snap");
    let ran = rewrite("extract", &input, &out, &["--drop", "acl", "-o", "json"]);
    assert_eq!(ran.json()["query_tokens_removed"], 1);
}

#[test]
fn binding_rules_bring_the_roles_and_policies_they_give() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = cluster_records();
    records.push(acl::auth_method(V, "jwt", 90));
    let other = "dddddddd-0000-4000-8000-000000000002";
    records.push(acl::role(V, other, "team-a", &[(POLICY, "readers")], &[], 73));
    let rule = |n: u8, bind: (&str, &str)| {
        acl::binding_rule(V, &format!("13131313-0000-4000-8000-00000000000{n}"), "jwt", bind, 91)
    };
    for (bind, brought) in [
        (("role", "people"), vec!["writers", "people"]),
        (("policy", "readers"), vec!["readers"]),
        (("role", "team-${value.team}"), vec!["readers", "team-a"]),
        (("role", "${value.role}"), vec!["readers", "writers", "people", "team-a"]),
        (("service", "people"), vec![]),
    ] {
        let mut records = records.clone();
        records.push(rule(1, bind));
        let input = file(dir.path(), records);
        let new = rewritten("extract", &input, &["--only", "binding-rules"]);
        let name = |data: &Value| data["Name"].as_str().unwrap().to_owned();
        let mut kept = lines(&new, "ACLPolicy", name);
        kept.extend(lines(&new, "ACLRole", name));
        assert_eq!(kept, brought, "{bind:?}");
        assert_eq!(lines(&new, "ACLAuthMethod", name), ["jwt"]);
        let alone = rewritten("extract", &input, &["--only", "binding-rules", "--no-deps"]);
        assert!(!summary(&alone).iter().any(|r| r.starts_with("ACLRole")));
    }
}

#[test]
fn standard_input_is_read_twice_and_nothing_is_written_on_request() {
    let fixture = &all()[0];
    let snap = std::fs::read(&fixture.path).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.snap");
    let args = ["extract", "-", "--out", out.to_str().unwrap(), "--drop", "kv"];
    let ran = run_with(args, &snap);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let from_file = rewritten("extract", &fixture.path, &["--drop", "kv"]);
    assert!(fixtures::state_of(&std::fs::read(&out).unwrap()) == from_file);

    let before = std::fs::read(&out).unwrap();
    let ran = run(["extract", fixture.path.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("already exists; use --force to overwrite it"), "{}", ran.stderr);
    let dry = ["--dry-run", "-o", "json"];
    let ran = rewrite("extract", &fixture.path, &out, &dry);
    assert_eq!((ran.code(), ran.json()["written"].as_bool()), (0, Some(false)));
    assert!(std::fs::read(&out).unwrap() == before);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_damaged_snapshot_gives_what_is_left_and_says_so() {
    let fixture = crate::support::Fixture::snap("consul-1.21.4/small-a");
    let snap = std::fs::read(&fixture.path).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let input = write(dir.path(), "cut.snap", &snap[..snap.len() / 2]);
    let out = dir.path().join("out.snap");
    let ran = rewrite("extract", &input, &out, &["--only", "catalog"]);
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    assert!(ran.text().contains("Incomplete:"), "{}", ran.text());
    let verified = run(["inspect", out.to_str().unwrap()]);
    assert_eq!(verified.code(), 0, "{}", verified.stderr);
}

#[test]
fn selections_that_make_no_sense_are_refused() {
    let fixture = &all()[0];
    for (more, says) in [
        (&["--only", "keyvalues"][..], "unknown part"),
        (&["--filter", "kv"], "TYPE=EXPR"),
        (&["--filter", "locks=Key == a"], "cannot filter"),
        (&["--filter", "things=Key == a"], "unknown type"),
        (&["--filter", "kv=Kee == a"], "Kee"),
        (&["--rename-prefix", "a=a"], "OLD and NEW are both"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out.snap");
        let ran = rewrite("extract", &fixture.path, &out, more);
        assert_eq!(ran.code(), 2, "{more:?}");
        assert!(ran.stderr.contains(says), "{more:?}: {}", ran.stderr);
        assert!(!out.exists());
    }
}

#[test]
fn the_same_bytes_whatever_the_number_of_threads() {
    for command in ["extract", "redact"] {
        let dir = tempfile::tempdir().unwrap();
        let key = write(dir.path(), "key", b"0123456789abcdef0123");
        let fixture = crate::support::Fixture::snap("consul-1.8.7/small-a");
        let mut files = Vec::new();
        for jobs in ["1", "2", "5"] {
            let mut more = vec!["--jobs", jobs, "--threads", jobs];
            if command == "redact" {
                more.extend(["--pseudonymise", "--key-file", key.to_str().unwrap()]);
            } else {
                more.extend(["--drop", "sessions"]);
            }
            let (_dir, out) = kept(command, &fixture.path, &more);
            files.push(std::fs::read(out).unwrap());
        }
        assert!(files.windows(2).all(|pair| pair[0] == pair[1]), "{command}");
    }
}

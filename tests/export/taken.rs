//! Servers and Consul's commands accept everything in an export, or it is listed as not accepted.

use super::{done, export, json_file, json_files};
use crate::support::{Fixture, all, binary, finish, write};
use serde_json::Value;
use snapscope_testkit::ConsulServer;
use snapscope_testkit::consul;
use std::path::Path;
use std::process::Command;

/// Files of an export, and the servers that do not accept them, by what is listed; objects without
/// a file by their ID.
fn exceptions(folder: &Path) -> Vec<Value> {
    let path = folder.join("exceptions.jsonl");
    if path.exists() {
        crate::support::json_lines(&std::fs::read(path).unwrap())
    } else {
        Vec::new()
    }
}

/// Whether a line is about 1.8.7.
fn is_about_1_8_7(line: &Value) -> bool {
    let version =
        |text: &str| -> Vec<u64> { text.split('.').map(|n| n.parse().unwrap()).collect() };
    let ours = [1, 8, 7];
    match line["servers"].as_str().unwrap().split(' ').collect::<Vec<_>>()[..] {
        ["any", "version"] => true,
        ["before", until] => ours[..] < version(until)[..],
        [since, "and", "later"] => ours[..] >= version(since)[..],
        ref other => panic!("{other:?}"),
    }
}

/// A server's answers to the files of an export, except for those that are listed as not for it.
fn give(
    server: &ConsulServer,
    folder: &Path,
    kinds: &[(&str, &str)],
    first: &[&str],
) -> Vec<String> {
    let listed: Vec<Value> = exceptions(folder).into_iter().filter(is_about_1_8_7).collect();
    let mut refused = Vec::new();
    for (sub, endpoint) in kinds {
        let mut files: Vec<(String, Value)> = json_files(&folder.join(sub)).into_iter().collect();
        let order =
            |name: &str| first.iter().position(|f| name.starts_with(f)).unwrap_or(first.len());
        files.sort_by_key(|(name, _)| (order(name), name.clone()));
        for (name, body) in files {
            let file = if sub.is_empty() { name.clone() } else { format!("{sub}/{name}") };
            let known = sub.is_empty()
                && !snapscope_testkit::records::config::KINDS_1_8_7
                    .contains(&body["Kind"].as_str().unwrap());
            if known || listed.iter().any(|line| line["file"] == *file) {
                continue;
            }
            if let Err(why) = server.put(endpoint, body.to_string()) {
                // What is listed does not exist, so it cannot be linked.
                let name_of = |line: &Value| {
                    line["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
                };
                let missing =
                    listed.iter().any(|line| why.contains(&format!("{:?}", name_of(line))));
                if !missing {
                    refused.push(format!("{file}: {why}"));
                }
            }
        }
    }
    refused
}

/// Every export of every fixture goes into a real server, except for what is listed.
#[test]
fn what_a_real_server_does_not_take_is_listed() {
    let test = "what_a_real_server_does_not_take_is_listed";
    let Some(mut server) = ConsulServer::for_test(test) else { return };
    let empty = server.snapshot_save().unwrap();
    let dir = tempfile::tempdir().unwrap();
    for (at, fixture) in all().into_iter().enumerate() {
        server.snapshot_restore(&empty).unwrap();
        let folder = dir.path().join(format!("{at}-config"));
        done(&export(&fixture.path, "config-entries", &folder, &[]));
        let first = ["proxy-defaults__", "service-defaults__", "service-resolver__"];
        let mut refused = give(&server, &folder, &[("", "/v1/config")], &first);
        if exceptions(&folder)
            .iter()
            .any(|line| line["id"].as_str().unwrap().contains("-defaults/"))
        {
            // The protocol of a service is in an entry that is listed.
            refused.retain(|line| !line.contains("protocol"));
        }
        assert_eq!(refused, [""; 0], "{}", fixture.name);
        let folder = dir.path().join(format!("{at}-acl"));
        done(&export(&fixture.path, "acl", &folder, &[]));
        let kinds = [
            ("policies", "/v1/acl/policy"),
            ("roles", "/v1/acl/role"),
            ("auth-methods", "/v1/acl/auth-method"),
            ("binding-rules", "/v1/acl/binding-rule"),
            ("tokens", "/v1/acl/token"),
            ("legacy-tokens", "/v1/acl/create"),
        ];
        let mut refused = give(&server, &folder, &kinds, &[]);
        // The token for these requests is in some of the snapshots.
        refused.retain(|line| !line.contains("SecretID is already in use"));
        assert_eq!(refused, [""; 0], "{}", fixture.name);
        let keys = dir.path().join(format!("{at}.json"));
        done(&export(&fixture.path, "kv-json", &keys, &["--skip-unimportable"]));
        let consul = |args: &[&str]| {
            let mut command = Command::new(consul::binary().unwrap());
            command.args(args).env("CONSUL_HTTP_ADDR", server.http_addr().to_string());
            let ran = finish(command.env("CONSUL_HTTP_TOKEN", server.token()), b"");
            assert_eq!(ran.code(), 0, "{}: {}", fixture.name, ran.stderr);
            ran
        };
        consul(&["kv", "import", &format!("@{}", keys.display())]);
        let theirs = consul(&["kv", "export"]);
        assert!(std::fs::read(&keys).unwrap() == theirs.stdout, "{}", fixture.name);
    }
}

#[test]
fn what_servers_make_themselves_and_what_is_gone_has_no_body() {
    let dir = tempfile::tempdir().unwrap();
    let snap = Fixture::snap("consul-1.21.4/small-a").path;
    let folder = dir.path().join("acl");
    let ran = export(&snap, "acl", &folder, &[]);
    done(&ran);
    assert!(ran.stderr.contains("listed in exceptions.jsonl"), "{}", ran.stderr);
    let lines = exceptions(&folder);
    let left_out: Vec<&Value> = lines.iter().filter(|line| line["file"].is_null()).collect();
    let has = |kind: &str, name: &str, value: &str| {
        left_out.iter().any(|line| line["type"] == kind && line["object"][name] == value)
    };
    assert!(has("policy", "Name", "global-management"));
    assert!(has("policy", "Name", "builtin/global-read-only"));
    assert!(has("token", "SecretID", "anonymous"));
    for line in &lines {
        match line["file"].as_str() {
            Some(file) => assert!(folder.join(file).is_file(), "{line}"),
            None => assert!(line["object"].is_object(), "{line}"),
        }
    }
    let deleted =
        |line: &&Value| line["why"].as_str().unwrap().contains("links to deleted policies");
    let line = lines.iter().find(deleted).expect("a link to a policy that was deleted");
    let token = json_file(&folder.join(line["file"].as_str().unwrap()));
    let links = token["Policies"].as_array().unwrap();
    assert!(
        links.iter().all(|link| link.get("Name").is_some() && link.get("ID").is_none()),
        "{token}"
    );
    // Without the policies it is unknown whether they are deleted.
    let alone = dir.path().join("alone");
    done(&export(&snap, "acl", &alone, &["--type", "tokens"]));
    assert!(exceptions(&alone).iter().any(|l| l["why"].as_str().unwrap().contains("remain IDs")));

    let taken = i64::try_from(snapscope_testkit::snapshot::TAKEN_MS).unwrap() / 1000;
    let token = |n: u64, end: i64| {
        let id = |tail: u64| format!("10000000-0000-4000-8000-{tail:012}");
        let version = snapscope_testkit::shapes::ConsulVersion::V1_21_4;
        snapscope_testkit::records::acl::token(version, &id(n), &id(n + 10), "", &[], &[], 5)
            .with("ExpirationTime", snapscope_testkit::msgpack::time(end, 0, -1))
    };
    let spec =
        snapscope_testkit::SnapshotSpec::new(vec![token(1, taken - 1), token(2, taken + 60)]);
    let snap = write(dir.path(), "tokens.snap", &spec.snap());
    let folder = dir.path().join("expired");
    done(&export(&snap, "acl", &folder, &[]));
    let lines = exceptions(&folder);
    assert_eq!(lines.len(), 2);
    assert!(lines[0]["why"].as_str().unwrap().starts_with("it expired at"), "{}", lines[0]);
    assert_eq!((json_files(&folder.join("tokens")).len(), &lines[0]["file"]), (1, &Value::Null));
}

/// What a newer server stored is listed with the versions that do not know it.
#[test]
fn entries_are_listed_with_the_servers_that_do_not_take_them() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("entries");
    done(&export(&Fixture::snap("consul-1.21.4/small-a").path, "config-entries", &folder, &[]));
    let lines = exceptions(&folder);
    let about = |id: &str| -> Vec<(String, String)> {
        let of = lines.iter().filter(|line| line["id"] == id);
        let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
        of.map(|line| (text(line, "servers"), text(line, "why"))).collect()
    };
    let why = about("service-intentions/payments-worker");
    assert!(
        why.iter().any(|(servers, why)| servers == "any version" && why.contains("LegacyMeta")),
        "{why:?}"
    );
    let why = about("bound-api-gateway/gw-api-gateway");
    assert!(why.iter().any(|(_, why)| why.contains("create it themselves")), "{why:?}");
    let why = about("proxy-defaults/global");
    assert!(
        why.iter().any(|(servers, why)| servers == "before 1.16" && why.contains("AccessLogs")),
        "{why:?}"
    );
    // Nothing that 1.8.7 wrote is listed.
    let own = dir.path().join("own");
    done(&export(&Fixture::snap("consul-1.8.7/small-a").path, "config-entries", &own, &[]));
    assert!(exceptions(&own).is_empty());
}

#[test]
fn keys_that_an_import_does_not_write_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let odd = [
        ("/lead", "stops"),
        ("tab\tkey", "stops"),
        ("key\u{a0}nbsp", "stops"),
        ("k\u{2028}ls", "stops"),
        ("a//b", "elsewhere"),
        ("up/../etc/foo", "elsewhere"),
    ];
    let fine = ["dir/", "foo/bar/baz%2Fqux", "h#frag", "q?x=1", "qmslk\u{e7}j", "emoji\u{1f600}"];
    let refused_later = [" lead/space", "..%2F..%2Fetc%2Fpasswd"];
    let mut keys: Vec<&str> =
        odd.iter().map(|(key, _)| *key).chain(fine).chain(refused_later).collect();
    keys.sort_unstable();
    let records = keys.iter().map(|key| snapscope_testkit::records::kv::entry(key, "v", 0, 5));
    let spec = snapscope_testkit::SnapshotSpec::new(records.collect());
    let snap = write(dir.path(), "odd.snap", &spec.snap());
    let out = dir.path().join("keys.json");
    let ran = export(&snap, "kv-json", &out, &[]);
    done(&ran);
    assert_eq!(json_file(&out).as_array().unwrap().len(), keys.len());
    for (key, what) in odd {
        let line =
            ran.stderr.lines().find(|line| line.contains(&format!("\"{}\"", key.escape_default())));
        let escaped = format!("\"{}\"", key.as_bytes().escape_ascii());
        let line = line.or(ran.stderr.lines().find(|line| line.contains(&escaped)));
        assert!(line.is_some_and(|line| line.contains(what)), "{key:?}: {}", ran.stderr);
    }
    assert!(ran.stderr.contains("--skip-unimportable leaves them out"), "{}", ran.stderr);
    let later = "2 keys that servers from 1.22 on refuse";
    assert!(ran.stderr.contains(later), "{}", ran.stderr);
    let ran = export(&snap, "kv-json", &out, &["--force", "--skip-unimportable"]);
    done(&ran);
    let left: Vec<String> = json_file(&out)
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| pair["key"].as_str().unwrap().to_owned())
        .collect();
    let mut expected: Vec<&str> = fine.iter().chain(&refused_later).copied().collect();
    expected.sort_unstable();
    assert_eq!(left, expected);
    assert!(ran.stderr.contains("left out"), "{}", ran.stderr);
    let ran = export(&snap, "csv", &dir.path().join("csv"), &["--skip-unimportable"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("--skip-unimportable works with kv-json"), "{}", ran.stderr);
}

#[test]
fn standard_output_is_a_dash() {
    let dir = tempfile::tempdir().unwrap();
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    let to_output = |snap: &Path, format: &str| {
        let mut command = binary();
        command.args(["export", "--to", format, "--out", "-"]).arg(snap).current_dir(dir.path());
        finish(&mut command, b"")
    };
    for format in ["kv-json", "jsonl"] {
        let out = dir.path().join(format);
        done(&export(&fixture.path, format, &out, &[]));
        let ran = to_output(&fixture.path, format);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        assert!(ran.stdout == std::fs::read(&out).unwrap(), "{format}");
        // ./- is a file.
        let mut command = binary();
        command.args(["export", "--to", format, "--out", "./-"]).arg(&fixture.path);
        done(&finish(command.current_dir(dir.path()), b""));
        std::fs::remove_file(dir.path().join("-")).unwrap();
    }
    for format in ["config-entries", "acl", "csv", "sqlite"] {
        let ran = to_output(&fixture.path, format);
        assert_eq!((ran.code(), ran.text()), (2, ""), "{format}");
        assert!(ran.stderr.contains("to standard output; pass a path"), "{}", ran.stderr);
    }
    let state = fixture.state();
    let broken = write(dir.path(), "state.bin", &state[..state.len() * 3 / 4]);
    assert_eq!(to_output(&broken, "kv-json").code(), 3);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3, "nothing is written beside");
}

/// Secrets are not written to a screen: `script` gives the command a terminal.
#[cfg(target_os = "linux")]
#[test]
fn standard_output_is_no_terminal() {
    let snap = Fixture::snap("consul-1.21.4/small-a").path;
    let line = format!("{:?} export {:?} --to jsonl --out -", binary().get_program(), snap);
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).stdin(std::process::Stdio::null());
    let ran = finish(&mut command, b"");
    let text = String::from_utf8_lossy(&ran.stdout);
    assert!(text.contains("is not written to a terminal"), "{text}");
    assert_eq!(ran.code(), 2);
}

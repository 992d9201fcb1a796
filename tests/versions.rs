//! Snapshots of every version: who wrote them, their resources, their tokens, their policies.

use crate::support::{Fixture, in_parallel, json_lines, run, run_with, write};
use serde_json::{Value, json};
use snapscope_testkit::mutate::read_state;
use snapscope_testkit::{Record, SnapshotSpec, fixtures};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn of(name: &str) -> PathBuf {
    fixtures::root().join("versions").join(name)
}

fn lines(args: &[&str], path: &Path) -> Vec<Value> {
    let ran = run(args.iter().map(AsRef::as_ref).chain([path.as_os_str()]));
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{args:?} {}", path.display());
    ran.lines()
}

fn list(kind: &str, more: &[&str], path: &Path) -> Vec<Value> {
    let mut args = vec!["list", kind, "-o", "json"];
    args.extend(more);
    let ran = run(args.iter().map(AsRef::as_ref).chain([path.as_os_str()]));
    assert_eq!(ran.code(), 0, "{kind}: {}", ran.stderr);
    ran.json().as_array().unwrap().clone()
}

/// 392 records of all types of 1.17.3, and the 53 of a server that has some of its own: each is
/// equal to the output of that version's code.
#[test]
fn resources_are_that_version_s_own_json() {
    for (name, count) in [("resources-all", 392), ("resources-v2", 53)] {
        let fixture = Fixture::snap(&format!("consul-1.17.3/{name}"));
        let theirs = json_lines(&fixture.beside(".decode.jsonl").unwrap());
        let theirs: Vec<&Value> = theirs.iter().filter(|l| l["Type"] == "Resource").collect();
        let ours = lines(&["decode", "--type", "Resource"], &fixture.path);
        assert_eq!((theirs.len(), ours.len()), (count, count), "{name}");
        for (number, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            assert_eq!(ours["Data"], theirs["Data"], "{name} {number}");
        }
    }
}

/// From standard input, which cannot be read twice, the meaning of a field's number is determined
/// from the record alone.
#[test]
fn resources_of_a_real_server_are_right_from_standard_input() {
    let fixture = Fixture::snap("consul-1.17.3/resources-v2");
    let file = lines(&["decode", "--type", "Resource"], &fixture.path);
    let piped =
        run_with(["decode", "--type", "Resource", "-"], &std::fs::read(&fixture.path).unwrap());
    assert_eq!(piped.lines(), file);
}

#[test]
fn the_second_catalog_is_listed() {
    let path = Fixture::snap("consul-1.17.3/resources-v2").path;
    let of_kind = |kind: &str| {
        list("resources", &["--filter", &format!("id.type.kind == {kind:?}")], &path).len()
    };
    for (kind, of) in [
        ("v2-services", "Service"),
        ("v2-workloads", "Workload"),
        ("v2-health", "HealthStatus"),
        ("v2-permissions", "TrafficPermissions"),
    ] {
        let rows = list(kind, &[], &path);
        assert!(!rows.is_empty(), "{kind}");
        assert_eq!(rows.len(), of_kind(of), "{kind}");
        let table = run(["list", kind, path.to_str().unwrap()]);
        let first = rows[0]["id"]["name"].as_str().unwrap();
        assert!(table.text().contains(first), "{kind}: {}", table.text());
    }
    // Fields of a kind's data can be used in filters and as columns.
    let http = list("v2-workloads", &["--filter", "data.ports.http.port == 8080"], &path);
    assert!(!http.is_empty());
    let all = list("resources", &["--filter", "data.identity == api"], &path);
    assert!(all.iter().all(|row| row["id"]["type"]["kind"] == "Workload") && !all.is_empty());
    let one = run(["get", "v2-workload", path.to_str().unwrap(), "api-1", "--json"]);
    assert_eq!(one.code(), 0, "{}", one.stderr);
    assert_eq!(one.json()["data"]["identity"], "api");
    let groups = run(["breakdown", "--by", "kind", "-o", "json", path.to_str().unwrap()]).json();
    let names: Vec<&Value> =
        groups["groups"].as_array().unwrap().iter().map(|group| &group["kind"]).collect();
    assert!(names.contains(&&json!("resource catalog.v2beta1.Workload")), "{names:?}");
}

/// Permissions for all of a namespace or partition are listed with those for one identity.
#[test]
fn permissions_of_every_scope_are_listed() {
    use snapscope_testkit::Val;
    use snapscope_testkit::protobuf::Message;
    let kinds =
        ["TrafficPermissions", "NamespaceTrafficPermissions", "PartitionTrafficPermissions"];
    let records = kinds.iter().enumerate().map(|(at, kind)| {
        let source = Message::new().text(1, "api");
        let permission = Message::new().message(1, &source);
        // Those for one identity start with its name.
        let shift = u32::from(*kind == "TrafficPermissions");
        let data = Message::new().number(1 + shift, 2).message(2 + shift, &permission);
        let url = format!("type.googleapis.com/hashicorp.consul.auth.v2beta1.{kind}");
        let any = Message::new().text(1, url).message(2, &data);
        let of = Message::new().text(1, "auth").text(2, "v2beta1").text(3, *kind);
        let id = Message::new().text(1, format!("u{at}")).text(2, "p").message(3, &of);
        let resource = Message::new().message(1, &id).text(3, "7").message(7, &any);
        Record::new(42, Val::Raw(resource.into_bytes()))
    });
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.snap", &SnapshotSpec::new(records.collect()).snap());
    let rows = list("v2-permissions", &["--filter", "data.action == ACTION_ALLOW"], &path);
    let listed: Vec<&Value> = rows.iter().map(|row| &row["id"]["type"]["kind"]).collect();
    assert_eq!(listed, kinds);
    let table = run(["list", "v2-permissions", path.to_str().unwrap()]);
    assert_eq!(table.text().matches("api").count(), kinds.len(), "{}", table.text());
}

#[test]
fn secrets_of_links_to_hcp_are_masked() {
    use snapscope_testkit::Val;
    use snapscope_testkit::protobuf::Message;
    let link = Message::new().text(1, "organization/x").text(2, "client").text(3, "hunter2-secret");
    let any = Message::new()
        .text(1, "type.googleapis.com/hashicorp.consul.hcp.v2.Link")
        .message(2, &link);
    let of = Message::new().text(1, "hcp").text(2, "v2").text(3, "Link");
    let id = Message::new().text(1, "01HX").text(2, "global").message(3, &of);
    let resource = Message::new().message(1, &id).text(3, "7").message(7, &any);
    let record = Record::new(42, Val::Raw(resource.into_bytes()));
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.snap", &SnapshotSpec::new(vec![record]).snap());
    for form in ["table", "json", "csv"] {
        let ran = run(["list", "resources", "--wide", "-o", form, path.to_str().unwrap()]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        assert!(ran.text().contains("client"), "{}", ran.text());
        assert!(!ran.text().contains("hunter2"), "{form}: {}", ran.text());
    }
    let decoded = lines(&["decode", "--type", "Resource"], &path);
    assert_eq!(decoded[0]["Data"]["data"]["clientSecret"], "hunter2-secret");
    let found = run(["audit", "-o", "json", path.to_str().unwrap()]);
    assert!(!found.text().contains("hunter2"), "{}", found.text());
    let fields: Vec<Value> = found.json()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["type"] == "resource")
        .map(|finding| json!([finding["id"], finding["field"]]))
        .collect();
    assert_eq!(fields, [json!(["hcp/v2/Link/global", "data.clientSecret"])]);
}

/// Permissions that let in every identity of a namespace are found; those with a name, a rule or
/// exceptions are not.
#[test]
fn permissions_for_everybody_are_found() {
    use snapscope_testkit::Val;
    use snapscope_testkit::protobuf::Message;
    let permissions = |name: &str, action: u64, source: Message, rule: Option<Message>| {
        let mut permission = Message::new().message(1, &source);
        if let Some(rule) = rule {
            permission = permission.message(2, &rule);
        }
        let data = Message::new()
            .message(1, &Message::new().text(1, "web"))
            .number(2, action)
            .message(3, &permission);
        let any = Message::new()
            .text(1, "type.googleapis.com/hashicorp.consul.auth.v2beta1.TrafficPermissions")
            .message(2, &data);
        let of = Message::new().text(1, "auth").text(2, "v2beta1").text(3, "TrafficPermissions");
        let tenancy = Message::new().text(1, "default").text(2, "default");
        let id = Message::new().text(2, name).message(3, &of).message(4, &tenancy);
        let resource = Message::new().message(1, &id).text(3, "42").message(7, &any);
        Record::new(42, Val::Raw(resource.into_bytes()))
    };
    let any = || Message::new().text(2, "default").text(3, "default");
    let records = vec![
        permissions("open", 2, any(), None),
        permissions("denied", 1, any(), None),
        permissions("named", 2, any().text(1, "api"), None),
        permissions("paths", 2, any(), Some(Message::new().text(1, "/public"))),
        permissions("but", 2, any().message(6, &Message::new().text(1, "db")), None),
    ];
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.snap", &SnapshotSpec::new(records).snap());
    let found = run(["audit", "--only", "MESH002", "-o", "json", path.to_str().unwrap()]).json();
    let found: Vec<Value> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| json!([finding["id"], finding["message"], finding["modify_index"]]))
        .collect();
    let id = "auth/v2beta1/TrafficPermissions/default/default/open";
    let message = "Every service may connect to a service: * => web is allowed";
    assert_eq!(found, [json!([id, message, 42])]);
}

/// What is reported about who wrote a snapshot.
fn written_by(path: &Path) -> Value {
    let json = run(["inspect", "--more", "--format", "json", path.to_str().unwrap()]).json();
    json["More"]["WrittenBy"].clone()
}

fn number(text: &str) -> Vec<u64> {
    text.split('.').map(|part| part.parse().unwrap()).collect()
}

/// Whether the range includes the version, and no stored field contradicts it.
fn has(written: &Value, version: &str, what: &str) {
    if let Some(since) = written["Since"].as_str() {
        assert!(number(since) <= number(version), "{what}: {written}");
    }
    if let Some(until) = written["Until"].as_str() {
        assert!(number(until) > number(version), "{what}: {written}");
    }
    assert_eq!(written["Contradictory"], false, "{what}: {written}");
}

/// The range of versions that may have written a snapshot includes the one that did.
#[test]
fn the_version_is_told_by_what_is_stored() {
    let mut widths = BTreeMap::new();
    for fixture in crate::support::all() {
        let written = written_by(&fixture.path);
        let version = fixture.name["consul-".len()..].split('/').next().unwrap();
        has(&written, version, &fixture.name);
        assert!(!written["Evidence"].as_array().unwrap().is_empty(), "{}", fixture.name);
        widths.insert(fixture.name.clone(), (written["Since"].clone(), written["Until"].clone()));
    }
    // Both ends are known for servers that register no version.
    for name in ["consul-1.0.7/small-c", "consul-1.5.1/small-c"] {
        let (since, until) = &widths[name];
        assert!(since.is_string() && until.is_string(), "{name}: {since} {until}");
    }
    assert_eq!(widths["consul-1.17.3/resources-all"].0, "1.17.0");
}

/// Any part of a snapshot, down to a single record, gives a range that includes its version: a missing
/// field proves nothing.
#[test]
fn no_record_narrows_the_range_too_far() {
    in_parallel(crate::support::all(), |fixture| {
        let dir = tempfile::tempdir().unwrap();
        let version = fixture.name["consul-".len()..].split('/').next().unwrap();
        let (header, records) = read_state(&fixture.state());
        let kinds: BTreeSet<u8> = records.iter().map(|record| record.kind).collect();
        for kind in kinds {
            let mut state = header.clone();
            records.iter().filter(|r| r.kind == kind).for_each(|r| r.encode(&mut state));
            let path = write(dir.path(), "state.bin", &state);
            has(&written_by(&path), version, &format!("{} type {kind}", fixture.name));
        }
    });
}

/// Upgrades keep resources as they were encoded. Fields that a newer server would no longer write in them
/// do not exclude it.
#[test]
fn resources_of_an_older_server_do_not_end_the_range() {
    let old = Fixture::snap("consul-1.17.3/resources-v2");
    let (_, resources) = read_state(&old.state());
    let resources: Vec<_> = resources.into_iter().filter(|record| record.kind == 42).collect();
    assert!(resources.len() > 50);
    let dir = tempfile::tempdir().unwrap();
    for name in ["consul-1.17.3/small-c", "consul-1.21.4/small-a"] {
        let (mut state, mut records) = read_state(&Fixture::snap(name).state());
        records.retain(|record| record.kind != 42);
        records.extend(resources.clone());
        records.iter().for_each(|record| record.encode(&mut state));
        let path = write(dir.path(), "state.bin", &state);
        has(&written_by(&path), &name["consul-".len()..][..6], name);
    }
    let more = run(["inspect", "--more", dir.path().join("state.bin").to_str().unwrap()]);
    assert!(more.text().contains(" and later"), "{}", more.text());
}

/// A cluster of 1.5 that was upgraded to 1.17 has only servers of that version. It stores the
/// fields of that version, also around tokens and intentions from before.
#[test]
fn an_upgraded_cluster_is_of_its_new_version() {
    let (_, old) = read_state(&Fixture::snap("consul-1.5.1/small-c").state());
    let (header, new) = read_state(&Fixture::snap("consul-1.17.3/small-c").state());
    // The previous content of a token, in the struct of the new version.
    let of = |records: &[Record]| records.iter().find(|record| record.kind == 17).unwrap().clone();
    let (before, mut token) = (of(&old), of(&new));
    for field in ["AccessorID", "SecretID", "Description", "Policies", "Hash", "CreateTime"] {
        token = token.with(field, before.body.get(field).unwrap().clone());
    }
    let mut records = new;
    let at = records.iter().position(|record| record.kind == 17).unwrap();
    records.insert(at, token);
    let mut state = header;
    records.iter().for_each(|record| record.encode(&mut state));
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "state.bin", &state);
    has(&written_by(&path), "1.17.3", "upgraded");
}

/// A token of 1.5.1 with its own rules: its server allows it.
#[test]
fn rules_of_a_token_s_own_count_before_1_11() {
    let path = Fixture::snap("consul-1.5.1/small-c").path;
    let path = path.to_str().unwrap();
    let can =
        |who: &str, what: &[&str]| run([&["acl", "can", path, who][..], what].concat()).code();
    // "legacy client": key "" read, service "" write.
    assert_eq!(can("da4f218a", &["key", "read", "any/key"]), 0);
    assert_eq!(can("da4f218a", &["service", "write", "web"]), 0);
    assert_eq!(can("da4f218a", &["key", "write", "any/key"]), 1);
    let explained = run(["acl", "can", path, "da4f218a", "key", "read", "a"]);
    assert!(explained.text().contains("the fields it stores"), "{}", explained.text());
    // Not in 1.21, whichever version wrote the snapshot.
    let newer =
        run(["acl", "can", path, "da4f218a", "key", "read", "a", "--consul-version", "1.21.4"]);
    assert_eq!(newer.code(), 1);
}

/// The system before 1.4: tokens are identified by their secrets, which are not shown.
#[test]
fn legacy_tokens_are_tokens() {
    let fixture = Fixture::snap("consul-1.0.7/small-c");
    let path = fixture.path.to_str().unwrap();
    let api = fixture.api("acl_legacy_list").unwrap();
    let api = api.as_array().unwrap();
    let secrets: Vec<&str> = api.iter().map(|t| t["ID"].as_str().unwrap()).collect();
    let rows = list("tokens", &[], &fixture.path);
    assert_eq!(rows.len(), api.len());
    let table = run(["list", "tokens", path]);
    for secret in secrets.iter().filter(|secret| **secret != "anonymous") {
        assert!(!table.text().contains(secret), "{}", table.text());
    }
    assert!(table.text().to_lowercase().contains("legacy"), "{}", table.text());
    assert!(table.text().contains("management"));

    let can =
        |who: &str, what: &[&str]| run([&["acl", "can", path, who][..], what].concat()).code();
    // Management may do everything; the others what their rules say, with every name a prefix.
    assert_eq!(can("legacy:c717e720", &["acl", "write"]), 0);
    assert_eq!(can("legacy:c717e720", &["key", "write", "x"]), 0);
    assert_eq!(can("legacy:a8fd69c7", &["key", "read", "x/y"]), 0);
    assert_eq!(can("legacy:a8fd69c7", &["key", "write", "x/y"]), 1);
    assert_eq!(can("legacy:3e613b8b", &["key", "write", "foo/bar"]), 0);
    assert_eq!(can("anonymous", &["key", "read", "pub/x"]), 0);
    assert_eq!(can("anonymous", &["key", "read", "x"]), 1);
    // "my-old-token" is too short to be shown in part, so it is named by its index.
    assert_eq!(can("legacy:153", &["node", "read", "n"]), 0);
    let who = run(["acl", "who-can", "-o", "json", path, "acl", "write"]).json();
    assert_eq!(who["Tokens"].as_array().unwrap().len(), 2, "{who}");
    assert_eq!(run(["acl", "explain", path, "legacy:a8fd69c7"]).code(), 0);

    let audit = run(["audit", "-o", "json", path]);
    let findings = audit.json()["findings"].as_array().unwrap().clone();
    let management = findings.iter().filter(|f| f["rule"] == "ACL001").count();
    assert_eq!(management, 2, "{findings:?}");
    for secret in secrets.iter().filter(|secret| secret.len() > 16) {
        assert!(!String::from_utf8_lossy(&audit.stdout).contains(secret));
    }

    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("acl");
    let ran = run(["export", path, "--to", "acl", "--out", out.to_str().unwrap()]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let mut bodies: Vec<Value> = std::fs::read_dir(out.join("legacy-tokens"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
        .collect();
    // Every server has the anonymous token and refuses to create it, so it is listed as such.
    let exceptions = std::fs::read_to_string(out.join("exceptions.jsonl")).unwrap();
    assert!(exceptions.contains("anonymous"), "{exceptions}");
    let mut expected: Vec<Value> = api
        .iter()
        .filter(|t| t["ID"] != "anonymous")
        .map(|t| json!({"ID": t["ID"], "Name": t["Name"], "Type": t["Type"], "Rules": t["Rules"]}))
        .collect();
    let by = |token: &Value| token["ID"].to_string();
    bodies.sort_by_key(by);
    expected.sort_by_key(by);
    assert_eq!(bodies, expected);
    // A change of one is shown as that of a token.
    let diff = run([
        "diff",
        "-o",
        "jsonl",
        path,
        Fixture::snap("consul-1.5.1/small-c").path.to_str().unwrap(),
    ]);
    assert!(diff.text().contains("legacy:a8fd69c7"), "{}", diff.text());
}

/// JSON without its last braces, which servers accept.
#[test]
fn policies_without_their_last_brace_count() {
    let path = of("json-policy-missing-brace.snap");
    let ran = run(["acl", "who-can", "-o", "json", path.to_str().unwrap(), "acl", "write"]);
    assert_eq!(ran.code(), 0);
    let json = ran.json();
    assert_eq!(json["Errors"].as_array().map_or(0, Vec::len), 0, "{json}");
}

/// What was added after 1.21.4 is known by name.
#[test]
fn what_is_newer_than_1_21_is_known() {
    let path = of("newer-than-1.21.snap");
    let decoded = lines(&["decode"], &path);
    let entry = |kind: &str| {
        let found = decoded.iter().find(|line| line["Data"]["Entry"]["Kind"] == kind);
        found.unwrap_or_else(|| panic!("{kind}"))["Data"]["Entry"].clone()
    };
    let limit = entry("global-rate-limit");
    assert_eq!(limit["config"]["exclude_endpoints"], json!(["Health.Check"]));
    assert_eq!(
        (&limit["config"]["priority"], &limit["config"]["ReadRate"]),
        (&json!(true), &json!(10.5))
    );
    assert_eq!(limit["config"]["WriteRate"], Value::Null);
    assert_eq!(entry("inference-gateway")["PII"]["Detectors"][0]["Name"], "ssn");
    for filter in ["Ports.Name == grpc", "AI.Role == model", "Proxy.LocalServicePorts.Port == 1"] {
        let filter = format!("Data.Service.{filter}");
        let found = lines(&["decode", "--type", "Register", "--filter", &filter], &path);
        assert_eq!(found.len(), 1, "{filter}");
    }
    for (kind, filter) in [
        ("service-defaults", "MaxRequestHeadersKB == 96"),
        ("api-gateway", "Defaults.MaxConnections == 5"),
        ("http-route", "Rules.Filters.ExtProc.Mode == m"),
        ("mesh", "TLS.Incoming.ECDHCurves contains X25519"),
        ("bound-api-gateway", "Listeners.Hostname == h"),
        ("global-rate-limit", "config.priority == true"),
        ("inference-gateway", "Processor.BodyModelRouting == true"),
    ] {
        let filter = format!("Kind == {kind:?} and {filter}");
        assert_eq!(list("config-entries", &["--filter", &filter], &path).len(), 1, "{filter}");
    }
    let gates = list("feature-gates", &[], &path);
    assert_eq!(gates.len(), 1, "{gates:?}");
    assert_eq!(gates[0]["EffectiveEnabled"], false);
    assert_eq!(gates[0]["Reason"], "below-minimum-version");
    // A templated policy of a single rule.
    let can = run([
        "acl",
        "can",
        path.to_str().unwrap(),
        "11111111",
        "key",
        "write",
        "app/x",
        "--consul-version",
        "2.1.0",
        "--datacenter",
        "dc1",
    ]);
    // Its other template was removed in 1.20, and what servers do then is undefined.
    assert_eq!(can.code(), 2, "{}", can.stderr);
    assert!(can.stderr.contains("workload-identity"), "{}", can.stderr);
}

/// Numbers outside the range of a field's type are refused, and an expression may start with a
/// dash.
#[test]
fn filters_are_as_servers_have_them() {
    let path = of("service-defaults-uint32.snap");
    let path = path.to_str().unwrap();
    let with = |value: &str| {
        let filter = format!("UpstreamConfig.Defaults.PassiveHealthCheck.MaxFailures == {value}");
        run(["list", "config-entries", path, "--filter", &filter]).code()
    };
    assert_eq!((with("5"), with("4294967295")), (0, 0));
    assert_eq!((with("4294967296"), with("-1")), (2, 2));
    let small = Fixture::snap("consul-1.21.4/small-a").path;
    let small = small.to_str().unwrap();
    let nodes = run(["list", "nodes", small, "--filter", "-1 not in Meta"]);
    assert_eq!(nodes.code(), 0, "{}", nodes.stderr);
    assert!(nodes.text().lines().count() > 5);
    // A byte that is not UTF-8 matches as U+FFFD.
    for pattern in [r"^raw/.", "^raw/\u{fffd}", r"^raw/[^a-z]"] {
        let filter = format!("Key matches {pattern:?}");
        let keys = run(["list", "keys", small, "--filter", &filter]);
        assert_eq!(keys.code(), 0, "{}", keys.stderr);
        assert!(keys.text().contains("raw/"), "{pattern}: {}", keys.text());
    }
}

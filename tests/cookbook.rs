//! The cookbook: every command runs as written, and answers the question above it.

mod files;

use crate::cli::shell;
use crate::support::{Fixture, Ran, finish, json_lines, run, unpack_data_dir};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The jobs, each with its commands in order.
fn jobs() -> Vec<(String, Vec<String>)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cookbook.md");
    let page = std::fs::read_to_string(page).unwrap();
    let job = |part: &str| {
        let (title, body) = part.split_once('\n').unwrap();
        let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
        (title.to_owned(), lines.map(str::to_owned).collect())
    };
    page.split("\n## ").skip(1).map(job).collect()
}

/// The commands of a job that belong to this program.
fn own(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).filter(|line| line.starts_with("snapscope ")).collect()
}

struct Kitchen {
    dir: tempfile::TempDir,
    small: Fixture,
    secret: String,
}

impl Kitchen {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let small = Fixture::snap("consul-1.21.4/small-a");
        let copy = |name: &str, to: &str| {
            std::fs::copy(Fixture::snap(name).path, dir.path().join(to)).unwrap();
        };
        copy("consul-1.21.4/small-a", "backup.snap");
        copy("consul-1.21.4/evolve.before", "yesterday.snap");
        copy("consul-1.21.4/evolve.after", "today.snap");
        std::fs::create_dir(dir.path().join("backups")).unwrap();
        copy("consul-1.21.4/evolve.before", "backups/monday.snap");
        copy("consul-1.21.4/evolve.after", "backups/tuesday.snap");
        let whole = std::fs::read(&small.path).unwrap();
        std::fs::write(dir.path().join("damaged.snap"), &whole[..whole.len() / 2]).unwrap();
        unpack_data_dir("consul-1.21.4-wal", &dir.path().join("data"));
        let secret = Self::token(&small)["SecretID"].as_str().unwrap().to_owned();
        Self { dir, small, secret }
    }

    /// A token of the example.
    fn token(small: &Fixture) -> Value {
        let tokens = small.api("acl_tokens_each").unwrap();
        let is_plain = |token: &&Value| token["Description"] == "second admin";
        tokens.as_array().unwrap().iter().find(is_plain).unwrap().clone()
    }

    fn run(&self, line: &str) -> Ran {
        let mut command = shell(line, self.dir.path());
        finish(command.env("SECRET_ID", &self.secret), b"")
    }

    /// Runs a line that must succeed.
    fn done(&self, line: &str) -> Ran {
        let ran = self.run(line);
        assert_eq!(ran.code(), 0, "{line}: {}", ran.stderr);
        ran
    }

    fn json(&self, line: &str) -> Value {
        self.done(&format!("{line} -o json")).json()
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }
}

fn accessors(rows: &Value) -> BTreeSet<String> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["AccessorID"].as_str().unwrap().to_owned()).collect()
}

/// The API's answer about all tokens.
fn tokens(kitchen: &Kitchen, which: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let tokens = kitchen.small.api("acl_tokens_each").unwrap();
    let chosen = tokens.as_array().unwrap().iter().filter(|token| which(token)).cloned();
    accessors(&Value::Array(chosen.collect()))
}

fn who_can_write(kitchen: &Kitchen, lines: &[&str]) {
    let named = accessors(&kitchen.json(lines[0])["Tokens"]);
    assert!(!named.is_empty());
    for accessor in tokens(kitchen, |_| true) {
        let can = kitchen
            .run(&format!("snapscope acl can {accessor} key write config/prod/app-1 backup.snap"));
        assert_eq!(can.code() == 0, named.contains(&accessor), "{accessor}");
    }
    let text = kitchen.done(lines[0]);
    assert!(named.iter().all(|accessor| text.text().contains(accessor.as_str())));
}

fn what_filled(kitchen: &Kitchen, lines: &[&str]) {
    let records = json_lines(&kitchen.small.beside(".decode.jsonl").unwrap_or_default());
    let by_type = kitchen.json(lines[0]);
    let largest = &by_type["groups"][0];
    let count = records.iter().filter(|record| record["Type"] == largest["type"]).count();
    if !records.is_empty() {
        assert_eq!(largest["count"], count);
    }
    assert_eq!(largest["type"], "KVS");
    let folders = kitchen.json(lines[1]);
    let groups = folders["groups"].as_array().unwrap();
    let sizes: Vec<u64> = groups.iter().map(|group| group["bytes"].as_u64().unwrap()).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b) && sizes.len() > 10);
}

/// Without a terminal there is an error; the tests in `browse` have a terminal.
fn look_around(kitchen: &Kitchen, lines: &[&str]) {
    let ran = kitchen.run(lines[0]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("not a terminal"), "{}", ran.stderr);
}

fn get_back(kitchen: &Kitchen, lines: &[&str]) {
    kitchen.done(lines[0]);
    let keys: Value =
        serde_json::from_slice(&std::fs::read(kitchen.file("keys.json")).unwrap()).unwrap();
    let of = |value: &Value| value["key"].as_str().unwrap().to_owned();
    let keys: BTreeSet<String> = keys.as_array().unwrap().iter().map(of).collect();
    let all = Fixture::snap("consul-1.21.4/evolve.before").api("kv").unwrap();
    let below = all.as_array().unwrap().iter().map(|pair| pair["Key"].as_str().unwrap());
    let below: BTreeSet<String> =
        below.filter(|key| key.starts_with("config/dev/")).map(str::to_owned).collect();
    assert_eq!(keys, below);
    assert!(keys.contains("config/dev/shipping/frontend/settings/102"), "it was deleted");
}

fn undo(kitchen: &Kitchen, lines: &[&str]) {
    let ran = kitchen.run(lines[0]);
    assert_eq!(ran.code(), 1, "{}", ran.stderr);
    assert!(kitchen.file("undo/not-covered.jsonl").exists());
    let mut bodies = String::new();
    for entry in std::fs::read_dir(kitchen.file("undo/kv")).unwrap() {
        bodies.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    assert!(bodies.contains("config/dev/shipping/frontend/settings/102"), "{bodies}");
}

fn when(kitchen: &Kitchen, lines: &[&str]) {
    let history = kitchen.json(lines[0]);
    let events = history["clusters"][0]["events"].as_array().unwrap();
    let changed = events.iter().find(|event| event["change"] == "changed").unwrap();
    let after = Fixture::snap("consul-1.21.4/evolve.after").api("kv").unwrap();
    let is_it = |pair: &&Value| pair["Key"] == "config/dev/ads/indexer/settings/36";
    let pair = after.as_array().unwrap().iter().find(is_it).unwrap();
    assert_eq!(changed["index"], pair["ModifyIndex"]);
    assert!(kitchen.done(lines[0]).text().contains(&format!("at index {}", pair["ModifyIndex"])));
}

fn who_deleted(kitchen: &Kitchen, lines: &[&str]) {
    let text = kitchen.done(lines[0]);
    let deleted = text.text().split("  deleted ").nth(1).unwrap();
    let deleted = deleted.lines().nth(1).unwrap();
    assert!(
        deleted.contains("by alice-deploy") && deleted.contains("delete-tree kv/app/web/"),
        "{deleted}"
    );
}

fn whose(kitchen: &Kitchen, lines: &[&str]) {
    let accessor = Kitchen::token(&kitchen.small)["AccessorID"].as_str().unwrap().to_owned();
    let ran = kitchen.done(lines[0]);
    assert!(ran.text().starts_with(&format!("token {accessor} (second admin)")), "{}", ran.text());
    assert!(!ran.text().contains(&kitchen.secret) && !ran.stderr.contains(&kitchen.secret));
}

fn what_fails(kitchen: &Kitchen, lines: &[&str]) {
    let rows = kitchen.json(lines[0]);
    let id = |row: &Value| row["CheckID"].as_str().unwrap().to_owned();
    let found: BTreeSet<String> = rows.as_array().unwrap().iter().map(id).collect();
    let all = kitchen.small.api("health_state_any").unwrap();
    let failing = all.as_array().unwrap().iter();
    let failing: BTreeSet<String> = failing
        .filter(|row| row["Node"] == "ap-south-1-node-02" && row["Status"] != "passing")
        .map(id)
        .collect();
    assert_eq!(found, failing);
    assert!(!found.is_empty());
}

fn are_all_good(kitchen: &Kitchen, lines: &[&str]) {
    // The fixtures become older.
    let ran = kitchen.run(lines[0]);
    assert_eq!(ran.code(), 1, "{}", ran.text());
    let names = ["backups/monday.snap: ", "backups/tuesday.snap: ", "backups: stale: "];
    assert!(names.iter().all(|name| ran.text().contains(name)), "{}", ran.text());
    let whole = lines[0].replace("--max-age 26h ", "");
    assert_eq!(kitchen.run(&whole).code(), 0);
    let bytes = std::fs::read(kitchen.file("backups/tuesday.snap")).unwrap();
    std::fs::write(kitchen.file("backups/wednesday.snap"), &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(kitchen.run(lines[0]).code(), 3);
}

fn audit(kitchen: &Kitchen, lines: &[&str]) {
    kitchen.done(lines[0]);
    let all = kitchen.done("snapscope audit -o json today.snap").json();
    let new = kitchen.run(&format!("{} -o json", lines[1]));
    let known: Value =
        serde_json::from_slice(&std::fs::read(kitchen.file("known.json")).unwrap()).unwrap();
    let print = |finding: &Value| {
        // The next snapshot has another ID.
        let parts = match finding["type"] == "snapshot" {
            true => ["rule", "type", "type", "field"],
            false => ["rule", "type", "id", "field"],
        };
        parts.map(|part| finding[part].as_str().unwrap_or_default().to_owned())
    };
    let known: BTreeSet<_> = known["findings"].as_array().unwrap().iter().map(print).collect();
    let expected =
        all["findings"].as_array().unwrap().iter().filter(|f| !known.contains(&print(f)));
    let expected: Vec<&Value> = expected.collect();
    let found: Vec<Value> = new.json()["findings"].as_array().unwrap().clone();
    assert_eq!(found.iter().collect::<Vec<_>>(), expected);
    let fails =
        expected.iter().any(|f| ["medium", "high", "critical"].iter().any(|s| f["severity"] == *s));
    assert_eq!(kitchen.run(lines[1]).code(), i32::from(fails));
}

fn copy_a_policy(kitchen: &Kitchen, lines: &[&str]) {
    kitchen.done(lines[0]);
    let rules = std::fs::read_to_string(kitchen.file("key-read-a.hcl")).unwrap();
    let policies = kitchen.small.api("acl_policies_each").unwrap();
    let policy = policies.as_array().unwrap().iter().find(|p| p["Name"] == "key-read-a").unwrap();
    assert_eq!(rules.trim_end(), policy["Rules"].as_str().unwrap().trim_end());
}

fn never_expire(kitchen: &Kitchen, lines: &[&str]) {
    let found = accessors(&kitchen.json(lines[0]));
    let expected = tokens(kitchen, |token| token["ExpirationTime"].is_null());
    assert_eq!(found, expected);
    assert!(!found.is_empty() && found.len() < tokens(kitchen, |_| true).len());
}

fn with_a_policy(kitchen: &Kitchen, lines: &[&str]) {
    let found = accessors(&kitchen.json(lines[0]));
    let has = |token: &Value| {
        token["Policies"]
            .as_array()
            .is_some_and(|all| all.iter().any(|p| p["Name"] == "key-read-a"))
    };
    assert_eq!(found, tokens(kitchen, has));
    assert!(!found.is_empty());
}

fn sql(kitchen: &Kitchen, lines: &[String]) {
    let rows = kitchen.json(&lines[0]);
    let row = |row: &Value| {
        let count = row["count(distinct token)"].as_i64().unwrap();
        (row["policy"].as_str().unwrap().to_owned(), count)
    };
    let counts: BTreeMap<String, i64> = rows.as_array().unwrap().iter().map(row).collect();
    kitchen.done(&lines[1]);
    let database = rusqlite::Connection::open(kitchen.file("backup.db")).unwrap();
    let query = lines[0].split('"').nth(1).unwrap();
    let mut statement = database.prepare(query).unwrap();
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
    let exported: BTreeMap<String, i64> =
        statement.query_map([], row).unwrap().map(Result::unwrap).collect();
    assert_eq!(counts, exported);
    let all = kitchen.small.api("acl_tokens_each").unwrap();
    let own = all.as_array().unwrap().iter().filter(|token| {
        token["Policies"].as_array().is_some_and(|p| p.iter().any(|p| p["Name"] == "service-web-a"))
    });
    // Roles may add further ones.
    assert!(counts["service-web-a"] >= i64::try_from(own.count()).unwrap(), "{counts:?}");
    assert!(counts.len() > 5);
}

/// One field of all objects, from the API.
fn names(kitchen: &Kitchen, path: &str, field: &str) -> BTreeSet<String> {
    let all = kitchen.small.api(path).unwrap();
    all.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

fn inspect(kitchen: &Kitchen, lines: &[&str]) {
    let shown = kitchen.json(lines[0]);
    let meta: Value = serde_json::from_slice(&kitchen.small.meta()).unwrap();
    assert_eq!((&shown["Meta"]["ID"], &shown["Meta"]["Index"]), (&meta["ID"], &meta["Index"]));
    let text = kitchen.done(lines[0]);
    let has = |name: &str, value: &str| {
        let line = text.text().lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        assert!(line.contains(value), "{name}: {line}");
    };
    // The ID ends with the time in milliseconds.
    has("Created", "2026-11-23T03:08:33Z");
    has("Datacenter", "dc1");
    has("Consul", "1.21.4");
    has("Integrity", "verified");
}

fn largest(kitchen: &Kitchen, lines: &[&str]) {
    let pairs = kitchen.small.api("kv").unwrap();
    let mut sizes: Vec<usize> = pairs
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| pair["Value"].as_str().map_or(0, str::len))
        .collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let found = kitchen.json(lines[0]);
    let found = found["records"].as_array().unwrap();
    assert_eq!(found.len(), 10);
    for record in found {
        let is_it = |pair: &&Value| pair["Key"] == record["name"];
        let pair = pairs.as_array().unwrap().iter().find(is_it).unwrap();
        assert!(pair["Value"].as_str().unwrap().len() >= sizes[10], "{record}");
    }
}

fn locks(kitchen: &Kitchen, lines: &[&str]) {
    let key = |row: &Value| row["Key"].as_str().unwrap().to_owned();
    let found: BTreeSet<String> =
        kitchen.json(lines[0]).as_array().unwrap().iter().map(key).collect();
    let pairs = kitchen.small.api("kv").unwrap();
    let locked = pairs.as_array().unwrap().iter().filter(|pair| !pair["Session"].is_null());
    assert_eq!(found, locked.map(key).collect());
    assert!(!found.is_empty());
}

fn secrets_in_keys(kitchen: &Kitchen, lines: &[&str]) {
    let report = kitchen.json(lines[0]);
    let findings = report["findings"].as_array().unwrap();
    let found: BTreeSet<&str> = findings.iter().map(|f| f["id"].as_str().unwrap()).collect();
    let planted: Value =
        serde_json::from_slice(&kitchen.small.beside(".planted.json").unwrap()).unwrap();
    let is_secret = |row: &&Value| row[0] == "kv" && row[2] == "fake";
    let planted: Vec<&str> = planted
        .as_array()
        .unwrap()
        .iter()
        .filter(is_secret)
        .map(|row| row[1].as_str().unwrap())
        .collect();
    let missed: Vec<&&str> = planted.iter().filter(|key| !found.contains(**key)).collect();
    assert!(planted.len() > 10 && missed.len() * 10 < planted.len(), "missed: {missed:?}");
    assert!(!kitchen.done(lines[0]).text().contains("PRIVATE KEY-----\\nM"));
}

fn all_policies(kitchen: &Kitchen, lines: &[&str]) {
    let rules = |rows: &Value| -> BTreeMap<String, String> {
        let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
        rows.as_array().unwrap().iter().map(|row| (text(row, "Name"), text(row, "Rules"))).collect()
    };
    let found = rules(&kitchen.done(lines[0]).json());
    assert_eq!(found, rules(&kitchen.small.api("acl_policies_each").unwrap()));
    assert!(found.len() > 10);
}

fn unused(kitchen: &Kitchen, lines: &[&str]) {
    let links = |path: &str, field: &str| -> BTreeSet<String> {
        let rows = kitchen.small.api(path).unwrap();
        let of = |row: &Value| row[field].as_array().cloned().unwrap_or_default();
        let links = rows.as_array().unwrap().iter().flat_map(of);
        links.map(|link| link["ID"].as_str().unwrap().to_owned()).collect()
    };
    let mut used = links("acl_tokens_each", "Policies");
    used.extend(links("acl_roles", "Policies"));
    let report = kitchen.json(lines[0]);
    let of = |rule: &str| -> BTreeSet<String> {
        let findings = report["findings"].as_array().unwrap().iter();
        let findings = findings.filter(|finding| finding["rule"] == rule);
        findings.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
    };
    let (policies, roles) = (of("ACL026"), of("ACL030"));
    assert!(policies.is_disjoint(&used) && !policies.is_empty() && !roles.is_empty());
    // A policy that is neither linked nor reported is granted by a binding rule, or built in.
    let rest = names(kitchen, "acl_policies_each", "ID").into_iter();
    let rest = rest.filter(|id| !used.contains(id) && !policies.contains(id));
    for id in rest {
        let policies = kitchen.small.api("acl_policies_each").unwrap();
        let policy = policies.as_array().unwrap().iter().find(|p| p["ID"] == id).unwrap().clone();
        let rules = kitchen.small.api("acl_binding_rules").unwrap();
        let binds = |rule: &Value| rule["BindName"] == policy["Name"];
        let is_built_in = policy["Name"].as_str().unwrap().starts_with("builtin/");
        assert!(is_built_in || rules.as_array().unwrap().iter().any(binds), "{policy}");
    }
    assert!(roles.is_disjoint(&links("acl_tokens_each", "Roles")));
}

#[test]
fn every_job_is_done_by_the_commands_in_the_cookbook() {
    let kitchen = Kitchen::new();
    let mut seen = 0;
    for (title, lines) in jobs() {
        let commands = own(&lines);
        assert!(matches!(commands.len(), 1..=3), "{title}: {lines:?}");
        seen += 1;
        match title.as_str() {
            "Which tokens can write a key?" => who_can_write(&kitchen, &commands),
            "What filled my snapshot?" => what_filled(&kitchen, &commands),
            "Look around in a snapshot, over ssh" => look_around(&kitchen, &commands),
            "Get back one deleted folder of keys" => get_back(&kitchen, &commands),
            "Undo all changes since yesterday" => undo(&kitchen, &commands),
            "When did this change?" => when(&kitchen, &commands),
            "Who deleted this key?" => who_deleted(&kitchen, &commands),
            "Whose is this SecretID?" => whose(&kitchen, &commands),
            "What fails on a node?" => what_fails(&kitchen, &commands),
            "Are all backups good?" => are_all_good(&kitchen, &commands),
            "Audit in CI, against a baseline" => audit(&kitchen, &commands),
            "Copy a policy to another cluster" => copy_a_policy(&kitchen, &commands),
            "Which tokens never expire?" => never_expire(&kitchen, &commands),
            "Which tokens have a policy?" => with_a_policy(&kitchen, &commands),
            "SQL over tokens and policies" => sql(&kitchen, &lines),
            "What is in a snapshot, how old is it, and where is it from?" => {
                inspect(&kitchen, &commands)
            }
            "Which keys are the largest?" => largest(&kitchen, &commands),
            "How fast does it grow?" => files::growth(&kitchen, &commands),
            "A page for a ticket or an auditor" => files::page(&kitchen, &commands),
            "Which keys are locked, and by whom?" => locks(&kitchen, &commands),
            "Does another version of Consul restore it?" => {
                files::other_version(&kitchen, &commands)
            }
            "Make a snapshot of a server that does not start" => {
                files::from_disk(&kitchen, &commands)
            }
            "Rescue a truncated or damaged snapshot" => files::rescue(&kitchen, &commands),
            "A copy without secrets, for support" => files::without_secrets(&kitchen, &commands),
            "Are there secrets in keys?" => secrets_in_keys(&kitchen, &commands),
            "Get rid of leaked login tokens" => files::without_logins(&kitchen, &commands),
            "All policies with their rules" => all_policies(&kitchen, &commands),
            "Which policies and roles are unused?" => unused(&kitchen, &commands),
            "Who changed a key?" => files::who_changed(&kitchen, &commands),
            "Get back a value from before a mistake" => {
                files::before_a_mistake(&kitchen, &commands)
            }
            // The jobs below need a server.
            "A nightly backup"
            | "Rehearse a restore"
            | "Bring back a folder of keys into the running cluster"
            | "Bring back a token with its policies" => {}
            other => panic!("no test does {other:?}"),
        }
    }
    assert_eq!(seen, 34);
}

#[cfg(feature = "live")]
#[test]
fn jobs_with_a_cluster_are_done() {
    use snapscope_testkit::ConsulServer;
    let Some(server) = ConsulServer::for_test("jobs_with_a_cluster_are_done") else { return };
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("backups")).unwrap();
    server.put("/v1/kv/kept", "1").unwrap();
    let at = |line: &str| {
        let mut shell = shell(line, dir.path());
        shell.env("CONSUL_HTTP_ADDR", server.http_addr().to_string());
        finish(shell.env("CONSUL_HTTP_TOKEN", server.token()), b"")
    };
    let lines = |wanted: &str| {
        let found = jobs().into_iter().find(|(title, _)| title == wanted).unwrap().1;
        own(&found).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let [nightly] = &lines("A nightly backup")[..] else { panic!("one command") };
    assert_eq!(at(nightly).code(), 0);
    let entry = std::fs::read_dir(dir.path().join("backups")).unwrap().next().unwrap().unwrap();
    let saved = run(["get", "kv", "kept", entry.path().to_str().unwrap()]);
    assert_eq!(saved.text(), "1");
    std::fs::copy(entry.path(), dir.path().join("backup.snap")).unwrap();
    server.put("/v1/kv/later", "2").unwrap();
    let [rehearsal] = &lines("Rehearse a restore")[..] else { panic!("one command") };
    let ran = at(&format!("{rehearsal} -o json"));
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let plan = ran.json();
    let keys = plan["Types"].as_array().unwrap().iter().find(|row| row["Name"] == "KVS").unwrap();
    assert_eq!((&keys["Removed"], &keys["Added"]), (&1.into(), &0.into()), "{keys}");

    let yesterday = Fixture::snap("consul-1.21.4/evolve.before");
    std::fs::copy(&yesterday.path, dir.path().join("yesterday.snap")).unwrap();
    let below = || {
        let keys = server.get_json("/v1/kv/config/dev/?keys").unwrap_or_default();
        keys.as_array().map_or(0, Vec::len)
    };
    let [plan, apply, undo] = &lines("Bring back a folder of keys into the running cluster")[..]
    else {
        panic!("three commands")
    };
    let ran = at(&format!("{plan} -o json"));
    assert_eq!((ran.code(), below()), (0, 0), "{}", ran.stderr);
    let planned = ran.json()["summary"]["kv"]["create"].as_u64().unwrap();
    assert_eq!(at(apply).code(), 0);
    assert!(planned > 5 && below() as u64 == planned, "{planned}");
    assert_eq!((at(undo).code(), below()), (0, 0));
    let [token] = &lines("Bring back a token with its policies")[..] else { panic!("one command") };
    let ran = at(&format!("{token} -o json"));
    let summary = &ran.json()["summary"];
    assert_eq!((ran.code(), &summary["token"]["create"]), (0, &1.into()), "{}", ran.stderr);
    assert!(summary["role"]["create"] == 1 && summary["policy"]["create"].as_u64() > Some(0));
}

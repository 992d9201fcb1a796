//! Who changed an object, according to a server's Raft log: `history` and `diff`, compared with
//! states of the log, the lines of `log`, and the list of all calls that were made.

use crate::support::{Ran, data_dir, recorded, run, write};
use serde_json::Value;
use snapscope_raftlog::{Entry, EntryKind, RaftLog};
use snapscope_testkit::raftlog::{LogEntry, WalOptions, write_wal};
use snapscope_testkit::{Meta, SnapshotSpec};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

const SERVERS: [(&str, u64); 2] = [("consul-1.8.7", 920), ("consul-1.21.4-wal", 959)];

fn of(ran: &Ran, codes: &[i32]) -> Vec<Value> {
    assert!(codes.contains(&ran.code()), "{}", ran.stderr);
    ran.lines()
}

fn log(data: &str, filter: &str) -> Vec<Value> {
    of(&run(["log", data, "-o", "jsonl", "--filter", filter]), &[0])
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// The objects of a kind at an index, as `history` shows them, by ID.
fn listed(kind: &str, place: &str) -> BTreeMap<String, Value> {
    let ran = run(["list", kind, "-o", "jsonl", "--show-secrets", place]);
    let id = |object: &Value| match kind {
        "kv" | "locks" => text(object, "Key").to_owned(),
        "services" => text(object, "Name").to_owned(),
        "config-entries" => format!("{}/{}", text(object, "Kind"), text(object, "Name")),
        "tokens" => text(object, "AccessorID").to_owned(),
        "instances" => format!("{}/{}", text(object, "Node"), text(object, "ServiceID")),
        _ => text(object, "ID").to_owned(),
    };
    let all = of(&ran, &[0, 1]).into_iter().map(|mut object| {
        // A list of a state in a log also has times.
        let fields = object.as_object_mut().unwrap();
        ["CreateTime", "ModifyTime"].iter().for_each(|field| drop(fields.remove(*field)));
        (id(&object), object)
    });
    // Tokens from before 1.4 have no accessor.
    all.filter(|(id, _)| !id.is_empty()).collect()
}

/// The events of a history, applied one after the other, give the states in between.
#[test]
fn the_history_of_a_log_leads_to_its_states() {
    for (server, last) in SERVERS {
        let (_dir, data) = data_dir(server);
        for kind in ["kv", "sessions", "policies", "tokens", "instances", "services", "locks"] {
            let args = ["history", kind, "--prefix", "", "-o", "jsonl", "--show-secrets", &data];
            let ran = run(args);
            let events = of(&ran, &[0]);
            assert_eq!(ran.stderr, "", "{server} {kind}");
            let index = |event: &Value| event["index"].as_u64().unwrap();
            assert!(events.windows(2).all(|pair| index(&pair[0]) <= index(&pair[1])));
            // Objects that are joined from several records depend on many of them.
            let is_joined = ["services", "locks"].contains(&kind);
            let at_each = (1..=last).filter(|at| is_joined && at % 150 == 0);
            for at in at_each.chain([last / 2, last]) {
                let mut state = BTreeMap::new();
                for event in events.iter().filter(|event| index(event) <= at) {
                    let id = text(event, "id").to_owned();
                    if id.starts_with("legacy:") {
                        continue;
                    }
                    match &event["after"] {
                        Value::Null => state.remove(&id),
                        after => state.insert(id, after.clone()),
                    };
                }
                let expected = listed(kind, &format!("{data}@{at}"));
                let ids =
                    |state: &BTreeMap<String, Value>| state.keys().cloned().collect::<Vec<_>>();
                assert_eq!(ids(&state), ids(&expected), "{server} {kind} at {at}");
                if is_joined {
                    assert_eq!(state, expected, "{server} {kind} at {at}");
                }
                if kind == "kv" {
                    let fields = ["Value", "Flags", "Session", "ModifyIndex", "CreateIndex"];
                    for (id, object) in &expected {
                        for field in fields {
                            assert_eq!(state[id][field], object[field], "{server} {id} at {at}");
                        }
                    }
                }
            }
            // The log has a line for each of these writes, with the same token.
            let lines = log(&data, "effect == changed");
            let lines: BTreeMap<u64, &Value> =
                lines.iter().map(|line| (line["index"].as_u64().unwrap(), line)).collect();
            for event in &events {
                let line = lines[&index(event)];
                for field in ["index", "term", "time", "type", "accessor", "who", "auth_method"] {
                    assert_eq!(event["write"][field], line[field], "{server} {kind} {event}");
                }
            }
        }
    }
}

/// An event of a lock is one of its key, or of its session.
#[test]
fn locks_and_services_change_through_others() {
    for (server, _) in SERVERS {
        let (_dir, data) = data_dir(server);
        let all = |kind: &str| {
            let args = ["history", kind, "--prefix", "", "-o", "jsonl", &data];
            of(&run(args), &[0])
        };
        let through = |events: &[Value], change: &str| -> BTreeSet<String> {
            let events = events.iter().filter(|event| event["change"] == change);
            events
                .map(|event| {
                    let write = &event["write"];
                    let (kind, _) = text(write, "object").split_once('/').unwrap_or_default();
                    format!("{} {kind}", text(write, "op"))
                })
                .collect()
        };
        let locks = all("locks");
        let acquired = through(&locks, "created");
        assert!(acquired.contains("lock kv"), "{server}: {acquired:?}");
        let lost = through(&locks, "deleted");
        assert!(
            lost.contains("unlock kv") && lost.contains("destroy session"),
            "{server}: {lost:?}"
        );
        let services = all("services");
        let registered = through(&services, "created");
        assert!(registered.contains("register service"), "{server}: {registered:?}");
        let changed = through(&services, "changed");
        assert!(changed.contains("register check"), "{server}: {changed:?}");
        assert!(through(&services, "deleted").iter().any(|op| op.starts_with("deregister")));
        // Events of one object, with its author; locks are keys.
        let event = locks.iter().find(|event| event["write"]["op"] == "lock").unwrap();
        let told = run(["history", "lock", text(event, "id"), &data]);
        let by = format!("by {}", text(&event["write"], "who"));
        assert!(told.text().contains(&by) && told.text().contains(", lock\n"), "{}", told.text());
        let event = services.iter().find(|event| event["change"] == "changed").unwrap();
        let told = run(["history", "services", text(event, "id"), &data]);
        assert!(told.text().contains(", through "), "{}", told.text());
    }
}

/// Every deletion of a key, with the call that deleted it.
#[test]
fn deletions_have_their_authors() {
    for (server, _) in SERVERS {
        let (_dir, data) = data_dir(server);
        let truth = fs::read_to_string(recorded(server).join("truth.jsonl")).unwrap();
        let mut deleted = 0;
        for call in truth.lines() {
            let call: Value = serde_json::from_str(call).unwrap();
            let path = text(&call, "path");
            let Some(key) = path.strip_prefix("/v1/kv/").filter(|key| !key.contains(['?', '%']))
            else {
                continue;
            };
            if call["method"] != "DELETE" || call["status"] != 200 {
                continue;
            }
            let events = of(&run(["history", "kv", key, "-o", "jsonl", &data]), &[0, 1]);
            let is_it = |event: &&Value| {
                let write = &event["write"];
                event["change"] == "deleted" && write["op"] == "delete" && write["type"] == "KVS"
            };
            // A missing key is not deleted.
            let authors: BTreeSet<&str> = events
                .iter()
                .filter(is_it)
                .map(|event| text(&event["write"], "accessor"))
                .collect();
            let deletes = format!("op == delete and type == KVS and object == \"kv/{key}\"");
            let mut lines = log(&data, &deletes);
            lines.retain(|line| line["effect"] == "changed");
            assert_eq!(events.iter().filter(is_it).count(), lines.len(), "{server} {key}");
            let expected: BTreeSet<&str> =
                lines.iter().map(|line| text(line, "accessor")).collect();
            assert_eq!(authors, expected, "{server} {key}");
            deleted += lines.len();
            if deleted > 20 {
                break;
            }
        }
        assert!(deleted > 5, "{server}: {deleted}");
    }
}

/// A consequence names its command; the text has the same facts as JSON.
#[test]
fn consequences_name_the_command() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let trees = log(&data, "op == \"delete-tree\" and effect == changed");
    let (index, object) = (&trees[0]["index"], text(&trees[0], "object"));
    let events = ["history", "kv", "--prefix", "", "-o", "jsonl", &data];
    let events = of(&run(events), &[0]);
    let event = events.iter().find(|event| event["index"] == *index).unwrap();
    assert_eq!(event["change"], "deleted");
    assert_eq!(event["write"]["object"], object);
    let told = run(["history", "kv", text(event, "id"), &data]);
    let who = text(&trees[0], "who");
    for said in [
        format!("at index {index}"),
        format!("by {who}"),
        format!("through delete-tree {object}"),
        "each change up to index 959".to_owned(),
    ] {
        assert!(told.text().contains(&said), "{said}: {}", told.text());
    }
    // Without a log, the author is unknown.
    let plain = run([
        "history",
        "kv",
        text(event, "id"),
        recorded("consul-1.21.4-wal").join("s4.snap").to_str().unwrap(),
    ]);
    assert!(!plain.text().contains(who), "{}", plain.text());
}

#[test]
fn snapshots_and_a_log_are_one_history() {
    for (server, _) in SERVERS {
        let (dir, data) = data_dir(server);
        let snapshot = |number: u8| recorded(server).join(format!("s{number}.snap"));
        let (s1, s3) = (snapshot(1), snapshot(3));
        let (s1, s3) = (s1.to_str().unwrap(), s3.to_str().unwrap());
        let all = ["history", "kv", "--prefix", "", "-o", "jsonl", &data];
        let both = ["history", "kv", "--prefix", "", "-o", "jsonl", "--log", &data, s1, s3];
        assert_eq!(of(&run(all), &[0]), of(&run(both), &[0]), "{server}");
        // Without the snapshots next to it, a log from the first entry on has everything.
        fs::remove_dir_all(dir.path().join("raft/snapshots")).unwrap();
        assert_eq!(of(&run(both), &[0]), of(&run(all), &[0]), "{server}");
        // The log of other servers continues no snapshot.
        let id = "7-300-1795403400000".to_owned();
        let meta = Meta { term: 7, id, ..Meta::at(300) };
        let other = SnapshotSpec { meta, ..SnapshotSpec::new(Vec::new()) };
        let other = write(dir.path(), "other.snap", &other.snap());
        let other = other.to_str().unwrap();
        let out = dir.path().join("out.snap");
        let out = out.to_str().unwrap();
        for args in [
            &["diff", "--log", &data, s3, other][..],
            &["at", "--index", "500", "--log", &data, "--out", out, other],
            &["list", "kv", "--log", &data, other],
        ] {
            let ran = run(args);
            let says = "does not continue this snapshot: entry 300 has term 2 in the log, 7 in the snapshot";
            assert!(ran.code() == 2 && ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
        }
    }
}

/// A log whose first entries were removed continues the older of the snapshots next to it. After
/// damage, the part before it is shown.
#[test]
fn a_log_without_its_beginning_continues_a_snapshot() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let all = of(&run(["history", "kv", "--prefix", "", "-o", "jsonl", &data]), &[0]);
    let dir = tempfile::tempdir().unwrap();
    let (cut, name) = (dir.path().join("raft"), dir.path().to_str().unwrap());
    let log = RaftLog::open(Path::new(&data)).unwrap().unwrap();
    let mut entries = Vec::new();
    let mut take = |entry: Entry<'_>| {
        let time = entry.appended_at.map(|at| (at.unix_seconds(), at.nanos.unsigned_abs()));
        entries.push(LogEntry {
            index: entry.index,
            term: entry.term,
            kind: match entry.kind {
                EntryKind::Command => 0,
                EntryKind::Noop => 1,
                EntryKind::Barrier => 4,
                _ => 5,
            },
            data: entry.data.to_vec(),
            extensions: entry.extensions.to_vec(),
            appended_at: time,
        });
        ControlFlow::Continue(())
    };
    log.walk(720, &mut |finding| panic!("{finding:?}"), &mut take).unwrap();
    write_wal(
        &cut.join("wal"),
        entries.into_iter(),
        WalOptions { batch: 8, ..WalOptions::default() },
    )
    .unwrap();
    for snapshot in fs::read_dir(Path::new(&data).join("raft/snapshots")).unwrap() {
        let snapshot = snapshot.unwrap();
        let to = cut.join("snapshots").join(snapshot.file_name());
        fs::create_dir_all(&to).unwrap();
        for file in ["meta.json", "state.bin"] {
            fs::copy(snapshot.path().join(file), to.join(file)).unwrap();
        }
    }
    let history = ["history", "kv", "--prefix", "", "-o", "jsonl", name];
    let events = of(&run(history), &[0]);
    let from = all.iter().position(|event| event["index"].as_u64().unwrap() > 751).unwrap();
    // A tombstone in the snapshot is from a time that the log does not cover.
    let of_log: Vec<&Value> = events.iter().filter(|event| event["write"].is_object()).collect();
    assert_eq!(of_log, all[from..].iter().collect::<Vec<_>>());
    assert!(events.iter().all(|e| e["write"].is_object() || e["index"].as_u64() <= Some(751)));

    let mut files = fs::read_dir(cut.join("wal")).unwrap().map(|file| file.unwrap().path());
    let segment = files.find(|path| path.extension().is_some_and(|e| e == "wal")).unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[end / 2] ^= 0x40;
    fs::write(&segment, &bytes).unwrap();
    let ran = run(history);
    assert_eq!(ran.code(), 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("damaged: entr") && ran.stderr.contains(" missing"));
    let left = ran.lines();
    let left: Vec<&Value> = left.iter().filter(|event| event["write"].is_object()).collect();
    assert!(!left.is_empty() && left.len() < of_log.len());
    assert!(left.iter().zip(&of_log).all(|(left, whole)| left == whole));
}

/// A token that is in no snapshot was created and deleted in the log.
#[test]
fn objects_between_snapshots_are_found_by_name() {
    for (server, _) in SERVERS {
        let (_dir, data) = data_dir(server);
        let deleted: BTreeSet<String> = log(&data, "type == ACLTokenDelete and effect == changed")
            .iter()
            .map(|line| text(line, "object").strip_prefix("token/").unwrap().to_owned())
            .collect();
        assert!(!deleted.is_empty(), "{server}");
        for accessor in deleted.iter().take(3) {
            let events = of(&run(["history", "token", accessor, "-o", "jsonl", &data]), &[0]);
            let changes: Vec<&str> = events.iter().map(|event| text(event, "change")).collect();
            assert_eq!(changes.first(), Some(&"created"), "{server} {accessor}");
            assert_eq!(changes.last(), Some(&"deleted"), "{server} {accessor}");
            // The start of its accessor suffices, and its secret is not shown.
            let short = run(["history", "token", &accessor[..13], "-o", "jsonl", &data]);
            assert_eq!(of(&short, &[0]), events);
            assert!(events[0]["after"]["SecretID"].as_str().unwrap().contains("masked"));
        }
    }
}

#[test]
fn a_diff_names_who_made_each_change() {
    for (server, last) in SERVERS {
        let (_dir, data) = data_dir(server);
        let (from, to) = (last / 3, last - 50);
        let (a, b) = (format!("{data}@{from}"), format!("{data}@{to}"));
        let changes = of(&run(["diff", "-o", "jsonl", "--limit", "0", &a, &b]), &[1]);
        assert!(changes.len() > 50, "{server}");
        let lines = log(&data, "effect == changed");
        let lines: BTreeMap<u64, &Value> =
            lines.iter().map(|line| (line["index"].as_u64().unwrap(), line)).collect();
        for change in &changes {
            let writes = change["writes"].as_array().unwrap();
            assert!(!writes.is_empty(), "{server} {change}");
            for write in writes {
                let index = write["index"].as_u64().unwrap();
                assert!(index > from && index <= to, "{server} {change}");
                for field in ["time", "type", "accessor", "who"] {
                    assert_eq!(write[field], lines[&index][field], "{server} {change}");
                }
            }
            if change["type"] == "kv" && !change["after"].is_null() {
                let last = &writes.last().unwrap()["index"];
                assert_eq!(*last, change["after"]["ModifyIndex"], "{server} {change}");
            }
        }
        // The same writes caused the difference in the other direction, and without a log no author
        // is named.
        let back = of(&run(["diff", "-o", "jsonl", &b, &a]), &[1]);
        let writes = |changes: &[Value]| -> BTreeMap<String, Value> {
            let id = |change: &Value| format!("{}/{}", text(change, "type"), text(change, "id"));
            changes.iter().map(|change| (id(change), change["writes"].clone())).collect()
        };
        assert_eq!(writes(&changes), writes(&back), "{server}");
        let snapshot = |number: u8| recorded(server).join(format!("s{number}.snap"));
        let (s1, s3) = (snapshot(1), snapshot(3));
        let plain = ["diff", "-o", "jsonl", s1.to_str().unwrap(), s3.to_str().unwrap()];
        let without = of(&run(plain), &[1]);
        assert!(without.iter().all(|change| change.get("writes").is_none()));
        let with = of(&run(plain.into_iter().chain(["--log", &data])), &[1]);
        assert_eq!(without.len(), with.len());
        assert!(with.iter().all(|change| !change["writes"].as_array().unwrap().is_empty()));
        let table = run(["diff", "--type", "kv", &a, &b]);
        assert!(table.text().contains("    at index "), "{}", table.text());
        assert!(table.text().contains(", by "), "{}", table.text());
    }
}

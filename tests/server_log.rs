//! A server's Raft log: its lines, compared with the list of all calls that were made; and states
//! at its indexes, compared with the server's own snapshots.

use crate::support::{Ran, data_dir, recorded, run};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use snapscope_testkit::ConsulVersion;
use snapscope_testkit::raftlog::{WalOptions, Writes, write_wal};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

const SERVERS: [(&str, u64); 2] = [("consul-1.8.7", 920), ("consul-1.21.4-wal", 959)];

fn lines(args: &[&str]) -> Vec<Value> {
    let ran = run(["log"].iter().chain(args).chain(&["-o", "jsonl"]));
    let lines = ran.lines();
    // The reason is stated if there is no line.
    assert_eq!((ran.code(), ran.stderr.is_empty()), (0, !lines.is_empty()), "{args:?}");
    lines
}

/// A call as the log must show it: with whose token, and to what.
struct Call {
    at: f64,
    accessor: String,
    object: String,
    kind: &'static str,
    /// Whether it is in the log only if there is something to delete.
    may_be_missing: bool,
    text: String,
}

fn percent_decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if bytes[at] == b'%' {
            out.push(u8::from_str_radix(&path[at + 1..at + 3], 16).unwrap());
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The calls that were answered 200 and are in the log with a token. ACL writes have none, and
/// agents write later what they received.
fn calls(server: &str) -> Vec<Call> {
    let text = fs::read_to_string(recorded(server).join("truth.jsonl")).unwrap();
    let calls = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    calls.filter_map(|call| expected(&call, server)).collect()
}

fn expected(call: &Value, server: &str) -> Option<Call> {
    let text = |name: &str| call[name].as_str().map(str::to_owned);
    let (path, answer) = (text("path")?, text("answer").unwrap_or_default());
    // A lock during its delay is refused before it reaches the log.
    if call["status"] != 200 || (path.contains("acquire=") && answer.starts_with("false")) {
        return None;
    }
    let (name, query) = path.split_once('?').unwrap_or((&path, ""));
    let rest = name.strip_prefix("/v1/")?;
    let id = || serde_json::from_str::<Value>(&answer).unwrap()["ID"].as_str().unwrap().to_owned();
    let last = || rest.rsplit('/').next().unwrap().to_owned();
    let object = match rest.split('/').next()? {
        "kv" => format!("kv/{}", percent_decoded(rest.strip_prefix("kv/")?)),
        "catalog" => String::new(),
        "session" if rest == "session/create" => format!("session/{}", id()),
        "session" => format!("session/{}", last()),
        "query" if rest == "query" => format!("query/{}", id()),
        "query" => format!("query/{}", last()),
        "config" if rest == "config" => "config-entry/".to_owned(),
        "config" => format!("config-entry/{}", rest.strip_prefix("config/")?),
        "txn" => String::new(),
        "connect" if rest.starts_with("connect/intentions") => "intention/".to_owned(),
        "connect" if rest == "connect/ca/configuration" => "ca-".to_owned(),
        "operator" => "autopilot".to_owned(),
        _ => return None,
    };
    let kind = match rest.split('/').next()? {
        "kv" => "KVS",
        "catalog" if rest == "catalog/register" => "Register",
        "catalog" => "Deregister",
        "session" => "Session",
        "query" => "PreparedQuery",
        "config" => "ConfigEntry",
        "txn" => "Txn",
        "operator" => "Autopilot",
        _ if rest.starts_with("connect/ca/") => "ConnectCA",
        _ => "Intention",
    };
    // 1.21.4 does not log the deletion of a missing config entry, or of a missing intention in one.
    let may_be_missing = call["method"] == "DELETE"
        && ["ConfigEntry", "Intention"].contains(&kind)
        && server == "consul-1.21.4-wal";
    let text = format!("{} {path} {query}", call["method"]);
    Some(Call {
        at: call["at"].as_f64()?,
        accessor: call["accessor"].as_str()?.to_owned(),
        object,
        kind,
        may_be_missing,
        text,
    })
}

/// The time of writing according to a line.
fn seconds(line: &Value) -> Option<f64> {
    let time: jiff::Timestamp = line["time"].as_str()?.parse().unwrap();
    Some(time.as_nanosecond() as f64 / 1e9)
}

#[test]
fn every_entry_is_listed_and_every_call_is_there_with_its_token() {
    for (server, last) in SERVERS {
        let (_dir, data) = data_dir(server);
        let lines = lines(&[&data]);
        let indexes: BTreeSet<u64> =
            lines.iter().map(|line| line["index"].as_u64().unwrap()).collect();
        assert!(indexes.iter().copied().eq(1..=last), "{server}");
        let calls = calls(server);
        assert!(calls.len() > 700, "{server}: {}", calls.len());
        let is_it = |line: &Value, call: &Call| {
            line["accessor"] == call.accessor
                && line["type"] == call.kind
                && line["object"].as_str().unwrap_or_default().starts_with(&call.object)
                && (!call.may_be_missing || line["op"] == "delete")
                && seconds(line).is_none_or(|time| (time - call.at).abs() < 2.0)
        };
        let find = |range: Range<usize>, call: &Call| {
            lines[range.clone()]
                .iter()
                .position(|line| is_it(line, call))
                .map(|at| range.start + at)
        };
        // First the required ones, in order; then the others between them.
        let mut next = 0;
        let required: Vec<Option<usize>> = calls
            .iter()
            .map(|call| {
                let found = (!call.may_be_missing).then(|| find(next..lines.len(), call))?;
                let at = found.unwrap_or_else(|| panic!("{server}: {} is not there", call.text));
                assert_eq!(lines[at]["time"] == Value::Null, server == "consul-1.8.7");
                next = at + 1;
                Some(at)
            })
            .collect();
        let (mut next, mut deletes) = (0, 0);
        for (number, call) in calls.iter().enumerate() {
            if let Some(at) = required[number] {
                next = at + 1;
                continue;
            }
            let end = required[number..].iter().flatten().next().copied().unwrap_or(lines.len());
            if let Some(at) = find(next..end, call) {
                next = at + 1;
                deletes += 1;
            }
        }
        // All required ones were found.
        let is_delete = |line: &&Value| {
            line["op"] == "delete"
                && (line["type"] == "ConfigEntry" || line["type"] == "Intention")
                && line["accessor"] != Value::Null
        };
        if server == "consul-1.21.4-wal" {
            assert_eq!(deletes, lines.iter().filter(is_delete).count(), "{server}");
        }
        // Tokens are found by their secrets, which are not shown.
        let newest = recorded(server).join("s4.snap");
        let shown = [&["list", "tokens"][..], &["--show-secrets", "-o", "jsonl"]].concat();
        let tokens = run(shown.into_iter().chain([newest.to_str().unwrap()])).lines();
        assert!(tokens.len() > 20, "{server}");
        for output in ["csv", "table", "json"] {
            let text = run(["log", &data, "-o", output]).stdout;
            let text = String::from_utf8_lossy(&text);
            for token in &tokens {
                let secret = token["SecretID"].as_str().unwrap();
                assert!(secret == "anonymous" || !text.contains(secret), "{server} {output}");
            }
        }
    }
}

#[test]
fn writes_that_changed_nothing_are_marked() {
    for (server, _) in SERVERS {
        let (_dir, data) = data_dir(server);
        let truth = fs::read_to_string(recorded(server).join("truth.jsonl")).unwrap();
        let truth: Vec<Value> =
            truth.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let failed = |what: &str, status: u64, answer: &str| {
            let is_one = |call: &&Value| {
                call["path"].as_str().is_some_and(|path| path.contains(what))
                    && call["status"] == status
                    && call["answer"].as_str().is_some_and(|text| text.starts_with(answer))
            };
            truth.iter().filter(is_one).count()
        };
        let cas = lines(&[&data, "--filter", "op == cas and type == KVS and effect == refused"]);
        assert_eq!(cas.len(), failed("cas=", 200, "false"), "{server}");
        assert!(!cas.is_empty());
        let refused = lines(&[&data, "--filter", "type == Txn and effect == refused"]);
        let transactions: BTreeSet<u64> =
            refused.iter().map(|line| line["index"].as_u64().unwrap()).collect();
        assert_eq!(transactions.len(), failed("/v1/txn", 409, ""), "{server}");
        let changed = lines(&[&data, "--filter", "effect == changed"]);
        assert!(changed.len() > 500, "{server}: {}", changed.len());
    }
}

#[test]
fn lines_are_chosen() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let below = lines(&[&data, "--object", "kv/app/web"]);
    let is_below = |line: &Value| line["object"].as_str().unwrap().starts_with("kv/app/web/");
    assert!(below.len() > 3 && below.iter().all(is_below));
    let one = below[1]["object"].as_str().unwrap();
    let is_of_one = |line: &Value| line["object"] == one || line["op"] == "delete-tree";
    assert!(lines(&[&data, "--object", one]).iter().all(is_of_one));
    // A key that was deleted with its folder.
    let gone = lines(&[&data, "--object", "kv/doomed/tree/1/x"]);
    let ops: Vec<&Value> = gone.iter().map(|line| &line["op"]).collect();
    assert_eq!(ops, ["set", "delete-tree"]);
    assert_eq!(gone[1]["object"], "kv/doomed/tree/");
    assert!(lines(&[&data, "--object", "kv/doomed/tr"]).is_empty());
    let who = below[0]["who"].as_str().unwrap();
    let accessor = below[0]["accessor"].as_str().unwrap();
    let by_name = lines(&[&data, "--who", who]);
    assert_eq!(by_name, lines(&[&data, "--who", accessor]));
    assert!(by_name.iter().all(|line| line["accessor"] == accessor));
    assert!(lines(&[&data, "--who", "-"]).iter().all(|line| line["who"] == Value::Null));

    let range = lines(&[&data, "--since", "100", "--until", "110"]);
    let indexes: BTreeSet<u64> = range.iter().map(|line| line["index"].as_u64().unwrap()).collect();
    assert!(indexes.into_iter().eq(100..=110));
    let time = |index: u64| {
        let line = lines(&[&data, "--since", &index.to_string(), "--until", &index.to_string()]);
        line[0]["time"].as_str().unwrap().to_owned()
    };
    let (from, to) = (time(300), time(310));
    let timed = lines(&[&data, "--since", &from, "--until", &to]);
    assert_eq!(timed.first().unwrap()["index"], 300);
    assert_eq!(timed.last().unwrap()["index"], 310);

    let (_dir, old) = data_dir("consul-1.8.7");
    let ran = run(["log", &old, "--since", "2026-01-01"]);
    assert!(ran.code() == 2 && ran.stderr.contains("doesn't say when"), "{}", ran.stderr);
    let ran = run(["log", &old, "--filter", "nothing == 1"]);
    assert!(ran.code() == 2 && ran.stderr.contains("nothing"), "{}", ran.stderr);
}

#[test]
fn one_entry_and_counts() {
    let (_dir, data) = data_dir("consul-1.8.7");
    let shown = run(["log", "show", "920", &data]).json();
    assert_eq!(shown["command"], "KVS");
    assert_eq!(shown["request"]["DirEnt"]["Key"], "app/web/5");
    for field in [&shown["request"]["Token"], &shown["request"]["DirEnt"]["Value"]] {
        assert!(field.as_str().unwrap().starts_with("<masked "), "{field}");
    }
    let whole = run(["log", "show", "920", &data, "--show-secrets"]).json();
    assert_eq!(whole["request"]["DirEnt"]["Value"], "v419 ");
    let missing = run(["log", "show", "921", &data]);
    assert!(
        missing.code() == 1 && missing.stderr.contains("it has 1 to 920"),
        "{}",
        missing.stderr
    );

    let counts = run(["log", "stats", &data, "-o", "jsonl"]).lines();
    let entries: u64 = counts.iter().map(|count| count["entries"].as_u64().unwrap()).sum();
    assert_eq!(entries, run(["log", &data, "-o", "jsonl"]).lines().len() as u64);
    for by in ["op", "who", "object", "minute"] {
        assert_eq!(run(["log", "stats", "--by", by, &data]).code(), 0, "{by}");
    }
}

fn records(snapshot: &Path) -> Vec<Value> {
    let ran = run(["decode", snapshot.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{}", snapshot.display());
    // The first line is meta.json, whose ID contains the time of writing.
    ran.lines().split_off(1)
}

fn at(args: &[&str], out: &Path) -> Ran {
    let out = ["--out", out.to_str().unwrap(), "--force"];
    run(["at"].iter().chain(args).chain(&out))
}

/// The state at the index of each of the server's snapshots: from its data directory, and from the
/// previous snapshot.
#[test]
fn a_state_in_the_log_is_the_servers_own_snapshot() {
    for (server, _) in SERVERS {
        let (_dir, data) = data_dir(server);
        let elsewhere = tempfile::tempdir().unwrap();
        let out = elsewhere.path().join("out.snap");
        let mut before = None::<PathBuf>;
        for number in 0..5 {
            let own = recorded(server).join(format!("s{number}.snap"));
            let inspected = run(["inspect", own.to_str().unwrap(), "-format=json"]).json();
            let index = inspected["Meta"]["Index"].to_string();
            let ran = at(&["--index", &index, &data], &out);
            assert_eq!(ran.code(), 0, "{}", ran.stderr);
            assert_eq!(records(&out), records(&own), "{server} at {index}");
            let made = run(["inspect", out.to_str().unwrap(), "-format=json"]).json();
            for field in ["Index", "Term"] {
                assert_eq!(made["Meta"][field], inspected["Meta"][field], "{server}");
            }
            if let Some(before) = &before {
                let before = before.to_str().unwrap();
                let ran = at(&["--index", &index, before, "--log", &data], &out);
                assert_eq!(ran.code(), 0, "{}", ran.stderr);
                assert_eq!(records(&out), records(&own), "{server} at {index}, from {before}");
            }
            before = Some(own);
        }
        let ran = at(&["--index", "5000", &data], &out);
        assert!(
            ran.code() == 2 && ran.stderr.contains("the log has no entry 5000"),
            "{}",
            ran.stderr
        );
        let newest = before.unwrap();
        let ran = at(&["--index", "500", newest.to_str().unwrap(), "--log", &data], &out);
        assert!(ran.code() == 2 && ran.stderr.contains("name an older one"), "{}", ran.stderr);
    }
}

/// The same as a FILE of any command.
#[test]
fn a_file_can_be_an_index_or_a_time_of_a_log() {
    let (dir, data) = data_dir("consul-1.21.4-wal");
    let out = dir.path().join("out.snap");
    assert_eq!(at(&["--index", "600", &data], &out).code(), 0);
    let out = out.to_str().unwrap();
    let name = format!("{data}@600");
    let kv = ["list", "kv", "-o", "jsonl", "--show-secrets"];
    let ran = run(kv.iter().copied().chain([name.as_str()]));
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("index 600 (2026-11-29T21:17:28Z)"), "{}", ran.stderr);
    assert_eq!(ran.stdout, run(kv.iter().copied().chain(["--log", &data, out])).stdout);

    let time =
        lines(&[&data, "--since", "600", "--until", "600"])[0]["time"].as_str().unwrap().to_owned();
    let by_time = run(["diff", &name, &format!("{data}@{time}")]);
    assert_eq!(by_time.code(), 0, "{}{}", by_time.stderr, by_time.text());
    let later = run(["diff", &name, &format!("{data}@700")]);
    assert_eq!(later.code(), 1, "{}", later.stderr);

    let missing = run(["list", "kv", &format!("{data}@5000")]);
    assert!(missing.code() == 2 && missing.stderr.contains("no entry 5000"), "{}", missing.stderr);
    // A file with that name takes precedence.
    fs::copy(out, dir.path().join("a@7")).unwrap();
    let file = dir.path().join("a@7");
    assert_eq!(run(["inspect", file.to_str().unwrap()]).code(), 0);
}

/// The sources of an answer can be proven later.
#[test]
fn a_manifest_has_the_sums_of_all_files() {
    let (dir, data) = data_dir("consul-1.21.4-wal");
    let manifest = dir.path().join("manifest.json");
    let name = manifest.to_str().unwrap();
    let ran = run(["log", &data, "-o", "csv", "--manifest", name]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""));
    let sums = |path: &Path| -> Vec<(String, u64, String)> {
        let text: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let inputs = text["inputs"].as_array().unwrap().iter();
        let text = |input: &Value, name: &str| input[name].as_str().unwrap().to_owned();
        inputs
            .map(|input| {
                (text(input, "path"), input["bytes"].as_u64().unwrap(), text(input, "sha256"))
            })
            .collect()
    };
    let listed = sums(&manifest);
    assert_eq!(listed.len(), 6, "{listed:?}");
    for (path, bytes, sum) in &listed {
        let content = fs::read(path).unwrap();
        assert_eq!(content.len() as u64, *bytes, "{path}");
        let own: String = Sha256::digest(&content).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(own, *sum, "{path}");
    }
    let again = run(["log", &data, "--manifest", name]);
    assert!(again.code() == 2 && again.stderr.contains("already exists"), "{}", again.stderr);

    let base = recorded("consul-1.21.4-wal").join("s0.snap");
    let (out, other) = (dir.path().join("out.snap"), dir.path().join("other.json"));
    let args = [base.to_str().unwrap(), "--log", &data, "--manifest", other.to_str().unwrap()];
    let ran = at(&[&["--index", "700"], &args[..]].concat(), &out);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert_eq!(sums(&other).last().unwrap().0, base.to_str().unwrap());
    assert_eq!(sums(&other).len(), 7);
}

/// Entries that a server removed from its log stay in its file for a while.
#[test]
fn removed_entries_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let (all, cut) = (dir.path().join("all"), dir.path().join("cut"));
    let writes = |first| Writes::new(ConsulVersion::V1_21_4, first, 5);
    // Two segments, of which the list has only the second, whose last batch has no commit.
    let options = WalOptions { batch: 4, segment: 20_000 };
    write_wal(&all, writes(1).take(200), options).unwrap();
    let names = |folder: &Path| {
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|e| e == "wal")).collect();
        files.sort();
        files
    };
    let segments = names(&all);
    assert!(segments.len() > 2);
    let second = fs::read(&segments[1]).unwrap();
    let first = u64::from_le_bytes(second[8..16].try_into().unwrap());
    write_wal(&cut, writes(1).skip(usize::try_from(first).unwrap() - 1).take(3), options).unwrap();
    fs::copy(&segments[0], cut.join(segments[0].file_name().unwrap())).unwrap();
    let name = cut.to_str().unwrap();
    let plain = lines(&[name, "--no-effects"]);
    assert_eq!(plain.first().unwrap()["index"], first);
    let deep = lines(&[name, "--no-effects", "--deep"]);
    let unvouched: Vec<&Value> = deep.iter().filter(|line| line["effect"] == "unvouched").collect();
    let indexes: BTreeSet<u64> =
        unvouched.iter().map(|line| line["index"].as_u64().unwrap()).collect();
    assert!(indexes.into_iter().eq(1..first));
    assert_eq!(deep.len(), unvouched.len() + plain.len());
    // They are the original entries.
    let before =
        lines(&[all.to_str().unwrap(), "--no-effects", "--until", &(first - 1).to_string()]);
    for (line, before) in unvouched.iter().zip(&before) {
        assert_eq!((&line["index"], &line["object"]), (&before["index"], &before["object"]));
    }
}

/// Objects of a state in a log have the times at which they were written.
#[test]
fn indexes_have_times_where_a_log_covers_them() {
    let (dir, data) = data_dir("consul-1.21.4-wal");
    let times: BTreeMap<u64, Value> = lines(&[&data])
        .iter()
        .map(|line| (line["index"].as_u64().unwrap(), line["time"].clone()))
        .collect();
    let place = format!("{data}@600");
    let out = dir.path().join("out.snap");
    assert_eq!(at(&["--index", "600", &data], &out).code(), 0);
    let out = out.to_str().unwrap();
    for kind in ["kv", "sessions", "policies", "config-entries", "nodes"] {
        let timed = run(["list", kind, "-o", "jsonl", &place]).lines();
        let plain = run(["list", kind, "-o", "jsonl", out]).lines();
        assert!(timed.len() > 2 && timed.len() == plain.len(), "{kind}");
        for (timed, plain) in timed.iter().zip(&plain) {
            let time = |field: &str| &times[&plain[field].as_u64().unwrap()];
            let mut expected = plain.clone();
            expected["CreateTime"] = time("CreateIndex").clone();
            expected["ModifyTime"] = time("ModifyIndex").clone();
            assert_eq!(*timed, expected, "{kind}");
        }
    }
    let session = run(["list", "sessions", "-o", "jsonl", &place]).lines().remove(0);
    let id = session["ID"].as_str().unwrap();
    assert_eq!(run(["get", "session", id, &place]).json(), session);
    assert_eq!(run(["get", "session", id, out, "--log", &data]).json(), session);
    assert_eq!(run(["get", "session", id, out]).json().get("ModifyTime"), None);
    let time = session["ModifyTime"].as_str().unwrap();
    let filter = format!("ModifyTime == \"{time}\"");
    let found = run(["list", "sessions", "-o", "jsonl", "--filter", &filter, &place]).lines();
    assert_eq!(found, std::slice::from_ref(&session));
    let table = run(["list", "sessions", &place]);
    assert!(table.text().contains("ModifyTime") && table.text().contains(time));
    let findings = run(["audit", "--only", "ACL001", "-o", "jsonl", &place]).lines();
    assert!(!findings.is_empty());
    for finding in &findings {
        assert_eq!(finding["modify_time"], times[&finding["modify_index"].as_u64().unwrap()]);
    }

    // A log that does not reach back far enough, one without times, and one from other servers.
    let cut = dir.path().join("cut");
    let writes = Writes::new(ConsulVersion::V1_21_4, 1, 5).skip(10).take(50);
    write_wal(&cut, writes, WalOptions::default()).unwrap();
    let ran = run(["list", "kv", "-o", "jsonl", out, "--log", cut.to_str().unwrap()]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(ran.lines().iter().all(|kv| kv["ModifyTime"].is_null()), "{}", ran.text());
    let (_dir, old) = data_dir("consul-1.8.7");
    let s3 = recorded("consul-1.8.7").join("s3.snap");
    let s3 = s3.to_str().unwrap();
    let ran = run(["list", "kv", s3, "--log", &old]);
    assert!(ran.stderr.contains("doesn't say when"), "{}", ran.stderr);
    assert_eq!(ran.stdout, run(["list", "kv", s3]).stdout);
}

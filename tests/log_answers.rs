//! What the commands about a server's log answer to a person who tries them for the first time.

use crate::screens::{PLAIN, shown};
use crate::support::{Ran, binary, data_dir, finish, run};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

const DAY: &str = "2026-11-29";

fn run_in(zone: &str, args: &[&str]) -> Ran {
    finish(binary().env("TZ", zone).args(args), b"")
}

fn indexes(ran: &Ran) -> Vec<u64> {
    ran.lines().iter().map(|line| line["index"].as_u64().unwrap()).collect()
}

/// A date and a time without a zone are local, as a time of day is, and not the day's first second.
#[test]
fn a_date_and_a_time_without_a_zone_are_local() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let exact = run(["log", "-o", "jsonl", "--since", &format!("{DAY}T21:17:34Z"), &data]);
    let first = indexes(&exact)[0];
    assert!(first > 700 && exact.stderr.is_empty(), "{}", exact.stderr);
    let kv = |place: &str| ["list", "kv", "-o", "jsonl", place].map(str::to_owned);
    let state = run(kv(&format!("{data}@{DAY}T21:17:12Z")));
    for (zone, hour, says) in [("UTC0", 21, "T21:17:34+00:00"), ("CET-1", 22, "T22:17:34+01:00")] {
        for between in ["T", " "] {
            let text = format!("{DAY}{between}{hour}:17:34");
            let note = format!("note: {text} means {DAY}{says} ({DAY}T21:17:34Z): local time");
            let since = ["-o", "jsonl", "--since", &text, &data];
            for command in [&["log"][..], &["log", "stats"], &["timeline"]] {
                let ran = run_in(zone, &[command, &since].concat());
                assert!(ran.code() == 0 && ran.stderr.contains(&note), "{}", ran.stderr);
            }
            let ran = run_in(zone, &[&["log"][..], &since].concat());
            assert_eq!(ran.text(), exact.text(), "{text}");
        }
        let minute = format!("{DAY}T{hour}:17");
        let ran = run_in(zone, &["log", "-o", "jsonl", "--until", &minute, &data, "--since", "1"]);
        assert!(ran.stderr.contains(&format!("note: {minute} means {DAY}")), "{}", ran.stderr);
        // As the state of a file, and as a moment.
        let text = format!("{DAY} {hour}:17:12");
        let place = format!("{data}@{text}");
        let args = ["list", "kv", "-o", "jsonl", &place];
        let ran = run_in(zone, &args);
        assert_eq!((ran.code(), ran.text()), (0, state.text()), "{}", ran.stderr);
        let ran = run_in(zone, &["at", "--time", &text, &data, "--dry-run"]);
        assert!(ran.code() == 0 && ran.stderr.contains("T21:17:12Z)"), "{}", ran.stderr);
    }
    // Commands that do not look for the time in a log ask for the zone.
    let snapshot = format!("{data}@900");
    let ran = run(["audit", "--at", &format!("{DAY} 21:17"), &snapshot]);
    assert!(ran.code() == 2 && ran.stderr.contains("the time zone is missing"), "{}", ran.stderr);
}

/// Times are shown to the second; such a time as an end includes all of that second.
#[test]
fn a_shown_time_is_an_end_that_includes_it() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let ran = run_in(
        "UTC0",
        &["log", "-o", "jsonl", "--since", "21:17:34", "--until", "21:17:34", &data],
    );
    assert!(ran.lines().len() > 5, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("21:17:34 means ").count(), 1, "{}", ran.stderr);
    let is_then = |line: &Value| line["time"].as_str().unwrap().starts_with("2026-11-29T21:17:34");
    assert!(ran.lines().iter().all(is_then));
    let last = *indexes(&ran).last().unwrap();
    let said = run_in("UTC0", &["at", "--time", "21:17:34", &data, "--dry-run"]).stderr;
    assert!(said.contains(&format!("the state at index {last} (")), "{said}");
    for (since, until) in [("500", "400"), ("21:17:35", "21:17:34")] {
        for command in [&["log"][..], &["log", "stats"], &["timeline"]] {
            let ran = run([command, &["--since", since, "--until", until, &data]].concat());
            let says = format!("--since \"{since}\" is after --until \"{until}\"");
            assert!(ran.code() == 2 && ran.stderr.contains(&says), "{}", ran.stderr);
        }
    }
}

/// A pager would stop after its first screen, and outlive an interrupt.
#[test]
fn what_is_followed_is_not_paged() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let paged = [("NO_COLOR", "1"), ("PAGER", "sed s/^/paged:/")];
    let (_, text) = shown(80, &paged, &["log", &data]);
    assert!(text.starts_with("paged:"));
    let (ran, text) = shown(80, &paged, &["log", &data, "--follow", "--until", "959"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(text.contains(" 959 ") && !text.contains("paged:"), "{text}");
    assert!(!ran.stderr.contains("acknowledged"), "{}", ran.stderr);
}

/// A deleted tree is shown for an object only if the object was in it.
#[test]
fn trees_without_the_object_are_not_its_deletions() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let writes = |object: &str| run(["log", "-o", "jsonl", "--object", object, &data]);
    let ran = writes("kv/app/job/7");
    let lines = ran.lines();
    let is_tree = |line: &Value| line["op"] == "delete-tree";
    // Trees were deleted at 567 to 617, before the key existed.
    assert!(!is_tree(&lines[0]), "{}", lines[0]);
    let by_itself = lines.iter().filter(|line| line["object"] == "kv/app/job/7").count();
    assert!(by_itself > 3);
    // Each tree comes after a write, and the next write creates the key again.
    for pair in lines.windows(2) {
        assert!(!(is_tree(&pair[0]) && is_tree(&pair[1])), "{pair:?}");
    }
    let ran = writes("kv/doomed/tree/x");
    assert_eq!((ran.code(), ran.text()), (0, ""));
    let says = "--object kv/doomed/tree/x matches none of";
    assert!(ran.stderr.contains(says), "{}", ran.stderr);
    let gone = writes("kv/doomed/tree/1/x").lines();
    assert_eq!(gone.last().unwrap()["op"], "delete-tree");
    // The folder itself was deleted as a whole.
    let folder = writes("kv/doomed/tree").lines();
    assert!(folder.iter().any(|line| line["op"] == "delete-tree"));
    // Without effects it is not known.
    let args = ["log", "-o", "jsonl", "--no-effects", "--object", "kv/doomed/tree/x", &data];
    assert_eq!(run(args).lines().len(), 1);
}

/// The token is in every table with room for it, and a note says where else.
#[test]
fn tables_have_the_accessor_or_say_where_it_is() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let lines = run(["log", "-o", "jsonl", &data]).lines();
    let accessors: BTreeSet<&str> =
        lines.iter().filter_map(|line| line["accessor"].as_str()).collect();
    assert!(accessors.len() > 3);
    let note = "columns not shown: accessor; -o json shows all";
    for command in ["log", "timeline"] {
        let piped = run([command, &data]);
        let (wide_ran, wide) = shown(170, PLAIN, &[command, &data]);
        for accessor in &accessors {
            assert!(piped.text().contains(accessor) && wide.contains(accessor), "{accessor}");
        }
        let (narrow, _) = shown(80, PLAIN, &[command, &data]);
        assert!(narrow.stderr.contains(note), "{}", narrow.stderr);
        assert!(!piped.stderr.contains(note) && !wide_ran.stderr.contains(note));
    }
}

/// The reason names the operation that failed: the others did nothing wrong.
#[test]
fn a_failed_transaction_names_its_operation() {
    let (_dir, data) = data_dir("consul-1.8.7");
    let args = ["log", "-o", "jsonl", "--filter", "type == Txn and effect == refused", &data];
    let lines = run(args).lines();
    assert!(lines.len() > 1);
    for line in &lines {
        let reason = line["reason"].as_str().unwrap();
        let failed = reason.strip_prefix("operation ").unwrap_or_else(|| panic!("{reason}"));
        let (number, why) = failed.split_once(" of the transaction failed: ").unwrap();
        let number: usize = number.parse().unwrap();
        let of_entry: Vec<&Value> =
            lines.iter().filter(|other| other["index"] == line["index"]).collect();
        let failed = of_entry[number - 1];
        // A plain set cannot fail for this reason.
        assert!(!why.contains("index or lock differs") || failed["op"] != "set", "{failed}");
    }
}

/// What would be written is measured, not assumed.
#[test]
fn a_dry_run_counts_what_would_be_written() {
    let ((_dir, data), dir) = (data_dir("consul-1.21.4-wal"), tempfile::tempdir().unwrap());
    let out = dir.path().join("out.snap");
    let out = out.to_str().unwrap();
    for index in ["700", "800"] {
        let args = ["at", "--index", index, &data, "--out", out, "--force"];
        let dry = run([&args[..], &["--dry-run"]].concat());
        let dry = dry.text().strip_prefix("Dry run, nothing was written: ").unwrap().to_owned();
        assert!(!Path::new(out).exists() || index == "800");
        let written = run(args);
        assert_eq!(written.code(), 0, "{}", written.stderr);
        assert!(written.text().contains(dry.trim()), "{dry} {}", written.text());
        assert!(!dry.starts_with("0 records"), "{dry}");
    }
}

/// Its metadata is that of the server, so that nothing about it is odd.
#[test]
fn a_state_rolled_from_nothing_has_the_peers() {
    let ((_dir, data), dir) = (data_dir("consul-1.21.4-wal"), tempfile::tempdir().unwrap());
    let out = dir.path().join("out.snap");
    let out = out.to_str().unwrap();
    assert_eq!(run(["at", "--index", "700", &data, "--out", out]).code(), 0);
    let ran = run(["verify", out]);
    // Other oddities are the server's own.
    let text = ran.text();
    assert!(ran.code() == 0 && !text.contains("Peers and the voters"), "{text}{}", ran.stderr);
    let meta = |file: &str| run(["decode", file]).lines()[0]["Data"].clone();
    let (own, made) = (meta(&data), meta(out));
    for field in ["Peers", "Configuration", "ConfigurationIndex"] {
        assert_eq!(made[field], own[field], "{field}");
        assert_ne!(made[field], Value::Null, "{field}");
    }
}

/// The exit code says whether all of it was taken back, and an empty patch is not written.
#[test]
fn an_undo_that_does_nothing_says_so() {
    let (dir, data) = data_dir("consul-1.21.4-wal");
    let out = dir.path().join("patch");
    let undo = |index: &str| run(["undo", index, &data, "--out", out.to_str().unwrap()]);
    let lines = run(["log", "-o", "jsonl", &data]).lines();
    let find = |is_it: &dyn Fn(&Value) -> bool| {
        let found = lines.iter().rev().find(|line| is_it(line)).unwrap();
        found["index"].to_string()
    };
    let ran = undo(&find(&|line| line["effect"] == "none" && line["type"] == "KVS"));
    assert_eq!(ran.code(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("the patch would change nothing"), "{}", ran.stderr);
    assert!(!out.exists());
    let is_policy = |line: &Value| {
        line["object"].as_str().is_some_and(|object| object.starts_with("policy/"))
            && line["effect"] == "changed"
    };
    let ran = undo(&find(&is_policy));
    assert_eq!(ran.code(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("1 difference is not covered"), "{}", ran.stderr);
    assert!(out.join("not-covered.jsonl").exists());
}

/// The end of such a line names the token.
#[test]
fn authors_in_a_diff_are_whole_on_a_terminal() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let states = ["600", "700"].map(|index| format!("{data}@{index}"));
    let args = ["diff", "--type", "kv", &states[0], &states[1]];
    let piped = run([&args[..], &["--limit", "0"]].concat());
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, narrow) = shown(80, PLAIN, &args);
    let narrow = one_line(&narrow);
    let mut found = 0;
    for line in piped.text().lines().filter(|line| line.contains("at index ")) {
        let is_shown = narrow.contains(one_line(line).split(", by ").next().unwrap());
        if is_shown {
            assert!(narrow.contains(&one_line(line)), "{line}");
            found += 1;
        }
    }
    assert!(found > 3, "{found}");
}

/// One entry names its token, and masks readably.
#[test]
fn one_entry_has_its_author() {
    for server in ["consul-1.8.7", "consul-1.21.4-wal"] {
        let (_dir, data) = data_dir(server);
        let lines = run(["log", "-o", "jsonl", &data]).lines();
        let mut authors = 0;
        for line in lines.iter().filter(|line| line["who"] != Value::Null).step_by(97) {
            let index = line["index"].to_string();
            let shown = run(["log", "show", &index, &data]).json();
            for field in ["accessor", "who", "auth_method"] {
                assert_eq!(shown[field], line[field], "{server} {index} {field}");
            }
            authors += 1;
        }
        assert!(authors > 3, "{server}");
        let chunk = lines.iter().find(|line| line["effect"] == "part").unwrap();
        let index = chunk["index"].to_string();
        let shown_chunk = run(["log", "show", &index, &data]).json();
        let data_of = shown_chunk["data"].as_str().unwrap();
        assert!(data_of.starts_with("<masked ") && data_of.ends_with(" bytes>"), "{data_of}");
        let whole = run(["log", "show", &index, &data, "--show-secrets"]).json();
        assert!(whole["data"].as_str().unwrap().len() > 100_000, "{server}");
        let set = lines.iter().find(|line| line["op"] == "set" && line["who"] != Value::Null);
        let index = set.unwrap()["index"].to_string();
        let (_, text) = shown(80, PLAIN, &["log", "show", &index, &data]);
        assert!(text.contains("\"Token\": \"<masked 36 bytes>\""), "{text}");
    }
}

/// An object that is named and does not exist is 1; a list without rows is success.
#[test]
fn exit_codes_of_what_is_not_there() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    for (args, code) in [
        (&["log", "--object", "kv/app/nothere"][..], 0),
        (&["log", "--who", "nobody"], 0),
        (&["log", "stats", "--object", "kv/nope"], 0),
        (&["timeline", "--object", "kv/nope"], 0),
        (&["list", "kv", "--prefix", "nope"], 0),
        (&["log", "show", "99999"], 1),
        (&["get", "kv", "nope"], 1),
        (&["history", "kv", "nope"], 1),
    ] {
        let ran = run([args, &[data.as_str()]].concat());
        assert_eq!(ran.code(), code, "{args:?}: {}", ran.stderr);
        assert!(!ran.stderr.is_empty(), "{args:?}");
    }
    let ran = run(["history", "kv", "app/nope", &data]);
    let says = format!("nor in the log of {data}");
    assert!(ran.stderr.contains(&says), "{}", ran.stderr);
}

/// Words in another place, or of another kind.
#[test]
fn mistakes_at_a_log_are_explained() {
    let (dir, data) = data_dir("consul-1.21.4-wal");
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (empty, text) = (at("empty"), at("text"));
    std::fs::write(&empty, "").unwrap();
    std::fs::write(&text, "some notes\n".repeat(1000)).unwrap();
    let state = format!("{data}@500");
    let (out, missing, below) = (at("out"), at("missing/x"), at("text/x"));
    let data = data.as_str();
    for (args, says) in [
        (&["log", "700", data][..], "did you mean `log show 700 ".to_owned()),
        (&["log", "top", data], "unknown command of log \"top\"".to_owned()),
        (&["log", data, data], "log reads one data directory".to_owned()),
        (&["log", "show", data, "700"], "INDEX comes before DATA_DIR".to_owned()),
        (&["undo", data, "958", "--out", &out], "INDEX comes before DATA_DIR".to_owned()),
        (&["undo", "957,958", data, "--out", &out], "separated by spaces".to_owned()),
        (&["undo", "940-958", data, "--out", &out], "separated by spaces".to_owned()),
        (&["at", "700", data, "--out", &out], "did you mean --index 700?".to_owned()),
        (&["at", &state, "--out", &out], format!("did you mean {data} --index 500?")),
        (&["at", data, "--out", &out], "missing: --index <N> or --time <TIME>".to_owned()),
        (&["log", &state], format!("name {data}, and --until 500")),
        (&["log", "-"], "a Raft log is read from local files".to_owned()),
        (&["log", "s3://foo/bar"], "a Raft log is read from local files".to_owned()),
        (&["log", &empty], "the file is empty; name a data directory".to_owned()),
        (&["log", &text], "not a raft.db (a bbolt file); name a data directory".to_owned()),
        (&["at", "--index", "700", data, "--out", &missing], "missing\" does not exist".to_owned()),
        (&["at", "--index", "700", data, "--out", &below], "text\" is not a folder".to_owned()),
    ] {
        let ran = run(args);
        let first = ran.stderr.lines().next().unwrap_or_default();
        assert!(ran.code() == 2 && first.contains(&says), "{args:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains(".part"), "{}", ran.stderr);
    }
    let by = |by: &str| run(["log", "stats", "--by", by, data]);
    assert_eq!(by("token").text(), by("who").text());
}

/// The start of an accessor names a token, if it is of one only.
#[test]
fn an_accessor_may_be_shortened() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let lines = run(["log", "-o", "jsonl", &data]).lines();
    let accessor = lines.iter().find_map(|line| line["accessor"].as_str()).unwrap();
    let whole = run(["log", "-o", "jsonl", "--who", accessor, &data]);
    for command in ["log", "timeline"] {
        let whole = run([command, "-o", "jsonl", "--who", accessor, &data]);
        let short = run([command, "-o", "jsonl", "--who", &accessor[..8], &data]);
        assert_eq!((short.code(), short.text()), (0, whole.text()), "{}", short.stderr);
    }
    assert!(whole.lines().len() > 5);
    let tokens = run(["list", "tokens", "-o", "jsonl", &data]).lines();
    let accessors = tokens.iter().filter_map(|token| token["AccessorID"].as_str());
    let mut starts = BTreeSet::new();
    let twice = accessors.map(|accessor| &accessor[..1]).find(|start| !starts.insert(*start));
    let ran = run(["log", "--who", twice.unwrap(), &data]);
    assert!(ran.code() == 2 && ran.stderr.contains("is ambiguous; it matches"), "{}", ran.stderr);
}

/// The ID of a token of the legacy system is what it is used with.
#[test]
fn legacy_tokens_are_masked_in_whole_entries() {
    let (_dir, data) = data_dir("consul-1.8.7");
    let entries = run(["log", &data, "-o", "jsonl"]).lines();
    let legacy: Vec<String> = entries
        .iter()
        .filter(|entry| entry["type"] == "ACL")
        .map(|entry| entry["index"].to_string())
        .collect();
    assert!(!legacy.is_empty());
    for index in legacy {
        let id = |args: &[&str]| {
            let ran = run([&["log", "show", &index, &data], args].concat());
            ran.json()["request"]["ACL"]["ID"].as_str().unwrap().to_owned()
        };
        assert_eq!((id(&[]).as_str(), id(&["--show-secrets"]).len()), ("<masked 36 bytes>", 36));
    }
}

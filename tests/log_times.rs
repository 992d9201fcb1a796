//! Times of day, and counts of commands in several entries.

use crate::support::{Ran, binary, data_dir, finish, run};
use serde_json::Value;

/// The recorded log is from this day, in UTC, from 21:17:04 to 21:17:38.
const DAY: &str = "2026-11-29";

fn run_in(zone: &str, args: &[&str]) -> Ran {
    finish(binary().env("TZ", zone).args(args), b"")
}

/// A time of day is on the log's last day, in the user's time zone.
#[test]
fn a_time_of_day_is_local() {
    let (_data, data) = data_dir("consul-1.21.4-wal");
    let dir = tempfile::tempdir().unwrap();
    let exact = run(["list", "kv", "-o", "jsonl", &format!("{data}@{DAY}T21:17:28.9Z")]);
    assert_eq!(exact.code(), 0, "{}", exact.stderr);
    let since = run(["log", "-o", "jsonl", "--since", &format!("{DAY}T21:17:29Z"), &data]);
    assert!(since.lines().len() > 100);
    // On the other side of the date line, the log's day is another one.
    for (zone, clock, shown) in [
        ("UTC0", "21:17", "2026-11-29T21:17:28.9+00:00 (2026-11-29T21:17:28.9Z)"),
        ("CET-1", "22:17", "2026-11-29T22:17:28.9+01:00 (2026-11-29T21:17:28.9Z)"),
        ("NZDT-13", "10:17", "2026-11-30T10:17:28.9+13:00 (2026-11-29T21:17:28.9Z)"),
    ] {
        let time = format!("{clock}:28.9");
        let ran = run_in(zone, &["list", "kv", "-o", "jsonl", &format!("{data}@{time}")]);
        assert_eq!((ran.code(), ran.text()), (0, exact.text()), "{zone}: {}", ran.stderr);
        let said = format!("{time} means {shown}: local time on the log's last day");
        assert!(ran.stderr.contains(&said), "{said}: {}", ran.stderr);

        let out = dir.path().join("out.snap");
        let out = out.to_str().unwrap();
        let ran = run_in(zone, &["at", "--time", &time, &data, "--force", "--out", out]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        assert!(ran.stderr.contains(&said), "{said}: {}", ran.stderr);
        let kv = ["list", "kv", "-o", "jsonl", "--log", &data, out];
        assert_eq!(run(kv).text(), exact.text(), "{zone}");

        let args = ["log", "-o", "jsonl", "--since", &format!("{clock}:29"), &data];
        assert_eq!(run_in(zone, &args).text(), since.text(), "{zone}");
        let range = ["timeline", "-o", "jsonl", "--until", &format!("{clock}:20"), &data];
        let until = run_in(zone, &range).lines();
        let is_early = |line: &&Value| line["time"].as_str() < Some("2026-11-29T21:17:20.1Z");
        assert!(
            until.len() > 500
                && until
                    .iter()
                    .filter(|line| line["type"] != "Snapshot")
                    .all(|line| is_early(&line))
        );
    }
    for (words, says) in [
        (&["log", "--since", "25:00", &data][..], "a time of day such as 10:02; or an index"),
        (&["log", "--since", "noon", &data], "a time of day such as 10:02; or an index"),
        (&["at", "--time", "noon", &data, "--out", "x.snap"], "a time of day such as 10:02"),
        (&["list", "kv", &format!("{data}@noon")], "neither an index nor a time"),
        (&["list", "kv", &format!("{data}@00:00")], "its first one with a time is from 2026-11-2"),
    ] {
        let ran = run_in("UTC0", words);
        assert!(ran.code() == 2 && ran.stderr.contains(says), "{words:?}: {}", ran.stderr);
    }
    let (_dir, old) = data_dir("consul-1.8.7");
    for words in [&["log", "--since", "10:02", &old][..], &["list", "kv", &format!("{old}@10:02")]]
    {
        let ran = run(words);
        assert!(ran.code() == 2 && ran.stderr.contains("doesn't say when"), "{}", ran.stderr);
    }
}

/// Statistics by the subject of commands, also of those in several entries.
#[test]
fn parts_count_as_their_command() {
    for server in ["consul-1.8.7", "consul-1.21.4-wal"] {
        let (_dir, data) = data_dir(server);
        let lines = run(["log", "-o", "jsonl", &data]).lines();
        let is_part = |line: &&Value| line["effect"] == "part";
        let bytes = |line: &Value| line["bytes"].as_u64().unwrap();
        let parts: u64 = lines.iter().filter(is_part).map(bytes).sum();
        assert!(parts > 1_000_000, "{server}");
        let count = |by: &str, more: &[&str]| {
            let args = ["log", "stats", "-o", "jsonl", "--limit", "0", "--by", by, &data];
            run(args.iter().chain(more)).lines()
        };
        let named = |counts: &[Value], by: &str, name: &str| -> (u64, u64) {
            let found = counts.iter().find(|count| count[by] == name);
            found.map_or((0, 0), |count| (count["entries"].as_u64().unwrap(), bytes(count)))
        };
        let by_type = count("type", &[]);
        assert_eq!(named(&by_type, "type", "Command"), (0, 0), "{server}");
        let kvs = lines.iter().filter(|line| line["type"] == "KVS").map(bytes).sum::<u64>();
        let (_, counted) = named(&by_type, "type", "KVS");
        assert_eq!(counted, kvs + parts, "{server}");
        let all = |counts: &[Value]| counts.iter().map(bytes).sum::<u64>();
        let expected = all(&by_type);
        for by in ["op", "who", "object", "minute"] {
            assert_eq!(all(&count(by, &[])), expected, "{server} {by}");
        }
        // A command is counted as a whole, or not at all.
        let big = count("type", &["--object", "kv/big"]);
        assert_eq!(big.len(), 1, "{big:?}");
        assert!(bytes(&big[0]) >= parts, "{server}: {big:?}");
        let other = count("type", &["--object", "kv/app"]);
        assert!(other.iter().all(|count| bytes(count) < 1_000_000), "{server}: {other:?}");
    }
}

//! What people see: tables at several widths of a terminal, colours, the pager, indented JSON.

use crate::support::{Fixture, Ran, binary, data_dir, finish, run};
use sha2::{Digest as _, Sha256};
use snapscope_objects::kinds::KINDS;
use std::path::Path;
use std::process::{Command, Stdio};
use unicode_width::UnicodeWidthStr as _;

const WIDTHS: [usize; 3] = [80, 120, 200];

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The output of a command on a terminal of this size: standard output with the line ends of a
/// pipe, and standard error, which goes to a file.
pub(crate) fn shown(columns: usize, env: &[(&str, &str)], args: &[&str]) -> (Ran, String) {
    let dir = tempfile::tempdir().unwrap();
    let errors = dir.path().join("errors");
    let program = binary().get_program().to_str().unwrap().to_owned();
    let words: Vec<String> = [program.as_str()].iter().chain(args).map(|w| quoted(w)).collect();
    let line = format!(
        "stty cols {columns} rows 40; {} 2> {}",
        words.join(" "),
        quoted(errors.to_str().unwrap())
    );
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).stdin(Stdio::null());
    script.env_remove("LESS").env_remove("NO_COLOR").env("TERM", "xterm").env("PAGER", "cat");
    script.envs(env.iter().copied());
    let mut ran = finish(&mut script, b"");
    ran.stdout = String::from_utf8_lossy(&ran.stdout).replace("\r\n", "\n").into_bytes();
    ran.stderr = std::fs::read_to_string(&errors).unwrap();
    let text = ran.text().to_owned();
    (ran, text)
}

pub(crate) const PLAIN: &[(&str, &str)] = &[("NO_COLOR", "1")];

fn no_control(text: &str, args: &[&str]) {
    let raw = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    assert_eq!(raw, None, "{args:?}: {}", text.escape_debug());
}

fn not_wider(text: &str, columns: usize, args: &[&str]) {
    // A broken link leads nowhere.
    let is_link = |line: &str| line.trim().starts_with("https://") && !line.trim().contains(' ');
    for line in text.lines().filter(|line| !is_link(line)) {
        assert!(line.width() <= columns, "{args:?} at {columns}: {} wide: {line}", line.width());
    }
}

/// Whether the text has an incomplete UUID or time.
fn broken(line: &str) -> Option<String> {
    let is_of_id = |c: char| c.is_ascii_hexdigit() || c == '-';
    for word in line.split(|c: char| !(is_of_id(c) || matches!(c, ':' | 'T' | 'Z' | '.'))) {
        let word = word.trim_end_matches(['.', ':']);
        let dashes: Vec<usize> = word.split('-').map(str::len).collect();
        let is_uuid = dashes == [8, 4, 4, 4, 12];
        // Eight digits and four more between dashes are the beginning of one; twelve after one are
        // its end.
        let is_begun =
            dashes.len() >= 3 && dashes[0] == 8 && dashes[1] == 4 && word.chars().all(is_of_id);
        let is_time = word.len() >= 20 && word.ends_with('Z');
        let is_begun_time = word.len() > 11
            && word.as_bytes()[10] == b'T'
            && word.as_bytes()[4] == b'-'
            && word[..4].chars().all(|c| c.is_ascii_digit());
        if is_begun && !is_uuid || is_begun_time && !is_time {
            return Some(word.to_owned());
        }
    }
    None
}

/// Each kind of objects at each width: a line per object, at most as wide as the terminal, with
/// complete names and IDs.
fn tables_fit(fixture: &Fixture, widths: &[usize]) {
    let file = fixture.path.to_str().unwrap();
    for kind in KINDS {
        let piped = run(["list", kind.name, file]);
        let piped: Vec<&str> = piped.text().lines().collect();
        let cut = |line: &str| line.split("  ").next().unwrap_or_default().to_owned();
        for &columns in widths {
            for more in [&[][..], &["--wide"]] {
                let args = [&["list", kind.name, file][..], more].concat();
                let (ran, text) = shown(columns, PLAIN, &args);
                assert_eq!(ran.code(), 0, "{args:?}: {}", ran.stderr);
                no_control(&text, &args);
                not_wider(&text, columns, &args);
                let lines: Vec<&str> = text.lines().collect();
                assert_eq!(lines.len(), piped.len(), "{args:?} at {columns}: {text}");
                for (line, piped) in lines.iter().zip(&piped) {
                    let name = cut(piped);
                    let is_short = name.width() <= 40.min(columns);
                    // Kinds with one column of keys have nothing to shorten.
                    let is_there = line.starts_with(&name) || line.contains("...") && !is_short;
                    assert!(is_there, "{args:?} at {columns}: {name:?} is not whole in {line:?}");
                    let part = broken(line).filter(|_| !line.contains("..."));
                    assert_eq!(part, None, "{args:?} at {columns}: {line}");
                }
            }
        }
    }
}

#[test]
fn every_kind_fits_every_terminal() {
    tables_fit(&Fixture::snap("consul-1.21.4/small-a"), &WIDTHS);
}

#[test]
fn every_kind_of_other_versions_fits_80_columns() {
    for name in ["consul-1.8.7/small-a", "consul-1.17.3/resources-all", "consul-1.21.4/empty"] {
        tables_fit(&Fixture::snap(name), &[80]);
    }
}

fn commands<'a>(file: &'a str, older: &'a str, newer: &'a str) -> Vec<Vec<&'a str>> {
    let mut all = vec![
        vec!["inspect", file],
        vec!["inspect", "--kvdetails", "--kvdepth", "9", file],
        vec!["inspect", "--more", file],
        vec!["top", "-n", "0", file],
        vec!["top", "--type", "KVS", file],
        vec!["audit", file],
        vec!["audit", "--min-severity", "info", file],
        vec!["audit", "--rules"],
        vec!["verify", "--deep", file],
        vec!["acl", "who-can", "key", "write", "app/", file],
        vec!["acl", "explain", "anonymous", file],
        vec!["acl", "can", "anonymous", "key", "read", "config/x", file],
        vec!["diff", older, newer],
        vec!["diff", "--limit", "0", "--with-touched", older, newer],
        vec!["history", "kv", "--prefix", "", older, newer],
        vec!["history", "node", "--prefix", "", older, newer],
        vec!["trend", older, newer],
        vec!["trend", "--by", "prefix", "--depth", "9", older, newer],
    ];
    for by in ["type", "prefix", "service", "node", "kind", "policy"] {
        all.push(vec!["breakdown", "--by", by, file]);
        all.push(vec!["breakdown", "--by", by, "--limit", "0", file]);
    }
    all
}

/// Commands about a server's log and commands that write files, in a folder for it.
fn commands_on_data<'a>(data: &'a str, states: &'a [String; 2], out: &'a str) -> Vec<Vec<&'a str>> {
    let [older, newer] = states;
    let mut all = vec![
        vec!["log", data],
        vec!["log", "--deep", data],
        vec!["log", "--no-effects", data],
        vec!["log", "show", "20", data],
        vec!["timeline", data],
        vec!["at", "--index", "500", data, "--dry-run"],
        vec!["undo", "949", "958", data, "--out", out, "--force"],
        vec!["history", "kv", "app/web/1", data],
        vec!["history", "token", "--prefix", "", data],
        vec!["diff", older, newer],
        vec!["list", "tokens", newer],
        vec!["list", "kv", "--log", data, newer],
        vec!["audit", data],
        vec!["verify", data],
        vec!["verify", "--for-consul", "1.8.7", data],
        vec!["pack", data, "--dry-run"],
        vec!["extract", data, "--dry-run", "--only", "acl"],
        vec!["redact", data, "--dry-run"],
        vec!["salvage", data, "--dry-run"],
    ];
    for by in ["type", "op", "who", "object"] {
        all.push(vec!["log", "stats", "--by", by, "--limit", "0", data]);
    }
    all
}

/// Fills a folder with snapshots as the agent names them, one of them with a sidecar, and one with
/// another name.
fn fill(folder: &Path, snapshots: &[&str]) {
    std::fs::create_dir(folder).unwrap();
    for (at, snapshot) in snapshots.iter().enumerate() {
        std::fs::copy(snapshot, folder.join(format!("consul-179540340000000000{at}.snap")))
            .unwrap();
        let long = format!("{}-{at}.snap", "before the great migration ".repeat(4));
        std::fs::copy(snapshot, folder.join(long)).unwrap();
    }
    let bytes = std::fs::read(snapshots[0]).unwrap();
    let (size, hash) = (bytes.len(), Sha256::digest(&bytes));
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let sidecar = serde_json::json!({
        "id": "1795403400000000000", "time": "2026-11-23T03:10:00Z", "size": size, "sha256": hash,
        "index": 538, "term": 2, "state_size": 997_000, "records": 670,
        "counts": {"Register": 138, "KVS": 222, "ConfigEntry": 43, "Index": 120},
        "datacenter": "dc1", "consul_version": "1.21.4",
    });
    let name = "consul-1795403400000000000.snap.json";
    std::fs::write(folder.join(name), sidecar.to_string()).unwrap();
}

fn commands_on_backups(backups: &str) -> Vec<Vec<&str>> {
    let mut all = vec![
        vec!["verify", backups],
        vec!["verify", "--max-age", "26h", backups],
        vec!["trend", backups],
        vec!["history", "policy", "key-read-a", backups],
    ];
    if cfg!(feature = "live") {
        all.push(vec!["snapshots", backups]);
        all.push(vec!["prune", backups, "--retain", "1", "--dry-run"]);
    }
    all
}

#[test]
fn every_command_fits_every_terminal() {
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    let [older, newer] =
        ["before", "after"].map(|at| Fixture::snap(&format!("consul-1.21.4/evolve.{at}")).path);
    let [file, older, newer] = [&file, &older, &newer].map(|path| path.to_str().unwrap());
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    let states = [600, 700].map(|index| format!("{data}@{index}"));
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("patch");
    let backups = folder.path().join("backups");
    fill(&backups, &[older, newer]);
    let mut all = commands(file, older, newer);
    all.extend(commands_on_data(&data, &states, out.to_str().unwrap()));
    all.extend(commands_on_backups(backups.to_str().unwrap()));
    for args in all {
        for columns in WIDTHS {
            let (ran, text) = shown(columns, PLAIN, &args);
            assert!(ran.code() < 2, "{args:?}: {}", ran.stderr);
            assert!(!text.is_empty() || !ran.stderr.is_empty(), "{args:?}");
            no_control(&text, &args);
            not_wider(&text, columns, &args);
            for line in text.lines().filter(|line| !line.contains("...")) {
                assert_eq!(broken(line), None, "{args:?} at {columns}: {line}");
            }
        }
    }
}

/// The written object is complete at any width that has room for it on its own line, and so is an
/// accessor.
#[test]
fn names_in_a_log_are_whole() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    for command in ["log", "timeline"] {
        let lines = run([command, &data, "-o", "jsonl"]).lines();
        for columns in WIDTHS {
            let (_, text) = shown(columns, PLAIN, &[command, &data]);
            let mut whole = 0;
            for line in &lines {
                let field = |name: &str| line[name].as_str().unwrap_or_default();
                let what = format!("{} {}", field("op"), field("object"));
                // Other characters may be escaped.
                let is_plain = what.chars().all(|c| c.is_ascii_graphic() || c == ' ');
                if is_plain && what.len() <= 60 && !field("op").is_empty() {
                    whole += 1;
                    assert!(text.contains(what.trim_end()), "{command} at {columns}: {what}");
                }
                if field("who") == field("accessor") {
                    assert!(text.contains(field("who")), "{command} at {columns}: {line}");
                }
            }
            assert!(whole > 500, "{whole}");
        }
    }
}

/// The first lines of a log in each form.
#[test]
fn a_log_may_be_shown_in_part() {
    let (_dir, data) = data_dir("consul-1.21.4-wal");
    for command in ["log", "timeline"] {
        let whole = run([command, &data, "-o", "jsonl"]).lines();
        for form in ["json", "jsonl", "csv", "table"] {
            let part = run([command, &data, "-n", "7", "-o", form]);
            assert_eq!(part.code(), 0, "{}", part.stderr);
            let all = run([command, &data, "--limit", "0", "-o", form]);
            match form {
                "json" => assert_eq!(part.json().as_array().unwrap()[..], whole[..7]),
                "jsonl" => assert_eq!(part.lines(), whole[..7]),
                _ => {
                    assert!(all.text().starts_with(part.text()), "{form}");
                    // The meaning of the numbers precedes the lines of a timeline.
                    let lines = part.text().lines().rev().take_while(|line| !line.is_empty());
                    assert_eq!(lines.count(), 1 + 7, "{form}");
                }
            }
            assert!(run([command, &data, "-o", form]).stdout == all.stdout, "{form}");
            let says = "reading stopped after 7 lines";
            assert_eq!(part.stderr.contains(says), command == "log", "{}", part.stderr);
            assert!(!all.stderr.contains("reading stopped"), "{}", all.stderr);
        }
    }
    // Programs get all counts, and people a part of them.
    let groups = |form: &str| run(["log", "stats", "--by", "object", &data, "-o", form]);
    let all = groups("json").json()["counts"].as_array().unwrap().len();
    assert!(all > 60);
    let table = groups("table");
    assert_eq!(table.text().lines().count(), 1 + 50 + 1);
    assert!(table.text().contains(&format!("Showing 50 of {all} groups; --limit 0 shows all.")));
}

/// A note lists the missing columns, and the flag that it names shows them.
#[test]
fn what_is_left_out_is_named() {
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    let file = file.to_str().unwrap();
    let (ran, text) = shown(80, PLAIN, &["list", "tokens", file]);
    assert!(text.starts_with("Accessor "), "{text}");
    let note = ran.stderr.lines().find(|line| line.contains("columns not shown")).unwrap();
    for column in ["legacy (empty)", "(no room)", "--columns"] {
        assert!(note.contains(column), "{note}");
    }
    let named = ["list", "tokens", file, "--columns", "accessor,local"];
    let (ran, text) = shown(80, PLAIN, &named);
    assert!(text.lines().next().unwrap().ends_with("Local"), "{text}");
    assert!(!ran.stderr.contains("not shown"), "{}", ran.stderr);
    let (quiet, _) = shown(80, PLAIN, &["list", "tokens", "-q", file]);
    assert_eq!(quiet.stderr, "");
    let (bare, text) = shown(80, PLAIN, &["list", "tokens", "--no-headers", file]);
    assert!(!text.contains("Accessor"), "{}", bare.stderr);
    // Numbers are right-aligned.
    let (_, text) = shown(100, PLAIN, &["list", "kv", "--columns", "key,size", file]);
    let mut lines = text.lines();
    let end = lines.next().unwrap().len();
    assert!(lines.filter(|line| line.is_ascii()).all(|line| line.len() == end), "{text}");
}

/// Removes the few sequences that colour words.
fn without_colours(text: &str) -> String {
    let mut text = text.to_owned();
    for code in ["0", "1", "2", "31", "32", "33", "36"] {
        text = text.replace(&format!("\u{1b}[{code}m"), "");
    }
    text
}

#[test]
fn colours_are_where_they_are_wanted() {
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    let file = file.to_str().unwrap();
    let args = ["audit", file];
    let (_, plain) = shown(100, PLAIN, &args);
    let (_, coloured) = shown(100, &[], &args);
    assert!(coloured.contains("\u{1b}[31mcritical\u{1b}[0m"), "{}", coloured.escape_debug());
    assert_eq!(without_colours(&coloured), plain);
    for (env, flag) in [(PLAIN, "auto"), (&[], "never"), (&[("TERM", "dumb")], "auto")] {
        let (_, text) = shown(100, env, &["--color", flag, "audit", file]);
        assert_eq!(text, plain, "{env:?} {flag}");
    }
    let piped = run(args);
    assert!(!piped.stdout.contains(&0x1b));
    let always = run(["audit", "--color", "always", file]);
    assert!(always.text().contains("\u{1b}[31mcritical\u{1b}[0m"));
    assert_eq!(without_colours(always.text()), piped.text());
    // Output for programs is unchanged.
    for form in ["json", "jsonl", "sarif"] {
        let always = run(["audit", "--color", "always", "-o", form, file]);
        assert!(always.stdout == run(["audit", "-o", form, file]).stdout, "{form}");
    }
}

#[test]
fn long_output_goes_through_the_pager() {
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    let file = file.to_str().unwrap();
    let paged = [("NO_COLOR", "1"), ("PAGER", "sed s/^/paged:/")];
    let args = ["list", "nodes", "--columns", "node", file];
    let (ran, text) = shown(80, &paged, &args);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(text.lines().all(|line| line.starts_with("paged:")), "{text}");
    let (_, plain) = shown(80, PLAIN, &args);
    assert_eq!(text.replace("paged:", ""), plain);
    let (_, unpaged) = shown(80, &paged, &[&args[..], &["--no-pager"]].concat());
    assert_eq!(unpaged, plain);
    let (_, dumb) = shown(80, &[("TERM", "dumb"), ("PAGER", "sed s/^/paged:/")], &args);
    assert_eq!(dumb, plain);
    // A pager that does not exist, and one that ends before it has read everything.
    let (_, missing) = shown(80, &[("NO_COLOR", "1"), ("PAGER", "no-such-pager")], &args);
    assert_eq!(missing, plain);
    let (ran, head) = shown(80, &[("NO_COLOR", "1"), ("PAGER", "head -n 1")], &["decode", file]);
    assert_eq!((ran.code(), head.lines().count()), (0, 1), "{}", ran.stderr);
    // Messages appear after the pager has ended.
    let many = ["list", "nodes", "--limit", "3", file];
    let (ran, text) = shown(80, &paged, &many);
    assert_eq!(text.lines().count(), 4);
    assert!(ran.stderr.contains("not verified"), "{}", ran.stderr);
}

#[test]
fn json_is_laid_out_on_a_terminal_only() {
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    let file = file.to_str().unwrap();
    for args in [
        &["list", "kv", "-o", "json", file][..],
        &["breakdown", "-o", "json", file],
        &["audit", "-o", "json", file],
        &["diff", "-o", "json", "--with-touched", file, file],
        &["list", "sessions", "-o", "json", file],
    ] {
        let piped = run(args);
        let (_, text) = shown(80, PLAIN, args);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(value == piped.json(), "{args:?}");
        assert!(text.lines().count() > 3 && text.ends_with('\n'), "{args:?}: {text}");
        assert!(!text.contains("\n\n") && !text.contains("\\u003c"), "{args:?}");
    }
    let (_, text) = shown(80, PLAIN, &["list", "kv", "-o", "json", file]);
    assert!(text.contains("<masked "), "{text}");
    assert!(run(["list", "kv", "-o", "json", file]).text().contains("\\u003cmasked "));
}

/// The effect of each command's flags on CSV and counts.
#[test]
fn heads_and_counts() {
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    let file = file.to_str().unwrap();
    for command in
        [&["list", "nodes"][..], &["breakdown"], &["top"], &["acl", "who-can", "acl", "write"]]
    {
        for form in ["table", "csv"] {
            let args = [command, &["-o", form, file]].concat();
            let whole = run(&args);
            let bare = run([&args[..], &["--no-headers"]].concat());
            let rest = whole.text().split_once('\n').unwrap().1;
            if form == "csv" {
                assert_eq!(bare.text(), rest, "{args:?}");
            } else {
                assert_eq!(bare.text().lines().count() + 1, whole.text().lines().count());
            }
        }
    }
    let all = run(["list", "kv", "-o", "jsonl", file]).lines().len();
    assert_eq!(run(["list", "kv", "--count", file]).text(), format!("{all}\n"));
    let below = run(["list", "kv", "-o", "jsonl", "--prefix", "config/", file]).lines();
    assert!(!below.is_empty() && below.len() < all);
    assert!(below.iter().all(|row| row["Key"].as_str().unwrap().starts_with("config/")));
    let filter = ["list", "kv", "--count", "--filter", "Key matches \"^config/\"", file];
    assert_eq!(run(filter).text(), format!("{}\n", below.len()));
    assert_eq!(run(["list", "kv", "--limit", "0", file]).stdout, run(["list", "kv", file]).stdout);
    let (sorted, _) = shown(80, PLAIN, &["list", "kv", "--sort", "key", "-n", "5", file]);
    assert!(sorted.stderr.contains(&format!("5 of {all} kv shown")), "{}", sorted.stderr);
}

/// A table of groups shows 20 of them, and the sum of the others.
#[test]
fn groups_add_up() {
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    let file = file.to_str().unwrap();
    let groups = run(["breakdown", "--by", "node", "-o", "json", file]).json();
    let all = groups["groups"].as_array().unwrap();
    assert!(all.len() > 21);
    let table = run(["breakdown", "--by", "node", file]);
    let others = table.text().lines().find(|line| line.contains("others)")).unwrap();
    assert!(others.starts_with(&format!("({} others)", all.len() - 20)), "{others}");
    let count: u64 = all[20..].iter().map(|group| group["count"].as_u64().unwrap()).sum();
    assert_eq!(others.split_whitespace().nth(2).unwrap(), count.to_string(), "{others}");
    assert!(table.text().contains(&format!("Showing 20 of {} groups", all.len())));
    let whole = run(["breakdown", "--by", "node", "--limit", "0", file]);
    assert_eq!(whole.text().lines().count(), all.len() + 2);
}

/// A table of an audit starts with the count of each rule, lists important findings, and says what
/// it left out.
#[test]
fn an_audit_begins_with_a_summary() {
    let file = Fixture::snap("consul-1.21.4/small-a").path;
    let file = file.to_str().unwrap();
    let json = run(["audit", "-o", "json", file]).json();
    let findings = json["findings"].as_array().unwrap();
    let of = |severity: &str| findings.iter().filter(|f| f["severity"] == severity).count();
    let table = run(["audit", file]);
    let (summary, rest) = table.text().split_once("\n\n").unwrap();
    let listed = rest.split_once("\n\n").unwrap().0;
    let mut sum = 0;
    for line in summary.lines().skip(1) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let count = findings.iter().filter(|f| f["rule"] == words[1]).count();
        assert_eq!(words[2], count.to_string(), "{line}");
        sum += count;
    }
    assert_eq!(sum, findings.len());
    assert_eq!(listed.lines().count() - 1, of("critical") + of("high") + of("medium"));
    let hidden = of("low") + of("info");
    assert!(rest.contains(&format!("{hidden} low or info findings are not listed")), "{rest}");
    let all = run(["audit", "--min-severity", "info", file]);
    assert!(!all.text().contains("not listed"));
    let one = run(["audit", "--only", "OPS015", file]);
    assert!(one.text().contains("OPS015") && !one.text().contains("not listed"));
}

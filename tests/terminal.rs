//! What a hostile snapshot can do to its reader: nothing. A terminal receives nothing raw from a
//! file, no cell of CSV is a formula, JSON stays JSON.

mod log;

use crate::support::{Fixture, PATIENCE, Ran, binary, finish, run, write};
use snapscope_objects::kinds::KINDS;
use snapscope_testkit::msgpack::user_map;
use snapscope_testkit::records::catalog::{Check, Node, Service, coordinate, session};
use snapscope_testkit::records::{acl, cluster, config, connect, kind, kv, peering};
use snapscope_testkit::{ConsulVersion, Record, SnapshotSpec, Val};
use std::path::Path;
use std::process::Command;

const VERSION: ConsulVersion = ConsulVersion::V1_21_4;

/// Every control character, including C1, every character that is invisible or changes the
/// direction of text, and the beginnings of formulas.
fn hostile() -> Vec<String> {
    let controls: String = (1..0x20u32).chain(0x7f..0xa0).filter_map(char::from_u32).collect();
    let turning = "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}\u{200b}\u{feff}\u{e0041}";
    let mut all = vec![
        format!("a{controls}b{turning}c"),
        "\u{1b}]0;title\u{7}\u{9b}31m".to_owned(),
        forged(),
    ];
    for sign in ["=", "+", "-", "@", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}"] {
        for blank in ["", " ", "\n", "\r\n ", "\t", "\u{a0}", "\u{3000}", " \r\u{200b}"] {
            all.push(format!("{blank}{sign}cmd|' /C calc'!A0"));
        }
    }
    all
}

/// Text that would be a separate line if a name were printed unescaped.
const FORGED: &str = "snapscope: all is well";

fn forged() -> String {
    ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{b}", "\n  "]
        .map(|end| format!("x{end}{FORGED}"))
        .concat()
}

/// No line starts with a name.
fn nothing_forged(text: &[u8], what: &[&str]) {
    let text = String::from_utf8_lossy(text);
    let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{b}']);
    for line in lines {
        assert!(!line.starts_with(FORGED), "{what:?}: {line}");
    }
}

/// Replaces every text in a value, except for names of types.
fn poison(value: &mut Val, text: &[u8]) {
    const TYPES: [&[u8]; 8] =
        [b"Kind", b"Type", b"Status", b"Provider", b"Behavior", b"Protocol", b"Op", b"Verb"];
    match value {
        Val::Map(entries) => {
            for (key, value) in entries {
                let is_type = matches!(key, Val::Raw(name) if TYPES.contains(&name.as_slice()));
                if !is_type {
                    poison(value, text);
                }
            }
        }
        Val::Array(items) => items.iter_mut().for_each(|item| poison(item, text)),
        Val::Raw(bytes) if !bytes.is_empty() => *bytes = text.to_vec(),
        _ => {}
    }
}

/// Records of many types, with these texts in place of all others.
pub(crate) fn poisoned(texts: &[String]) -> Vec<Record> {
    let mut records = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        let index = n as u64 + 1;
        let node = Node::new("node", "09a2ebf4-5609-c38a-5b04-5cfbc786e7c1", index);
        let service = Service::new("web", "web", index);
        let mut of_one = vec![
            node.record(VERSION),
            node.service_record(VERSION, &service),
            node.check_record(VERSION, &Check::of_service(&service, "passing", index)),
            coordinate(VERSION, "node", [0.0; 8], 1.0),
            session(VERSION, "id", "name", "node", index),
            acl::token(VERSION, "accessor", "secret", "text", &[("id", "name")], &[], index),
            acl::policy(VERSION, "id", "name", "key \"a\" { policy = \"read\" }", index),
            acl::role(VERSION, "id", "name", &[("id", "name")], &["web"], index),
            acl::binding_rule(VERSION, "id", "method", ("role", "name"), index),
            acl::auth_method(VERSION, "method", index),
            kv::locked("key", "value", 0, index, "session", 1),
            kv::tombstone("key", index),
            cluster::system_metadata(VERSION, "key", "value", index),
            cluster::index("table", index),
            connect::ca_root(VERSION, true, index),
            connect::ca_config(VERSION, index),
            connect::intention(VERSION, "id", "web", "db", "allow", index),
        ];
        for record in &mut of_one {
            poison(&mut record.body, text.as_bytes());
        }
        // These are stored encoded twice.
        let fields =
            vec![("ExternalSNI", text.as_str().into()), ("Meta", user_map(&[(text, text)]))];
        of_one.push(config::entry(VERSION, "service-defaults", text, fields, index));
        of_one.push(peering::peering("id", text, index));
        of_one.push(peering::trust_bundle(text, index));
        // An unknown field.
        of_one.push(Record::new(kind::KVS, user_map(&[("Key", "k"), (text, text)])));
        of_one.push(kv::entry(format!("folder/{text}"), text, 0, index));
        records.extend(of_one);
    }
    records
}

pub(crate) fn hostile_snapshot() -> Vec<u8> {
    let mut spec = SnapshotSpec::new(poisoned(&hostile())).in_section_order();
    spec.meta.id = hostile().concat();
    spec.snap()
}

/// What a terminal receives from a command's standard output.
fn on_a_terminal(args: &[&str], dir: &Path) -> Vec<u8> {
    terminal_with(args, dir, &[("NO_COLOR", "1")])
}

fn terminal_with(args: &[&str], dir: &Path, env: &[(&str, &str)]) -> Vec<u8> {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let program = binary().get_program().to_str().unwrap().to_owned();
    let words: Vec<String> =
        [program.as_str()].iter().chain(args).map(|word| quoted(word)).collect();
    let errors = dir.join("errors");
    let line = format!("{} 2> {}", words.join(" "), quoted(errors.to_str().unwrap()));
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).stdin(std::process::Stdio::null());
    script.env_remove("NO_COLOR").env("PAGER", "cat").envs(env.iter().copied());
    let ran: Ran = finish(&mut script, b"");
    assert!(ran.code() < 4, "{args:?}: {}", ran.stderr);
    let errors = std::fs::read(&errors).unwrap();
    nothing_raw(&errors, args);
    nothing_forged(&errors, args);
    ran.stdout
}

fn nothing_raw(shown: &[u8], args: &[&str]) {
    let text = std::str::from_utf8(shown).unwrap_or_else(|e| panic!("{args:?}: {e}"));
    let text = text.replace("\r\r\n", "\n").replace("\r\n", "\n");
    let raw = text.chars().find(|c| {
        c.is_control() && !matches!(c, '\n' | '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}')
            || matches!(c, '\u{61c}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    });
    assert_eq!(raw, None, "{args:?}: {}", text.escape_debug().to_string().get(..400).unwrap_or(""));
}

/// The cells of CSV.
fn cells(text: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => cells.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            c => cell.push(c),
        }
    }
    cells
}

fn no_formula(csv: &[u8], args: &[&str]) {
    let text = std::str::from_utf8(csv).unwrap();
    for cell in cells(text) {
        let is_number = cell.parse::<f64>().is_ok();
        let start = cell.trim_start_matches(|c: char| {
            c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}')
        });
        let formula =
            start.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
        assert!(is_number || !formula, "{args:?}: {cell:?}");
        let act = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        assert!(!cell.contains(act), "{args:?}: {cell:?}");
    }
}

fn json(text: &[u8], args: &[&str]) -> Vec<serde_json::Value> {
    let values = serde_json::Deserializer::from_slice(text).into_iter();
    values.map(|value| value.unwrap_or_else(|e| panic!("{args:?}: {e}"))).collect()
}

fn commands<'a>(file: &'a str, other: &'a str) -> Vec<Vec<&'a str>> {
    let mut all = vec![
        vec!["inspect", "--kvdetails", "--kvdepth", "9", "--more", file],
        vec!["inspect", "--kvdetails", "--kvdepth", "9", "--more", "--format", "json", file],
        vec!["decode", file],
        vec!["decode", "--raw", file],
        vec!["get", "kv", file, "folder/\u{1b}]0;title\u{7}\u{9b}31m", "--json"],
        vec!["get", "policy", file, "\u{1b}]0;title\u{7}\u{9b}31m"],
        vec!["get", "node", file, "\u{9b}"],
        vec!["acl", "explain", file, "accessor"],
        vec!["history", "kv", "--under", "", file, other],
        vec!["verify", "--deep", file],
        vec!["verify", "--for-consul", "1.8.7", file],
        vec!["verify", "--deep", "-o", "json", file],
        vec!["verify", "--deep", "-o", "jsonl", file],
        vec!["salvage", "--dry-run", "--out", "x", file],
        vec!["salvage", "--dry-run", "--out", "x", "-o", "json", file],
        vec!["extract", "--dry-run", "--out", "x", "--only", "kv", file],
        vec!["extract", "--dry-run", "--out", "x", "--rename-prefix", "folder/=other/", file],
        vec!["extract", "--dry-run", "--out", "x", "-o", "json", file],
        vec!["redact", "--dry-run", "--out", "x", file],
        vec!["redact", "--dry-run", "--out", "x", "-o", "json", file],
        vec!["pack", "--dry-run", "--out", "x", file],
        vec!["acl", "can", file, "accessor", "key", "read", "a"],
        vec!["acl", "explain", file, "\n"],
    ];
    for form in ["table", "json", "jsonl", "csv"] {
        for by in ["type", "prefix", "service", "node", "policy", "kind"] {
            all.push(vec!["breakdown", "--by", by, "-o", form, file]);
        }
        all.push(vec!["top", "-n", "99", "-o", form, file]);
        all.push(vec!["acl", "who-can", "-o", form, file, "key", "read", "a"]);
        for kind in KINDS {
            all.push(vec!["list", "--wide", "--show-secrets", "-o", form, kind.name, file]);
        }
        if form != "csv" {
            all.push(vec!["diff", "-o", form, "--show-secrets", other, file]);
            all.push(vec!["audit", "-o", form, "--show-secrets", file]);
            all.push(vec!["trend", "--by", "prefix", "--depth", "9", "-o", form, file, other]);
        }
    }
    all
}

/// Runs a command into a pipe and on a terminal, where nothing may act or look like our own line.
fn piped_and_shown(args: &[&str], dir: &Path) -> (Ran, Vec<u8>) {
    let piped = run(args);
    assert!(piped.code() < 4, "{args:?}: {}", piped.stderr);
    nothing_raw(piped.stderr.as_bytes(), args);
    nothing_forged(piped.stderr.as_bytes(), args);
    let shown = on_a_terminal(args, dir);
    nothing_raw(&shown, args);
    (piped, shown)
}

#[test]
fn nothing_raw_reaches_a_terminal_and_nothing_acts_in_a_spreadsheet() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "hostile.snap", &hostile_snapshot());
    let other = write(dir.path(), "other.bin", &SnapshotSpec::new(Vec::new()).state());
    let begin = std::time::Instant::now();
    for args in commands(file.to_str().unwrap(), other.to_str().unwrap()) {
        let (piped, shown) = piped_and_shown(&args, dir.path());
        let has = |word: &str| args.contains(&word);
        if has("csv") {
            no_formula(&piped.stdout, &args);
        } else if !(has("json") || has("jsonl") || has("decode")) {
            // Into a pipe, `inspect` writes the same bytes as Consul's command.
            if !has("inspect") {
                nothing_forged(&piped.stdout, &args);
            }
            nothing_forged(&shown, &args);
        } else {
            let (mut piped, mut shown) = (json(&piped.stdout, &args), json(&shown, &args));
            for value in piped.iter_mut().chain(&mut shown) {
                if let Some(more) = value.get_mut("More") {
                    more["AgeSeconds"] = 0.into();
                }
            }
            assert!(piped == shown, "{args:?}: not the same value");
        }
    }
    assert!(begin.elapsed() < PATIENCE);
    let out = dir.path().join("tables");
    let args = ["export", file.to_str().unwrap(), "--to", "csv", "--out", out.to_str().unwrap()];
    assert!(run(args).code() < 4);
    for entry in std::fs::read_dir(&out).unwrap() {
        let path = entry.unwrap().path();
        no_formula(&std::fs::read(&path).unwrap(), &[path.to_str().unwrap()]);
    }
}

/// Colours are a few fixed sequences, and no sequence of a file is among them.
#[test]
fn colours_bring_nothing_else_to_a_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "hostile.snap", &hostile_snapshot());
    let other = write(dir.path(), "other.bin", &SnapshotSpec::new(Vec::new()).state());
    let (file, other) = (file.to_str().unwrap(), other.to_str().unwrap());
    for args in [
        &["audit", "--show-secrets", file][..],
        &["list", "checks", "--wide", "--show-secrets", file],
        &["list", "kv", "-o", "json", file],
        &["diff", "--show-secrets", other, file],
        &["history", "kv", "--prefix", "", other, file],
        &["verify", "--deep", file],
        &["acl", "can", file, "accessor", "key", "read", "a"],
    ] {
        let env = [("TERM", "xterm")];
        let coloured = terminal_with(&[args, &["--color", "always"]].concat(), dir.path(), &env);
        let mut text = String::from_utf8(coloured).unwrap();
        for code in ["0", "1", "2", "31", "32", "33", "36"] {
            text = text.replace(&format!("\u{1b}[{code}m"), "");
        }
        nothing_raw(text.as_bytes(), args);
        let plain = String::from_utf8(on_a_terminal(args, dir.path())).unwrap();
        assert!(text == plain, "{args:?}");
    }
}

/// Names of files are hostile, too: those of snapshots, of new files, of missing ones.
#[test]
fn a_file_s_name_is_a_name_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let hostile = format!("a{}\u{1b}[31m\u{9b}\u{202e}", forged());
    let folder = dir.path().join(&hostile);
    std::fs::create_dir(&folder).unwrap();
    let good = Fixture::snap("consul-1.21.4/small-a").path;
    let bytes = std::fs::read(&good).unwrap();
    let snap = |name: &str| folder.join(format!("{hostile}{name}.snap"));
    let (sound, cut, garbage) = (snap("sound"), snap("cut"), snap("garbage"));
    std::fs::write(&sound, &bytes).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    std::fs::write(&garbage, "no snapshot").unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (out, there) = (text(&snap("out")), text(&snap("there")));
    std::fs::write(&there, "not a regular output").unwrap();
    let missing = text(&snap("missing"));
    let folder = text(&folder);
    for file in [&text(&sound), &text(&cut), &text(&garbage), &missing, &folder] {
        let commands = commands_with(file, &hostile, [&missing, &there, &out, &folder]);
        for args in commands {
            let ran = run(&args);
            nothing_raw(ran.stderr.as_bytes(), &args);
            nothing_forged(ran.stderr.as_bytes(), &args);
            if args[0] != "decode" {
                nothing_forged(&ran.stdout, &args);
            }
            for made in [&out, &format!("{out}.incomplete")] {
                let made = Path::new(made);
                let _ = std::fs::remove_file(made).or_else(|_| std::fs::remove_dir_all(made));
            }
        }
    }
    #[cfg(feature = "live")]
    for args in [
        vec!["snapshots", &folder],
        vec!["prune", &folder, "--keep", "1", "--dry-run"],
        vec!["restore", "--dry-run", &missing],
        vec!["save", "--http-addr", &hostile, &out],
        vec!["agent", "-config-file", &missing],
        vec!["agent", "-config-file", &there],
    ] {
        let ran = run(&args);
        nothing_raw(ran.stderr.as_bytes(), &args);
        nothing_raw(&ran.stdout, &args);
        nothing_forged(ran.stderr.as_bytes(), &args);
        nothing_forged(&ran.stdout, &args);
    }
}

/// Commands with a file and other hostile names.
fn commands_with<'n>(
    file: &'n str,
    hostile: &'n str,
    [missing, there, out, folder]: [&'n str; 4],
) -> Vec<Vec<&'n str>> {
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["inspect", "-v", file],
        vec!["decode", "--type", "Index", file],
        vec!["breakdown", file],
        vec!["top", "-n", "1", file],
        vec!["list", "-v", "kv", "--limit", "1", file],
        vec!["list", "nodes", "--filter", hostile, file],
        vec!["list", "nodes", "--columns", hostile, file],
        vec!["list", hostile, file],
        vec!["get", "kv", file, hostile],
        vec!["get", "node", file, hostile],
        vec!["diff", "--stat", file, missing],
        vec!["diff", "--stat", "-v", file, file],
        vec!["history", "kv", hostile, file, missing],
        vec!["history", "kv", hostile, folder],
        vec!["trend", file, missing],
        vec!["audit", "--only", "CA", file],
        vec!["audit", "--baseline", missing, file],
        vec!["audit", "--baseline", there, file],
        vec!["audit", "--write-baseline", there, file],
        vec!["audit", "--only", hostile, file],
        vec!["acl", "explain", file, hostile],
        vec!["acl", "who-can", file, "key", "read", hostile],
        vec!["acl", "can", file, hostile, "key", "read", hostile],
        vec!["acl", "who-can", file, hostile, "read", "a"],
        vec!["verify", file, missing],
        vec!["verify", "--for-consul", hostile, file],
        vec!["pack", file, "--out", out],
        vec!["pack", file, "--out", there],
        vec!["salvage", file, "--out", out, "--dry-run"],
        vec!["salvage", file, "--out", there],
        vec!["extract", file, "--out", there, "--only", hostile],
        vec!["extract", file, "--out", there, "--filter", hostile],
        vec!["redact", file, "--out", there],
        vec!["redact", file, "--out", out, "--dry-run", "--key-file", missing],
        vec!["log", file],
        vec!["log", folder, "--filter", hostile],
        vec!["log", "show", "1", file],
        vec!["log", "stats", file, "--since", hostile],
        vec!["at", "--index", "9", file, "--out", out],
        vec!["at", "--time", hostile, file, "--out", out],
        vec!["at", "--index", "9", "--log", folder, file, "--out", there],
    ];
    for to in ["kv-json", "config-entries", "acl", "jsonl", "csv", "sqlite", hostile] {
        commands.push(vec!["export", file, "--to", to, "--out", there]);
        commands.push(vec!["export", file, "--to", to, "--out", out, "--force"]);
    }
    commands
}

/// `get kv` writes bytes unchanged into a pipe, and escaped text to a terminal, where binary values
/// need a flag.
#[test]
fn a_value_is_written_as_it_is_where_that_is_safe() {
    let dir = tempfile::tempdir().unwrap();
    let values: [(&str, &[u8]); 3] = [
        ("text", "über\t\u{202e}x\u{9b}1m\r\nend".as_bytes()),
        ("escape", b"\x1b[31m"),
        ("binary", b"\xff\0"),
    ];
    let records = values.iter().map(|(key, value)| kv::entry(key, value, 0, 1)).collect();
    let file = write(dir.path(), "state.bin", &SnapshotSpec::new(records).state());
    let file = file.to_str().unwrap();
    for (key, value) in values {
        assert_eq!(run(["get", "kv", file, key]).stdout, value);
        let raw = on_a_terminal(&["get", "kv", "--raw", file, key], dir.path());
        // The terminal's driver adds a carriage return before each line feed.
        let driven =
            value.iter().flat_map(|b| if *b == b'\n' { vec![b'\r', b'\n'] } else { vec![*b] });
        assert_eq!(raw, driven.collect::<Vec<u8>>());
        let shown = on_a_terminal(&["get", "kv", file, key], dir.path());
        nothing_raw(&shown, &["get", key]);
        assert_eq!(shown.is_empty(), key != "text", "{key}");
    }
    let shown = on_a_terminal(&["get", "kv", file, "text"], dir.path());
    let shown = String::from_utf8(shown).unwrap();
    assert_eq!(shown.replace('\r', ""), "über\t\\u202ex\\u009b1m\nend");
}

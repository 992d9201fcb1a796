//! `inspect`, compared with the output of `consul snapshot inspect` 1.21.4; where that was not
//! recorded, with our own count.

use crate::support::{Fixture, Ran, all, run, run_with, split, write};
use serde_json::{Value, json};
use snapscope_testkit::records::{cluster, kv};
use snapscope_testkit::{Archive, SnapshotSpec, fixtures};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

/// The recorded output of Consul, and its flags.
const GOLDENS: [(&str, &[&str]); 4] = [
    (".inspect.txt", &[]),
    (".inspect.json", &["-format=json"]),
    (".inspect-kv.txt", &["-kvdetails"]),
    (".inspect-kv3.json", &["-kvdetails", "-kvdepth=3", "-format=json"]),
];

fn inspect(flags: &[&str], path: &Path) -> Ran {
    let ran = run(["inspect"].iter().chain(flags).map(AsRef::as_ref).chain([path.as_os_str()]));
    assert_eq!(ran.code(), 0, "{}: {}", path.display(), ran.stderr);
    ran
}

fn same(ran: &Ran, golden: &[u8], what: &str) {
    assert!(
        ran.stdout == golden,
        "{what}: ours\n{}\nConsul's\n{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(golden)
    );
}

/// Outputs that were recorded with other flags. Their names contain the flags: `@` between two, `%`
/// for `/`.
fn recorded(fixture: &Fixture) -> Vec<(Vec<String>, Vec<u8>)> {
    let (Some(folder), Some(stem)) = (fixture.path.parent(), fixture.path.file_stem()) else {
        return Vec::new();
    };
    let before = format!("{}.inspect@", stem.to_str().unwrap());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(flags) = name.strip_prefix(&before).and_then(|n| n.strip_suffix(".out")) else {
            continue;
        };
        let flags = flags.split('@').map(|flag| flag.replace('%', "/")).collect();
        found.push((flags, std::fs::read(&path).unwrap()));
    }
    found
}

#[test]
fn a_negative_depth_prints_nothing_but_for_no_keys() {
    let fixture = Fixture::snap("consul-1.17.3/small-c");
    let path = fixture.path.to_str().unwrap();
    let plain = inspect(&["-kvdetails", "-kvfilter=nothing-here"], &fixture.path);
    for flags in [&["-kvdepth=-1"][..], &["-kvdepth", "-1"]] {
        let none = [&["-kvdetails", "-kvfilter=nothing-here"][..], flags].concat();
        same(&inspect(&none, &fixture.path), &plain.stdout, "no key is counted");
        let ran = run([&["inspect", "-kvdetails"][..], flags, &[path]].concat());
        assert_eq!((ran.code(), ran.stdout.as_slice()), (2, &b""[..]));
        assert!(ran.stderr.contains("--kvdepth -1 is negative"), "{}", ran.stderr);
    }
}

#[test]
fn prints_what_consul_prints() {
    let mut compared = 0;
    for fixture in all() {
        for (ending, flags) in GOLDENS {
            let Some(golden) = fixture.beside(ending) else { continue };
            for jobs in ["1", "2", "4"] {
                let flags: Vec<&str> = flags.iter().copied().chain(["--jobs", jobs]).collect();
                let ran = inspect(&flags, &fixture.path);
                same(&ran, &golden, &format!("{}{ending} with {jobs} jobs", fixture.name));
                assert_eq!(ran.stderr, "", "{}", fixture.name);
            }
            compared += 1;
        }
        for (flags, golden) in recorded(&fixture) {
            let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
            same(&inspect(&flags, &fixture.path), &golden, &format!("{} {flags:?}", fixture.name));
            compared += 1;
        }
    }
    // Two forms for the raft directory, four for each of nine snapshots.
    assert!(compared >= 70, "only {compared} outputs were compared");
}

/// It is the same snapshot in any container.
#[test]
fn prints_the_same_for_each_container() {
    for name in ["consul-1.8.7/small-a", "consul-1.14.7/empty", "consul-1.21.4/nulls"] {
        let fixture = Fixture::snap(name);
        let (meta, state) = (fixture.meta(), fixture.state());
        let archive = Archive::of_files(&meta, &state);
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("unpacked");
        std::fs::create_dir(&folder).unwrap();
        write(&folder, "meta.json", &meta);
        let paths = [
            write(dir.path(), "any-name", &archive.snap()),
            write(dir.path(), "plain.tar", &archive.tar()),
            write(&folder, "state.bin", &state),
            folder.clone(),
        ];
        for (ending, flags) in GOLDENS {
            let golden = fixture.beside(ending).unwrap();
            for path in &paths {
                same(&inspect(flags, path), &golden, &format!("{name} {}", path.display()));
            }
            for bytes in [archive.snap(), archive.tar()] {
                let args = ["inspect"].iter().chain(flags).chain(&["-"]);
                let ran = run_with(args, &bytes);
                assert_eq!(ran.code(), 0, "{}", ran.stderr);
                same(&ran, &golden, "standard input");
            }
        }
    }
}

/// A state.bin alone gives everything except for what is in meta.json.
#[test]
fn a_bare_state_has_no_meta() {
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    let state = fixture.state();
    let golden = String::from_utf8(fixture.beside(".inspect.txt").unwrap()).unwrap();
    let tables = golden.split_once("\n\n").unwrap().1;
    let mut golden_json: Value =
        serde_json::from_slice(&fixture.beside(".inspect.json").unwrap()).unwrap();
    golden_json["Meta"] = Value::Null;
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "lonely", &state);
    let ran = inspect(&[], &path);
    let (head, ours) = ran.text().split_once("\n\n").unwrap();
    assert_eq!(ours, tables);
    let fields: Vec<Vec<&str>> = head.lines().map(|l| l.split_whitespace().collect()).collect();
    let names = ["ID", "Size", "Index", "Term", "Version"];
    assert_eq!(fields, names.map(|name| vec![name, "-"]));
    let ran = inspect(&["-format", "json"], &path);
    let mut ours = ran.json();
    // Either the whole block is null, or each of its fields.
    if let Some(meta) = ours["Meta"].as_object() {
        assert!(meta.values().all(Value::is_null), "{meta:?}");
        ours["Meta"] = Value::Null;
    }
    assert_eq!(ours, golden_json);
    let ran = run_with(["inspect", "-"], &state);
    assert_eq!((ran.code(), ran.text().split_once("\n\n").unwrap().1), (0, tables));
}

/// Key groups, counted from the records that an independent reader splits: name, bytes, count.
fn groups(state: &[u8], depth: usize, filter: &[u8]) -> Vec<(Vec<u8>, u64, u64)> {
    let mut groups: BTreeMap<Vec<u8>, (u64, u64)> = BTreeMap::new();
    for (kind, bytes) in split(state) {
        if kind != 2 {
            continue;
        }
        let mut body = &bytes[1..];
        let value = rmpv::decode::read_value(&mut body).unwrap();
        let entries = value.as_map().unwrap();
        let key = entries.iter().find(|(k, _)| k.as_str() == Some("Key")).unwrap().1.clone();
        let rmpv::Value::String(key) = key else { panic!("a key is raw") };
        let key = key.as_bytes();
        if !key.starts_with(filter) {
            continue;
        }
        let parts: Vec<&[u8]> = key.split(|b| *b == b'/').collect();
        let group = parts[..depth.min(parts.len())].join(&b'/');
        let entry = groups.entry(group).or_default();
        entry.0 += bytes.len() as u64;
        entry.1 += 1;
    }
    let mut groups: Vec<_> = groups.into_iter().map(|(k, (s, c))| (k, s, c)).collect();
    groups.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    groups
}

/// Go's text for a size.
fn size_text(bytes: u64) -> String {
    let (mut shown, mut unit) = (bytes as f64, "B");
    for larger in ["KB", "MB", "GB"] {
        if shown < 1024.0 {
            break;
        }
        (shown, unit) = (shown / 1024.0, larger);
    }
    let text = format!("{shown:.1}");
    if bytes == 0 {
        return "0".to_owned();
    }
    format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
}

#[test]
fn key_groups_of_every_depth_and_filter_are_right() {
    for fixture in all() {
        let state = fixture.state();
        let plain: Value = inspect(&["-format=json"], &fixture.path).json();
        for depth in 1..=5 {
            for filter in ["", "vault/", "config/dev", "odd", "no such key", "apps/us-east-1/"] {
                let expected = groups(&state, depth, filter.as_bytes());
                let depth_flag = format!("-kvdepth={depth}");
                let filter_flag = format!("-kvfilter={filter}");
                let flags = ["-kvdetails", &depth_flag, &filter_flag];
                let json = inspect(&[&flags[..], &["-format=json"]].concat(), &fixture.path).json();
                let what = format!("{} {flags:?}", fixture.name);
                let rows: Vec<Value> = expected
                    .iter()
                    .map(|(name, size, count)| {
                        json!({"Name": String::from_utf8_lossy(name), "Sum": size, "Count": count})
                    })
                    .collect();
                let total: u64 = expected.iter().map(|g| g.1).sum();
                let shown = if rows.is_empty() { Value::Null } else { Value::Array(rows) };
                assert_eq!(json["StatsKV"], shown, "{what}");
                assert_eq!(json["TotalSizeKV"], total, "{what}");
                for same in ["Meta", "Stats", "TotalSize"] {
                    assert_eq!(json[same], plain[same], "{what} {same}");
                }
                let text = inspect(&flags, &fixture.path).stdout;
                check_text(&text, &expected, &what);
            }
        }
    }
}

/// The second table of the text, compared with the groups, as far as keys do not break its lines.
fn check_text(text: &[u8], expected: &[(Vec<u8>, u64, u64)], what: &str) {
    let text = String::from_utf8_lossy(text);
    let Some((_, table)) = text.split_once("\n Key Name") else {
        assert!(expected.is_empty(), "{what}: there is no table of keys");
        return;
    };
    assert!(!expected.is_empty(), "{what}: there is a table of keys");
    let total: u64 = expected.iter().map(|g| g.1).sum();
    let last: Vec<&str> = table.trim_end().lines().last().unwrap().split_whitespace().collect();
    assert_eq!(last, ["Total", &size_text(total)], "{what}");
    // A key with a newline or tab breaks its table; the goldens contain such keys.
    if expected.iter().any(|g| g.0.iter().any(|b| matches!(b, b'\n' | b'\t' | 0x0b | 0x0c | 0xff)))
    {
        return;
    }
    let widest = expected.iter().map(|g| String::from_utf8_lossy(&g.0).chars().count()).max();
    let width = (widest.unwrap() + 1).max("Key Name".len() + 1) + 6;
    let widest = expected.iter().map(|g| g.2.to_string().len()).max().unwrap();
    let count_width = widest.max("Count".len()) + 6;
    let rows = expected.iter().map(|(name, size, count)| {
        let name = format!(" {}", String::from_utf8_lossy(name));
        format!("{name:width$}{count:<count_width$}{}", size_text(*size))
    });
    let lines: Vec<&str> = table.trim_end().lines().skip(2).collect();
    let rows: Vec<String> = rows.collect();
    assert_eq!(lines[..lines.len() - 2], rows, "{what}");
}

#[test]
fn more_tells_what_consul_leaves_out() {
    for fixture in all() {
        for format in ["pretty", "json"] {
            let flags = ["--more", "--format", format];
            let one = inspect(&[&flags[..], &["--jobs", "1"]].concat(), &fixture.path);
            let four = inspect(&[&flags[..], &["--jobs", "4"]].concat(), &fixture.path);
            // The age depends on the current time; two runs may see different seconds.
            let steady = |ran: &Ran| -> String {
                let steady = |l: &&str| !l.to_lowercase().contains("age");
                ran.text().lines().filter(steady).collect::<Vec<_>>().join("\n")
            };
            assert_eq!(steady(&one), steady(&four), "{}", fixture.name);
            let plain = inspect(&["--format", format], &fixture.path);
            if format == "pretty" {
                assert!(one.stdout.starts_with(&plain.stdout), "{}", fixture.name);
                let version = fixture.name["consul-".len()..].split('/').next().unwrap();
                // Servers before 1.7 register no version, and a synthetic one has no server.
                let registered = !matches!(version, "1.0.7" | "1.5.1");
                let (dc, version) = match fixture.name.ends_with("resources-all") {
                    true => ("", ""),
                    // Nor do those before 1.4 report where their nodes are.
                    false if version == "1.0.7" => ("", "Written by"),
                    false => ("dc1", if registered { version } else { "Written by" }),
                };
                for expected in [dc, version, "verified", "2026-11-2"] {
                    assert!(one.text().contains(expected), "{}: no {expected}", fixture.name);
                }
            } else {
                let (mut more, plain) = (one.json(), plain.json());
                let removed = more.as_object_mut().unwrap().shift_remove("More");
                assert!(removed.is_some_and(|more| more.is_object()));
                assert_eq!(more, plain, "{}", fixture.name);
            }
        }
    }
}

/// As in Consul, key depth and filter have no effect without -kvdetails.
#[test]
fn depth_and_filter_need_details() {
    let fixture = Fixture::snap("consul-1.21.4/small-a");
    let golden = fixture.beside(".inspect.txt").unwrap();
    same(&inspect(&["-kvdepth=4", "-kvfilter=x"], &fixture.path), &golden, "no details");
    let off = inspect(&["-kvdetails=false"], &fixture.path);
    same(&off, &golden, "details turned off");
}

/// Unknown types are counted by number, and equal sizes sort by name.
#[test]
fn unknown_types_are_counted() {
    use snapscope_testkit::{Record, Val};
    let mut records = vec![kv::entry("b", "1", 0, 5), kv::entry("a", "1", 0, 6)];
    for kind in [200, 99, 69, 45] {
        records.push(Record::new(kind, Val::Raw(b"opaque".to_vec())));
    }
    records.push(cluster::chunking_state_idle());
    let spec = SnapshotSpec::new(records);
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.snap", &spec.snap());
    let json = inspect(&["-format=json", "-kvdetails"], &path).json();
    let stats: Vec<(&str, u64)> = json["Stats"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["Name"].as_str().unwrap(), row["Count"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        stats,
        [
            ("KVS", 2),
            ("ChunkingState", 1),
            ("Unknown(200)", 1),
            ("Unknown(45)", 1),
            ("Unknown(69)", 1),
            ("Unknown(99)", 1)
        ]
    );
    assert_eq!(json["TotalSize"], spec.state().len());
    let keys: Vec<&str> = json["StatsKV"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["Name"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["a", "b"]);
}

/// What Consul calls `Unknown(45)` has a name in our own commands.
#[test]
fn types_that_consul_does_not_name_are_named() {
    let path = fixtures::root().join("versions/newer-than-1.21.snap");
    let said = inspect(&["--more", "--format", "json"], &path).json();
    assert!(said["Stats"].as_array().unwrap().iter().any(|row| row["Name"] == "Unknown(45)"));
    for args in [
        &["breakdown", "-o", "json"][..],
        &["audit", "-o", "json"],
        &["verify", "-o", "json", "--for-consul", "1.21.4"],
    ] {
        let ran = run(args.iter().map(AsRef::as_ref).chain([path.as_os_str()]));
        assert!(ran.text().contains("FeatureGate"), "{args:?}: {}", ran.text());
        assert!(!ran.text().contains("Unknown(45)"), "{args:?}: {}", ran.text());
    }
}

/// Numbers and booleans in the forms of Go's flags; values that start with a dash.
#[test]
fn flags_are_read_as_go_reads_them() {
    let records = vec![kv::entry("-a/b/c", "1", 0, 5), kv::entry("x", "1", 0, 6)];
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.snap", &SnapshotSpec::new(records).snap());
    let plain = inspect(&["-kvdetails", "-kvdepth=2", "-kvfilter", "-a"], &path);
    assert!(plain.text().contains("-a/b "), "{}", plain.text());
    for args in [
        ["-kvdetails=1", "-kvdepth=0x2", "-kvfilter=-a"],
        ["--kvdetails=T", "--kvdepth=0b10", "--kvfilter=-a"],
        ["-kvdetails=TRUE", "-kvdepth=+2", "-kvfilter=-a"],
    ] {
        assert_eq!(inspect(&args, &path).text(), plain.text(), "{args:?}");
    }
    assert_eq!(inspect(&["-kvdetails=0"], &path).text(), inspect(&[], &path).text());
    for wrong in ["-kvdetails=yes", "-kvdepth=1.5", "-kvdepth=2_", "-kvdepth=9223372036854775808"] {
        assert_eq!(
            run([OsStr::new("inspect"), wrong.as_ref(), path.as_os_str()]).code(),
            2,
            "{wrong}"
        );
    }
    let prefix = ["breakdown", "--by", "prefix", "--prefix", "-a", path.to_str().unwrap()];
    assert!(run(prefix).text().contains("-a "), "{}", run(prefix).text());
}

//! Every form of a snapshot, and unusual but valid ones. What Consul reads is read. Files that
//! Consul refuses, although they have the same data, get a note. Missing data is damage.

use crate::support::{Fixture, Ran, finish, run, run_with, split, write};
use serde_json::Value;
use snapscope_testkit::archive::{gzip, sum_line, tar_header};
use snapscope_testkit::records::{cluster, kv};
use snapscope_testkit::{Archive, Meta, SnapshotSpec};
use std::path::Path;
use std::process::Command;

fn spec() -> SnapshotSpec {
    let mut records: Vec<_> = (0..50u64)
        .map(|i| kv::entry(format!("app/{i:03}"), "v".repeat(i as usize * 9), i, i + 10))
        .collect();
    records.push(cluster::index("kvs", 60));
    records.push(cluster::chunking_state_idle());
    SnapshotSpec::new(records)
}

/// The result for these bytes: exit code, JSON of `inspect`, standard error.
fn inspect(bytes: &[u8]) -> (i32, Value, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x", bytes);
    let ran = run(["inspect", "--format", "json", path.to_str().unwrap()]);
    (ran.code(), ran.json(), ran.stderr)
}

/// The bytes contain the whole snapshot; returns the messages.
fn good(bytes: &[u8], what: &str) -> String {
    let (code, json, stderr) = inspect(bytes);
    assert_eq!(code, 0, "{what}: {stderr}");
    assert_eq!(json["TotalSize"], spec().state().len(), "{what}");
    assert!(json.get("Incomplete").is_none(), "{what}");
    assert_eq!(json["Meta"]["Index"], spec().meta.index, "{what}");
    stderr
}

/// The bytes contain all records, but something is wrong with them; returns the messages.
fn damaged(bytes: &[u8], records: u64, what: &str) -> String {
    let (code, json, stderr) = inspect(bytes);
    assert_eq!(code, 3, "{what}: {stderr}");
    let stats = json["Stats"].as_array().into_iter().flatten();
    let found: u64 = stats.map(|row| row["Count"].as_u64().unwrap()).sum();
    assert_eq!(found, records, "{what}: {stderr}");
    assert_eq!(json["Incomplete"], true, "{what}");
    assert!(stderr.contains("damaged"), "{what}: {stderr}");
    stderr
}

const ALL: u64 = 52;

#[test]
fn what_consul_reads_is_read_in_silence() {
    let whole = || spec().archive();
    let orders = [
        ["meta.json", "state.bin", "SHA256SUMS"],
        ["meta.json", "SHA256SUMS", "state.bin"],
        ["state.bin", "meta.json", "SHA256SUMS"],
        ["state.bin", "SHA256SUMS", "meta.json"],
        ["SHA256SUMS", "meta.json", "state.bin"],
        ["SHA256SUMS", "state.bin", "meta.json"],
    ];
    for order in orders {
        assert_eq!(good(&whole().order(&order).snap(), &format!("{order:?}")), "");
        assert_eq!(good(&whole().order(&order).tar(), &format!("{order:?}")), "");
    }
    for members in [2, 3, 7, 40] {
        let archive = Archive { gzip_members: members, ..whole() };
        assert_eq!(good(&archive.snap(), "several gzip members"), "");
        let archive = Archive { empty_gzip_member: true, ..archive };
        assert_eq!(good(&archive.snap(), "an empty last gzip member"), "");
    }
    for blocks in [0, 1] {
        let archive = Archive { zero_blocks: blocks, ..whole() };
        assert_eq!(good(&archive.snap(), "fewer zero blocks"), "");
    }
    for level in [0, 1, 9] {
        assert_eq!(good(&Archive { level, ..whole() }.snap(), "another level"), "");
    }
    let sums = String::from_utf8(whole().members[2].1.clone()).unwrap();
    let upper: String =
        sums.lines().map(|l| format!("{}{}\n", l[..64].to_uppercase(), &l[64..])).collect();
    for text in [
        upper,
        sums.replace('\n', "\r\n"),
        sums.replace("  ", " "),
        format!("{sums}{sums}"),
        sums.lines().rev().map(|l| format!("{l}\n")).collect(),
    ] {
        let archive = whole().replace("SHA256SUMS", text.clone());
        assert_eq!(good(&archive.snap(), &text), "");
    }
    let meta = spec().meta.json(spec().state().len() as u64, None);
    let archive = Archive::of_files(format!("{meta} \n\n").as_bytes(), &spec().state());
    assert_eq!(good(&archive.snap(), "white space behind meta.json"), "");
}

/// A wrong `Size` in an archive whose hashes match, so the writer made it so.
#[test]
fn a_wrong_size_under_a_right_hash_is_a_note() {
    let mut spec = spec();
    spec.meta.size = Some(7);
    let (code, _, stderr) = inspect(&spec.snap());
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("note") && stderr.contains('7'), "{stderr}");
}

#[test]
fn what_consul_refuses_but_is_whole_is_a_note() {
    let whole = || spec().archive();
    for blocks in [3, 14, 20] {
        let said = good(&Archive { zero_blocks: blocks, ..whole() }.snap(), "tar's own padding");
        assert!(said.contains("note") && said.contains("zero bytes"), "{said}");
    }
    let mut renamed = whole();
    for member in &mut renamed.members {
        member.0 = format!("./{}", member.0);
    }
    let said = good(&renamed.snap(), "./ in front of the names");
    assert!(said.contains("note"), "{said}");
}

#[test]
fn what_is_missing_or_doubled_is_damage() {
    let whole = || spec().archive();
    for name in ["meta.json", "SHA256SUMS"] {
        let said = damaged(&whole().without(name).snap(), ALL, name);
        assert!(said.contains(name), "{said}");
    }
    let said = damaged(&whole().without("state.bin").snap(), 0, "no state.bin");
    assert!(said.contains("state.bin"), "{said}");
    for name in ["meta.json", "state.bin", "SHA256SUMS"] {
        let said = damaged(&whole().duplicate(name).snap(), ALL, "twice");
        assert!(said.contains("more than once"), "{said}");
    }
    let said = damaged(&whole().with_member("extra.txt", "x").snap(), ALL, "a stranger");
    assert!(said.contains("extra.txt"), "{said}");
    for name in ["meta.json", "state.bin"] {
        let said = damaged(&whole().wrong_hash(name).snap(), ALL, "a wrong hash");
        assert!(said.contains(name) && said.contains("SHA-256"), "{said}");
    }
    let line = sum_line("other", &[7; 32]);
    let sums = String::from_utf8(whole().members[2].1.clone()).unwrap();
    for (text, what) in [
        (format!("{sums}{line}"), "a line too many"),
        (sums.lines().next().unwrap().to_owned() + "\n", "a line too few"),
        (format!("\n{sums}"), "an empty line"),
        ("nonsense".to_owned(), "nonsense"),
        (String::new(), "nothing"),
    ] {
        damaged(&whole().replace("SHA256SUMS", text).snap(), ALL, what);
    }
    for (meta, what) in [(&b"{"[..], "broken JSON"), (b"", "nothing"), (b"[]", "a list")] {
        let archive = Archive::of_files(meta, &spec().state());
        let said = damaged(&archive.snap(), ALL, what);
        assert!(said.contains("meta.json"), "{said}");
    }
    let said = damaged(
        &Archive { tail: b"garbage".to_vec(), ..whole() }.snap(),
        ALL,
        "garbage behind gzip",
    );
    assert!(said.contains("byte"), "{said}");
    damaged(&Archive { tail: vec![0; 512], ..whole() }.snap(), ALL, "zeros behind gzip");
    let tail = Archive { tar_tail: b"garbage".to_vec(), ..whole() };
    damaged(&tail.snap(), ALL, "garbage behind tar");
    damaged(&tail.tar(), ALL, "garbage behind tar");
}

/// State or meta changed, and the archive packed again: only the hash reveals it.
#[test]
fn a_repacked_change_is_found_by_its_hash() {
    let mut other = spec();
    other.records[3] = kv::entry("app/003", "w".repeat(27), 3, 13);
    assert_eq!(other.state().len(), spec().state().len());
    let said = damaged(&spec().archive().replace("state.bin", other.state()).snap(), ALL, "state");
    assert!(said.contains("state.bin does not match its SHA-256"), "{said}");
    let meta = Meta::at(spec().meta.index).json(spec().state().len() as u64, None);
    let meta = meta.replace("127.0.0.1", "127.0.0.2");
    let said = damaged(&spec().archive().replace("meta.json", meta).snap(), ALL, "meta");
    assert!(said.contains("meta.json does not match its SHA-256"), "{said}");
}

/// Pax and GNU headers before members, as tar programs write them.
#[test]
fn extended_headers_are_understood() {
    let archive = spec().archive();
    let mut pax = Vec::new();
    let mut gnu = Vec::new();
    for (name, content) in &archive.members {
        for (out, kind, text) in [
            (&mut pax, b'x', pax_records(&[("path", name), ("mtime", "1795403400.5")])),
            (&mut gnu, b'L', format!("{name}\0").into_bytes()),
        ] {
            out.extend(typed_header("././@LongLink", &text, kind));
            out.extend_from_slice(&tar_header("shortened", content.len() as u64, 1));
            out.extend_from_slice(content);
            out.resize(out.len().next_multiple_of(512), 0);
        }
    }
    for mut tar in [pax, gnu] {
        tar.resize(tar.len() + 1024, 0);
        good(&tar, "plain");
        good(&gzip(&tar, 6), "compressed");
    }
}

fn pax_records(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut out = String::new();
    for (key, value) in fields {
        let rest = format!(" {key}={value}\n");
        let length = (1..).find(|n| n.to_string().len() + rest.len() == *n).unwrap();
        out.push_str(&format!("{length}{rest}"));
    }
    out.into_bytes()
}

fn typed_header(name: &str, content: &[u8], kind: u8) -> Vec<u8> {
    let mut out = tar_header(name, content.len() as u64, 1);
    out[156] = kind;
    out[148..156].fill(b' ');
    let sum: u32 = out[..512].iter().map(|b| u32::from(*b)).sum();
    out[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.extend_from_slice(content);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

/// The three files, packed by the system's own tar.
#[test]
fn an_archive_of_the_system_s_tar_is_read() {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in &spec().archive().members {
        write(dir.path(), name, content);
    }
    for format in ["ustar", "pax", "gnu"] {
        let tar = |flags: &[&str], out: &str| {
            let files = ["meta.json", "state.bin", "SHA256SUMS"];
            let mut command = Command::new("tar");
            command.current_dir(dir.path()).arg(format!("--format={format}"));
            command.args(flags).arg(out).args(files);
            command.output().is_ok_and(|o| o.status.success())
        };
        if !tar(&["-czf"], "x.tgz") || !tar(&["-cf"], "x.tar") {
            // The tar of another system may not know the flag; the tests above build these forms
            // themselves.
            return;
        }
        for name in ["x.tgz", "x.tar"] {
            let bytes = std::fs::read(dir.path().join(name)).unwrap();
            let said = good(&bytes, &format!("{format} {name}"));
            assert!(!said.contains("damaged"), "{said}");
        }
    }
}

fn decode(path: &Path) -> Ran {
    run([Path::new("decode"), path])
}

/// The newest finished snapshot of a data directory is used, for any path in it.
#[test]
fn the_newest_finished_snapshot_of_a_data_dir_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let snapshots = dir.path().join("raft/snapshots");
    let mut older = spec();
    older.records.truncate(10);
    older.meta.id = "2-9-1795403000000".into();
    (older.meta.index, older.meta.term) = (9, 2);
    older.last_index = 5;
    older.write_raft_dir(&snapshots).unwrap();
    let mut newer = spec();
    newer.meta.id = "10-63-1795402000000".into();
    newer.meta.term = 10;
    newer.write_raft_dir(&snapshots).unwrap();
    let mut unfinished = spec();
    unfinished.meta.id = "11-70-1795404000000.tmp".into();
    unfinished.write_raft_dir(&snapshots).unwrap();
    let alone = decode(&snapshots.join("10-63-1795402000000"));
    assert_eq!((alone.code(), alone.stderr.as_str()), (0, ""));
    for path in [dir.path().to_owned(), dir.path().join("raft"), snapshots.clone()] {
        let ran = decode(&path);
        assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{}", path.display());
        assert!(ran.stdout == alone.stdout, "{}", path.display());
    }
    let text = alone.text();
    assert!(text.contains("10-63-1795402000000"), "{}", text.lines().next().unwrap());
}

/// All forms of one snapshot decode alike, by any name.
#[test]
fn content_counts_not_the_name() {
    let fixture = Fixture::snap("consul-1.21.4/empty");
    let expected = decode(&fixture.path).stdout;
    let at = expected.iter().position(|b| *b == b'\n').unwrap() + 1;
    let archive = Archive::of_files(&fixture.meta(), &fixture.state());
    let dir = tempfile::tempdir().unwrap();
    for name in ["a.snap", "b.tar", "c.json", "state.bin", "-odd name"] {
        for (bytes, expected) in [
            (archive.snap(), &expected[..]),
            (archive.tar(), &expected[..]),
            (fixture.state(), &expected[at..]),
            (gzip(&fixture.state(), 6), &expected[at..]),
        ] {
            let path = write(dir.path(), name, &bytes);
            assert!(decode(&path).stdout == expected, "{name}");
            assert!(run_with(["decode", "-"], &bytes).stdout == expected, "{name}");
        }
    }
    assert_eq!(split(&fixture.state()).len() + 1, expected.iter().filter(|b| **b == b'\n').count());
}

/// A named pipe is read like standard input.
#[cfg(unix)]
#[test]
fn a_named_pipe_is_read() {
    let fixture = Fixture::snap("consul-1.21.4/empty");
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    if !Command::new("mkfifo").arg(&pipe).status().is_ok_and(|s| s.success()) {
        return;
    }
    let bytes = std::fs::read(&fixture.path).unwrap();
    let writer = {
        let pipe = pipe.clone();
        std::thread::spawn(move || {
            let _ = std::fs::write(pipe, bytes);
        })
    };
    let ran = finish(crate::support::binary().arg("inspect").arg(&pipe), b"");
    writer.join().unwrap();
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    assert!(ran.stdout == fixture.beside(".inspect.txt").unwrap());
}

/// How a snapshot was inflated is reported on request only.
#[test]
fn how_it_was_read_is_told_when_asked() {
    let dir = tempfile::tempdir().unwrap();
    let small = Fixture::snap("consul-1.21.4/small-a").path;
    // Incompressible data keeps its size.
    let mut random = snapscope_testkit::random::SplitMix64::new(7);
    let values = (0..40u64).map(|i| {
        let mut value = vec![0; 32 << 10];
        random.fill(&mut value);
        kv::entry(format!("random/{i}"), value, i, i + 10)
    });
    let large = write(dir.path(), "large.snap", &SnapshotSpec::new(values.collect()).snap());
    let state = write(dir.path(), "state.bin", &spec().state());
    let cases: [(&Path, &[&str], &str); 5] = [
        (&small, &[], "snap, 261.2KB compressed, inflated by one thread, "),
        (&large, &["--jobs", "2"], "inflated by 2 threads, "),
        (&large, &["--jobs", "1"], "inflated by one thread, "),
        (&state, &[], ": state.bin, 14.5KB of state, 52 records, unverified"),
        (Path::new("-"), &[], "inflated by flate2, "),
    ];
    for (path, flags, expected) in cases {
        for command in ["inspect", "top", "decode"] {
            let said = |verbose: &[&str]| {
                let args = [command, path.to_str().unwrap()];
                let args = args.iter().chain(flags).chain(verbose);
                run_with(args, &std::fs::read(&small).unwrap())
            };
            let (quiet, verbose) = (said(&[]), said(&["-v"]));
            assert_eq!(quiet.code(), 0);
            assert_eq!(quiet.stdout, verbose.stdout, "{command} {path:?}");
            assert_eq!(quiet.stderr, "", "{command} {path:?}");
            assert!(verbose.stderr.contains(expected), "{command} {path:?}: {}", verbose.stderr);
            assert_eq!(verbose.stderr.lines().count(), 1, "{}", verbose.stderr);
        }
    }
    let whole = std::fs::read(&small).unwrap();
    let cut = write(dir.path(), "cut.snap", &whole[..200_000]);
    let ran = run(["inspect", "-v", cut.to_str().unwrap()]);
    assert!(
        ran.stderr.contains("snap, 195.3KB compressed, inflated by one thread"),
        "{}",
        ran.stderr
    );
    let more = run(["inspect", "--more", large.to_str().unwrap(), "--jobs", "2"]);
    assert!(more.text().contains("inflated by 2 threads"), "{}", more.text());
}

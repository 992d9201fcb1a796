//! Commands that write snapshots: the output of `pack` and `salvage` verifies, is the same each
//! time, and is restored by a real server.

use crate::cli::{examples, shell};
use crate::support::{Fixture, finish, run, run_with, write};
use snapscope_testkit::fixtures;
use snapscope_testkit::generate::GenerateOptions;
use snapscope_testkit::records::{cluster, kv};
use snapscope_testkit::{Archive, ConsulServer, Meta, SnapshotSpec};
use std::path::{Path, PathBuf};

fn spec() -> SnapshotSpec {
    let mut records: Vec<_> = (0..300u64)
        .map(|i| kv::entry(format!("app/{i:03}"), "v".repeat(i as usize * 9), i, i + 10))
        .collect();
    records.push(cluster::index("kvs", 310));
    records.push(cluster::chunking_state_idle());
    SnapshotSpec::new(records)
}

fn pack(input: &Path, more: &[&str]) -> (i32, Vec<u8>, String) {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.snap");
    let args = ["pack", input.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let ran = run(args.iter().chain(more));
    (ran.code(), std::fs::read(&out).unwrap_or_default(), ran.stderr)
}

/// The archive contains this state, and verifies without a message.
fn holds(snap: &[u8], state: &[u8], what: &str) {
    assert!(fixtures::state_of(snap) == state, "{what}");
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "a.snap", snap);
    let ran = run(["inspect", path.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{what}");
}

#[test]
fn every_form_is_packed_as_servers_pack() {
    let dir = tempfile::tempdir().unwrap();
    let state = spec().state();
    let raft = spec().write_raft_dir(&dir.path().join("data/raft/snapshots")).unwrap();
    let archive = || spec().archive();
    let late = archive().order(&["state.bin", "SHA256SUMS", "meta.json"]);
    let forms: [(&str, PathBuf); 5] = [
        ("raft folder", raft.clone()),
        ("data-dir", dir.path().join("data")),
        ("tar", write(dir.path(), "a.tar", &archive().tar())),
        (
            "padded",
            write(dir.path(), "padded.snap", &Archive { zero_blocks: 17, ..archive() }.snap()),
        ),
        ("meta.json last", write(dir.path(), "late.snap", &late.snap())),
    ];
    let (code, first, _) = pack(&raft, &[]);
    assert_eq!(code, 0);
    for (what, path) in forms {
        let (code, snap, stderr) = pack(&path, &[]);
        assert_eq!(code, 0, "{what}: {stderr}");
        holds(&snap, &state, what);
        // The same from any container, and with any number of threads.
        assert!(snap == first && pack(&path, &["--threads", "1"]).1 == first, "{what}");
    }
    let members = fixtures::unpack(&first).unwrap();
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["meta.json", "state.bin", "SHA256SUMS"]);
    assert!(!String::from_utf8_lossy(&members[0].1).contains("CRC"));
    let small = pack(&raft, &["--level", "9"]).1;
    assert!(small.len() < pack(&raft, &["--level", "1"]).1.len());
    holds(&small, &state, "level 9");
    // Of several snapshots the newest, or the named one.
    let mut older = spec();
    older.meta = Meta { id: "2-200-1795403300000".into(), ..Meta::at(200) };
    older.records.truncate(5);
    older.last_index = 14;
    older.write_raft_dir(&dir.path().join("data/raft/snapshots")).unwrap();
    let data = dir.path().join("data");
    assert!(pack(&data, &[]).1 == first);
    let (_, snap, _) = pack(&data, &["--id", "2-200-1795403300000"]);
    holds(&snap, &older.state(), "by ID");
    for id in ["2-201-1", "../raft", "2-200-1795403300000/.."] {
        assert_eq!(pack(&data, &["--id", id]).0, 2, "{id}");
    }
}

#[test]
fn a_state_alone_gets_a_meta_json() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "alone.bin", &spec().state());
    let (code, snap, stderr) = pack(&path, &[]);
    assert_eq!(code, 0);
    assert!(stderr.contains("no meta.json"), "{stderr}");
    holds(&snap, &spec().state(), "alone");
    let out = dir.path().join("piped.snap");
    let ran = run_with(["pack", "-", "--out", out.to_str().unwrap()], &spec().state());
    assert_eq!(ran.code(), 0);
    assert!(std::fs::read(out).unwrap() == snap);
}

#[test]
fn damage_is_packed_up_to_where_it_is_and_said() {
    let dir = tempfile::tempdir().unwrap();
    let folder = spec().write_raft_dir(dir.path()).unwrap();
    let mut state = spec().state();
    let at = state.len() / 2;
    state[at] ^= 1;
    std::fs::write(folder.join("state.bin"), &state).unwrap();
    let (code, snap, stderr) = pack(&folder, &[]);
    assert_eq!(code, 3);
    assert!(stderr.contains("CRC-64"), "{stderr}");
    assert!(!snap.is_empty());
    let (code, snap, _) = pack(&write(dir.path(), "x", b"nothing of the kind"), &[]);
    assert_eq!((code, snap.len()), (3, 0));
}

#[test]
fn a_file_appears_whole_and_replaces_only_when_asked() {
    let dir = tempfile::tempdir().unwrap();
    let input = write(dir.path(), "in.snap", &spec().snap());
    let out = dir.path().join("out.snap");
    let args = ["pack", input.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let ran = run(args.iter().chain(&["--dry-run"]));
    assert_eq!(ran.code(), 0);
    assert!(ran.text().contains("nothing was written") && !out.exists());
    assert_eq!(run(args).code(), 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let ran = run(args);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("--force"), "{}", ran.stderr);
    assert_eq!(run(args.iter().chain(&["--force"])).code(), 0);
    std::fs::create_dir(dir.path().join("folder")).unwrap();
    let folder = dir.path().join("folder");
    let ran = run(["pack", args[1], "--force", "--out", folder.to_str().unwrap()]);
    assert_eq!(ran.code(), 2);
    assert_eq!(run(["pack", args[1]]).code(), 2);
    // The input is never replaced.
    let before = std::fs::read(&input).unwrap();
    assert_eq!(run(["pack", args[1], "--force", "--out", args[1]]).code(), 2);
    assert!(std::fs::read(&input).unwrap() == before);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3);
}

#[test]
fn salvage_reports_what_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.snap");
    let out = out.to_str().unwrap();
    let mut state = spec().state();
    let offsets = spec().offsets();
    state[offsets[150] + 20..offsets[151] + 5].fill(0xee);
    let path = write(dir.path(), "state.bin", &state);
    let path = path.to_str().unwrap();
    let ran = run(["salvage", path, "--out", out, "-o", "json"]);
    assert_eq!(ran.code(), 3);
    let report = ran.json();
    assert_eq!(
        (report["records"].as_u64(), report["meta_made"].as_bool()),
        (Some(299), Some(true))
    );
    let lost = &report["lost"][0];
    assert!(lost["offset"].as_u64().unwrap() <= offsets[150] as u64);
    assert_eq!(lost["type"], "KVS");
    let ran = run(["verify", out]);
    assert_eq!(ran.code(), 0, "{}", ran.text());
    let ran = run(["salvage", path, "--dry-run"]);
    assert_eq!(ran.code(), 3);
    assert!(ran.text().contains("lost: bytes"), "{}", ran.text());
    // Intact records are copied.
    let whole = write(dir.path(), "whole.snap", &spec().snap());
    let ran = run(["salvage", whole.to_str().unwrap(), "--force", "--out", out]);
    assert_eq!(ran.code(), 0, "{}", ran.text());
    holds(&std::fs::read(out).unwrap(), &spec().state(), "whole");
    let nothing = write(dir.path(), "nothing", &[7; 5000]);
    let ran = run(["salvage", nothing.to_str().unwrap(), "--force", "--out", out]);
    assert_eq!(ran.code(), 3);
}

/// After restoring the file, a real server has what the file has.
fn restores(server: &mut ConsulServer, file: &Path) {
    server.snapshot_restore(&std::fs::read(file).unwrap()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let saved = write(dir.path(), "saved.snap", &server.snapshot_save().unwrap());
    let types = "kv,policy,role,query,config-entry,binding-rule";
    let (file, saved) = (file.to_str().unwrap(), saved.to_str().unwrap());
    let ran = run(["diff", "--type", types, file, saved]);
    assert_eq!(ran.code(), 0, "{file}: {}{}", ran.text(), ran.stderr);
    assert!(run(["list", "kv", file, "-o", "jsonl"]).lines().len() > 2);
}

#[test]
fn a_real_server_restores_what_is_written() {
    let Some(mut server) = ConsulServer::for_test("a_real_server_restores_what_is_written") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let out = |name: &str| dir.path().join(name);
    let make = |args: &[&str], out: &Path, code: i32| {
        let ran = run(args.iter().chain(&["--out", out.to_str().unwrap()]));
        assert_eq!(ran.code(), code, "{args:?}: {}", ran.stderr);
    };
    let original = Fixture::snap("consul-1.8.7/small-a").path;
    let bytes = std::fs::read(&original).unwrap();
    // Its own data directory.
    let packed = out("packed.snap");
    make(&["pack", original.to_str().unwrap()], &packed, 0);
    restores(&mut server, &packed);
    let of_server = out("server.snap");
    make(&["pack", server.data_dir().to_str().unwrap()], &of_server, 0);
    restores(&mut server, &of_server);
    // A state without meta.json, truncated and damaged files.
    let state = fixtures::state_of(&bytes);
    let alone = write(dir.path(), "alone", &state);
    make(&["pack", alone.to_str().unwrap()], &out("alone.snap"), 0);
    restores(&mut server, &out("alone.snap"));
    let cut = write(dir.path(), "cut", &bytes[..bytes.len() * 2 / 3]);
    make(&["salvage", cut.to_str().unwrap()], &out("cut.snap"), 3);
    restores(&mut server, &out("cut.snap"));
    // The heads of records, and what follows them.
    let heads = state.windows(13).enumerate().filter(|(_, w)| w.ends_with(b"\xabCreateIndex"));
    let heads: Vec<usize> = heads.map(|(at, _)| at).collect();
    for (i, share) in [30, 50, 90].into_iter().enumerate() {
        let at = heads[heads.len() * share / 100];
        let mut damaged = state.clone();
        damaged[at..at + 700].fill(0x5a);
        let damaged = write(dir.path(), "damaged", &damaged);
        let saved = out(&format!("damaged-{i}.snap"));
        make(&["salvage", damaged.to_str().unwrap()], &saved, 3);
        restores(&mut server, &saved);
    }
}

/// The snapshot of a server with an object of each kind, and a generated one.
#[test]
fn a_real_server_restores_what_is_written_of_other_snapshots() {
    let name = "a_real_server_restores_what_is_written_of_other_snapshots";
    let Some(mut server) = ConsulServer::for_test(name) else { return };
    let dir = tempfile::tempdir().unwrap();
    snapscope_testkit::fill::fill(&server).unwrap();
    let filled = server.snapshot_save().unwrap();
    let options = GenerateOptions { bytes: 900_000, seed: 19, ..GenerateOptions::default() };
    let (generated, _) = snapscope_testkit::generate::snap(&options);
    for (what, snap) in [("filled", filled), ("generated", generated)] {
        let input = write(dir.path(), what, &snap);
        let cut = write(dir.path(), "cut", &snap[..snap.len() * 9 / 10]);
        let state = fixtures::state_of(&snap);
        let mut damaged = state.clone();
        let at = state.len() / 2;
        damaged[at..at + 900].fill(0xa5);
        let damaged = write(dir.path(), "damaged", &damaged);
        let state = write(dir.path(), "state", &state);
        for (command, input, code) in [
            ("pack", &input, 0),
            ("pack", &state, 0),
            ("salvage", &cut, 3),
            ("salvage", &damaged, 3),
        ] {
            let out = dir.path().join(format!("{what}.snap"));
            let args =
                [command, input.to_str().unwrap(), "--force", "--out", out.to_str().unwrap()];
            let ran = run(args);
            assert_eq!(ran.code(), code, "{what} {command}: {}", ran.stderr);
            restores(&mut server, &out);
            if code == 0 {
                assert!(
                    fixtures::state_of(&std::fs::read(&out).unwrap()) == fixtures::state_of(&snap)
                );
            }
        }
    }
}

#[test]
fn the_examples_run() {
    let dir = tempfile::tempdir().unwrap();
    let snap = spec().snap();
    write(dir.path(), "damaged.snap", &snap[..snap.len() - 100]);
    write(dir.path(), "state.bin", &spec().state());
    let lines = ["pack", "salvage"].into_iter().flat_map(examples);
    for line in lines.filter(|line| !line.contains("/opt/")) {
        let ran = finish(&mut shell(&line, dir.path()), b"");
        let code = if line.contains("salvage") { 3 } else { 0 };
        assert_eq!(ran.code(), code, "{line}: {}", ran.stderr);
        assert!(!ran.stdout.is_empty());
    }
}

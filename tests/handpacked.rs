//! Hand-packed archives are read by their content; other programs' archives that are packed this
//! way are named.

use crate::support::{Fixture, run, write};
use sha2::{Digest as _, Sha256};
use snapscope_testkit::archive::gzip;

/// Members of an archive: name and content.
type Members<'a> = Vec<(&'a str, &'a [u8])>;

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A gzipped tar archive of these members, padded like GNU tar's.
fn packed(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        if name.ends_with('/') {
            header.set_entry_type(tar::EntryType::Directory);
        }
        // Names as they are, also with `./`.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    let mut bytes = tar.into_inner().unwrap();
    bytes.resize(bytes.len().next_multiple_of(10_240), 0);
    gzip(&bytes, 6)
}

#[test]
fn hand_packed_archives_are_whole() {
    let fixture = Fixture::snap("consul-1.8.7/small-a");
    let (meta, state) = (fixture.meta(), fixture.state());
    let whole = run(["inspect", fixture.path.to_str().unwrap()]);
    let sums = |prefix: &str, more: &str| {
        format!("{}  {prefix}meta.json\n{}  {prefix}state.bin\n{more}", hex(&meta), hex(&state))
            .into_bytes()
    };
    let (plain, star, dot) = (sums("", ""), sums("*", ""), sums("./", ""));
    let (folder, attributes) =
        (sums("backup/", ""), sums("", &format!("{}  ._meta.json\n", hex(b"x"))));
    let dir = tempfile::tempdir().unwrap();
    let cases: Vec<(&str, Members<'_>, &str)> = vec![
        (
            "a folder",
            vec![
                ("backup/", b""),
                ("backup/state.bin", &state),
                ("backup/meta.json", &meta),
                ("backup/SHA256SUMS", &plain),
            ],
            "the members are in the folder backup/",
        ),
        (
            "a folder in the sums too",
            vec![
                ("./backup/", b""),
                ("./backup/meta.json", &meta),
                ("./backup/state.bin", &state),
                ("./backup/SHA256SUMS", &folder),
            ],
            "SHA256SUMS names meta.json backup/meta.json",
        ),
        (
            "macOS",
            vec![
                ("._meta.json", b"x"),
                ("meta.json", &meta),
                ("._state.bin", b"x"),
                ("state.bin", &state),
                ("._SHA256SUMS", b"x"),
                ("SHA256SUMS", &attributes),
                (".DS_Store", b"x"),
            ],
            "which macOS adds",
        ),
        (
            "sums of binary files",
            vec![("meta.json", &meta), ("state.bin", &state), ("SHA256SUMS", &star)],
            "SHA256SUMS names meta.json *meta.json",
        ),
        (
            "sums by a pattern",
            vec![("./meta.json", &meta), ("./state.bin", &state), ("./SHA256SUMS", &dot)],
            "SHA256SUMS names meta.json ./meta.json",
        ),
    ];
    for (name, members, note) in cases {
        let file = write(dir.path(), "packed.snap", &packed(&members));
        let ran = run(["inspect", file.to_str().unwrap()]);
        assert_eq!(ran.code(), 0, "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(note), "{name}: {}", ran.stderr);
        assert_eq!(ran.text(), whole.text(), "{name}");
    }
}

/// Errors are still errors.
#[test]
fn other_members_and_hashes_are_damage() {
    let fixture = Fixture::snap("consul-1.8.7/small-a");
    let (meta, state) = (fixture.meta(), fixture.state());
    let good = format!("{}  *meta.json\n{}  *state.bin\n", hex(&meta), hex(&state));
    let bad = format!("{}  *meta.json\n{}  *state.bin\n", hex(&state), hex(&state));
    let dir = tempfile::tempdir().unwrap();
    let cases: Vec<(Members<'_>, &str)> = vec![
        (
            vec![("meta.json", &meta), ("state.bin", &state), ("SHA256SUMS", bad.as_bytes())],
            "meta.json does not match its SHA-256",
        ),
        (
            vec![
                ("a/meta.json", &meta),
                ("b/state.bin", &state),
                ("a/SHA256SUMS", good.as_bytes()),
            ],
            "b/state.bin, which does not belong to a snapshot",
        ),
        (
            vec![
                ("meta.json", &meta),
                ("state.bin", &state),
                ("notes.txt", b"x"),
                ("SHA256SUMS", good.as_bytes()),
            ],
            "notes.txt, which does not belong to a snapshot",
        ),
        (
            vec![("raft/raft.db", b"x"), ("meta.json", &meta), ("state.bin", &state)],
            "raft/raft.db, so it is one of a data directory; unpack it and name the folder",
        ),
    ];
    for (members, says) in cases {
        let file = write(dir.path(), "packed.snap", &packed(&members));
        let ran = run(["inspect", file.to_str().unwrap()]);
        assert!(ran.code() == 3 && ran.stderr.contains(says), "{says}: {}", ran.stderr);
    }
}

#[test]
fn snapshots_of_other_programs_are_named() {
    let fixture = Fixture::snap("consul-1.8.7/small-a");
    let meta = fixture.meta();
    let dir = tempfile::tempdir().unwrap();
    let archive = |state: &[u8], more: Option<&'static str>| {
        let sums = format!("{}  meta.json\n{}  state.bin\n", hex(&meta), hex(state));
        let mut members = vec![
            ("meta.json", meta.as_slice()),
            ("state.bin", state),
            ("SHA256SUMS", sums.as_bytes()),
        ];
        members.extend(more.map(|name| (name, &b"sealed"[..])));
        packed(&members)
    };
    // Vault writes protobuf messages with their length before them; Nomad an empty header, then a
    // type.
    let vault = archive(b"\x12\x0a\x04core/\x12\x02ab", Some("SHA256SUMS.sealed"));
    let nomad = archive(b"\x80\x05\x93\x01\x02\x03", None);
    for (bytes, says) in [(vault, "a snapshot of Vault"), (nomad, "a snapshot of Nomad")] {
        let file = write(dir.path(), "other.snap", &bytes);
        let ran = run(["inspect", file.to_str().unwrap()]);
        assert_eq!(ran.code(), 3, "{}", ran.stderr);
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
        assert_eq!(ran.stderr.matches("damaged:").count(), 1, "{}", ran.stderr);
    }
}

//! The archive's options, checked with an independent tar reader.

use std::io::Read;

use flate2::read::{GzDecoder, MultiGzDecoder};
use snapscope_testkit::archive::tar_header;
use snapscope_testkit::records::{cluster, kv};
use snapscope_testkit::{Archive, SnapshotSpec};

fn spec() -> SnapshotSpec {
    SnapshotSpec::new(vec![
        kv::entry("a", "b", 0, 7),
        cluster::index("kvs", 7),
        cluster::chunking_state_idle(),
    ])
}

fn names(snap: &[u8]) -> Vec<String> {
    let mut tar = tar::Archive::new(MultiGzDecoder::new(snap));
    tar.entries().unwrap().map(|e| e.unwrap().path().unwrap().display().to_string()).collect()
}

#[test]
fn a_snapshot_reads_back() {
    let spec = spec();
    assert_eq!(spec.last_index, 7);
    let state = spec.state();
    let offsets = spec.offsets();
    assert_eq!(state[offsets[0]], 2);
    assert_eq!(*offsets.last().unwrap(), state.len());
    let snap = spec.snap();
    assert_eq!(snap[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
    let mut tar = tar::Archive::new(GzDecoder::new(snap.as_slice()));
    for (entry, name) in tar.entries().unwrap().zip(["meta.json", "state.bin", "SHA256SUMS"]) {
        let mut entry = entry.unwrap();
        assert_eq!(entry.path().unwrap().to_str(), Some(name));
        assert_eq!(entry.header().mode().unwrap(), 0o600);
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        if name == "state.bin" {
            assert_eq!(content, state);
        }
    }
}

#[test]
fn knobs() {
    let whole = || spec().archive();
    assert_eq!(
        names(&whole().order(&["state.bin", "SHA256SUMS", "meta.json"]).snap()),
        ["state.bin", "SHA256SUMS", "meta.json"]
    );
    assert_eq!(names(&whole().without("SHA256SUMS").snap()), ["meta.json", "state.bin"]);
    assert_eq!(
        names(&whole().duplicate("meta.json").with_member("x", "y").snap())[3..],
        ["meta.json", "x"]
    );
    let wrong = whole().wrong_hash("state.bin");
    let right: Vec<String> = String::from_utf8(whole().members[2].1.clone())
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    let changed: Vec<String> =
        String::from_utf8(wrong.members[2].1.clone()).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(right[0], changed[0]);
    assert_ne!(right[1], changed[1]);
    assert_eq!(right[1][1..], changed[1][1..]);
    let members = Archive { gzip_members: 3, empty_gzip_member: true, ..whole() };
    let heads = members.snap().windows(3).filter(|w| *w == [0x1f, 0x8b, 8]).count();
    assert!(heads >= 4);
    assert_eq!(names(&members.snap()), ["meta.json", "state.bin", "SHA256SUMS"]);
    let padded =
        Archive { zero_blocks: 14, tar_tail: vec![1], tail: b"garbage".to_vec(), ..whole() };
    assert_eq!(padded.tar().len(), whole().tar().len() + 12 * 512 + 1);
    assert!(padded.snap().ends_with(b"garbage"));
}

#[test]
fn huge_members_get_a_pax_header() {
    let size = 9_u64 << 30;
    let header = tar_header("state.bin", size, 1);
    assert_eq!(header.len(), 1536);
    let mut tar = tar::Archive::new(header.as_slice());
    let entry = tar.entries().unwrap().next().unwrap().unwrap();
    assert_eq!((entry.path().unwrap().to_str(), entry.size()), (Some("state.bin"), size));
}

#[test]
fn raft_directory() {
    let dir = tempfile::tempdir().unwrap();
    let folder = spec().write_raft_dir(dir.path()).unwrap();
    assert_eq!(std::fs::read(folder.join("state.bin")).unwrap(), spec().state());
    assert!(std::fs::read_to_string(folder.join("meta.json")).unwrap().contains("\"CRC\":\""));
}

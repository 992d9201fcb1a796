//! Damage to a server's own raft snapshot folder: meta.json, and state.bin, whose checksum is in
//! it.

use super::{read, small};
use crate::support::write;
use serde_json::Value;
use snapscope_archive::{Source, Verdict};
use snapscope_testkit::damage::{bit_flips, substitutions, truncations};
use std::path::Path;

/// A raft directory of the small snapshot, with the checksum in its meta.json.
fn raft_dir(dir: &Path) -> (std::path::PathBuf, Vec<u8>, Vec<u8>) {
    let state = small().state();
    let mut meta: Value = serde_json::from_slice(&small().meta()).unwrap();
    let id = meta["ID"].as_str().unwrap().to_owned();
    let crc = snapscope_testkit::snapshot::crc64(&state).to_be_bytes();
    let crc = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, crc);
    meta["CRC"] = crc.into();
    let folder = dir.join(id);
    std::fs::create_dir_all(&folder).unwrap();
    let meta = format!("{meta}\n").into_bytes();
    write(&folder, "meta.json", &meta);
    write(&folder, "state.bin", &state);
    (folder, meta, state)
}

#[test]
fn every_change_of_a_raft_directory_s_state_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, _, state) = raft_dir(dir.path());
    let (expected, closing) = read(&Source::Directory(folder.clone()));
    assert_eq!(closing.integrity.verdict, Verdict::Verified);
    let changed = bit_flips(&state, 10_000, 7)
        .chain(substitutions(&state, 10_000, 8))
        .map(|d| (d.what, Some(d.offset), d.bytes))
        .chain(truncations(&state).map(|c| (format!("cut off at {}", c.len()), None, c.to_vec())));
    let begins: Vec<usize> = expected
        .iter()
        .scan(state.len() - expected.iter().map(Vec::len).sum::<usize>(), |at, record| {
            *at += record.len();
            Some(*at)
        })
        .collect();
    for (what, offset, bytes) in changed {
        write(&folder, "state.bin", &bytes);
        let (records, closing) = read(&Source::Directory(folder.clone()));
        assert!(closing.is_damaged(), "{what}: not noticed");
        let untouched = offset.unwrap_or(bytes.len());
        let whole = begins.iter().take_while(|end| **end <= untouched).count();
        assert!(records.len() >= whole && records[..whole] == expected[..whole], "{what}");
    }
}

/// Every bit of meta.json is flipped. Changes that cannot be detected are listed here.
#[test]
fn every_change_of_a_raft_directory_s_meta_is_found_or_can_t_be() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, meta, _) = raft_dir(dir.path());
    let before: Value = serde_json::from_slice(&meta).unwrap();
    // Nothing in the folder repeats these: the server's node ID, and when the servers changed.
    let unknowable = ["/Configuration/Servers/0/ID", "/ConfigurationIndex"];
    let mut missed = Vec::new();
    let mut changes: Vec<(usize, u8)> = Vec::new();
    for (at, old) in meta.iter().enumerate() {
        changes.extend((0..8).map(|bit| (at, old ^ (1 << bit))));
        changes.extend([b' ', b'0', b'9', b'"', b'\n'].map(|byte| (at, byte)));
    }
    for (at, byte) in changes {
        if meta[at] == byte {
            continue;
        }
        let mut bytes = meta.clone();
        bytes[at] = byte;
        write(&folder, "meta.json", &bytes);
        let (_, closing) = read(&Source::Directory(folder.clone()));
        if closing.is_damaged() {
            continue;
        }
        let mut after: Value = serde_json::from_slice(&bytes).unwrap();
        for path in unknowable {
            if let (Some(after), Some(before)) = (after.pointer_mut(path), before.pointer(path)) {
                *after = before.clone();
            }
        }
        if after != before {
            let around = &bytes[at.saturating_sub(12)..bytes.len().min(at + 12)];
            missed.push(format!("byte {at}: {}", around.escape_ascii()));
        }
    }
    assert!(missed.is_empty(), "{} not noticed:\n{}", missed.len(), missed.join("\n"));
    for cut in truncations(&meta) {
        write(&folder, "meta.json", cut);
        let (records, closing) = read(&Source::Directory(folder.clone()));
        let whole = cut.len() + 1 == meta.len();
        assert_eq!(closing.is_damaged(), !whole, "cut off at {}", cut.len());
        assert!(!records.is_empty());
    }
}

//! Generates a series of snapshots of one cluster, each slightly different from the previous one.

use super::{GenerateOptions, state_bin};
use crate::archive::Archive;
use crate::msgpack::put_uint;
use crate::snapshot::{Meta, TAKEN_MS};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How a generated KV record begins.
const HEAD: &[u8] = b"\x02\x87\xabCreateIndex";
const MODIFY: &[u8] = b"\xabModifyIndex";
const KEY: &[u8] = b"\xa3Key";
const DAY_MS: u64 = 86_400_000;

/// Writes `count` snapshots, a day apart, into a folder. In each of them one key in a hundred has another value and
/// modify index than in the previous one; each time these are other keys. Returns the files in order, and a key that
/// changes every time.
///
/// # Errors
/// If a file can't be written.
pub fn write_drift(
    options: &GenerateOptions,
    count: u64,
    folder: &Path,
) -> io::Result<(Vec<PathBuf>, Vec<u8>)> {
    let (mut state, generated) = state_bin(options);
    let keys: Vec<usize> = places(&state, HEAD);
    let first_key = keys.first().map(|at| key_of(&state[*at..])).unwrap_or_default();
    let mut files = Vec::new();
    for number in 0..count {
        // Encoded with the width of the existing numbers, so that no offset changes.
        let index = generated.last_index + 3 + number;
        if number > 0 {
            for at in keys.iter().skip((number % 100) as usize).step_by(100) {
                change(&mut state, *at, index);
            }
            // This key changes every time.
            if let Some(at) = keys.first() {
                change(&mut state, *at, index);
            }
        }
        let taken = TAKEN_MS + number * DAY_MS;
        let meta = Meta { id: format!("2-{index}-{taken}"), ..Meta::at(index) };
        let path = folder.join(format!("day-{number:04}.snap"));
        let mut archive = Archive::new(&meta, &state);
        archive.level = options.level;
        fs::write(&path, archive.snap())?;
        files.push(path);
    }
    Ok((files, first_key))
}

pub(super) fn places(bytes: &[u8], pattern: &[u8]) -> Vec<usize> {
    let windows = bytes.windows(pattern.len()).enumerate();
    windows.filter(|(_, window)| *window == pattern).map(|(at, _)| at).collect()
}

fn find(bytes: &[u8], pattern: &[u8]) -> usize {
    bytes.windows(pattern.len()).position(|window| window == pattern).expect("a whole record")
}

/// The key of a record whose key is shorter than 64 KiB.
fn key_of(record: &[u8]) -> Vec<u8> {
    let raw = &record[find(record, KEY) + KEY.len()..];
    let (start, len) = match raw[0] {
        fix @ 0xa0..=0xbf => (1, usize::from(fix - 0xa0)),
        _ => (3, usize::from(u16::from_be_bytes([raw[1], raw[2]]))),
    };
    raw[start..start + len].to_vec()
}

/// Changes the modify index of a record, and the first byte of its value, if it has one.
pub(super) fn change(state: &mut [u8], at: usize, index: u64) {
    let record = &mut state[at..];
    let modify = find(record, MODIFY) + MODIFY.len();
    let mut bytes = Vec::new();
    put_uint(&mut bytes, index);
    // An index of another width would move the bytes that follow.
    if record[modify] == bytes[0] {
        record[modify..modify + bytes.len()].copy_from_slice(&bytes);
    }
    let value = find(record, b"\xa5Value") + 6;
    let first = match record[value] {
        0xa1..=0xbf => value + 1,
        0xda => value + 3,
        0xdb => value + 5,
        _ => return,
    };
    record[first] = b'a' + (record[first] + 1) % 26;
}

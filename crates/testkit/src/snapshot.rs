//! The content of a snapshot, meta.json and state.bin, and the three forms in which users have it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use crate::meta::{Meta, Server, TAKEN_MS};

use crate::archive::Archive;
use crate::msgpack::{Val, structure};
use crate::records::{Record, kind};

/// The CRC-64/XZ of state.bin in the meta.json of a raft directory.
#[must_use]
pub fn crc64(state: &[u8]) -> u64 {
    let mut digest = crc64fast::Digest::new();
    digest.write(state);
    digest.sum64()
}

/// A snapshot described record by record.
#[derive(Clone, Debug)]
pub struct SnapshotSpec {
    /// meta.json.
    pub meta: Meta,
    /// The header's LastIndex.
    pub last_index: u64,
    /// The records, in the order in which they are written.
    pub records: Vec<Record>,
    /// Bytes after the last record: damage, or hand-made records.
    pub tail: Vec<u8>,
}

impl SnapshotSpec {
    /// A snapshot with these records, in the given order. LastIndex is the highest value of the index records, or 1. The
    /// index in meta.json is 3 higher.
    #[must_use]
    pub fn new(records: Vec<Record>) -> Self {
        let highest = records
            .iter()
            .filter(|r| r.kind == kind::INDEX)
            .filter_map(|r| match r.body.get("Value") {
                Some(Val::Uint(n)) => Some(*n),
                _ => None,
            })
            .max();
        let last_index = highest.unwrap_or(1);
        Self { meta: Meta::at(last_index + 3), last_index, records, tail: Vec::new() }
    }

    /// Adds a record at the end.
    pub fn push(&mut self, record: Record) -> &mut Self {
        self.records.push(record);
        self
    }

    /// Puts the sections into the order of servers. Records of one section keep their order. Unknown types come first,
    /// like those of Enterprise.
    #[must_use]
    pub fn in_section_order(mut self) -> Self {
        self.records
            .sort_by_key(|r| kind::SECTIONS.iter().position(|k| *k == r.kind).map_or(0, |p| p + 1));
        self
    }

    /// The bytes of state.bin.
    #[must_use]
    pub fn state(&self) -> Vec<u8> {
        let mut out = header(self.last_index);
        self.records.iter().for_each(|r| r.encode(&mut out));
        out.extend_from_slice(&self.tail);
        out
    }

    /// The offset of each record in [`state`](Self::state), and the end of the last one.
    #[must_use]
    pub fn offsets(&self) -> Vec<usize> {
        let mut at = header(self.last_index).len();
        let mut offsets = vec![at];
        for record in &self.records {
            at += record.bytes().len();
            offsets.push(at);
        }
        offsets
    }

    /// The archive that a server would send, for further changes.
    #[must_use]
    pub fn archive(&self) -> Archive {
        Archive::new(&self.meta, &self.state())
    }

    /// The bytes of the archive that a server would send.
    #[must_use]
    pub fn snap(&self) -> Vec<u8> {
        self.archive().snap()
    }

    /// Writes `<dir>/<id>/{meta.json,state.bin}`, as in a server's `raft/snapshots`, and returns that folder's path.
    ///
    /// # Errors
    /// If a file can't be written.
    pub fn write_raft_dir(&self, dir: &Path) -> io::Result<PathBuf> {
        let state = self.state();
        let folder = dir.join(&self.meta.id);
        fs::create_dir_all(&folder)?;
        fs::write(
            folder.join("meta.json"),
            self.meta.json(state.len() as u64, Some(crc64(&state))),
        )?;
        fs::write(folder.join("state.bin"), state)?;
        Ok(folder)
    }
}

/// The header of state.bin.
#[must_use]
pub fn header(last_index: u64) -> Vec<u8> {
    structure([("LastIndex", last_index.into())]).bytes()
}

//! Makes a small log from commands.

use super::bolt::{BoltFile, fill};
use super::entry::LogEntry;
use crate::msgpack::Val;
use crate::records::acl::CREATED;
use std::io::Cursor;

/// A command's data: the type byte and the request.
#[must_use]
pub fn command(kind: u8, request: &Val) -> Vec<u8> {
    let mut data = vec![kind];
    request.encode(&mut data);
    data
}

/// A `raft.db` whose log has these commands, from index 1 on, in term 2, a second apart.
///
/// # Panics
/// If memory runs out.
#[must_use]
pub fn raft_db(commands: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let entries = (1u64..).zip(commands).map(|(index, data)| LogEntry {
        index,
        term: 2,
        data,
        appended_at: Some((CREATED + i64::try_from(index).unwrap_or(0), 5)),
        ..LogEntry::default()
    });
    let file = BoltFile::over(Cursor::new(Vec::new())).expect("memory can be written");
    fill(file, entries).expect("memory can be written").into_inner()
}

//! Records in the copy of a snapshot.

use snapscope_archive::read_full;
use snapscope_decode::Kind;
use std::fs::File;
use std::io;
use std::ops::Range;

/// The key of a record whose value may be cut off.
pub(super) fn stored_key(record: &[u8]) -> Option<&[u8]> {
    let frame = snapscope_decode::Frame { number: 1, offset: 0, kind: Kind::KVS, bytes: record };
    frame.entries()?.find(b"Key").ok()??.as_raw()
}

/// Reads a range of a file, up to the end of the file.
pub(super) fn read_exactly(file: &File, range: Range<u64>, into: &mut Vec<u8>) -> io::Result<()> {
    let size = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
    into.resize(size, 0);
    let done = read_full(file, into, range.start)?;
    into.truncate(done);
    Ok(())
}

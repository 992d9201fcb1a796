//! `wal-meta.db`: the list of segments, and which of their entries are in the log.

use crate::bbolt::Database;
use crate::error::{DamageKind, Error};
use crate::storage::ReadAt;
use serde_json::Value;

/// A segment as listed in `wal-meta.db`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentInfo {
    /// Its ID, the second half of its file name.
    pub id: u64,
    /// The index of its first entry, the first half of its file name.
    pub base_index: u64,
    /// The first index in the log. Earlier entries were dropped after a snapshot.
    pub min_index: u64,
    /// Its last index; `None` for the segment that is being written.
    pub max_index: Option<u64>,
}

impl SegmentInfo {
    /// The name of its file.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{:020}-{:016x}.wal", self.base_index, self.id)
    }

    /// Reads a segment's file name, which does not reveal where its entries end.
    #[must_use]
    pub fn from_file_name(name: &str) -> Option<Self> {
        let (base, id) = name.strip_suffix(".wal")?.split_once('-')?;
        let digits = |text: &str, count| {
            text.len() == count && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        if !digits(base, 20) || !digits(id, 16) {
            return None;
        }
        let base_index = base.parse().ok()?;
        let id = u64::from_str_radix(id, 16).ok()?;
        Some(Self { id, base_index, min_index: base_index, max_index: None })
    }
}

const BUCKET: &[u8] = b"wal-meta";
const KEY: &[u8] = b"m";

/// The segments listed in `wal-meta.db`, in order of their indexes.
///
/// # Errors
/// If the file is damaged, or does not list segments.
pub fn segments_of<R: ReadAt>(database: &Database<R>) -> Result<Vec<SegmentInfo>, Error> {
    let expected = DamageKind::Entry { expected: "a list of WAL segments" };
    let Some(bucket) = database.bucket(BUCKET)? else { return Ok(Vec::new()) };
    let read = |item: crate::bbolt::Item<'_>| (read(item.value), item.offset);
    match bucket.get(KEY, read)? {
        None => Ok(Vec::new()),
        Some((Some(mut segments), _)) => {
            segments.sort_by_key(|segment| segment.base_index);
            Ok(segments)
        }
        Some((None, offset)) => Err(Error::damage(offset, expected)),
    }
}

fn read(json: &[u8]) -> Option<Vec<SegmentInfo>> {
    let json: Value = serde_json::from_slice(json).ok()?;
    let segments = match json.get("Segments")? {
        Value::Null => return Some(Vec::new()),
        segments => segments.as_array()?,
    };
    let segment = |segment: &Value| {
        let number = |name: &str| segment.get(name).and_then(Value::as_u64);
        Some(SegmentInfo {
            id: number("ID")?,
            base_index: number("BaseIndex")?,
            min_index: number("MinIndex")?,
            max_index: number("MaxIndex").filter(|index| *index > 0),
        })
    };
    segments.iter().map(segment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_say_where_a_segment_begins() {
        let name = "00000000000000000017-000000000000000a.wal";
        let segment = SegmentInfo::from_file_name(name).unwrap();
        assert_eq!((segment.base_index, segment.id), (17, 10));
        assert_eq!(segment.file_name(), name);
        for other in ["wal-meta.db", "17-10.wal", "0000000000000000001x-000000000000000a.wal"] {
            assert_eq!(SegmentInfo::from_file_name(other), None, "{other}");
        }
    }
}

//! Counts and sizes as `consul snapshot inspect` counts them.

use crate::drivers::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::wire::Value;
use snapscope_decode::{Frame, Kind};
use snapscope_runs::{Amount, Groups, Ranked, Room, descending};
use std::io;

/// Records and bytes of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Records.
    pub count: u64,
    /// Their size in `state.bin`.
    pub size: u64,
}

impl Tally {
    fn add(&mut self, size: u64) {
        self.count += 1;
        self.size += size;
    }
}

impl Amount for Tally {
    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.size += other.size;
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&self.size.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        let (count, rest) = bytes.split_first_chunk().unwrap_or((&[0; 8], &[]));
        let size = rest.first_chunk().unwrap_or(&[0; 8]);
        Self { count: u64::from_le_bytes(*count), size: u64::from_le_bytes(*size) }
    }
}

/// How keys are grouped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDetails {
    /// Number of key segments, split at `/`, that form a group.
    pub depth: usize,
    /// Only keys that start with this are counted.
    pub prefix: Vec<u8>,
}

/// The counts that Consul prints.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inspection {
    /// Each type that occurs, largest first, then by name.
    pub types: Vec<(Kind, Tally)>,
    /// Bytes of all records.
    pub total: u64,
}

/// Counts records and bytes by type.
#[derive(Debug)]
pub struct Inspect {
    types: [Tally; 256],
    /// Type of the first record: Consul adds the header's bytes to it.
    first: Option<Kind>,
}

impl Inspect {
    /// Creates an empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self { types: [Tally { count: 0, size: 0 }; 256], first: None }
    }
}

impl Default for Inspect {
    fn default() -> Self {
        Self::new()
    }
}

/// Keys by group.
#[derive(Debug)]
pub struct KeyGroups {
    /// Each group, largest first, then by name.
    pub groups: Ranked<Tally>,
    /// Bytes of the keys that were counted.
    pub total: u64,
}

/// Counts keys by group.
#[derive(Debug)]
pub struct GroupKeys {
    details: KeyDetails,
    groups: Groups<Tally>,
    total: u64,
}

impl GroupKeys {
    /// Creates an empty one. Data that does not fit into `room` goes to disk.
    #[must_use]
    pub fn new(details: KeyDetails, room: &Room) -> Self {
        Self { details, groups: Groups::new(room), total: 0 }
    }
}

/// The first `depth` segments of a key, split at `/`; the whole key if it has fewer.
#[must_use]
pub fn key_group(key: &[u8], depth: usize) -> &[u8] {
    let Some(last) = depth.checked_sub(1) else { return &[] };
    match key.iter().enumerate().filter(|(_, b)| **b == b'/').nth(last) {
        Some((end, _)) => &key[..end],
        None => key,
    }
}

impl Fold for Inspect {
    type Out = Inspection;

    #[inline]
    fn frame(&mut self, frame: &Frame<'_>, _: &mut Problems) {
        self.types[usize::from(frame.kind.0)].add(frame.size());
        if frame.number == 1 {
            self.first = Some(frame.kind);
        }
    }

    fn merge(&mut self, other: Self) {
        for (mine, theirs) in self.types.iter_mut().zip(&other.types) {
            mine.merge(theirs);
        }
        self.first = self.first.or(other.first);
    }

    fn is_light(&self) -> bool {
        true
    }

    fn finish(mut self, closing: &Closing) -> Inspection {
        if let (Some(first), Some(header)) = (self.first, &closing.header) {
            self.types[usize::from(first.0)].size += header.size;
        }
        let mut types: Vec<(Kind, Tally)> =
            (0..=255).map(Kind).zip(self.types).filter(|(_, tally)| tally.count > 0).collect();
        types.sort_by(|(a, x), (b, y)| {
            y.size.cmp(&x.size).then_with(|| a.consul_label().cmp(&b.consul_label()))
        });
        let total = types.iter().map(|(_, tally)| tally.size).sum();
        Inspection { types, total }
    }
}

impl Fold for GroupKeys {
    type Out = io::Result<KeyGroups>;

    #[inline]
    fn frame(&mut self, frame: &Frame<'_>, _: &mut Problems) {
        if frame.kind == Kind::KVS
            && let Some(entries) = frame.entries()
            && let Ok(Some(Value::Raw(key))) = entries.find(b"Key")
            && key.starts_with(&self.details.prefix)
        {
            self.total += frame.size();
            let group = key_group(key, self.details.depth);
            self.groups.add(group, |tally| tally.add(frame.size()));
        }
    }

    fn merge(&mut self, other: Self) {
        self.groups.merge(other.groups);
        self.total += other.total;
    }

    fn finish(self, _: &Closing) -> io::Result<KeyGroups> {
        let groups = self.groups.ranked(|tally| descending(tally.size))?;
        Ok(KeyGroups { groups, total: self.total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_the_first_parts_of_a_key() {
        for (key, depth, group) in [
            ("a/b/c", 1, "a"),
            ("a/b/c", 2, "a/b"),
            ("a/b/c", 3, "a/b/c"),
            ("a/b/c", 9, "a/b/c"),
            ("a/b/", 2, "a/b"),
            ("a/b/", 3, "a/b/"),
            ("/a", 1, ""),
            ("//", 2, "/"),
            ("a", 0, ""),
        ] {
            assert_eq!(key_group(key.as_bytes(), depth), group.as_bytes(), "{key} {depth}");
        }
    }
}

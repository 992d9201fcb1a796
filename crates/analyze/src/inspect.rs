//! Counts and sizes as `consul snapshot inspect` counts them.

use crate::drivers::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::wire::Value;
use snapscope_decode::{Frame, Kind};
use std::collections::HashMap;

/// Records and bytes of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Records.
    pub count: u64,
    /// Bytes they take in `state.bin`.
    pub size: u64,
}

impl Tally {
    fn add(&mut self, size: u64) {
        self.count += 1;
        self.size += size;
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.size += other.size;
    }
}

/// How keys are grouped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDetails {
    /// Parts of a key, split at `/`, that make its group.
    pub depth: usize,
    /// Only keys that start so are counted.
    pub prefix: Vec<u8>,
}

/// What Consul prints.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inspection {
    /// Each type that occurs, largest first, then by name.
    pub types: Vec<(Kind, Tally)>,
    /// Bytes of all records.
    pub total: u64,
    /// Each group of keys, if they were asked for, largest first, then by name.
    pub keys: Option<Vec<(Vec<u8>, Tally)>>,
    /// Bytes of the keys that were counted.
    pub keys_total: u64,
}

/// Counts records and bytes by type, and keys by prefix if asked to.
#[derive(Debug)]
pub struct Inspect {
    types: [Tally; 256],
    details: Option<KeyDetails>,
    keys: HashMap<Vec<u8>, Tally>,
    keys_total: u64,
    /// Type of the first record: Consul counts the header's bytes to it.
    first: Option<Kind>,
}

impl Inspect {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(details: Option<KeyDetails>) -> Self {
        Self {
            types: [Tally::default(); 256],
            details,
            keys: HashMap::new(),
            keys_total: 0,
            first: None,
        }
    }

    fn key(&mut self, frame: &Frame<'_>) {
        let Some(details) = &self.details else { return };
        let Some(entries) = frame.entries() else { return };
        let Ok(Some(Value::Raw(key))) = entries.find(b"Key") else { return };
        if !key.starts_with(&details.prefix) {
            return;
        }
        let group = key_group(key, details.depth);
        self.keys_total += frame.size();
        match self.keys.get_mut(group) {
            Some(tally) => tally.add(frame.size()),
            None => {
                self.keys.insert(group.to_vec(), Tally { count: 1, size: frame.size() });
            }
        }
    }
}

/// The first `depth` parts of a key, split at `/`; the whole key if it has fewer.
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
        if frame.kind == Kind::KVS && self.details.is_some() {
            self.key(frame);
        }
    }

    fn merge(&mut self, other: Self) {
        for (mine, theirs) in self.types.iter_mut().zip(other.types) {
            mine.merge(theirs);
        }
        for (group, tally) in other.keys {
            self.keys.entry(group).or_default().merge(tally);
        }
        self.keys_total += other.keys_total;
        self.first = self.first.or(other.first);
    }

    fn is_light(&self) -> bool {
        self.details.is_none()
    }

    fn finish(mut self, closing: &Closing) -> Inspection {
        if let (Some(first), Some(header)) = (self.first, &closing.header) {
            self.types[usize::from(first.0)].size += header.size;
        }
        let mut types: Vec<(Kind, Tally)> =
            (0..=255).map(Kind).zip(self.types).filter(|(_, tally)| tally.count > 0).collect();
        types.sort_by(|(a, x), (b, y)| {
            y.size.cmp(&x.size).then_with(|| a.to_string().cmp(&b.to_string()))
        });
        let total = types.iter().map(|(_, tally)| tally.size).sum();
        let keys = self.details.is_some().then(|| {
            let mut keys: Vec<(Vec<u8>, Tally)> = self.keys.into_iter().collect();
            keys.sort_by(|(a, x), (b, y)| y.size.cmp(&x.size).then_with(|| a.cmp(b)));
            keys
        });
        Inspection { types, total, keys, keys_total: self.keys_total }
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

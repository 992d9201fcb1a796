//! The tree of keys, one level at a time. Keys ascend, so all keys below a prefix are adjacent: a
//! binary search finds a level, and counts and sizes are differences of positions.

use super::stored::{read_exactly, stored_key};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// Number of bytes read at once, for sequential and for random access.
const WINDOW: u64 = 1 << 16;
const ONE: u64 = 1 << 10;

/// The positions of keys: eight bytes of memory for each.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    file: Arc<File>,
    /// The start of each record, and the end of the last one.
    starts: Arc<[u64]>,
}

/// Keys with the same prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Below {
    pub(super) prefix: Vec<u8>,
    /// Their numbers.
    pub(super) keys: Range<usize>,
}

/// A key, or all keys in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Child {
    /// The rest of the name, up to the next slash.
    pub(super) name: Vec<u8>,
    pub(super) keys: Range<usize>,
    pub(super) size: u64,
}

impl Child {
    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with(b"/")
    }
}

impl Keys {
    pub(super) fn new(file: Arc<File>, starts: Vec<u64>) -> Self {
        Self { file, starts: starts.into() }
    }

    pub(super) fn count(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// All keys.
    pub(super) fn all(&self) -> Below {
        Below { prefix: Vec::new(), keys: 0..self.count() }
    }

    /// The positions of some keys' records.
    pub(super) fn bytes(&self, keys: &Range<usize>) -> Range<u64> {
        let at = |n: usize| self.starts.get(n).or(self.starts.last()).copied().unwrap_or(0);
        at(keys.start)..at(keys.end)
    }

    fn reader(&self, size: u64) -> Reader<'_> {
        Reader { keys: self, size, window: Vec::new(), at: 0 }
    }

    /// The items directly below a prefix. `goes_on` is called from time to time.
    pub(super) fn level(&self, below: &Below, goes_on: &dyn Fn() -> bool) -> io::Result<Level> {
        let mut reader = self.reader(WINDOW);
        let mut starts = Vec::new();
        let mut at = below.keys.start;
        while at < below.keys.end && goes_on() {
            starts.push(u32::try_from(at).map_err(io::Error::other)?);
            let rest = name_of(reader.key(at)?, &below.prefix);
            at = match rest.ends_with(b"/") {
                true => {
                    let folder = [&below.prefix, rest].concat();
                    reader.end_of(&folder, at..below.keys.end)?
                }
                false => at + 1,
            };
        }
        Ok(Level { keys: self.clone(), below: below.clone(), starts, order: None })
    }
}

/// The rest of a key after a prefix, up to and including the next slash.
fn name_of<'k>(key: &'k [u8], prefix: &[u8]) -> &'k [u8] {
    let rest = key.strip_prefix(prefix).unwrap_or(key);
    let end = rest.iter().position(|byte| *byte == b'/').map_or(rest.len(), |at| at + 1);
    rest.get(..end).unwrap_or(rest)
}

/// Reads keys by their numbers.
struct Reader<'k> {
    keys: &'k Keys,
    /// Bytes to read at once.
    size: u64,
    window: Vec<u8>,
    /// Where the window is.
    at: u64,
}

impl Reader<'_> {
    fn key(&mut self, n: usize) -> io::Result<&[u8]> {
        let record = self.keys.bytes(&(n..n + 1));
        let end = self.at + self.window.len() as u64;
        // The window starts with the record, or contains all of it.
        if record.start < self.at || record.end > end {
            let size = self.size.min(self.keys.bytes(&(n..usize::MAX)).end - record.start);
            read_exactly(&self.keys.file, record.start..record.start + size, &mut self.window)?;
            self.at = record.start;
        }
        if stored_key(self.in_window(&record)).is_none() {
            // Servers never write the key after this many other bytes.
            read_exactly(&self.keys.file, record.clone(), &mut self.window)?;
            self.at = record.start;
        }
        Ok(stored_key(self.in_window(&record)).unwrap_or_default())
    }

    fn in_window(&self, record: &Range<u64>) -> &[u8] {
        let within = |at: u64| usize::try_from(at.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let end = within(record.end).min(self.window.len());
        self.window.get(within(record.start)..end).unwrap_or_default()
    }

    /// The number of the first key from `keys.start` that does not start with `prefix`. The key at
    /// `keys.start` does.
    fn end_of(&mut self, prefix: &[u8], keys: Range<usize>) -> io::Result<usize> {
        // Most folders are small, so steps double until they overshoot.
        let (mut inside, mut step) = (keys.start, 1);
        let mut outside = loop {
            let next = inside.saturating_add(step);
            if next >= keys.end {
                break keys.end;
            }
            if !self.key(next)?.starts_with(prefix) {
                break next;
            }
            inside = next;
            step *= 2;
        };
        while outside - inside > 1 {
            let middle = inside + (outside - inside) / 2;
            match self.key(middle)?.starts_with(prefix) {
                true => inside = middle,
                false => outside = middle,
            }
        }
        Ok(outside)
    }
}

/// A level of the tree: four bytes of memory for each child.
#[derive(Debug, Clone)]
pub(super) struct Level {
    keys: Keys,
    pub(super) below: Below,
    /// The number of each child's first key.
    starts: Vec<u32>,
    /// The children in another order.
    order: Option<Vec<u32>>,
}

impl Level {
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The same, largest first.
    pub(super) fn by_size(mut self) -> Self {
        let mut order: Vec<u32> = (0..).take(self.len()).collect();
        order.sort_by_cached_key(|n| {
            let keys = self.keys_of(usize::try_from(*n).unwrap_or(0));
            let bytes = self.keys.bytes(&keys);
            std::cmp::Reverse(bytes.end - bytes.start)
        });
        self.order = Some(order);
        self
    }

    /// The positions of some keys' records.
    pub(super) fn bytes(&self, keys: &Range<usize>) -> Range<u64> {
        self.keys.bytes(keys)
    }

    fn keys_of(&self, n: usize) -> Range<usize> {
        let start = |n: usize| self.starts.get(n).map(|start| usize::try_from(*start).unwrap_or(0));
        let end = start(n + 1).unwrap_or(self.below.keys.end);
        start(n).unwrap_or(end)..end
    }

    /// A child by its position in the list.
    pub(super) fn child(&self, place: usize) -> io::Result<Child> {
        let ordered = self.order.as_ref().and_then(|order| order.get(place));
        let n = ordered.map_or(place, |n| usize::try_from(*n).unwrap_or(place));
        let keys = self.keys_of(n);
        let bytes = self.keys.bytes(&keys);
        let mut reader = self.keys.reader(ONE);
        let name = name_of(reader.key(keys.start)?, &self.below.prefix).to_vec();
        Ok(Child { name, keys, size: bytes.end - bytes.start })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::io::Write as _;

    /// Records of keys with values of these sizes, and their positions.
    fn keys_of(names: &BTreeSet<String>, size: usize) -> Keys {
        let mut file = tempfile::tempfile().unwrap();
        let (mut starts, mut at) = (vec![0], 0);
        for name in names {
            let mut record = vec![snapscope_decode::Kind::KVS.0, 0x82, 0xa3];
            record.extend_from_slice(b"Key");
            record.extend_from_slice(&[0xda, 0, u8::try_from(name.len()).unwrap()]);
            record.extend_from_slice(name.as_bytes());
            record.extend_from_slice(b"\xa5Value\xdb");
            record.extend_from_slice(&u32::try_from(size).unwrap().to_be_bytes());
            record.extend(std::iter::repeat_n(b'v', size));
            at += record.len() as u64;
            starts.push(at);
            file.write_all(&record).unwrap();
        }
        Keys::new(Arc::new(file), starts)
    }

    /// Levels and their children, computed by counting all keys.
    fn counted(names: &BTreeSet<String>, prefix: &str) -> BTreeMap<String, usize> {
        let mut all = BTreeMap::new();
        for rest in names.iter().filter_map(|name| name.strip_prefix(prefix)) {
            let end = rest.find('/').map_or(rest.len(), |at| at + 1);
            *all.entry(rest[..end].to_owned()).or_default() += 1;
        }
        all
    }

    fn check(keys: &Keys, names: &BTreeSet<String>, below: &Below) {
        let level = keys.level(below, &|| true).unwrap();
        let children: Vec<Child> = (0..level.len()).map(|n| level.child(n).unwrap()).collect();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let found: BTreeMap<String, usize> =
            children.iter().map(|child| (text(&child.name), child.keys.len())).collect();
        assert_eq!(found, counted(names, &text(&below.prefix)));
        assert_eq!(children.len(), found.len());
        let bytes = keys.bytes(&below.keys);
        assert_eq!(children.iter().map(|child| child.size).sum::<u64>(), bytes.end - bytes.start);
        let by_size = level.by_size();
        let sizes: Vec<u64> = (0..by_size.len()).map(|n| by_size.child(n).unwrap().size).collect();
        assert!(sizes.is_sorted_by(|a, b| a >= b));
        for child in children.into_iter().filter(Child::is_folder) {
            let prefix = [below.prefix.clone(), child.name].concat();
            check(keys, names, &Below { prefix, keys: child.keys });
        }
    }

    proptest! {
        #[test]
        fn a_tree_is_what_counting_finds(
            names in prop::collection::btree_set("[ab/é]{0,9}", 0..60),
            size in prop_oneof![0usize..40, 60_000usize..70_000],
        ) {
            let keys = keys_of(&names, size);
            check(&keys, &names, &keys.all());
        }
    }
}

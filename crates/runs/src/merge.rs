//! Reads several sorted sequences as one.

use crate::run::RunReader;
use crate::sorted::Sorted;
use std::cmp::Ordering;
use std::io;

/// An entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<'m> {
    /// Its key.
    pub key: &'m [u8],
    /// The rank of its source.
    pub rank: u64,
    /// Its value.
    pub value: &'m [u8],
}

/// The entries of several [`Sorted`]s, sorted by key, then by rank, then by arrival.
#[derive(Debug)]
pub struct Merge<'s> {
    sources: Vec<Source<'s>>,
    /// A heap of indexes into `sources`; the one with the next entry is on top.
    heap: Vec<usize>,
    key: Vec<u8>,
    value: Vec<u8>,
}

#[derive(Debug)]
struct Source<'s> {
    rank: u64,
    from: From<'s>,
}

#[derive(Debug)]
enum From<'s> {
    Run(RunReader<'s>),
    Memory { sorted: &'s Sorted, at: usize },
}

/// Number of bytes buffered for all runs together, unless their minimum is more.
const BUFFERS: usize = 8 << 20;
const LEAST_BUFFER: usize = 4 << 10;
const MOST_BUFFER: usize = 256 << 10;

impl Sorted {
    /// Returns all entries in order; may be called repeatedly.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub fn entries(&self) -> io::Result<Merge<'_>> {
        Merge::of([(0, self)])
    }
}

impl<'s> Merge<'s> {
    /// Merges these, each with its rank.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub fn of(all: impl IntoIterator<Item = (u64, &'s Sorted)>) -> io::Result<Self> {
        let all: Vec<(u64, &Sorted)> = all.into_iter().collect();
        let runs: usize = all.iter().map(|(_, sorted)| sorted.runs().len()).sum();
        let buffer = (BUFFERS / runs.max(1)).clamp(LEAST_BUFFER, MOST_BUFFER);
        let mut sources = Vec::new();
        for (rank, sorted) in all {
            for run in sorted.runs() {
                let mut reader = RunReader::new(run, buffer);
                if reader.advance()? {
                    sources.push(Source { rank, from: From::Run(reader) });
                }
            }
            if sorted.in_memory() > 0 {
                sources.push(Source { rank, from: From::Memory { sorted, at: 0 } });
            }
        }
        let heap = (0..sources.len()).collect();
        let mut merge = Self { sources, heap, key: Vec::new(), value: Vec::new() };
        for at in (0..merge.heap.len() / 2).rev() {
            merge.sift_down(at);
        }
        Ok(merge)
    }

    /// Returns the next entry; `None` at the end.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    #[allow(clippy::should_implement_trait)] // entries are lent
    pub fn next(&mut self) -> io::Result<Option<Item<'_>>> {
        let Some(source) = self.heap.first().and_then(|at| self.sources.get_mut(*at)) else {
            return Ok(None);
        };
        let rank = source.rank;
        self.key.clear();
        self.value.clear();
        let goes_on = match &mut source.from {
            From::Run(reader) => {
                self.key.extend_from_slice(reader.key());
                reader.take_value(&mut self.value)?;
                reader.advance()?
            }
            From::Memory { sorted, at } => {
                let (key, value) = sorted.get(*at).unwrap_or_default();
                self.key.extend_from_slice(key);
                self.value.extend_from_slice(value);
                *at += 1;
                *at < sorted.in_memory()
            }
        };
        if !goes_on {
            self.heap.swap_remove(0);
        }
        self.sift_down(0);
        Ok(Some(Item { key: &self.key, rank, value: &self.value }))
    }

    fn key_of(&self, source: usize) -> (&[u8], u64, usize) {
        match self.sources.get(source) {
            Some(Source { rank, from: From::Run(reader) }) => (reader.key(), *rank, source),
            Some(Source { rank, from: From::Memory { sorted, at } }) => {
                (sorted.get(*at).unwrap_or_default().0, *rank, source)
            }
            None => (&[], u64::MAX, source),
        }
    }

    fn order(&self, a: usize, b: usize) -> Ordering {
        let of = |at: usize| self.heap.get(at).map(|source| self.key_of(*source));
        of(a).cmp(&of(b))
    }

    fn sift_down(&mut self, mut at: usize) {
        loop {
            let (left, right) = (2 * at + 1, 2 * at + 2);
            let mut first = at;
            for child in [left, right] {
                if child < self.heap.len() && self.order(child, first) == Ordering::Less {
                    first = child;
                }
            }
            if first == at {
                return;
            }
            self.heap.swap(at, first);
            at = first;
        }
    }
}

//! Collects entries and sorts them.

use crate::merge::Merge;
use crate::room::Room;
use crate::run::{self, Run};
use std::io;

/// Collects entries in any order.
#[derive(Debug)]
pub struct Sorter(Parts);

/// Entries sorted by key; those of one key in order of arrival.
#[derive(Debug)]
pub struct Sorted(Parts);

#[derive(Debug)]
struct Parts {
    room: Room,
    /// Keys and values, one after the other.
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    /// The part of the room that it takes.
    taken: usize,
    runs: Vec<Run>,
}

/// Where in the bytes an entry is.
#[derive(Debug, Clone, Copy)]
struct Entry {
    at: usize,
    key: u32,
    value: u32,
}

impl Sorter {
    /// Creates an empty one.
    #[must_use]
    pub fn new(room: &Room) -> Self {
        Self(Parts {
            room: room.clone(),
            bytes: Vec::new(),
            entries: Vec::new(),
            taken: 0,
            runs: Vec::new(),
        })
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// If memory is full and the temporary file cannot be written, or if key or value has 4 GiB.
    pub fn push(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.0.push(key, value)?;
        if self.0.room.is_full() && self.0.taken >= self.0.room.least_run() {
            self.0.spill()?;
        }
        Ok(())
    }

    /// Takes all entries of another one, which come after its own.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn absorb(&mut self, mut other: Self) -> io::Result<()> {
        let theirs = &mut other.0;
        if !theirs.runs.is_empty() {
            // Runs come before entries in memory.
            if !self.0.entries.is_empty() {
                self.0.spill()?;
            }
            self.0.runs.append(&mut theirs.runs);
        }
        for entry in &theirs.entries {
            let (key, value) = theirs.entry(*entry);
            self.push(key, value)?;
        }
        Ok(())
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty() && self.0.runs.is_empty()
    }

    /// Writes all entries in memory to disk.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn spill(&mut self) -> io::Result<()> {
        self.0.spill()
    }

    /// Sorts the entries.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn finish(self) -> io::Result<Sorted> {
        let mut parts = self.0;
        if parts.room.is_full() && !parts.entries.is_empty() {
            parts.spill()?;
        }
        parts.sort();
        Ok(Sorted(parts))
    }
}

impl Sorted {
    /// Returns all entries in order; may be called repeatedly.
    ///
    /// # Errors
    /// If the temporary file cannot be read.
    pub fn entries(&self) -> io::Result<Merge<'_>> {
        Merge::of([(0, self)])
    }

    pub(crate) fn runs(&self) -> &[Run] {
        &self.0.runs
    }

    pub(crate) fn in_memory(&self) -> usize {
        self.0.entries.len()
    }

    /// Key and value of an entry that is in memory.
    pub(crate) fn get(&self, at: usize) -> Option<(&[u8], &[u8])> {
        self.0.entries.get(at).map(|entry| self.0.entry(*entry))
    }
}

impl Parts {
    fn push(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let length = |bytes: &[u8]| {
            u32::try_from(bytes.len()).map_err(|_| io::Error::other("an entry has 4 GiB"))
        };
        let entry = Entry { at: self.bytes.len(), key: length(key)?, value: length(value)? };
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value);
        self.entries.push(entry);
        let size = key.len() + value.len() + size_of::<Entry>();
        self.taken += size;
        self.room.take(size);
        Ok(())
    }

    fn entry(&self, entry: Entry) -> (&[u8], &[u8]) {
        let Entry { at, key, value } = entry;
        let middle = at + key as usize;
        let get = |from: usize, to: usize| self.bytes.get(from..to).unwrap_or(&[]);
        (get(at, middle), get(middle, middle + value as usize))
    }

    fn sort(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        // Bytes are in order of arrival.
        entries.sort_unstable_by(|a, b| {
            self.entry(*a).0.cmp(self.entry(*b).0).then_with(|| a.at.cmp(&b.at))
        });
        self.entries = entries;
    }

    fn spill(&mut self) -> io::Result<()> {
        if self.entries.is_empty() {
            return Ok(());
        }
        self.sort();
        let place = self.room.append(|out| {
            self.entries.iter().try_for_each(|entry| {
                let (key, value) = self.entry(*entry);
                run::write(key, value, out)
            })
        })?;
        self.runs.push(Run { room: self.room.clone(), start: place.start, end: place.end });
        // Frees the memory of a buffer that grew for large values.
        self.bytes = Vec::new();
        self.entries = Vec::new();
        self.give_back();
        Ok(())
    }

    fn give_back(&mut self) {
        self.room.give_back(std::mem::take(&mut self.taken));
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.give_back();
    }
}

//! Sorted entries, in memory and on disk.

use crate::room::Room;
use crate::run::{self, Run};
use std::io;

/// Entries sorted by key; those of one key in order of arrival.
#[derive(Debug)]
pub struct Sorted(pub(crate) Parts);

/// Entries, some of them possibly on disk.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) room: Room,
    /// Keys and values, one after the other.
    bytes: Vec<u8>,
    pub(crate) entries: Vec<Entry>,
    /// The part of the room that it takes.
    pub(crate) taken: usize,
    pub(crate) runs: Vec<Run>,
}

/// Where in the bytes an entry is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    at: usize,
    key: u32,
    value: u32,
}

impl Sorted {
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
    pub(crate) fn new(room: &Room) -> Self {
        Self {
            room: room.clone(),
            bytes: Vec::new(),
            entries: Vec::new(),
            taken: 0,
            runs: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
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

    pub(crate) fn entry(&self, entry: Entry) -> (&[u8], &[u8]) {
        let Entry { at, key, value } = entry;
        let middle = at + key as usize;
        let get = |from: usize, to: usize| self.bytes.get(from..to).unwrap_or(&[]);
        (get(at, middle), get(middle, middle + value as usize))
    }

    pub(crate) fn sort(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        // Bytes are in order of arrival.
        entries.sort_unstable_by(|a, b| {
            self.entry(*a).0.cmp(self.entry(*b).0).then_with(|| a.at.cmp(&b.at))
        });
        self.entries = entries;
    }

    pub(crate) fn spill(&mut self) -> io::Result<()> {
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

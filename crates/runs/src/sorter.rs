//! Collects entries and sorts them.

use crate::room::Room;
use crate::sorted::{Parts, Sorted};
use std::io;

/// Collects entries in any order.
#[derive(Debug)]
pub struct Sorter(Parts);

impl Sorter {
    /// Creates an empty one.
    #[must_use]
    pub fn new(room: &Room) -> Self {
        Self(Parts::new(room))
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

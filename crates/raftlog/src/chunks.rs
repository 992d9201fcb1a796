//! Reassembles commands that were too large for one entry.

use crate::entry::{Entry, EntryKind};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The largest reassembled command. Servers accept values of 512 KiB by default.
const LARGEST: usize = 256 << 20;

/// Chunks of incomplete commands.
#[derive(Debug, Default)]
pub struct Chunks {
    pending: BTreeMap<u64, Pending>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Pending {
    term: u64,
    of: u64,
    parts: BTreeMap<u64, Vec<u8>>,
}

/// The role of an entry after reassembly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assembled<'a> {
    /// A whole command: its type and request.
    Whole(Cow<'a, [u8]>),
    /// A chunk; a later entry completes the command.
    Part,
    /// The last chunk of a command of which other chunks are missing.
    Incomplete,
    /// Not a command.
    Other,
}

impl Chunks {
    /// Takes the next entry of a log.
    pub fn take<'a>(&mut self, entry: &Entry<'a>) -> Assembled<'a> {
        if entry.kind != EntryKind::Command {
            return Assembled::Other;
        }
        let Some(chunk) = entry.chunk() else {
            return Assembled::Whole(Cow::Borrowed(entry.data));
        };
        self.bytes = self.bytes.saturating_add(entry.data.len());
        if self.bytes > LARGEST {
            self.pending.clear();
            self.bytes = entry.data.len();
        }
        let pending = self.pending.entry(chunk.operation).or_default();
        // Operation numbers start again with each leader, and so does reassembly.
        if pending.term != entry.term || pending.of != chunk.of {
            *pending = Pending { term: entry.term, of: chunk.of, parts: BTreeMap::new() };
        }
        pending.parts.insert(chunk.sequence, entry.data.to_vec());
        if !chunk.is_last() {
            return Assembled::Part;
        }
        let Some(pending) = self.pending.remove(&chunk.operation) else {
            return Assembled::Incomplete;
        };
        let size = pending.parts.values().map(Vec::len).sum();
        self.bytes = self.bytes.saturating_sub(size);
        if pending.parts.len() as u64 != pending.of {
            return Assembled::Incomplete;
        }
        Assembled::Whole(Cow::Owned(pending.parts.into_values().flatten().collect()))
    }

    /// Restores a chunk from a snapshot.
    pub fn restore(&mut self, operation: u64, sequence: u64, of: u64, term: u64, data: &[u8]) {
        let pending = self.pending.entry(operation).or_default();
        (pending.term, pending.of) = (term, of);
        pending.parts.insert(sequence, data.to_vec());
        self.bytes = self.bytes.saturating_add(data.len());
    }

    /// The incomplete operations, by number.
    pub fn pending(&self) -> impl Iterator<Item = PendingOperation<'_>> {
        self.pending.iter().map(|(number, pending)| PendingOperation {
            number: *number,
            term: pending.term,
            of: pending.of,
            parts: &pending.parts,
        })
    }
}

/// An incomplete command.
#[derive(Debug, Clone, Copy)]
pub struct PendingOperation<'c> {
    /// Its number.
    pub number: u64,
    /// Its term.
    pub term: u64,
    /// Its total number of chunks.
    pub of: u64,
    parts: &'c BTreeMap<u64, Vec<u8>>,
}

impl<'c> PendingOperation<'c> {
    /// The present chunks, by number.
    pub fn parts(&self) -> impl Iterator<Item = (u64, &'c [u8])> + use<'c> {
        self.parts.iter().map(|(at, part)| (*at, part.as_slice()))
    }
}

//! Blocks of whole records.

use super::buffer::Buffer;
use super::frame::Frame;
use super::kind::Kind;
use std::sync::Arc;

/// Some consecutive whole records in one buffer, which they share with code that reads the buffer
/// as a whole.
///
/// Blocks are cut where buffers end, so the number of records in one means nothing. `seq` numbers
/// them without gaps.
#[derive(Debug)]
pub struct Block {
    pub(super) buffer: Arc<Buffer>,
    /// Position of the first record's type byte in the buffer.
    pub(super) start: usize,
    /// Where each record ends in the buffer.
    pub(super) ends: Vec<usize>,
    pub(super) seq: u64,
    pub(super) first_number: u64,
    pub(super) offset: u64,
}

impl Block {
    /// Its number among the blocks of the file, from 0.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Offset of its first record in `state.bin`.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// How many records it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of all its records, one after the other.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        let end = self.ends.last().copied().unwrap_or(self.start);
        self.buffer.bytes().get(self.start..end).unwrap_or(&[])
    }

    /// One of its records, the first being 0.
    #[must_use]
    pub fn frame(&self, at: usize) -> Option<Frame<'_>> {
        let end = *self.ends.get(at)?;
        let start = match at.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => self.start,
        };
        let bytes = self.buffer.bytes().get(start..end)?;
        Some(Frame {
            number: self.first_number.wrapping_add(at as u64),
            offset: self.offset.saturating_add(start.saturating_sub(self.start) as u64),
            kind: Kind(*bytes.first()?),
            bytes,
        })
    }

    /// Its records, in order.
    #[must_use]
    pub fn frames(&self) -> Frames<'_> {
        Frames {
            bytes: self.buffer.bytes(),
            ends: self.ends.iter(),
            start: self.start,
            number: self.first_number,
            offset: self.offset,
        }
    }
}

/// The records of a [`Block`].
#[derive(Debug, Clone)]
pub struct Frames<'a> {
    bytes: &'a [u8],
    ends: std::slice::Iter<'a, usize>,
    start: usize,
    number: u64,
    offset: u64,
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    #[inline]
    fn next(&mut self) -> Option<Frame<'a>> {
        let end = *self.ends.next()?;
        let bytes = self.bytes.get(self.start..end)?;
        let frame =
            Frame { number: self.number, offset: self.offset, kind: Kind(*bytes.first()?), bytes };
        self.start = end;
        self.number = self.number.wrapping_add(1);
        self.offset = self.offset.saturating_add(bytes.len() as u64);
        Some(frame)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ends.size_hint()
    }
}

impl ExactSizeIterator for Frames<'_> {}

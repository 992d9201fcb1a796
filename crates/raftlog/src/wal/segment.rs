//! A segment: a header, then frames of entries; a commit frame vouches for those before it.

use crate::entry::Entry;
use crate::error::{Damage, DamageKind, Error};
use crate::storage::ReadAt;
use std::ops::ControlFlow;

const MAGIC: u32 = 0x58EB_6B0D;
const HEADER: usize = 32;
const FRAME_HEADER: usize = 8;
/// The one codec of entries there is.
const CODEC: u64 = 1;

/// Bytes read at once.
const READ: usize = 256 << 10;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FrameType {
    /// Nothing was written from here on.
    End,
    Entry,
    /// Where the entries of a sealed segment are.
    Index,
    Commit,
}

impl FrameType {
    const fn of(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::End),
            1 => Some(Self::Entry),
            2 => Some(Self::Index),
            3 => Some(Self::Commit),
            _ => None,
        }
    }
}

/// A segment file.
#[derive(Debug)]
pub struct Segment<R> {
    file: R,
    size: u64,
    /// The index of the first entry.
    base_index: u64,
    id: u64,
}

/// An entry that a good commit vouches for.
#[derive(Debug, Clone, Copy)]
pub struct Committed<'s> {
    /// The entry.
    pub entry: Entry<'s>,
    /// Where its frame is in the file.
    pub offset: u64,
}

/// Where a segment's entries end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentEnd {
    /// The end of the last good commit.
    pub offset: u64,
    /// Entries after it, which were never acknowledged.
    pub uncommitted: u64,
    /// What ended reading, if it is not the end of what was written.
    pub damage: Option<Damage>,
}

impl<R: ReadAt> Segment<R> {
    /// Opens a segment by its header.
    ///
    /// # Errors
    /// [`DamageKind::SegmentHeader`] if it has none.
    pub fn open(file: R) -> Result<Self, Error> {
        let mut header = [0; HEADER];
        file.read_whole(0, &mut header)?;
        let size = file.size()?;
        let wrong = Error::damage(0, DamageKind::SegmentHeader);
        let number = |at: usize| header.get(at..)?.first_chunk().map(|c| u64::from_le_bytes(*c));
        let magic = header.first_chunk().map(|chunk| u32::from_le_bytes(*chunk));
        let (Some(base_index), Some(id), Some(codec)) = (number(8), number(16), number(24)) else {
            return Err(wrong);
        };
        // Three zero bytes and the version, which is 0, follow the magic.
        let is_known = magic == Some(MAGIC) && header.get(4..8) == Some(&[0; 4]) && codec == CODEC;
        if !is_known {
            return Err(wrong);
        }
        Ok(Self { file, size, base_index, id })
    }

    /// The index of its first entry.
    #[must_use]
    pub const fn base_index(&self) -> u64 {
        self.base_index
    }

    /// Its number.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// Calls `each` with all entries that a good commit vouches for, in order; it says when to stop.
    /// An entry that can't be read is reported to `damaged`, and the ones after it are read on.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn walk(
        &self,
        damaged: &mut dyn FnMut(Damage) -> ControlFlow<()>,
        each: &mut dyn FnMut(Committed<'_>) -> ControlFlow<()>,
    ) -> Result<SegmentEnd, Error> {
        let mut window = Window { file: &self.file, size: self.size, begin: 0, bytes: Vec::new() };
        // The first commit vouches for the header too.
        let mut batch = Batch { at: HEADER, payloads: Vec::new() };
        let mut end = SegmentEnd { offset: HEADER as u64, uncommitted: 0, damage: None };
        // A batch whose checksum is wrong is lost alone, if good ones follow.
        let mut lost: Option<(u64, Damage)> = None;
        loop {
            let damage = match batch.frame(&mut window)? {
                Next::Frame => continue,
                Next::End => None,
                Next::Damage(damage) => Some(damage),
                Next::Commit { crc } => {
                    let offset = window.begin + batch.at as u64;
                    let is_good = crc32c::crc32c(batch.covered(&window)) == crc;
                    if is_good {
                        let flow = match lost.take() {
                            Some((_, damage)) => damaged(damage),
                            None => ControlFlow::Continue(()),
                        };
                        if flow.is_break() || batch.entries(&window, damaged, each).is_break() {
                            return Ok(end);
                        }
                        end.offset = offset + FRAME_HEADER as u64;
                    } else {
                        let (entries, first) =
                            lost.unwrap_or((0, Damage { offset, kind: DamageKind::Checksum }));
                        lost = Some((entries + batch.payloads.len() as u64, first));
                    }
                    window.forget(offset + FRAME_HEADER as u64);
                    batch = Batch::default();
                    continue;
                }
            };
            let (entries, first) =
                lost.map_or((0, None), |(entries, first)| (entries, Some(first)));
            end.uncommitted = entries + batch.payloads.len() as u64;
            end.damage = first.or(damage);
            return Ok(end);
        }
    }
}

/// The part of a file from the last commit on.
struct Window<'f, R> {
    file: &'f R,
    size: u64,
    begin: u64,
    bytes: Vec<u8>,
}

impl<R: ReadAt> Window<'_, R> {
    /// Drops what is in front of an offset.
    fn forget(&mut self, offset: u64) {
        let drop = usize::try_from(offset.saturating_sub(self.begin)).unwrap_or(usize::MAX);
        self.bytes.drain(..drop.min(self.bytes.len()));
        self.begin = offset;
    }

    /// Bytes from `at` on, read if they weren't; `None` if the file ends before.
    fn get(&mut self, at: usize, count: usize) -> Result<Option<&[u8]>, Error> {
        let Some(end) = at.checked_add(count) else { return Ok(None) };
        while self.bytes.len() < end {
            let from = self.begin.saturating_add(self.bytes.len() as u64);
            let left = self.size.saturating_sub(from);
            let missing = (end - self.bytes.len()) as u64;
            if missing > left {
                return Ok(None);
            }
            let more = usize::try_from(missing.max(READ as u64).min(left)).unwrap_or(READ);
            let have = self.bytes.len();
            self.bytes.resize(have + more, 0);
            let read = match self.bytes.get_mut(have..) {
                Some(into) => self.file.read_whole(from, into),
                None => Ok(()),
            };
            if let Err(e) = read {
                self.bytes.truncate(have);
                return match e {
                    // Shorter than it was.
                    Error::Damage(_) => Ok(None),
                    e => Err(e),
                };
            }
        }
        Ok(self.bytes.get(at..end))
    }
}

/// Frames since the last commit; places count from there.
#[derive(Default)]
struct Batch {
    /// Where the next frame begins.
    at: usize,
    /// Places and sizes of entries.
    payloads: Vec<(usize, usize)>,
}

enum Next {
    Frame,
    Commit { crc: u32 },
    End,
    Damage(Damage),
}

impl Batch {
    fn frame<R: ReadAt>(&mut self, window: &mut Window<'_, R>) -> Result<Next, Error> {
        let offset = window.begin + self.at as u64;
        let short = Next::Damage(Damage { offset, kind: DamageKind::Short { missing: 0 } });
        let size = window.size;
        let header = match window.get(self.at, FRAME_HEADER)? {
            Some(header) => header,
            // A segment that is full ends with its last frame.
            None if offset >= size => return Ok(Next::End),
            None => return Ok(short),
        };
        let (Some(kind), Some(number)) = (header.first().copied(), header.last_chunk::<4>()) else {
            return Ok(short);
        };
        let number = u32::from_le_bytes(*number);
        match FrameType::of(kind) {
            None => {
                let kind = DamageKind::FrameType { found: kind };
                Ok(Next::Damage(Damage { offset, kind }))
            }
            Some(FrameType::End) => Ok(Next::End),
            Some(FrameType::Commit) => Ok(Next::Commit { crc: number }),
            Some(kind) => {
                let size = usize::try_from(number).unwrap_or(usize::MAX);
                let Some(padded) = size.checked_next_multiple_of(8) else { return Ok(short) };
                let payload = self.at + FRAME_HEADER;
                if window.get(payload, padded)?.is_none() {
                    return Ok(short);
                }
                if kind == FrameType::Entry {
                    self.payloads.push((payload, size));
                }
                self.at = payload + padded;
                Ok(Next::Frame)
            }
        }
    }

    /// What a commit's checksum is of.
    fn covered<'w, R>(&self, window: &'w Window<'_, R>) -> &'w [u8] {
        window.bytes.get(..self.at).unwrap_or_default()
    }

    fn entries<R>(
        &self,
        window: &Window<'_, R>,
        damaged: &mut dyn FnMut(Damage) -> ControlFlow<()>,
        each: &mut dyn FnMut(Committed<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for (at, size) in &self.payloads {
            let payload = window.bytes.get(*at..at + size).unwrap_or_default();
            let at = window.begin + *at as u64;
            match Entry::from_wal(payload, at) {
                Ok(entry) => each(Committed { entry, offset: at - FRAME_HEADER as u64 })?,
                Err(damage) => damaged(damage)?,
            }
        }
        ControlFlow::Continue(())
    }
}

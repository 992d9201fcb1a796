//! A segment: a header, then frames of entries. A commit frame has the checksum of those before it.

use crate::entry::Entry;
use crate::error::{Damage, DamageKind, Error};
use crate::storage::ReadAt;
use std::ops::ControlFlow;

const MAGIC: u32 = 0x58EB_6B0D;
const HEADER: usize = 32;
const FRAME_HEADER: usize = 8;
/// The only codec of entries.
const CODEC: u64 = 1;

/// Number of bytes read at a time.
const READ: usize = 256 << 10;

/// The type of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FrameType {
    /// Unwritten space.
    End,
    Entry,
    /// The index of a sealed segment's entries.
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

/// An entry that a valid commit covers.
#[derive(Debug, Clone, Copy)]
pub struct Committed<'s> {
    /// The entry.
    pub entry: Entry<'s>,
    /// The offset of its frame in the file.
    pub offset: u64,
}

/// The end of a segment's entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentEnd {
    /// The end of the last valid commit.
    pub offset: u64,
    /// Number of entries after it, which were never acknowledged.
    pub uncommitted: u64,
    /// The damage that ended reading, if it did not end with unwritten space.
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
        // After the magic come three zero bytes and the version, which is 0.
        let is_known = magic == Some(MAGIC) && header.get(4..8) == Some(&[0; 4]) && codec == CODEC;
        // A new segment is all zeros until its first entry.
        if !is_known && header != [0; HEADER] {
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

    /// Calls `each` with all entries that a valid commit covers, in order, until it stops the walk.
    /// An unreadable entry is reported to `damaged`, and reading continues after it.
    ///
    /// # Errors
    /// On I/O errors.
    pub fn walk(
        &self,
        damaged: &mut dyn FnMut(Damage) -> ControlFlow<()>,
        each: &mut dyn FnMut(Committed<'_>) -> ControlFlow<()>,
    ) -> Result<SegmentEnd, Error> {
        self.walk_from(0, damaged, each)
    }

    /// Continues at the end of a valid commit, which an earlier walk returned.
    ///
    /// # Errors
    /// On I/O errors.
    pub fn walk_from(
        &self,
        offset: u64,
        damaged: &mut dyn FnMut(Damage) -> ControlFlow<()>,
        each: &mut dyn FnMut(Committed<'_>) -> ControlFlow<()>,
    ) -> Result<SegmentEnd, Error> {
        // The first commit also covers the header.
        let begin = if offset <= HEADER as u64 { 0 } else { offset };
        let mut window = Window::new(&self.file, self.size, begin);
        let mut batch = Batch { at: if begin == 0 { HEADER } else { 0 }, payloads: Vec::new() };
        let mut end =
            SegmentEnd { offset: offset.max(HEADER as u64), uncommitted: 0, damage: None };
        // A batch with a wrong checksum. If valid commits follow, only this batch is lost.
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
                    batch.restart();
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

impl<R: ReadAt> Segment<R> {
    /// Calls `each` with the payload and offset of every frame of an entry, whether or not a commit
    /// covers it.
    pub(crate) fn every_frame(&self, each: &mut dyn FnMut(&[u8], u64)) -> Result<(), Error> {
        let mut window = Window::new(&self.file, self.size, HEADER as u64);
        let mut batch = Batch::default();
        loop {
            let is_end = match batch.frame(&mut window)? {
                Next::Frame => continue,
                Next::Commit { .. } => false,
                Next::End | Next::Damage(_) => true,
            };
            for (at, size) in &batch.payloads {
                each(window.read_so_far(*at, at + size), window.begin + *at as u64);
            }
            if is_end {
                return Ok(());
            }
            window.forget(window.begin + (batch.at + FRAME_HEADER) as u64);
            batch.restart();
        }
    }
}

/// The part of a file after the last commit.
struct Window<'f, R> {
    file: &'f R,
    size: u64,
    /// The offset in the file where the last commit ends.
    begin: u64,
    /// Room for bytes that are read. It is cleared only once, as it grows.
    room: Vec<u8>,
    /// How much of it was read. The first `past` bytes are before `begin`.
    read: usize,
    past: usize,
}

impl<'f, R: ReadAt> Window<'f, R> {
    const fn new(file: &'f R, size: u64, begin: u64) -> Self {
        Self { file, size, begin, room: Vec::new(), read: 0, past: 0 }
    }

    /// Drops the bytes before an offset.
    fn forget(&mut self, offset: u64) {
        let drop = usize::try_from(offset.saturating_sub(self.begin)).unwrap_or(usize::MAX);
        self.past = self.past.saturating_add(drop).min(self.read);
        self.begin = offset;
    }

    /// Bytes from `at` on, read if necessary; `None` if the file ends before that.
    fn get(&mut self, at: usize, count: usize) -> Result<Option<&[u8]>, Error> {
        let Some(needed) = at.checked_add(count) else { return Ok(None) };
        if self.read - self.past < needed && !self.read_more(needed)? {
            return Ok(None);
        }
        Ok(self.room.get(self.past + at..self.past + needed))
    }

    /// Reads until at least `needed` bytes follow the last commit. Returns `false` if the file ends before that.
    fn read_more(&mut self, needed: usize) -> Result<bool, Error> {
        // What is left of the bytes read before is the start of a frame or of a batch, and short.
        if self.past > 0 {
            self.room.copy_within(self.past..self.read, 0);
            self.read -= self.past;
            self.past = 0;
        }
        let from = self.begin.saturating_add(self.read as u64);
        let left = self.size.saturating_sub(from);
        let missing = (needed - self.read) as u64;
        if missing > left {
            return Ok(false);
        }
        let more = usize::try_from(missing.max(READ as u64).min(left)).unwrap_or(READ);
        let end = self.read.saturating_add(more);
        if self.room.len() < end {
            self.room.resize(end, 0);
        }
        match self.room.get_mut(self.read..end).map(|into| self.file.read_whole(from, into)) {
            Some(Ok(())) => {
                self.read = end;
                Ok(true)
            }
            // The file is shorter than before.
            Some(Err(Error::Damage(_))) | None => Ok(false),
            Some(Err(e)) => Err(e),
        }
    }
}

impl<R> Window<'_, R> {
    /// The bytes read after the end of the last commit.
    fn read_so_far(&self, from: usize, to: usize) -> &[u8] {
        let place = self.past.saturating_add(from)..self.past.saturating_add(to);
        self.room.get(..self.read).and_then(|read| read.get(place)).unwrap_or_default()
    }
}

/// Frames since the last commit; offsets count from there.
#[derive(Default)]
struct Batch {
    /// The offset of the next frame.
    at: usize,
    /// Offsets and sizes of entries.
    payloads: Vec<(usize, usize)>,
}

enum Next {
    Frame,
    Commit { crc: u32 },
    End,
    Damage(Damage),
}

impl Batch {
    /// Starts again after a commit.
    fn restart(&mut self) {
        self.at = 0;
        self.payloads.clear();
    }

    fn frame<R: ReadAt>(&mut self, window: &mut Window<'_, R>) -> Result<Next, Error> {
        let offset = window.begin + self.at as u64;
        let short = Next::Damage(Damage { offset, kind: DamageKind::Short { missing: 0 } });
        let size = window.size;
        let header = match window.get(self.at, FRAME_HEADER)? {
            Some(header) => header,
            // A full segment ends with its last frame.
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

    /// The bytes that a commit's checksum covers.
    fn covered<'w, R>(&self, window: &'w Window<'_, R>) -> &'w [u8] {
        window.read_so_far(0, self.at)
    }

    fn entries<R>(
        &self,
        window: &Window<'_, R>,
        damaged: &mut dyn FnMut(Damage) -> ControlFlow<()>,
        each: &mut dyn FnMut(Committed<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for (at, size) in &self.payloads {
            let payload = window.read_so_far(*at, at + size);
            let at = window.begin + *at as u64;
            match Entry::from_wal(payload, at) {
                Ok(entry) => each(Committed { entry, offset: at - FRAME_HEADER as u64 })?,
                Err(damage) => damaged(damage)?,
            }
        }
        ControlFlow::Continue(())
    }
}

//! The file: its two meta pages, and pages by number.

use super::buffer::Buffer;
use super::page::{HEADER, Page, u16_at, u32_at, u64_at};
use crate::error::{Damage, DamageKind, Error};
use crate::storage::ReadAt;

const MAGIC: u32 = 0xED0C_DAED;
const VERSION: u32 = 2;
const META_FLAG: u16 = 4;
/// Number of bytes of a meta page before its checksum.
const META: usize = 56;

/// The possible page sizes: the page size of the system, which is a power of two from 1 KiB to 64
/// KiB.
const PAGE_SIZES: std::ops::RangeInclusive<u32> = 1024..=65536;

/// Maximum size of a page with its overflow. bbolt permits values of 2 GiB, but entries of a Raft
/// log are far smaller; Consul's chunks have 512 KiB.
const LARGEST_PAGE: u64 = 256 << 20;

/// A bbolt file.
#[derive(Debug)]
pub struct Database<R> {
    file: R,
    meta: Meta,
    /// The other meta page, if it is valid: that of the transaction before.
    older: Option<Meta>,
    /// The offset of a meta page that is not valid.
    damaged_meta: Option<u64>,
    size: u64,
    /// Number of pages for which the file has room.
    room: u64,
}

/// The page size of a file that does not say it: that of most systems.
const USUAL_PAGE_SIZE: u32 = 4096;

#[derive(Debug, Clone, Copy)]
struct Meta {
    page_size: u32,
    root: u64,
    /// The first page that is not in use.
    high: u64,
    transaction: u64,
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

impl Meta {
    /// Reads a meta page; `None` if it is not a valid one.
    fn read(bytes: &[u8]) -> Option<Self> {
        let flags = u16_at(bytes, 8)?;
        let meta = bytes.get(HEADER..)?;
        let page_size = u32_at(meta, 8)?;
        let is_valid = flags & META_FLAG != 0
            && u32_at(meta, 0)? == MAGIC
            && u32_at(meta, 4)? == VERSION
            && page_size.is_power_of_two()
            && PAGE_SIZES.contains(&page_size)
            && u64_at(meta, META)? == fnv1a(meta.get(..META)?);
        is_valid.then_some(Self {
            page_size,
            root: u64_at(meta, 16)?,
            high: u64_at(meta, 40)?,
            transaction: u64_at(meta, 48)?,
        })
    }
}

impl<R: ReadAt> Database<R> {
    /// Opens a file by its newer valid meta page.
    ///
    /// # Errors
    /// [`DamageKind::NoMeta`] if neither is valid.
    pub fn open(file: R) -> Result<Self, Error> {
        let read = |offset: u64| -> Result<Option<Meta>, Error> {
            let mut bytes = [0; HEADER + META + 8];
            match file.read_whole(offset, &mut bytes) {
                Ok(()) => Ok(Meta::read(&bytes)),
                Err(Error::Damage(_)) => Ok(None),
                Err(e) => Err(e),
            }
        };
        let first = read(0)?;
        let mut second = None;
        let mut second_at = 0;
        // The position of the second meta page depends on the page size, which only a valid one
        // reveals.
        match first {
            Some(meta) => {
                second_at = u64::from(meta.page_size);
                second = read(second_at)?;
            }
            None => {
                let mut size = *PAGE_SIZES.start();
                while second.is_none() && PAGE_SIZES.contains(&size) {
                    second = read(u64::from(size))?.filter(|meta| meta.page_size == size);
                    size *= 2;
                }
            }
        }
        let damaged_meta = match (first, second) {
            (None, _) => Some(0),
            (_, None) => Some(second_at),
            _ => None,
        };
        let mut metas: Vec<Meta> = first.into_iter().chain(second).collect();
        metas.sort_by_key(|meta| meta.transaction);
        let Some(meta) = metas.pop() else {
            return Err(Error::damage(0, DamageKind::NoMeta));
        };
        Self::by(file, meta, metas.pop(), damaged_meta)
    }

    /// Opens a file without a valid meta page, whose pages can only be found by their structure.
    pub(crate) fn without_meta(file: R) -> Result<Self, Error> {
        let mut bytes = [0; HEADER + META];
        let named = match file.read_whole(0, &mut bytes) {
            Ok(()) => u32_at(&bytes, HEADER + 8),
            Err(_) => None,
        };
        let is_one = |size: &u32| size.is_power_of_two() && PAGE_SIZES.contains(size);
        let page_size = named.filter(is_one).unwrap_or(USUAL_PAGE_SIZE);
        Self::by(file, Meta { page_size, root: 0, high: 0, transaction: 0 }, None, Some(0))
    }

    fn by(
        file: R,
        meta: Meta,
        older: Option<Meta>,
        damaged_meta: Option<u64>,
    ) -> Result<Self, Error> {
        let size = file.size()?;
        let room = size / u64::from(meta.page_size);
        Ok(Self { file, meta, older, damaged_meta, size, room })
    }

    /// Goes back to the transaction before, whose pages are kept until the next one. Returns
    /// whether there is one.
    pub(crate) fn go_back(&mut self) -> bool {
        let older = self.older.take().filter(|older| older.page_size == self.meta.page_size);
        if let Some(older) = older {
            self.meta = older;
        }
        older.is_some()
    }

    /// The meta page that is not valid: the transaction that was opened may not be the last one.
    pub(crate) fn damaged_meta(&self) -> Option<Damage> {
        let kind = DamageKind::Meta;
        self.damaged_meta.map(|offset| Damage { offset, kind })
    }

    /// Whether the file is shorter than its pages.
    pub(crate) fn cut_off(&self) -> Option<Damage> {
        let (size, expected) = (self.size, self.offset_of(self.meta.high));
        let kind = DamageKind::CutOff { size, expected };
        (size < expected).then_some(Damage { offset: size, kind })
    }

    /// The number of the last transaction, which grows with every write.
    #[must_use]
    pub const fn transaction(&self) -> u64 {
        self.meta.transaction
    }

    /// The page of the root bucket.
    pub(super) const fn root(&self) -> u64 {
        self.meta.root
    }

    /// Number of pages in use, as far as the file contains them.
    pub(super) fn pages(&self) -> u64 {
        self.meta.high.min(self.room)
    }

    pub(super) fn offset_of(&self, page: u64) -> u64 {
        page.saturating_mul(u64::from(self.meta.page_size))
    }

    /// Number of pages for which the file has room.
    pub(super) const fn room(&self) -> u64 {
        self.room
    }

    /// A page with its overflow, from a buffer or read into it.
    pub(super) fn page<'b>(&self, number: u64, buffer: &'b mut Buffer) -> Result<Page<'b>, Error> {
        self.page_before(self.meta.high, number, buffer)
    }

    /// Reads a page that is not in use, with its overflow.
    pub(super) fn any_page<'b>(
        &self,
        number: u64,
        buffer: &'b mut Buffer,
    ) -> Result<Page<'b>, Error> {
        self.page_before(self.room, number, buffer)
    }

    fn page_before<'b>(
        &self,
        end: u64,
        number: u64,
        buffer: &'b mut Buffer,
    ) -> Result<Page<'b>, Error> {
        let offset = self.offset_of(number);
        // The first two pages are the meta pages.
        if number < 2 || number >= end {
            return Err(Error::damage(offset, DamageKind::PageOutside { page: number }));
        }
        let size = self.meta.page_size as usize;
        buffer.fill(&self.file, offset, size)?;
        let page = buffer.get(offset, size);
        let found = u64_at(page, 0).unwrap_or_default();
        if found != number {
            let kind = DamageKind::PageNumber { found, expected: number };
            return Err(Error::damage(offset, kind));
        }
        let overflow = u64::from(u32_at(page, 12).unwrap_or_default());
        if overflow == 0 {
            return Ok(Page::new(buffer.get(offset, size), offset)?);
        }
        let last = number.saturating_add(overflow);
        let more = self.offset_of(overflow);
        let whole = more.saturating_add(size as u64);
        if last >= end || whole > LARGEST_PAGE {
            return Err(Error::damage(offset, DamageKind::PageOutside { page: last }));
        }
        // Only after checking that the file contains them.
        if self.file.size()? < offset.saturating_add(whole) {
            return Err(Error::damage(offset, DamageKind::Short { missing: more }));
        }
        let whole = usize::try_from(whole).unwrap_or(usize::MAX);
        buffer.fill(&self.file, offset, whole)?;
        Ok(Page::new(buffer.get(offset, whole), offset)?)
    }
}

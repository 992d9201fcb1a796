//! Pages: a header, then elements that locate their keys and values.

use crate::error::{Damage, DamageKind};

/// Size of a page's header: u64 number, u16 flags, u16 count, u32 overflow.
pub(super) const HEADER: usize = 16;
/// Size of an element, of either kind.
const ELEMENT: usize = 16;

const BRANCH: u16 = 1;
const LEAF: u16 = 2;
/// Flag of a leaf's element whose value is a bucket.
const IS_BUCKET: u32 = 1;

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_le_bytes(*chunk))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

/// A page with its overflow, borrowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page<'p> {
    bytes: &'p [u8],
    /// Its offset in the file.
    offset: u64,
    is_leaf: bool,
    count: u16,
}

/// An element of a leaf.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeafElement<'p> {
    pub(super) key: &'p [u8],
    pub(super) value: &'p [u8],
    /// The offset of the value in the file.
    pub(super) offset: u64,
    pub(super) is_bucket: bool,
}

impl<'p> Page<'p> {
    pub(super) fn new(bytes: &'p [u8], offset: u64) -> Result<Self, Damage> {
        let damage = |kind| Damage { offset, kind };
        let short = damage(DamageKind::Short { missing: 0 });
        let flags = u16_at(bytes, 8).ok_or(short)?;
        let count = u16_at(bytes, 10).ok_or(short)?;
        match flags & 0x1f {
            BRANCH | LEAF => Ok(Self { bytes, offset, is_leaf: flags & LEAF != 0, count }),
            _ => Err(damage(DamageKind::PageKind { flags })),
        }
    }

    pub(super) const fn is_leaf(&self) -> bool {
        self.is_leaf
    }

    pub(super) const fn count(&self) -> u16 {
        self.count
    }

    fn damage(&self, at: u16) -> Damage {
        Damage { offset: self.offset, kind: DamageKind::Element { at } }
    }

    fn slice(&self, from: usize, size: u32) -> Option<&'p [u8]> {
        let end = from.checked_add(usize::try_from(size).ok()?)?;
        self.bytes.get(from..end)
    }

    /// The page below an element of a branch, and the first key in that page.
    pub(super) fn branch(&self, at: u16) -> Result<(&'p [u8], u64), Damage> {
        let from = HEADER + usize::from(at) * ELEMENT;
        let read = || {
            let position = usize::try_from(u32_at(self.bytes, from)?).ok()?;
            let key = self.slice(from.checked_add(position)?, u32_at(self.bytes, from + 4)?)?;
            Some((key, u64_at(self.bytes, from + 8)?))
        };
        read().filter(|_| !self.is_leaf && at < self.count).ok_or_else(|| self.damage(at))
    }

    pub(super) fn leaf(&self, at: u16) -> Result<LeafElement<'p>, Damage> {
        let from = HEADER + usize::from(at) * ELEMENT;
        let read = || {
            let flags = u32_at(self.bytes, from)?;
            let position = usize::try_from(u32_at(self.bytes, from + 4)?).ok()?;
            let (key_size, value_size) =
                (u32_at(self.bytes, from + 8)?, u32_at(self.bytes, from + 12)?);
            let key_at = from.checked_add(position)?;
            let key = self.slice(key_at, key_size)?;
            let value_at = key_at.checked_add(key.len())?;
            let value = self.slice(value_at, value_size)?;
            let offset = self.offset.checked_add(value_at as u64)?;
            Some(LeafElement { key, value, offset, is_bucket: flags & IS_BUCKET != 0 })
        };
        read().filter(|_| self.is_leaf && at < self.count).ok_or_else(|| self.damage(at))
    }

    /// The last element whose key is not greater than `key`; the first element if there is none.
    pub(super) fn branch_of(&self, key: &[u8]) -> Result<u16, Damage> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.branch(middle)?.0 <= key { low = middle + 1 } else { high = middle }
        }
        Ok(low.saturating_sub(1))
    }

    /// The element with that key, or its insertion point.
    pub(super) fn leaf_of(&self, key: &[u8]) -> Result<Result<u16, u16>, Damage> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.leaf(middle)?.key.cmp(key) {
                std::cmp::Ordering::Equal => return Ok(Ok(middle)),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(Err(low))
    }
}

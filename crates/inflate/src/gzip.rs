//! The frame around the deflate stream: RFC 1952's header and trailer.

use crate::error::ErrorKind;
use crate::source::{ReadAt, read_full};
use std::sync::Arc;

/// The first two bytes of every member.
pub(crate) const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Bytes of CRC-32 and ISIZE after the deflate stream.
pub(crate) const TRAILER: usize = 8;

const DEFLATE: u8 = 8;
const FHCRC: u8 = 1 << 1;
const FEXTRA: u8 = 1 << 2;
const FNAME: u8 = 1 << 3;
const FCOMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;

/// Headers are read in small pieces: a name may be as long as the file, and is never kept.
const PIECE: usize = 512;

/// Reads bytes in order and computes the CRC for FHCRC.
struct Cursor<'a> {
    source: &'a dyn ReadAt,
    piece: [u8; PIECE],
    have: usize,
    next: usize,
    /// Offset of `piece[0]`.
    base: u64,
    crc: crc32fast::Hasher,
}

impl Cursor<'_> {
    fn offset(&self) -> u64 {
        self.base + self.next as u64
    }

    fn fail(&self, kind: ErrorKind) -> (ErrorKind, u64) {
        (kind, self.offset() * 8)
    }

    fn byte(&mut self) -> Result<u8, (ErrorKind, u64)> {
        if self.next == self.have {
            self.base += self.have as u64;
            self.next = 0;
            self.have = 0;
            self.have = read_full(self.source, &mut self.piece, self.base)
                .map_err(|e| self.fail(ErrorKind::Io(Arc::new(e))))?;
            if self.have == 0 {
                return Err(self.fail(ErrorKind::UnexpectedEnd));
            }
        }
        let b = self.piece[self.next];
        self.next += 1;
        self.crc.update(&[b]);
        Ok(b)
    }

    fn u16(&mut self) -> Result<u16, (ErrorKind, u64)> {
        Ok(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn until_nul(&mut self) -> Result<(), (ErrorKind, u64)> {
        while self.byte()? != 0 {}
        Ok(())
    }
}

/// Reads the header at byte `offset`; returns the offset of the deflate stream after it. Errors
/// have the bit at which they were found.
pub(crate) fn read_header(source: &dyn ReadAt, offset: u64) -> Result<u64, (ErrorKind, u64)> {
    let mut c = Cursor {
        source,
        piece: [0; PIECE],
        have: 0,
        next: 0,
        base: offset,
        crc: crc32fast::Hasher::new(),
    };
    for want in MAGIC {
        if c.byte()? != want {
            return Err((ErrorKind::NotGzip, offset * 8));
        }
    }
    let method = c.byte()?;
    if method != DEFLATE {
        return Err((ErrorKind::UnknownMethod(method), (offset + 2) * 8));
    }
    let flags = c.byte()?;
    if flags & RESERVED != 0 {
        return Err((ErrorKind::ReservedFlags(flags), (offset + 3) * 8));
    }
    // Time, extra flags and system: any value is fine.
    for _ in 0..6 {
        c.byte()?;
    }
    if flags & FEXTRA != 0 {
        for _ in 0..c.u16()? {
            c.byte()?;
        }
    }
    if flags & FNAME != 0 {
        c.until_nul()?;
    }
    if flags & FCOMMENT != 0 {
        c.until_nul()?;
    }
    if flags & FHCRC != 0 {
        let at = c.offset();
        // RFC 1952: the two least significant bytes of the CRC-32 of all bytes before.
        let [a, b, ..] = c.crc.clone().finalize().to_le_bytes();
        let computed = u16::from_le_bytes([a, b]);
        let stored = c.u16()?;
        if stored != computed {
            return Err((ErrorKind::HeaderChecksum { stored, computed }, at * 8));
        }
    }
    Ok(c.offset())
}

/// The trailer at byte `offset`: CRC-32 and length modulo 2^32.
pub(crate) fn read_trailer(
    source: &dyn ReadAt,
    offset: u64,
) -> Result<(u32, u32), (ErrorKind, u64)> {
    let mut b = [0; TRAILER];
    let n =
        read_full(source, &mut b, offset).map_err(|e| (ErrorKind::Io(Arc::new(e)), offset * 8))?;
    if n < TRAILER {
        return Err((ErrorKind::UnexpectedEnd, (offset + n as u64) * 8));
    }
    let [c0, c1, c2, c3, l0, l1, l2, l3] = b;
    Ok((u32::from_le_bytes([c0, c1, c2, c3]), u32::from_le_bytes([l0, l1, l2, l3])))
}

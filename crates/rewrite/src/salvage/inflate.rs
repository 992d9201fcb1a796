//! Inflates everything possible of a damaged gzip file.

use snapscope_archive::ReadAt;
use snapscope_inflate::{ErrorKind, Options, ParallelGunzip, UNKNOWN, block_after, resume};
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write};
use std::ops::Range;
use std::sync::Arc;

/// Bytes inflated at once.
const PIECE: usize = 1 << 20;
/// Output after a break that may still be damaged: its record may begin long before the damage.
const MARGIN: u64 = 16 << 10;

/// Finds where records become invalid in inflated data, given as a range of the file.
pub(super) type FirstBreak<'f> = dyn FnMut(&File, Range<u64>) -> io::Result<Option<u64>> + 'f;

/// A contiguous range of inflated bytes.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    /// Where it is in the file of inflated bytes.
    pub(super) range: Range<u64>,
    /// Unknown bytes in it.
    pub(super) unknown: Vec<Range<u64>>,
}

/// The result of inflating a gzip file.
#[derive(Debug, Default)]
pub(super) struct Inflated {
    pub(super) stretches: Vec<Stretch>,
    /// Up to this offset of the inflated bytes, each gzip member matches its checksum.
    pub(super) vouched_to: u64,
}

/// The bytes of a source from an offset on.
struct From {
    source: Arc<dyn ReadAt>,
    offset: u64,
}

impl ReadAt for From {
    fn read_at(&self, out: &mut [u8], at: u64) -> io::Result<usize> {
        self.source.read_at(out, self.offset.saturating_add(at))
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.source.size()?.saturating_sub(self.offset))
    }
}

/// Inflates everything possible of `source` into `out`.
///
/// Most damage does not stop a decoder: it continues with wrong bytes, and copies from them. Only
/// the records show where that began. So in a member that does not match its checksum, nothing
/// after the first break is used except data that can be decoded without the bytes before it.
pub(super) fn inflate(
    source: &Arc<dyn ReadAt>,
    out: &mut File,
    first_break: &mut FirstBreak<'_>,
) -> io::Result<Inflated> {
    let size = source.size()?;
    let mut inflated = Inflated::default();
    let mut written = 0u64;
    let mut at = 0u64;
    // Where the next member may start, and where the search for it began.
    let mut next: Option<(u64, Option<u64>)> = None;
    while at < size {
        let start = written;
        let end = members(source, at, out, &mut written)?;
        // Only data before any damage.
        if at == 0 {
            inflated.vouched_to = end.vouched_to;
        }
        let is_first = at == 0 && end.is_in_first;
        let bad = if is_first { first_break(out, start..written)? } else { None };
        out.seek(SeekFrom::End(0))?;
        let unknown = bad.map(|bad| bad..written).into_iter().collect();
        push(&mut inflated.stretches, Stretch { range: start..written, unknown });
        if let Some(next) = end.doubtful_to {
            if let Some(bad) = bad
                && let Some(bit) = block_after(&**source, at, bad - start + MARGIN)?
            {
                let (start, mut unknown) = (written, Vec::new());
                let mut take = |bytes: &[u16]| take_known(bytes, out, &mut written, &mut unknown);
                resume(&**source, bit, bit + 1, &mut take)?;
                push(&mut inflated.stretches, Stretch { range: start..written, unknown });
            }
            at = next;
            continue;
        }
        let Some(broken) = end.broken_at else { break };
        // Resume at the next member or the next block, whichever comes first.
        let from = (broken / 8).max(at) + 1;
        let member = match next {
            Some((_, None)) => None,
            Some((since, Some(member))) if (since..=member).contains(&from) => Some(member),
            _ => next_member(source, from, size)?,
        };
        next = Some((from, member));
        let to = member.unwrap_or(size).saturating_mul(8);
        let start = written;
        let mut unknown = Vec::new();
        let mut take = |bytes: &[u16]| take_known(bytes, out, &mut written, &mut unknown);
        match resume(&**source, broken.max(at * 8) + 1, to, &mut take)? {
            Some(resumed) => {
                push(&mut inflated.stretches, Stretch { range: start..written, unknown });
                let whole = resumed.end.div_ceil(8) + 8;
                at = if resumed.is_whole { whole } else { (resumed.end / 8).max(at + 1) };
                // The rest of a broken stream is not a member; `members` fails there at once, and
                // the next offset is tried.
            }
            None => match member {
                Some(member) => at = member,
                None => break,
            },
        }
    }
    out.flush()?;
    Ok(inflated)
}

fn push(stretches: &mut Vec<Stretch>, stretch: Stretch) {
    if !stretch.range.is_empty() {
        stretches.push(stretch);
    }
}

/// The end of inflating whole members.
struct End {
    /// The bit of the source at which the data is broken; `None` at its end.
    broken_at: Option<u64>,
    /// The byte of the source after the first member, if that does not match its checksum.
    doubtful_to: Option<u64>,
    /// Whether the first member is not whole, or does not match.
    is_in_first: bool,
    /// Up to here in the output every member matches its checksum.
    vouched_to: u64,
}

/// Inflates members from an offset on, as far as they are whole.
fn members(
    source: &Arc<dyn ReadAt>,
    at: u64,
    out: &mut File,
    written: &mut u64,
) -> io::Result<End> {
    // Thousands of places may be tried, and threads cost more than three bytes.
    let mut magic = [0; 3];
    if source.read_at(&mut magic, at)? < 3 || magic != [0x1f, 0x8b, 8] {
        return Ok(End {
            broken_at: Some(at * 8),
            doubtful_to: None,
            is_in_first: true,
            vouched_to: *written,
        });
    }
    let from = From { source: Arc::clone(source), offset: at };
    let mut gunzip = ParallelGunzip::new(Arc::new(from), &Options::default())?;
    let mut buffer = vec![0; PIECE];
    // A piece ends in a member that is not checked yet, so it counts with the next piece.
    let (mut vouched_to, mut is_sound, mut before, mut members) = (0, true, 0, 0);
    loop {
        let filled = gunzip.fill(&mut buffer);
        if is_sound && gunzip.summary().members > members {
            vouched_to = before;
        }
        (before, members) = (*written, gunzip.summary().members);
        match filled {
            Ok(0) => {
                // The next bytes are not a member, or the start of one is damaged.
                let trailing = gunzip.summary().trailing.as_ref().map(|t| (at + t.offset) * 8);
                if is_sound {
                    vouched_to = *written;
                }
                return Ok(End {
                    broken_at: trailing,
                    doubtful_to: None,
                    is_in_first: false,
                    vouched_to,
                });
            }
            Ok(n) => {
                out.write_all(buffer.get(..n).unwrap_or(&[]))?;
                *written += n as u64;
            }
            Err(e) if e.kind.is_recoverable() && gunzip.summary().members == 1 => {
                let doubtful_to = Some(at + gunzip.summary().compressed);
                return Ok(End { broken_at: None, doubtful_to, is_in_first: true, vouched_to });
            }
            Err(e) if e.kind.is_recoverable() => is_sound = false,
            Err(e) => {
                if let ErrorKind::Io(e) = &e.kind {
                    return Err(io::Error::new(e.kind(), e.to_string()));
                }
                // A truncated stream is correct up to its end.
                let is_cut = matches!(e.kind, ErrorKind::UnexpectedEnd);
                let is_in_first = gunzip.summary().members == 0 && !is_cut;
                let broken_at = Some(at * 8 + e.bit_offset);
                return Ok(End { broken_at, doubtful_to: None, is_in_first, vouched_to });
            }
        }
    }
}

/// The next offset at which a gzip member may start.
fn next_member(source: &Arc<dyn ReadAt>, from: u64, size: u64) -> io::Result<Option<u64>> {
    let mut buffer = vec![0; PIECE];
    let mut at = from;
    while at < size {
        let n = source.read_at(&mut buffer, at)?;
        let bytes = buffer.get(..n).unwrap_or(&[]);
        // The magic, deflate, and only flags that are in use.
        let place =
            bytes.windows(4).position(|w| w.starts_with(&[0x1f, 0x8b, 8]) && w[3] & 0xe0 == 0);
        if let Some(place) = place {
            return Ok(Some(at + place as u64));
        }
        if n < 4 {
            break;
        }
        at += n as u64 - 3;
    }
    Ok(None)
}

/// Writes bytes, and records the unknown ones.
fn take_known(
    bytes: &[u16],
    out: &mut File,
    written: &mut u64,
    unknown: &mut Vec<Range<u64>>,
) -> io::Result<()> {
    let mut known = Vec::with_capacity(bytes.len());
    for byte in bytes {
        let at = *written + known.len() as u64;
        if *byte == UNKNOWN {
            match unknown.last_mut() {
                Some(last) if last.end == at => last.end += 1,
                _ => unknown.push(at..at + 1),
            }
        }
        known.push(u8::try_from(*byte).unwrap_or(0xc1));
    }
    *written += known.len() as u64;
    out.write_all(&known)
}

//! Recovers the intact records of a damaged snapshot: every whole record before the damage, and
//! after it those whose structure leaves no doubt.

mod inflate;
mod record;
mod walk;
mod window;

pub use walk::Lost;

use crate::meta::made_meta;
use crate::pack::RewriteError;
use crate::spool::spooled;
use crate::writer::{SnapshotWriter, state_header};
use inflate::{Stretch, inflate};
use record::{Looks, looks};
use serde_json::{Map, Value};
use snapscope_analyze::obstacles::Refusals;
use snapscope_archive::{Closing, Limits, OpenError, OpenOptions, ReadAt, Source, open};
use snapscope_decode::Value as DecodedValue;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::ops::Range;
use std::sync::Arc;
use walk::{Walk, Walked};
use window::Window;

/// The start of the header of a `state.bin`.
const STATE_START: &[u8] = b"\x81\xa9LastIndex";
/// Bytes the header takes at most.
const HEADER: usize = 20;
const BLOCK: u64 = 512;
/// Bytes copied at once.
const PIECE: u64 = 1 << 20;

/// The recoverable part of a snapshot.
pub struct Salvage {
    source: Arc<dyn ReadAt>,
    header: Vec<u8>,
    meta: Map<String, Value>,
    kept: Vec<Range<u64>>,
    /// The report.
    pub report: SalvageReport,
}

/// The report about kept and lost data.
#[derive(Debug, Clone, PartialEq)]
pub struct SalvageReport {
    /// Whole records.
    pub records: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Number of these records after damage, recognised by their structure.
    pub found_again: u64,
    /// Lost ranges. Offsets count from the start of `state.bin`; after a gap in a compressed file
    /// they do not include the bytes lost there.
    pub lost: Vec<Lost>,
    /// Bytes of `state.bin` that a damaged file does not have at all, by the size in `meta.json`.
    pub missing: u64,
    /// Whether the header of `state.bin` had to be created.
    pub header_is_made: bool,
    /// Whether `meta.json` had to be created.
    pub meta_is_made: bool,
    /// Number of bytes of `state.bin` that the file's own checksums cover.
    pub vouched: u64,
    /// The result of reading the snapshot as a whole.
    pub closing: Closing,
}

impl SalvageReport {
    /// Whether something is lost or not covered by a checksum.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        !self.lost.is_empty() || self.header_is_made || self.closing.is_damaged()
    }
}

/// A state, or parts of one.
struct State {
    source: Arc<dyn ReadAt>,
    stretches: Vec<Stretch>,
    /// Whether a tar archive is around it.
    in_tar: bool,
    vouched_to: u64,
}

impl Salvage {
    /// Reads a snapshot and finds its recoverable records.
    ///
    /// # Errors
    /// If it cannot be read, or contains no record.
    pub fn open(source: Source, options: &OpenOptions) -> Result<Self, RewriteError> {
        let source = spooled(source)?;
        let name = source.name();
        let mut blocks = open(&source, options)?;
        blocks.by_ref().for_each(drop);
        let closing = blocks.finish();
        let io_error = |error| OpenError::Io { path: name.clone(), error };
        let bytes = random_access(&source).map_err(io_error)?;
        let mut ways = [plain_state, inflated_state];
        if is_gzip(&bytes).map_err(io_error)? {
            ways.reverse();
        }
        for way in ways {
            let state = way(&bytes, &options.limits).map_err(io_error)?;
            let found = survey(&state, &options.limits).map_err(io_error)?;
            if found.walked.records > 0 {
                return Ok(Self::new(state.source, found, closing));
            }
        }
        Err(RewriteError::NoState { name, closing: Box::new(closing) })
    }

    fn new(source: Arc<dyn ReadAt>, found: Found, closing: Closing) -> Self {
        let Found { header, walked, start, vouched_to } = found;
        let last_index = match walked.table_index {
            0 => walked.object_index,
            index => index,
        };
        let header_is_made = header.is_none();
        let header_index = header.as_deref().map_or(0, index_in);
        let header = header.unwrap_or_else(|| state_header(last_index));
        let meta = closing.meta.as_ref().map(|meta| meta.object.clone());
        let meta_is_made = meta.is_none();
        let meta = meta
            .unwrap_or_else(|| made_meta(last_index.max(walked.object_index).max(header_index)));
        let is_verified = closing.integrity.verdict == snapscope_archive::Verdict::Verified;
        let vouched = if is_verified { u64::MAX } else { vouched_to.saturating_sub(start) };
        let from_start =
            |range: &Range<u64>| range.start.saturating_sub(start)..range.end.saturating_sub(start);
        let length = |range: &Range<u64>| range.end - range.start;
        let bytes = walked.kept.iter().map(length).sum();
        let present = header.len() as u64
            + bytes
            + walked.lost.iter().map(|lost| length(&lost.range)).sum::<u64>();
        let size = closing.meta.as_ref().and_then(|meta| u64::try_from(meta.size).ok());
        let missing = match size {
            Some(size) if closing.is_damaged() => size.saturating_sub(present),
            _ => 0,
        };
        let report = SalvageReport {
            records: walked.records,
            bytes,
            missing,
            found_again: walked.found_again,
            lost: walked
                .lost
                .iter()
                .map(|lost| Lost { range: from_start(&lost.range), kind: lost.kind })
                .collect(),
            header_is_made,
            meta_is_made,
            vouched,
            closing,
        };
        Self { source, header, meta, kept: walked.kept, report }
    }

    /// The `meta.json` to start the new snapshot with.
    #[must_use]
    pub const fn meta(&self) -> &Map<String, Value> {
        &self.meta
    }

    /// Ranges of the kept records in the inflated input.
    #[must_use]
    pub fn kept(&self) -> &[Range<u64>] {
        &self.kept
    }

    /// Copies the recoverable records.
    ///
    /// # Errors
    /// If it can no longer be read, or writing the new snapshot fails.
    pub fn copy<W: Write + Seek>(&self, writer: &mut SnapshotWriter<W>) -> io::Result<()> {
        writer.append(&self.header)?;
        for range in &self.kept {
            let mut window = Window::new(Arc::clone(&self.source), range.clone());
            let mut at = range.start;
            while at < range.end {
                let least = PIECE.min(range.end - at);
                let bytes = window.bytes(at, least)?;
                writer.append(bytes)?;
                at += bytes.len() as u64;
            }
        }
        Ok(())
    }
}

/// Bytes of a source at any offset.
fn random_access(source: &Source) -> io::Result<Arc<dyn ReadAt>> {
    Ok(match source {
        Source::File(path) => Arc::new(File::open(path)?),
        Source::Directory(path) => Arc::new(File::open(path.join("state.bin"))?),
        Source::Memory(bytes) => Arc::new(Arc::clone(bytes)),
        Source::Stream(_) | Source::Stdin => {
            let mut file = tempfile::tempfile()?;
            io::copy(&mut source.reader().map_err(io::Error::other)?, &mut file)?;
            Arc::new(file)
        }
    })
}

fn is_gzip(source: &Arc<dyn ReadAt>) -> io::Result<bool> {
    let mut window = Window::new(Arc::clone(source), 0..source.size()?);
    Ok(window.bytes(0, 2)?.starts_with(&[0x1f, 0x8b]))
}

/// The bytes unchanged: a state, or an uncompressed archive.
fn plain_state(source: &Arc<dyn ReadAt>, _: &Limits) -> io::Result<State> {
    let size = source.size()?;
    let mut window = Window::new(Arc::clone(source), 0..size);
    let is_state = window.bytes(0, BLOCK)?.starts_with(STATE_START);
    let whole = Stretch { range: 0..size, unknown: Vec::new() };
    let source = Arc::clone(source);
    Ok(State { source, stretches: vec![whole], in_tar: !is_state, vouched_to: 0 })
}

/// What can be inflated of the bytes.
fn inflated_state(source: &Arc<dyn ReadAt>, limits: &Limits) -> io::Result<State> {
    let mut file = tempfile::tempfile()?;
    let mut first_break = |file: &File, range| first_break(file, range, limits.record);
    let inflated = inflate(source, &mut file, &mut first_break)?;
    let (stretches, vouched_to) = (inflated.stretches, inflated.vouched_to);
    Ok(State { source: Arc::new(file), stretches, in_tar: true, vouched_to })
}

/// The position at which a state's records become invalid, in a file that contains an inflated
/// archive. `None` if they are valid to the end, or if the start of the state is not found.
fn first_break(file: &File, range: Range<u64>, limit: u64) -> io::Result<Option<u64>> {
    let source: Arc<dyn ReadAt> = Arc::new(file.try_clone()?);
    let mut window = Window::new(Arc::clone(&source), range.clone());
    let StateRange { range, in_tar } = place_of_state(&mut window, range.start, true)?;
    let Some(header) = header_at(&mut window, range.start, limit)? else { return Ok(None) };
    let first = range.start + header.len() as u64;
    let mut refusals = Refusals::default();
    let window = Window::new(source, range);
    Walk::new(window, limit, Vec::new(), in_tar, &mut refusals).first_break(first)
}

/// The findings in a state.
struct Found {
    header: Option<Vec<u8>>,
    walked: Walked,
    /// Where the state starts in the bytes it is in.
    start: u64,
    vouched_to: u64,
}

fn survey(state: &State, limits: &Limits) -> io::Result<Found> {
    let mut all = Walked::default();
    let (mut header, mut state_start) = (None, 0);
    let mut refusals = Refusals::default();
    for (i, stretch) in state.stretches.iter().enumerate() {
        let mut range = stretch.range.clone();
        let mut start = None;
        let mut in_tar = state.in_tar;
        if i == 0 {
            let mut window = Window::new(Arc::clone(&state.source), range.clone());
            let place = place_of_state(&mut window, range.start, in_tar)?;
            (range, in_tar) = (place.range, place.in_tar);
            state_start = range.start;
            header = header_at(&mut window, range.start, limits.record)?;
            start = header.as_ref().map(|header| range.start + header.len() as u64);
        }
        let window = Window::new(Arc::clone(&state.source), range.clone());
        let unknown = stretch.unknown.clone();
        let walk = Walk::new(window, limits.record, unknown, in_tar, &mut refusals);
        let walked = walk.run(start.unwrap_or(range.start), start.is_some())?;
        all.kept.extend(walked.kept);
        all.lost.extend(walked.lost);
        all.records += walked.records;
        all.found_again += walked.found_again;
        all.table_index = all.table_index.max(walked.table_index);
        all.object_index = all.object_index.max(walked.object_index);
    }
    Ok(Found { header, walked: all, start: state_start, vouched_to: state.vouched_to })
}

/// Where the state is among bytes.
struct StateRange {
    range: Range<u64>,
    /// Whether its end is unknown, because a tar archive may continue after it.
    in_tar: bool,
}

/// Finds the state in an archive by the tar headers before it, or, if these are damaged, by its own
/// start.
fn place_of_state(window: &mut Window, start: u64, in_tar: bool) -> io::Result<StateRange> {
    let end = window.end();
    if !in_tar {
        return Ok(StateRange { range: start..end, in_tar: false });
    }
    let mut at = start;
    while at + BLOCK <= end {
        let block = window.bytes(at, BLOCK)?.get(..512).unwrap_or(&[]);
        let Some((name, size)) = tar_header(block) else { break };
        let data = at + BLOCK;
        if name.rsplit(|byte| *byte == b'/').next() == Some(b"state.bin") {
            // A truncated state ends where the bytes end.
            let state_end = data.saturating_add(size).min(end);
            return Ok(StateRange { range: data..state_end, in_tar: false });
        }
        at = data.saturating_add(size.next_multiple_of(BLOCK));
    }
    let found = find(window, start, STATE_START)?;
    Ok(StateRange { range: found.unwrap_or(start)..end, in_tar: true })
}

/// Name and size in the header of a member; `None` if its checksum is wrong.
fn tar_header(block: &[u8]) -> Option<(&[u8], u64)> {
    let octal = |field: &[u8]| {
        let digits = field.iter().skip_while(|b| **b == b' ').take_while(|b| b.is_ascii_digit());
        digits.fold(0u64, |n, digit| n.wrapping_mul(8).wrapping_add(u64::from(digit & 7)))
    };
    let field = block.get(148..156)?;
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    let own: u64 = field.iter().map(|byte| u64::from(*byte)).sum();
    if sum - own + 8 * u64::from(b' ') != octal(field) || sum == 0 {
        return None;
    }
    let name = block.get(..100)?;
    let name = name.split(|byte| *byte == 0).next()?;
    let size = block.get(124..136)?;
    let size = match size.first()? {
        0x80 => size.last_chunk().map(|bytes| u64::from_be_bytes(*bytes))?,
        _ => octal(size),
    };
    Some((name, size))
}

/// Where bytes occur first.
fn find(window: &mut Window, from: u64, needle: &[u8]) -> io::Result<Option<u64>> {
    let mut at = from;
    let end = window.end();
    while at < end {
        let bytes = window.bytes(at, PIECE.min(end - at))?;
        if let Some(place) = bytes.windows(needle.len()).position(|w| w == needle) {
            return Ok(Some(at + place as u64));
        }
        if bytes.len() < needle.len() {
            break;
        }
        at += (bytes.len() - needle.len() + 1) as u64;
    }
    Ok(None)
}

/// The index in a header.
fn index_in(header: &[u8]) -> u64 {
    let Ok(DecodedValue::Map(entries)) = DecodedValue::read(header) else { return 0 };
    match entries.find(b"LastIndex") {
        Ok(Some(DecodedValue::Uint(index))) => index,
        _ => 0,
    }
}

/// The header of a state, if intact: a record follows it, or nothing.
fn header_at(window: &mut Window, at: u64, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let bytes = window.bytes(at, HEADER as u64)?;
    let head = bytes.get(..HEADER.min(bytes.len())).unwrap_or(bytes);
    let Some(number) = head.strip_prefix(STATE_START) else { return Ok(None) };
    let size = match number.first() {
        Some(0..=0x7f) => 1,
        Some(0xcc) => 2,
        Some(0xcd) => 3,
        Some(0xce) => 5,
        Some(0xcf) => 9,
        _ => return Ok(None),
    };
    let Some(header) = head.get(..STATE_START.len() + size).map(<[u8]>::to_vec) else {
        return Ok(None);
    };
    let first = at + header.len() as u64;
    let left = window.end().saturating_sub(first);
    let bytes = window.bytes(first, left.min(PIECE))?;
    let is_whole = left == 0 || looks(bytes, left, limit) != Looks::No;
    Ok(is_whole.then_some(header))
}

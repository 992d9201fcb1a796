//! The walk over a damaged state: whole records, and the gaps between them.
//!
//! A record counts as whole if it has the fields of its type in the servers' order, and the start
//! of another record follows it; otherwise its length may be damaged. After damage the walk resumes
//! at a chain of such records that reaches the end, or spans a mebibyte. A value that contains a
//! snapshot looks similar, but its chain is shorter: of several chains the longest is used.

use super::record::{Looks, has_head, has_names, is_strong, looks};
use super::window::Window;
use snapscope_analyze::obstacles::Refusals;
use snapscope_decode::wire::Value;
use snapscope_decode::{Frame, Kind};
use std::collections::HashSet;
use std::io;
use std::ops::Range;

/// A chain of this length cannot be a value: Consul accepts at most half of it.
const SURE: u64 = 1 << 20;
/// Minimum number of records in a shorter chain.
const LEAST_RECORDS: u64 = 4;
/// Number of consecutive records of types with little structure that together suffice.
const WEAK_RUN: u32 = 32;
/// Number of bytes searched for starts of records at a time.
const SCAN: u64 = 256 << 10;
/// Number of bytes that show whether a record may start at a position.
const HEAD: u64 = 72;
/// A block of tar.
const BLOCK: usize = 512;
/// Maximum number of bytes examined for each byte of the input in the search for records: most
/// places where a record might start are none, and each may claim to be as large as a record can
/// be.
const EFFORT: u64 = 16;
/// Number of further bytes that may be examined, so that a large record at the start is found.
const EFFORT_AHEAD: u64 = 16 << 20;
/// Number of bytes that are always examined: most records are smaller.
const LEAST_EFFORT: u64 = 1 << 10;

/// A lost range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Its range in the input.
    pub range: Range<u64>,
    /// The record type at its start, if the type byte can be trusted.
    pub kind: Option<Kind>,
}

/// The result of the walk over a part of a state.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// Whole records, one after the other.
    pub(super) kept: Vec<Range<u64>>,
    pub(super) lost: Vec<Lost>,
    pub(super) records: u64,
    /// Records after damage, recognised by their structure.
    pub(super) found_again: u64,
    /// The highest index of a table.
    pub(super) table_index: u64,
    /// The highest index of an object.
    pub(super) object_index: u64,
}

/// The result for a chain of records.
struct Chain {
    start: u64,
    reach: u64,
    records: u64,
    /// Records that contain a map, which random bytes rarely look like.
    strong: u64,
    is_at_end: bool,
}

pub(super) struct Walk<'r> {
    window: Window,
    /// What servers would refuse, given the records before.
    refusals: &'r mut Refusals,
    limit: u64,
    /// Ranges of unknown bytes, in order.
    unknown: Vec<Range<u64>>,
    /// Whether a tar archive may continue after the state.
    in_tar: bool,
    /// The position at which a record is searched; `None` while records follow one another.
    searched: Option<u64>,
    /// Number of bytes examined in search of records.
    effort: u64,
    out: Walked,
}

impl<'r> Walk<'r> {
    pub(super) fn new(
        window: Window,
        limit: u64,
        unknown: Vec<Range<u64>>,
        in_tar: bool,
        refusals: &'r mut Refusals,
    ) -> Self {
        let out = Walked::default();
        Self { window, refusals, limit, unknown, in_tar, searched: None, effort: 0, out }
    }

    /// Walks from `at`, where a record starts, or from the first one found.
    pub(super) fn run(mut self, at: u64, is_start: bool) -> io::Result<Walked> {
        let mut at = at;
        let mut is_again = false;
        if !is_start {
            match self.resync(at)? {
                Some(next) => {
                    self.lose(at..next, None);
                    (at, is_again) = (next, true);
                }
                None => {
                    let end = self.end_of(at);
                    self.lose(at..end, None);
                    return Ok(self.out);
                }
            }
        }
        let mut start = at;
        while !self.is_end(at)? {
            if let Looks::Whole(size) = self.look(at)?
                && self.leads_on(at + size as u64)?
            {
                let next = at + size as u64;
                if !self.count(at, size, is_again)? {
                    // Damage left it complete, but a single such record ends a restore.
                    self.keep(start..at);
                    let kind = self.kind_at(at)?;
                    self.lose(at..next, kind);
                    start = next;
                }
                at = next;
                continue;
            }
            self.keep(start..at);
            let kind = self.kind_at(at)?;
            match self.resync(at + 1)? {
                Some(next) => {
                    self.lose(at..next, kind);
                    (at, start, is_again) = (next, next, true);
                }
                None => {
                    let end = self.end_of(at);
                    self.lose(at..end, kind);
                    return Ok(self.out);
                }
            }
        }
        self.keep(start..at);
        Ok(self.out)
    }

    /// Walks from the start of a record to where the first one is not whole, or no server restores it; `None` if all
    /// are.
    pub(super) fn first_break(mut self, from: u64) -> io::Result<Option<u64>> {
        let mut at = from;
        while !self.is_end(at)? {
            match self.look(at)? {
                Looks::Whole(size)
                    if self.leads_on(at + size as u64)? && self.count(at, size, false)? =>
                {
                    at += size as u64;
                }
                _ => return Ok(Some(at)),
            }
        }
        Ok(None)
    }

    /// Whether records continue at an offset, or the state ends, so that the record before it has
    /// the right length. Types with little structure prove nothing on their own, but many in a row
    /// do.
    fn leads_on(&mut self, at: u64) -> io::Result<bool> {
        let mut at = at;
        for _ in 0..WEAK_RUN {
            if self.is_end(at)? {
                return Ok(true);
            }
            let left = self.window.end().saturating_sub(at);
            match self.look(at)? {
                Looks::No => return Ok(false),
                Looks::Begun(need) => {
                    let kind = Kind(self.window.bytes(at, 1)?.first().copied().unwrap_or(0xff));
                    let is_cut = need > left && kind.0 < Kind::FIRST_ENTERPRISE;
                    // For a config entry, only the length of its content is visible.
                    return Ok(is_cut || (has_names(kind) && kind != Kind::CONFIG_ENTRY));
                }
                Looks::Whole(size) => {
                    if self.is_strong(at, size)? {
                        return Ok(true);
                    }
                    at += size as u64;
                }
            }
        }
        Ok(true)
    }

    fn is_strong(&mut self, at: u64, size: usize) -> io::Result<bool> {
        let bytes = self.window.bytes(at, size as u64)?;
        Ok(bytes.get(..size).is_some_and(is_strong))
    }

    fn keep(&mut self, range: Range<u64>) {
        if !range.is_empty() {
            self.out.kept.push(range);
        }
    }

    fn lose(&mut self, range: Range<u64>, kind: Option<Kind>) {
        if !range.is_empty() {
            self.out.lost.push(Lost { range, kind });
        }
    }

    fn end_of(&self, at: u64) -> u64 {
        self.window.end().max(at)
    }

    fn kind_at(&mut self, at: u64) -> io::Result<Option<Kind>> {
        let kind = self.window.bytes(at, 1)?.first().copied().map(Kind);
        Ok(kind.filter(|kind| kind.info().is_some_and(|info| info.versions.is_some())))
    }

    /// Classifies the bytes at an offset.
    fn look(&mut self, at: u64) -> io::Result<Looks> {
        let left = self.window.end().saturating_sub(at);
        let mut want = LEAST_EFFORT;
        loop {
            if !self.is_worth(want) {
                return Ok(Looks::No);
            }
            let bytes = self.window.bytes(at, want.min(left))?;
            // No more than was requested, so that bytes that happen to be at hand do not matter.
            let bytes = bytes.get(..bytes.len().min(usize::try_from(want).unwrap_or(usize::MAX)));
            let bytes = bytes.unwrap_or(&[]);
            match looks(bytes, left, self.limit) {
                Looks::Begun(need) if need <= left && (bytes.len() as u64) < left => {
                    want = need.max(want.saturating_mul(2));
                }
                Looks::Whole(size) if self.is_unknown(at..at + size as u64) => {
                    return Ok(Looks::No);
                }
                other => return Ok(other),
            }
        }
    }

    /// The end of the unknown bytes at an offset.
    fn unknown_to(&self, at: u64) -> Option<u64> {
        let first = self.unknown.partition_point(|unknown| unknown.end <= at);
        self.unknown.get(first).filter(|unknown| unknown.start <= at).map(|unknown| unknown.end)
    }

    fn is_unknown(&self, range: Range<u64>) -> bool {
        let first = self.unknown.partition_point(|unknown| unknown.end <= range.start);
        self.unknown.get(first).is_some_and(|unknown| unknown.start < range.end)
    }

    /// Whether the state ends here.
    fn is_end(&mut self, at: u64) -> io::Result<bool> {
        if at >= self.window.end() {
            return Ok(true);
        }
        if !self.in_tar {
            return Ok(false);
        }
        let rest = self.window.bytes(at, 2 * BLOCK as u64)?;
        let zeros = rest.iter().take_while(|byte| **byte == 0).count();
        let next = rest.get(zeros..).unwrap_or(&[]);
        let is_header = next.get(257..262) == Some(b"ustar")
            || (next.len() < BLOCK
                && b"SHA256SUMS".starts_with(next.get(..10.min(next.len())).unwrap_or(next)));
        Ok(zeros < BLOCK && is_header && (zeros > 1 || next.starts_with(b"SHA256SUMS")))
    }

    /// Counts a record, unless no server restores it; returns whether it was counted.
    fn count(&mut self, at: u64, size: usize, is_again: bool) -> io::Result<bool> {
        let bytes = self.window.bytes(at, size as u64)?;
        let Some(bytes) = bytes.get(..size) else { return Ok(false) };
        let kind = Kind(bytes.first().copied().unwrap_or(0));
        let frame = Frame { number: 0, offset: at, kind, bytes };
        if self.refusals.refuses(&frame) {
            return Ok(false);
        }
        self.out.records += 1;
        self.out.found_again += u64::from(is_again);
        let Some(entries) = frame.entries() else { return Ok(true) };
        let (field, highest) = if kind == Kind::INDEX {
            (&b"Value"[..], &mut self.out.table_index)
        } else {
            (&b"ModifyIndex"[..], &mut self.out.object_index)
        };
        if let Ok(Some(Value::Uint(index))) = entries.find(field) {
            *highest = index.max(*highest);
        }
        Ok(true)
    }

    /// The first offset from `from` on at which records continue.
    fn resync(&mut self, from: u64) -> io::Result<Option<u64>> {
        let found = self.look_for_records(from);
        self.searched = None;
        found
    }

    /// Whether the search may read this number of additional bytes of a possible record. This
    /// depends on what was read before, never on time.
    fn is_worth(&mut self, bytes: u64) -> bool {
        let Some(place) = self.searched.filter(|_| bytes > LEAST_EFFORT) else { return true };
        let passed = place.saturating_sub(self.window.start());
        let size = self.window.end().saturating_sub(self.window.start());
        let ahead = EFFORT_AHEAD.saturating_add(size.saturating_mul(EFFORT / 4));
        let may_take = passed.saturating_mul(EFFORT).saturating_add(ahead);
        let effort = self.effort.saturating_add(bytes);
        if effort > may_take {
            return false;
        }
        self.effort = effort;
        true
    }

    fn look_for_records(&mut self, from: u64) -> io::Result<Option<u64>> {
        let mut best: Option<Chain> = None;
        // The starts of records in chains that were already followed: they lead to nothing else.
        let mut followed = HashSet::new();
        let mut at = from;
        while at < self.window.end() {
            // The longest chain is the right one, if there is any.
            if best.as_ref().is_some_and(|best| at >= best.reach)
                && let Some(chain) = best.take()
                && chain.records >= LEAST_RECORDS
                && chain.strong >= LEAST_RECORDS
            {
                return Ok(Some(chain.start));
            }
            if let Some(end) = self.unknown_to(at) {
                at = end;
                continue;
            }
            let scan_end = best.as_ref().map_or(u64::MAX, |best| best.reach.max(at + 1));
            let candidate = self.candidate(at, scan_end)?;
            let Some(place) = candidate else {
                at = scan_end.min(self.window.end());
                continue;
            };
            self.searched = Some(place);
            at = place + 1;
            if followed.remove(&place) {
                continue;
            }
            let mut starts = Vec::new();
            let chain = self.chain(place, &mut starts)?;
            let is_sure = chain.reach - chain.start >= SURE && chain.strong >= LEAST_RECORDS;
            if is_sure || (chain.is_at_end && chain.strong > 0) {
                return Ok(Some(place));
            }
            followed.extend(starts.into_iter().skip(1));
            if chain.records > 0 && best.as_ref().is_none_or(|best| chain.reach > best.reach) {
                best = Some(chain);
            }
        }
        Ok(best
            .filter(|chain| chain.records >= LEAST_RECORDS && chain.strong >= LEAST_RECORDS)
            .map(|chain| chain.start))
    }

    /// The first offset from `at` to `to` at which a record may start.
    fn candidate(&mut self, at: u64, to: u64) -> io::Result<Option<u64>> {
        let to = to.min(self.window.end());
        let mut at = at;
        while at < to {
            let bytes = self.window.bytes(at, SCAN + HEAD)?;
            let count = usize::try_from((to - at).min(SCAN)).unwrap_or(0).min(bytes.len());
            for place in 0..count {
                let Some((&kind, body)) = bytes.get(place..).and_then(<[u8]>::split_first) else {
                    break;
                };
                // Most bytes are text.
                if body.first().is_some_and(|byte| *byte >= 0x80) && has_head(Kind(kind), body) {
                    return Ok(Some(at + place as u64));
                }
            }
            at += count.max(1) as u64;
        }
        Ok(None)
    }

    /// Consecutive records from an offset on.
    fn chain(&mut self, start: u64, starts: &mut Vec<u64>) -> io::Result<Chain> {
        let mut chain = Chain { start, reach: start, records: 0, strong: 0, is_at_end: false };
        while let Looks::Whole(size) = self.look(chain.reach)? {
            let next = chain.reach + size as u64;
            if !self.leads_on(next)? {
                break;
            }
            starts.push(chain.reach);
            chain.records += 1;
            let is_strong = self.is_strong(chain.reach, size)?;
            if chain.records == 1 && !is_strong {
                // The start has to be beyond doubt.
                chain.records = 0;
                break;
            }
            chain.strong += u64::from(is_strong);
            chain.reach = next;
            if self.is_end(next)? {
                chain.is_at_end = true;
                break;
            }
            if next - start >= SURE {
                break;
            }
        }
        Ok(chain)
    }
}

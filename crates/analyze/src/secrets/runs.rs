//! Finds the ends of runs of characters in a text, once for each run, however many candidates are
//! in it.

use super::formats::Body;
use super::wrapped::in_base64;
use std::ops::Range;

/// The last run of each sort.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// Of base64.
    base64: Range<usize>,
    /// Of the parts of a JSON web token.
    parts: [Range<usize>; 3],
    /// Bytes of base64 that were decoded.
    decoded: usize,
}

/// Maximum number of bytes of a run that are decoded, normally.
const MUCH: usize = 64 << 10;
/// The same if many candidates contain no secret: the start of a key shows what it is.
const LITTLE: usize = 1 << 10;

impl Runs {
    /// The end of the run of base64 at `at`.
    pub(super) fn base64(&mut self, text: &[u8], at: usize) -> usize {
        end_of(&mut self.base64, text, at, in_base64)
    }

    /// The end of one of the three parts of a JSON web token, which starts at `at`.
    pub(super) fn part(&mut self, part: usize, text: &[u8], at: usize) -> usize {
        match self.parts.get_mut(part) {
            Some(known) => end_of(known, text, at, |b| Body::Word.has(b)),
            None => at,
        }
    }

    /// How much of a run of `len` bytes is decoded. All candidates together cost no more than a few
    /// passes over the text.
    pub(super) fn worth_decoding(&mut self, text: &[u8], len: usize) -> usize {
        let is_cheap = self.decoded <= MUCH.saturating_mul(16).max(text.len().saturating_mul(16));
        let much = len.min(if is_cheap { MUCH } else { LITTLE });
        self.decoded = self.decoded.saturating_add(much);
        much
    }
}

fn end_of(known: &mut Range<usize>, text: &[u8], at: usize, is_in: impl Fn(u8) -> bool) -> usize {
    if !known.contains(&at) {
        let rest = text.get(at..).unwrap_or(&[]);
        *known = at..at + rest.iter().take_while(|b| is_in(**b)).count();
    }
    known.end
}

//! Known secrets, to find their other occurrences.
//!
//! A snapshot may contain millions of them, with a gigabyte in total, so they are kept in fixed
//! size. A filter of first bytes shows where a text may contain one, and a filter of whole secrets
//! confirms it. Both err only in one direction: then something harmless is replaced, too.

use super::key::{Purpose, RedactKey};
use std::sync::atomic::{AtomicU64, Ordering};

/// Shorter secrets are replaced only where they are found.
pub(super) const LEAST: usize = 6;
/// Number of bytes kept of a longer one; a text that contains them is replaced up to its end.
const MOST: usize = 64;
/// Bits of the filter of first bytes: 4 MiB.
const FIRST_BITS: u32 = 25;
/// Bits of the filter of whole secrets: 16 MiB.
const WHOLE_BITS: u32 = 27;
/// Bits a whole secret sets.
const MARKS: u32 = 5;

/// Known secrets.
#[derive(Debug)]
pub(super) struct Dictionary {
    seed: u64,
    factor: u64,
    first: Box<[AtomicU64]>,
    whole: Box<[AtomicU64]>,
    /// The lengths that occur, a bit each; the last bit means any longer one.
    lengths: AtomicU64,
}

fn filter(bits: u32) -> Box<[AtomicU64]> {
    (0..1usize << (bits - 6)).map(|_| AtomicU64::new(0)).collect()
}

fn mark(filter: &[AtomicU64], bit: u64) {
    let at = usize::try_from(bit >> 6).unwrap_or(0);
    if let Some(word) = filter.get(at) {
        word.fetch_or(1 << (bit & 63), Ordering::Relaxed);
    }
}

fn is_marked(filter: &[AtomicU64], bit: u64) -> bool {
    let at = usize::try_from(bit >> 6).unwrap_or(0);
    filter.get(at).is_some_and(|word| word.load(Ordering::Relaxed) >> (bit & 63) & 1 == 1)
}

/// The bits that a secret with this hash sets.
fn marks(hash: u64) -> impl Iterator<Item = u64> {
    // Two halves yield any number of independent hashes.
    let step = (hash >> 32) | 1;
    (0..u64::from(MARKS)).map(move |i| {
        hash.wrapping_add(i.wrapping_mul(step)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            >> (64 - WHOLE_BITS)
    })
}

impl Dictionary {
    pub(super) fn new(key: &RedactKey) -> Self {
        let hash = key.hash(Purpose::Dictionary, &[]);
        let (seed, rest) = hash.split_first_chunk().unwrap_or((&[0; 8], &[]));
        let factor = rest.first_chunk().map_or(1, |bytes| u64::from_le_bytes(*bytes));
        Self {
            seed: u64::from_le_bytes(*seed),
            factor: factor | 1,
            first: filter(FIRST_BITS),
            whole: filter(WHOLE_BITS),
            lengths: AtomicU64::new(0),
        }
    }

    fn first_bit(&self, window: [u8; LEAST]) -> u64 {
        let [a, b, c, d, e, f] = window;
        let number = u64::from_le_bytes([a, b, c, d, e, f, 0, 0]);
        (number ^ self.seed).wrapping_mul(self.factor) >> (64 - FIRST_BITS)
    }

    fn add_byte(hash: u64, byte: u8) -> u64 {
        // FNV with a rotation: short input must also spread over all bits.
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3_0101).rotate_left(29)
    }

    /// Adds a secret. One that is too short, or without letters and digits, cannot be distinguished
    /// from ordinary text.
    pub(super) fn add(&self, secret: &[u8]) {
        let Some(first) = secret.first_chunk::<LEAST>() else { return };
        if !secret.iter().any(|b| b.is_ascii_alphanumeric() || *b >= 0x80) {
            return;
        }
        let length = secret.len().min(MOST);
        mark(&self.first, self.first_bit(*first));
        self.lengths.fetch_or(1 << (length - 1), Ordering::Relaxed);
        let head = secret.iter().take(length);
        let hash = head.fold(self.seed, |hash, byte| Self::add_byte(hash, *byte));
        marks(hash).for_each(|bit| mark(&self.whole, bit));
    }

    /// The start and end of the first secret in a text from a byte on.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        let rest = text.get(from..)?;
        for (at, window) in rest.windows(LEAST).enumerate() {
            let Some(window) = window.first_chunk() else { continue };
            if is_marked(&self.first, self.first_bit(*window))
                && let Some(length) = self.longest(rest.get(at..).unwrap_or(&[]))
            {
                let start = from + at;
                let end = if length == MOST { text.len() } else { start + length };
                return Some((start, end));
            }
        }
        None
    }

    /// The length of the longest secret with which a text starts.
    fn longest(&self, text: &[u8]) -> Option<usize> {
        let lengths = self.lengths.load(Ordering::Relaxed);
        let mut hash = self.seed;
        let mut found = None;
        for (at, byte) in text.iter().take(MOST).enumerate() {
            hash = Self::add_byte(hash, *byte);
            if lengths >> at & 1 == 1
                && at + 1 >= LEAST
                && marks(hash).all(|bit| is_marked(&self.whole, bit))
            {
                found = Some(at + 1);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_secrets_are_found_in_any_text_and_others_are_not() {
        let dictionary = Dictionary::new(&RedactKey::from_bytes(b"a key"));
        let long = [b'y'; 90];
        for secret in [&b"hunter2"[..], b"hunter2-and-more", b"short", b"------", &long] {
            dictionary.add(secret);
        }
        assert_eq!(dictionary.find(b"the hunter2!", 0), Some((4, 11)));
        assert_eq!(dictionary.find(b"hunter2-and-more", 0), Some((0, 16)));
        assert_eq!(dictionary.find(b"the hunter2!", 5), None);
        assert_eq!(dictionary.find(b"short ------ hunter", 0), None);
        let text = [b"begins ", &long[..], b" ends"].concat();
        assert_eq!(dictionary.find(&text, 0), Some((7, text.len())));
        assert_eq!(dictionary.find(&long[..60], 0), None);
    }

    #[test]
    fn a_million_secrets_leave_other_texts_alone() {
        let dictionary = Dictionary::new(&RedactKey::from_bytes(b"a key"));
        for n in 0..1_000_000u32 {
            dictionary.add(format!("value-{n:x}").as_bytes());
        }
        let wrong = (0..200_000u32)
            .filter(|n| {
                dictionary.find(format!("value_{n:x} or Value-{n:x}").as_bytes(), 0).is_some()
            })
            .count();
        assert_eq!(wrong, 0);
        assert!(dictionary.find(b"at value-fffff;", 0).is_some() || 0xf_ffff >= 1_000_000);
        assert_eq!(dictionary.find(b"at value-abcde;", 0), Some((3, 14)));
    }
}

//! One search for all literals at once.
//!
//! The first three bytes of every literal are marked in a table of 64 K bits that fits into the
//! first-level cache; a text's bytes pass by it one after the other, with nothing to wait for. With
//! a hundred short literals that is several times as fast as the vector search of the
//! `aho-corasick` crate, which then stops at every other place, and as its automaton, in which each
//! byte waits for the one in front of it.

use super::formats::{LITERALS, Look};
use std::ops::Range;

/// Bytes of a literal that are looked up.
const HEAD: usize = 3;
const WORDS: usize = 1024;

/// Finds the places worth a look.
#[derive(Debug)]
pub(super) struct Prefilter {
    marks: Box<[u64; WORDS]>,
    /// Literals by their first bytes, longer ones first.
    literals: Vec<(u32, &'static [u8], Look)>,
}

/// Where three bytes are marked: a number below 65,536, mixed by a multiplication.
const fn place(head: u32) -> u32 {
    head.wrapping_mul(0x9e37_79b1) >> 16
}

impl Prefilter {
    pub(super) fn new() -> Self {
        let mut marks = Box::new([0u64; WORDS]);
        let mut literals = Vec::with_capacity(LITERALS.len());
        for (literal, look) in LITERALS {
            let bytes = literal.as_bytes();
            let Some(&[a, b, c]) = bytes.first_chunk::<HEAD>() else { continue };
            let head = u32::from_le_bytes([a, b, c, 0]);
            let at = place(head);
            marks[(at >> 6) as usize] |= 1 << (at & 63);
            literals.push((head, bytes, *look));
        }
        literals.sort_by_key(|(head, bytes, _)| (*head, std::cmp::Reverse(bytes.len())));
        Self { marks, literals }
    }

    /// Each place with what to look at there, in order.
    pub(super) fn each(&self, text: &[u8], mut look: impl FnMut(Range<usize>, Look)) {
        let mut head = 0u32;
        for (at, byte) in text.iter().enumerate() {
            head = (head >> 8) | (u32::from(*byte) << 16);
            let mark = place(head);
            if self.marks[(mark >> 6) as usize] >> (mark & 63) & 1 != 0
                && at + 1 >= HEAD
                && let Some((length, what)) = self.longest(head, &text[at + 1 - HEAD..])
            {
                look(at + 1 - HEAD..at + 1 - HEAD + length, what);
            }
        }
    }

    /// The longest literal the text begins with.
    fn longest(&self, head: u32, text: &[u8]) -> Option<(usize, Look)> {
        let first = self.literals.partition_point(|(other, ..)| *other < head);
        let same = self.literals.iter().skip(first).take_while(|(other, ..)| *other == head);
        let mut fitting = same.filter(|(_, bytes, _)| text.starts_with(bytes));
        fitting.next().map(|(_, bytes, look)| (bytes.len(), *look))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_literals_are_searched_for() {
        let prefilter = Prefilter::new();
        assert_eq!(prefilter.literals.len(), LITERALS.len());
        for (number, (literal, _)) in LITERALS.iter().enumerate() {
            for text in
                [format!("some text in front of it {literal} and behind"), (*literal).to_owned()]
            {
                let mut looks = 0;
                let found = |range: Range<usize>, _| looks += usize::from(text[range] == **literal);
                prefilter.each(text.as_bytes(), found);
                assert_eq!(looks, 1, "{number}: {literal}");
            }
        }
        prefilter.each(b"", |_, _| panic!("nothing is in nothing"));
        prefilter.each(b"://", |range, _| assert_eq!(range, 0..3));
    }
}

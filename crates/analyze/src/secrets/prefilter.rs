//! One search for all literals at once.
//!
//! The first three bytes of every literal are marked in a table of 64 K bits, which fits into the
//! first-level cache. With AVX2, `nibbles` finds the few positions that have to be looked up in it;
//! without, each one is, without dependencies. For a hundred short literals both are several times
//! as fast as the `aho-corasick` crate: its vector search stops at every other position, and in its
//! automaton each byte depends on the one before.

use super::formats::{Check, LITERALS};
use super::nibbles::Nibbles;
use std::ops::Range;

/// Bytes of a literal that are looked up.
const HEAD: usize = 3;
const WORDS: usize = 1024;

/// Finds the candidates.
#[derive(Debug)]
pub(super) struct Prefilter {
    marks: Box<[u64; WORDS]>,
    /// If the processor can use them.
    nibbles: Option<Nibbles>,
    /// Literals by the bucket of their first bytes, then by those, longer ones first.
    literals: Vec<(u32, &'static [u8], Check)>,
    /// Start of each bucket in `literals`.
    drawers: [u8; DRAWERS],
}

/// Number of buckets: more than literals, so most have one or none.
const DRAWERS: usize = 256;

const fn drawer(head: u32) -> usize {
    (place(head) >> 8) as usize
}

/// The position of three bytes in the table: a number below 65,536, mixed by a multiplication.
const fn place(head: u32) -> u32 {
    head.wrapping_mul(0x9e37_79b1) >> 16
}

/// The head that begins at a byte of eight.
fn head_at(word: u64, byte: usize) -> u32 {
    let [a, b, c, ..] = (word >> (8 * byte)).to_le_bytes();
    u32::from_le_bytes([a, b, c, 0])
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
        literals
            .sort_by_key(|(head, bytes, _)| (drawer(*head), *head, std::cmp::Reverse(bytes.len())));
        let mut drawers = [u8::MAX; DRAWERS];
        for (number, (head, ..)) in (0..u8::MAX).zip(&literals) {
            let first = &mut drawers[drawer(*head)];
            *first = number.min(*first);
        }
        let nibbles = Nibbles::new(LITERALS.iter().map(|(literal, _)| literal.as_bytes()));
        Self { marks, nibbles, literals, drawers }
    }

    /// Each candidate with its check, in order.
    pub(super) fn each(&self, text: &[u8], mut look: impl FnMut(Range<usize>, Check)) {
        if let Some(nibbles) = &self.nibbles {
            nibbles.each(text, |at| self.look_near(text, at, &mut look));
            return;
        }
        let mut at = 0;
        // Eight bytes contain six heads. Nearly all are unmarked, so one test for all six comes
        // before one for each.
        while let Some(bytes) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let word = u64::from_le_bytes(*bytes);
            let marked = (0..6).fold(0, |any, k| any | self.mark(head_at(word, k)));
            if marked & 1 != 0 {
                for k in 0..6 {
                    self.look_at(text, at + k, head_at(word, k), &mut look);
                }
            }
            at += 6;
        }
        for at in at..text.len() {
            self.look_near(text, at, &mut look);
        }
    }

    /// Looks at a position, near which the text may end.
    fn look_near(&self, text: &[u8], at: usize, look: &mut impl FnMut(Range<usize>, Check)) {
        if let Some(&[a, b, c]) = text.get(at..).and_then(|rest| rest.first_chunk::<HEAD>()) {
            self.look_at(text, at, u32::from_le_bytes([a, b, c, 0]), look);
        }
    }

    fn look_at(
        &self,
        text: &[u8],
        at: usize,
        head: u32,
        look: &mut impl FnMut(Range<usize>, Check),
    ) {
        if self.mark(head) & 1 != 0
            && let Some((length, what)) = self.longest(head, &text[at..])
        {
            look(at..at + length, what);
        }
    }

    /// Whether a head is marked: its last bit.
    fn mark(&self, head: u32) -> u64 {
        let mark = place(head);
        self.marks[(mark >> 6) as usize] >> (mark & 63)
    }

    /// The longest literal that the text starts with.
    fn longest(&self, head: u32, text: &[u8]) -> Option<(usize, Check)> {
        let drawer = drawer(head);
        let first = usize::from(self.drawers[drawer]);
        let inside = self.literals.iter().skip(first);
        let same = inside
            .take_while(|(other, ..)| self::drawer(*other) == drawer)
            .filter(|(other, ..)| *other == head);
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

//! One search for all literals at once.

use super::formats::{LITERALS, Look};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind, packed};
use std::ops::Range;

/// Finds the places worth a look.
#[derive(Debug)]
pub(super) enum Prefilter {
    /// With vector instructions: three times as fast.
    Packed(packed::Searcher),
    /// Where there are none.
    Automaton(AhoCorasick),
    /// Can't be: the literals are constant.
    Nothing,
}

impl Prefilter {
    pub(super) fn new() -> Self {
        let literals = || LITERALS.iter().map(|(literal, _)| literal);
        // The limit is a guess about patterns in general; these were measured.
        let packed = packed::Config::new()
            .match_kind(packed::MatchKind::LeftmostLongest)
            .heuristic_pattern_limits(false)
            .only_teddy(true)
            .builder()
            .extend(literals())
            .build();
        if let Some(searcher) = packed {
            return Self::Packed(searcher);
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::DFA))
            .build(literals());
        automaton.map_or(Self::Nothing, Self::Automaton)
    }

    /// Each place with what to look at there, in order.
    pub(super) fn each(&self, text: &[u8], mut look: impl FnMut(Range<usize>, Look)) {
        let mut found = |literal: usize, range: Range<usize>| {
            if let Some((_, what)) = LITERALS.get(literal) {
                look(range, *what);
            }
        };
        match self {
            Self::Packed(searcher) => {
                for m in searcher.find_iter(text) {
                    found(m.pattern().as_usize(), m.start()..m.end());
                }
            }
            Self::Automaton(automaton) => {
                for m in automaton.find_iter(text) {
                    found(m.pattern().as_usize(), m.start()..m.end());
                }
            }
            Self::Nothing => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_literals_are_searched_for() {
        assert!(LITERALS.iter().all(|(literal, _)| literal.len() >= 3));
        for (number, (literal, _)) in LITERALS.iter().enumerate() {
            let text = format!("some text in front of it {literal} and some more behind it");
            let mut looks = 0;
            Prefilter::new().each(text.as_bytes(), |range, _| looks += usize::from(text[range] == **literal));
            assert_eq!(looks, 1, "{number}: {literal}");
        }
    }
}

//! Which of 32 positions may begin a literal, by the halves of its first four bytes.
//!
//! Heads are the first bytes of literals. They are in sixteen groups, a bit each. For each byte of a
//! head, two tables say in which groups a low and a high half occurs; a head may begin where one
//! group has all halves. A vector instruction looks up 32 halves at once.

/// Bytes of a head. That of a shorter literal ends in any byte.
const HEAD: usize = 4;
/// Groups, and how many of them a table has.
const GROUPS: usize = SETS * 8;
const SETS: usize = 2;
/// Positions that are looked at together.
const BLOCK: usize = 32;
/// A block, and the bytes after it that belong to its last heads.
const READ: usize = BLOCK + HEAD - 1;

/// For each set of groups and byte of a head, the groups in which a half occurs.
type Tables = [[[u8; 16]; HEAD]; SETS];

/// Finds the heads.
#[derive(Debug)]
pub(super) struct Nibbles {
    low: Tables,
    high: Tables,
}

/// The halves of bytes that occur in a group: a bit each.
#[derive(Debug, Clone, Copy)]
struct Group {
    low: [u16; HEAD],
    high: [u16; HEAD],
}

impl Group {
    fn of(literal: &[u8]) -> Self {
        let byte = |at: usize| literal.get(at);
        Self {
            low: std::array::from_fn(|at| byte(at).map_or(u16::MAX, |byte| 1 << (byte & 15))),
            high: std::array::from_fn(|at| byte(at).map_or(u16::MAX, |byte| 1 << (byte >> 4))),
        }
    }

    fn with(self, other: Self) -> Self {
        let both = |a: [u16; HEAD], b: [u16; HEAD]| std::array::from_fn(|byte| a[byte] | b[byte]);
        Self { low: both(self.low, other.low), high: both(self.high, other.high) }
    }

    /// Number of heads that it lets pass.
    fn size(self) -> u64 {
        self.low.iter().chain(&self.high).map(|halves| u64::from(halves.count_ones())).product()
    }

    /// How many other heads pass if two groups are joined.
    fn growth(self, other: Self) -> u64 {
        self.with(other).size().saturating_sub(self.size() + other.size())
    }
}

/// Joins literals of the same high halves, which tell letters from digits, and then groups, each time
/// those through which fewest other heads pass, until there are few.
fn grouped(literals: impl Iterator<Item = &'static [u8]>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for group in literals.map(Group::of) {
        match groups.iter_mut().find(|other| other.high == group.high) {
            Some(other) => *other = other.with(group),
            None => groups.push(group),
        }
    }
    // The best partner of each group among those before it.
    let best = |groups: &[Group], b: usize| {
        (0..b).map(|a| (groups[a].growth(groups[b]), a)).min().unwrap_or((u64::MAX, 0))
    };
    let mut partners: Vec<_> = (0..groups.len()).map(|b| best(&groups, b)).collect();
    while groups.len() > GROUPS {
        let closest = partners.iter().enumerate().min_by_key(|(_, (growth, _))| *growth);
        let Some((b, (_, a))) = closest.map(|(b, partner)| (b, *partner)) else { break };
        groups[a] = groups[a].with(groups[b]);
        groups.swap_remove(b);
        partners.swap_remove(b);
        // Those that have changed, or whose partner has, or which have moved.
        for number in 0..groups.len() {
            let (_, partner) = partners[number];
            if number == a || number == b || partner == a || partner == b || partner >= number {
                partners[number] = best(&groups, number);
            } else if a < number {
                partners[number] = partners[number].min((groups[a].growth(groups[number]), a));
            }
        }
    }
    groups
}

impl Nibbles {
    /// `None` if the processor has no such instruction.
    pub(super) fn new(literals: impl Iterator<Item = &'static [u8]>) -> Option<Self> {
        if !is_supported() {
            return None;
        }
        let mut tables = Self { low: [[[0; 16]; HEAD]; SETS], high: [[[0; 16]; HEAD]; SETS] };
        for (number, group) in grouped(literals).into_iter().enumerate() {
            let (set, group_bit) = (number / 8, number % 8);
            for byte in 0..HEAD {
                for half in 0..16 {
                    let bit = |halves: u16| u8::from((halves >> half) & 1 == 1) << group_bit;
                    tables.low[set][byte][half] |= bit(group.low[byte]);
                    tables.high[set][byte][half] |= bit(group.high[byte]);
                }
            }
        }
        Some(tables)
    }

    /// Calls `each` with every position that may begin a literal, in order. Some may be after the text's last byte.
    pub(super) fn each(&self, text: &[u8], each: impl FnMut(usize)) {
        #[cfg(target_arch = "x86_64")]
        {
            // SAFETY: `new` has seen that the processor has AVX2.
            #[allow(unsafe_code)]
            unsafe {
                vectors::each(self, text, each)
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            let _ = (text, each);
        }
    }
}

fn is_supported() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("avx2")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

#[cfg(target_arch = "x86_64")]
mod vectors {
    use super::{BLOCK, HEAD, Nibbles, READ, SETS, Tables};
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256,
        _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    };

    #[target_feature(enable = "avx2")]
    pub(super) fn each(tables: &Nibbles, text: &[u8], mut each: impl FnMut(usize)) {
        let (low, high) = (vectors(&tables.low), vectors(&tables.high));
        let (half, nothing) = (_mm256_set1_epi8(15), _mm256_setzero_si256());
        let mut look = |bytes: &[u8; READ], at: usize| {
            let mut groups = [_mm256_set1_epi8(-1); SETS];
            for byte in 0..HEAD {
                let bytes = block(bytes, byte);
                let lower = _mm256_and_si256(bytes, half);
                let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), half);
                for set in 0..SETS {
                    let in_low = _mm256_shuffle_epi8(low[set][byte], lower);
                    let in_high = _mm256_shuffle_epi8(high[set][byte], upper);
                    let in_both = _mm256_and_si256(in_low, in_high);
                    groups[set] = _mm256_and_si256(groups[set], in_both);
                }
            }
            let [first, second] = groups;
            let none = _mm256_cmpeq_epi8(_mm256_or_si256(first, second), nothing);
            let mut some = !_mm256_movemask_epi8(none).cast_unsigned();
            while some != 0 {
                each(at + some.trailing_zeros() as usize);
                some &= some - 1;
            }
        };
        let mut at = 0;
        while let Some(bytes) = text.get(at..).and_then(<[u8]>::first_chunk::<READ>) {
            look(bytes, at);
            at += BLOCK;
        }
        // Positions after the last block have two bytes at most, and no literal is so short.
        let rest = &text[at..];
        let mut padded = [0; READ];
        padded[..rest.len()].copy_from_slice(rest);
        look(&padded, at);
    }

    #[target_feature(enable = "avx2")]
    fn vectors(tables: &Tables) -> [[__m256i; HEAD]; SETS] {
        let mut vectors = [[_mm256_setzero_si256(); HEAD]; SETS];
        for (vectors, tables) in vectors.iter_mut().zip(tables) {
            for (vector, table) in vectors.iter_mut().zip(tables) {
                // SAFETY: the 16 bytes are there, and the instruction asks for no alignment.
                #[allow(unsafe_code)]
                let table = unsafe { _mm_loadu_si128(table.as_ptr().cast::<__m128i>()) };
                *vector = _mm256_broadcastsi128_si256(table);
            }
        }
        vectors
    }

    /// The bytes at one place of the heads that begin in a block.
    #[target_feature(enable = "avx2")]
    fn block(bytes: &[u8; READ], byte: usize) -> __m256i {
        let Some(bytes) = bytes[byte..].first_chunk::<BLOCK>() else {
            return _mm256_setzero_si256();
        };
        // SAFETY: the 32 bytes are there, and the instruction asks for no alignment.
        #[allow(unsafe_code)]
        unsafe {
            _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::formats::LITERALS;
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::Index;

    fn literals() -> impl Iterator<Item = &'static [u8]> {
        LITERALS.iter().map(|(literal, _)| literal.as_bytes())
    }

    proptest! {
        #[test]
        fn no_literal_is_passed_over(
            mut text in prop::collection::vec(any::<u8>(), 0..300),
            places in prop::collection::vec(any::<(Index, Index)>(), 1..9),
        ) {
            let Some(nibbles) = Nibbles::new(literals()) else { return Ok(()) };
            let all: Vec<_> = literals().collect();
            for (literal, at) in places {
                let (literal, at) = (literal.get(&all), at.index(text.len() + 1));
                text.splice(at..at, literal.iter().copied());
            }
            let mut found = Vec::new();
            nibbles.each(&text, |at| found.push(at));
            prop_assert!(found.is_sorted());
            for at in 0..text.len() {
                let is_literal = all.iter().any(|literal| text[at..].starts_with(literal));
                prop_assert!(!is_literal || found.binary_search(&at).is_ok());
            }
        }
    }

    #[test]
    fn few_other_positions_are_looked_at() {
        let Some(nibbles) = Nibbles::new(literals()) else { return };
        let text = include_bytes!("nibbles.rs");
        let mut found = 0;
        nibbles.each(text, |_| found += 1);
        assert!(found < text.len() / 30, "{found} of {}", text.len());
    }
}

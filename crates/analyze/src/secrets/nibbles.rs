//! Which of 32 positions may begin a literal, by the halves of three bytes.
//!
//! Heads are the first three bytes of literals. They are in eight groups, a bit each. For each of
//! the three bytes, two tables say in which groups a low and a high half of a byte occurs; a head
//! may begin where one group has all six halves. A vector instruction looks up 32 halves at once.

/// Bytes of a head.
const HEAD: usize = 3;
const GROUPS: usize = 8;
/// Positions that are looked at together.
pub(super) const BLOCK: usize = 32;
/// A block, and the bytes after it that belong to its last heads.
pub(super) const READ: usize = BLOCK + HEAD - 1;

/// For each byte of a head, the groups in which its low and its high half occur.
#[derive(Debug)]
pub(super) struct Nibbles {
    low: [[u8; 16]; HEAD],
    high: [[u8; 16]; HEAD],
}

/// The halves of bytes that occur in a group: a bit each.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    low: [u16; HEAD],
    high: [u16; HEAD],
}

impl Group {
    fn of(head: [u8; HEAD]) -> Self {
        Self { low: head.map(|byte| 1 << (byte & 15)), high: head.map(|byte| 1 << (byte >> 4)) }
    }

    fn with(self, other: Self) -> Self {
        let both = |a: [u16; HEAD], b: [u16; HEAD]| std::array::from_fn(|byte| a[byte] | b[byte]);
        Self { low: both(self.low, other.low), high: both(self.high, other.high) }
    }

    /// Number of heads that it lets pass.
    fn size(self) -> u64 {
        self.low.iter().chain(&self.high).map(|halves| u64::from(halves.count_ones())).product()
    }
}

/// Joins groups until there are few, so that they let as few other heads pass as possible.
fn grouped(heads: impl Iterator<Item = [u8; HEAD]>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for group in heads.map(Group::of) {
        match groups.iter_mut().find(|other| other.high == group.high) {
            Some(other) => *other = other.with(group),
            None => groups.push(group),
        }
    }
    while groups.len() > GROUPS {
        let pairs = (0..groups.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
        let growth = |(a, b): &(usize, usize)| {
            let (a, b) = (groups[*a], groups[*b]);
            a.with(b).size().saturating_sub(a.size() + b.size())
        };
        let Some((a, b)) = pairs.min_by_key(growth) else { break };
        let joined = groups.swap_remove(b);
        groups[a] = groups[a].with(joined);
    }
    groups
}

impl Nibbles {
    /// `None` if the processor has no such instruction.
    pub(super) fn new(heads: impl Iterator<Item = [u8; HEAD]>) -> Option<Self> {
        if !is_supported() {
            return None;
        }
        let mut tables = Self { low: [[0; 16]; HEAD], high: [[0; 16]; HEAD] };
        for (number, group) in grouped(heads).into_iter().enumerate() {
            for byte in 0..HEAD {
                for half in 0..16 {
                    let bit = |halves: u16| (((halves >> half) & 1) as u8) << number;
                    tables.low[byte][half] |= bit(group.low[byte]);
                    tables.high[byte][half] |= bit(group.high[byte]);
                }
            }
        }
        Some(tables)
    }

    /// Calls `each` with every position that may begin a head, in order. Returns the first position
    /// that was not looked at: fewer than [`READ`] bytes follow it.
    pub(super) fn each(&self, text: &[u8], each: impl FnMut(usize)) -> usize {
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
            0
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
    use super::{BLOCK, HEAD, Nibbles, READ};
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256,
        _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8,
        _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    };

    #[target_feature(enable = "avx2")]
    pub(super) fn each(tables: &Nibbles, text: &[u8], mut each: impl FnMut(usize)) -> usize {
        let low = tables.low.each_ref().map(|groups| table(groups));
        let high = tables.high.each_ref().map(|groups| table(groups));
        let (half, nothing) = (_mm256_set1_epi8(15), _mm256_setzero_si256());
        let mut at = 0;
        while let Some(bytes) = text.get(at..).and_then(<[u8]>::first_chunk::<READ>) {
            let mut groups = _mm256_set1_epi8(-1);
            for byte in 0..HEAD {
                let bytes = block(bytes, byte);
                let in_low = _mm256_shuffle_epi8(low[byte], _mm256_and_si256(bytes, half));
                let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), half);
                let in_high = _mm256_shuffle_epi8(high[byte], upper);
                groups = _mm256_and_si256(groups, _mm256_and_si256(in_low, in_high));
            }
            let none = _mm256_movemask_epi8(_mm256_cmpeq_epi8(groups, nothing));
            let mut some = !none.cast_unsigned();
            while some != 0 {
                each(at + some.trailing_zeros() as usize);
                some &= some - 1;
            }
            at += BLOCK;
        }
        at
    }

    #[target_feature(enable = "avx2")]
    fn table(groups: &[u8; 16]) -> __m256i {
        // SAFETY: the 16 bytes are there, and the instruction asks for no alignment.
        #[allow(unsafe_code)]
        let half = unsafe { _mm_loadu_si128(groups.as_ptr().cast::<__m128i>()) };
        _mm256_broadcastsi128_si256(half)
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
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_head_is_passed_over(
            heads in prop::collection::vec(any::<[u8; HEAD]>(), 1..100),
            mut text in prop::collection::vec(any::<u8>(), 0..300),
            places in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..9),
        ) {
            let Some(nibbles) = Nibbles::new(heads.iter().copied()) else { return Ok(()) };
            for (head, at) in places {
                let (head, at) = (head.get(&heads), at.index(text.len() + 1));
                text.splice(at..at, head.iter().copied());
            }
            let mut found = Vec::new();
            let end = nibbles.each(&text, |at| found.push(at));
            prop_assert!(text.len() - end < READ);
            prop_assert!(found.is_sorted());
            for (at, window) in text.windows(HEAD).enumerate().take(end) {
                let is_head = heads.iter().any(|head| head == window);
                prop_assert!(!is_head || found.binary_search(&at).is_ok());
            }
        }
    }
}

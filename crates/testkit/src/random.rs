//! A small seeded random generator. The same seed gives the same data on every machine and in every version.
//!
//! An external crate could change its sequence between versions. But the damaged bytes or the snapshot that a seed in a
//! bug report describes must stay the same.

/// The splitmix64 generator.
#[derive(Clone, Debug)]
pub struct SplitMix64 {
    state: u64,
}

/// Only the scrambling step: a good 64-bit hash of `x`, for data that is a pure function of its number.
#[must_use]
pub fn mix(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl SplitMix64 {
    /// A generator that starts from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let out = mix(self.state);
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        out
    }

    /// A number below `bound` (0 if `bound` is 0). The bias of the multiplication is far below what tests can see.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// An index below `len`, for slices.
    #[inline]
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// One of `items`, which must not be empty.
    #[inline]
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    /// True in `percent` of 100 calls.
    #[inline]
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A number from 0 up to, not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Fills `out` with random bytes.
    pub fn fill(&mut self, out: &mut [u8]) {
        for part in out.chunks_mut(8) {
            let bytes = self.next_u64().to_le_bytes();
            part.copy_from_slice(&bytes[..part.len()]);
        }
    }
}

/// The text of a UUID whose first 32 bits are `head`; the rest is from `random`. UUIDs with ascending heads are sorted,
/// so a stream of records ordered by ID can be written without sorting.
#[must_use]
pub fn uuid(head: u32, random: &mut SplitMix64) -> String {
    let (a, b) = (random.next_u64(), random.next_u64());
    format!(
        "{head:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        a & 0xffff,
        (a >> 16) & 0xffff,
        (a >> 32) & 0xffff,
        b & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_numbers() {
        let mut a = SplitMix64::new(1);
        // The published test vector of splitmix64 for seed 1234567.
        let mut b = SplitMix64::new(1_234_567);
        assert_eq!(b.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(b.next_u64(), 3_203_168_211_198_807_973);
        assert_eq!(a.next_u64(), SplitMix64::new(1).next_u64());
        assert!((0..1000).all(|_| a.below(7) < 7));
    }

    #[test]
    fn uuids_sort_by_their_head() {
        let mut random = SplitMix64::new(3);
        let all: Vec<String> = (0..50).map(|i| uuid(i * 1000, &mut random)).collect();
        assert!(all.is_sorted());
        assert_eq!(all[0].len(), 36);
    }
}

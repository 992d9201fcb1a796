//! Makes damaged copies of bytes. The same seed gives the same copies, and each copy describes its damage.

use crate::random::SplitMix64;

/// A damaged copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// A description of the damage, for the message of a failing test.
    pub what: String,
    /// The offset of the damage.
    pub offset: usize,
    /// The damaged bytes.
    pub bytes: Vec<u8>,
}

/// The bytes, cut off at every offset, shortest first, without the whole.
pub fn truncations(bytes: &[u8]) -> impl ExactSizeIterator<Item = &[u8]> + Clone {
    (0..bytes.len()).map(move |end| &bytes[..end])
}

/// `count` copies with one flipped bit.
pub fn bit_flips(bytes: &[u8], count: usize, seed: u64) -> impl Iterator<Item = Damaged> + '_ {
    each(bytes, count, seed, |bytes, offset, random| {
        let bit = random.below(8);
        bytes[offset] ^= 1 << bit;
        format!("bit {bit} turned over")
    })
}

/// `count` copies with one byte replaced by another, in half of them by a byte with a meaning in msgpack.
pub fn substitutions(bytes: &[u8], count: usize, seed: u64) -> impl Iterator<Item = Damaged> + '_ {
    const TELLING: [u8; 16] = [
        0x00, 0x7f, 0x80, 0x8f, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc4, 0xc7, 0xcf, 0xd9, 0xdb, 0xdd,
        0xdf,
    ];
    each(bytes, count, seed, |bytes, offset, random| {
        let old = bytes[offset];
        let new = if random.percent(50) { *random.pick(&TELLING) } else { random.next_u64() as u8 };
        // An undamaged copy would fail every test that expects damage.
        bytes[offset] = if new == old { !old } else { new };
        format!("byte {old:#04x} replaced by {:#04x}", bytes[offset])
    })
}

/// `count` copies with 1 to 8 random bytes inserted.
pub fn insertions(bytes: &[u8], count: usize, seed: u64) -> impl Iterator<Item = Damaged> + '_ {
    each(bytes, count, seed, |bytes, offset, random| {
        let mut new = vec![0; 1 + random.index(8)];
        random.fill(&mut new);
        bytes.splice(offset..offset, new.iter().copied());
        format!("{new:02x?} put in")
    })
}

/// `count` copies with 1 to 8 bytes removed.
pub fn deletions(bytes: &[u8], count: usize, seed: u64) -> impl Iterator<Item = Damaged> + '_ {
    each(bytes, count, seed, |bytes, offset, random| {
        let end = bytes.len().min(offset + 1 + random.index(8));
        bytes.drain(offset..end);
        format!("{} bytes removed", end - offset)
    })
}

fn each<'a>(
    bytes: &'a [u8],
    count: usize,
    seed: u64,
    mut change: impl FnMut(&mut Vec<u8>, usize, &mut SplitMix64) -> String + 'a,
) -> impl Iterator<Item = Damaged> + 'a {
    let mut random = SplitMix64::new(seed);
    let count = if bytes.is_empty() { 0 } else { count };
    (0..count).map(move |_| {
        let offset = random.index(bytes.len());
        let mut copy = bytes.to_vec();
        let what = change(&mut copy, offset, &mut random);
        Damaged { what: format!("at offset {offset}: {what}"), offset, bytes: copy }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_copy_differs_and_seeds_repeat() {
        let bytes: Vec<u8> = (0..200).collect();
        let all = |seed| -> Vec<Damaged> {
            bit_flips(&bytes, 50, seed)
                .chain(substitutions(&bytes, 50, seed))
                .chain(insertions(&bytes, 50, seed))
                .chain(deletions(&bytes, 50, seed))
                .collect()
        };
        assert_eq!(all(1).len(), 200);
        assert!(all(1).iter().all(|d| d.bytes != bytes));
        assert_eq!(all(1), all(1));
        assert_ne!(all(1), all(2));
        assert_eq!(truncations(&bytes).len(), 200);
        assert_eq!(bit_flips(&[], 5, 1).count(), 0);
    }
}

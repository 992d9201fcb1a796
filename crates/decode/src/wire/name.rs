//! Compares names, which are so short that a call costs more than the comparison.

/// Whether two names are the same. Empty ones are never read: an empty slice may point to no memory,
/// and comparing nothing at such an address takes a processor with AVX-512 a hundred nanoseconds.
///
/// ```
/// use snapscope_decode::wire::is_same;
///
/// assert!(is_same(b"Key", b"Key") && is_same(b"", b""));
/// assert!(!is_same(b"Key", b"Kind"));
/// ```
#[inline]
#[must_use]
pub fn is_same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match a.len() {
        0 => true,
        1..=3 => a.first() == b.first() && a.get(1) == b.get(1) && a.last() == b.last(),
        // The first and the last half, which overlap if the length is not a power of two.
        4..=7 => ends::<4>(a) == ends::<4>(b),
        8..=16 => ends::<8>(a) == ends::<8>(b),
        17..=32 => ends::<16>(a) == ends::<16>(b),
        _ => a == b,
    }
}

#[inline]
fn ends<const N: usize>(name: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
    Some((name.first_chunk()?, name.last_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn names_differ_wherever_a_byte_does() {
        for len in 0..40 {
            let name = vec![b'n'; len];
            assert!(is_same(&name, &name.clone()), "{len}");
            assert!(!is_same(&name, &vec![b'n'; len + 1]), "{len}");
            for at in 0..len {
                let mut other = name.clone();
                other[at] = b'N';
                assert!(!is_same(&name, &other), "{len}, {at}");
            }
        }
    }
}

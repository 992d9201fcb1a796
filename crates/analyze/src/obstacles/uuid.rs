//! UUIDs as servers parse them.

/// Whether a server accepts a text as a UUID: 36 bytes, of which at most four are hyphens, at any
/// position, and the others an even number of hexadecimal digits.
pub(crate) fn is_uuid(text: &[u8]) -> bool {
    let Ok(text) = <&[u8; 36]>::try_from(text) else { return false };
    // A byte is 1 if it is a hyphen, and 64 if it is neither that nor a digit.
    let sum: u32 = text.iter().map(|byte| u32::from(WEIGHTS[usize::from(*byte)])).sum();
    matches!(sum, 0 | 2 | 4)
}

static WEIGHTS: [u8; 256] = {
    let mut weights = [64; 256];
    let mut byte = 0u8;
    while byte < 128 {
        if byte.is_ascii_hexdigit() {
            weights[byte as usize] = 0;
        }
        byte += 1;
    }
    weights[b'-' as usize] = 1;
    weights
};

#[cfg(test)]
mod tests {
    use super::is_uuid;

    #[test]
    fn what_servers_take_for_a_uuid() {
        for (text, is) in [
            ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", true),
            ("6BA7B810-9DAD-11D1-80B4-00C04FD430C8", true),
            ("6ba7b810-9dad-11d1-80b4-00c04fd430c", false),
            ("6ba7b810-9dad-11d1-80b4-00c04fd430cg", false),
            ("6ba7b810-9dad-11d1-80b4-00c0-fd430c8", false),
            ("anonymous", false),
            ("", false),
        ] {
            assert_eq!(is_uuid(text.as_bytes()), is, "{text}");
        }
    }
}

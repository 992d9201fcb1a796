//! UUIDs as servers parse them.

/// Whether a server accepts a text as a UUID: 36 bytes, of which at most four are hyphens, at any
/// position, and the others an even number of hexadecimal digits.
pub(crate) fn is_uuid(text: &[u8]) -> bool {
    let hyphens = text.iter().filter(|byte| **byte == b'-').count();
    text.len() == 36
        && hyphens <= 4
        && hyphens.is_multiple_of(2)
        && text.iter().all(|byte| *byte == b'-' || byte.is_ascii_hexdigit())
}

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

//! Bytes as text, as Consul writes them.

/// Two hexadecimal digits for each byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            out.extend(char::from_digit(digit.into(), 16));
        }
    }
    out
}

/// The same with colons between the bytes, as servers write fingerprints of certificates.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| hex(&[*byte])).collect();
    pairs.join(":")
}

/// Whether a text is a UUID: hexadecimal digits with hyphens at their places.
#[must_use]
pub fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_uuids() {
        assert_eq!(hex(&[0, 0x0f, 0xa5, 0xff]), "000fa5ff");
        assert_eq!(fingerprint(&[0, 0x0f, 0xa5, 0xff]), "00:0f:a5:ff");
        assert_eq!(fingerprint(&[]), "");
        assert!(is_uuid(b"6ba7b810-9dad-11d1-80b4-00C04FD430C8"));
        for wrong in
            ["6ba7b8109-dad-11d1-80b4-00c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430cg", ""]
        {
            assert!(!is_uuid(wrong.as_bytes()), "{wrong}");
        }
    }
}

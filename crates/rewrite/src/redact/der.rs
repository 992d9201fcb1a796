//! DER, as far as certificates and keys need it: reads and writes values with a tag and a length.

/// A value: its tag, its content, and its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tlv<'d> {
    pub(super) tag: u8,
    pub(super) content: &'d [u8],
    pub(super) whole: &'d [u8],
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// The value at the start of some bytes.
pub(super) fn read(bytes: &[u8]) -> Option<Tlv<'_>> {
    let (&tag, rest) = bytes.split_first()?;
    // Tags of several bytes occur in no certificate.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (&first, rest) = rest.split_first()?;
    let (length, head) = if first < 0x80 {
        (usize::from(first), 2)
    } else {
        let n = usize::from(first & 0x7f);
        if n == 0 || n > 4 {
            return None;
        }
        let digits = rest.get(..n)?;
        (digits.iter().fold(0, |length, b| length << 8 | usize::from(*b)), 2 + n)
    };
    let whole = bytes.get(..head.checked_add(length)?)?;
    Some(Tlv { tag, content: whole.get(head..)?, whole })
}

/// All values in some bytes; `None` if the bytes consist of anything else.
pub(super) fn all(mut bytes: &[u8]) -> Option<Vec<Tlv<'_>>> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let value = read(bytes)?;
        bytes = bytes.get(value.whole.len()..)?;
        values.push(value);
    }
    Some(values)
}

/// The values inside the single value with this tag that the bytes consist of.
pub(super) fn inside(bytes: &[u8], tag: u8) -> Option<Vec<Tlv<'_>>> {
    let value = read(bytes)?;
    (value.tag == tag && value.whole.len() == bytes.len()).then(|| all(value.content))?
}

/// A value of this tag.
pub(super) fn value(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let length: usize = content.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    match length {
        0..=0x7f => out.push(length.to_le_bytes()[0]),
        _ => {
            let digits = length.to_be_bytes();
            let first = digits.iter().position(|b| *b != 0).unwrap_or(0);
            let digits = digits.get(first..).unwrap_or(&[]);
            out.push(0x80 | digits.len().to_le_bytes()[0]);
            out.extend_from_slice(digits);
        }
    }
    content.iter().for_each(|part| out.extend_from_slice(part));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(tag in 0u8..0x1f, content in proptest::collection::vec(any::<u8>(), 0..70_000)) {
            let bytes = value(tag, &[&content]);
            let read = read(&bytes).unwrap();
            prop_assert_eq!((read.tag, read.content, read.whole), (tag, &content[..], &bytes[..]));
        }

        #[test]
        fn any_bytes_are_read_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = all(&bytes);
        }
    }
}

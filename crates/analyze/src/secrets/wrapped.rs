//! Decodes base64 around a text, once.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Shorter ones contain nothing that differs from coincidence.
const SHORTEST: usize = 16;
/// Number of bytes decoded to check whether it is text.
const PROBE: usize = 64;

pub(super) const fn in_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_')
}

/// The content of a whole value, if it is base64 of text.
pub(super) fn unwrap(value: &[u8]) -> Option<Vec<u8>> {
    let value = value.trim_ascii();
    if value.len() < SHORTEST
        || !value.iter().take(PROBE).all(|b| in_base64(*b) || b.is_ascii_whitespace())
        || is_noise(value)
    {
        return None;
    }
    // Line breaks: the decoder refuses them.
    let mut joined = value.iter().copied().filter(|b| !b.is_ascii_whitespace());
    let probe: Vec<u8> = joined.by_ref().take(PROBE).collect();
    // Most that are not text differ at once.
    if !is_text(&decode_any(&probe)?) {
        return None;
    }
    let joined: Vec<u8> = probe.iter().copied().chain(joined).collect();
    if !joined.iter().all(|b| in_base64(*b)) {
        return None;
    }
    decode_any(&joined).filter(|text| is_text(text))
}

/// Whether the first bytes already show that it is not base64 of text: those of names and UUIDs nearly always do.
fn is_noise(value: &[u8]) -> bool {
    let Some(head) = value.first_chunk::<16>() else { return false };
    let mut bytes = [0; 12];
    let decoded = STANDARD
        .decode_slice(head, &mut bytes)
        .or_else(|_| URL_SAFE.decode_slice(head, &mut bytes));
    // Less is decoded of a head with padding.
    decoded == Ok(bytes.len())
        && (!bytes.iter().all(|b| is_printable(*b))
            || std::str::from_utf8(&bytes).is_err_and(|e| e.error_len().is_some()))
}

fn decode_any(value: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(value).or_else(|_| URL_SAFE.decode(value)).ok()
}

/// The decoded base64 run at `at`.
pub(super) fn run_at(text: &[u8], at: usize) -> Option<(usize, Vec<u8>)> {
    let rest = &text[at..];
    // In JSON a run may have escaped line breaks.
    let len = rest.iter().take_while(|b| in_base64(**b)).count();
    Some((at + len, decoded(&rest[..len])?))
}

/// The content of a run of base64, or of its start.
pub(super) fn decoded(run: &[u8]) -> Option<Vec<u8>> {
    let len = run.len();
    decode_any(&run[..len - len % 4]).or_else(|| decode_any(run))
}

const fn is_printable(b: u8) -> bool {
    b >= 0x20 || matches!(b, b'\n' | b'\r' | b'\t')
}

fn is_text(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|b| is_printable(*b)) && {
        // Other scripts are accepted, noise is not.
        std::str::from_utf8(bytes).is_ok_and(|_| true)
            || std::str::from_utf8(bytes)
                .is_err_and(|e| e.error_len().is_none() && e.valid_up_to() > 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_unwrapped_and_noise_is_not() {
        assert_eq!(unwrap(b"cGFzc3dvcmQ9UzNjcmV0\n").unwrap(), b"password=S3cret");
        assert_eq!(unwrap(b"cGFzc3dvcmQ9\nUzNjcmV0").unwrap(), b"password=S3cret");
        assert_eq!(unwrap(b"KHGuVpU9eh1hYsFZd9C7fAqmSg=="), None);
        assert_eq!(unwrap(b"short"), None);
        assert_eq!(unwrap(b"this is a sentence, not base64"), None);
    }
}

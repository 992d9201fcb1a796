//! Masked forms of secrets.

use sha2::{Digest as _, Sha256};
use snapscope_decode::text::hex;
use std::io::Write as _;

/// Printed in place of a secret so short that its length would help to guess it.
pub(super) const MASKED: &str = "<masked>";

/// Printed in place of a secret, as everywhere: its length, and nothing else.
#[must_use]
pub fn masked(bytes: usize) -> String {
    let mut text = Vec::new();
    append_masked(bytes, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Appends the same to a text.
pub fn append_masked(bytes: usize, text: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _ = write!(text, "<masked {bytes} bytes>");
}

/// A secret of a known format: its public prefix, and the length of the rest.
pub(super) fn beginning(secret: &[u8], keep: usize) -> String {
    let keep = keep.min(secret.len() / 4);
    let shown = String::from_utf8_lossy(secret.get(..keep).unwrap_or(&[])).into_owned();
    format!("{shown}{}", masked(secret.len() - keep))
}

/// `name = <masked 16 bytes>`, on one line.
pub(super) fn assigned(name: &[u8], value: &[u8]) -> String {
    format!("{} = {}", String::from_utf8_lossy(name), masked(value.len()))
}

/// Replaces a part of a key: the same secret has the same hash, but cannot be recovered.
pub(super) fn hashed(secret: &[u8]) -> String {
    let digest = Sha256::digest(secret);
    format!("<sha256:{}>", hex(digest.get(..6).unwrap_or(&digest)))
}

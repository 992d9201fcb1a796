//! Masked forms of secrets.

use sha2::{Digest as _, Sha256};
use snapscope_decode::text::hex;

/// The mask of a secret; its length reveals nothing.
pub(super) const STARS: &str = "********";

/// A secret of a known format: its public prefix, and its length.
pub(super) fn beginning(secret: &[u8], keep: usize) -> String {
    let keep = keep.min(secret.len() / 4);
    let shown = String::from_utf8_lossy(secret.get(..keep).unwrap_or(&[])).into_owned();
    format!("{shown}{STARS} ({} characters)", secret.len())
}

/// `name = ********`, on one line.
pub(super) fn assigned(name: &[u8], value: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    format!("{name} = {STARS} ({} characters)", value.len())
}

/// Replaces a part of a key: the same secret has the same hash, but cannot be recovered.
pub(super) fn hashed(secret: &[u8]) -> String {
    let digest = Sha256::digest(secret);
    format!("<sha256:{}>", hex(digest.get(..6).unwrap_or(&digest)))
}

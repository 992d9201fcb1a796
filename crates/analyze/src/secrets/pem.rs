//! PEM blocks: private keys are secrets, certificates and public keys are not.

/// A private key whose `-----BEGIN ` is at `at`: its end, its label, and whether a passphrase
/// protects it. Line breaks may be real or escaped, as in JSON.
pub(super) fn private_key(text: &[u8], at: usize) -> Option<(usize, &str, bool)> {
    let label = text.get(at + b"-----BEGIN ".len()..)?;
    let label = label.get(..label.len().min(64))?;
    let end = label.windows(5).position(|w| w == b"-----")?;
    let label = std::str::from_utf8(label.get(..end)?).ok()?;
    if !label.contains("PRIVATE KEY") {
        return None;
    }
    let body_at = at + b"-----BEGIN ".len() + end + 5;
    let body = text.get(body_at..)?;
    // Examples in documents have no body.
    let body_end = body.windows(9).position(|w| w == b"-----END ").unwrap_or(body.len());
    let letters = body[..body_end].iter().filter(|b| b.is_ascii_alphanumeric()).take(33).count();
    if letters < 32 {
        return None;
    }
    let protected = label.starts_with("ENCRYPTED")
        || body[..body_end.min(80)].windows(9).any(|w| w == b"ENCRYPTED");
    Some((body_at + body_end, label, protected))
}

//! The key of all replacements.

use blake2::digest::consts::U32;
use blake2::digest::{KeyInit as _, Mac as _};
use blake2::{Blake2bMac, Digest as _};
use std::io;

/// The purpose of a keyed hash, so that the same bytes have different hashes for different
/// purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The replacement of a secret.
    Secret = 1,
    /// A round of a permutation of names.
    Name = 2,
    /// A step of a permutation of addresses.
    Address = 3,
    /// A private key.
    PrivateKey = 4,
    /// The hash of an object.
    Digest = 5,
    /// Hashes of known secrets.
    Dictionary = 6,
}

/// A secret key. The same key yields the same replacements.
#[derive(Clone)]
pub struct RedactKey {
    keyed: Blake2bMac<U32>,
}

impl std::fmt::Debug for RedactKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedactKey(..)")
    }
}

impl RedactKey {
    /// Creates a random key.
    ///
    /// # Errors
    /// If the system has no random bytes.
    pub fn random() -> io::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Self::from_bytes(&bytes))
    }

    /// The key that these bytes make, such as the content of a file.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let digest: [u8; 64] = blake2::Blake2b512::digest(bytes).into();
        Self { keyed: Blake2bMac::new(&digest.into()) }
    }

    /// The keyed hash of some bytes.
    pub(super) fn hash(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        mac.update(&[purpose as u8]);
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Pseudo-random numbers from a keyed hash, which do not reveal it.
pub(super) struct Stream {
    state: [u64; 4],
}

impl Stream {
    pub(super) fn of(hash: &[u8; 32]) -> Self {
        let mut state = [0; 4];
        for (word, bytes) in state.iter_mut().zip(hash.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        Self { state }
    }

    /// xoshiro256++ by Blackman and Vigna.
    pub(super) const fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let out = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        out
    }

    pub(super) fn fill(&mut self, out: &mut Vec<u8>, len: usize, byte: impl Fn(u8) -> u8) {
        let mut left = len;
        while left > 0 {
            let bytes = self.next().to_le_bytes();
            let n = left.min(bytes.len());
            out.extend(bytes.iter().take(n).map(|b| byte(*b)));
            left -= n;
        }
    }
}

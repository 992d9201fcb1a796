//! Compares an earlier snapshot with the server's current one.

use sha2::{Digest as _, Sha256};
use snapscope_analyze::{Fold, Jobs, Outcome, fold};
use snapscope_archive::{Container, Meta, OpenOptions, Source, Verdict, open};
use snapscope_decode::text::hex;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// A file that holds a whole snapshot.
#[derive(Debug)]
pub struct Existing<T> {
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// What is in it.
    pub outcome: Outcome<T>,
}

/// The file at `path`, if it is a whole snapshot of the same state as one with `meta`: up to the same
/// index of the same term. Anything else is `None`: then the file is in the way.
#[must_use]
pub fn of_same_state<F: Fold>(
    path: &Path,
    meta: &Meta,
    new: impl Fn() -> F + Sync,
) -> Option<Existing<F::Out>> {
    let source = Source::find(path).ok()?;
    let outcome = fold(open(&source, &OpenOptions::default()).ok()?, Jobs::default(), new);
    let integrity = &outcome.closing.integrity;
    let is_whole = !outcome.is_damaged()
        && integrity.container == Container::Snap
        && integrity.verdict == Verdict::Verified;
    let there = outcome.closing.meta.as_ref()?;
    if !is_whole || (there.index, there.term) != (meta.index, meta.term) {
        return None;
    }
    let (bytes, sha256) = hash(path).ok()?;
    Some(Existing { bytes, sha256, outcome })
}

fn hash(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hasher, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let n = file.read(&mut piece)?;
        if n == 0 {
            break;
        }
        bytes += n as u64;
        hasher.update(piece.get(..n).unwrap_or_default());
    }
    let sha256 = hex(&hasher.finalize());
    Ok((bytes, sha256))
}

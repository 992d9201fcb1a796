//! Compares an earlier snapshot with the server's current one.

use super::intact::objection;
use sha2::{Digest as _, Sha256};
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::diff::{DiffError, DiffOptions, diff};
use snapscope_analyze::{Fold, Jobs, Outcome, fold};
use snapscope_archive::{Closing, OpenError, OpenOptions, Source, open};
use snapscope_decode::text::hex;
use snapscope_objects::kinds::compared_kinds;
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

/// How an existing file relates to a new snapshot.
#[derive(Debug)]
pub enum Comparison<T> {
    /// A whole snapshot of the same state.
    Same(Box<Existing<T>>),
    /// Not a whole snapshot, with the reason.
    Damaged(String),
    /// An intact snapshot of another state, with the differences.
    Other(String),
}

/// Why the two cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// One cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The existing file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The comparison ended early.
    #[error(transparent)]
    Diff(#[from] DiffError),
}

/// Compares the file at `path` with the snapshot in the file `new`, which was read with `closing`.
/// Two clusters may be at the same index of the same term, so the content decides.
///
/// # Errors
/// If one of them cannot be read.
pub fn compare<F: Fold>(
    path: &Path,
    (new, closing): (&Path, &Closing),
    question: impl Fn() -> F + Sync,
) -> Result<Comparison<F::Out>, CompareError> {
    let opened = |path: &Path| open(&Source::File(path.to_owned()), &OpenOptions::default());
    let outcome = fold(opened(path)?, Jobs::default(), question);
    if let Some(why) = objection(&outcome) {
        return Ok(Comparison::Damaged(why));
    }
    let position = |closing: &Closing| closing.meta.as_ref().map(|meta| (meta.index, meta.term));
    if let (Some(there), Some(here)) = (position(&outcome.closing), position(closing))
        && there != here
    {
        let what = |(index, term): (u64, u64)| format!("index {index} of term {term}");
        return Ok(Comparison::Other(format!("it is of {}, not {}", what(there), what(here))));
    }
    if state_hash(&outcome.closing) != state_hash(closing) || state_hash(closing).is_none() {
        // Servers write maps in any order, so other bytes may be the same state.
        let differences = differences((opened(path)?, opened(new)?))?;
        if let Some(what) = differences {
            return Ok(Comparison::Other(what));
        }
    }
    let (bytes, sha256) = hash(path)?;
    Ok(Comparison::Same(Box::new(Existing { bytes, sha256, outcome })))
}

/// SHA-256 of `state.bin`.
fn state_hash(closing: &Closing) -> Option<&str> {
    let state = closing.integrity.members.iter().find(|member| member.name == "state.bin");
    state.map(|member| member.sha256.as_str())
}

/// The differing objects, including those that differ only in bookkeeping; `None` if there are
/// none.
fn differences(
    (there, here): (snapscope_archive::Blocks, snapscope_archive::Blocks),
) -> Result<Option<String>, DiffError> {
    let options = DiffOptions {
        kinds: compared_kinds().map(|kind| (kind, None)).collect(),
        with_touched: true,
        ..DiffOptions::new()
    };
    let comparer = Comparer::new(CompareOptions::default());
    let report = diff(there, here, &options, &comparer, &|| Ok(None), &mut |_| Ok(()))?;
    let mut kinds = Vec::new();
    let mut count = report.not_compared();
    for (kind, counts) in &report.summary {
        let here = counts.changes.iter().sum::<u64>();
        count += here;
        if here > 0 {
            kinds.push(format!("{here} of {}", kind.name));
        }
    }
    Ok((count > 0).then(|| {
        format!(
            "it has the same index and another content ({count} objects differ: {})",
            kinds.join(", ")
        )
    }))
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

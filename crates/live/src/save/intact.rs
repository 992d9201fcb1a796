//! Checks whether a received or stored snapshot is intact.

use crate::store::{Store, StoreError};
use snapscope_analyze::{Inspect, Inspection, Jobs, Origin, OriginFacts, Outcome, fold};
use snapscope_archive::{Container, OpenOptions, Verdict, open};
use std::num::NonZeroUsize;

/// Returns why this is not an intact snapshot.
pub(super) fn objection<T>(outcome: &Outcome<T>) -> Option<String> {
    let integrity = &outcome.closing.integrity;
    let damage = integrity.damage().next().map(ToString::to_string);
    let problem = || outcome.problems.first.first().map(ToString::to_string);
    if let Some(what) = damage.or_else(problem) {
        return Some(what);
    }
    if integrity.container != Container::Snap {
        return Some(format!("it is a {}, not a snapshot archive", integrity.container.name()));
    }
    (integrity.verdict != Verdict::Verified)
        .then(|| format!("its checksums leave it {}", integrity.verdict.name()))
}

/// Reads a stored snapshot to its end, like a download; returns why it is not intact, if it is not.
///
/// # Errors
/// If it cannot be opened, so nothing is known about it.
pub async fn find_damage(store: &Store, name: &str) -> Result<Option<String>, StoreError> {
    let source = store.source(name).await?;
    let work = move || -> Result<Outcome<(Inspection, OriginFacts)>, String> {
        let blocks = open(&source, &OpenOptions::default()).map_err(|e| e.to_string())?;
        let new = || (Inspect::new(), Origin::default());
        // One worker: an agent is a guest on its machine.
        Ok(fold(blocks, Jobs(NonZeroUsize::MIN), new))
    };
    match crate::blocking(work).await {
        Ok(Ok(outcome)) => Ok(objection(&outcome)),
        Ok(Err(why)) => Err(StoreError::Options(why)),
        Err(e) => Err(StoreError::Options(format!("a thread ended early: {e}"))),
    }
}

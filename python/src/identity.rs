//! Identifies a snapshot and its cluster.

use crate::error::not_opened;
use pyo3::prelude::*;
use snapscope_analyze::{Identity, fold};
use snapscope_archive::open;
use snapscope_tables::Snapshot;
use snapscope_tables::columnar::Common;

/// Reads the values of the common columns, in one pass over the snapshot.
pub(crate) fn common(snapshot: &Snapshot) -> PyResult<Vec<Common>> {
    let blocks = open(&snapshot.source, &snapshot.options).map_err(|e| not_opened(&e))?;
    let outcome = fold(blocks, snapshot.jobs, Identity::default);
    Ok(Common::of(outcome.out, &outcome.closing))
}

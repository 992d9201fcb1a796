//! Identifies a snapshot and its cluster.

use crate::error::not_opened;
use pyo3::prelude::*;
use snapscope_analyze::{ClusterName, Identity, Outcome, fold};
use snapscope_archive::open;
use snapscope_tables::Snapshot;

/// Finds the name of its cluster, in one pass over the snapshot.
pub(crate) fn identify(snapshot: &Snapshot) -> PyResult<Outcome<ClusterName>> {
    let blocks = open(&snapshot.source, &snapshot.options).map_err(|e| not_opened(&e))?;
    Ok(fold(blocks, snapshot.jobs, Identity::default))
}

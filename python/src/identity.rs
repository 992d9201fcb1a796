//! Identifies a snapshot and its cluster.

use crate::error::not_opened;
use crate::reading::Opened;
use pyo3::prelude::*;
use snapscope_analyze::{Identity, fold};
use snapscope_archive::open;
use snapscope_tables::columnar::Common;

/// Reads the values of the common columns, in one pass over the snapshot.
pub(crate) fn common(opened: &Opened) -> PyResult<Vec<Common>> {
    let snapshot = &opened.snapshot;
    let blocks = open(&snapshot.source, &snapshot.options).map_err(|e| not_opened(&e))?;
    let outcome = fold(blocks, snapshot.jobs, Identity::default);
    opened.refuse_damage_of(&outcome.closing, &outcome.problems)?;
    Ok(Common::of(outcome.out, &outcome.closing))
}

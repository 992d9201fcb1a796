//! Errors of exports of many snapshots.

use super::place::Place;
use crate::error::ExportError;
use std::io;

/// Why an export of many snapshots, or compacting, failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FleetError {
    /// The options are wrong.
    #[error(transparent)]
    Export(ExportError),
    /// The format is for one snapshot.
    #[error("--to {0} takes one snapshot; parquet and arrow take several")]
    Format(&'static str),
    /// The options differ from those of the existing export.
    #[error(
        "{place} was exported with {what} {there}, not with {asked}; use the same, or another --out"
    )]
    Other {
        /// The place.
        place: String,
        /// The option.
        what: &'static str,
        /// Its value there.
        there: String,
        /// The given value.
        asked: String,
    },
    /// The place has no export.
    #[error("{0}: no export of many snapshots (there is no _snapscope/manifest.json)")]
    Nothing(String),
    /// The manifest is damaged.
    #[error("{path}: the manifest is damaged: {why}")]
    Manifest {
        /// The file or path.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The system or the store refuses an operation.
    #[error("{place}: {error}")]
    Io {
        /// The place.
        place: String,
        /// The error.
        error: io::Error,
    },
}

impl FleetError {
    /// Wraps an error about a place.
    pub(super) fn io(place: &dyn Place) -> impl Fn(io::Error) -> Self {
        let place = place.name();
        move |error| Self::Io { place: place.clone(), error }
    }
}

impl From<ExportError> for FleetError {
    fn from(error: ExportError) -> Self {
        Self::Export(error)
    }
}

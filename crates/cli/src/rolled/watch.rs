//! What else happens while a log is applied.

use snapscope_decode::Frame;
use snapscope_raftlog::Entry;
use snapscope_state::{Joined, Machine};

/// Watches how a log is applied.
pub(crate) trait Watch {
    /// Kinds of objects that must be held completely.
    fn joined(&self) -> Option<Joined> {
        None
    }

    /// Receives a record of the snapshot to which the log is applied.
    fn record(&mut self, _: &Frame<'_>) {}

    /// Receives an entry, and the state after it.
    fn entry(&mut self, entry: &Entry<'_>, machine: &Machine);
}

/// Only the result counts.
pub(crate) struct Nobody;

impl Watch for Nobody {
    fn entry(&mut self, _: &Entry<'_>, _: &Machine) {}
}

/// Whether the state will be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Write,
    Look,
}

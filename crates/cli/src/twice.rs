//! Reads a snapshot twice: what goes into a new one is known only after the first pass.

use crate::passes::ensure_same;
use crate::progress::Progress;
use crate::reading::ReadArgs;
use anyhow::Result;
use snapscope_archive::{Blocks, Closing, Source};
use snapscope_rewrite::spooled;

/// A snapshot that can be read as often as needed.
pub(crate) struct Twice {
    source: Source,
    /// Its name in messages: that of the input, not of a copy.
    name: String,
}

impl Twice {
    /// Standard input and other snapshots that can be read only once are copied first.
    pub(crate) fn new(source: Source) -> Result<Self> {
        let name = source.name();
        Ok(Self { source: spooled(source)?, name })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Opens it for one pass.
    pub(crate) fn open(&self, read: &ReadArgs) -> Result<(Blocks, Progress)> {
        read.open(&self.source)
    }

    /// Fails if both passes did not read the same: a plan for one file does not fit another.
    pub(crate) fn same(&self, first: &Closing, second: &Closing) -> Result<()> {
        ensure_same(&self.name, first, second)
    }
}

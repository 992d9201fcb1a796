//! How sources are read, and the result for each of them.

use snapscope_analyze::series::Named;
use snapscope_analyze::{Jobs, Problems};
use snapscope_archive::{Closing, OpenError, OpenOptions};

/// The result for a source.
#[derive(Debug)]
pub enum Fate {
    /// It was written, with this number of rows.
    Written(u64),
    /// It existed already, with its problems at that time.
    There(Vec<String>),
    /// It existed, but these compacted files with its rows are gone.
    Lost(Vec<String>),
    /// It is the same snapshot as another source, by its position.
    Copy(usize),
    /// A file in a folder that isn't a snapshot.
    PassedOver,
    /// It is too damaged to write anything.
    Unreadable,
    /// The system refuses to read it.
    Refused(OpenError),
}

/// The result for a source, with its problems.
#[derive(Debug)]
pub struct Told {
    /// The result.
    pub fate: Fate,
    /// The facts about the container, if it was read to its end and is damaged, or if all are
    /// described.
    pub closing: Option<Box<Closing>>,
    /// Malformed records.
    pub problems: Problems,
}

impl From<Fate> for Told {
    fn from(fate: Fate) -> Self {
        Self { fate, closing: None, problems: Problems::default() }
    }
}

/// How sources are read.
pub(super) struct Reading<'s> {
    pub(super) sources: &'s [Named],
    pub(super) jobs: Jobs,
    pub(super) options: OpenOptions,
    pub(super) describe_all: bool,
}

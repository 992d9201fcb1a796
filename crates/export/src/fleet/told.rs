//! What is asked of sources, and what became of them.

use snapscope_analyze::series::Named;
use snapscope_analyze::{Jobs, Problems};
use snapscope_archive::{Closing, OpenError, OpenOptions};

/// What became of a source.
#[derive(Debug)]
pub enum Fate {
    /// It was written, with this number of rows.
    Written(u64),
    /// It is there; with what was wrong with it then.
    There(Vec<String>),
    /// It is the same snapshot as another source, by its position.
    Copy(usize),
    /// A file in a folder that isn't a snapshot.
    PassedOver,
    /// It is so damaged that nothing could be written.
    Unreadable,
    /// The system refuses to read it.
    Refused(OpenError),
}

/// What became of a source, and what is wrong with it.
#[derive(Debug)]
pub struct Told {
    /// What became of it.
    pub fate: Fate,
    /// What is known about the container, if it was read to its end and is damaged, or all are described.
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

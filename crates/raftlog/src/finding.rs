//! Problems of a log.

use crate::error::Damage;
use crate::log::ListProblem;
use std::path::PathBuf;

/// A problem of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogFinding {
    /// A file is damaged.
    Damage {
        /// The file.
        file: PathBuf,
        /// The damage.
        damage: Damage,
    },
    /// Entries are missing between two indexes.
    Gap {
        /// The last index before.
        after: u64,
        /// The first one after.
        next: u64,
    },
    /// Entries at the end without a valid commit.
    Unacknowledged {
        /// Their number.
        entries: u64,
    },
    /// The end of a file is missing, but all entries were before it.
    CutOff {
        /// The file.
        file: PathBuf,
        /// What is missing.
        damage: Damage,
    },
    /// The list of segments cannot be used. They were found by their names.
    NoList {
        /// The file with the list.
        file: PathBuf,
        /// What is wrong with it.
        problem: ListProblem,
    },
    /// Entries were found by their structure, because the pages that lead to them are damaged.
    Recovered {
        /// The file.
        file: PathBuf,
        /// Their number.
        entries: u64,
        /// The index of the first one.
        first: u64,
        /// The index of the last one.
        last: u64,
    },
}

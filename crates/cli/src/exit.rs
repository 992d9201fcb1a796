//! What the process ends with.

use std::process::ExitCode;

/// How a command ended. Where several hold, the later one in this list wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done, and nothing found.
    Done,
    /// Done, and something was found, or the answer is no.
    Found,
    /// The input is damaged.
    Damaged,
    /// The command line, or the system, does not allow it.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Found => 1,
            Exit::Damaged => 3,
            Exit::Failed => 2,
        })
    }
}

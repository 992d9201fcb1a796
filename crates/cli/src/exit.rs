//! Exit codes.

use std::process::ExitCode;

/// How a command ended. If several apply, the later one in this list wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Success, and nothing found.
    Done,
    /// Success, but something was found, or the answer is no.
    Found,
    /// The input is damaged.
    Damaged,
    /// The command line is wrong, or the system refuses.
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

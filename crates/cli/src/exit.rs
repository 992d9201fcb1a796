//! Exit codes.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

/// How a command ended. If several apply, the later one in this list wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Success, also if a list has no rows.
    Done,
    /// The object that was named does not exist, something was found that was looked for, or the
    /// answer is no.
    Found,
    /// The input is damaged, or a state that was computed from a log may differ from the servers'.
    Damaged,
    /// The command line is wrong, or the system refuses.
    Failed,
}

/// Whether a state that was computed from a log may differ from the servers'.
static INEXACT: AtomicBool = AtomicBool::new(false);

/// Records that the state in a log that a command reads as a file may differ from the servers'.
pub(crate) fn note_inexact() {
    INEXACT.store(true, Ordering::Relaxed);
}

impl Exit {
    /// The same exit code, or that of an answer about a state that may differ from the servers'.
    pub(crate) fn with_exactness(self) -> Self {
        if INEXACT.load(Ordering::Relaxed) { self.max(Self::Damaged) } else { self }
    }
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

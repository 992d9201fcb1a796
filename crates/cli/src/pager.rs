//! A pager for output longer than the terminal, used as git uses one.

use std::ffi::OsString;
use std::io;
use std::process::{Child, ChildStdin, Command, Stdio};

/// A running pager.
#[derive(Debug)]
pub(crate) struct Pager {
    child: Child,
    /// `None` once everything is written.
    pub(crate) input: Option<ChildStdin>,
}

/// The options for `less` unless LESS is set: it exits by itself if everything fits, shows colours,
/// and leaves its output on the screen.
const LESS: &str = "FRX";

/// The command line of the pager; `None` if no pager is to be used.
fn wanted(pager: Option<OsString>, term: Option<OsString>) -> Option<OsString> {
    // A terminal that can only print cannot show a pager.
    if term.is_none_or(|term| term.is_empty() || term == "dumb") {
        return None;
    }
    let pager = pager.unwrap_or_else(|| "less".into());
    (!pager.is_empty() && pager != "cat").then_some(pager)
}

impl Pager {
    /// Starts the pager. Returns `None` if none is to be used or it cannot be started.
    pub(crate) fn start() -> Option<Self> {
        let line = wanted(std::env::var_os("PAGER"), std::env::var_os("TERM"))?;
        // Through a shell, as git does, so that PAGER may have arguments.
        let mut command = if line.to_string_lossy().contains(char::is_whitespace) {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(line);
            shell
        } else {
            Command::new(line)
        };
        if std::env::var_os("LESS").is_none() {
            command.env("LESS", LESS);
        }
        let mut child = command.stdin(Stdio::piped()).spawn().ok()?;
        let input = child.stdin.take();
        leave_interrupts();
        Some(Self { child, input })
    }

    /// Waits until the reader leaves the pager.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        drop(self.input.take());
        self.child.wait().map(|_| ())
    }
}

/// Leaves Ctrl-C to the pager, which would lose its terminal if this program ended first.
#[cfg(unix)]
fn leave_interrupts() {
    let seen = std::sync::Arc::default();
    // Otherwise Ctrl-C ends this program, as before.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, seen);
}

#[cfg(not(unix))]
fn leave_interrupts() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_is_one_that_pages() {
        let os = |text: &str| Some(OsString::from(text));
        assert_eq!(wanted(None, os("xterm")), os("less"));
        assert_eq!(wanted(os("more"), os("xterm")), os("more"));
        for (pager, term) in [(os(""), os("xterm")), (os("cat"), os("xterm"))] {
            assert_eq!(wanted(pager, term), None);
        }
        for term in [None, os(""), os("dumb")] {
            assert_eq!(wanted(None, term), None);
        }
    }
}

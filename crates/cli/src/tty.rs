//! Whether standard output and standard error are terminals, and their width.

use std::io::{self, IsTerminal as _};
use terminal_size::{Height, Width, terminal_size_of};

/// Width of a terminal that does not report its own.
const USUAL_WIDTH: usize = 80;

/// Whether standard output is a terminal.
#[allow(clippy::disallowed_methods)]
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether standard error is a terminal.
#[allow(clippy::disallowed_methods)]
pub(crate) fn errors_are_seen() -> bool {
    io::stderr().is_terminal()
}

/// Whether a person sees the output, and wants to know what is not shown.
pub(crate) fn is_watched() -> bool {
    is_terminal() || errors_are_seen()
}

/// Columns and lines of the terminal, if standard output is one.
#[allow(clippy::disallowed_methods)]
pub(crate) fn size() -> Option<(Width, Height)> {
    terminal_size_of(io::stdout())
}

/// Columns of the terminal, if standard output is one.
pub(crate) fn width() -> Option<usize> {
    let columns = || size().map_or(USUAL_WIDTH, |(Width(width), _)| usize::from(width));
    is_terminal().then(columns)
}

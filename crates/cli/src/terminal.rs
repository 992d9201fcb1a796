//! Standard output and standard error: the only way to either.
//!
//! What is printed comes out of a file that anybody may have made. A terminal gets none of it that
//! controls it or hides; a pipe or file gets standard output byte for byte.

use snapscope_objects::printable::Screen;
use std::fmt;
use std::io::{self, IsTerminal as _, Write};

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

/// Standard output.
#[allow(clippy::disallowed_methods)]
pub(crate) fn out() -> Out {
    let out = io::stdout();
    let screen = out.is_terminal().then(Screen::default);
    Out { out, screen }
}

/// Standard output as it is, also to a terminal: for those who ask for just that.
#[allow(clippy::disallowed_methods)]
pub(crate) fn raw_out() -> Out {
    Out { out: io::stdout(), screen: None }
}

/// Standard output, with a [`Screen`] in front if it is a terminal.
#[derive(Debug)]
pub(crate) struct Out {
    out: io::Stdout,
    screen: Option<Screen>,
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.screen {
            None => self.out.write(bytes),
            Some(screen) => {
                self.out.write_all(screen.pass(bytes).as_bytes())?;
                Ok(bytes.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        if let Some(screen) = &mut self.screen {
            // Half a character; if the terminal is gone nobody misses it.
            let _ = self.out.write_all(screen.end().as_bytes());
        }
    }
}

/// Prints lines on standard error, terminal or not: who reads a log later has a terminal too. If standard
/// error is gone there is nobody to tell.
#[allow(clippy::disallowed_methods)]
pub(crate) fn say_to(text: fmt::Arguments<'_>) {
    let _ = io::stderr().lock().write_all(safe(&text.to_string()).as_bytes());
}

fn safe(text: &str) -> String {
    let mut screen = Screen::default();
    screen.pass(text.as_bytes()) + &screen.end()
}

/// Prints a line on standard error.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::terminal::say_to(format_args!("{}\n", format_args!($($text)*)))
    };
}
pub(crate) use say;

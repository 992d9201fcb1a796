//! Standard output and standard error: the only way to either.
//!
//! Output comes from a file that anyone may have made. A terminal receives nothing that controls it
//! or is invisible; a pipe or file receives standard output byte for byte.

use crate::display;
use crate::pager::Pager;
use crate::render::style;
use crate::render::wrap::wrapped;
use crate::tty::size;
pub(crate) use crate::tty::{errors_are_seen, is_terminal, is_watched, width};
use snapscope_objects::printable::Screen;
use std::fmt;
use std::io::{self, IsTerminal as _, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use terminal_size::{Width, terminal_size_of};

/// Standard output.
#[allow(clippy::disallowed_methods)]
pub(crate) fn out() -> Out {
    let out = io::stdout();
    let screen = out.is_terminal().then(Screen::default);
    Out { out, screen }
}

/// Standard output without escaping, even on a terminal, for those who request exactly that.
#[allow(clippy::disallowed_methods)]
pub(crate) fn raw_out() -> io::Stdout {
    io::stdout()
}

/// Where output on a terminal goes.
enum Paging {
    /// This command does not page.
    Off,
    /// A pager is started once there is output.
    Allowed,
    /// It is running; messages wait until it ends.
    Running(Pager, Vec<String>),
}

static PAGING: Mutex<Paging> = Mutex::new(Paging::Off);

fn paging() -> MutexGuard<'static, Paging> {
    PAGING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Allows later output to be paged on a terminal.
pub(crate) fn allow_paging() {
    if is_terminal() && size().is_some() && display::may_page() {
        *paging() = Paging::Allowed;
    }
}

/// Whether a pager has the terminal.
pub(crate) fn is_paged() -> bool {
    matches!(*paging(), Paging::Running(..))
}

/// Waits for the pager, if one is running, and prints the messages that waited.
pub(crate) fn end_paging() {
    let was = std::mem::replace(&mut *paging(), Paging::Off);
    if let Paging::Running(pager, messages) = was {
        // It has already shown its own errors.
        let _ = pager.finish();
        messages.iter().for_each(|message| print_error(message));
    }
}

/// Standard output, through a [`Screen`] if it is a terminal.
#[derive(Debug)]
pub(crate) struct Out {
    out: io::Stdout,
    screen: Option<Screen>,
}

impl Out {
    /// Writes the safe form of the bytes to a terminal.
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.screen.is_some() {
            let mut paging = paging();
            if matches!(*paging, Paging::Allowed) {
                self.out.flush()?;
                *paging = Pager::start().map_or(Paging::Off, |p| Paging::Running(p, Vec::new()));
            }
            if let Paging::Running(Pager { input: Some(input), .. }, _) = &mut *paging {
                return input.write_all(bytes);
            }
        }
        self.out.write_all(bytes)
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let is_styled = style::is_on();
        if self.screen.is_none() && !is_styled {
            return self.out.write(bytes);
        }
        for piece in bytes.chunk_by(|a, b| !is_mark(is_styled, *a) && !is_mark(is_styled, *b)) {
            let sequence = match piece {
                [byte] if is_styled => style::sequence(*byte),
                _ => None,
            };
            match (sequence, &mut self.screen) {
                (Some(sequence), Some(screen)) => {
                    let before = screen.end();
                    self.put(before.as_bytes())?;
                    self.put(sequence.as_bytes())?;
                }
                (Some(sequence), None) => self.put(sequence.as_bytes())?,
                (None, Some(screen)) => {
                    let text = screen.pass(piece);
                    self.put(text.as_bytes())?;
                }
                (None, None) => self.put(piece)?,
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut *paging() {
            Paging::Running(Pager { input: Some(input), .. }, _) => input.flush(),
            _ => self.out.flush(),
        }
    }
}

/// Whether a byte marks a style.
fn is_mark(is_styled: bool, byte: u8) -> bool {
    is_styled && style::sequence(byte).is_some()
}

impl Drop for Out {
    fn drop(&mut self) {
        if let Some(screen) = &mut self.screen {
            // Half a character; if the terminal is gone, nobody misses it.
            let rest = screen.end();
            if !rest.is_empty() {
                let _ = self.put(rest.as_bytes());
            }
        }
    }
}

/// Prints lines on standard error, escaped even if it is not a terminal: a log may be read on a
/// terminal later. If standard error is closed, the lines are dropped.
pub(crate) fn say_to(text: fmt::Arguments<'_>) {
    let text = safe(&text.to_string());
    if let Paging::Running(_, messages) = &mut *paging() {
        messages.push(text);
        return;
    }
    print_error(&text);
}

/// The same, unless notes are turned off.
pub(crate) fn note_to(text: fmt::Arguments<'_>) {
    if !display::is_quiet() {
        say_to(text);
    }
}

#[allow(clippy::disallowed_methods)]
fn print_error(text: &str) {
    let errors = io::stderr();
    let width = errors.is_terminal().then(|| terminal_size_of(&errors)).flatten();
    let text = match width {
        Some((Width(width), _)) => wrapped(text, usize::from(width), 4),
        None => text.to_owned(),
    };
    let _ = errors.lock().write_all(text.as_bytes());
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

/// Prints an optional note on standard error.
macro_rules! note {
    ($($text:tt)*) => {
        $crate::terminal::note_to(format_args!("{}\n", format_args!($($text)*)))
    };
}
pub(crate) use note;

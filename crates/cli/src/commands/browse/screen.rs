//! The terminal while the program draws on it. It is restored however the program ends.

use super::draw::{Shown, draw};
use super::state::Key;
use crate::terminal::raw_out;
use anyhow::Result;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{execute, queue};
use std::io::{self, Stdout, Write as _};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether the terminal's state was changed.
static IS_OPEN: AtomicBool = AtomicBool::new(false);

/// How long drawing may take to end after a hangup.
#[cfg(unix)]
const HANGUP_PATIENCE: Duration = Duration::from_millis(500);

/// Restores the terminal, once.
fn restore() {
    if IS_OPEN.swap(false, Ordering::SeqCst) {
        let mut out = raw_out();
        // If the terminal is gone, nothing can be restored.
        let _ = disable_raw_mode();
        let _ = queue!(out, LeaveAlternateScreen, Show);
        let _ = out.flush();
    }
}

/// Restores the terminal before a panic is reported on it.
fn restore_on_panic() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            before(panic);
        }));
    });
}

/// Signals that end the program while it draws.
#[derive(Debug, Default)]
pub(super) struct Signals {
    #[cfg(unix)]
    seen: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

#[cfg(unix)]
impl Signals {
    fn watch() -> io::Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
        let signals = Self::default();
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
            let seen = std::sync::Arc::clone(&signals.seen);
            let number = usize::try_from(signal).map_err(io::Error::other)?;
            signal_hook::flag::register_usize(signal, seen, number)?;
        }
        end_without_terminal()?;
        Ok(signals)
    }

    /// Whether one has come.
    pub(super) fn have_come(&self) -> bool {
        self.seen.load(Ordering::SeqCst) != 0
    }

    /// Ends the process with the signal that arrived, if any.
    pub(super) fn follow(&self) {
        if let Ok(signal @ 1..) = i32::try_from(self.seen.load(Ordering::SeqCst)) {
            // This returns only if the signal cannot be raised; then the program ends normally.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    }
}

/// Ends the process after its terminal is gone, if drawing does not end by itself: reading from such a
/// terminal does not return. Only the terminal's own session gets a signal.
#[cfg(unix)]
fn end_without_terminal() -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    let watch = || {
        let stdin = io::stdin();
        let mut terminal = [PollFd::new(&stdin, PollFlags::empty())];
        while !terminal.iter().any(|fd| fd.revents().contains(PollFlags::HUP)) {
            match poll(&mut terminal, None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(_) => return,
            }
            if terminal.iter().any(|fd| fd.revents().contains(PollFlags::NVAL)) {
                return;
            }
        }
        std::thread::sleep(HANGUP_PATIENCE);
        restore();
        // This returns only if the signal cannot be raised.
        let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGHUP);
    };
    std::thread::Builder::new().name("hangup".to_owned()).spawn(watch)?;
    Ok(())
}

#[cfg(not(unix))]
impl Signals {
    fn watch() -> io::Result<Self> {
        Ok(Self::default())
    }

    pub(super) fn have_come(&self) -> bool {
        false
    }

    pub(super) fn follow(&self) {}
}

/// The terminal.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    pub(super) signals: Signals,
    /// A key that came together with Escape.
    next: Option<KeyEvent>,
}

/// Input from the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    Key(Key),
    Resized,
    /// A timeout, or input without a meaning.
    Nothing,
}

impl Screen {
    /// Takes the terminal.
    pub(super) fn open() -> Result<Self> {
        restore_on_panic();
        let signals = Signals::watch()?;
        enable_raw_mode()?;
        IS_OPEN.store(true, Ordering::SeqCst);
        let mut out = raw_out();
        let terminal = execute!(out, EnterAlternateScreen, Hide)
            .and_then(|()| Terminal::new(CrosstermBackend::new(out)));
        match terminal {
            Ok(terminal) => Ok(Self { terminal, signals, next: None }),
            Err(e) => {
                restore();
                Err(e.into())
            }
        }
    }

    /// Columns and lines.
    pub(super) fn size(&self) -> Result<(usize, usize)> {
        let size = self.terminal.size()?;
        Ok((size.width.into(), size.height.into()))
    }

    pub(super) fn draw(&mut self, shown: &Shown<'_>) -> Result<()> {
        self.terminal.draw(|frame| draw(shown, frame.buffer_mut()))?;
        Ok(())
    }

    /// Waits for input from the terminal, but no longer than this.
    pub(super) fn input(&mut self, patience: Duration) -> Result<Input> {
        let meaning = |key: &KeyEvent| key_of(key).map_or(Input::Nothing, Input::Key);
        if let Some(key) = self.next.take() {
            return Ok(meaning(&key));
        }
        if !event::poll(patience)? {
            return Ok(Input::Nothing);
        }
        Ok(match event::read()? {
            Event::Resize(..) => Input::Resized,
            Event::Key(key) if key.kind != KeyEventKind::Release => match after_escape(&key) {
                Some(next) => {
                    self.next = Some(next);
                    Input::Key(Key::Escape)
                }
                None => meaning(&key),
            },
            _ => Input::Nothing,
        })
    }
}

/// The key that was typed after Escape, if both came at once, as over a slow line: terminals send
/// the same for a key with Alt, which has no meaning here.
fn after_escape(key: &KeyEvent) -> Option<KeyEvent> {
    let is_one_byte =
        matches!(key.code, KeyCode::Char(_) | KeyCode::Enter | KeyCode::Tab | KeyCode::Backspace);
    let has_alt = key.modifiers.contains(KeyModifiers::ALT);
    (has_alt && is_one_byte)
        .then(|| KeyEvent::new(key.code, key.modifiers.difference(KeyModifiers::ALT)))
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn key_of(key: &KeyEvent) -> Option<Key> {
    let has_control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char('c' | 'C') if has_control => Key::Interrupt,
        KeyCode::Char('u') if has_control => Key::Clear,
        KeyCode::Char('h') if has_control => Key::Backspace,
        KeyCode::Char('f') if has_control => Key::PageDown,
        KeyCode::Char('b') if has_control => Key::PageUp,
        KeyCode::Char(_) if has_control => return None,
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Tab => Key::Tab,
        KeyCode::Backspace => Key::Backspace,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_right_after_escape_counts() {
        let key = |code, modifiers| after_escape(&KeyEvent::new(code, modifiers));
        let q = key(KeyCode::Char('q'), KeyModifiers::ALT).unwrap();
        assert_eq!(key_of(&q), Some(Key::Char('q')));
        let interrupt = KeyModifiers::ALT | KeyModifiers::CONTROL;
        assert_eq!(key_of(&key(KeyCode::Char('c'), interrupt).unwrap()), Some(Key::Interrupt));
        assert_eq!(key(KeyCode::Char('q'), KeyModifiers::NONE), None);
        assert_eq!(key(KeyCode::Up, KeyModifiers::ALT), None);
    }
}

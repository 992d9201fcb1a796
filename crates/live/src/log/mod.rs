//! The log of a long-running program: lines on standard error, and in syslog if configured.

mod syslog;

pub use syslog::{Facility, Syslog};

use jiff::Timestamp;
use snapscope_objects::printable::one_line;
use std::fmt;
use std::io::Write as _;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

/// Log level, the least severe first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Every step.
    Trace,
    /// Details for debugging.
    Debug,
    /// Normal events.
    Info,
    /// Warnings.
    Warn,
    /// Errors.
    Error,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

impl FromStr for Level {
    type Err = String;

    /// Consul's names, in any case.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_uppercase().as_str() {
            "TRACE" => Ok(Self::Trace),
            "DEBUG" => Ok(Self::Debug),
            "INFO" => Ok(Self::Info),
            "WARN" | "WARNING" => Ok(Self::Warn),
            "ERR" | "ERROR" => Ok(Self::Error),
            _ => Err(format!(
                "unknown level {text:?}; known levels: TRACE, DEBUG, INFO, WARN, ERROR"
            )),
        }
    }
}

/// Writes lines. Copies write to the same places.
#[derive(Debug, Clone)]
pub struct Log {
    level: Level,
    syslog: Option<Arc<Mutex<Syslog>>>,
}

impl Log {
    /// Creates a log on standard error, and in syslog if given.
    #[must_use]
    pub fn new(level: Level, syslog: Option<Syslog>) -> Self {
        Self { level, syslog: syslog.map(|syslog| Arc::new(Mutex::new(syslog))) }
    }

    /// Creates a log with this level, which continues to use the same syslog.
    #[must_use]
    pub fn at(&self, level: Level) -> Self {
        Self { level, ..self.clone() }
    }

    /// Logs a normal event.
    pub fn info(&self, message: impl fmt::Display) {
        self.line(Level::Info, message);
    }

    /// Logs a warning.
    pub fn warn(&self, message: impl fmt::Display) {
        self.line(Level::Warn, message);
    }

    /// Logs an error.
    pub fn error(&self, message: impl fmt::Display) {
        self.line(Level::Error, message);
    }

    /// Logs a detail for debugging.
    pub fn debug(&self, message: impl fmt::Display) {
        self.line(Level::Debug, message);
    }

    #[allow(clippy::disallowed_methods, reason = "one_line leaves nothing that acts")]
    fn line(&self, level: Level, message: impl fmt::Display) {
        if level < self.level {
            return;
        }
        let message = one_line(message.to_string().as_bytes());
        let time = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
        // If standard error is closed, nothing can be reported, but the work continues.
        let _ = writeln!(std::io::stderr(), "{time} [{}] {message}", level.name());
        if let Some(syslog) = &self.syslog {
            syslog.lock().unwrap_or_else(PoisonError::into_inner).send(level, &message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_one_line() {
        assert_eq!(one_line("a\nb\u{1b}[31m é\u{202e}".as_bytes()), "a\\nb\\u{1b}[31m é\\u{202e}");
    }

    #[test]
    fn levels_have_consul_s_names() {
        assert_eq!("err".parse(), Ok(Level::Error));
        assert!(Level::Debug < Level::Info);
        assert!("loud".parse::<Level>().is_err());
    }
}

//! Findings about a container.

use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The data is intact, but the file is not as a server writes it.
    Note,
    /// Data is missing, changed, or cannot be trusted.
    Damage,
}

/// Something that is wrong with a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// A stable code, for programs.
    pub code: &'static str,
    /// Where, if it has a place.
    pub place: Option<Place>,
    /// A message, for people.
    pub message: String,
}

/// A place in a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Byte of the file as it is on disk.
    File(u64),
    /// Byte of the tar stream, after inflating.
    Tar(u64),
    /// Byte of `state.bin`.
    State(u64),
}

impl Finding {
    pub(crate) fn damage(
        code: &'static str,
        place: Option<Place>,
        message: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Damage, code, place, message: message.into() }
    }

    pub(crate) fn note(
        code: &'static str,
        place: Option<Place>,
        message: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Note, code, place, message: message.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(at) => write!(f, "byte {at} of the file"),
            Self::Tar(at) => write!(f, "byte {at} of the inflated archive"),
            Self::State(at) => write!(f, "byte {at} of state.bin"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.place {
            Some(place) => write!(f, " (at {place})"),
            None => Ok(()),
        }
    }
}

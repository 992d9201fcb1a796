//! Errors in the bytes of one value.

use std::fmt;

/// An invalid value, and its position.
///
/// `at` counts bytes from the start of the slice that was being read: of the record, where a
/// record is read (its type byte is byte 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireError {
    /// Offset of the invalid value.
    pub at: u64,
    /// What is wrong there.
    pub kind: WireErrorKind,
}

/// The ways in which bytes are not a msgpack value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireErrorKind {
    /// The bytes end inside a value; `need` more were announced than there are.
    Truncated {
        /// Bytes missing, at least.
        need: u64,
    },
    /// A list or map announces more values than bytes are left to hold them.
    LyingLength {
        /// Values still to come (each takes at least a byte).
        owed: u64,
        /// Bytes left.
        left: u64,
    },
    /// The byte 0xc1, which msgpack never uses.
    Reserved,
    /// A record longer than the limit set by the caller.
    TooLong {
        /// The limit in bytes.
        limit: u64,
    },
    /// Lists and maps nested deeper than the limit.
    TooDeep {
        /// The limit in levels.
        limit: u32,
    },
}

impl fmt::Display for WireErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { need } => {
                write!(f, "the data ends inside a value: at least {need} more bytes are announced")
            }
            Self::LyingLength { owed, left } => write!(
                f,
                "a list or map announces {owed} more values, but only {left} bytes are left"
            ),
            Self::Reserved => f.write_str("byte 0xc1 does not start a value"),
            Self::TooLong { limit } => {
                write!(f, "the record is longer than the limit of {limit} bytes")
            }
            Self::TooDeep { limit } => write!(f, "nested deeper than the limit of {limit} levels"),
        }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (byte {} of the record)", self.kind, self.at)
    }
}

impl std::error::Error for WireError {}

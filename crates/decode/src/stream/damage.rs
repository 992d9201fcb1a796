//! Damage that ends the walk.

use super::kind::Kind;
use crate::wire::WireErrorKind;
use std::fmt;

/// Broken framing: no later record can be found.
///
/// All whole records before it were returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Byte of `state.bin` at which the walk stopped.
    pub offset: u64,
    /// The record it stopped in, the first being 1; 0 is the header.
    pub number: u64,
    /// Where that record starts in `state.bin`.
    pub record_offset: u64,
    /// That record's type byte, if there was one.
    pub record_kind: Option<Kind>,
    /// The kind of damage.
    pub kind: DamageKind,
}

/// The kind of damage that ended the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DamageKind {
    /// The record's bytes are not a msgpack value.
    Wire(WireErrorKind),
    /// `state.bin` ends inside a record; at least `missing` bytes more are needed.
    EndsInside {
        /// Bytes missing, at least.
        missing: u64,
    },
    /// `state.bin` is empty.
    Empty,
    /// The first value is not the header of a `state.bin`.
    NotAHeader,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            DamageKind::Empty => return f.write_str("state.bin is empty"),
            DamageKind::NotAHeader => {
                return f.write_str(
                    "state.bin does not start with its header, a map {\"LastIndex\": ...}",
                );
            }
            _ => {}
        }
        match self.record_kind {
            Some(kind) => write!(
                f,
                "record {} ({kind}), which starts at byte {} of state.bin, is broken at byte {}: ",
                self.number, self.record_offset, self.offset
            )?,
            None => write!(f, "the header of state.bin is broken at byte {}: ", self.offset)?,
        }
        match self.kind {
            DamageKind::Wire(kind) => write!(f, "{kind}"),
            DamageKind::EndsInside { missing } => {
                write!(f, "state.bin ends inside it; at least {missing} bytes are missing")
            }
            DamageKind::Empty | DamageKind::NotAHeader => Ok(()),
        }
    }
}

impl std::error::Error for Damage {}

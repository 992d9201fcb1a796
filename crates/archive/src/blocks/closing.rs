//! Results that are known after the end of the file.

use crate::integrity::{Integrity, Verdict};
use crate::meta::Meta;
use snapscope_decode::{Damage, Header};

/// The last record of a caller that stops before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoppedAt {
    /// Its number, the first being 1.
    pub record: u64,
    /// Bytes of `state.bin` up to its end.
    pub bytes: u64,
}

/// What is known once everything is read or reading was stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct Closing {
    /// `meta.json`, if there is one.
    pub meta: Option<Meta>,
    /// The header of `state.bin`, if it could be read.
    pub header: Option<Header>,
    /// Whole records that were found.
    pub records: u64,
    /// Broken framing: records after it could not be found.
    pub damage: Option<Damage>,
    /// What was checked.
    pub integrity: Integrity,
}

impl Closing {
    /// Whether something is missing, changed or can't be trusted.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.integrity.verdict == Verdict::Damaged
    }
}

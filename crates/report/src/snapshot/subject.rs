//! The subject of a page.

use crate::facts::Facts;
use crate::words::shown;
use snapscope_analyze::Problems;
use snapscope_analyze::secrets::Scanner;
use snapscope_archive::Closing;

/// Number of bytes of the state that a page searches for secrets by default, which is the slowest
/// part of the audit. With this limit a page takes at most twice as long as reading the snapshot.
pub const SCANNED: u64 = 256 << 20;

/// A snapshot that was read for a page.
#[derive(Debug)]
pub struct Snapshot<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its name on command lines.
    pub file: &'a str,
    /// The facts that were found in it.
    pub facts: &'a Facts,
    /// What is known about its container.
    pub closing: &'a Closing,
    /// Its malformed records.
    pub problems: &'a Problems,
    /// Why the page is incomplete, if it is.
    pub incomplete: Option<&'a str>,
    /// Number of bytes at the start of `state.bin` that were scanned for secrets.
    pub scan_bytes: u64,
    /// Masks names that contain secrets.
    pub scanner: &'a Scanner,
}

impl Snapshot<'_> {
    /// A name from the snapshot. If it contains a secret, a hash replaces it.
    pub(super) fn masked(&self, name: &[u8]) -> Vec<u8> {
        self.scanner.masked_key(name).unwrap_or_else(|| name.to_vec())
    }

    /// The same as text, shortened.
    pub(super) fn shown(&self, name: &[u8]) -> String {
        shown(&self.masked(name))
    }

    /// Says that there are no such things, or none that could be read.
    pub(super) fn none(&self, things: &str) -> String {
        match self.incomplete {
            None => format!("The snapshot has no {things}."),
            Some(_) => format!("No {things} in the part that could be read."),
        }
    }

    /// A sentence about everything, limited to what could be read.
    pub(super) fn of_all(&self, sentence: &str) -> String {
        let part = if self.incomplete.is_some() { " in the part that could be read" } else { "" };
        format!("{sentence}{part}.")
    }

    /// A command about this file.
    pub(super) fn command(&self, words: &str) -> String {
        format!("snapscope {words} {}", self.file)
    }

    /// The time when it was taken, in seconds since 1970.
    pub(super) fn taken(&self) -> Option<i64> {
        Some(self.closing.meta.as_ref()?.taken_ms()? / 1000)
    }
}

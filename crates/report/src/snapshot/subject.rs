//! What the page is about.

use crate::facts::Facts;
use crate::words::shown;
use snapscope_analyze::Problems;
use snapscope_analyze::secrets::Scanner;
use snapscope_archive::Closing;

/// A snapshot that was read, for a page.
#[derive(Debug)]
pub struct Snapshot<'a> {
    /// Its name.
    pub name: &'a str,
    /// How command lines name it.
    pub file: &'a str,
    /// What was found in it.
    pub facts: &'a Facts,
    /// What is known about its container.
    pub closing: &'a Closing,
    /// Its malformed records.
    pub problems: &'a Problems,
    /// Why the page is not whole, if it isn't.
    pub incomplete: Option<&'a str>,
    /// Number of bytes at the start of `state.bin` that were scanned for secrets.
    pub scan_bytes: u64,
    /// Masks names that hold a secret.
    pub scanner: &'a Scanner,
}

impl Snapshot<'_> {
    /// A name from the snapshot. One that holds a secret has a hash in its place.
    pub(super) fn masked(&self, name: &[u8]) -> Vec<u8> {
        self.scanner.masked_key(name).unwrap_or_else(|| name.to_vec())
    }

    /// The same as text, shortened.
    pub(super) fn shown(&self, name: &[u8]) -> String {
        shown(&self.masked(name))
    }

    /// A command about this file.
    pub(super) fn command(&self, words: &str) -> String {
        format!("snapscope {words} {}", self.file)
    }

    /// When it was taken, in seconds since 1970.
    pub(super) fn taken(&self) -> Option<i64> {
        Some(self.closing.meta.as_ref()?.taken_ms()? / 1000)
    }
}

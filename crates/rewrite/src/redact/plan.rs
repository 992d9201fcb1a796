//! How to redact a snapshot.

use super::certificates::Certificates;
use super::collect::Shared;
use super::key::RedactKey;

/// How to redact a snapshot.
#[derive(Debug)]
pub struct RedactOptions {
    /// The key of replacements.
    pub key: RedactKey,
    /// Whether to replace names and addresses, too.
    pub pseudonymise: bool,
    /// Names and keys that start with one of these keep that part.
    pub keep_prefixes: Vec<Vec<u8>>,
    /// Whether values of keys keep their form, JSON for JSON.
    pub look_alike: bool,
    /// Whether to report pseudonyms with their originals.
    pub map: bool,
}

/// The collected secrets of a snapshot.
#[derive(Debug)]
pub struct RedactPlan {
    pub(super) options: RedactOptions,
    pub(super) shared: Shared,
    pub(super) certificates: Certificates,
}

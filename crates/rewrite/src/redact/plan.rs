//! How a snapshot is redacted, and what is known of its secrets.

use super::certificates::Certificates;
use super::collect::Shared;
use super::key::RedactKey;

/// How a snapshot is redacted.
#[derive(Debug)]
pub struct RedactOptions {
    /// What replacements are made with.
    pub key: RedactKey,
    /// Whether names and addresses are replaced, too.
    pub pseudonymise: bool,
    /// Names and keys that start with one of these keep that part.
    pub keep_prefixes: Vec<Vec<u8>>,
    /// Whether values of keys look like what they were, JSON like JSON.
    pub look_alike: bool,
    /// Whether pseudonyms are reported with the names they take the place of.
    pub map: bool,
}

/// What is known of a snapshot's secrets.
#[derive(Debug)]
pub struct RedactPlan {
    pub(super) options: RedactOptions,
    pub(super) shared: Shared,
    pub(super) certificates: Certificates,
}

//! The names in a patch's folder.

/// The folder with bodies of transactions, and with values that are too large for one.
pub const KEYS: &str = "kv";
/// The folder with config entries.
pub const ENTRIES: &str = "config-entries";
/// The file in [`ENTRIES`] with the steps, in order: `PUT:FILE`, or `DELETE:` and the path of an entry after `/v1/config/`.
pub const STEPS: &str = "steps.txt";
/// The list of differences that the patch does not cover.
pub const NOT_COVERED: &str = "not-covered.jsonl";
/// The file that marks a patch of a damaged snapshot.
pub const INCOMPLETE: &str = crate::target::INCOMPLETE;

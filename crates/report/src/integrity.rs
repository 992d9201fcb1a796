//! Describes the integrity of a snapshot in words.

use crate::words::message;
use snapscope_archive::{Closing, Member};

/// Maximum number of findings that are named.
const FINDINGS: usize = 15;

/// What was checked, and the results.
#[must_use]
pub fn integrity_lines(closing: &Closing) -> Vec<String> {
    let integrity = &closing.integrity;
    let mut lines = vec![format!("{} ({})", integrity.verdict.name(), integrity.container.name())];
    lines.extend(integrity.members.iter().map(Member::words));
    lines.extend(
        integrity.findings.iter().take(FINDINGS).map(|finding| message(&finding.to_string())),
    );
    lines
}

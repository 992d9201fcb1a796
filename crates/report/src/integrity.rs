//! Describes the integrity of a snapshot in words.

use crate::words::message;
use snapscope_archive::Closing;

/// Maximum number of findings that are named.
const FINDINGS: usize = 15;

/// What was checked, and the results.
#[must_use]
pub fn integrity_lines(closing: &Closing) -> Vec<String> {
    let integrity = &closing.integrity;
    let mut lines = vec![format!("{} ({})", integrity.verdict.name(), integrity.container.name())];
    for member in &integrity.members {
        let says = match &member.expected {
            Some(expected) if *expected == member.sha256 => "as SHA256SUMS says",
            Some(_) => "not as SHA256SUMS says",
            None => "nothing to compare with",
        };
        lines.push(format!("{} SHA-256 {}, {says}", member.name, member.sha256));
    }
    lines.extend(
        integrity.findings.iter().take(FINDINGS).map(|finding| message(&finding.to_string())),
    );
    lines
}

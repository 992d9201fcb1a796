//! Damage in words, with the flag that helps.

use snapscope_archive::{Code, Finding};

/// What is wrong, and the flag that raises a limit if that is what stopped reading.
pub(crate) fn text(finding: &Finding) -> String {
    let flag = match finding.code {
        Code::LimitRatio => "--max-ratio",
        Code::LimitState => "--max-state-size",
        _ => return finding.to_string(),
    };
    format!("{finding}; {flag} raises the limit")
}
